"""What an order's state means: paid or not, and which units have left or never will. Pure.

| state     | means                                            | units                                      |
|-----------|--------------------------------------------------|--------------------------------------------|
| OPEN      | can change: a ticket, or paid and to be handed over | left: those of completed fulfillments   |
| COMPLETED | paid, every fulfillment closed; final            | left: all but those of failed fulfillments |
| CANCELED  | not paid; final                                  | canceled: all that had not left            |
| DRAFT     | not an order yet                                 | -                                          |
"""

from connectors.square import wire
from connectors.square.quantities import whole_units
from hub.model.incoming import Payment

_UNPAID_CARD = {"VOIDED", "FAILED"}
GIVEN_UP = {"CANCELED", "FAILED"}


def payment_of(order: wire.Order) -> Payment:
    refunded = sum(each.amount_money.amount for each in order.refunds or [] if each.status == "APPROVED")
    if refunded > 0:
        return Payment.REFUNDED if refunded >= _collected(order) else Payment.PARTLY_REFUNDED
    if order.returns and not order.line_items:
        return Payment.REFUNDED
    if order.state == "COMPLETED":
        return Payment.PAID
    return _payment_of_open(order)


def is_canceled(order: wire.Order) -> bool:
    """Or ended with nothing to go: an order that is paid is not canceled in Square, but all of its fulfillments are."""
    sent = order.fulfillments or []
    given_up = bool(sent) and all(each.state in GIVEN_UP for each in sent)
    return order.state == "CANCELED" or (order.state == "COMPLETED" and given_up)


def left_and_lost(order: wire.Order, uid: str, units: int) -> tuple[int, int]:
    """Return how many units of the line have left the shop, and how many never will."""
    shipped = min(units, _units_in(order, uid, units, {"COMPLETED"}))
    if order.state == "CANCELED":
        return shipped, units - shipped
    if order.state == "COMPLETED":
        lost = min(units - shipped, _units_in(order, uid, units, GIVEN_UP))
        return units - lost, lost
    return shipped, 0


def _payment_of_open(order: wire.Order) -> Payment:
    good = [each for each in order.tenders or [] if _card_state(each) not in _UNPAID_CARD]
    if not good:
        return Payment.FAILED if order.tenders else Payment.PENDING
    if _sum(good) < order.total_money.amount or _due(order) > 0:
        return Payment.PENDING
    return Payment.AUTHORIZED if any(_card_state(each) == "AUTHORIZED" for each in good) else Payment.PAID


def paid_part(order: wire.Order) -> int:
    """Minor units collected on an order that still has an amount due; 0 where all or nothing is paid."""
    paid = _sum([each for each in order.tenders or [] if _card_state(each) not in _UNPAID_CARD])
    return paid if 0 < paid < order.total_money.amount else 0


def _collected(order: wire.Order) -> int:
    return _sum(order.tenders or []) or order.total_money.amount


def _due(order: wire.Order) -> int:
    return order.net_amount_due_money.amount if order.net_amount_due_money else 0


def _sum(tenders: list[wire.Tender]) -> int:
    return sum(each.amount_money.amount for each in tenders if each.amount_money)


def _card_state(tender: wire.Tender) -> str | None:
    return tender.card_details.status if tender.card_details else None


def _units_in(order: wire.Order, uid: str, units: int, states: set[str]) -> int:
    """Units of the line in fulfillments of these states; a fulfillment without entries has them all."""
    total = 0
    for fulfillment in order.fulfillments or []:
        if fulfillment.state not in states:
            continue
        entries = fulfillment.entries
        if entries is None:
            return units
        total += sum(whole_units(each.quantity) for each in entries if each.line_item_uid == uid)
    return total

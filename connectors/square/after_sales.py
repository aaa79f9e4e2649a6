"""Money that went back at a till, and goods that came back there. Pure.

Every refund makes an order of its own in Square, a return order, which names the sale it is of; where the seller said
what came back, it has lines that name the sale's. `PaymentRefund.order_id` is that of the return order. Source: Square
OpenAPI 2025-08-20 (`ListPaymentRefunds`, `OrderReturn`), and its pages on returns and exchanges.
"""

from collections.abc import Iterator, Mapping, Sequence

from msgspec import Raw

from connectors.square import wire
from connectors.square import wire_shop as shop
from connectors.square.parts import amount
from connectors.square.quantities import UNITS_MAX, whole_units
from hub.model.money import from_minor
from hub.spec import (
    IncomingRefund,
    IncomingReturn,
    MalformedError,
    Message,
    RefundedLine,
    ReturnLine,
    ReturnState,
)
from hub.spec.paging import Scan
from hub.spec.signing import digest

REFUNDS_PAGE = 100  # per answer: ListPaymentRefunds, "limit"


def refunds_query(place: Scan) -> dict[str, str]:
    """Those that are completed, by the time of that: one that awaits approval may fail yet.

    Nothing is asked of the time when they were made, by which Square bounds them as well: to a year by itself.
    """
    window = {"updated_at_begin_time": place.since, "updated_at_end_time": place.until}
    asked = {name: moment.isoformat() for name, moment in window.items() if moment}
    asked |= {
        "status": "COMPLETED",
        "sort_field": "UPDATED_AT",
        "sort_order": "ASC",
        "limit": str(REFUNDS_PAGE),
    }
    return asked | ({"cursor": place.page} if place.page else {})


def refund_messages(
    refunds: Sequence[Raw], orders: Mapping[str, Raw], locations: Sequence[str]
) -> Iterator[Message]:
    """Each with the order Square made for it. One that is linked to no sale, or of another location, is nobody's."""
    for raw in refunds:
        head = _head(raw)
        order = orders.get(head.order_id or "")
        if head.unlinked or (head.location_id and head.location_id not in locations):
            continue
        body = wire.write(shop.RefundAndOrder(raw, order))
        yield Message(f"refund:{head.id}:{digest(body)}", "refund", _sale_of(head, order), body)


def heads_of(refunds: Sequence[Raw]) -> list[shop.RefundHead]:
    return [_head(raw) for raw in refunds]


def to_refund(message: Message) -> IncomingRefund:
    """Its lines are known where the order that Square made has nothing else in it."""
    told = wire.read(message.body, shop.RefundAndReturn, "a refund")
    refund, order = told.refund, told.order or shop.ReturnOrder()
    money = from_minor(refund.amount_money.amount, refund.amount_money.currency)
    if not message.channel_order_id:
        msg = f"Square refund {refund.id!r} names no order: record it by hand where it belongs"
        raise MalformedError(msg)
    whole = order.return_amounts is not None and amount(order.return_amounts.total_money) == money.amount
    return IncomingRefund(
        channel_refund_id=refund.id,
        channel_order_id=message.channel_order_id,
        refunded_at=refund.updated_at or refund.created_at,
        currency=money.currency,
        total=money.amount,
        lines=[*_refunded(order)] if whole else [],
    )


def return_messages(orders: Sequence[Raw]) -> Iterator[Message]:
    """One for each sale that goods came back of; what came back without a receipt has none."""
    for raw in orders:
        order = _return_order(raw)
        for sale in _sales_of(order):
            yield Message(f"return:{order.id}:{sale}:{digest(bytes(raw))}", "return", sale, bytes(raw))


def to_return(message: Message) -> IncomingReturn:
    """Goods that came back at a till are there: Square knows no return that is only asked for."""
    order = wire.read(message.body, shop.ReturnOrder, "a return")
    if not order.id or order.updated_at is None:
        msg = "Square sent a return without its id or its time: look at the order in Square"
        raise MalformedError(msg)
    lines = [
        ReturnLine(line.source_line_item_uid or "", units, received=units)
        for line, units in _lines_of(order, message.channel_order_id)
    ]
    return IncomingReturn(
        channel_return_id=f"{order.id}:{message.channel_order_id}",
        channel_order_id=message.channel_order_id,
        updated_at=order.updated_at,
        revision=order.version or 0,
        state=ReturnState.RECEIVED,
        lines=lines,
    )


def _head(raw: Raw) -> shop.RefundHead:
    try:
        return wire.read(raw, shop.RefundHead, "a refund")
    except MalformedError:
        return shop.RefundHead()


def _return_order(raw: Raw) -> shop.ReturnOrder:
    try:
        return wire.read(raw, shop.ReturnOrder, "a return")
    except MalformedError:
        return shop.ReturnOrder()


def _sale_of(head: shop.RefundHead, order: Raw | None) -> str:
    """The sale that the return order names, else the refund's own order."""
    backs = _return_order(order).returns or [] if order is not None else []
    sales = {back.source_order_id for back in backs if back.source_order_id}
    return next(iter(sales)) if len(sales) == 1 else "" if sales else head.order_id or ""


def _sales_of(order: shop.ReturnOrder) -> list[str]:
    """The sales of which it takes goods back, once it is done."""
    sales = dict.fromkeys(back.source_order_id or "" for back in order.returns or [])
    return [sale for sale in sales if order.state == "COMPLETED" and sale and any(_lines_of(order, sale))]


def _refunded(order: shop.ReturnOrder) -> Iterator[RefundedLine]:
    for back in order.returns or []:
        for line in back.return_line_items or []:
            if line.source_line_item_uid:
                tax = amount(line.total_tax_money)
                yield RefundedLine(
                    line.source_line_item_uid, _units(line), amount(line.total_money) - tax, tax
                )


def _lines_of(order: shop.ReturnOrder, sale: str) -> Iterator[tuple[wire.Line, int]]:
    """The lines of this sale that came back, with whole units."""
    for back in order.returns or []:
        for line in back.return_line_items or []:
            if back.source_order_id == sale and line.source_line_item_uid and _units(line):
                yield line, _units(line)


def _units(line: wire.Line) -> int:
    return min(max(0, whole_units(line.quantity)), UNITS_MAX)

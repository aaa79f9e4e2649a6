"""From Square's order to the hub's, and nothing else: no clock, no network.

Amounts. A line's `total_money` includes its tax, additive or inclusive alike, so what it costs without tax is
`total_money - total_tax_money` in both cases; lines, charges, tip and rounding add up to the order's total.
"""

from collections.abc import Iterable
from decimal import Decimal

from connectors.square import wire
from connectors.square import wire_shop as shop
from connectors.square.handover import handover_notes, parcels_of, pickup_of, ship_by_of
from connectors.square.money_lines import charges, fee, returned
from connectors.square.parts import amount, full_name, title, unit_price, words
from connectors.square.people import person_of, shipping_method
from connectors.square.quantities import is_measured, quantity_of, units_of
from connectors.square.states import is_canceled, left_and_lost, paid_part, payment_of
from hub.model.incoming import NO_MONEY, IncomingLine, IncomingOrder, LineKind
from hub.model.money import from_minor
from hub.spec import ChannelListing, MalformedError, Message, RejectedError
from hub.spec.people import text


def to_incoming(message: Message) -> IncomingOrder:
    """Raises RejectedError for a draft, MalformedError for what cannot be read."""
    order = wire.read(message.body, wire.Order, "an order")
    _refuse_what_is_no_order(order)
    lines = _lines(order)
    return IncomingOrder(
        channel_order_id=order.id,
        channel_order_number=text(order.reference_id) or order.id,
        placed_at=order.created_at,
        updated_at=order.updated_at,
        currency=order.total_money.currency,
        lines=lines,
        total=_total(order),
        tax_total=sum((line.tax for line in lines), NO_MONEY),
        discount_total=amount(order.total_discount_money),
        tax_included=_tax_included(order),
        payment=payment_of(order),
        payment_method=text(", ".join(dict.fromkeys(words(each.type) for each in order.tenders or []))),
        shipping_method=shipping_method(order),
        channel_state=order.state,
        canceled=is_canceled(order),
        revision=order.version or 0,
        person=person_of(order),
        notes=_notes(order),
        parcels=parcels_of(order, lines),
        pickup=pickup_of(order),
        ship_by=ship_by_of(order),
    )


def catalog_listings(catalog: shop.Catalog) -> list[tuple[str, shop.Variation]]:
    """Every variation on sale with the title a person knows it by; the variation's id is the listing's."""
    found = []
    for item in catalog.objects or []:
        content = item.item_data or shop.ItemContent()
        kept = [each for each in content.variations or [] if not (item.is_deleted or each.is_deleted)]
        found += [(full_name(content.name, _variation_name(each)), each) for each in kept]
    return found


def listing(title: str, variation: shop.Variation, quantity: int | None) -> ChannelListing:
    content = variation.item_variation_data or shop.VariationContent()
    return ChannelListing(variation.id, content.sku or "", title, quantity, content.upc or "")


def _refuse_what_is_no_order(order: wire.Order) -> None:
    if order.state == "DRAFT":
        msg = (
            f"Square order {order.id!r} is a draft, not an order yet: it is taken by itself once it is opened"
        )
        raise RejectedError(msg)
    currency = order.total_money.currency
    if len(currency) != 3 or not currency.isalpha() or not currency.isupper():
        msg = (
            f"total_money.currency: {currency!r} is no ISO 4217 code, such as USD: look at order {order.id!r}"
        )
        raise MalformedError(msg)
    if strange := {each.total_money.currency for each in order.line_items or []} - {currency}:
        msg = f"line_items: {min(strange)} in an order of {currency} cannot be added up: look at order {order.id!r}"
        raise MalformedError(msg)


def _lines(order: wire.Order) -> list[IncomingLine]:
    sold = [_line(order, line, f"line_items[{index}]") for index, line in enumerate(order.line_items or [])]
    lines = [*sold, *charges(order), *returned(order)]
    tip = fee(order, "tip", "Tip", order.total_tip_money)
    if tip and _sum(lines) != _total(order):
        lines.append(tip[0])
    return lines


def _line(order: wire.Order, line: wire.Line, path: str) -> IncomingLine:
    quantity = quantity_of(line, path)
    measured = is_measured(line, quantity)
    units = units_of(line, quantity)
    left, lost = left_and_lost(order, line.uid or "", units)
    price = unit_price(line)
    tax = amount(line.total_tax_money)
    return IncomingLine(
        channel_line_id=text(line.uid) or path,
        title=title(line),
        quantity=units,
        unit_price=price * quantity if measured else price,
        total=amount(line.total_money) - tax,
        tax=tax,
        discount=amount(line.total_discount_money),
        kind=LineKind.ITEM if line.catalog_object_id and not measured else LineKind.CUSTOM,
        channel_listing_id=text(line.catalog_object_id),
        fulfilled=left,
        canceled=lost,
    )


def _total(order: wire.Order) -> Decimal:
    """What the buyer pays; with goods given back in exchange, less what they were worth."""
    net = order.net_amounts.total_money if order.net_amounts and order.returns else None
    return amount(net or order.total_money)


def _tax_included(order: wire.Order) -> bool:
    kinds = {tax.type for tax in order.taxes or []}
    return kinds == {"INCLUSIVE"}


def _notes(order: wire.Order) -> tuple[str, ...]:
    return tuple(
        text(note)
        for note in (
            *_measured_notes(order),
            *_return_notes(order),
            *_payment_notes(order),
            *handover_notes(order),
        )
    )


def _measured_notes(order: wire.Order) -> Iterable[str]:
    for index, line in enumerate(order.line_items or []):
        if is_measured(line, quantity_of(line, f"line_items[{index}]")):
            yield f"{title(line)!r} was sold by measure ({line.quantity}): one custom line, no stock moves"


def _return_notes(order: wire.Order) -> Iterable[str]:
    for back in order.returns or []:
        if back.source_order_id:
            yield f"A return of order {back.source_order_id}: goods that Square names lie there, to be looked at"
        else:
            yield "A return without a receipt: goods back on the shelf are added by a count, not by this order"


def _payment_notes(order: wire.Order) -> Iterable[str]:
    if part := paid_part(order):
        paid = from_minor(part, order.total_money.currency)
        yield f"{paid} of {amount(order.total_money)} is paid"


def _variation_name(variation: shop.Variation) -> str | None:
    return variation.item_variation_data.name if variation.item_variation_data else None


def _sum(lines: Iterable[IncomingLine]) -> Decimal:
    return sum((line.total + line.tax for line in lines), NO_MONEY)

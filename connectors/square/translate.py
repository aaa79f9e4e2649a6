"""From Square's order to the hub's, and nothing else: no clock, no network.

Amounts. A line's `total_money` includes its tax, additive or inclusive alike, so what it costs without tax is
`total_money - total_tax_money` in both cases; lines, charges, tip and rounding add up to the order's total.
"""

from collections.abc import Iterable, Sequence
from decimal import Decimal

from connectors.square import wire
from connectors.square.quantities import is_measured, quantity_of, whole_units
from connectors.square.states import left_and_lost, paid_part, payment_of
from hub.model.incoming import NO_MONEY, Address, IncomingLine, IncomingOrder, LineKind, Person
from hub.model.money import from_minor
from hub.spec import MalformedError, Message, RejectedError

_TEXT_MAX = 500  # characters: hub.model.incoming.Text
_PLAIN_VARIATION = "Regular"  # Square names the only variation of an item so


def to_incoming(message: Message) -> IncomingOrder:
    """Raises RejectedError for a draft, MalformedError for what cannot be read."""
    order = wire.read(message.body, wire.Order, "an order")
    _refuse_what_is_no_order(order)
    lines = _lines(order)
    return IncomingOrder(
        channel_order_id=order.id,
        channel_order_number=_text(order.reference_id) or order.id,
        placed_at=order.created_at,
        updated_at=order.updated_at,
        currency=order.total_money.currency,
        lines=lines,
        total=_total(order),
        tax_total=sum((line.tax for line in lines), NO_MONEY),
        discount_total=_amount(order.total_discount_money),
        tax_included=_tax_included(order),
        payment=payment_of(order),
        payment_method=", ".join(dict.fromkeys(_words(each.type) for each in order.tenders or [])),
        shipping_method=_shipping_method(order),
        channel_state=order.state,
        canceled=order.state == "CANCELED",
        revision=order.version or 0,
        person=_person(order),
        notes=_notes(order),
    )


def catalog_listings(catalog: wire.Catalog) -> list[tuple[str, wire.Variation]]:
    """Every variation on sale with the title a person knows it by; the variation's id is the listing's."""
    found = []
    for item in catalog.objects or []:
        content = item.item_data or wire.ItemContent()
        kept = [each for each in content.variations or [] if not (item.is_deleted or each.is_deleted)]
        found += [(_full_name(content.name, _variation_name(each)), each) for each in kept]
    return found


def _refuse_what_is_no_order(order: wire.Order) -> None:
    if order.state == "DRAFT":
        msg = f"Square order {order.id!r} is a draft: it is taken by itself once it is opened at the till"
        raise RejectedError(msg)
    currency = order.total_money.currency
    if len(currency) != 3 or not currency.isalpha() or not currency.isupper():
        msg = (
            f"total_money.currency: {currency!r} is no ISO 4217 code, such as USD: look at order {order.id!r}"
        )
        raise MalformedError(msg)


def _lines(order: wire.Order) -> list[IncomingLine]:
    sold = [_line(order, line, f"line_items[{index}]") for index, line in enumerate(order.line_items or [])]
    lines = [*sold, *_charges(order), *_returned(order)]
    tip = _fee(order, "tip", "Tip", order.total_tip_money)
    if tip and _sum(lines) != _total(order):
        lines.append(tip[0])
    return lines


def _line(order: wire.Order, line: wire.Line, path: str) -> IncomingLine:
    quantity = quantity_of(line, path)
    measured = is_measured(line, quantity)
    units = 1 if measured else int(quantity)
    left, lost = left_and_lost(order, line.uid or "", units)
    price = _unit_price(line)
    tax = _amount(line.total_tax_money)
    return IncomingLine(
        channel_line_id=line.uid or path,
        title=_title(line),
        quantity=units,
        unit_price=price * quantity if measured else price,
        total=_amount(line.total_money) - tax,
        tax=tax,
        discount=_amount(line.total_discount_money),
        kind=LineKind.ITEM if line.catalog_object_id and not measured else LineKind.CUSTOM,
        channel_listing_id=line.catalog_object_id or "",
        fulfilled=left,
        canceled=lost,
    )


def _charges(order: wire.Order) -> list[IncomingLine]:
    """Service charges that stand beside the lines, and cash rounding."""
    beside = [each for each in order.service_charges or [] if each.treatment_type != "APPORTIONED_TREATMENT"]
    rounding = order.rounding_adjustment or wire.RoundingAdjustment()
    return [
        *_charge_lines(order, beside, 1),
        *_fee(order, rounding.uid or "rounding", rounding.name or "Rounding", rounding.amount_money),
    ]


def _returned(order: wire.Order) -> list[IncomingLine]:
    """What came back, with negative money and no stock: Square keeps the return in an order of its own."""
    lines: list[IncomingLine] = []
    for back in order.returns or []:
        rounding = back.rounding_adjustment or wire.RoundingAdjustment()
        lines += [_returned_line(each) for each in back.return_line_items or []]
        lines += _charge_lines(order, back.return_service_charges or [], -1)
        for tip in back.return_tips or []:
            lines += _fee(order, tip.uid or "tip returned", "Tip returned", tip.applied_money, -1)
        lines += _fee(
            order, rounding.uid or "rounding returned", "Rounding returned", rounding.amount_money, -1
        )
    return lines


def _returned_line(line: wire.Line) -> IncomingLine:
    units = max(1, whole_units(line.quantity))
    tax = _amount(line.total_tax_money)
    return IncomingLine(
        channel_line_id=line.uid or f"return of {line.catalog_object_id}",
        title=_text(f"Returned: {_title(line)}"),
        quantity=units,
        unit_price=-_unit_price(line),
        total=tax - _amount(line.total_money),
        tax=-tax,
        kind=LineKind.CUSTOM,
        channel_listing_id=line.catalog_object_id or "",
        fulfilled=units,
    )


def _charge_lines(order: wire.Order, charges: Sequence[wire.ServiceCharge], sign: int) -> list[IncomingLine]:
    return [
        line
        for each in charges
        for line in _fee(
            order,
            each.uid or "service charge",
            each.name or "Service charge",
            each.total_money,
            sign,
            _amount(each.total_tax_money),
        )
    ]


def _fee(
    order: wire.Order,
    uid: str,
    title: str,
    money: wire.Money | None,
    sign: int = 1,
    tax: Decimal = NO_MONEY,
) -> list[IncomingLine]:
    """One line that carries money alone; none where the amount is zero."""
    if not money or not money.amount:
        return []
    net = sign * (_amount(money) - tax)
    return [
        IncomingLine(
            channel_line_id=uid,
            title=_text(title),
            quantity=1,
            unit_price=net,
            total=net,
            tax=sign * tax,
            kind=LineKind.FEE,
            fulfilled=int(order.state == "COMPLETED"),
            canceled=int(order.state == "CANCELED"),
        )
    ]


def _total(order: wire.Order) -> Decimal:
    """What the buyer pays; with goods given back in exchange, less what they were worth."""
    net = order.net_amounts.total_money if order.net_amounts and order.returns else None
    return _amount(net or order.total_money)


def _unit_price(line: wire.Line) -> Decimal:
    """The price of one unit with its modifiers, before discounts."""
    modifiers = line.modifiers or line.return_modifiers or []
    extra = sum(
        (_amount(each.base_price_money) * whole_units(each.quantity or "1") for each in modifiers), NO_MONEY
    )
    return _amount(line.base_price_money) + extra


def _tax_included(order: wire.Order) -> bool:
    kinds = {tax.type for tax in order.taxes or []}
    return kinds == {"INCLUSIVE"}


def _notes(order: wire.Order) -> tuple[str, ...]:
    return tuple(
        _text(note) for note in (*_measured_notes(order), *_return_notes(order), *_payment_notes(order))
    )


def _measured_notes(order: wire.Order) -> Iterable[str]:
    for index, line in enumerate(order.line_items or []):
        if is_measured(line, quantity_of(line, f"line_items[{index}]")):
            yield f"{_title(line)!r} was sold by measure ({line.quantity}): one custom line, no stock moves"


def _return_notes(order: wire.Order) -> Iterable[str]:
    for back in order.returns or []:
        source = f"of order {back.source_order_id}" if back.source_order_id else "without a receipt"
        yield f"A return {source}: goods back on the shelf are added by a count, not by this order"


def _payment_notes(order: wire.Order) -> Iterable[str]:
    if part := paid_part(order):
        paid = from_minor(part, order.total_money.currency)
        yield f"{paid} of {_amount(order.total_money)} is paid"


def _title(line: wire.Line) -> str:
    full = _full_name(line.name, line.variation_name)
    modifiers = ", ".join(each.name for each in line.modifiers or line.return_modifiers or [] if each.name)
    return _text(f"{full} ({modifiers})" if modifiers else full)


def _full_name(name: str | None, variation: str | None) -> str:
    plain = name or "Custom amount"
    return plain if not variation or variation == _PLAIN_VARIATION else f"{plain} - {variation}"


def _variation_name(variation: wire.Variation) -> str | None:
    return variation.item_variation_data.name if variation.item_variation_data else None


def _shipping_method(order: wire.Order) -> str:
    first = next(iter(order.fulfillments or []), None)
    if first is None:
        return ""
    carrier = next((each.carrier for each in _details(first) if each.carrier), None)
    kind = _words(first.type or "")
    return _text(f"{kind}: {carrier}" if carrier else kind)


def _person(order: wire.Order) -> Person:
    details = [each for fulfillment in order.fulfillments or [] for each in _details(fulfillment)]
    to = next((each.recipient for each in details if each.recipient), None) or wire.Recipient()
    ticket = f"Ticket: {order.ticket_name}" if order.ticket_name else None
    about_lines = [f"{line.name or 'Line'}: {line.note}" for line in order.line_items or [] if line.note]
    notes = [ticket, *(each.note or each.shipping_note for each in details), *about_lines]
    return Person(
        name=_text(to.display_name),
        email=_text(to.email_address),
        phone=_text(to.phone_number),
        shipping=_address(to) if to.address else None,
        note="\n".join(note for note in notes if note)[:5000],
    )


def _address(to: wire.Recipient) -> Address:
    place = to.address or wire.Address()
    rest = [line for line in (place.address_line_2, place.address_line_3) if line]
    return Address(
        name=_text(to.display_name),
        street=_text(place.address_line_1),
        street2=_text(", ".join(rest)),
        city=_text(place.locality),
        region=_text(place.administrative_district_level_1),
        postcode=_text(place.postal_code),
        country=_text(place.country),
        phone=_text(to.phone_number),
    )


def _details(fulfillment: wire.Fulfillment) -> list[wire.FulfillmentDetails]:
    kinds = (fulfillment.pickup_details, fulfillment.shipment_details, fulfillment.delivery_details)
    return [each for each in kinds if each]


def _sum(lines: Iterable[IncomingLine]) -> Decimal:
    return sum((line.total + line.tax for line in lines), NO_MONEY)


def _amount(money: wire.Money | None) -> Decimal:
    return from_minor(money.amount, money.currency).amount if money else NO_MONEY


def _text(value: str | None) -> str:
    return (value or "")[:_TEXT_MAX]


def _words(constant: str) -> str:
    """SQUARE_GIFT_CARD reads as 'square gift card'."""
    return constant.replace("_", " ").lower()

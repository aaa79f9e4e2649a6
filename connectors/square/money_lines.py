"""What stands beside the goods on a receipt: charges, tips, rounding, and what came back. Pure."""

from collections.abc import Sequence
from decimal import Decimal

from connectors.square import wire
from connectors.square.parts import amount, title, unit_price
from connectors.square.quantities import UNITS_MAX, whole_units
from hub.model.incoming import NO_MONEY, IncomingLine, LineKind
from hub.spec.people import text


def charges(order: wire.Order) -> list[IncomingLine]:
    """Service charges that stand beside the lines, and cash rounding."""
    beside = [each for each in order.service_charges or [] if each.treatment_type != "APPORTIONED_TREATMENT"]
    rounding = order.rounding_adjustment or wire.RoundingAdjustment()
    return [
        *_charge_lines(order, beside, 1),
        *fee(order, rounding.uid or "rounding", rounding.name or "Rounding", rounding.amount_money),
    ]


def returned(order: wire.Order) -> list[IncomingLine]:
    """What came back, with negative money and no stock: Square keeps the return in an order of its own."""
    lines: list[IncomingLine] = []
    for back in order.returns or []:
        rounding = back.rounding_adjustment or wire.RoundingAdjustment()
        lines += [_returned_line(each) for each in back.return_line_items or []]
        lines += _charge_lines(order, back.return_service_charges or [], -1)
        for tip in back.return_tips or []:
            lines += fee(order, tip.uid or "tip returned", "Tip returned", tip.applied_money, -1)
        lines += fee(
            order, rounding.uid or "rounding returned", "Rounding returned", rounding.amount_money, -1
        )
    return lines


def _returned_line(line: wire.Line) -> IncomingLine:
    units = min(max(1, whole_units(line.quantity)), UNITS_MAX)
    tax = amount(line.total_tax_money)
    return IncomingLine(
        channel_line_id=text(line.uid) or text(f"return of {line.catalog_object_id}"),
        title=text(f"Returned: {title(line)}"),
        quantity=units,
        unit_price=-unit_price(line),
        total=tax - amount(line.total_money),
        tax=-tax,
        kind=LineKind.CUSTOM,
        channel_listing_id=text(line.catalog_object_id),
        fulfilled=units,
    )


def _charge_lines(order: wire.Order, charges: Sequence[wire.ServiceCharge], sign: int) -> list[IncomingLine]:
    return [
        line
        for index, each in enumerate(charges)
        for line in fee(
            order,
            each.uid or f"service charge {index}",
            each.name or "Service charge",
            each.total_money,
            sign,
            amount(each.total_tax_money),
        )
    ]


def fee(
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
    net = sign * (amount(money) - tax)
    return [
        IncomingLine(
            channel_line_id=text(uid),
            title=text(title),
            quantity=1,
            unit_price=net,
            total=net,
            tax=sign * tax,
            kind=LineKind.FEE,
            fulfilled=int(order.state == "COMPLETED"),
            canceled=int(order.state == "CANCELED"),
        )
    ]

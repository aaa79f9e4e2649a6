"""From the form of a manual order to the hub's order. Pure.

Amounts are exact and never rounded: a line costs quantity * unit price - discount, less its tax where prices
include it; the order's total is what the lines and the shipping cost with their tax.
"""

from decimal import Decimal

import msgspec

from connectors.manual.wire import ManualLine, ManualOrder, read_order
from hub.model.incoming import NO_MONEY, IncomingLine, IncomingOrder, LineKind, Person
from hub.spec import MalformedError, Message

AMOUNT_MAX = 10**12  # sums of 500 lines of a million such units stay exact in Decimal's 28 digits, as do
DECIMALS_MAX = 6  # the finest amounts any channel writes: PrestaShop's line taxes


def to_incoming(message: Message) -> IncomingOrder:
    """Raises MalformedError with the field's path and what belongs there."""
    form = read_order(message.body)
    _check_amounts(form)
    lines = [_line(form, index, line) for index, line in enumerate(form.lines, start=1)]
    shipping = form.shipping.price - (form.shipping.tax if form.taxes_included else NO_MONEY)
    taxes = sum((line.tax for line in lines), form.shipping.tax)
    return IncomingOrder(
        channel_order_id=form.command_id,
        channel_order_number=form.order_number or form.command_id,
        placed_at=form.placed_at,
        updated_at=form.placed_at,
        currency=form.currency,
        lines=lines,
        total=sum((line.total for line in lines), shipping) + taxes,
        tax_total=taxes,
        shipping_total=shipping,
        shipping_tax=form.shipping.tax,
        discount_total=sum((line.discount for line in lines), NO_MONEY),
        tax_included=form.taxes_included,
        payment=form.payment,
        payment_method=form.payment_method,
        shipping_method=form.shipping.method,
        revision=form.revision,
        person=_person(form),
        pickup=form.pickup,
        cash_on_delivery=form.cash_on_delivery,
        custom=form.fields,
    )


def _line(form: ManualOrder, position: int, line: ManualLine) -> IncomingLine:
    paid = line.unit_price * line.quantity - line.discount
    return IncomingLine(
        channel_line_id=str(position),
        title=line.title,
        quantity=line.quantity,
        unit_price=line.unit_price,
        total=paid - line.tax if form.taxes_included else paid,
        tax=line.tax,
        discount=line.discount,
        kind=LineKind.ITEM if line.sku else LineKind.CUSTOM,
        channel_sku=line.sku,
        custom=line.fields,
    )


def _person(form: ManualOrder) -> Person:
    """What the clerk notes is often about the person, so it is sealed with the person (L17)."""
    note = "\n".join(each for each in (form.customer.note, form.note) if each)
    return msgspec.structs.replace(form.customer, note=note[:5000])


def _check_amounts(form: ManualOrder) -> None:
    """No amount may be negative, and a line may not be discounted below nothing."""
    for index, line in enumerate(form.lines):
        at = f"lines[{index}]"
        _check_amount(f"{at}.unit_price", line.unit_price)
        _check_amount(f"{at}.discount", line.discount)
        _check_amount(f"{at}.tax", line.tax)
        if line.discount > line.unit_price * line.quantity:
            msg = f"{at}.discount must not exceed what the line costs: {line.unit_price * line.quantity}"
            raise MalformedError(msg)
    _check_amount("shipping.price", form.shipping.price)
    _check_amount("shipping.tax", form.shipping.tax)


def _check_amount(path: str, amount: Decimal) -> None:
    if (
        not amount.is_finite()
        or not 0 <= amount < AMOUNT_MAX
        or -int(amount.as_tuple().exponent) > DECIMALS_MAX
    ):
        msg = f"{path} must be an amount of 0 or more with at most {DECIMALS_MAX} decimals, such as 12.50"
        raise MalformedError(msg)

"""Pricing: what a line costs once a person has changed its units or its price. Pure, and rounded in one place."""

from decimal import ROUND_HALF_UP, Decimal, localcontext

from msgspec.structs import replace

from hub.model.errors import InputError
from hub.model.incoming import NO_MONEY, IncomingLine, IncomingOrder
from hub.model.money import minor_digits
from hub.model.orders.taking import EXACT_DIGITS

AMOUNT_MAX = Decimal(10) ** 12
DECIMALS_MAX = 6


def repriced(
    order: IncomingOrder,
    line: IncomingLine,
    quantity: int,
    canceled: int,
    unit_price: Decimal | None = None,
    discount: Decimal | None = None,
) -> IncomingLine:
    """What the line costs with other units or another price: what was charged for it, in proportion.

    So a discount that the channel spread over its lines is kept, and net and tax keep their proportion. Where a line
    cost nothing, its price counts and it is taxed nothing. Rounded half up to the smallest coin, or as finely as it was
    written.
    """
    was, now = line.quantity - line.canceled, quantity - canceled
    price = line.unit_price if unit_price is None else unit_price
    if discount is None:
        discount = _share(order, line.discount, Decimal(now), Decimal(was))
    listed = line.unit_price * was - line.discount
    asked = price * now - discount
    charged = line.total + line.tax if order.tax_included else line.total
    gross = asked if charged == listed or not listed else _share(order, charged, asked, listed)
    tax = _share(order, line.tax, asked, listed)
    return replace(
        line,
        quantity=quantity,
        canceled=canceled,
        unit_price=price,
        discount=discount,
        tax=tax,
        total=gross - tax if order.tax_included else gross,
    )


def _share(order: IncomingOrder, amount: Decimal, part: Decimal, of: Decimal) -> Decimal:
    if not amount or not of:
        return NO_MONEY
    written = max(minor_digits(order.currency), -int(amount.as_tuple().exponent))
    with localcontext() as exact:
        exact.prec = EXACT_DIGITS
        return (amount * part / of).quantize(Decimal(1).scaleb(-written), ROUND_HALF_UP)


def sound_amount(amount: Decimal, field: str) -> Decimal:
    """Raises InputError naming the field where it is no amount that people write."""
    written = -int(amount.as_tuple().exponent) if amount.is_finite() else DECIMALS_MAX + 1
    if written > DECIMALS_MAX or not 0 <= amount < AMOUNT_MAX:
        msg = (
            f"the {field} must be an amount of 0 or more with at most {DECIMALS_MAX} decimals, such as 12.50"
        )
        raise InputError(msg, field=field)
    return amount

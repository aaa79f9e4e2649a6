"""Amounts as channels write them, exact; rounded only where the dividing is left to us, and then it is said. Pure."""

from collections.abc import Sequence
from decimal import ROUND_DOWN, ROUND_HALF_EVEN, Context, Decimal, InvalidOperation

from hub.model.money import minor_digits
from hub.spec.errors import MalformedError

_EXACT = Context(prec=50, rounding=ROUND_HALF_EVEN)
_MICRO = Decimal("0.000001")
_DIGITS_MAX = 15  # more before the point than anybody has ever charged


def amount_of(written: str | int | Decimal, what: str) -> Decimal:
    """An amount exactly as written, "12.50" or 1299; raises MalformedError that names `what`."""
    try:
        amount = Decimal(written)
    except InvalidOperation:
        amount = Decimal("NaN")
    if not amount.is_finite() or amount.adjusted() >= _DIGITS_MAX:
        msg = f"{what} is no amount of money: expected one such as 12.50"
        raise MalformedError(msg)
    return amount


def divided(amount: int, divisor: int, what: str) -> Decimal:
    """`{"amount": 1250, "divisor": 100}` is 12.50. Raises MalformedError for a divisor that is no power of ten."""
    digits = len(str(divisor)) - 1
    if divisor != 10**digits:
        msg = f"{what} is divided by {divisor}, which is no power of ten"
        raise MalformedError(msg)
    return Decimal(amount).scaleb(-digits, _EXACT)


def unit_price(total: Decimal, quantity: int) -> Decimal:
    """The price of one, where a channel tells only that of all; rounded half-even to six decimals if it must be."""
    if quantity == 0:
        return total
    price = _EXACT.divide(total, Decimal(quantity))
    rounded = price.quantize(_MICRO, context=_EXACT)
    return price if price == rounded else rounded


def spread(total: Decimal, weights: Sequence[Decimal], currency: str) -> list[Decimal]:
    """Share an amount over lines by weight, to the smallest coin; what is left goes to the largest remainders.

    The shares add up to the total, whatever it is. Without any weight the first line gets all.
    """
    if not weights:
        return []
    whole = sum(weights, Decimal(0))
    if whole == 0:
        return [total, *(Decimal(0) for _ in weights[1:])]
    coin = Decimal(1).scaleb(-minor_digits(currency))
    exact = [_EXACT.divide(_EXACT.multiply(total, each), whole) for each in weights]
    shares = [each.quantize(coin, rounding=ROUND_DOWN, context=_EXACT) for each in exact]
    left = _EXACT.subtract(total, sum(shares, Decimal(0)))
    order = sorted(range(len(weights)), key=lambda each: (-abs(exact[each] - shares[each]), each))
    step = coin if left >= 0 else -coin
    for place in order[: int(left / step)]:
        shares[place] += step
    shares[order[0]] = _EXACT.add(shares[order[0]], _EXACT.subtract(total, sum(shares, Decimal(0))))
    return shares

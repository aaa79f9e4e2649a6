"""Money: an exact amount and its currency, always together, as the channel wrote it."""

from decimal import ROUND_HALF_EVEN, Context, Decimal, localcontext
from typing import Annotated

from msgspec import Meta, Struct
from typing_extensions import override

Currency = Annotated[str, Meta(pattern="^[A-Z]{3}$", description="ISO 4217 code, for example EUR")]

# ISO 4217 minor units that are not 2 (list one, 2024-06-25).
_DIGITS = {
    **dict.fromkeys("BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF".split(), 0),
    **dict.fromkeys("BHD IQD JOD KWD LYD OMR TND".split(), 3),
    "CLF": 4,
    "UYW": 4,
}
_EXACT = Context(prec=50, rounding=ROUND_HALF_EVEN)


class Money(Struct, frozen=True, forbid_unknown_fields=True):
    """An amount is never rounded here: 2.990000 stays 2.990000."""

    amount: Decimal
    currency: Currency

    def __add__(self, other: "Money") -> "Money":
        return Money(_sum(self, other, 1), self.currency)

    def __sub__(self, other: "Money") -> "Money":
        return Money(_sum(self, other, -1), self.currency)

    @override
    def __str__(self) -> str:
        return f"{self.amount} {self.currency}"


def minor_digits(currency: str) -> int:
    """Return how many decimals the currency has: 2 for EUR, 0 for JPY, 3 for KWD."""
    return _DIGITS.get(currency, 2)


def from_minor(units: int, currency: str) -> Money:
    """Read an amount in minor units: 1599 USD is 15.99, 1599 JPY is 1599."""
    return Money(Decimal(units).scaleb(-minor_digits(currency), _EXACT), currency)


def to_minor(money: Money) -> int:
    """Write minor units; raises ValueError where the amount has a fraction of the smallest coin."""
    scaled = money.amount.scaleb(minor_digits(money.currency), _EXACT)
    if scaled != scaled.to_integral_value():
        msg = f"{money} has a fraction of the smallest coin of {money.currency}"
        raise ValueError(msg)
    return int(scaled)


def _sum(left: Money, right: Money, sign: int) -> Decimal:
    if left.currency != right.currency:
        msg = f"{left} and {right} have different currencies: convert one of them first"
        raise ValueError(msg)
    with localcontext(_EXACT):
        return left.amount + sign * right.amount

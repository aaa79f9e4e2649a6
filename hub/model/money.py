"""Money: an exact amount and its currency, always together, as the channel wrote it."""

from decimal import ROUND_HALF_EVEN, Context, Decimal, localcontext
from fractions import Fraction
from typing import Annotated

from msgspec import Meta, Struct
from typing_extensions import override

from hub.model.errors import InputError

Currency = Annotated[str, Meta(pattern="^[A-Z]{3}$", description="ISO 4217 code, for example EUR")]

# ISO 4217 minor units that are not 2 (list one, 2024-06-25).
_DIGITS = {
    **dict.fromkeys("BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF".split(), 0),
    **dict.fromkeys("BHD IQD JOD KWD LYD OMR TND".split(), 3),
    "CLF": 4,
    "UYW": 4,
}
# The money people pay with (list one, 2025-04-01): no metals, no funds but the units of account prices are written in.
CURRENCIES = frozenset(
    (
        "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD CAD "
        "CDF CHF CLF CLP CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD "
        "GNF GTQ GYD HKD HNL HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT "
        "LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR "
        "NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP "
        "STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD UYI UYU UYW UZS VED VES VND VUV WST "
        "XAF XCD XCG XOF XPF YER ZAR ZMW ZWG"
    ).split()
)
_EXACT = Context(prec=50, rounding=ROUND_HALF_EVEN)


def refuse_strange(currency: str, *, field: str = "currency") -> None:
    """For what people and programs of ours write; what a channel was paid in is a fact. Raises InputError."""
    if currency not in CURRENCIES:
        msg = f"{currency[:20]!r} is no currency of ISO 4217: write its three letters, such as EUR"
        raise InputError(msg, field=field)


def refuse_finer(amount: Decimal, currency: str) -> None:
    """Raises InputError for an amount with more decimals than the currency has coins for."""
    digits = minor_digits(currency)
    if amount != round(amount, digits):
        msg = f"{amount} {currency} is no amount anybody can pay: {digits} decimals are the most"
        raise InputError(msg, field="amount")


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


def payable(amount: Decimal | Fraction, currency: str) -> Decimal:
    """What of it can be paid: rounded half up to the smallest coin of the currency."""
    digits = minor_digits(currency)
    coins = abs(Fraction(amount)) * 10**digits
    whole = (coins.numerator * 2 + coins.denominator) // (coins.denominator * 2)
    return Decimal(whole if amount >= 0 else -whole).scaleb(-digits, _EXACT)


def _sum(left: Money, right: Money, sign: int) -> Decimal:
    if left.currency != right.currency:
        msg = f"{left} and {right} have different currencies: convert one of them first"
        raise ValueError(msg)
    with localcontext(_EXACT):
        return left.amount + sign * right.amount

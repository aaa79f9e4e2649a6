"""Products, orders and webhooks as the simulated shop keeps them; amounts at 20 % tax, rounded to coins."""

from collections import Counter
from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from msgspec import Struct

from hub.model.incoming import Person

FREE = Decimal("0.00")
_TAX = Decimal("0.20")


class Coins(Struct, frozen=True):
    """The shop's currency, and with how many decimals it writes amounts."""

    currency: str = "EUR"
    digits: int = 2

    def round(self, amount: Decimal) -> Decimal:
        """Round half-up to the smallest coin, as WooCommerce does."""
        return amount.quantize(Decimal(1).scaleb(-self.digits), ROUND_HALF_UP)

    def tax_of(self, net: Decimal) -> Decimal:
        return self.round(net * _TAX)


EURO = Coins()


class Product(Struct):
    """A simple product, a variable one (`variations`, no stock of its own) or a variation (`parent`).

    `levels`: what it counted since when, newest last.
    """

    id: int
    name: str
    sku: str
    price: Decimal
    changed: datetime
    stock: int | None
    parent: int = 0
    variations: list[int] = []
    barcode: str = ""
    levels: list[tuple[datetime, int]] = []

    def stock_at(self, at: datetime) -> int | None:
        """What it counted at that moment; the first level holds for the time before it."""
        known = [units for since, units in self.levels if since <= at]
        if known:
            return known[-1]
        return self.levels[0][1] if self.levels else None

    @property
    def type(self) -> str:
        if self.parent:
            return "variation"
        return "variable" if self.variations else "simple"


class Line(Struct):
    id: int
    product: Product
    quantity: int
    subtotal: Decimal
    total: Decimal
    coins: Coins = EURO

    @property
    def tax(self) -> Decimal:
        return self.coins.tax_of(self.total)


class Sent(Struct):
    """An order fulfillment, with the fields its maker gave it."""

    id: int
    at: datetime
    meta: dict[str, Any]
    fulfilled: bool = False


class Refund(Struct):
    """`paid`: the gateway has sent the money. `lines`: units by line of the order, where somebody said which."""

    id: int
    at: datetime
    amount: Decimal
    reason: str = ""
    paid: bool = False
    lines: list[tuple[int, Line, int]] = []


class Order(Struct):
    """`coupon` is what its code took off, `shipping` what the parcel costs; both without tax.

    `parcels` are their tracking numbers, once all has left; `meta` what clients wrote beside it.
    """

    id: int
    status: str
    created: datetime
    modified: datetime
    buyer: Person
    lines: list[Line]
    shipping: Decimal
    coupon: Decimal
    cash_on_delivery: bool
    paid: datetime | None = None
    completed: datetime | None = None
    coins: Coins = EURO
    arrives: datetime | None = None
    collected: bool = False
    parcels: tuple[str, ...] = ()
    meta: dict[str, Any] = {}
    sent: list[Sent] = []
    refunds: list[Refund] = []

    def is_known(self, at: datetime) -> bool:
        """A sale of a till offline is not, until it arrives."""
        return self.arrives is None or self.arrives <= at

    @property
    def refunded(self) -> Decimal:
        return sum((each.amount for each in self.refunds), FREE)

    @property
    def left(self) -> dict[int, int]:
        """Units by line that have left: all once it is completed, else those of its fulfillments."""
        if self.completed:
            return {line.id: line.quantity for line in self.lines}
        items = Counter[int]()
        for each in (each for each in self.sent if each.fulfilled):
            items.update({item["item_id"]: item["qty"] for item in each.meta["_items"]})
        return dict(items)

    @property
    def cart_tax(self) -> Decimal:
        return sum((line.tax for line in self.lines), FREE)

    @property
    def tax(self) -> Decimal:
        return self.cart_tax + self.coins.tax_of(self.shipping)

    @property
    def total(self) -> Decimal:
        return sum((line.total for line in self.lines), self.shipping) + self.tax


class Hook(Struct):
    """A webhook subscription."""

    id: int
    name: str
    topic: str
    delivery_url: str
    secret: str
    created: datetime
    status: str = "active"


class Ids:
    """One sequence for everything, as in WordPress."""

    def __init__(self) -> None:
        self._next = 11

    def take(self) -> int:
        self._next += 1
        return self._next - 1


def second(at: datetime) -> datetime:
    """WooCommerce's times have no fractions."""
    return at.astimezone(UTC).replace(microsecond=0)

"""What a simulated channel sells and sold, in no vendor's words."""

from datetime import datetime
from decimal import Decimal

from msgspec import Struct

from hub.model.incoming import Person
from hub.spec.testing.simulator import SimSale


class SimGood(Struct):
    """One listing. `levels`: what it counted since when, newest last; two goods may share a SKU."""

    listing_id: str
    sku: str
    title: str
    price: Decimal
    levels: list[tuple[datetime, int]]

    @property
    def level(self) -> int:
        return self.levels[-1][1]

    def level_at(self, at: datetime) -> int:
        """What it counted at that moment; the first level holds for the time before it."""
        known = [units for since, units in self.levels if since <= at]
        return known[-1] if known else self.levels[0][1]


class SimLine(Struct):
    id: int
    good: SimGood
    units: int
    shipped: int = 0

    @property
    def total(self) -> Decimal:
        return self.good.price * self.units


class SimOrder(Struct):
    """`shown_at` is when the channel heard of it: later than `bought_at` where a till was offline.

    `change` counts the changes of the whole channel. `state` is "open", "sent" once all of it has left, or "canceled",
    until the author of a simulator writes others; `parcels` are their tracking numbers.
    """

    number: int
    bought_at: datetime
    changed_at: datetime
    shown_at: datetime
    buyer: Person
    lines: list[SimLine]
    currency: str
    shipping: Decimal
    change: int = 0
    state: str = "open"
    parcels: list[str] = []

    @property
    def id(self) -> str:
        return str(self.number)

    @property
    def total(self) -> Decimal:
        return sum((line.total for line in self.lines), self.shipping)

    @property
    def mark(self) -> str:
        """Sorts by time of change, then by change: a change within the same second still moves the order on."""
        return f"{self.changed_at.isoformat(timespec='microseconds')}/{self.change:012}"

    def sale(self) -> SimSale:
        units: dict[str, int] = {}
        for line in self.lines:
            units[line.good.sku] = units.get(line.good.sku, 0) + line.units
        return SimSale(
            self.id, self.bought_at, self.currency, self.total, units, canceled=self.state == "canceled"
        )

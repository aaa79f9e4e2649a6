"""Alarms of inventory: of what a retailer is told, by exact rules. Pure; counts are stock units.

The one query of `hub.store.stock.conditions` finds the same for many SKUs at once.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from msgspec import Struct

from hub.model.errors import InputError
from hub.model.stock.levels import Level, sets_by_location

THRESHOLD_MAX = 1_000_000
DAYS_MAX = 3_650
_LEFT_FOR_GOOD = ("shipment", "assembly")


class Kind(StrEnum):
    """In the order of what costs most."""

    OVERSOLD = "oversold"
    NEGATIVE_ON_HAND = "negative_on_hand"
    OUT_OF_STOCK = "out_of_stock"
    LOW_STOCK = "low_stock"
    AGING = "aging"


class Bounds(Struct, frozen=True):
    """What holds for every SKU that has no threshold of its own. `low_stock` 0: none of them is ever low."""

    low_stock: int = 2
    unmoved_days: int = 180
    expiry_days: int = 30


class Moved(Struct, frozen=True):
    """One change of what is on hand."""

    at: datetime
    location: str
    kind: str
    change: int


class LotLeft(Struct, frozen=True):
    """Units of one lot that nobody was promised; `expires_on` is the last day on which they are sold."""

    location: str
    expires_on: date
    free: int


class Stock(Struct, frozen=True):
    """All that is looked at of one SKU.

    `parts` are what one unit takes: of a bundle its parts, of any other SKU itself once; `levels` are theirs, at every
    location, `selling` the locations that sell, with the time zone of each. It is `sold` where a channel lists it, or
    orders of late had it; it `had` stock where some was there once. `lacking` units are of lines of orders held as
    oversold.
    """

    sku: str
    parts: Mapping[str, int]
    levels: Sequence[Level] = ()
    selling: Mapping[str, str] = {}
    counted: bool = True
    sold: bool = True
    had: bool = True
    lacking: int = 0
    moves: Sequence[Moved] = ()
    lots: Sequence[LotLeft] = ()
    threshold: int | None = None
    thresholds_at: Mapping[str, int] = {}


class Condition(Struct, frozen=True):
    """What is so of a SKU, or of a SKU at one location.

    `begins`: an alarm opens; otherwise it only keeps one open. `units` is the figure of the kind: what is left, what is
    oversold, what has not moved, how far below zero; `bound` is the threshold, or the days. `expiring` units are sold
    until `expires_on` at the latest. Of a bundle, `part` is its scarcest part.
    """

    kind: str
    sku: str
    location: str | None
    units: int
    begins: bool = True
    bound: int = 0
    expiring: int = 0
    expires_on: date | None = None
    part: str = ""


def conditions(stock: Stock, bounds: Bounds, *, at: datetime) -> list[Condition]:
    """All that is so of one SKU; a bundle is only ever low or out, the rest is its parts' own."""
    found = list(_left(stock, bounds))
    if set(stock.parts) == {stock.sku}:
        found += _low_at(stock)
        found += _oversold(stock)
        found += _aging(stock, bounds, at)
        found += _negative(stock)
    return found


def available(stock: Stock) -> int:
    """What could be sold of it now over all locations that sell; of a bundle: how many, each from one location."""
    selling = [each for each in stock.levels if each.location in stock.selling]
    sets = min(sum(each.free for each in selling if each.sku == sku) // n for sku, n in stock.parts.items())
    if set(stock.parts) == {stock.sku}:
        return max(0, sets)
    return max(0, min(sets, sum(sets_by_location(selling, stock.parts).values())))


def margin(threshold: int) -> int:
    """How far what is left must exceed the threshold before low stock ends: a tenth of it, one unit at least."""
    return max(1, threshold // 10)


def _watched(stock: Stock) -> bool:
    """Counted, and sold, or a person said when it is low."""
    return stock.counted and (stock.sold or bool(stock.threshold) or bool(stock.thresholds_at))


def _left(stock: Stock, bounds: Bounds) -> Iterator[Condition]:
    if not _watched(stock):
        return
    left, part = available(stock), _scarcest(stock)
    if left == 0 and stock.had:
        yield Condition(Kind.OUT_OF_STOCK, stock.sku, None, 0, part=part)
    threshold = bounds.low_stock if stock.threshold is None else stock.threshold
    if threshold > 0 and 0 < left <= threshold + margin(threshold):
        yield Condition(Kind.LOW_STOCK, stock.sku, None, left, left <= threshold, threshold, part=part)


def _low_at(stock: Stock) -> Iterator[Condition]:
    """At a location with a threshold of its own, none left is low as well."""
    free = {each.location: max(0, each.free) for each in stock.levels}
    for location, threshold in stock.thresholds_at.items():
        left = free.get(location, 0)
        if _watched(stock) and left <= threshold + margin(threshold):
            yield Condition(Kind.LOW_STOCK, stock.sku, location, left, left <= threshold, threshold)


def _oversold(stock: Stock) -> Iterator[Condition]:
    """Promised beyond what is on hand, or sold and neither promised nor on backorder, beyond what is free."""
    unbacked = sum(max(0, each.allocated - max(0, each.on_hand)) for each in stock.levels)
    units = unbacked + max(0, stock.lacking - available(stock))
    if units:
        yield Condition(Kind.OVERSOLD, stock.sku, None, units)


def _aging(stock: Stock, bounds: Bounds, at: datetime) -> Iterator[Condition]:
    unmoved = _unmoved(stock, at - timedelta(days=bounds.unmoved_days))
    days = {code: at.astimezone(ZoneInfo(zone)).date() for code, zone in stock.selling.items()}
    until = {code: day + timedelta(days=bounds.expiry_days) for code, day in days.items()}
    late = [each for each in stock.lots if each.expires_on <= until.get(each.location, date.min)]
    expiring = sum(max(0, each.free) for each in late)
    if unmoved or expiring:
        day = min((each.expires_on for each in late if each.free > 0), default=None)
        yield Condition(
            Kind.AGING,
            stock.sku,
            None,
            unmoved,
            bound=bounds.unmoved_days,
            expiring=expiring,
            expires_on=day,
        )


def _unmoved(stock: Stock, since: datetime) -> int:
    """Units that were on hand then and are now, where none has been sold or assembled between."""
    moves = [each for each in stock.moves if each.at > since]
    if any(each.change < 0 and each.kind in _LEFT_FOR_GOOD for each in moves):
        return 0
    now = sum(each.on_hand for each in stock.levels if each.location in stock.selling)
    then = now - sum(each.change for each in moves if each.location in stock.selling)
    return max(0, min(now, then))


def _negative(stock: Stock) -> Iterator[Condition]:
    for each in stock.levels:
        if each.on_hand < 0:
            yield Condition(Kind.NEGATIVE_ON_HAND, stock.sku, each.location, each.on_hand)


def _scarcest(stock: Stock) -> str:
    if set(stock.parts) == {stock.sku}:
        return ""
    free = dict.fromkeys(stock.parts, 0)
    for each in stock.levels:
        if each.location in stock.selling:
            free[each.sku] += each.free
    return min(stock.parts, key=lambda sku: (max(0, free[sku]) // stock.parts[sku], sku))


def refuse_bad(bounds: Bounds) -> None:
    """Raises InputError naming the field that cannot be so."""
    for field, least, most in (
        ("low_stock", 0, THRESHOLD_MAX),
        ("unmoved_days", 1, DAYS_MAX),
        ("expiry_days", 0, DAYS_MAX),
    ):
        if not least <= getattr(bounds, field) <= most:
            msg = f"{field} is {getattr(bounds, field)}: it must be from {least} to {most}"
            raise InputError(msg, field=field)

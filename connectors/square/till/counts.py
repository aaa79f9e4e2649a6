"""The simulated inventory: physical counts and sales, each with its time, per listing and location.

As at Square, a count says what was there at its `occurred_at`: sales after that still come off, and a count older than
the last one changes nothing. Sales may take a count below zero: a till never refuses what lies on its counter.
"""

from collections.abc import Container, Mapping
from datetime import datetime, timedelta

from connectors.square.till.requests import Change, Refusal
from connectors.square.till.sales import Json, text

_DAY = timedelta(hours=24)
_SKEW = timedelta(seconds=60)

Shelf = tuple[str, str]  # variation, location


class SimCounts:
    def __init__(self) -> None:
        self._counted: dict[Shelf, tuple[int, datetime]] = {}
        self._sold: dict[Shelf, list[tuple[datetime, int]]] = {}
        self._moved: dict[Shelf, datetime] = {}
        self._levels: dict[Shelf, list[tuple[datetime, int]]] = {}

    def count(self, shelf: Shelf, quantity: int, at: datetime, *, ignore_unchanged: bool) -> bool:
        """Record a physical count; False where it changed nothing."""
        last, last_at = self._counted.get(shelf, (None, None))
        if last_at is not None and (at < last_at or (ignore_unchanged and last == quantity)):
            return False
        self._counted[shelf] = (quantity, at)
        self._sold[shelf] = [each for each in self._sold.get(shelf, []) if each[0] > at]
        self._note(shelf, at)
        return True

    def move(self, shelf: Shelf, change: int, at: datetime) -> None:
        self._sold.setdefault(shelf, []).append((at, change))
        self._note(shelf, at)

    def level(self, shelf: Shelf) -> int:
        counted, _ = self._counted.get(shelf, (0, None))
        return counted + sum(change for _, change in self._sold.get(shelf, []))

    def level_at(self, shelf: Shelf, at: datetime) -> int:
        """What it was known to be then; the first level holds for the time before it."""
        levels = self._levels[shelf]
        return next((units for since, units in reversed(levels) if since <= at), levels[0][1])

    def shelves(self) -> list[Shelf]:
        return list(self._moved)

    def shown(self, shelf: Shelf, at: datetime | None = None) -> Json:
        """The shelf as Square's InventoryCount: as it is, or as it was known to be."""
        variation, location = shelf
        return {
            "catalog_object_id": variation,
            "catalog_object_type": "ITEM_VARIATION",
            "state": "IN_STOCK",
            "location_id": location,
            "quantity": str(self.level(shelf) if at is None else self.level_at(shelf, at)),
            "calculated_at": text(self._moved[shelf]),
        }

    def _note(self, shelf: Shelf, at: datetime) -> None:
        self._moved[shelf] = at
        self._levels.setdefault(shelf, []).append((at, self.level(shelf)))


def refuse_bad(
    change: Change,
    where: str,
    skus: Mapping[str, str],
    places: Container[str],
    refused: Container[str],
    at: datetime,
) -> None:
    """Raises Refusal for a change that Square would not take; `skus` by the id of the variation."""
    count = change.physical_count
    place = f"{where}.physical_count"
    if change.type != "PHYSICAL_COUNT" or count.state != "IN_STOCK":
        raise Refusal(400, "INVALID_ENUM_VALUE", "The simulation takes IN_STOCK counts only.", where)
    if count.catalog_object_id not in skus:
        detail = f"Catalog object with ID {count.catalog_object_id} not found."
        raise Refusal(400, "INVALID_VALUE", detail, f"{place}.catalog_object_id")
    if skus[count.catalog_object_id] in refused:
        detail = f"Inventory of {count.catalog_object_id} cannot be changed."
        raise Refusal(400, "INVALID_VALUE", detail, f"{place}.catalog_object_id")
    if count.location_id not in places:
        raise Refusal(400, "INVALID_VALUE", "Location not found.", f"{place}.location_id")
    if not count.quantity.isdigit():
        raise Refusal(400, "INVALID_VALUE", "The quantity is not valid.", f"{place}.quantity")
    if not at - _DAY <= count.occurred_at <= at + _SKEW:
        detail = "occurred_at is older than 24 hours or in the future."
        raise Refusal(400, "INVALID_TIME", detail, f"{place}.occurred_at")

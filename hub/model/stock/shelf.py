"""The working copy of the levels while a plan is made. Pure; what is asked and given is counted in units sold."""

from collections.abc import Mapping, Sequence

from hub.model.stock.levels import Level
from hub.model.stock.wants import Parts


class Shelf:
    """What is free of each SKU at each location; only what lies at `selling` counts for the whole."""

    def __init__(self, levels: Sequence[Level], selling: Sequence[str]) -> None:
        self._selling = frozenset(selling)
        self._free: dict[str, dict[str, int]] = {}
        self._in_all: dict[str, int] = {}  # what `_free` adds up to where it is sold
        for level in levels:
            self._add(level.sku, level.location, level.free)

    def free_at(self, parts: Parts, location: str) -> int:
        """How many whole units sold a location can give: as many as the scarcest of their parts allows."""
        return min([self.units_at(sku, location) // units for sku, units in parts.items()])

    def free_in_all(self, parts: Parts) -> int:
        return max(0, min([self._in_all.get(sku, 0) // units for sku, units in parts.items()]))

    def has(self, units: Mapping[str, int], location: str) -> bool:
        """Whether a location can give so many stock units of these SKUs, and all places together can."""
        return all(
            self.units_at(sku, location) >= count and self._in_all.get(sku, 0) >= count
            for sku, count in units.items()
        )

    def units_at(self, sku: str, location: str) -> int:
        at = self._free.get(sku)
        return at.get(location, 0) if at else 0

    def change(self, parts: Parts, location: str, free_change: int) -> None:
        for sku, units in parts.items():
            self._add(sku, location, free_change * units)

    def _add(self, sku: str, location: str, count: int) -> None:
        at = self._free.setdefault(sku, {})
        at[location] = at.get(location, 0) + count
        if location in self._selling:
            self._in_all[sku] = self._in_all.get(sku, 0) + count

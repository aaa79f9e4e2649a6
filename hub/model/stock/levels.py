"""The books of stock by location, and what a channel may be shown of them. Pure; counts are stock units."""

from collections.abc import Sequence

from msgspec import Struct

from hub.model.stock.visibility import NOTHING, Allotted, Rule, unfold


class Level(Struct, frozen=True):
    """The books for one SKU at one location."""

    sku: str
    location: str
    on_hand: int = 0
    allocated: int = 0
    reserved: int = 0
    safety_stock: int = 0

    @property
    def free(self) -> int:
        return self.on_hand - self.allocated - self.reserved - self.safety_stock


def available_to_sell(
    levels: Sequence[Level],
    rule: Rule | None = None,
    *,
    units: int = 1,
    allotted: Allotted = NOTHING,
    buffer: int = 0,
    cap: int | None = None,
) -> int:
    """What one listing may show of the levels at the locations that sell; without a rule, `buffer` and `cap` are it."""
    whole = Rule(buffer=buffer, cap=cap) if rule is None else rule
    return unfold(free_where(levels, whole), whole, units=units, allotted=allotted).shown


def free_where(levels: Sequence[Level], rule: Rule) -> int:
    """All that is free where the rule counts; below zero where more is promised than there is."""
    return sum(level.free for level in levels if rule.locations is None or level.location in rule.locations)

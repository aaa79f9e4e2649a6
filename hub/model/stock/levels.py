"""The books of stock by location, and what a channel may be shown of them. Pure; counts are stock units."""

from collections.abc import Mapping, Sequence

from msgspec import Struct

from hub.model.stock.visibility import NOTHING, Allotted, Rule, Share, Unfolded, scarcest, unfold


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
    said = Rule(buffer=buffer, cap=cap) if rule is None else rule
    parts = {level.sku: units for level in levels} or {"": units}
    return show(levels, parts, said, dict.fromkeys(parts, allotted)).shown


def show(
    levels: Sequence[Level], parts: Mapping[str, int], rule: Rule, allotted: Mapping[str, Allotted]
) -> Unfolded:
    """What a listing shows of which each takes these `parts`, of the levels of all of them where stock sells.

    As many as the scarcest part allows, and no more than the locations can give whole: what is shown can be promised.
    """
    counting = [each for each in levels if rule.locations is None or each.location in rule.locations]
    free = {sku: sum(level.free for level in counting if level.sku == sku) for sku in parts}
    shares = [Share(sku, units, free[sku], allotted.get(sku, NOTHING)) for sku, units in parts.items()]
    part = scarcest(shares)
    whole = sum(sets_by_location(counting, parts).values())
    return unfold(part.free, rule, units=part.units, allotted=part.allotted, whole=whole)


def sets_by_location(levels: Sequence[Level], parts: Mapping[str, int]) -> dict[str, int]:
    """How many each location can give whole, in the order of the levels."""
    free = {(level.sku, level.location): level.free for level in levels}
    places = dict.fromkeys(level.location for level in levels)
    return {
        place: max(0, min(free.get((sku, place), 0) // units for sku, units in parts.items()))
        for place in places
    }

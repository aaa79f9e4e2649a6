"""Decide which units are reserved for drafts, and how an accepted one gets its own. Pure; counts are stock units."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from hub.model.stock.allocation import Move, Plan, plan_allocation
from hub.model.stock.levels import Level
from hub.model.stock.locations import Location
from hub.model.stock.sourcing import Sourcing
from hub.model.stock.wants import Parts, Want


class Kept(Struct, frozen=True):
    """Units of one SKU at one location that are reserved for one draft."""

    draft_id: str
    sku: str
    location: str
    units: int


class Lasting(Struct, frozen=True):
    """A promise that ends at a moment: whose it is, how many units of what, where, and until when."""

    sku: str
    location: str
    units: int
    owner_kind: str
    owner: str
    actor: str
    since: datetime
    expires_at: datetime


class Ask(Struct, frozen=True):
    """One line of a draft: so many units sold, each of which takes its `parts`."""

    parts: Parts
    quantity: int


class Basket(Struct, frozen=True):
    """All that one draft asks for from now on, and until when; `place` fixes where it comes from.

    `channel` is the slug of the one it will be an order of, where that is known.
    """

    draft_id: str
    asks: Sequence[Ask]
    until: datetime
    place: str | None = None
    channel: str = ""


class Reserving(Struct, frozen=True):
    """`units` of each (draft, SKU, location) from now on, 0 where they are given back.

    `short` are units sold that could not be reserved, by draft and position of the line.
    """

    units: dict[tuple[str, str, str], int]
    short: dict[tuple[str, int], int]


NewId = Callable[[], UUID]


def plan_reservations(
    baskets: Sequence[Basket],
    kept: Sequence[Kept],
    levels: Sequence[Level],
    locations: Sequence[Location],
    new_id: NewId,
) -> Reserving:
    """Plan each basket anew as if it were sold, with its own units back on the shelf, and nobody else's."""
    after = Reserving({(each.draft_id, each.sku, each.location): 0 for each in kept}, {})
    for basket in baskets:
        shelf = given_back(levels, [each for each in kept if each.draft_id == basket.draft_id])
        wants = _wants(basket, new_id)
        how = {want.order_id: Sourcing(channel=basket.channel) for want in wants.values()}
        plan = plan_allocation(list(wants.values()), shelf, locations, how=how)
        taken = _taken(basket.draft_id, plan.moves)
        levels = given_back(shelf, [replace(each, units=-each.units) for each in taken])
        after.units.update({(each.draft_id, each.sku, each.location): each.units for each in taken})
        after.short.update(
            {
                (basket.draft_id, position): plan.short[want.line_id]
                for position, want in wants.items()
                if want.line_id in plan.short
            }
        )
    return after


def _wants(basket: Basket, new_id: NewId) -> dict[int, Want]:
    """By position of the line; one without parts takes no stock."""
    order_id = new_id()
    return {
        position: Want(new_id(), order_id, ask.parts, allocate=ask.quantity, place=basket.place)
        for position, ask in enumerate(basket.asks)
        if ask.parts
    }


def given_back(levels: Sequence[Level], kept: Iterable[Kept]) -> list[Level]:
    """The levels as they are without these reservations."""
    back: dict[tuple[str, str], int] = {}
    for each in kept:
        back[each.sku, each.location] = back.get((each.sku, each.location), 0) + each.units
    return [
        replace(level, reserved=level.reserved - back.get((level.sku, level.location), 0)) for level in levels
    ]


def left_over(kept: Iterable[Kept], plan: Plan) -> set[str]:
    """The SKUs of which more had been reserved than the plan promises now."""
    left: dict[str, int] = {}
    for each in (*kept, *(replace(taken, units=-taken.units) for taken in _taken("", plan.moves))):
        left[each.sku] = left.get(each.sku, 0) + each.units
    return {sku for sku, units in left.items() if units > 0}


def _taken(draft_id: str, moves: Iterable[Move]) -> list[Kept]:
    units: dict[tuple[str, str], int] = {}
    for move in moves:
        for sku, each in move.parts.items():
            spot = sku, move.location
            units[spot] = units.get(spot, 0) + max(0, move.allocated_change) * each
    return [Kept(draft_id, sku, location, count) for (sku, location), count in units.items()]

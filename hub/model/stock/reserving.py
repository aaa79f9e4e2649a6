"""Decide which units are reserved for drafts, and how an accepted one gets its own. Pure; counts are stock units."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from hub.model.stock.allocation import Move, Plan, plan_allocation
from hub.model.stock.backorders import NONE_AHEAD, Ahead, Backordered
from hub.model.stock.levels import Level
from hub.model.stock.locations import Location
from hub.model.stock.sourcing import USUAL, Sourcing
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
    """One line of a draft: so many units sold, each of which takes its `parts`; `sku` is what may be sold ahead."""

    parts: Parts
    quantity: int
    sku: str = ""


class Basket(Struct, frozen=True):
    """All that one draft asks for from now on, and until when; `place` fixes where it comes from.

    `how` is what will decide where the order comes from.
    """

    draft_id: str
    asks: Sequence[Ask]
    until: datetime
    place: str | None = None
    how: Sourcing = USUAL


class Reserving(Struct, frozen=True):
    """`units` of each (draft, SKU, location) from now on, 0 where they are given back.

    By draft and position of the line: `short` are units sold that could not be reserved; what may be sold ahead of its
    stock is `late` instead.
    """

    units: dict[tuple[str, str, str], int]
    short: dict[tuple[str, int], int]
    late: dict[tuple[str, int], Backordered] = {}


NewId = Callable[[], UUID]
T = TypeVar("T")


def plan_reservations(
    baskets: Sequence[Basket],
    kept: Sequence[Kept],
    levels: Sequence[Level],
    locations: Sequence[Location],
    new_id: NewId,
    ahead: Mapping[str, Ahead] = NONE_AHEAD,
) -> Reserving:
    """Plan each basket anew as if it were sold, with its own units back on the shelf, and nobody else's.

    A line that is short keeps no other line from being reserved, whatever the policy says of orders.
    """
    after = Reserving({(each.draft_id, each.sku, each.location): 0 for each in kept}, {}, {})
    for basket in baskets:
        draft_id, order_id = basket.draft_id, new_id()
        shelf = given_back(levels, [each for each in kept if each.draft_id == draft_id])
        wants = _wants(basket, order_id, new_id)
        how = replace(basket.how, policy=replace(basket.how.policy, keep_whole=False))
        plan = plan_allocation(list(wants.values()), shelf, locations, how={order_id: how}, ahead=ahead)
        taken = _taken(draft_id, plan.moves)
        levels = given_back(shelf, [replace(each, units=-each.units) for each in taken])
        after.units.update({(draft_id, each.sku, each.location): each.units for each in taken})
        after.short.update(_by_position(draft_id, wants, plan.short))
        after.late.update(_by_position(draft_id, wants, plan.backordered))
    return after


def _wants(basket: Basket, order_id: UUID, new_id: NewId) -> dict[int, Want]:
    """By position of the line; one without parts takes no stock."""
    return {
        position: Want(new_id(), order_id, ask.parts, allocate=ask.quantity, place=basket.place, sku=ask.sku)
        for position, ask in enumerate(basket.asks)
        if ask.parts
    }


def _by_position(
    draft_id: str, wants: Mapping[int, Want], said: Mapping[UUID, T]
) -> dict[tuple[str, int], T]:
    """What a plan says of some lines, by draft and position."""
    return {
        (draft_id, position): said[want.line_id] for position, want in wants.items() if want.line_id in said
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

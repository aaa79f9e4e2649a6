"""Decide what lines get of stock, and from where. Pure; what lines ask and get are counted in units sold."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from msgspec import Struct

from hub.model.stock.levels import Level, Place

Parts = Mapping[str, int]
"""What one unit sold takes of stock, in units by SKU: a pack of six {MUG: 6}, a bundle {MUG: 1, TEA: 2}."""


class Want(Struct, frozen=True):
    """What one order line asks of stock now, in units sold, each of which takes its `parts`.

    `ship` units have left by the channel's word (a fact), `allocate` units are to be promised, `release` promised
    units are given back. `held` is what the line holds already, by location. A unit sold is filled whole from one
    location: never half a pack here and half there, never one part of a bundle without the others. `place` fixes the
    location (a till sells from its own shelf).
    """

    line_id: UUID
    order_id: UUID
    parts: Parts
    ship: int = 0
    allocate: int = 0
    release: int = 0
    held: Mapping[str, int] = {}
    place: str | None = None


class Move(Struct, frozen=True):
    """One change the plan makes for one line at one location: kind, and its effect on the levels, in units sold.

    Of each SKU it moves as many units as the `parts` of one unit sold say.
    """

    kind: str
    line_id: UUID
    parts: Parts
    location: str
    on_hand_change: int
    allocated_change: int


class Plan(Struct, frozen=True):
    """`short` are units sold that could not be promised, `exceeded` the lines whose fact exceeds the books."""

    moves: list[Move]
    short: dict[UUID, int]
    exceeded: set[UUID]


def plan_allocation(wants: Sequence[Want], levels: Sequence[Level], places: Sequence[Place]) -> Plan:
    """Fill the wants in the given order: releases and facts of all lines first, then promises.

    A promise never exceeds what is free at a location, nor what is free over all places together; so units that
    one location lacks on paper are not promised from another. Lines that share a SKU draw on the same units.
    """
    shelf = _Shelf(levels, places)
    plan = Plan([], {}, set())
    for want in wants:
        _settle(want, shelf, plan)
    for want in wants:
        _promise(want, shelf, plan)
    return plan


class _Shelf:
    """The working copy of the levels while a plan is made."""

    def __init__(self, levels: Sequence[Level], places: Sequence[Place]) -> None:
        self._order = [place.code for place in sorted(places, key=lambda place: (place.priority, place.code))]
        self._free: dict[str, dict[str, int]] = {}
        for level in levels:
            self._free.setdefault(level.sku, {})[level.location] = level.free

    def free_at(self, parts: Parts, location: str) -> int:
        """How many whole units sold a location can give: as many as the scarcest of their parts allows."""
        return min(self._free.get(sku, {}).get(location, 0) // units for sku, units in parts.items())

    def free_in_all(self, parts: Parts) -> int:
        return max(0, min(self._sum(sku) // units for sku, units in parts.items()))

    def _sum(self, sku: str) -> int:
        at = self._free.get(sku, {})
        return sum(at.get(code, 0) for code in self._order)

    def change(self, parts: Parts, location: str, free_change: int) -> None:
        for sku, units in parts.items():
            at = self._free.setdefault(sku, {})
            at[location] = at.get(location, 0) + free_change * units

    def best_for(self, want: Want) -> list[str]:
        """Places in the order they are asked: those that can fill the whole line first, then by priority."""
        if want.place is not None:
            return [want.place]
        whole = [code for code in self._order if self.free_at(want.parts, code) >= want.allocate]
        return whole + [code for code in self._order if code not in whole]

    def fallback(self, want: Want) -> str | None:
        """Where a fact is booked that no promise covers: the till's own place, else where most is free."""
        if want.place is not None or not self._order:
            return want.place
        return max(self._order, key=lambda code: (self.free_at(want.parts, code), -self._order.index(code)))


def _settle(want: Want, shelf: _Shelf, plan: Plan) -> None:
    """Book what has left, from the line's own promises first, and give back what is no longer wanted."""
    held = dict(want.held)
    to_ship = want.ship
    for location, promised in held.items():
        taken = min(promised, to_ship)
        if taken:
            plan.moves.append(Move("shipment", want.line_id, want.parts, location, -taken, -taken))
            held[location] -= taken
            to_ship -= taken
    if to_ship:
        _ship_unpromised(want, to_ship, shelf, plan)
    to_release = want.release
    for location in reversed(held):
        given = min(held[location], to_release)
        if given:
            plan.moves.append(Move("release", want.line_id, want.parts, location, 0, -given))
            shelf.change(want.parts, location, given)
            to_release -= given


def _ship_unpromised(want: Want, count: int, shelf: _Shelf, plan: Plan) -> None:
    location = shelf.fallback(want)
    if location is None or shelf.free_at(want.parts, location) < count:
        plan.exceeded.add(want.line_id)
    if location is None:  # nowhere to book it until there is a location that sells
        return
    plan.moves.append(Move("shipment", want.line_id, want.parts, location, -count, 0))
    shelf.change(want.parts, location, -count)


def _promise(want: Want, shelf: _Shelf, plan: Plan) -> None:
    left = min(want.allocate, shelf.free_in_all(want.parts))
    missing = want.allocate - left
    for location in shelf.best_for(want) if left else ():
        granted = min(left, max(0, shelf.free_at(want.parts, location)))
        if granted:
            plan.moves.append(Move("allocation", want.line_id, want.parts, location, 0, granted))
            shelf.change(want.parts, location, -granted)
            left -= granted
    if missing + left:
        plan.short[want.line_id] = missing + left

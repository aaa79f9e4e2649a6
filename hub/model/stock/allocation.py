"""Decide what lines get of stock, and from where. Pure; what lines ask and get are counted in units sold."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

from msgspec import Struct

from hub.model.stock.backorders import NONE_AHEAD, Ahead, Backordered, Queue
from hub.model.stock.levels import Level
from hub.model.stock.locations import Location
from hub.model.stock.shelf import Shelf
from hub.model.stock.sourcing import ONLY, USUAL, Pick, Sourced, Sourcing, only_source, source
from hub.model.stock.wants import Parts, Want


class Move(Struct, frozen=True):
    """One change the plan makes for one line at one location: kind, and its effect on the levels, in units sold.

    Of each SKU it moves as many units as the `parts` of one unit sold say. An allocation has its reason.
    """

    kind: str
    line_id: UUID
    parts: Parts
    location: str
    on_hand_change: int
    allocated_change: int
    reason: str = ""


class Plan(Struct, frozen=True):
    """What becomes of the wants; all counts are units sold.

    `short` could not be promised and is not on backorder either; `unsourced` are those of these lines of which there is
    some, where it may not be given. `exceeded` are the lines whose fact exceeds the books. `withheld` could be had, and
    waits for the rest of its order.
    """

    moves: list[Move]
    short: dict[UUID, int]
    exceeded: set[UUID]
    backordered: dict[UUID, Backordered] = {}
    unsourced: set[UUID] = set()
    withheld: dict[UUID, int] = {}

    @property
    def fits(self) -> bool:
        """Whether no line waits for a person."""
        return not (self.short or self.exceeded)

    @property
    def left(self) -> dict[tuple[UUID, str], int]:
        """Units sold by line and location that leave."""
        left = Counter[tuple[UUID, str]]()
        for move in self.moves:
            if move.kind == "shipment":
                left[move.line_id, move.location] -= move.on_hand_change
        return dict(left)

    @property
    def freed(self) -> set[str]:
        """The SKUs of which promised units come free."""
        return {sku for move in self.moves if move.kind == "release" for sku in move.parts}

    def holds(self, line_ids: Iterable[UUID]) -> set[str]:
        """Why an order with these lines waits for a person: stock is not there, or not where it may be given."""
        wrong = [each for each in line_ids if each in self.short or each in self.exceeded]
        return {"unsourced" if each in self.unsourced else "oversold" for each in wrong}


def plan_allocation(
    wants: Sequence[Want],
    levels: Sequence[Level],
    locations: Sequence[Location],
    *,
    how: Mapping[UUID, Sourcing] | None = None,
    ahead: Mapping[str, Ahead] = NONE_AHEAD,
) -> Plan:
    """Fill the wants: releases and facts of all lines first, then promises, order by order as they are given.

    Within an order the lines that take fewer units of stock come first, however they are listed. A promise never
    exceeds what is free at a location, nor what is free over all places together; so units that one location lacks on
    paper are not promised from another. Lines that share a SKU draw on the same units. What is short beyond that is
    backordered as far as its SKU is sold `ahead`. `how` says by its id how an order is sourced.
    """
    asked = sorted(locations, key=lambda each: (each.priority, each.code))
    shelf = Shelf(levels, [each.code for each in asked if each.sellable])
    plan, queue = Plan([], {}, set()), Queue(ahead)
    for want in wants:
        if want.ship or want.release:
            _settle(want, shelf, asked, plan)
    if moves := _whole_from_one(wants, shelf, asked, how or {}):
        plan.moves.extend(moves)
        return plan
    for order_id, lines in _by_order(wants).items():
        sourced = source(lines, shelf, asked, (how or {}).get(order_id, USUAL))
        _promise(lines, sourced, queue, plan)
    return plan


def _whole_from_one(
    wants: Sequence[Want], shelf: Shelf, asked: Sequence[Location], how: Mapping[UUID, Sourcing]
) -> list[Move]:
    """All promises at once, where one location alone may give to every order, and has all that they ask; else none.

    So it is in most batches of most retailers. No sequence decides anything then: the sum of what is asked of each SKU
    is held against the shelf once. Measured by bench/stock.py: a fifth of planning order by order.
    """
    only = only_source(wants, asked, how)
    needs: dict[str, int] = {}
    for want in wants:
        for sku, units in want.parts.items():
            needs[sku] = needs.get(sku, 0) + units * want.allocate
    if only is None or not shelf.has(needs, only):
        return []
    return [
        Move("allocation", want.line_id, want.parts, only, 0, want.allocate, ONLY)
        for want in wants
        if want.allocate
    ]


def _by_order(wants: Sequence[Want]) -> dict[UUID, list[Want]]:
    orders: dict[UUID, list[Want]] = {}
    for want in wants:
        orders.setdefault(want.order_id, []).append(want)
    return {
        order_id: sorted(lines, key=_size) if len(lines) > 1 else lines for order_id, lines in orders.items()
    }


def _size(want: Want) -> tuple[int, list[tuple[str, int]], str, int]:
    """Of what the line asks, so that the sequence of lines decides nothing."""
    return sum(want.parts.values()), sorted(want.parts.items()), want.place or "", want.allocate


def _settle(want: Want, shelf: Shelf, asked: Sequence[Location], plan: Plan) -> None:
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
        _ship_unpromised(want, to_ship, shelf, asked, plan)
    to_release = want.release
    for location in reversed(held):
        given = min(held[location], to_release)
        if given:
            plan.moves.append(Move("release", want.line_id, want.parts, location, 0, -given))
            shelf.change(want.parts, location, given)
            to_release -= given


def _ship_unpromised(want: Want, count: int, shelf: Shelf, asked: Sequence[Location], plan: Plan) -> None:
    """Book a fact that no promise covers: at the till's own place, else where most is free."""
    selling = [each.code for each in asked if each.sellable]
    location = want.place or max(selling, key=lambda code: shelf.free_at(want.parts, code), default=None)
    if location is None or shelf.free_at(want.parts, location) < count:
        plan.exceeded.add(want.line_id)
    if location is None:  # nowhere to book it until there is a location that sells
        return
    plan.moves.append(Move("shipment", want.line_id, want.parts, location, -count, 0))
    shelf.change(want.parts, location, -count)


def _promise(lines: Sequence[Want], sourced: Sourced, queue: Queue, plan: Plan) -> None:
    plan.moves.extend(map(_allocation, sourced.picks))
    plan.withheld.update(sourced.withheld)
    if not (sourced.lacking or queue.is_open):
        return
    for want in lines:
        lacking = sourced.lacking.get(want.line_id, 0)
        late = queue.accept(want, lacking)
        if late.units:
            plan.backordered[want.line_id] = late
        if lacking > late.units:
            plan.short[want.line_id] = lacking - late.units
            if want.line_id in sourced.elsewhere:
                plan.unsourced.add(want.line_id)


def _allocation(pick: Pick) -> Move:
    want = pick.want
    return Move("allocation", want.line_id, want.parts, pick.location, 0, pick.units, pick.reason)

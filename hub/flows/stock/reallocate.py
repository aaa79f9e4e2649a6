"""Reallocate: by a person's word, give back what an order holds and promise it anew, in one transaction, once."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import partial
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from hub.flows.stock.allocate import plan_wants, record_plan, sourcing_of, want_for, write_planned
from hub.model.errors import InputError, NotFoundError, OutOfStockError, WrongStateError
from hub.model.orders.drafts import Moved
from hub.model.stock.allocation import Move, Plan
from hub.model.stock.sourcing import Sourcing
from hub.model.stock.wants import Want
from hub.store import orders
from hub.store.db import Tx
from hub.store.events import Event
from hub.store.order_lines import LineStock
from hub.store.orders import HeldOrder
from hub.store.stock import levels, locations

BY_HAND = "chosen by a person"
CAUSE = "reallocation"


class Wish(Struct, frozen=True):
    """`command_id` makes it happen only once (L1). Without a location the channel's policy decides anew."""

    number: int
    command_id: str
    location: str | None = None


class Reallocated(Struct, frozen=True):
    """The moves that were made, none where the orders had it so already; and the channels to be told."""

    moves: list[Move]
    touched: set[UUID]


async def reallocate(tx: Tx, wishes: Sequence[Wish], *, actor: str, at: datetime) -> Reallocated:
    """Promise these orders anew, as far as nothing of them has left.

    No line ends with less than it had. Raises OutOfStockError where one would, and NotFoundError, InputError or
    WrongStateError for an order or a location that cannot be; nothing is written then.
    """
    asked = {wish.number: wish for wish in wishes}
    held = await _lock(tx, list(asked))
    await _refuse_strange(tx, wishes)
    causes = {
        line.id: f"{line.id}/{asked[order.number].command_id}" for order in held for line in order.lines
    }
    done = await levels.causes_recorded(tx, CAUSE, list(causes.values()))
    fresh = [order for order in held if not any(causes[line.id] in done for line in order.lines)]
    wants = [want for order in fresh for want in wants_anew(order, asked[order.number].location)]
    how = {order.id: _how(order, asked[order.number].location) for order in fresh}
    plan = await plan_wants(tx, wants, how)
    _refuse_loss(wants, plan)
    plan = replace(plan, moves=_net(plan.moves))
    ahead = await write_planned(tx, fresh, plan, wants, tell=partial(_event, actor=actor), at=at)
    touched = await record_plan(
        tx, plan, cause=CAUSE, cause_of=causes.__getitem__, actor=actor, at=at, also=ahead
    )
    return Reallocated(plan.moves, touched)


def wants_anew(order: HeldOrder, location: str | None = None) -> list[Want]:
    """Give back all that is promised, and ask for all that is due."""
    lines = [line for line in order.lines if line.sku is not None and line.kind == "item"]
    due = {line.id: max(0, line.quantity - line.canceled - line.shipped) for line in lines}
    wants = [
        want_for(order, line, ship=0, allocate=due[line.id], release=sum(line.picks.values()))
        for line in lines
        if due[line.id]
    ]
    return [replace(want, place=location) for want in wants] if location is not None else wants


def _how(order: HeldOrder, location: str | None) -> Sourcing:
    how = replace(sourcing_of(order), used=())
    return how if location is None else replace(how, fixed_because=BY_HAND)


async def _lock(tx: Tx, numbers: Sequence[int]) -> list[HeldOrder]:
    ids = await orders.ids_of(tx, numbers)
    strange = [number for number in numbers if number not in ids]
    if strange:
        msg = f"there is no order {strange[0]}: see the list of orders"
        raise NotFoundError(msg)
    held = await orders.lock_open(tx, sorted(ids.values()))
    gone = sorted(set(numbers) - {order.number for order in held})
    if gone:
        msg = f"order {gone[0]} is canceled: it asks for no stock"
        raise WrongStateError(msg)
    for order in held:
        if not order.keeps_stock:
            held_for = ", ".join(order.holds)
            msg = f"order {order.number} has given its stock back while it is held ({held_for}): resolve that"
            raise WrongStateError(msg)
        if not wants_anew(order):
            msg = f"order {order.number} has nothing that could still be promised: it has left, or no line has a SKU"
            raise WrongStateError(msg)
    return held


async def _refuse_strange(tx: Tx, wishes: Sequence[Wish]) -> None:
    known = {each.code: each for each in await locations.all_locations(tx)}
    for code in (wish.location for wish in wishes if wish.location is not None):
        if code not in known:
            msg = f"there is no location {code}: the hub knows {', '.join(sorted(known)) or 'none yet'}"
            raise NotFoundError(msg)
        if not known[code].sellable:
            msg = f"{code} keeps its stock: let it sell first, with: hub location add {code} NAME --sells"
            raise InputError(msg, field="location")


def _refuse_loss(wants: Sequence[Want], plan: Plan) -> None:
    """What an order holds it keeps: a move that would leave it with less is none."""
    got = Counter[UUID]()
    for move in plan.moves:
        got[move.line_id] += move.allocated_change
    lost = [
        (position, want, -got[want.line_id]) for position, want in enumerate(wants) if got[want.line_id] < 0
    ]
    if lost:
        named = ", ".join(f"{want.sku} would lose {units}" for _, want, units in lost)
        where = lost[0][1].place
        why = f"{where} has too little" if where else "the policy would give less than the order has"
        msg = f"{why}: {named}; nothing was changed"
        raise OutOfStockError(msg, {position: units for position, _, units in lost})


def _net(moves: Sequence[Move]) -> list[Move]:
    """What is given back and promised again at the same place is no move."""
    sums: dict[tuple[UUID, str], Move] = {}
    for move in moves:
        was = sums.get((move.line_id, move.location))
        change = move.allocated_change + (was.allocated_change if was else 0)
        kind = "allocation" if change > 0 else "release"
        reason = move.reason if change > 0 else ""
        sums[move.line_id, move.location] = replace(move, kind=kind, allocated_change=change, reason=reason)
    return [move for move in sums.values() if move.allocated_change]


def _event(order: HeldOrder, _moved: Moved, after: Mapping[UUID, LineStock], *, actor: str) -> Event:
    return Event("reallocated", actor, order_id=order.id, facts={"lines": len(after)})

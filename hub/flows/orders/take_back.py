"""Take back: shipped goods come back, and a person says what becomes of them. What is restocked is sold again, once.

All that comes back is part of an RMA: of one that was approved, or of one that begins and arrives in one step, at the
counter or from a parcel's sender. Nothing is filled here: orders are locked before levels, always, so units that came
free go to waiting orders in a transaction of their own (`hub.flows.stock.allocate`).
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from msgspec import Struct

from hub.flows.orders.ask_return import lock_named
from hub.flows.stock import ledger
from hub.flows.stock.known import refuse_strange
from hub.flows.stock.put_aside import put_aside
from hub.kit.ids import uuid7
from hub.model.errors import WrongStateError
from hub.model.orders.returns import (
    Comeback,
    Decision,
    Disposition,
    ShippedLine,
    refuse_bad,
    refuse_bad_decision,
)
from hub.model.orders.rmas import Arrival, State, Step, after, refuse_unexpected
from hub.model.telling.kinds import Kind
from hub.store import publications, returns, rmas
from hub.store.db import Tx
from hub.store.events import Event, add_events
from hub.store.rmas import NewLine, NewRma
from hub.store.stock import levels


class TakenBack(Struct, frozen=True):
    """Which of the returns were new, the channels to be told, and the SKUs of which units came free."""

    ids: list[UUID]
    touched: set[UUID]
    freed: set[str]


async def take_back(tx: Tx, comebacks: Sequence[Comeback], *, actor: str, at: datetime) -> TakenBack:
    """Take goods back that nobody had announced; a return that was taken before changes nothing (L1).

    Each order's goods are an RMA of their own. Raises InputError or NotFoundError before anything is written.
    """
    lines = await returns.lock_lines(tx, [each.line_id for each in comebacks])
    new = await _unknown(tx, comebacks)
    refuse_bad(new, lines)
    numbers = await _open(tx, new, lines, actor=actor, at=at)
    return await _bring(tx, new, lines, numbers, actor=actor, at=at)


async def receive(tx: Tx, arrivals: Sequence[Arrival], *, actor: str, at: datetime) -> TakenBack:
    """Take back what RMAs expect, in parts if need be; what arrived before changes nothing (L1).

    Raises InputError, NotFoundError or WrongStateError before anything is written.
    """
    held = {each.number: each for each in await lock_named(tx, [each.rma for each in arrivals])}
    came = {each.id: each for each in arrivals}
    new = await _unknown(tx, [each.comeback(held[each.rma]) for each in came.values()])
    numbers = {each.id: came[each.id].rma for each in new}
    reached = [held[number] for number in sorted({*numbers.values()})]
    states = {each.id: after(each.number, each.state, Step.RECEIVE) for each in reached}
    refuse_unexpected([came[each.id] for each in new], held)
    lines = await returns.lock_lines(tx, [each.line_id for each in new])
    refuse_bad(new, lines)
    await rmas.set_states(tx, states, at=at)
    return await _bring(tx, new, lines, numbers, actor=actor, at=at)


async def inspect(tx: Tx, decisions: Sequence[Decision], *, actor: str, at: datetime) -> TakenBack:
    """Decide over goods that were put aside. Raises WrongStateError where one of them waits for it no more."""
    said = {each.id: each for each in decisions}
    aside = await returns.lock_aside(tx, list(said))
    lines = await returns.lock_lines(tx, [each.order_line_id for each in aside])
    decided = [
        Comeback(
            each.id, each.order_line_id, each.quantity, said[each.id].disposition, said[each.id].location
        )
        for each in aside
    ]
    _refuse_gone(list(said), decided)
    refuse_bad_decision(decided, lines)
    await refuse_strange(tx, [each.location for each in decided if each.location])
    await returns.decide(tx, decided, actor=actor, at=at)
    await _look_at(tx, decided, at=at)
    numbers = {each.id: each.rma for each in aside}
    told = [_event("inspected", actor, lines[each.line_id], each, numbers[each.id]) for each in decided]
    await add_events(tx, told, at=at)
    return await _restock(tx, decided, lines, actor=actor, at=at)


async def _unknown(tx: Tx, comebacks: Sequence[Comeback]) -> list[Comeback]:
    before = await returns.known(tx, [each.id for each in comebacks])
    return list({each.id: each for each in comebacks if each.id not in before}.values())


async def _open(
    tx: Tx, new: Sequence[Comeback], lines: Mapping[UUID, ShippedLine], *, actor: str, at: datetime
) -> dict[UUID, int]:
    """Begin an RMA for the goods of each order; by their ids, the number it got. A line of it has the goods' own id."""
    ids = {lines[each.line_id].order_id: uuid7() for each in new}
    heads = [NewRma(rma_id, order_id, State.RECEIVED) for order_id, rma_id in ids.items()]
    rows = [
        NewLine(each.id, ids[lines[each.line_id].order_id], each.line_id, each.quantity, reason=each.reason)
        for each in new
    ]
    numbers = await rmas.add_rmas(tx, heads, rows, actor=actor, at=at)
    return {each.id: numbers[ids[lines[each.line_id].order_id]] for each in new}


async def _bring(
    tx: Tx,
    new: Sequence[Comeback],
    lines: Mapping[UUID, ShippedLine],
    numbers: Mapping[UUID, int],
    *,
    actor: str,
    at: datetime,
) -> TakenBack:
    """`numbers` are those of the RMAs, by the id of what came back."""
    await refuse_strange(tx, [each.location for each in new if each.location])
    await returns.add_returns(tx, new, actor=actor, at=at)
    await _look_at(tx, new, at=at)
    told = [_event("returned", actor, lines[each.line_id], each, numbers[each.id]) for each in new]
    await add_events(tx, told, at=at)
    return await _restock(tx, new, lines, actor=actor, at=at)


async def _look_at(tx: Tx, comebacks: Sequence[Comeback], *, at: datetime) -> None:
    """RMAs of which nothing lies aside any more are inspected."""
    held = await rmas.rmas_of(tx, [each.id for each in comebacks])
    ready = [each for each in held if not any(line.aside for line in each.lines)]
    done = {each.id: after(each.number, each.state, Step.INSPECT) for each in ready}
    await rmas.set_states(tx, done, at=at)


async def _restock(
    tx: Tx, comebacks: Sequence[Comeback], lines: Mapping[UUID, ShippedLine], *, actor: str, at: datetime
) -> TakenBack:
    """The return's id is the cause: whatever is done twice, its units come back once (L1)."""
    moves = [
        move
        for each in comebacks
        if each.disposition is Disposition.RESTOCK
        for move in _movements(each, lines[each.line_id], actor)
    ]
    await levels.lock_levels(tx, [move.sku for move in moves])
    recorded = await ledger.record(tx, moves, at=at)
    freed = [*recorded, *await put_aside(tx, [move.sku for move in moves], at=at)]
    touched = await publications.mark(tx, freed, at=at)
    return TakenBack([each.id for each in comebacks], touched, set(freed))


def _movements(each: Comeback, line: ShippedLine, actor: str) -> list[levels.Movement]:
    return [
        levels.Movement(
            id=uuid7(),
            sku=sku,
            location=each.location or "",
            kind="return",
            on_hand_change=each.quantity * units,
            allocated_change=0,
            cause="return",
            cause_id=str(each.id),
            order_line_id=each.line_id,
            actor=actor,
            reason=each.reason,
        )
        for sku, units in line.parts.items()
    ]


def _event(kind: Kind, actor: str, line: ShippedLine, each: Comeback, rma: int) -> Event:
    facts = {"rma": rma, "units": each.quantity, "line": line.name, "disposition": str(each.disposition)}
    return Event(kind, actor, order_id=line.order_id, facts=facts)


def _refuse_gone(ids: Sequence[UUID], decided: Sequence[Comeback]) -> None:
    gone = sorted(set(ids) - {each.id for each in decided}, key=str)
    if gone:
        msg = f"return {gone[0]} does not wait to be looked at: it never did, or somebody has decided already"
        raise WrongStateError(msg)

"""Take back: shipped goods come back, and a person says what becomes of them. What is restocked is sold again, once.

Nothing is filled here: orders are locked before levels, always, so units that came free go to waiting orders in a
transaction of their own (`hub.flows.stock.allocate`).
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from msgspec import Struct

from hub.flows.stock import ledger
from hub.flows.stock.known import refuse_strange
from hub.kit.ids import uuid7
from hub.model.errors import WrongStateError
from hub.model.orders.returns import Comeback, Disposition, ShippedLine, refuse_bad, refuse_bad_decision
from hub.model.telling.kinds import Kind
from hub.store import publications, returns
from hub.store.db import Tx
from hub.store.events import Event, add_events
from hub.store.stock import levels


class TakenBack(Struct, frozen=True):
    """Which of the returns were new, the channels to be told, and the SKUs of which units came free."""

    ids: list[UUID]
    touched: set[UUID]
    freed: set[str]


async def take_back(tx: Tx, comebacks: Sequence[Comeback], *, actor: str, at: datetime) -> TakenBack:
    """Take goods back; a return that was taken before changes nothing (L1).

    Raises InputError or NotFoundError before anything is written.
    """
    lines = await returns.lock_lines(tx, [each.line_id for each in comebacks])
    before = await returns.known(tx, [each.id for each in comebacks])
    new = list({each.id: each for each in comebacks if each.id not in before}.values())
    refuse_bad(new, lines)
    await refuse_strange(tx, [each.location for each in new if each.location])
    await returns.add_returns(tx, new, actor=actor, at=at)
    await add_events(tx, [_event("returned", actor, lines[each.line_id], each) for each in new], at=at)
    return await _restock(tx, new, lines, actor=actor, at=at)


async def inspect(
    tx: Tx, ids: Sequence[UUID], disposition: Disposition, location: str | None, *, actor: str, at: datetime
) -> TakenBack:
    """Decide over goods that were put aside. Raises WrongStateError where one of them waits for it no more."""
    aside = await returns.lock_aside(tx, ids)
    lines = await returns.lock_lines(tx, [each.order_line_id for each in aside])
    decided = [Comeback(each.id, each.order_line_id, each.quantity, disposition, location) for each in aside]
    _refuse_gone(ids, decided)
    refuse_bad_decision(decided, lines)
    await refuse_strange(tx, [location] if location else [])
    await returns.decide(tx, decided, actor=actor, at=at)
    await add_events(tx, [_event("inspected", actor, lines[each.line_id], each) for each in decided], at=at)
    return await _restock(tx, decided, lines, actor=actor, at=at)


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
    freed = await ledger.record(tx, moves, at=at)
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


def _event(kind: Kind, actor: str, line: ShippedLine, each: Comeback) -> Event:
    facts = {"units": each.quantity, "line": line.name, "disposition": str(each.disposition)}
    return Event(kind, actor, order_id=line.order_id, facts=facts)


def _refuse_gone(ids: Sequence[UUID], decided: Sequence[Comeback]) -> None:
    gone = sorted(set(ids) - {each.id for each in decided}, key=str)
    if gone:
        msg = f"return {gone[0]} does not wait to be looked at: it never did, or somebody has decided already"
        raise WrongStateError(msg)

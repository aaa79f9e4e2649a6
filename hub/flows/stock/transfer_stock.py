"""Transfer: draft, send, receive, cancel. What is in transit lies nowhere, and is counted for nobody."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from msgspec import Struct

from hub.flows.stock.allocate import lock_short
from hub.flows.stock.known import refuse_stockless, refuse_strange
from hub.flows.stock.move_stock import record_moves
from hub.kit.ids import uuid7
from hub.model.errors import InputError, NotFoundError, OutOfStockError
from hub.model.stock.levels import Level
from hub.model.stock.lines import Units, summed
from hub.model.stock.transfers import Arrival, Line, State, Step, arrive, step
from hub.model.telling.kinds import Kind
from hub.store.db import Tx
from hub.store.events import Event, add_events
from hub.store.stock import levels, lots, transfers
from hub.store.stock.levels import Movement
from hub.store.stock.transfers import Held

CAUSE = "transfer"


class Draft(Struct, frozen=True):
    """A transfer to be made; `id` makes it only once."""

    id: UUID
    source: str
    target: str
    lines: Sequence[Units]
    note: str = ""


class Parcel(Struct, frozen=True):
    """What came of a transfer; `id` makes it arrive only once. `came` None: all that is in transit.

    With `close`, what has not come by now is lost. Anything lost or found needs a reason.
    """

    id: UUID
    came: Mapping[str, int] | None = None
    close: bool = False
    reason: str = ""


async def draft_transfer(tx: Tx, draft: Draft, *, actor: str, at: datetime) -> int:
    """Return its number; nothing moves yet. Raises InputError or NotFoundError."""
    lines = summed(draft.lines, what="transfer")
    if draft.source == draft.target:
        msg = f"a transfer goes from one location to another, and both ends of this one are {draft.source}"
        raise InputError(msg, field="target")
    await refuse_stockless(tx, lines)
    await refuse_strange(tx, [draft.source, draft.target])
    new = transfers.NewTransfer(draft.id, draft.source, draft.target, draft.note)
    number, is_new = await transfers.add_transfer(tx, new, lines, actor=actor, at=at)
    if is_new:
        await _note(tx, "transfer drafted", number, actor, at=at, units=sum(lines.values()))
    return number


async def change_draft(tx: Tx, number: int, lines: Sequence[Units], *, actor: str, at: datetime) -> None:
    """Make these the lines of a draft. Raises InputError, NotFoundError or WrongStateError."""
    units = summed(lines, what=f"transfer {number}")
    held = await _lock(tx, number)
    step(number, held.state, Step.CHANGE)
    await refuse_stockless(tx, units)
    await transfers.put_lines(tx, held.id, units)
    await _note(tx, "transfer changed", number, actor, at=at, units=sum(units.values()))


async def cancel_transfer(tx: Tx, number: int, *, actor: str, at: datetime) -> None:
    """Give up a draft. Raises NotFoundError or WrongStateError."""
    held = await _lock(tx, number)
    after = step(number, held.state, Step.CANCEL)
    if after is not held.state:
        await transfers.close(tx, held.id, after, actor=actor, at=at)
        await _note(tx, "transfer canceled", number, actor, at=at)


async def send_transfer(tx: Tx, number: int, *, actor: str, at: datetime) -> set[UUID]:
    """Take the units from their location; return the channels to be told. One that is sent already is not sent again.

    Raises OutOfStockError naming what is free where promised units would have to go; then nothing is sent.
    """
    held = await _lock(tx, number)
    after = step(number, held.state, Step.SEND)
    if after is held.state:
        return set()
    short = await lock_short(tx, [line.sku for line in held.lines])
    _refuse_promised(held, await levels.lock_levels(tx, [line.sku for line in held.lines]))
    moves = [_out(held, line, actor) for line in held.lines]
    await transfers.note_sent(tx, held.id, actor=actor, at=at)
    event = _event("transfer sent", number, actor, units=sum(line.units for line in held.lines))
    return await record_moves(tx, moves, short, event=event, at=at)


async def receive_transfer(tx: Tx, number: int, parcel: Parcel, *, actor: str, at: datetime) -> set[UUID]:
    """Put what came to its location; return the channels to be told. A parcel that is known already changes nothing.

    What is lost arrives by the books and is adjusted away with its reason, so that every unit has its movements.
    Raises InputError, NotFoundError or WrongStateError.
    """
    held = await _lock(tx, number)
    if await transfers.has_arrived(tx, parcel.id):
        return set()
    step(number, held.state, Step.RECEIVE)
    arrivals = arrive(held.lines, parcel.came, close=parcel.close)
    _refuse_unexplained(arrivals, parcel)
    short = await lock_short(tx, [each.sku for each in arrivals])
    await transfers.add_arrival(tx, held.id, parcel.id, reason=parcel.reason, actor=actor, at=at)
    await transfers.note_arrived(tx, held.id, arrivals)
    if sum(line.in_transit for line in held.lines) == sum(each.received + each.lost for each in arrivals):
        await transfers.close(tx, held.id, State.RECEIVED, actor=actor, at=at)
    event = _event("transfer received", number, actor, **_sums(arrivals))
    moves, on_the_way = _arrived(held, parcel, arrivals, actor), await lots.in_transit(tx, held.id)
    brings = {each.id: on_the_way.get(each.sku, {}) for each in moves}
    return await record_moves(tx, moves, short, event=event, at=at, brings=brings)


async def _lock(tx: Tx, number: int) -> Held:
    held = await transfers.lock_transfer(tx, number)
    if held is None:
        msg = f"there is no transfer {number}: see hub transfer list"
        raise NotFoundError(msg)
    return held


def _refuse_promised(held: Held, locked: Sequence[Level]) -> None:
    """Promised units stay where they are; safety stock may go."""
    here = [each for each in locked if each.location == held.source]
    free = {each.sku: max(0, each.on_hand - each.allocated - each.reserved) for each in here}
    lacks = {place: line.units - free.get(line.sku, 0) for place, line in enumerate(held.lines)}
    short = {place: units for place, units in lacks.items() if units > 0}
    if short:
        named = [f"{held.lines[place].sku} {free.get(held.lines[place].sku, 0)}" for place in short][:5]
        msg = (
            f"transfer {held.number} would send promised units away from {held.source}, where free is only"
            f" {', '.join(named)}: send fewer, or wait until the orders have left; nothing was sent"
        )
        raise OutOfStockError(msg, short)


def _refuse_unexplained(arrivals: Sequence[Arrival], parcel: Parcel) -> None:
    odd = next((each for each in arrivals if each.lost or each.found), None)
    if odd is not None and not parcel.reason.strip():
        found = f"{odd.found} of {odd.sku} came that were not sent"
        what = f"{odd.lost} of {odd.sku} are missing" if odd.lost else found
        msg = f"{what}: say why, such as 'broken on the way'"
        raise InputError(msg, field="reason")


def _out(held: Held, line: Line, actor: str) -> Movement:
    return _movement(held, held.id, held.source, ("transfer out", line.sku, -line.units), actor)


def _arrived(held: Held, parcel: Parcel, arrivals: Sequence[Arrival], actor: str) -> list[Movement]:
    moves = []
    for each in arrivals:
        for kind, units in (
            ("transfer in", each.received + each.lost),
            ("adjustment", each.found - each.lost),
        ):
            if units:
                moves.append(
                    _movement(held, parcel.id, held.target, (kind, each.sku, units), actor, parcel.reason)
                )
    return moves


def _movement(
    held: Held, cause_id: UUID, location: str, what: tuple[str, str, int], actor: str, reason: str = ""
) -> Movement:
    kind, sku, units = what
    said = reason or f"transfer {held.number}, {held.source} to {held.target}"
    return Movement(uuid7(), sku, location, kind, units, 0, CAUSE, str(cause_id), None, actor, said)


def _sums(arrivals: Sequence[Arrival]) -> dict[str, int]:
    return {name: sum(getattr(each, name) for each in arrivals) for name in ("received", "lost", "found")}


def _event(kind: Kind, number: int, actor: str, **facts: object) -> Event:
    return Event(kind, actor, facts={"transfer": number, **facts})


async def _note(tx: Tx, kind: Kind, number: int, actor: str, *, at: datetime, **facts: object) -> None:
    await add_events(tx, [_event(kind, number, actor, **facts)], at=at)

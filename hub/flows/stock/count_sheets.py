"""Count: begin a sheet, enter what lies there from any number of devices, review the differences, post them once."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from hub.flows.stock.allocate import lock_short
from hub.flows.stock.known import refuse_stockless, refuse_strange
from hub.flows.stock.move_stock import begin_to_tell, record_moves
from hub.kit.ids import uuid7
from hub.model.errors import InputError, NotFoundError, StaleError
from hub.model.stock.counts import Entry, Line, Scope, State, entered, refuse_closed, refuse_undecided
from hub.model.telling.kinds import Kind
from hub.store.db import Tx
from hub.store.events import Event, add_events
from hub.store.stock import counts, levels
from hub.store.stock.counts import Begun, Held
from hub.store.stock.levels import Movement

CAUSE = "count sheet"
RISKIEST_MAX = 1_000


class Plan(Struct, frozen=True):
    """A sheet to be begun; `id` makes it only once. `riskiest` is how many SKUs, `skus` are chosen ones; else all."""

    id: UUID
    location: str
    riskiest: int = 0
    skus: Sequence[str] = ()
    blind: bool = False
    note: str = ""

    @property
    def scope(self) -> Scope:
        if self.riskiest:
            return Scope.RISKIEST
        return Scope.CHOSEN if self.skus else Scope.LOCATION


async def begin_count(tx: Tx, plan: Plan, *, actor: str, at: datetime) -> Begun:
    """Put on a sheet what is to be counted. Raises InputError, NotFoundError or WrongStateError."""
    if not 0 <= plan.riskiest <= RISKIEST_MAX or (plan.riskiest and plan.skus):
        msg = f"count either the riskiest SKUs, from 1 to {RISKIEST_MAX} of them, or those you name"
        raise InputError(msg, field="riskiest")
    await refuse_strange(tx, [plan.location])
    await refuse_stockless(tx, plan.skus)
    new = counts.NewSheet(plan.id, plan.location, plan.scope, plan.blind, plan.note)
    begun = await counts.add_sheet(tx, new, skus=plan.skus, limit=plan.riskiest, actor=actor, at=at)
    if begun.is_new and not begun.lines and plan.scope is Scope.RISKIEST:
        msg = f"nothing lies at {plan.location} that is not being counted already: see hub count list"
        raise InputError(msg, field="location")
    if begun.is_new:
        await _note(tx, "count begun", begun.number, actor, at=at, lines=begun.lines)
    return begun


async def enter_counts(tx: Tx, number: int, entries: Sequence[Entry], *, at: datetime) -> list[Line]:
    """Enter what was found; return the lines as they stand now. An entry that is known already counts for nothing.

    What the books have is read as it is entered, so movements before it are no difference. On a sheet of the whole
    location any SKU may be found. Raises InputError, NotFoundError or WrongStateError.
    """
    held = await _hold(tx, number)
    refuse_closed(number, held.state)
    named = sorted({each.sku for each in entries})
    await refuse_stockless(tx, named)
    if held.scope is Scope.LOCATION:
        await counts.add_lines(tx, held.id, named)
    lines = await counts.lock_lines(tx, held.id, named)
    _refuse_not_on_it(held, lines, named)
    new = await counts.add_entries(tx, held.id, entries, at=at)
    books = await counts.on_hand_at(tx, held.location, named)
    news = _by_sku([each for each in entries if each.id in new])
    changed = [
        entered(line, news[line.sku], on_hand=books.get(line.sku, 0), at=at)
        for line in lines
        if line.sku in news
    ]
    await counts.put_lines(tx, held.id, changed)
    after = {line.sku: line for line in [*lines, *changed]}
    return [after[sku] for sku in named]


async def find_none(tx: Tx, number: int, *, by: str, at: datetime) -> int:
    """Say that of all that nobody has counted there is none; return how many SKUs that are."""
    held = await _hold(tx, number)
    lines = [line for line in await counts.lock_lines(tx, held.id) if line.counted is None]
    await enter_counts(tx, number, [Entry(uuid7(), line.sku, 0, by=by) for line in lines], at=at)
    return len(lines)


async def accept(tx: Tx, number: int, skus: Iterable[str], reason: str, *, actor: str, at: datetime) -> None:
    """Take the differences of these SKUs as they are, with a reason. Raises InputError for one nobody has counted."""
    if not reason.strip():
        msg = "say why they differ, such as 'stolen' or 'put on the wrong shelf'"
        raise InputError(msg, field="reason")
    held, lines = await _lines(tx, number, skus)
    uncounted = [line.sku for line in lines if line.counted is None]
    if uncounted:
        msg = f"nobody has counted {', '.join(uncounted[:5])} yet: count it first"
        raise InputError(msg, field="sku")
    await counts.put_lines(tx, held.id, [replace(line, reason=reason) for line in lines])
    await _note(tx, "count accepted", number, actor, at=at, skus=[line.sku for line in lines][:20])


async def count_again(tx: Tx, number: int, skus: Iterable[str], *, actor: str, at: datetime) -> None:
    """Forget what was counted of these SKUs: somebody looks again."""
    held, lines = await _lines(tx, number, skus)
    await counts.put_lines(tx, held.id, [Line(line.sku) for line in lines])
    await _note(tx, "count to be repeated", number, actor, at=at, skus=[line.sku for line in lines][:20])


class Posted(Struct, frozen=True):
    """`changed` SKUs got another level, `left_out` were not counted and stay as they are."""

    touched: set[UUID]
    counted: int
    changed: int
    left_out: int


async def post_count(tx: Tx, number: int, *, reason: str = "", actor: str, at: datetime) -> Posted:
    """Post the differences as movements, once; `reason` is for those that have none of their own.

    A sheet that is posted already changes nothing more.
    Raises InputError, NotFoundError, StaleError or WrongStateError.
    """
    held = await _hold(tx, number, alone=True)
    if held.state is State.POSTED:
        return Posted(set(), 0, 0, 0)
    refuse_closed(number, held.state)
    lines = await counts.lock_lines(tx, held.id)
    counted = [replace(line, reason=line.reason or reason) for line in lines if line.counted is not None]
    await _refuse_unsound(tx, held, counted)
    changed = [line for line in counted if line.difference]
    touched = await _record(tx, held, counted, changed, actor=actor, at=at)
    await counts.put_lines(tx, held.id, changed)
    await counts.close(tx, held.id, State.POSTED, actor=actor, at=at)
    return Posted(touched, len(counted), len(changed), len(lines) - len(counted))


async def drop_count(tx: Tx, number: int, *, actor: str, at: datetime) -> None:
    """Give a sheet up: what was entered on it stays to be read, and moves nothing."""
    held = await _hold(tx, number, alone=True)
    if held.state is State.DROPPED:
        return
    refuse_closed(number, held.state)
    await counts.close(tx, held.id, State.DROPPED, actor=actor, at=at)
    await _note(tx, "count dropped", number, actor, at=at)


async def _record(
    tx: Tx, held: Held, counted: Sequence[Line], changed: Sequence[Line], *, actor: str, at: datetime
) -> set[UUID]:
    short = await lock_short(tx, [line.sku for line in counted])
    seen = [levels.Seen(line.sku, held.location, line.counted_at or at) for line in counted]
    await levels.note_seen(tx, seen)
    movements = [_movement(held, line, actor) for line in changed]
    facts = {"count": held.number, "counted": len(counted), "changed": len(changed)}
    touched = await record_moves(tx, movements, short, event=Event("count posted", actor, facts=facts), at=at)
    return touched | await begin_to_tell(tx, [line.sku for line in counted], at=at)


async def _refuse_unsound(tx: Tx, held: Held, counted: Sequence[Line]) -> None:
    if not counted:
        msg = f"nothing was counted on sheet {held.number}: enter what lies there, or drop the sheet"
        raise InputError(msg)
    refuse_undecided(held.number, counted)
    anew = await counts.counted_anew(tx, held)
    if anew:
        msg = (
            f"{', '.join(anew[:5])}: another count was posted since, so this one is out of date: have it counted again,"
            f" with: hub count review {held.number} --again SKU"
        )
        raise StaleError(msg)


async def _lines(tx: Tx, number: int, skus: Iterable[str]) -> tuple[Held, list[Line]]:
    held = await _hold(tx, number)
    refuse_closed(number, held.state)
    named = sorted({*skus})
    lines = await counts.lock_lines(tx, held.id, named)
    _refuse_not_on_it(held, lines, named)
    return held, lines


def _by_sku(entries: Sequence[Entry]) -> dict[str, list[Entry]]:
    grouped: dict[str, list[Entry]] = {}
    for entry in entries:
        grouped.setdefault(entry.sku, []).append(entry)
    return grouped


def _refuse_not_on_it(held: Held, lines: Sequence[Line], named: Sequence[str]) -> None:
    if not named:
        msg = "say which SKU was counted"
        raise InputError(msg, field="sku")
    strange = sorted({*named} - {line.sku for line in lines})
    if strange:
        msg = (
            f"{', '.join(strange[:5])}: not on count sheet {held.number}, which counts only what stands on it"
        )
        raise InputError(msg, field="sku")


async def _hold(tx: Tx, number: int, *, alone: bool = False) -> Held:
    held = await counts.hold_sheet(tx, number, alone=alone)
    if held is None:
        msg = f"there is no count sheet {number}: see hub count list"
        raise NotFoundError(msg)
    return held


def _movement(held: Held, line: Line, actor: str) -> Movement:
    return Movement(
        id=uuid7(),
        sku=line.sku,
        location=held.location,
        kind="count",
        on_hand_change=line.difference,
        allocated_change=0,
        cause=CAUSE,
        cause_id=str(held.id),
        actor=actor,
        reason=line.reason,
    )


async def _note(tx: Tx, kind: Kind, number: int, actor: str, *, at: datetime, **facts: object) -> None:
    await add_events(tx, [Event(kind, actor, facts={"count": number, **facts})], at=at)

"""Ask for returns, and say yes or no to them: RMAs are opened, approved, declined or called off before goods arrive."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from hub.kit.ids import uuid7
from hub.model.errors import InputError, NotFoundError
from hub.model.orders.returns import REASON_MAX
from hub.model.orders.rmas import Request, Rma, State, Step, after, refuse_bad_request
from hub.model.telling.kinds import Kind
from hub.store import returns, rmas
from hub.store.db import Tx
from hub.store.events import Event, add_events
from hub.store.rmas import NewLine, NewRma

DECISIONS = frozenset({Step.APPROVE, Step.DECLINE, Step.CANCEL})
KINDS: Mapping[State, Kind] = {
    State.REQUESTED: "return requested",
    State.APPROVED: "return approved",
    State.DECLINED: "return declined",
    State.CANCELED: "return canceled",
}


async def ask_returns(tx: Tx, requests: Sequence[Request], *, actor: str, at: datetime) -> list[int]:
    """Open RMAs, and return their numbers in this order; one that was asked for before has the number it has.

    Raises InputError or NotFoundError with nothing written.
    """
    line_ids = [each.line_id for request in requests for each in request.lines]
    lines = await returns.lock_lines(tx, line_ids)
    known = await rmas.numbers_of(tx, [each.id for each in requests])
    new = list({each.id: each for each in requests if each.id not in known}.values())
    expected = await rmas.expected_of(tx, line_ids)
    for request in new:
        refuse_bad_request(request, lines, expected)
        for each in request.lines:
            expected[each.line_id] = expected.get(each.line_id, 0) + each.quantity
    heads = [NewRma(each.id, lines[each.lines[0].line_id].order_id, _begins(each)) for each in new]
    rows = [
        NewLine(uuid7(), request.id, each.line_id, each.quantity, each.wish, each.reason.strip())
        for request in new
        for each in request.lines
    ]
    numbers = known | await rmas.add_rmas(tx, heads, rows, actor=actor, at=at)
    units = {request.id: sum(each.quantity for each in request.lines) for request in new}
    told = [
        Event(
            KINDS[each.state],
            actor,
            each.order_id,
            facts={"rma": numbers[each.id], "units": units[each.id]},
        )
        for each in heads
    ]
    await add_events(tx, told, at=at)
    return [numbers[each.id] for each in requests]


async def decide_returns(
    tx: Tx, numbers: Sequence[int], step: Step, *, note: str = "", actor: str, at: datetime
) -> None:
    """Approve, decline or call off RMAs before goods arrive. Raises InputError, NotFoundError or WrongStateError."""
    if step not in DECISIONS or len(note) > REASON_MAX:
        msg = f"say approve, decline or cancel, and why in {REASON_MAX} characters at most"
        raise InputError(msg, field="reason")
    held = await lock_named(tx, numbers)
    states = {each.id: after(each.number, each.state, step) for each in held}
    await rmas.set_states(tx, states, at=at, note=note.strip())
    told = [Event(KINDS[states[each.id]], actor, each.order_id, facts={"rma": each.number}) for each in held]
    await add_events(tx, told, at=at)


async def lock_named(tx: Tx, numbers: Sequence[int]) -> list[Rma]:
    """Raises NotFoundError."""
    held = await rmas.lock_rmas(tx, numbers)
    if strange := [number for number in numbers if number not in held]:
        msg = f"there is no RMA {strange[0]}: see hub rma list"
        raise NotFoundError(msg)
    return [held[number] for number in sorted(held)]


def _begins(request: Request) -> State:
    return State.APPROVED if request.approved else State.REQUESTED

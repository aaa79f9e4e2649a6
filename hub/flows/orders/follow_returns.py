"""Follow returns: what a channel says of returns that were asked for there becomes RMAs, in whatever order it says it.

What the channel calls received is a fact: the goods are put aside to be looked at, no more than are out. A step that
the table of states does not have is not taken: a person has gone further here.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from uuid import UUID

from msgspec.structs import replace

from hub.flows.orders.ask_return import DECISIONS, KINDS
from hub.flows.orders.followed import Followed, Wait
from hub.flows.orders.take_back import receive
from hub.kit.ids import uuid7
from hub.model.orders.returns import ShippedLine
from hub.model.orders.rmas import NEXT, Arrival, Rma, State, Step
from hub.spec import IncomingReturn, ReturnState
from hub.store import returns, rmas
from hub.store.db import Tx
from hub.store.events import Event, add_events
from hub.store.rmas import NewLine, NewRma, Theirs

STATES: Mapping[ReturnState, State] = {
    ReturnState.REQUESTED: State.REQUESTED,
    ReturnState.ACCEPTED: State.APPROVED,
    ReturnState.REFUSED: State.DECLINED,
    ReturnState.ON_ITS_WAY: State.APPROVED,
    ReturnState.RECEIVED: State.APPROVED,
    ReturnState.CLOSED: State.APPROVED,
    ReturnState.CANCELED: State.CANCELED,
}
"""How far the channel's word alone takes an RMA; goods that arrived take it further."""
NO_ORDER = "the hub holds no order {} of this channel, or none of its lines: take the goods back by hand"


async def follow_returns(
    tx: Tx, channel_id: UUID, told: Sequence[IncomingReturn], *, actor: str, at: datetime
) -> Followed:
    """Fold what a channel says of its returns into RMAs; what is older than what was said before changes nothing (L2).

    Takes no decision back: goods that arrived stay, and what a person settled is settled.
    """
    newest = {each.channel_return_id: each for each in sorted(told, key=_key)}
    orders = {each.channel_order_id for each in newest.values()}
    ids = await rmas.lock_channel_lines(tx, channel_id, sorted(orders))
    lines = await returns.lock_lines(tx, list(ids.values()))
    before = await rmas.theirs(tx, channel_id, sorted(newest))
    news = [each for name, each in newest.items() if name not in before or _key(each) > before[name].key]
    new = {each.channel_return_id: uuid7() for each in news if each.channel_return_id not in before}
    await _open(tx, [each for each in news if each.channel_return_id in new], new, ids, lines, actor, at)
    held = await rmas.theirs(tx, channel_id, [each.channel_return_id for each in news])
    moved = {held[each.channel_return_id].rma.id: then for each in news if (then := _moved(each, held))}
    await rmas.set_states(tx, moved, at=at)
    await rmas.set_keys(tx, {held[name].rma.id: _key(newest[name]) for name in held})
    await add_events(tx, _events(held, new, moved, actor), at=at)
    arrivals = _of_what_is_out(
        (each for one in news for each in _arrivals(one, held, moved, ids, lines)), lines
    )
    done = await receive(tx, arrivals, actor=actor, at=at)
    strange = [name for name in new if name not in held]
    return Followed(done, {name: Wait(NO_ORDER.format(newest[name].channel_order_id)) for name in strange})


def _key(told: IncomingReturn) -> str:
    return f"{told.revision:010} {told.updated_at.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%f}"


async def _open(
    tx: Tx,
    told: Sequence[IncomingReturn],
    new: Mapping[str, UUID],
    ids: Mapping[tuple[str, str], UUID],
    lines: Mapping[UUID, ShippedLine],
    actor: str,
    at: datetime,
) -> None:
    """Begin an RMA for each of these of which the hub holds a line."""
    heads: list[NewRma] = []
    rows: list[NewLine] = []
    for each in told:
        rma_id = new[each.channel_return_id]
        known = [
            NewLine(uuid7(), rma_id, line_id, line.quantity, reason=line.reason)
            for line in each.lines
            if line.quantity and (line_id := ids.get((each.channel_order_id, line.channel_line_id)))
        ]
        if known:
            order_id = lines[known[0].line_id].order_id
            heads.append(NewRma(rma_id, order_id, STATES[each.state], each.channel_return_id))
            rows += known
    await rmas.add_rmas(tx, heads, rows, actor=actor, at=at)


def _moved(told: IncomingReturn, held: Mapping[str, Theirs]) -> State | None:
    """Where the channel's word takes an RMA, if its table has the step."""
    theirs = held.get(told.channel_return_id)
    if theirs is None:
        return None
    ways = [NEXT[theirs.rma.state, step] for step in DECISIONS if (theirs.rma.state, step) in NEXT]
    return STATES[told.state] if STATES[told.state] in ways else None


def _events(
    held: Mapping[str, Theirs], new: Mapping[str, UUID], moved: Mapping[UUID, State], actor: str
) -> list[Event]:
    states = {each.rma.id: each.rma.state for name, each in held.items() if name in new} | dict(moved)
    by_id = {each.rma.id: each.rma for each in held.values()}
    return [
        Event(
            KINDS[state],
            actor,
            by_id[rma_id].order_id,
            facts={
                "rma": by_id[rma_id].number,
                "units": sum(line.quantity for line in by_id[rma_id].lines),
            },
        )
        for rma_id, state in states.items()
    ]


def _arrivals(
    told: IncomingReturn,
    held: Mapping[str, Theirs],
    moved: Mapping[UUID, State],
    ids: Mapping[tuple[str, str], UUID],
    lines: Mapping[UUID, ShippedLine],
) -> list[Arrival]:
    """Units that are back by the channel's word and not by ours; the id of each follows from how many are back then."""
    theirs = held.get(told.channel_return_id)
    if theirs is None or (moved.get(theirs.rma.id, theirs.rma.state), Step.RECEIVE) not in NEXT:
        return []
    back = {ids.get((told.channel_order_id, line.channel_line_id)): line.received for line in told.lines}
    return [
        arrival for line in theirs.rma.lines if (arrival := _arrival(theirs.rma, line.line_id, back, lines))
    ]


def _arrival(
    rma: Rma, line_id: UUID, back: Mapping[UUID | None, int], lines: Mapping[UUID, ShippedLine]
) -> Arrival | None:
    line, sold = rma.line_of(line_id), lines[line_id]
    units = min(back.get(line_id, 0) - line.received, line.expected)
    if units <= 0 or sold.kind != "item":
        return None
    return Arrival(UUID(int=(line.id.int + line.received + 1) % 2**128), rma.number, line_id, units)


def _of_what_is_out(arrivals: Iterable[Arrival], lines: Mapping[UUID, ShippedLine]) -> list[Arrival]:
    """No more units of a line than are out, however many returns bring them."""
    out = {line.id: line.shipped - line.returned for line in lines.values()}
    found = []
    for each in arrivals:
        units = min(each.quantity, out[each.line_id])
        if units > 0:
            found.append(replace(each, quantity=units))
            out[each.line_id] -= units
    return found

"""Hold: put orders on hold, say whose each hold is, and resolve many at once. A hold may give its order's stock back.

Orders that were canceled wait for nothing, and no word ends a hold that is a fact about stock.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import partial
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from hub.flows.orders.edit import lock_numbers
from hub.flows.orders.end_unpaid import keep_unpaid
from hub.flows.stock.allocate import fill_short, give_back
from hub.kit.ids import uuid7
from hub.model.errors import InputError, WrongStateError
from hub.model.orders.drafts import Moved
from hub.model.orders.holds import Hold, Stock, refuse_bad, refuse_facts
from hub.store import holds, orders
from hub.store.db import Tx
from hub.store.events import Event, add_events
from hub.store.order_lines import LineStock
from hub.store.orders import HeldOrder


class Held(Struct, frozen=True):
    """Which holds were not there before, by order number and reason, and the channels to be told."""

    new: list[tuple[int, str]]
    touched: set[UUID]


class Resolved(Struct, frozen=True):
    """The orders that had the hold, those of them that are promised their stock anew, and the channels to be told."""

    numbers: list[int]
    again: list[int]
    touched: set[UUID]


async def put_holds(tx: Tx, wanted: Sequence[Hold], *, actor: str, at: datetime) -> Held:
    """Put orders on hold. One that is there keeps its age, and takes over what is said anew.

    Raises InputError, NotFoundError or WrongStateError with nothing written.
    """
    refuse_bad(wanted)
    held = await _lock(tx, [each.order for each in wanted])
    new = [each for each in wanted if each.reason not in held[each.order].holds]
    rows = {(held[each.order].id, each.reason): _row(held[each.order].id, each) for each in wanted}
    await holds.put_facts(tx, list(rows.values()), actor=actor, at=at)
    asked, news = _by_order(wanted), _by_order(new)
    after = {
        order.id: sorted({*order.holds, *(each.reason for each in asked[number])})
        for number, order in held.items()
    }
    await holds.set_holds(tx, after, at=at)
    events = [_held_event(order, news[number], actor) for number, order in held.items() if number in news]
    await add_events(tx, events, at=at)
    letting_go = [
        replace(held[number], holds=after[held[number].id], released=True)
        for number in sorted({each.order for each in wanted if each.stock is Stock.RELEASED})
    ]
    pairs = {(each.order, each.reason) for each in new}
    return Held(sorted(pairs), await _let_go(tx, letting_go, actor=actor, at=at))


async def _lock(tx: Tx, numbers: Iterable[int]) -> dict[int, HeldOrder]:
    held = {order.number: order for order in await lock_numbers(tx, sorted(set(numbers)))}
    canceled = sorted(number for number, order in held.items() if order.canceled)
    if canceled:
        msg = f"order {canceled[0]} is canceled: it waits for nothing; nothing was changed"
        raise WrongStateError(msg)
    return held


def _row(order_id: UUID, hold: Hold) -> holds.HoldRow:
    return holds.HoldRow(order_id, hold.reason, hold.stock, hold.note, hold.owner, hold.due_at)


def _by_order(wanted: Sequence[Hold]) -> dict[int, list[Hold]]:
    found: dict[int, list[Hold]] = {}
    for each in wanted:
        found.setdefault(each.order, []).append(each)
    return found


def _held_event(order: HeldOrder, new: Sequence[Hold], actor: str) -> Event:
    facts: dict[str, object] = {"put": sorted({each.reason for each in new})}
    if any(each.stock is Stock.RELEASED for each in new):
        facts["stock"] = str(Stock.RELEASED)
    return Event("held", actor, order_id=order.id, facts=facts)


async def _let_go(tx: Tx, held: Sequence[HeldOrder], *, actor: str, at: datetime) -> set[UUID]:
    """Give back what these orders are promised; their places on backorder as well."""
    if not held:
        return set()
    run = uuid7()
    return await give_back(
        tx,
        held,
        cause="hold",
        cause_of=lambda line_id: f"{line_id}/{run}",
        tell=partial(_released_event, actor=actor),
        actor=actor,
        at=at,
    )


def _released_event(order: HeldOrder, moved: Moved, _after: Mapping[UUID, LineStock], *, actor: str) -> Event:
    units = -sum(moved.get(line.id, (0, 0))[1] for line in order.lines)
    return Event("released", actor, order_id=order.id, facts={"units": units})


async def assign_holds(
    tx: Tx,
    numbers: Sequence[int],
    reason: str,
    *,
    owner: str | None = None,
    note: str | None = None,
    due_at: datetime | None = None,
    actor: str,
    at: datetime,
) -> list[int]:
    """Say who looks after this hold of these orders, until when, and what is known; None leaves as it is.

    Returns the orders that have the hold. Raises InputError where it is too much to keep.
    """
    if not numbers:
        return []
    refuse_bad([Hold(numbers[0], "review", note or "", owner or "")])
    found = await holds.assign(tx, numbers, reason, owner=owner, note=note, due_at=due_at)
    facts = {"hold": reason} if owner is None else {"hold": reason, "owner": owner}
    events = [Event("assigned", actor, order_id=order_id, facts=facts) for order_id in found.values()]
    await add_events(tx, events, at=at)
    return sorted(found)


async def resolve_holds(tx: Tx, numbers: Sequence[int], reason: str, *, actor: str, at: datetime) -> Resolved:
    """Take a hold off these orders: a person, or a rule, has looked. One that has it no more stays as it is.

    An order that gave its stock back is promised it again, as far as there is; after a payment hold, for good. Raises
    WrongStateError for a hold that is a fact about stock.
    """
    if not reason:
        msg = "say which hold is resolved: its reason, such as review"
        raise InputError(msg, field="reason")
    refuse_facts(reason)
    touched = await keep_unpaid(tx, numbers, hours=None, actor=actor, at=at) if reason == "payment" else set()
    resolved = await holds.remove_hold(tx, numbers, reason, at=at)
    events = [
        Event("resolved", actor, order_id=each.id, channel_id=each.channel_id, facts={"hold": reason})
        for each in resolved
    ]
    await add_events(tx, events, at=at)
    back = [each.id for each in resolved if each.stock == Stock.RELEASED]
    again = [order for order in await orders.lock_open(tx, back) if order.keeps_stock]
    touched |= await fill_short(tx, again, actor=actor, at=at) if again else set()
    return Resolved([each.number for each in resolved], sorted(each.number for each in again), touched)

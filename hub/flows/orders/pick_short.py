"""Short pick: what is not on the shelf is taken off the books with a reason, and promised anew from what there is."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import partial
from uuid import UUID

from msgspec import Struct

from hub.flows.orders.pick import hold_list
from hub.flows.stock import ledger
from hub.flows.stock.allocate import (
    lock_stock,
    plan_wants,
    record_plan,
    sourcing_of,
    wants_beside,
    write_planned,
)
from hub.kit.ids import uuid7
from hub.model.errors import InputError
from hub.model.orders.drafts import Moved
from hub.model.orders.picking import Shortage, refuse_bad_reason, refuse_closed, shortage_of
from hub.model.stock.levels import Level
from hub.model.stock.wants import Want
from hub.store import orders, picking
from hub.store.db import Tx
from hub.store.events import Event
from hub.store.order_lines import LineStock
from hub.store.orders import HeldOrder
from hub.store.picking import HeldList
from hub.store.stock import levels

CAUSE = "short pick"


class Short(Struct, frozen=True):
    """All of a SKU that a list still asks for is not there; `id` is the cause of what that moves (L1).

    `shelf_is_empty`: nobody finds any more of it here, so the books keep only what pickers have in hand; else only
    what is missing goes, such as damaged units where there are others.
    """

    id: UUID
    sku: str
    reason: str
    shelf_is_empty: bool = True


class ShortPicked(Struct, frozen=True):
    """How many stock units were missing, by how much the books changed, and the channels to be told."""

    missing: int
    change: int
    touched: set[UUID]


async def pick_short(tx: Tx, number: int, short: Short, *, actor: str, at: datetime) -> ShortPicked:
    """Take what is not there off the list and off the books; what its orders lack is promised from elsewhere, or held.

    Raises InputError, NotFoundError or WrongStateError.
    """
    refuse_bad_reason(short.reason)
    held_orders = await orders.lock_open(tx, await picking.orders_on(tx, number))
    held = await hold_list(tx, number)
    refuse_closed(number, held.state)
    picks = await picking.picks_of(tx, held.id)
    if short.sku not in {each.sku for each in picks}:
        msg = f"{short.sku} is not on pick list {number}"
        raise InputError(msg, field="sku")
    lacking = shortage_of(picks, short.sku)
    if not lacking.missing:
        return ShortPicked(0, 0, set())
    await picking.end_short(tx, held.id, lacking.short)
    done = await _settle(tx, held, _of(held_orders, lacking.short), lacking, short, actor=actor, at=at)
    await picking.close_done(tx, [held.id], actor=actor, at=at)
    return done


async def _settle(
    tx: Tx,
    held: HeldList,
    lacking_orders: Sequence[HeldOrder],
    lacking: Shortage,
    short: Short,
    *,
    actor: str,
    at: datetime,
) -> ShortPicked:
    """Correct the books, then plan anew over what they say then."""
    wants = _wants(lacking_orders, lacking.short, held.location)
    before = await lock_stock(tx, wants, [short.sku])
    change = await _change(tx, held, short, lacking.missing, before.levels)
    moved = await ledger.record(tx, _adjusted(held, short, change, actor), at=at)
    plan = await plan_wants(tx, wants, {order.id: sourcing_of(order) for order in lacking_orders})
    tell = partial(_event, short=short, units=lacking.short, actor=actor)
    late = await write_planned(tx, lacking_orders, plan, wants, tell=tell, at=at)
    causes = {want.line_id: f"{want.line_id}/{short.id}" for want in wants}
    touched = await record_plan(
        tx, plan, cause=CAUSE, cause_of=causes.__getitem__, actor=actor, at=at, also=[*moved, *late]
    )
    return ShortPicked(lacking.missing, change, touched)


def _of(held: Sequence[HeldOrder], lines: Mapping[UUID, int]) -> list[HeldOrder]:
    return [order for order in held if any(line.id in lines for line in order.lines)]


def _wants(held: Sequence[HeldOrder], short: Mapping[UUID, int], location: str) -> list[Want]:
    """Give the missing units back at this location, and ask for as many anew, beside what the orders lacked before."""
    gone = {
        line.id: {location: min(short[line.id], line.picks.get(location, 0))}
        for order in held
        for line in order.lines
        if line.id in short
    }
    return [want for order in held for want in wants_beside(order, gone)]


async def _change(tx: Tx, held: HeldList, short: Short, missing: int, before: Sequence[Level]) -> int:
    if not short.shelf_is_empty:
        return -missing
    on_hand = sum(
        level.on_hand for level in before if (level.sku, level.location) == (short.sku, held.location)
    )
    return await picking.in_hand(tx, short.sku, held.location) - on_hand


def _adjusted(held: HeldList, short: Short, change: int, actor: str) -> list[levels.Movement]:
    if not change:
        return []
    adjusted = levels.Movement(
        id=uuid7(),
        sku=short.sku,
        location=held.location,
        kind="adjustment",
        on_hand_change=change,
        allocated_change=0,
        cause=CAUSE,
        cause_id=str(short.id),
        actor=actor,
        reason=short.reason,
    )
    return [adjusted]


def _event(
    order: HeldOrder,
    _moved: Moved,
    _after: Mapping[UUID, LineStock],
    *,
    short: Short,
    units: Mapping[UUID, int],
    actor: str,
) -> Event:
    facts: dict[str, object] = {
        "sku": short.sku,
        "units": sum(units.get(line.id, 0) for line in order.lines),
        "reason": short.reason,
    }
    return Event("picked short", actor, order_id=order.id, facts=facts)

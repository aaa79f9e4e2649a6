"""Allocate: lock the levels in (sku, location) order, plan over the whole batch, record the moves."""

from collections.abc import Callable, Sequence
from collections.abc import Set as AbstractSet
from datetime import datetime
from uuid import UUID

from msgspec.structs import replace

from hub.kit.ids import uuid7
from hub.model.orders.drafts import Moved, moved_by_line
from hub.model.orders.taking import HeldLine
from hub.model.stock.allocation import Move, Plan, Want, plan_allocation
from hub.store import orders, publications
from hub.store.db import Tx
from hub.store.events import Event, add_events
from hub.store.stock import levels

CauseOf = Callable[[UUID], str]
FILL_MAX = 5_000  # orders looked at when stock arrives; the rest follow with the next change


async def plan_wants(tx: Tx, wants: Sequence[Want]) -> Plan:
    """Lock what the wants touch and decide; nothing is written yet."""
    if not wants:
        return Plan([], {}, set())
    locked = await levels.lock_levels(tx, [sku for want in wants for sku in want.parts])
    return plan_allocation(wants, locked, await levels.places(tx))


async def record_plan(
    tx: Tx,
    plan: Plan,
    *,
    cause: str,
    cause_of: CauseOf,
    actor: str,
    at: datetime,
    also: Sequence[str] = (),
) -> set[UUID]:
    """Write the plan to the ledger and mark the listings it touched; return the channels to be told.

    `also` are SKUs the same transaction has moved before: their listings are marked here too, in one statement, since
    pushers lock many publications in one order.
    """
    moves = [
        levels.Movement(
            id=uuid7(),
            sku=sku,
            location=move.location,
            kind=move.kind,
            on_hand_change=move.on_hand_change * units,
            allocated_change=move.allocated_change * units,
            cause=cause,
            cause_id=cause_of(move.line_id),
            order_line_id=move.line_id,
            actor=actor,
        )
        for move in _once_each(plan.moves)
        for sku, units in move.parts.items()
    ]
    moved = await levels.record_movements(tx, moves, at=at)
    return await publications.mark(tx, [*moved, *also], at=at)


def _once_each(moves: Sequence[Move]) -> list[Move]:
    """Add up moves of one kind, line and place: one cause makes one movement, and a second would count as a repeat."""
    sums: dict[tuple[str, UUID, str], Move] = {}
    for move in moves:
        key = (move.kind, move.line_id, move.location)
        was = sums.get(key)
        sums[key] = move if was is None else _sum(was, move)
    return list(sums.values())


def _sum(one: Move, other: Move) -> Move:
    on_hand = one.on_hand_change + other.on_hand_change
    allocated = one.allocated_change + other.allocated_change
    return replace(one, on_hand_change=on_hand, allocated_change=allocated)


async def lock_short(tx: Tx, skus: Sequence[str]) -> list[orders.HeldOrder]:
    """Lock the orders that lack units of these SKUs, then the levels of all they lack and of these SKUs.

    Call it before anything else of the kind is locked, and once: orders come first, levels next, each in its order.
    """
    short = await orders.lock_short(tx, sorted(set(skus)), limit=FILL_MAX)
    lacking = [sku for order in short for want in _missing(order) for sku in want.parts]
    await levels.lock_levels(tx, [*skus, *lacking])
    return short


async def fill_short(
    tx: Tx, short: Sequence[orders.HeldOrder], *, actor: str, at: datetime, moved: Sequence[str] = ()
) -> set[UUID]:
    """Promise units that came free to the orders that lack them, the oldest first; return the channels to be told.

    `moved` are the SKUs whose stock has changed already; their channels are told as well.
    """
    plan = await plan_wants(tx, [want for order in short for want in _missing(order)])
    run = uuid7()
    touched = await record_plan(
        tx, plan, cause="fill", cause_of=lambda line_id: f"{line_id}/{run}", actor=actor, at=at, also=moved
    )
    await _write_filled(tx, short, plan, actor=actor, at=at)
    return touched


async def fill_waiting(tx: Tx, *, actor: str, at: datetime) -> set[UUID]:
    """Fill what could be filled now and waits all the same; return the channels to be told.

    It finds what no single change can: an order that came up short while stock arrived, units a cancel gave back,
    and what a change left over beyond FILL_MAX.
    """
    skus = await levels.skus_to_fill(tx)
    if not skus:
        return set()
    return await fill_short(tx, await lock_short(tx, skus), actor=actor, at=at)


def _missing(order: orders.HeldOrder) -> list[Want]:
    """What each line lacks: units that have left by the channel's word are a fact, the rest is to be promised."""
    wants = []
    for line in order.lines:
        live = line.quantity - line.canceled
        ship = max(0, min(line.fulfilled, live) - line.shipped)
        allocate = live - line.shipped - ship - max(0, line.allocated - ship)
        if line.sku is not None and line.kind == "item" and ship + allocate > 0:
            asked = max(0, allocate)
            wants.append(Want(line.id, order.id, line.parts, ship, asked, held=line.picks, place=order.place))
    return wants


async def _write_filled(
    tx: Tx, short: Sequence[orders.HeldOrder], plan: Plan, *, actor: str, at: datetime
) -> None:
    moved = moved_by_line(plan)
    filled = [
        _filled_line(line, *moved[line.id]) for order in short for line in order.lines if line.id in moved
    ]
    await orders.update_line_stock(tx, filled)
    below = await levels.below_zero(
        tx, [sku for order in short for line in order.lines for sku in line.parts]
    )
    holds = {order.id: kept for order in short if (kept := _holds_left(order, plan, below)) != order.holds}
    await orders.set_holds(tx, holds)
    changed = [order for order in short if any(line.id in moved for line in order.lines)]
    await add_events(tx, [_filled_event(order, moved, actor) for order in changed], at=at)


def _filled_line(line: HeldLine, on_hand: int, allocated: int) -> orders.LineStock:
    return orders.LineStock(
        id=line.id,
        sku=line.sku,
        units=line.units,
        canceled=line.canceled,
        allocated=line.allocated + allocated,
        shipped=line.shipped - on_hand,
    )


def _holds_left(order: orders.HeldOrder, plan: Plan, below_zero: AbstractSet[str]) -> list[str]:
    """Why the order still waits: it lacks units, its sale left a location below zero, or a line has no SKU."""
    items = [line for line in order.lines if line.kind == "item"]
    holds = set(order.holds) - {"oversold", "unmatched"}
    if any(line.id in plan.short or line.id in plan.exceeded or below_zero & {*line.parts} for line in items):
        holds.add("oversold")
    if any(line.sku is None and line.quantity - line.canceled > line.left_before for line in items):
        holds.add("unmatched")
    return sorted(holds)


def _filled_event(order: orders.HeldOrder, moved: Moved, actor: str) -> Event:
    changes = [moved.get(line.id, (0, 0)) for line in order.lines]
    facts = {
        "units": sum(allocated for _, allocated in changes),
        "shipped": -sum(on_hand for on_hand, _ in changes),
    }
    return Event("filled", actor, order_id=order.id, facts=facts)

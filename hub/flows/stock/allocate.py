"""Allocate: lock the levels in (sku, location) order, plan over the whole batch, record the moves."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import datetime
from functools import partial
from uuid import UUID

from msgspec.structs import replace

from hub.flows.stock import ledger
from hub.kit.ids import uuid7, uuid7s
from hub.model.orders.drafts import Moved, moved_by_line
from hub.model.orders.taking import HeldLine
from hub.model.stock.allocation import Move, Plan, plan_allocation
from hub.model.stock.sourcing import Sourcing
from hub.model.stock.wants import Want
from hub.model.telling.kinds import Kind
from hub.store import order_lines, orders, publications
from hub.store.db import Tx
from hub.store.events import Event, add_events
from hub.store.holds import set_holds
from hub.store.publications import Origin
from hub.store.stock import backorders, levels
from hub.store.stock.supply import Supply, lock_supply

CauseOf = Callable[[UUID], str]
Tell = Callable[[orders.HeldOrder, Moved, Mapping[UUID, order_lines.LineStock]], Event]
NOTHING: Mapping[UUID, int] = {}
FILL_MAX = 5_000  # orders looked at when stock arrives; the rest follow with the next change


async def plan_wants(tx: Tx, wants: Sequence[Want], how: Mapping[UUID, Sourcing]) -> Plan:
    """Lock what the wants touch and decide; nothing is written yet.

    `how` says by its id of each order its channel and where it goes; policy and locations are looked up here.
    """
    if not wants:
        return Plan([], {}, set())
    return plan_over(await lock_stock(tx, wants), wants, how)


def plan_over(there: Supply, wants: Sequence[Want], how: Mapping[UUID, Sourcing]) -> Plan:
    """As plan_wants, where everything is locked and read already."""
    places, said = there.locations, there.policies
    how = {order_id: each.with_rules(said.of(each.channel), places) for order_id, each in how.items()}
    return plan_allocation(wants, there.levels, places, how=how, ahead=there.ahead)


async def lock_stock(tx: Tx, wants: Sequence[Want], also: Sequence[str] = ()) -> Supply:
    """Lock what the wants, and these SKUs, draw on: what is sold ahead first, then the levels, each in its order."""
    sold = [*also, *(want.sku for want in wants)]
    return await lock_supply(tx, sold, [*also, *(sku for want in wants for sku in want.parts)])


async def record_plan(
    tx: Tx,
    plan: Plan,
    *,
    cause: str,
    cause_of: CauseOf,
    actor: str,
    at: datetime,
    also: Sequence[str] = (),
    origin: Origin | None = None,
    first: bool = False,
) -> set[UUID]:
    """Write the plan to the ledger and mark the listings it touched; return the channels to be told, as mark does.

    `also` are SKUs the same transaction has moved before: their listings are marked here too, in one statement, since
    pushers lock many publications in one order. `first`: all these lines are new, and so are the causes.
    """
    split = [(move, *part) for move in _once_each(plan.moves) for part in move.parts.items()]
    moves = [
        levels.Movement(
            id=new_id,
            sku=sku,
            location=move.location,
            kind=move.kind,
            on_hand_change=move.on_hand_change * units,
            allocated_change=move.allocated_change * units,
            cause=cause,
            cause_id=cause_of(move.line_id),
            order_line_id=move.line_id,
            actor=actor,
            reason=move.reason,
        )
        for new_id, (move, sku, units) in zip(uuid7s(len(split)), split, strict=True)
    ]
    moved = await ledger.record(tx, moves, at=at, first=first)
    falls = any(each.allocated_change > each.on_hand_change for each in moves)
    return await publications.mark(tx, [*moved, *also], at=at, origin=origin, falls=falls)


def _once_each(moves: Sequence[Move]) -> list[Move]:
    """Add up moves of one kind, line and place: one cause makes one movement, and a second would count as a repeat."""
    sums: dict[tuple[str, int, str], Move] = {}
    for move in moves:
        key = (move.kind, move.line_id.int, move.location)
        was = sums.get(key)
        sums[key] = move if was is None else _sum(was, move)
    return list(sums.values())


def _sum(one: Move, other: Move) -> Move:
    on_hand = one.on_hand_change + other.on_hand_change
    allocated = one.allocated_change + other.allocated_change
    return replace(one, on_hand_change=on_hand, allocated_change=allocated)


async def lock_short(tx: Tx, skus: Sequence[str]) -> list[orders.HeldOrder]:
    """Lock the orders that lack units of these SKUs, then the levels of all they lack and of these SKUs.

    Call it before anything else of the kind is locked, and once: orders come first, what is sold ahead and the levels
    next, each in its order.
    """
    short = await orders.lock_short(tx, sorted(set(skus)), limit=FILL_MAX)
    await lock_lacking(tx, short, skus)
    return short


async def lock_lacking(tx: Tx, short: Sequence[orders.HeldOrder], skus: Sequence[str]) -> None:
    """Lock the stock of all that these orders lack, and of these SKUs, where the orders are locked already."""
    await lock_stock(tx, [want for order in short for want in wants_of(order)], skus)


async def fill_short(
    tx: Tx,
    short: Sequence[orders.HeldOrder],
    *,
    actor: str,
    at: datetime,
    moved: Sequence[str] = (),
    origin: Origin | None = None,
) -> set[UUID]:
    """Promise units that came free to the orders that lack them, in their order; return the channels to be told.

    `moved` are the SKUs whose stock has changed already; their channels are told as well, of what had this `origin`.
    """
    wants = [want for order in short for want in wants_of(order)]
    plan = await plan_wants(tx, wants, {order.id: sourcing_of(order) for order in short})
    run = uuid7()
    ahead = await write_planned(tx, short, plan, wants, tell=partial(_filled_event, actor=actor), at=at)
    also = [*moved, *ahead]
    return await record_plan(
        tx,
        plan,
        cause="fill",
        cause_of=lambda line_id: f"{line_id}/{run}",
        actor=actor,
        at=at,
        also=also,
        origin=origin,
    )


async def give_back(
    tx: Tx,
    held: Sequence[orders.HeldOrder],
    *,
    cause: str,
    cause_of: CauseOf,
    tell: Tell,
    actor: str,
    at: datetime,
) -> set[UUID]:
    """Give back all that these orders, which are locked, are promised or wait for; return the channels to be told.

    What comes free goes to the orders that wait for it by the fill that comes next.
    """
    wants = [
        want_for(order, line, ship=0, allocate=0, release=line.allocated)
        for order in held
        for line in order.lines
        if line.sku is not None and (line.allocated or line.backordered)
    ]
    plan = await plan_wants(tx, wants, {order.id: sourcing_of(order) for order in held})
    ahead = await write_planned(tx, held, plan, wants, tell=tell, at=at)
    return await record_plan(tx, plan, cause=cause, cause_of=cause_of, actor=actor, at=at, also=ahead)


def sourcing_of(order: orders.HeldOrder) -> Sourcing:
    return Sourcing(channel=order.channel, to=order.ship_to, used=order.used, pickup=order.pickup)


async def fill_waiting(tx: Tx, *, actor: str, at: datetime) -> set[UUID]:
    """Fill what could be filled now and waits all the same; return the channels to be told.

    It finds what no single change can: an order that came up short while stock arrived, units a cancel gave back,
    and what a change left over beyond FILL_MAX.
    """
    skus = await levels.skus_to_fill(tx)
    if not skus:
        return set()
    return await fill_short(tx, await lock_short(tx, skus), actor=actor, at=at)


def wants_of(order: orders.HeldOrder, leaving: Mapping[UUID, int] = NOTHING) -> list[Want]:
    """What each line lacks: units that have left by the channel's word are a fact, the rest is to be promised.

    `leaving` are units of lines that leave now by our own word. An order that keeps no stock is promised none.
    """
    wants = []
    for line in order.lines:
        live = line.quantity - line.canceled
        ship = max(0, min(line.fulfilled, live) - line.shipped, leaving.get(line.id, 0))
        lacking = live - line.shipped - ship - max(0, line.allocated - ship)
        if line.sku is not None and line.kind == "item" and (ship + lacking > 0 or line.backordered):
            allocate = max(0, lacking) if order.keeps_stock else 0
            wants.append(want_for(order, line, ship=ship, allocate=allocate))
    return wants


def wants_beside(order: orders.HeldOrder, gone: Mapping[UUID, Mapping[str, int]]) -> list[Want]:
    """What the order lacks already, and what it gives back at these locations, by line, and asks for anew."""
    lacking = {want.line_id: want for want in wants_of(order)}
    for line in order.lines:
        held = {place: units for place, units in gone.get(line.id, {}).items() if units}
        if held:
            want = lacking.get(line.id) or want_for(order, line, ship=0, allocate=0)
            units = sum(held.values())
            lacking[line.id] = replace(want, allocate=want.allocate + units, release=units, held=held)
    return list(lacking.values())


def want_for(order: orders.HeldOrder, line: HeldLine, *, ship: int, allocate: int, release: int = 0) -> Want:
    """What a line that is held asks for."""
    return Want(
        line.id,
        order.id,
        line.parts,
        ship,
        allocate,
        release,
        held=line.picks,
        place=order.place,
        sku=line.sku or "",
        units=line.units,
        backordered=line.backordered,
    )


async def write_planned(
    tx: Tx,
    short: Sequence[orders.HeldOrder],
    plan: Plan,
    wants: Sequence[Want],
    *,
    tell: Tell,
    at: datetime,
) -> list[str]:
    """Write the lines and holds of orders that are held, and an event for each that changed.

    Return the SKUs of which another number is on backorder now.
    """
    moved = moved_by_line(plan)
    asked = {want.line_id for want in wants}
    filled = {
        line.id: _filled_line(line, moved.get(line.id, (0, 0)), plan)
        for order in short
        for line in order.lines
        if line.id in asked
    }
    changed = {
        line.id: after
        for order in short
        for line in order.lines
        if (after := filled.get(line.id)) and (line.id in moved or after.backordered != line.backordered)
    }
    await order_lines.update_line_stock(tx, list(changed.values()))
    below = await levels.below_zero(
        tx, [sku for order in short for line in order.lines for sku in line.parts]
    )
    holds = {order.id: kept for order in short if (kept := _holds_left(order, plan, below)) != order.holds}
    await set_holds(tx, holds, at=at)
    touched = [order for order in short if any(line.id in changed for line in order.lines)]
    await add_events(tx, [tell(order, moved, changed) for order in touched], at=at)
    ahead = _taken_ahead(touched, changed)
    await backorders.take_ahead(tx, ahead)
    return [sku for sku, units in ahead.items() if units]


def _taken_ahead(
    touched: Sequence[orders.HeldOrder], after: Mapping[UUID, order_lines.LineStock]
) -> Counter[str]:
    """How many units more of each SKU are on backorder than before; less where negative."""
    ahead = Counter[str]()
    for line in (line for order in touched for line in order.lines if line.id in after):
        ahead[line.sku or ""] += (after[line.id].backordered - line.backordered) * line.units
    return ahead


def _filled_line(line: HeldLine, moved: tuple[int, int], plan: Plan) -> order_lines.LineStock:
    on_hand, allocated = moved
    late = plan.backordered.get(line.id)
    return order_lines.LineStock(
        id=line.id,
        sku=line.sku,
        units=line.units,
        canceled=line.canceled,
        allocated=line.allocated + allocated,
        shipped=line.shipped - on_hand,
        backordered=late.units if late else 0,
    )


def _holds_left(order: orders.HeldOrder, plan: Plan, below_zero: AbstractSet[str]) -> list[str]:
    """Why the order still waits: it lacks units, its sale left a location below zero, or a line has no SKU."""
    items = [line for line in order.lines if line.kind == "item"]
    holds = set(order.holds) - {"oversold", "unsourced", "unmatched"} | plan.holds(line.id for line in items)
    if "oversold" in order.holds and any(below_zero & {*line.parts} for line in items):
        holds.add("oversold")
    if any(line.sku is None and line.quantity - line.canceled > line.left_before for line in items):
        holds.add("unmatched")
    return sorted(holds)


def _filled_event(
    order: orders.HeldOrder, moved: Moved, after: Mapping[UUID, order_lines.LineStock], *, actor: str
) -> Event:
    changes = [moved.get(line.id, (0, 0)) for line in order.lines]
    late = {
        line.sku: after[line.id].backordered
        for line in order.lines
        if line.id in after and after[line.id].backordered > line.backordered
    }
    facts: dict[str, object] = {
        "units": sum(allocated for _, allocated in changes),
        "shipped": -sum(on_hand for on_hand, _ in changes),
    }
    if late:
        facts["backordered"] = late
    kind: Kind = "backordered" if late and not any(facts[name] for name in ("units", "shipped")) else "filled"
    return Event(kind, actor, order_id=order.id, facts=facts)

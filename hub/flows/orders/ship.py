"""Ship: by a person's word, promised units leave in a parcel, once. What the order lacks besides is asked for again."""

from collections import Counter
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import datetime
from functools import partial
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from hub.flows.stock.allocate import plan_wants, record_plan, sourcing_of, wants_of, write_planned
from hub.model.errors import InputError, NotFoundError, WrongStateError
from hub.model.orders.drafts import Moved
from hub.model.orders.shipping import Parcel, leaving
from hub.model.stock.allocation import Plan
from hub.model.stock.wants import Want
from hub.store import orders, picking, shipments
from hub.store.db import Tx
from hub.store.events import Event
from hub.store.order_lines import LineStock
from hub.store.orders import HeldOrder
from hub.store.shipments import NewShipment

CAUSE = "parcel"


class Shipped(Struct, frozen=True):
    """Which of the parcels were new, and the channels to be told."""

    ids: list[UUID]
    touched: set[UUID]


async def ship(
    tx: Tx, parcels: Sequence[Parcel], *, elsewhere: AbstractSet[str], actor: str, at: datetime
) -> Shipped:
    """Let parcels leave; one that has left before changes nothing (L1).

    `elsewhere` are the slugs of channels whose orders are shipped there, and followed here. Raises InputError,
    NotFoundError or WrongStateError with nothing written.
    """
    by_order = {each.order: each for each in parcels}
    if len(by_order) < len(parcels):
        msg = "two parcels of one order at once: send them one after the other"
        raise InputError(msg, field="order")
    ids = await orders.ids_of(tx, list(by_order))
    held = await orders.lock_open(tx, sorted(ids.values()))
    before = await shipments.known(tx, [each.id for each in parcels])  # once the orders are locked
    new = {number: each for number, each in by_order.items() if each.id not in before}
    _refuse_strange(new, ids, held, elsewhere)
    leaves = [order for order in held if order.number in new]
    fresh = {order.id: new[order.number] for order in leaves}
    out = {order.id: leaving(fresh[order.id], order.lines, order.holds) for order in leaves}
    wants = [
        _from(fresh[order.id].location, want) for order in leaves for want in wants_of(order, out[order.id])
    ]
    plan = await plan_wants(tx, wants, {order.id: sourcing_of(order) for order in leaves})
    ahead = await write_planned(
        tx, leaves, plan, wants, tell=partial(_event, parcels=fresh, out=out, actor=actor), at=at
    )
    rows = [
        NewShipment(each.id, order_id, each.carrier, each.tracking, out[order_id])
        for order_id, each in fresh.items()
    ]
    await shipments.add_shipments(tx, rows, actor=actor, at=at)
    await picking.note_shipped(tx, _left(plan), actor=actor, at=at)
    causes = {line.id: f"{line.id}/{fresh[order.id].id}" for order in leaves for line in order.lines}
    touched = await record_plan(
        tx, plan, cause=CAUSE, cause_of=causes.__getitem__, actor=actor, at=at, also=ahead
    )
    return Shipped([each.id for each in rows], touched)


def _from(location: str | None, want: Want) -> Want:
    """What leaves from one location is booked from what is promised there."""
    if location is None or location not in want.held:
        return want
    return replace(want, held={location: want.held[location], **want.held})


def _left(plan: Plan) -> dict[tuple[UUID, str], int]:
    """Units sold by line and location that leave."""
    left = Counter[tuple[UUID, str]]()
    for move in plan.moves:
        if move.kind == "shipment":
            left[move.line_id, move.location] -= move.on_hand_change
    return dict(left)


def _refuse_strange(
    asked: Mapping[int, Parcel],
    ids: Mapping[int, UUID],
    held: Sequence[HeldOrder],
    elsewhere: AbstractSet[str],
) -> None:
    unknown = [number for number in asked if number not in ids]
    if unknown:
        msg = f"there is no order {unknown[0]}: see hub order list"
        raise NotFoundError(msg)
    canceled = sorted(set(asked) - {order.number for order in held})
    if canceled:
        msg = f"order {canceled[0]} is canceled: nothing of it leaves"
        raise WrongStateError(msg)
    for order in (each for each in held if each.number in asked):
        if order.channel in elsewhere:
            msg = (
                f"order {order.number} is shipped in {order.channel}: mark it there, and the hub follows; or let its"
                f" goods leave here, with: hub channel ships {order.channel} --here"
            )
            raise WrongStateError(msg)


def _event(
    order: HeldOrder,
    _moved: Moved,
    _after: Mapping[UUID, LineStock],
    *,
    parcels: Mapping[UUID, Parcel],
    out: Mapping[UUID, Mapping[UUID, int]],
    actor: str,
) -> Event:
    parcel = parcels[order.id]
    facts: dict[str, object] = {"units": sum(out[order.id].values())}
    facts |= {name: words for name in ("carrier", "tracking") if (words := getattr(parcel, name))}
    return Event("shipped", actor, order_id=order.id, facts=facts)

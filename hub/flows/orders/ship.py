"""Ship: by a person's word, promised units leave in a parcel, once. What the order lacks besides is asked for again."""

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
from hub.model.orders.parcels import ParcelState
from hub.model.orders.shipping import Parcel, leaving
from hub.model.stock.wants import Want
from hub.model.sync.write_backs import Effect, Kind
from hub.store import orders, picking, shipments
from hub.store.db import Tx
from hub.store.events import Event
from hub.store.order_lines import LineStock
from hub.store.orders import HeldOrder
from hub.store.shipments import NewShipment
from hub.store.sync import write_backs

CAUSE = "parcel"


class Shipped(Struct, frozen=True):
    """Which of the parcels were new, and the channels to be told what is left; by the order, why a parcel of a bulk
    stays here. `to_tell` are the channels to be told of the parcels.
    """

    ids: list[UUID]
    touched: set[UUID]
    refused: Mapping[int, str] = {}
    to_tell: set[UUID] = set()


async def ship(
    tx: Tx,
    parcels: Sequence[Parcel],
    *,
    elsewhere: AbstractSet[str],
    actor: str,
    at: datetime,
    each_alone: bool = False,
) -> Shipped:
    """Let parcels leave; one that has left before changes nothing (L1).

    `elsewhere` are the slugs of channels whose orders are shipped there, and followed here. Raises InputError,
    NotFoundError or WrongStateError with nothing written; with `each_alone`, one that cannot leave keeps back no other
    (L5).
    """
    by_order = {each.order: each for each in parcels}
    if len(by_order) < len(parcels):
        msg = "two parcels of one order at once: send them one after the other"
        raise InputError(msg, field="order")
    ids = await orders.ids_of(tx, list(by_order))
    held = {order.number: order for order in await orders.lock_open(tx, sorted(ids.values()))}  # by priority
    before = await shipments.known(tx, [each.id for each in parcels])  # once the orders are locked
    leaves: list[_Leaving] = []
    refused: dict[int, str] = {}
    for number in [*held, *(by_order.keys() - held.keys())]:
        parcel = by_order[number]
        if parcel.id in before:
            continue
        try:
            leaves.append(_leaving(parcel, held.get(number), elsewhere, is_known=number in ids))
        except (InputError, NotFoundError, WrongStateError) as error:
            if not each_alone:
                raise
            refused[number] = str(error)
    touched = await _record(tx, leaves, actor=actor, at=at) if leaves else set()
    effects = [Effect(Kind.FULFILLMENT, each.order.id, each.parcel.id) for each in leaves]
    to_tell = await write_backs.add(tx, effects, at=at)
    return Shipped([each.parcel.id for each in leaves], touched, refused, to_tell)


class _Leaving(Struct, frozen=True):
    """A parcel that leaves: its order, and the units of each line."""

    parcel: Parcel
    order: HeldOrder
    units: Mapping[UUID, int]


def _leaving(
    parcel: Parcel, order: HeldOrder | None, elsewhere: AbstractSet[str], *, is_known: bool
) -> _Leaving:
    if not is_known:
        msg = f"there is no order {parcel.order}: see the list of orders"
        raise NotFoundError(msg)
    order = leaves_here(parcel.order, order, elsewhere)
    return _Leaving(parcel, order, leaving(parcel, order.lines, order.holds))


def leaves_here(number: int, order: HeldOrder | None, elsewhere: AbstractSet[str]) -> HeldOrder:
    """Raises WrongStateError for an order that is canceled, or shipped in its channel."""
    if order is None or order.canceled:
        msg = f"order {number} is canceled: nothing of it leaves"
        raise WrongStateError(msg)
    if order.channel in elsewhere:
        msg = (
            f"order {number} is shipped in {order.channel}: mark it there, and the hub follows; or let its"
            f" goods leave here, with: hub channel ships {order.channel} --here"
        )
        raise WrongStateError(msg)
    return order


async def _record(tx: Tx, leaves: Sequence[_Leaving], *, actor: str, at: datetime) -> set[UUID]:
    held = [each.order for each in leaves]
    by_order = {each.order.id: each for each in leaves}
    wants = [
        _from(by_order[order.id].parcel.location, want)
        for order in held
        for want in wants_of(order, by_order[order.id].units)
    ]
    lists = await picking.lock_lists_of(tx, [want.line_id for want in wants if want.ship])
    plan = await plan_wants(tx, wants, {order.id: sourcing_of(order) for order in held})
    tell = partial(_event, leaves=by_order, actor=actor)
    ahead = await write_planned(tx, held, plan, wants, tell=tell, at=at)
    rows = [
        NewShipment(
            each.parcel.id,
            each.order.id,
            each.parcel.carrier,
            each.parcel.tracking,
            each.units,
            ParcelState.DELIVERED if each.parcel.collected else ParcelState.SHIPPED,
        )
        for each in leaves
    ]
    await shipments.add_shipments(tx, rows, actor=actor, at=at)
    await picking.note_shipped(tx, lists, plan.left, actor=actor, at=at)
    causes = {line.id: f"{line.id}/{by_order[order.id].parcel.id}" for order in held for line in order.lines}
    return await record_plan(
        tx, plan, cause=CAUSE, cause_of=causes.__getitem__, actor=actor, at=at, also=ahead
    )


def _from(location: str | None, want: Want) -> Want:
    """What leaves from one location is booked from what is promised there."""
    if location is None or location not in want.held:
        return want
    return replace(want, held={location: want.held[location], **want.held})


def _event(
    order: HeldOrder,
    _moved: Moved,
    _after: Mapping[UUID, LineStock],
    *,
    leaves: Mapping[UUID, _Leaving],
    actor: str,
) -> Event:
    each = leaves[order.id]
    facts: dict[str, object] = {"units": sum(each.units.values())}
    facts |= {
        name: fact for name in ("carrier", "tracking", "collected") if (fact := getattr(each.parcel, name))
    }
    return Event("shipped", actor, order_id=order.id, facts=facts)

"""Parcels that leave, for the edges: of orders whose goods lie with us."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from hub.channels.carriers import carrier_named
from hub.channels.context import HubContext
from hub.channels.intake import ring_touched
from hub.channels.opening import find_channel
from hub.channels.telling import able
from hub.flows.orders import follow_parcels
from hub.flows.orders.ship import Shipped, ship
from hub.flows.sync.write_backs import set_told
from hub.model.errors import InputError
from hub.model.orders.parcels import ParcelState
from hub.model.orders.shipping import Parcel
from hub.model.sync.write_backs import Kind
from hub.store import channels
from hub.store.db import Tx
from hub.store.events import Event, add_events
from hub.store.shipments import Label
from hub.store.sync import write_backs


async def ship_parcels(
    ctx: HubContext, parcels: Sequence[Parcel], *, actor: str, at: datetime, each_alone: bool = False
) -> Shipped:
    """Raises InputError, NotFoundError or WrongStateError with nothing written.

    With `each_alone`, what cannot leave is named in the answer, and keeps back no other.
    """
    async with ctx.db.transaction() as tx:
        elsewhere = await shipped_elsewhere(ctx, tx)
        done = await ship(tx, parcels, elsewhere=elsewhere, actor=actor, at=at, each_alone=each_alone)
    await ring_touched(ctx, done.touched, to_tell=done.to_tell)
    return done


async def tell_parcels(
    ctx: HubContext, news: Mapping[UUID, ParcelState], *, actor: str, at: datetime
) -> None:
    """Raises NotFoundError or WrongStateError with nothing written."""
    async with ctx.db.transaction() as tx:
        done = await follow_parcels.tell_parcels(tx, news, actor=actor, at=at)
    await ring_touched(ctx, done.touched)
    await ctx.bell.announce("orders")


async def label_parcels(ctx: HubContext, labels: Sequence[Label], *, actor: str, at: datetime) -> None:
    """Raises InputError or NotFoundError with nothing written."""
    async with ctx.db.transaction() as tx:
        to_tell = await follow_parcels.label_parcels(tx, labels, actor=actor, at=at)
    await ring_touched(ctx, set(), to_tell=to_tell)
    await ctx.bell.announce("orders")


async def shipped_elsewhere(ctx: HubContext, tx: Tx) -> set[str]:
    """The slugs of channels whose orders are not shipped here."""
    return await channels.shipped_elsewhere(tx, our_own(ctx))


async def promised_here(ctx: HubContext, tx: Tx) -> set[str]:
    """The slugs of channels whose orders the hub itself promises: nobody else talks about them."""
    kinds = our_own(ctx)
    return {row.slug for row in await channels.all_channels(tx) if row.kind in kinds}


def our_own(ctx: HubContext) -> frozenset[str]:
    """The kinds of channel on which the hub itself sells: what it promised there it also ships."""
    kinds = ctx.registry.kinds.values()
    return frozenset(each.manifest.kind for each in kinds if not each.manifest.orders_are_facts)


async def set_ships_here(ctx: HubContext, slug: str, *, here: bool, actor: str, at: datetime) -> None:
    """Say where the orders of a channel are shipped; one that can be is told of the parcels that leave here.

    Raises InputError for one that only the hub itself can ship.
    """
    row = await find_channel(ctx, slug)
    if not here and row.kind in our_own(ctx):
        msg = f"nobody else ships the orders of {slug}: they are the hub's own"
        raise InputError(msg, field="here")
    parcels = {Kind.FULFILLMENT} & able(ctx, row.kind)
    async with ctx.db.transaction() as tx:
        await channels.save_ships_here(tx, row.id, here=here)
        told = {*await write_backs.switches(tx, row.id)}
        await set_told(tx, row.id, told | parcels if here else told - parcels, actor=actor, at=at)
        facts = {"here": here}
        await add_events(tx, [Event("shipping set", actor, channel_id=row.id, facts=facts)], at=at)


def page_of(ctx: HubContext, carrier: str, tracking: str) -> str:
    """Where a parcel can be followed; "" where the hub knows no such carrier."""
    found = carrier_named(ctx.registry.carriers, carrier) if carrier else None
    return found.tracking_url(tracking) if found and tracking else ""

"""Parcels that leave, for the edges: only of orders that the hub itself promised."""

from collections.abc import Sequence
from datetime import datetime

from hub.channels.carriers import carrier_named
from hub.channels.context import HubContext
from hub.channels.intake import ring_touched
from hub.flows.orders.ship import Shipped, ship
from hub.model.orders.shipping import Parcel
from hub.store import channels


async def ship_parcels(ctx: HubContext, parcels: Sequence[Parcel], *, actor: str, at: datetime) -> Shipped:
    """Raises InputError, NotFoundError or WrongStateError with nothing written."""
    kinds = ctx.registry.kinds
    async with ctx.db.transaction() as tx:
        rows = await channels.all_channels(tx)
        elsewhere = {
            row.slug for row in rows if row.kind not in kinds or kinds[row.kind].manifest.orders_are_facts
        }
        done = await ship(tx, parcels, elsewhere=elsewhere, actor=actor, at=at)
    await ring_touched(ctx, done.touched)
    return done


def page_of(ctx: HubContext, carrier: str, tracking: str) -> str:
    """Where a parcel can be followed; "" where the hub knows no such carrier."""
    found = carrier_named(ctx.registry.carriers, carrier) if carrier else None
    return found.tracking_url(tracking) if found and tracking else ""

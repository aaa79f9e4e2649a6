"""Fill: units that came free go to the orders that wait for them, before anybody else is sold them."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from hub.channels.context import HubContext
from hub.flows.stock.allocate import fill_short, lock_short


async def fill_freed(ctx: HubContext, freed: Collection[str], *, actor: str, at: datetime) -> set[UUID]:
    """Return the channels to be told. In a transaction of its own: orders are locked before levels, always."""
    if not freed:
        return set()
    async with ctx.db.transaction() as tx:
        short = await lock_short(tx, sorted(freed))
        return await fill_short(tx, short, actor=actor, at=at)

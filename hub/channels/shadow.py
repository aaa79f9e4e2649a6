"""Read what a channel in shadow shows, so that what the hub would write stands beside it."""

from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID

from hub.channels.context import HubContext
from hub.channels.halves import read_by_halves
from hub.channels.opening import OpenedChannel
from hub.kit.queue import Ring
from hub.spec import ReadsStock
from hub.store import shadow

READ_AGAIN = timedelta(minutes=15)


async def read_shown(
    ctx: HubContext,
    opened: OpenedChannel,
    *,
    at: datetime,
    since: datetime,
    progress: Callable[[int], object] = lambda _: None,
) -> int:
    """Read one batch of what nobody has read since then; return its size, 0 where nothing is left."""
    if not isinstance(opened.channel, ReadsStock):
        return 0
    limit = opened.connector.manifest.stock_batch_max
    async with ctx.db.transaction() as tx:
        ids = await shadow.to_read(tx, opened.row.id, before=since, limit=limit)
    if not ids:
        return 0
    shows = await read_by_halves(opened.channel, ids)  # what cannot be read is not found
    async with ctx.db.transaction() as tx:
        await shadow.record_seen(tx, opened.row.id, {each: shows.get(each) for each in ids}, at=at)
    progress(len(ids))
    return len(ids)


async def ring_switched(ctx: HubContext, channel_id: UUID) -> None:
    """After commit of a switch: tell who came out of the shadow, and read who went in."""
    await ctx.bell.ring_each([Ring(job, channel_id) for job in ("push_stock", "read_shown")], ["channels"])

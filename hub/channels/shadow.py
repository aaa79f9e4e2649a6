"""Read what a channel in shadow shows, so that what the hub would write stands beside it."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from hub.channels.context import HubContext
from hub.channels.opening import OpenedChannel
from hub.spec import MalformedError, ReadsStock, RejectedError
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
    shows = await _read(opened.channel, ids)
    async with ctx.db.transaction() as tx:
        await shadow.record_seen(tx, opened.row.id, {each: shows.get(each) for each in ids}, at=at)
    progress(len(ids))
    return len(ids)


async def _read(channel: ReadsStock, ids: Sequence[str]) -> dict[str, int]:
    """Where a batch is refused whole, its halves: one listing that cannot be read costs one, and is not found (L5)."""
    try:
        return await channel.read_stock(ids)
    except (RejectedError, MalformedError):
        if len(ids) == 1:
            return {}
    half = len(ids) // 2
    return {**await _read(channel, ids[:half]), **await _read(channel, ids[half:])}

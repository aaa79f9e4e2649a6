"""Read shown: what a channel in shadow shows, a batch after the other, within the budget that nobody else needs."""

from uuid import UUID

import structlog

from hub.channels import shadow
from hub.channels.context import HubContext
from hub.channels.health import may_be_called, watched
from hub.channels.lanes import Lane
from hub.channels.opening import channel_of
from hub.jobs.turns import is_over, turn_over
from hub.kit.clock import now
from hub.store.locks import only_worker

log = structlog.get_logger()


async def read_shown(ctx: HubContext, channel_id: UUID) -> int:
    """Return how many listings were read."""
    await ctx.bell.answered("read_shown", channel_id)
    read = 0
    async with only_worker(ctx.db, "read_shown", channel_id) as alone:
        opened = await channel_of(ctx, channel_id, lane=Lane.BULK) if alone else None
        if opened is None:
            return 0
        end = turn_over()
        while not is_over(end) and may_be_called(opened.row, at=now()):
            batch = 0
            async with watched(ctx, opened.row, "read_shown"):
                at = now()
                batch = await shadow.read_shown(ctx, opened, at=at, since=at - shadow.READ_AGAIN)
            if not batch:
                break
            read += batch
    if read:
        log.info("shown_read", channel=opened.row.slug, listings=read)
        await ctx.bell.announce("channels")
    return read

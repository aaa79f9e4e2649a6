"""Pull listings: a look at all that each channel offers, once a day: what was deleted there is noticed (C25)."""

from uuid import UUID

import structlog

from hub.channels import catalog
from hub.channels.context import HubContext
from hub.channels.health import may_be_called, watched
from hub.channels.lanes import Lane
from hub.channels.opening import channel_of
from hub.jobs.turns import is_over, turn_over
from hub.kit.clock import now
from hub.store.locks import only_worker

log = structlog.get_logger()


async def pull_listings(ctx: HubContext, channel_id: UUID) -> int:
    """Return how many listings were seen."""
    await ctx.bell.answered("pull_listings", channel_id)
    pulled = None
    async with only_worker(ctx.db, "listings", channel_id) as alone:
        opened = await channel_of(ctx, channel_id, lane=Lane.BULK) if alone else None
        if opened is None or not may_be_called(opened.row, at=now()):
            return 0
        end = turn_over()  # a look at a large shop goes on with the next job
        async with watched(ctx, opened.row, "pull_listings"):
            pulled = await catalog.pull_listings(
                ctx, opened, afresh=False, may_go_on=lambda: not is_over(end)
            )
    if pulled is None:
        return 0
    log.info("listings_pulled", channel=opened.row.slug, new=pulled.new, gone=pulled.gone, whole=pulled.whole)
    if not pulled.whole:
        await ctx.bell.ring("pull_listings", channel_id)
    return pulled.seen

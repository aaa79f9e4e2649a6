"""Keep webhooks: every hour a channel is asked whether they stand, and what it switched off is switched on (C72)."""

from datetime import timedelta
from uuid import UUID

import structlog

from hub.channels.context import HubContext
from hub.channels.health import may_be_called, watched
from hub.channels.lanes import Lane
from hub.channels.opening import OpenedChannel, channel_of
from hub.channels.webhooks import ensure_webhooks, note_webhooks
from hub.kit.clock import now
from hub.spec import MalformedError, Probe, RejectedError
from hub.store.locks import only_worker

LOOK_EVERY = timedelta(hours=1)
log = structlog.get_logger()


async def keep_webhooks(ctx: HubContext, channel_id: UUID) -> int:
    """Return how many had been switched off."""
    await ctx.bell.answered("keep_webhooks", channel_id)
    async with only_worker(ctx.db, "keep_webhooks", channel_id) as alone:
        opened = await channel_of(ctx, channel_id, lane=Lane.INTAKE) if alone else None
        if opened is None or not may_be_called(opened.row, at=now()):
            return 0
        async with watched(ctx, opened.row, "keep_webhooks"):
            mended = sum(each.mended for each in await _kept(ctx, opened))
            if mended:
                log.warning("webhooks_switched_on_again", channel=opened.row.slug, webhooks=mended)
            return mended
        return 0


async def _kept(ctx: HubContext, opened: OpenedChannel) -> list[Probe]:
    """A refusal costs the channel nothing but its webhooks: orders are polled all the same."""
    try:
        return await ensure_webhooks(ctx, opened, at=now())
    except (RejectedError, MalformedError) as error:
        refused = [Probe("webhooks", ok=False, detail=str(error))]
        await note_webhooks(ctx, opened.row, refused, at=now())
        return refused

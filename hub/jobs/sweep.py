"""Sweep: ring again for everything whose ring was lost, and for every channel whose poll is due (L3)."""

from datetime import timedelta

import structlog

from hub.channels.context import HubContext
from hub.channels.health import may_be_called
from hub.channels.opening import open_channel
from hub.kit.clock import now
from hub.model.errors import InputError
from hub.spec import FetchesOrders
from hub.store import channels, inbox, publications
from hub.store.channels import ChannelRow

GRACE_S = 1.0  # a ring younger than this is on its way
log = structlog.get_logger()


async def sweep(ctx: HubContext) -> int:
    """Return how many bells were rung."""
    at = now()
    before = at - timedelta(seconds=GRACE_S)
    async with ctx.db.transaction() as tx:
        rows = {row.id: row for row in await channels.all_channels(tx)}
        waiting = await inbox.channels_waiting(tx, before=before, at=at)
        dirty = await publications.channels_due(tx, before=before, at=at)
        polled = [row.id for row in rows.values() if _can_be_polled(ctx, row)]
        pulls = await channels.due_for_pull(tx, ids=polled, at=at)
    bells = [("take_inbox", each) for each in waiting]
    bells += [("push_stock", each) for each in dirty if may_be_called(rows[each], at=at)]
    bells += [("pull_orders", each) for each in pulls]
    for job, channel_id in bells:
        await ctx.bell.ring(job, channel_id)
    if waiting or dirty:
        log.info("sweep_found", waiting=len(waiting), dirty=len(dirty))
    return len(bells)


def _can_be_polled(ctx: HubContext, row: ChannelRow) -> bool:
    try:
        return isinstance(open_channel(ctx, row).channel, FetchesOrders)
    except InputError as error:
        log.warning("channel_cannot_open", channel=row.slug, reason=str(error))
        return False

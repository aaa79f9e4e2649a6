"""Keep time: tell of orders that should have left, or been collected, by now; nobody need do anything for that."""

from hub.channels.context import HubContext
from hub.channels.notifiers import ring_notifiers
from hub.flows.fulfillment.collect import tell_overdue
from hub.flows.fulfillment.keep_time import tell_late
from hub.kit.clock import now


async def keep_time(ctx: HubContext) -> int:
    """Return how many notifiers have something to tell. One look reads every open line."""
    at = now()
    async with ctx.db.transaction() as tx:
        notifiers = await tell_late(tx, url=ctx.config.url, at=at)
        notifiers |= await tell_overdue(tx, url=ctx.config.url, at=at)
    await ring_notifiers(ctx, notifiers)
    return len(notifiers)

"""Watch stock: one look, then ring who is to be told. What a look that was cut off left undone, the next one does."""

import structlog

from hub.channels.context import HubContext
from hub.channels.notifiers import ring_notifiers
from hub.flows.stock.watch_stock import Watched
from hub.flows.stock.watch_stock import watch_stock as look
from hub.kit.clock import now

log = structlog.get_logger()


async def watch_stock(ctx: HubContext) -> Watched:
    async with ctx.db.transaction() as tx:
        found = await look(tx, url=ctx.config.url, at=now())
    await ring_notifiers(ctx, set(found.notifiers))
    if found.opened or found.closed:
        await ctx.bell.announce("stock")
        log.info("stock_watched", looked=found.looked, opened=found.opened, closed=found.closed)
    return found

"""Take what waits in the inbox of one channel, batch after batch, until nothing waits or its turn is over."""

from uuid import UUID

import structlog

from hub.channels.context import HubContext
from hub.channels.fetching import fetch_waiting
from hub.channels.health import may_be_called, watched
from hub.channels.intake import ring_touched, take_or_park
from hub.channels.lanes import Lane
from hub.channels.opening import channel_of
from hub.jobs.turns import is_over, turn_over
from hub.kit.clock import now

log = structlog.get_logger()


async def take_inbox(ctx: HubContext, channel_id: UUID) -> int:
    """Return how many orders were new or changed."""
    await ctx.bell.answered("take_inbox", channel_id)
    opened = await channel_of(ctx, channel_id, lane=Lane.INTAKE)
    if opened is None:
        return 0
    orders, end = 0, turn_over()
    while not is_over(end):
        taken = await take_or_park(ctx, opened, at=now())
        if taken.orders:
            orders += len(taken.orders)
            log.info(
                "orders_taken", channel=opened.row.slug, messages=taken.messages, orders=len(taken.orders)
            )
            await ring_touched(ctx, taken.touched, sold_on=channel_id if taken.sold else None)
        if taken.messages and taken.is_full:  # what has come since rings by itself
            continue
        fetched = 0
        if may_be_called(opened.row, at=now()):
            async with watched(ctx, opened.row, "fetch_orders"):
                fetched = await fetch_waiting(ctx, opened, at=now())
        if not fetched:
            break
    else:
        await ctx.bell.ring("take_inbox", channel_id)
    if opened.row.reopened_at is not None:  # it is told once a pull finds nothing waiting here
        await ctx.bell.ring("pull_orders", channel_id)
    return orders

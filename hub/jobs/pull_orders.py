"""Pull orders: the poll that is always on, so that a lost webhook costs minutes and nothing else (L4)."""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

import structlog

from hub.channels.context import HubContext
from hub.channels.health import may_be_called, watched
from hub.channels.intake import unread_key
from hub.channels.lanes import Lane
from hub.channels.opening import OpenedChannel, channel_of
from hub.flows.orders.arrive import NO_NAME, Arrived, arrive, arrive_unread, can_be_named
from hub.jobs.pull_after_sales import pull_after_sales
from hub.kit.clock import now
from hub.spec import FetchesOrders, Message, Page
from hub.store import channels
from hub.store.channels import ChannelRow
from hub.store.locks import only_worker

log = structlog.get_logger()


async def pull_orders(ctx: HubContext, channel_id: UUID) -> int:
    """Return how many messages were new."""
    await ctx.bell.answered("pull_orders", channel_id)
    async with only_worker(ctx.db, "pull", channel_id) as alone:
        opened = await channel_of(ctx, channel_id, lane=Lane.INTAKE) if alone else None
        if opened is None or not may_be_called(opened.row, at=now()):
            return 0
        async with watched(ctx, opened.row, "pull_orders"):
            new = await pull_pages(ctx, opened)
            await pull_after_sales(ctx, opened)
            await _catch_up(ctx, opened.row)
            return new
        return 0


async def _catch_up(ctx: HubContext, row: ChannelRow) -> None:
    """Tell a channel that was reopened its numbers, once all it sold meanwhile is out of them."""
    if row.reopened_at is None:
        return
    async with ctx.db.transaction() as tx:
        caught_up = await channels.catch_up(tx, row.id, reopened_at=row.reopened_at)
    if caught_up:
        await ctx.bell.ring("push_stock", row.id)


async def pull_pages(
    ctx: HubContext, opened: OpenedChannel, seen: Callable[[Page[Message]], None] = lambda _: None
) -> int:
    """Read page after page; each page and its cursor are committed together: a crash repeats a page, never skips one.

    `seen` hears of every page once it is kept.
    """
    if not isinstance(opened.channel, FetchesOrders):
        return 0
    cursor, new, until = opened.row.orders_cursor, 0, now()
    while True:
        page = await opened.channel.fetch_orders(cursor, until=until)
        arrived = await _keep(ctx, opened, page, until)
        new += arrived.new
        seen(page)
        if arrived.new:
            log.info("orders_pulled", channel=opened.row.slug, new=arrived.new, repeated=arrived.repeated)
            await ctx.bell.ring("take_inbox", opened.row.id)
        if page.next_cursor is None:
            return new
        cursor = page.next_cursor


async def _keep(ctx: HubContext, opened: OpenedChannel, page: Page[Message], until: datetime) -> Arrived:
    """One message with a name no table can hold is parked, or its page would be asked for again for ever (L5)."""
    at, channel_id = now(), opened.row.id
    named = [message for message in page.items if can_be_named(message)]
    async with ctx.db.transaction() as tx:
        arrived = await arrive(tx, ctx.vault, channel_id, named, source="poll", at=at)
        for message in page.items:
            if not can_be_named(message):
                key, body = unread_key(message.body), message.body
                await arrive_unread(
                    tx, ctx.vault, channel_id, body, key=key, reason=NO_NAME, source="poll", at=at
                )
        await channels.save_cursor(
            tx,
            channel_id,
            page.next_cursor or page.resume_cursor,
            until=None if page.next_cursor else until,
            at=at,
        )
    return arrived

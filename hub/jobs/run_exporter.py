"""Run one exporter: what changed since it last ran, in batches, each recorded as soon as it is written."""

import asyncio
from datetime import timedelta
from uuid import UUID

import structlog
from msgspec import Struct
from msgspec.structs import replace

from hub.channels.bugs import fault_of
from hub.channels.context import HubContext
from hub.channels.followers import later, next_at, open_exporter
from hub.jobs.settled import settled_event
from hub.kit.clock import now
from hub.spec import Export
from hub.store import exports, followers
from hub.store.followers import Cursor, FollowerRow
from hub.store.locks import only_worker

ORDERS_MAX = 500  # events in a batch, so at most as many orders
SKUS_MAX = 1000
log = structlog.get_logger()


class Exported(Struct, frozen=True):
    """How much was written, and the problem that ended it; "" where it came to its end."""

    orders: int = 0
    levels: int = 0
    problem: str = ""


async def run_exporter(ctx: HubContext, follower_id: UUID) -> Exported:
    """A killed run goes on at the batch it was in, which is written again under the same key."""
    await ctx.bell.answered("run_exporter", follower_id)
    async with only_worker(ctx.db, "export", follower_id) as alone:
        if not alone:
            return Exported(problem="another worker is running it now")
        async with ctx.db.transaction() as tx:
            row = await followers.follower_by_id(tx, follower_id)
        if row is None or row.state != "active":
            return Exported(problem="it is paused")
        (outcome,) = await asyncio.gather(_run(ctx, row), return_exceptions=True)
        if isinstance(outcome, Exported):
            return outcome
        if not isinstance(outcome, Exception):
            raise outcome  # told to stop
        return await _failed(ctx, follower_id, outcome)


async def _run(ctx: HubContext, row: FollowerRow) -> Exported:
    upto = await settled_event(ctx.db)
    if upto is None:
        return Exported(problem="somebody has been writing for long: it goes on later")
    row, orders = await _write_orders(ctx, row, upto)
    row, levels = await _write_stock(ctx, row)
    at = now()
    async with ctx.db.transaction() as tx:
        await followers.advance(tx, row, row.cursor, next_at=next_at(row, at), at=at)
    log.info("exported", exporter=row.slug, orders=orders, levels=levels)
    return Exported(orders, levels)


async def _write_orders(ctx: HubContext, row: FollowerRow, upto: int) -> tuple[FollowerRow, int]:
    count = 0
    while True:
        after = row.cursor.event_id
        async with ctx.db.transaction() as tx:
            found = await exports.orders_touched(tx, after, upto=upto, limit=ORDERS_MAX)
            if found is None:
                return row, count
            orders = await exports.exported_orders(tx, found.order_ids)
        if orders:
            await open_exporter(ctx, row).write(Export(f"orders-{after:012}", now(), orders=orders))
        row = await _step(ctx, row, replace(row.cursor, event_id=found.last))
        count += len(orders)


async def _write_stock(ctx: HubContext, row: FollowerRow) -> tuple[FollowerRow, int]:
    count = 0
    row = await _begin_stock(ctx, row)
    while True:
        was = row.cursor
        async with ctx.db.transaction() as tx:
            levels = await exports.levels_moved(tx, since=was.stock_since, after=was.sku, limit=SKUS_MAX)
        if not levels:
            return await _step(ctx, row, Cursor(was.event_id, was.run, stock_since=was.stock_next)), count
        key = f"stock-{was.run:08}-{was.page:04}"
        await open_exporter(ctx, row).write(Export(key, now(), levels=levels))
        row = await _step(ctx, row, replace(was, page=was.page + 1, sku=levels[-1].sku))
        count += len(levels)


async def _begin_stock(ctx: HubContext, row: FollowerRow) -> FollowerRow:
    """A run that was killed keeps its begin, and so what it takes."""
    was = row.cursor
    if was.stock_next is not None:
        return row
    async with ctx.db.transaction() as tx:
        settled = await exports.settled_moment(tx)
    return await _step(ctx, row, replace(was, run=was.run + 1, page=1, sku="", stock_next=settled))


async def _step(ctx: HubContext, row: FollowerRow, cursor: Cursor) -> FollowerRow:
    """How far it is, at once; should the worker die, a sweep takes it up again soon."""
    at = now()
    async with ctx.db.transaction() as tx:
        await followers.advance(tx, row, cursor, next_at=at + timedelta(seconds=10), at=at)
    return replace(row, cursor=cursor)


async def _failed(ctx: HubContext, follower_id: UUID, error: Exception) -> Exported:
    problem = fault_of("the exporter", error)
    at = now()
    async with ctx.db.transaction() as tx:
        row = await followers.follower_by_id(tx, follower_id)
        if row is not None:
            due = later(row.attempts, at)
            attempts = row.attempts + 1
            await followers.advance(
                tx, row, row.cursor, next_at=due, problem=problem, attempts=attempts, at=at
            )
    return Exported(problem=problem)

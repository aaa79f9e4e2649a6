"""Sweep: ring again for what lost its ring or is due; give back what ran out; move and fill what can be."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

import structlog

from hub.channels.context import HubContext
from hub.channels.followers import JOBS
from hub.channels.health import cannot_open, may_be_called, may_be_told
from hub.channels.intake import ring_touched
from hub.channels.opening import OpenedChannel, open_channel
from hub.channels.shadow import READ_AGAIN
from hub.flows.orders.end_unpaid import end_unpaid
from hub.flows.orders.keep_drafts import forget_drafts
from hub.flows.stock.allocate import fill_waiting
from hub.flows.stock.expire_lots import expire_lots
from hub.flows.stock.move_promises import move_promises
from hub.flows.stock.reserve import expire
from hub.jobs.keep_webhooks import LOOK_EVERY
from hub.kit.clock import now
from hub.kit.log import place_of
from hub.kit.queue import Ring
from hub.model.errors import InputError
from hub.spec import FetchesOrders, ListsListings, ReadsStock
from hub.store import accounts, channels, followers, inbox, notices, publications, shadow
from hub.store.channels import ChannelRow
from hub.store.db import Tx
from hub.store.imports.kept import imports_due
from hub.store.stock import looks
from hub.store.sync import drift, pausing, write_backs

GRACE_S = 1.0  # a ring younger than this is on its way
log = structlog.get_logger()


async def sweep(ctx: HubContext) -> int:
    """Return how many bells were rung. What fails ends no other step: it is raised once all were tried (L5)."""
    rung, problems = 0, list[BaseException]()
    for name, step in _steps(ctx, now()).items():
        (outcome,) = await asyncio.gather(step(), return_exceptions=True)
        if isinstance(outcome, BaseException):
            log.error("sweep_step_failed", step=name, error=type(outcome).__name__, at=place_of(outcome))
            problems.append(outcome)
        else:
            rung += outcome or 0
    if problems:
        raise problems[0]
    return rung


def _steps(ctx: HubContext, at: datetime) -> dict[str, Callable[[], Awaitable[int | None]]]:
    """Each by itself. What drafts and unpaid orders hold no longer is sold again by the fill, to who waits first. A day
    that ends takes what was to be sold by it off every channel. A fact may leave a location with less than is promised
    there: nobody picks from an empty shelf (L6). And no single change can see an order that comes up short at the very
    moment when its stock arrives.
    """
    return {
        "follow_pauses": partial(_commit, ctx, partial(pausing.follow_pauses, at=at)),
        "follow_switches": partial(_commit, ctx, partial(shadow.follow_switches, at=at)),
        "ring": partial(_ring, ctx, at),
        "expire": partial(_change, ctx, partial(expire, at=at)),
        "forget_drafts": partial(_commit, ctx, partial(forget_drafts, at=at)),
        "end_unpaid": partial(_change, ctx, partial(end_unpaid, at=at)),
        "expire_lots": partial(_change, ctx, partial(expire_lots, at=at)),
        "move_promises": partial(_change, ctx, partial(move_promises, actor="hub", at=at)),
        "fill_waiting": partial(_change, ctx, partial(fill_waiting, actor="hub", at=at)),
    }


async def _commit(ctx: HubContext, flow: Callable[[Tx], Awaitable[object]]) -> None:
    async with ctx.db.transaction() as tx:
        await flow(tx)


async def _change(ctx: HubContext, flow: Callable[[Tx], Awaitable[set[UUID]]]) -> None:
    """A change of the stock in a transaction of its own; whoever it touched is told."""
    async with ctx.db.transaction() as tx:
        touched = await flow(tx)
    if touched:
        await ring_touched(ctx, touched)


async def _ring(ctx: HubContext, at: datetime) -> int:
    """Return how many were rung."""
    before = at - timedelta(seconds=GRACE_S)
    async with ctx.db.transaction() as tx:
        rows = {row.id: row for row in await channels.all_channels(tx)}
        waiting = await inbox.channels_waiting(tx, before=before, at=at)
        dirty = await publications.channels_due(tx, before=before, at=at)
        doors = {row.id: _opened(ctx, row) for row in rows.values()}
        opened = {each: door for each, door in doors.items() if isinstance(door, OpenedChannel)}
        polled = [
            each
            for each, channel in opened.items()
            if isinstance(channel.channel, FetchesOrders) or rows[each].reopened_at is not None
        ]
        untold_of = await write_backs.channels_due(tx, before=before, at=at)
        pulls = await channels.due_for_pull(tx, ids=polled, at=at)
        offering = [each for each, channel in opened.items() if isinstance(channel.channel, ListsListings)]
        to_look_at = await looks.due_for_look(tx, ids=offering, at=at)
        read_back = [each for each, channel in opened.items() if isinstance(channel.channel, ReadsStock)]
        in_shadow = await shadow.channels_to_read(tx, read_back, before=at - READ_AGAIN)
        to_read = await drift.channels_to_read(tx, read_back, at=at)
        unkept = await channels.due_for_webhooks(tx, before=at - LOOK_EVERY, at=at)
        untold = await notices.notifiers_due(tx, before=before)
        imports = await imports_due(tx, before=before)
        behind = await followers.followers_due(tx, at=at)
    callable_now = {each for each, row in rows.items() if may_be_called(row, at=at)}
    found = {
        "take_inbox": waiting,
        "push_stock": [each for each in dirty if each in rows and may_be_told(rows[each], at=at)],
        "write_back": [each for each in untold_of if each in rows and may_be_told(rows[each], at=at)],
        "pull_orders": pulls,
        "pull_listings": to_look_at,
        "read_shown": [each for each in in_shadow if each in callable_now],
        "reconcile": [each for each in to_read if each in callable_now],
        "keep_webhooks": unkept,
        "tell_notices": untold,
        "run_import": imports,
    }
    bells = [Ring(job, each) for job, ids in found.items() for each in ids]
    bells += [Ring(JOBS[role], each) for each, role in behind]
    await ctx.bell.ring_each(bells)
    if waiting or dirty:
        log.info("sweep_found", waiting=len(waiting), dirty=len(dirty))
    for each, door in doors.items():
        if isinstance(door, InputError) and each in callable_now:
            await cannot_open(ctx, rows[each], door)
    await _keep_keys(ctx, opened.values())
    return len(bells)


def _opened(ctx: HubContext, row: ChannelRow) -> OpenedChannel | InputError:
    try:
        return open_channel(ctx, row)
    except InputError as error:
        return error


async def _keep_keys(ctx: HubContext, opened: Iterable[OpenedChannel]) -> None:
    """Of channels joined before their connector named accounts, and of all after the hub's own key was replaced."""
    stale = {each.row.account_id: each.keys for each in opened if each.keys != each.row.keys}
    if stale:
        async with ctx.db.transaction() as tx:
            await accounts.save_keys(tx, stale)

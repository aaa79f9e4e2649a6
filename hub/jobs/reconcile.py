"""Reconcile: read back what a channel shows, the riskiest first, within the budget that nobody else needs (L11)."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from uuid import UUID

import structlog

from hub.channels.budgets import BudgetSpentError
from hub.channels.context import HubContext
from hub.channels.halves import read_by_halves
from hub.channels.health import may_be_called, watched
from hub.channels.intake import ring_touched
from hub.channels.lanes import Lane
from hub.channels.notifiers import ring_notifiers
from hub.channels.opening import OpenedChannel, channel_of
from hub.flows.sync.reconcile import Compared, Reader, Reading, compare, settle
from hub.kit.clock import now
from hub.model.errors import WrongStateError
from hub.model.sync.drift import SETTLES, Deed
from hub.spec import FetchesOrders, ReadsStock
from hub.store.locks import only_worker
from hub.store.stock import looks
from hub.store.sync import drift
from hub.store.sync.drift import Rounds

SLICE_S = 30.0
PICK_MAX = 1000  # listings chosen at once
EVERY = timedelta(minutes=1)
ROUND = timedelta(hours=6)  # so long until a listing is read again; where few are left, the shorter one
LOW_ROUND = timedelta(hours=1)
log = structlog.get_logger()


async def reconcile(ctx: HubContext, channel_id: UUID) -> int:
    """Return how many listings were read."""
    await ctx.bell.answered("reconcile", channel_id)
    read = 0
    async with only_worker(ctx.db, "reconcile", channel_id) as alone:
        opened = await channel_of(ctx, channel_id, lane=Lane.BULK) if alone else None
        if opened is None or not may_be_called(opened.row, at=now()):
            return 0
        next_at = now() + EVERY
        async with watched(ctx, opened.row, "reconcile"):
            try:
                read = await _read_some(ctx, opened)
            except BudgetSpentError as spent:  # the share of those who can wait; the channel itself goes on
                next_at = now() + timedelta(seconds=spent.after_s or EVERY.total_seconds())
        async with ctx.db.transaction() as tx:
            await drift.read_next(tx, channel_id, at=next_at)
    return read


async def _read_some(ctx: HubContext, opened: OpenedChannel) -> int:
    at, read = now(), 0
    if not isinstance(opened.channel, ReadsStock):
        return 0
    async with ctx.db.transaction() as tx:
        rounds = Rounds(at - SETTLES, at - LOW_ROUND, at - ROUND)
        ids = await drift.to_read(tx, opened.row.id, rounds, limit=PICK_MAX)
    step = opened.connector.manifest.stock_batch_max
    loop = asyncio.get_running_loop()
    ends = loop.time() + SLICE_S
    while read < len(ids) and loop.time() < ends:
        some = ids[read : read + step]
        await _compare(ctx, opened, await _read(opened.channel, some))
        read += len(some)
    return read


async def _read(channel: ReadsStock, ids: Sequence[str]) -> Reading:
    """What cannot be read says nothing; what is left out of the answer is not there."""
    began_at, unread = now(), list[str]()
    shows = await read_by_halves(channel, ids, unread.append)
    known = {each: shows.get(each) for each in ids if each not in unread}
    return Reading(began_at, known, unread)


async def _compare(ctx: HubContext, opened: OpenedChannel, reading: Reading) -> None:
    row = opened.row
    pulled_at: datetime | None = row.pulled_at if isinstance(opened.channel, FetchesOrders) else None
    async with ctx.db.transaction() as tx:
        done = await compare(tx, Reader(row.id, row.slug, pulled_at), reading, url=ctx.config.url, at=now())
    await ring_notifiers(ctx, set(done.notifiers))
    touched = {row.id} if done.healed else set()
    if done.adopt:
        touched |= await _adopt(ctx, done)
    if done.missed:
        async with ctx.db.transaction() as tx:
            await looks.wish_look(tx, row.id, at=now())
    await ring_touched(ctx, touched)
    if done.found:
        log.info("drift_found", channel=row.slug, listings=done.found, healed=done.healed, asked=done.asked)
        await ctx.bell.announce("channels")


async def _adopt(ctx: HubContext, done: Compared) -> set[UUID]:
    """What cannot be taken over stays with a person."""
    with suppress(WrongStateError):
        async with ctx.db.transaction() as tx:
            return (await settle(tx, done.adopt, Deed.ADOPTED, actor="hub", at=now())).touched
    return set()

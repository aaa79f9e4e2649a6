"""Work out buffers: those that are due, some after the other, for as long as one look may take; the next goes on."""

import asyncio
from collections.abc import Sequence
from functools import partial
from uuid import UUID

import structlog

from hub.channels.bugs import PARKED
from hub.channels.context import HubContext
from hub.channels.halves import by_halves
from hub.channels.intake import ring_touched
from hub.flows.stock.work_out_buffers import DueBuffers, Recorded, due_buffers, known_of, record, work_out_all
from hub.kit.clock import now
from hub.store.locks import only_worker
from hub.store.stock.buffers import DueBuffer

SLICE_S = 10.0
AT_ONCE = 25  # listings in one transaction
ALL = UUID(int=0)  # whichever channels they are on
log = structlog.get_logger()


async def work_out_buffers(ctx: HubContext, *, slice_s: float = SLICE_S) -> int:
    """Return how many listings were looked at; none while another worker looks."""
    clock = asyncio.get_running_loop().time
    ends, listings, changed = clock() + slice_s, 0, 0
    async with only_worker(ctx.db, "buffers", ALL) as alone:
        due = await _due(ctx) if alone else DueBuffers()
        for begin in range(0, len(due.listings), AT_ONCE):
            some = due.listings[begin : begin + AT_ONCE]
            worked = await by_halves(some, partial(_work_out, ctx, due=due), _left_as_it_is, PARKED)
            changed += sum(each.changed for each in worked)
            listings += len(some)
            if clock() >= ends:
                break
    if changed:
        log.info("buffers_worked_out", listings=listings, changed=changed)
    return listings


async def _due(ctx: HubContext) -> DueBuffers:
    async with ctx.db.transaction() as tx:
        return await due_buffers(tx, at=now())


def _left_as_it_is(bad: DueBuffer, error: Exception) -> list[Recorded]:
    log.error("buffer_not_worked_out", listing=str(bad.listing_id), error=type(error).__name__)
    return []


async def _work_out(ctx: HubContext, some: Sequence[DueBuffer], due: DueBuffers) -> list[Recorded]:
    """Outside of both transactions, in a thread: what is pushed meanwhile waits for none of it."""
    async with ctx.db.transaction() as tx:
        known = await known_of(tx, some, due.told, at=now())
    worked = await asyncio.to_thread(work_out_all, known)
    async with ctx.db.transaction() as tx:
        recorded = await record(tx, worked, at=now())
    if recorded.touched:
        await ring_touched(ctx, set(recorded.touched))
    return [recorded]

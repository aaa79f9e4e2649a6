"""Work out buffers: some listings after the other while any is due, for as long as one look may take."""

import asyncio

import structlog

from hub.channels.context import HubContext
from hub.channels.intake import ring_touched
from hub.flows.stock.work_out_buffers import AT_ONCE
from hub.flows.stock.work_out_buffers import work_out_buffers as look
from hub.kit.clock import now

SLICE_S = 10.0
log = structlog.get_logger()


async def work_out_buffers(ctx: HubContext) -> int:
    """Return of how many listings the buffer is another one now."""
    clock = asyncio.get_running_loop().time
    ends, listings, changed = clock() + SLICE_S, 0, 0
    while clock() < ends:
        async with ctx.db.transaction() as tx:
            found = await look(tx, at=now())
        listings, changed = listings + found.listings, changed + found.changed
        if found.touched:
            await ring_touched(ctx, set(found.touched))
        if found.listings < AT_ONCE:
            break
    if changed:
        log.info("buffers_worked_out", listings=listings, changed=changed)
    return changed

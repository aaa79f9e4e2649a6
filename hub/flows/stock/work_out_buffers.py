"""Work out: the adaptive buffers that are due, of what sold and of how soon each channel was told; some at a time."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from msgspec import Struct

from hub.model.stock.buffers import LOOK_BACK_DAYS, AdaptiveBuffer, mixed, told_after, work_out
from hub.store import publications
from hub.store.db import Tx
from hub.store.stock import buffers
from hub.store.stock.buffers import Demand, DueBuffer, Told

AGAIN_AFTER = timedelta(hours=1)
TOLD_WITHIN = timedelta(days=7)
AT_ONCE = 500  # listings in one transaction
NEVER = Told({}, {}, {})


class WorkedOut(Struct, frozen=True):
    """How many listings were looked at, of how many the buffer is another one, and the channels to be told."""

    listings: int = 0
    changed: int = 0
    touched: frozenset[UUID] = frozenset()


async def work_out_buffers(tx: Tx, *, limit: int = AT_ONCE, at: datetime) -> WorkedOut:
    """Look at some listings whose rules ask for it; a listing is told anew only where its buffer changed.

    The number of statements does not grow with the listings.
    """
    due = await buffers.due_buffers(tx, before=at - AGAIN_AFTER, limit=limit)
    if not due:
        return WorkedOut()
    told = await buffers.told_of(tx, since=at - TOLD_WITHIN, at=at)
    since = at - timedelta(days=LOOK_BACK_DAYS)
    demands = await buffers.demands_of(tx, [each.listing_id for each in due], since=since, at=at)
    worked = await asyncio.to_thread(
        _all_of, due, demands, told
    )  # what is pushed meanwhile waits for none of it
    changed = await buffers.record_buffers(tx, worked, at=at)
    touched = await publications.mark_listings(tx, changed, at=at)
    return WorkedOut(len(due), len(changed), frozenset(touched))


def _all_of(
    due: Sequence[DueBuffer], demands: Mapping[UUID, Demand], told: Mapping[UUID, Told]
) -> dict[UUID, AdaptiveBuffer]:
    return {each.listing_id: _of(each, demands[each.listing_id], told) for each in due}


def _of(due: DueBuffer, demand: Demand, told: Mapping[UUID, Told]) -> AdaptiveBuffer:
    """A sale elsewhere must be known before this channel is told: each by its share of what is sold."""
    known = mixed({str(channel): each.known for channel, each in told.items()}, demand.by_channel)
    own = told.get(due.channel_id, NEVER)
    return work_out(due.asked, demand.sales, told_after(known, own.sent, own.confirmed), units=demand.units)

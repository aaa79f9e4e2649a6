"""Work out: adaptive buffers of what sold and of how soon each channel was told: load some, decide, record them."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from msgspec import Struct

from hub.model.stock.buffers import (
    LOOK_BACK_DAYS,
    AdaptiveBuffer,
    Asked,
    Sales,
    Took,
    mixed,
    told_after,
    work_out,
)
from hub.store import publications
from hub.store.db import Tx
from hub.store.publications import HERE
from hub.store.stock import buffers
from hub.store.stock.buffers import Demand, DueBuffer, Told

AGAIN_AFTER = timedelta(hours=1)
TOLD_WITHIN = timedelta(days=7)
DUE_MAX = 500  # listings of one look
NEVER = Told({}, {}, {})


class DueBuffers(Struct, frozen=True):
    """The listings that are due, those first that wait longest, and how soon each channel was told."""

    listings: Sequence[DueBuffer] = ()
    told: Mapping[UUID, Told] = {}


class Known(Struct, frozen=True):
    """All that the buffer of a listing is worked out of."""

    asked: Asked
    sales: Sales
    told: Told
    elsewhere: Took
    units: int


class Recorded(Struct, frozen=True):
    """Of how many listings the buffer is another one, and the channels to be told."""

    changed: int = 0
    touched: frozenset[UUID] = frozenset()


async def due_buffers(tx: Tx, *, limit: int = DUE_MAX, at: datetime) -> DueBuffers:
    """Listings whose rules ask for a buffer that was never worked out so, or more than an hour ago."""
    due = await buffers.due_buffers(tx, before=at - AGAIN_AFTER, limit=limit)
    return DueBuffers(due, await buffers.told_of(tx, since=at - TOLD_WITHIN, at=at)) if due else DueBuffers()


async def known_of(
    tx: Tx, due: Sequence[DueBuffer], told: Mapping[UUID, Told], *, at: datetime
) -> dict[UUID, Known]:
    """The number of statements does not grow with the listings, here and in `record`."""
    since = at - timedelta(days=LOOK_BACK_DAYS)
    demands = await buffers.demands_of(tx, [each.listing_id for each in due], since=since, at=at)
    return {
        each.listing_id: _known(each, demands[each.listing_id], told)
        for each in due
        if each.listing_id in demands
    }


def work_out_all(known: Mapping[UUID, Known]) -> dict[UUID, AdaptiveBuffer]:
    return {listing_id: _work_out(each) for listing_id, each in known.items()}


async def record(tx: Tx, worked: Mapping[UUID, AdaptiveBuffer], *, at: datetime) -> Recorded:
    """A listing is told anew only where its buffer changed."""
    changed = await buffers.record_buffers(tx, worked, at=at)
    touched = await publications.mark_listings(tx, changed, at=at, origin=HERE)
    return Recorded(len(changed), frozenset(touched))


def _known(due: DueBuffer, demand: Demand, told: Mapping[UUID, Told]) -> Known:
    """A sale elsewhere must be known before this channel is told: each by its share of what is sold."""
    elsewhere = mixed({str(channel): each.known for channel, each in told.items()}, demand.by_channel)
    return Known(due.asked, demand.sales, told.get(due.channel_id, NEVER), elsewhere, demand.units)


def _work_out(known: Known) -> AdaptiveBuffer:
    told = told_after(known.elsewhere, known.told.sent, known.told.confirmed)
    return work_out(known.asked, known.sales, told, units=known.units)

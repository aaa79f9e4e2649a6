"""Tell one observer what has happened, oldest first, each event at least once; its trouble is nobody else's."""

import asyncio
from collections.abc import Sequence
from fnmatch import fnmatchcase
from time import monotonic
from uuid import UUID

import structlog
from msgspec.structs import replace

from hub.channels.bugs import BUGS, fault_of
from hub.channels.context import HubContext
from hub.channels.followers import later, open_observer
from hub.jobs.settled import settled_event
from hub.kit.clock import now
from hub.spec import Event, OpenObserver, RejectedError
from hub.store import events, followers
from hub.store.events import Happened
from hub.store.followers import FollowerRow
from hub.store.locks import only_worker

BATCH_MAX = 100
SLICE_S = 30.0  # of a slow observer: how far it is must be written before the job's own time is over
BUG_TRIES = (
    5  # of an event on which the observer fails by a bug of its own: then it is passed over, as rejected
)
log = structlog.get_logger()


async def tell_observer(ctx: HubContext, follower_id: UUID) -> int:
    """Return how many events it was told."""
    await ctx.bell.answered("tell_observer", follower_id)
    told = 0
    async with only_worker(ctx.db, "observe", follower_id) as alone:
        upto = await settled_event(ctx.db) if alone else None
        while upto is not None and (batch := await _due(ctx, follower_id, upto)):
            row, due = batch
            count, well = await _tell_batch(ctx, row, due)
            told += count
            if not well:
                break
    return told


async def _due(ctx: HubContext, follower_id: UUID, upto: int) -> tuple[FollowerRow, list[Happened]] | None:
    async with ctx.db.transaction() as tx:
        row = await followers.follower_by_id(tx, follower_id)
        if row is None or row.state != "active":
            return None
        due = await events.events_after(tx, row.cursor.event_id, upto=upto, limit=BATCH_MAX)
    return (row, due) if due else None


async def _tell_batch(ctx: HubContext, row: FollowerRow, due: Sequence[Happened]) -> tuple[int, bool]:
    """How many it was told, and whether it may go on; the first that fails is where it goes on later."""
    told = passed_over = 0
    problem, last = "", row.cursor.event_id
    ends = monotonic() + SLICE_S
    for each in due:
        if last != row.cursor.event_id and monotonic() > ends:
            break
        if _is_wanted(row, topic_of(each)):
            error = await _tell(ctx, row, each)
            first = last == row.cursor.event_id
            if error and not _is_passed_over(error, row.attempts + 1 if first else 1):
                problem = fault_of("the observer", error)
                break
            told, passed_over = told + (error is None), passed_over + (error is not None)
        last = each.id
    await _record(ctx, row, last, problem, passed_over)
    log.info("observer_told", observer=row.slug, told=told, passed_over=passed_over)
    return told, not problem


async def _record(ctx: HubContext, row: FollowerRow, last: int, problem: str, passed_over: int) -> None:
    at = now()
    attempts = (row.attempts + 1 if last == row.cursor.event_id else 1) if problem else 0
    due = later(attempts - 1, at) if problem else at
    cursor = replace(row.cursor, event_id=last)
    async with ctx.db.transaction() as tx:
        await followers.advance(
            tx,
            row,
            cursor,
            next_at=due,
            problem=problem,
            attempts=attempts,
            passed_over=passed_over,
            at=at,
        )


async def _tell(ctx: HubContext, row: FollowerRow, each: Happened) -> Exception | None:
    (problem,) = await asyncio.gather(_observe(ctx, row, each), return_exceptions=True)
    if problem is None or isinstance(problem, Exception):
        return problem
    raise problem  # told to stop


async def _observe(ctx: HubContext, row: FollowerRow, each: Happened) -> None:
    observer: OpenObserver = open_observer(ctx, row)
    await observer.observe(
        Event(each.id, topic_of(each), each.at, each.actor, each.order_number, each.channel, each.facts)
    )


def topic_of(each: Happened) -> str:
    """order.taken, channel.listings_matched, stock_received: what it is about, and what happened to it."""
    about = "order." if each.order_number else "channel." if each.channel else ""
    return about + each.kind.replace(" ", "_")


def _is_passed_over(error: Exception, tries: int) -> bool:
    """One event that it refuses, or always fails on, keeps no other from it (L5)."""
    return isinstance(error, RejectedError) or (isinstance(error, BUGS) and tries >= BUG_TRIES)


def _is_wanted(row: FollowerRow, topic: str) -> bool:
    return not row.topics or any(fnmatchcase(topic, each) for each in row.topics)

"""Push stock: tell one channel what is left, batch after batch, until nothing waits or its turn is over.

What falls goes in a lane before what rises: where more rises are left than one call holds, `push_rises` goes on with
them. It is also rung, a moment later, for a channel that has counted down itself what it sold.

Claim and compute in one transaction, call outside any, record in another while the next batch is on its way. The
quantity is computed when it is sent; a mark that moved meanwhile stays (L9). Of a channel that answers quickly several
batches are claimed at once, and leave within a moment. One worker at a time per channel; whoever met a held lock is
covered by the holder's last look.
"""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Mapping, Sequence
from datetime import datetime
from uuid import UUID

import structlog
from msgspec import Struct
from msgspec.structs import replace

from hub.channels.budgets import BudgetSpentError
from hub.channels.context import HubContext
from hub.channels.halves import by_halves, read_by_halves
from hub.channels.health import may_be_told, watched
from hub.channels.lanes import Lane
from hub.channels.notifiers import ring_notifiers
from hub.channels.opening import OpenedChannel, channel_of, open_channel
from hub.flows.sync.hold_back import hold_back
from hub.jobs.turns import is_over, turn_over
from hub.kit.clock import now
from hub.model.sync.risk import falls
from hub.model.sync.seatbelt import may_be_drastic
from hub.model.sync.stages import Stage
from hub.spec import (
    Outcome,
    OutcomeState,
    PushesStock,
    ReadsStock,
    StockTarget,
)
from hub.store import channels, publications, shadow
from hub.store.events import Event
from hub.store.locks import only_worker
from hub.store.publications import Due, Told
from hub.store.sync import risk
from hub.store.sync.answers import keep_answers

log = structlog.get_logger()
REJECTED_RETRY_S = 3600  # a rejected listing waits for a person, or for its next change
UNKNOWN_RETRY_S = 2
REST_RETRY_S = 1
MOMENT_S = 0.25  # after its claim a batch leaves, or is claimed anew: so long a riskier one waits
CLAIMED_MAX = 10  # batches


async def push_stock(ctx: HubContext, channel_id: UUID) -> int:
    """Return how many listings were told."""
    await ctx.bell.answered("push_stock", channel_id)
    told = await _push_all(ctx, channel_id, Lane.STOCK_DOWN)
    if told.rest_waits:
        await ctx.bell.ring("push_rises", channel_id)
    return told.listings


async def push_rises(ctx: HubContext, channel_id: UUID) -> int:
    """As push_stock, with what can wait; what falls meanwhile leaves first here as well."""
    await ctx.bell.answered("push_rises", channel_id)
    told = await _push_all(ctx, channel_id, Lane.STOCK_UP)
    if told.rest_waits:
        # There was no last look: who met the lock meanwhile, with what falls, is covered by this ring.
        await ctx.bell.ring("push_rises", channel_id, in_s=REST_RETRY_S)
    return told.listings


class Pushed(Struct):
    """How many listings were told, and whether all that is left can wait: for its own lane, or for the budget."""

    listings: int = 0
    rest_waits: bool = False


async def _push_all(ctx: HubContext, channel_id: UUID, lane: Lane) -> Pushed:
    told, end = Pushed(), turn_over()
    while not is_over(end):
        async with only_worker(ctx.db, "push", channel_id) as alone:
            if not alone:
                return told
            await _drain(ctx, channel_id, lane, told, end)
        if told.rest_waits or not await _is_due(ctx, channel_id):  # look once more after letting go
            return told
    await ctx.bell.ring("push_stock", channel_id)
    return told


async def _drain(ctx: HubContext, channel_id: UUID, lane: Lane, told: Pushed, end: float) -> None:
    opened = await channel_of(ctx, channel_id, lane=Lane.STOCK_DOWN)
    before, batches = told.listings, 1
    while opened is not None and may_be_told(opened.row, at=now()) and not is_over(end):
        pushed = Pushed()
        async with watched(ctx, opened.row, "push_stock"):
            pushed = await push_batches(ctx, opened, lane, batches)
        told.listings, told.rest_waits = told.listings + pushed.listings, pushed.rest_waits
        if pushed.rest_waits or pushed.listings < batches * _size(opened):
            break
        batches = min(2 * batches, CLAIMED_MAX)
        opened = await channel_of(ctx, channel_id, lane=Lane.STOCK_DOWN)
    if told.listings > before:
        await ctx.bell.announce("stock")


async def push_batches(ctx: HubContext, opened: OpenedChannel, lane: Lane, batches: int = 1) -> Pushed:
    """Push what is due, so many batches at most.

    No batch but the first leaves later than a moment after it was claimed: the rest of a slow channel's stays due, as
    does what was not sent where the channel raises.
    """
    if not isinstance(opened.channel, PushesStock):
        return Pushed()
    size = _size(opened)
    try:
        at, due = await _claim(ctx, opened, batches * size)
    except BudgetSpentError as spent:
        if spent.for_all:
            raise
        return Pushed(rest_waits=True)
    answers: Answers = asyncio.Queue()
    recording = asyncio.create_task(_record_all(ctx, opened, answers, at))
    pushed = await _both(_tell_all(ctx, opened, due, at, answers, recording), recording)
    may_wait = lane is Lane.STOCK_DOWN and len(due) >= size and not any(map(_falls, due))
    pushed.rest_waits = pushed.rest_waits or may_wait
    return pushed


class Answered(Struct, frozen=True):
    """One batch as the channel answered it; `shown` is what was read of it since then."""

    due: Sequence[Due]
    told: Sequence[Told]
    shown: Mapping[str, int]


Answers = asyncio.Queue[Answered | None]
"""None comes last."""


async def _tell_all(
    ctx: HubContext,
    opened: OpenedChannel,
    due: Sequence[Due],
    at: datetime,
    answers: Answers,
    recording: asyncio.Task[None],
) -> Pushed:
    """Batch after batch while a moment lasts and all is recorded; of a budget that is spent the rest waits for."""
    pushed, size, clock = Pushed(), _size(opened), asyncio.get_running_loop().time
    ends = clock() + MOMENT_S
    try:
        while pushed.listings < len(due) and not recording.done() and (not pushed.listings or clock() < ends):
            some = due[pushed.listings : pushed.listings + size]
            answers.put_nowait(await _tell(_in_lane(ctx, opened, some), some, at))
            pushed.listings += len(some)
    except BudgetSpentError as spent:
        if spent.for_all:
            raise
        pushed.rest_waits = True
    finally:
        answers.put_nowait(None)
    return pushed


def _falls(due: Due) -> bool:
    return falls(shows=due.shows, would=due.quantity)


def _in_lane(ctx: HubContext, opened: OpenedChannel, due: Sequence[Due]) -> OpenedChannel:
    """A call in which nothing falls leaves the budget to those in which something does."""
    return opened if any(map(_falls, due)) else open_channel(ctx, opened.row, lane=Lane.STOCK_UP)


def _size(opened: OpenedChannel) -> int:
    return opened.connector.manifest.stock_batch_max


async def _tell(opened: OpenedChannel, due: Sequence[Due], at: datetime) -> Answered:
    assert isinstance(opened.channel, PushesStock)  # whoever claims has looked
    targets = [_target(opened, each, at) for each in due]
    outcomes = await by_halves(targets, opened.channel.push_stock, _refused)
    shown = await _read_back(opened, due, outcomes)
    return Answered(due, _all_told(due, outcomes, shown), shown)


async def _record_all(ctx: HubContext, opened: OpenedChannel, answers: Answers, at: datetime) -> None:
    """While more is on its way; what comes during one transaction is recorded together by the next."""
    more = True
    while more:
        some = [await answers.get(), *(answers.get_nowait() for _ in range(answers.qsize()))]
        more = some[-1] is not None
        await _record(ctx, opened, [each for each in some if each is not None], at)


async def _record(ctx: HubContext, opened: OpenedChannel, answers: Sequence[Answered], at: datetime) -> None:
    if not answers:
        return
    due = [each for answered in answers for each in answered.due]
    told = [each for answered in answers for each in answered.told]
    shown = dict(item for answered in answers for item in answered.shown.items())
    async with ctx.db.transaction() if shown else ctx.db.session() as tx:
        done = now()
        await keep_answers(tx, told, _took(due, told, at, done), _event(opened, due, told), at=done)
        await shadow.record_seen(tx, opened.row.id, shown, at=done)
    applied = sum(each.outcome == "applied" for each in told)
    log.info("stock_pushed", channel=opened.row.slug, sent=len(told), applied=applied)


async def _both(telling: Awaitable[Pushed], recording: Awaitable[None]) -> Pushed:
    """Whatever goes wrong with one of them, the other is finished."""
    pushed, recorded = await asyncio.gather(telling, recording, return_exceptions=True)
    if isinstance(recorded, BaseException):
        raise recorded
    if isinstance(pushed, BaseException):
        raise pushed
    return pushed


async def _claim(ctx: HubContext, opened: OpenedChannel, limit: int) -> tuple[datetime, list[Due]]:
    """Take so many of which something may leave; empty where nothing is due any more."""
    ranked = False
    while True:
        at = now()
        async with ctx.db.transaction() as tx:
            locked = await publications.lock_due(tx, opened.row.id, limit=limit, at=at)
            may_rank = not ranked and len(locked) >= _size(opened)
            to_rank = may_rank and await risk.is_to_rank(tx, opened.row.id, limit=_size(opened))
            due = [] if to_rank else await publications.claim(tx, locked, at=at)
        if to_rank:  # by itself: the claim locks others
            async with ctx.db.transaction() as tx:
                await risk.rank_due(tx, opened.row.id, at=at)
            ranked = True
            continue
        due = await _read_first(ctx, opened, due, at)
        leaves = await _without_held(ctx, opened, due, at)
        if leaves or not due:
            return at, leaves


async def _read_first(ctx: HubContext, opened: OpenedChannel, due: list[Due], at: datetime) -> list[Due]:
    """What the channel shows of listings nobody told or read: only then is it known what their number would do."""
    new = [each for each in due if each.unread]
    reader = _in_lane(ctx, opened, new).channel if new else opened.channel
    if not new or not isinstance(reader, ReadsStock):
        return due
    shows: dict[str, int] = {}
    for start in range(0, len(new), _size(opened)):
        ids = [each.channel_listing_id for each in new[start : start + _size(opened)]]
        shows |= await read_by_halves(reader, ids)
    async with ctx.db.transaction() as tx:
        seen = {each.channel_listing_id: shows.get(each.channel_listing_id) for each in new}
        await shadow.record_seen(tx, opened.row.id, seen, at=at)
    return [replace(each, shows=shows.get(each.channel_listing_id)) if each.unread else each for each in due]


async def _without_held(ctx: HubContext, opened: OpenedChannel, due: list[Due], at: datetime) -> list[Due]:
    """Nothing is asked of the database where no number goes to none or leaps: such are nearly all batches."""
    if not any(each.allowed_at is None and may_be_drastic(each.shows, each.quantity) for each in due):
        return due
    row, reads = opened.row, isinstance(opened.channel, ReadsStock)
    async with ctx.db.transaction() as tx:
        held = await hold_back(tx, row.id, slug=row.slug, url=ctx.config.url, at=at, reads=reads)
    await ring_notifiers(ctx, set(held.notifiers))
    if held.listing_ids:
        log.warning("stock_suspended", channel=row.slug, listings=len(held.listing_ids))
        await ctx.bell.announce("channels")
    return [each for each in due if each.listing_id not in held.listing_ids]


def _took(
    due: Sequence[Due], told: Sequence[Told], sent: datetime, done: datetime
) -> dict[Stage, list[float]]:
    """How long each number that the channel took has waited, and has been on its way."""
    applied = {each.listing_id for each in told if each.outcome == OutcomeState.APPLIED}
    since = [each.dirty_since or sent for each in due if each.listing_id in applied]
    waited = [(sent - each).total_seconds() for each in since]
    return {Stage.SENT: waited, Stage.CONFIRMED: [(done - sent).total_seconds()] * len(waited)}


def _event(opened: OpenedChannel, due: Sequence[Due], told: Sequence[Told]) -> Event:
    """Each number by its listing, as the channel took it; of those it did not take only how many."""
    states = Counter(each.outcome for each in told)
    applied = {each.listing_id for each in told if each.outcome == OutcomeState.APPLIED}
    numbers = {each.channel_listing_id: each.quantity for each in due if each.listing_id in applied}
    facts = {"listings": numbers, **{str(state): states[state] for state in OutcomeState if states[state]}}
    return Event("stock published", "hub", channel_id=opened.row.id, facts=facts)


def _target(opened: OpenedChannel, due: Due, at: datetime) -> StockTarget:
    """With the number that is believed to be there, where the channel writes over no other."""
    expected = due.shows if opened.connector.manifest.compares_stock else None
    return StockTarget(due.channel_listing_id, due.channel_sku, due.quantity, due.version, at, expected)


def _refused(target: StockTarget, error: Exception) -> list[Outcome]:
    return [Outcome(target.channel_listing_id, OutcomeState.REJECTED, str(error))]


async def _read_back(
    opened: OpenedChannel, due: Sequence[Due], outcomes: Sequence[Outcome]
) -> dict[str, int]:
    """What is shown now of all that is unknown: it is read before anybody repeats it, or writes over it."""
    known = {each.channel_listing_id for each in outcomes if each.state is not OutcomeState.UNKNOWN}
    unknown = [each.channel_listing_id for each in due if each.channel_listing_id not in known]
    if not unknown or not isinstance(opened.channel, ReadsStock):
        return {}
    return await read_by_halves(opened.channel, unknown)


def _all_told(due: Sequence[Due], outcomes: Sequence[Outcome], shown: Mapping[str, int]) -> list[Told]:
    by_listing = {outcome.channel_listing_id: outcome for outcome in outcomes}
    return [_told(each, by_listing.get(each.channel_listing_id), shown) for each in due]


def _told(due: Due, outcome: Outcome | None, shown: Mapping[str, int]) -> Told:
    state = outcome.state if outcome else OutcomeState.UNKNOWN
    if state is OutcomeState.UNKNOWN and shown.get(due.channel_listing_id) == due.quantity:
        state = OutcomeState.APPLIED
    problem = outcome.reason if outcome and state is not OutcomeState.APPLIED else ""
    retry_s = {OutcomeState.APPLIED: 0, OutcomeState.REJECTED: REJECTED_RETRY_S}.get(state, UNKNOWN_RETRY_S)
    return Told(due.listing_id, due.version, due.quantity, state, problem, retry_s)


async def _is_due(ctx: HubContext, channel_id: UUID) -> bool:
    at = now()
    async with ctx.db.session() as session:
        due = await publications.is_due(session, channel_id, at=at)
        row = await channels.channel_by_id(session, channel_id) if due else None
    if row is None or not may_be_told(row, at=at):
        return False
    return isinstance(open_channel(ctx, row).channel, PushesStock)

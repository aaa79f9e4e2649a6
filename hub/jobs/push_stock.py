"""Push stock: tell one channel what is left, batch after batch, until nothing waits or its turn is over.

What falls goes in a lane before what rises: where more rises are left than one call holds, `push_rises` goes on with
them. It is also rung, a moment later, for a channel that has counted down itself what it sold.

Claim and compute in one transaction, call outside any, record in another while the next batch is on its way. The
quantity is computed when it is sent; a mark that moved meanwhile stays (L9). Of a channel that answers quickly several
batches are claimed at once, and leave within a moment while the next are claimed. One worker at a time per channel;
whoever met a held lock is covered by the holder's last look.
"""

from collections.abc import Mapping, Sequence
from contextlib import aclosing
from datetime import datetime
from time import perf_counter
from uuid import UUID

from msgspec import Struct

from hub.channels.budgets import BudgetSpentError
from hub.channels.context import HubContext
from hub.channels.halves import by_halves, read_by_halves
from hub.channels.health import may_be_told, watched
from hub.channels.lanes import Lane
from hub.channels.opening import OpenedChannel, channel_of, open_channel
from hub.jobs.answers import Answered, Answers
from hub.jobs.claims import Claim, Claims, Lanes, is_falling
from hub.jobs.turns import is_over, turn_over
from hub.kit.clock import now
from hub.spec import (
    Outcome,
    OutcomeState,
    PushesStock,
    ReadsStock,
    StockTarget,
)
from hub.store import channels, publications
from hub.store.locks import only_worker
from hub.store.publications import Due, Told

RETRY_S = {OutcomeState.APPLIED: 0, OutcomeState.REJECTED: 3600}  # what is rejected waits for its next change
UNKNOWN_RETRY_S = 2
REST_RETRY_S = 1


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
    """How many listings were told, and whether all that is left can wait: for its own lane, or for the budget.

    `is_full`: there may be more.
    """

    listings: int = 0
    rest_waits: bool = False
    is_full: bool = False


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
    before, claims, answers = told.listings, Claims(ctx, channel_id), Answers(ctx)
    async with aclosing(claims), aclosing(answers):
        while opened is not None and may_be_told(opened.row, at=now()) and not is_over(end):
            pushed = Pushed()
            async with watched(ctx, opened.row, "push_stock") as watch:
                pushed = await push_batches(ctx, opened, lane, claims, answers)
                watch.asked = pushed.listings > 0
            told.listings, told.rest_waits = told.listings + pushed.listings, pushed.rest_waits
            if pushed.rest_waits or not pushed.is_full:
                break
            opened = await claims.channel(opened)
    if told.listings > before:
        await ctx.bell.announce("stock")


async def push_batches(
    ctx: HubContext, opened: OpenedChannel, lane: Lane, claims: Claims, answers: Answers
) -> Pushed:
    """Push what is due, as much as one claim takes, while the next claim is made of others.

    No batch but the first leaves later than a moment after it was claimed: the rest of a slow channel's stays due, as
    does what was not sent where the channel raises. Where there is no more, all answers are kept on return.
    """
    if not isinstance(opened.channel, PushesStock):
        return Pushed()
    try:
        claim = await claims.take(opened, but=answers.not_kept)
    except BudgetSpentError as spent:
        if spent.for_all:
            raise
        await answers.all_kept()
        return Pushed(rest_waits=True)
    only_rises = len(claim.due) >= claim.size and not any(map(is_falling, claim.due))
    may_wait = lane is Lane.STOCK_DOWN and only_rises
    if claim.is_full and not may_wait:
        claims.make_next(opened, but=[*answers.not_kept, *(each.listing_id for each in claim.due)])
    pushed = await _tell_all(ctx, opened, claim, claims, answers)
    pushed.is_full = claim.is_full and pushed.listings == len(claim.due)
    pushed.rest_waits = pushed.rest_waits or (may_wait and claim.row_ahead is None)
    if pushed.rest_waits or not pushed.is_full:
        await answers.all_kept()
    return pushed


async def _tell_all(
    ctx: HubContext, opened: OpenedChannel, claim: Claim, claims: Claims, answers: Answers
) -> Pushed:
    """Batch after batch while a moment lasts and answers are kept; of a budget that is spent the rest waits for."""
    pushed, lanes, began = Pushed(), Lanes(ctx, opened), perf_counter()
    try:
        for some in claim.batches:
            if answers.cannot_be_kept or (pushed.listings and claim.is_late):
                break
            answers.keep(opened, await _tell(lanes.of(some), some, claim.at))
            pushed.listings += len(some)
    except BudgetSpentError as spent:
        claims.forget()
        if spent.for_all:
            raise
        pushed.rest_waits = True
    else:
        claims.learn(claim, pushed.listings, perf_counter() - began)
    return pushed


async def _tell(opened: OpenedChannel, due: Sequence[Due], at: datetime) -> Answered:
    assert isinstance(opened.channel, PushesStock)  # whoever claims has looked
    targets = [_target(opened, each, at) for each in due]
    outcomes = await by_halves(targets, opened.channel.push_stock, _refused)
    shown = await _read_back(opened, due, outcomes)
    return Answered(at, due, _all_told(due, outcomes, shown), shown)


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
    return Told(
        due.listing_id, due.version, due.quantity, state, problem, RETRY_S.get(state, UNKNOWN_RETRY_S)
    )


async def _is_due(ctx: HubContext, channel_id: UUID) -> bool:
    at = now()
    async with ctx.db.session() as session:
        due = await publications.is_due(session, channel_id, at=at)
        row = await channels.channel_by_id(session, channel_id) if due else None
    if row is None or not may_be_told(row, at=at):
        return False
    return isinstance(open_channel(ctx, row).channel, PushesStock)

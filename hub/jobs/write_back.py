"""Write back: tell one channel what was done to its orders here, batch after batch, until nothing waits.

Claim with a lease and commit, call outside any transaction, record each outcome. What may have been sent before is
looked for in the channel's own order first, and sent again only where the same key acts once (C47). A worker that dies
leaves its lease: whoever comes after it is over takes for unknown what it had. One worker at a time per channel, which
rings for the next one before it is cut off.
"""

import asyncio
from collections import Counter
from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from uuid import UUID

import structlog

from hub.channels.budgets import BudgetSpentError
from hub.channels.bugs import BUGS, reason_of
from hub.channels.context import HubContext
from hub.channels.health import may_be_told, watched
from hub.channels.intake import ring_touched
from hub.channels.lanes import Lane
from hub.channels.notifiers import ring_notifiers
from hub.channels.opening import OpenedChannel, channel_of
from hub.channels.telling import IN_TURN, capability_of, look_there, repeats_safely, tell
from hub.flows.sync.claim_wishes import claim_wishes
from hub.flows.sync.write_backs import Teller, let_untold_be, note_outcomes
from hub.jobs.turns import is_over, turn_over
from hub.kit.clock import now
from hub.kit.ids import uuid7
from hub.model.sync.write_backs import State, Wish
from hub.spec import OutcomeState, RetryLaterError, UnauthorizedError, WriteOutcome
from hub.store import channels
from hub.store.locks import only_worker
from hub.store.sync import write_backs
from hub.store.sync.write_backs import Became

log = structlog.get_logger()
RETRY_S, RETRY_S_MAX = 30.0, 3600.0
ATTEMPTS_MAX = 8  # with nobody knowing what became of it: some two hours
NOBODY_KNOWS = "nobody knows whether the channel has it: look at the order there, then try again or let it be"


async def write_back(ctx: HubContext, channel_id: UUID) -> int:
    """Return how many were sent."""
    await ctx.bell.answered("write_back", channel_id)
    sent, ends = 0, turn_over()  # what is claimed before has time to be answered
    while True:
        async with only_worker(ctx.db, "write back", channel_id) as alone:
            if not alone:
                return sent
            drained = await _drain(ctx, channel_id, ends)
        sent += drained
        if not drained or not await _is_due(ctx, channel_id):  # look once more after letting go
            return sent
        if is_over(ends):
            await ctx.bell.ring("write_back", channel_id)
            return sent


async def _drain(ctx: HubContext, channel_id: UUID, ends: float) -> int:
    opened = await channel_of(ctx, channel_id, lane=Lane.WRITE_BACK)
    sent = 0
    while opened is not None and may_be_told(opened.row, at=now()) and not is_over(ends):
        batch = 0
        async with watched(ctx, opened.row, "write_back"):
            batch = await write_batch(ctx, opened)
        if not batch:
            break
        sent += batch
        opened = await channel_of(ctx, channel_id, lane=Lane.WRITE_BACK)
    return sent


async def write_batch(ctx: HubContext, opened: OpenedChannel) -> int:
    """Send what is due, one batch; return how many that were. What the channel raises is raised, once it is noted."""
    claim, limit = uuid7(), opened.connector.manifest.writes_batch_max
    async with ctx.db.transaction() as tx:
        await let_untold_be(tx, opened.row.id, actor="hub", at=now())
        wishes = await claim_wishes(tx, ctx.vault, opened.row.id, claim=claim, limit=limit, at=now())
    if not wishes:
        return 0
    begun: set[UUID] = set()
    became: dict[UUID, Became] = {}
    sending = asyncio.gather(_send(ctx, opened, wishes, begun, became), return_exceptions=True)
    try:
        (error,) = await sending
    except asyncio.CancelledError:
        became |= {each.id: _put_off(each) for each in wishes if each.id not in begun | became.keys()}
        await asyncio.shield(_note(ctx, opened, claim, wishes, became))
        raise
    became |= {each.id: _unanswered(each, error, begun) for each in wishes if each.id not in became}
    await _note(ctx, opened, claim, wishes, became)
    if isinstance(error, BaseException) and not isinstance(error, BUGS):
        raise error
    return len(wishes)


async def _send(
    ctx: HubContext,
    opened: OpenedChannel,
    wishes: Sequence[Wish],
    begun: set[UUID],
    became: dict[UUID, Became],
) -> None:
    """Fill in which are sent, and what became of each as soon as it is known."""
    doubtful = [each for each in wishes if each.doubtful]
    became |= _applied(await look_there(opened, doubtful))
    lost = [each for each in doubtful if each.id not in became and not _may_repeat(opened, each)]
    became |= {each.id: Became(each.id, State.REJECTED, NOBODY_KNOWS) for each in lost}
    for capability in IN_TURN:
        some = [each for each in wishes if capability_of(each) is capability and each.id not in became]
        begun |= {each.id for each in some}
        told = await tell(ctx, opened, capability, some)
        became |= {wish.id: _answered(opened, wish, outcome) for wish, outcome in told}
        refused = [wish for wish, outcome in told if outcome.state is OutcomeState.REJECTED]
        became |= _applied(await look_there(opened, refused))


def _may_repeat(opened: OpenedChannel, wish: Wish) -> bool:
    return wish.told and (wish.is_asked_for or repeats_safely(opened, wish))


def _applied(there: Iterable[UUID]) -> dict[UUID, Became]:
    return {each: Became(each, State.APPLIED) for each in there}


def _answered(opened: OpenedChannel, wish: Wish, outcome: WriteOutcome) -> Became:
    match outcome.state:
        case OutcomeState.APPLIED:
            return Became(wish.id, State.APPLIED, "", outcome.channel_ref)
        case OutcomeState.REJECTED:
            reason = outcome.reason or "the channel gave no reason"
            sure = not wish.doubtful or repeats_safely(opened, wish)
            return Became(wish.id, State.REJECTED, reason, refused=sure)
        case OutcomeState.UNKNOWN:
            return _unknown(wish, outcome.reason)


def _unanswered(wish: Wish, error: object, begun: AbstractSet[UUID]) -> Became:
    """Nothing was heard of it: it waits on where it surely was not sent, else nobody knows."""
    sent = wish.id in begun
    if isinstance(error, UnauthorizedError) or (
        isinstance(error, RetryLaterError) and not (sent and error.sent)
    ):
        after_s = error.after_s if isinstance(error, BudgetSpentError) else None
        return _put_off(wish, after_s or 0)
    reason = reason_of(error) if isinstance(error, Exception) else ""
    if sent or wish.doubtful:
        return _unknown(wish, reason)
    return Became(wish.id, State.WAITING, reason, retry_s=_retry_s(wish))


def _put_off(wish: Wish, retry_s: float = 0) -> Became:
    return Became(wish.id, State.UNKNOWN if wish.doubtful else State.WAITING, retry_s=retry_s, put_off=True)


def _unknown(wish: Wish, reason: str) -> Became:
    """Looked at again, later each time; a person is asked where that does not end."""
    if wish.attempts >= ATTEMPTS_MAX:
        return Became(wish.id, State.REJECTED, f"{NOBODY_KNOWS} ({reason})" if reason else NOBODY_KNOWS)
    return Became(wish.id, State.UNKNOWN, reason, retry_s=_retry_s(wish))


def _retry_s(wish: Wish) -> float:
    return min(RETRY_S * 2.0 ** min(wish.attempts - 1, ATTEMPTS_MAX), RETRY_S_MAX)


async def _note(
    ctx: HubContext,
    opened: OpenedChannel,
    claim: UUID,
    wishes: Sequence[Wish],
    became: dict[UUID, Became],
) -> None:
    teller = Teller(opened.row.id, opened.row.slug, ctx.config.url)
    known = [each for each in wishes if each.id in became]
    async with ctx.db.transaction() as tx:
        noted = await note_outcomes(tx, teller, claim, known, became, at=now())
    await ring_notifiers(ctx, noted.notifiers)
    await ring_touched(ctx, noted.touched)
    states = Counter(str(each.state) for each in became.values())
    log.info("written_back", channel=opened.row.slug, **states)


async def _is_due(ctx: HubContext, channel_id: UUID) -> bool:
    at = now()
    async with ctx.db.session() as session:
        row = await channels.channel_by_id(session, channel_id)
        due = row is not None and may_be_told(row, at=at)
        return due and await write_backs.is_due(session, channel_id, at=at)

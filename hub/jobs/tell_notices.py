"""Tell one notifier what it has not told yet, oldest first; what cannot be told now waits, longer each time."""

import asyncio
from uuid import UUID

import structlog

from hub.channels.bugs import fault_of
from hub.channels.context import HubContext
from hub.channels.notifiers import open_notifier
from hub.kit.clock import now
from hub.spec import Notice, OpenNotifier, RejectedError, Severity
from hub.store import notices
from hub.store.locks import only_worker
from hub.store.notices import DueNotice, NotifierRow, Told

BATCH_MAX = 20
RETRIES_S = (10, 60, 300, 1800, 3600, 3600, 7200, 14400, 28800)  # some seventeen hours; then it is no news
log = structlog.get_logger()


async def tell_notices(ctx: HubContext, notifier_id: UUID) -> int:
    """Return how many were told."""
    await ctx.bell.answered("tell_notices", notifier_id)
    told = 0
    async with only_worker(ctx.db, "tell", notifier_id) as alone:
        while alone and (batch := await _due(ctx, notifier_id)):
            row, due = batch
            outcomes = await _tell_batch(ctx, row, due)
            told += sum(each.state == "told" for each in outcomes)
            if outcomes[-1].state == "waiting":
                break
    return told


async def _due(ctx: HubContext, notifier_id: UUID) -> tuple[NotifierRow, list[DueNotice]] | None:
    async with ctx.db.transaction() as tx:
        row = await notices.notifier_by_id(tx, notifier_id)
        if row is None or row.state != "active":
            return None
        due = await notices.due_notices(tx, notifier_id, limit=BATCH_MAX, at=now())
    return (row, due) if due else None


async def _tell_batch(ctx: HubContext, row: NotifierRow, due: list[DueNotice]) -> list[Told]:
    """One after the other, each recorded at once: a worker that dies repeats one at most.

    The first that must wait lets those behind it wait as well: they would meet the same closed door.
    """
    outcomes: list[Told] = []
    for each in due:
        outcome = await _tell(ctx, row, each)
        rest = due[len(outcomes) + 1 :] if outcome.state == "waiting" else []
        behind = [Told(other.id, "waiting", outcome.reason, outcome.retry_s) for other in rest]
        async with ctx.db.transaction() as tx:
            await notices.record_told(tx, row.id, [*behind, outcome], at=now())
        outcomes.append(outcome)
        if outcome.state == "waiting":
            break
    log.info("notices_told", notifier=row.slug, told=sum(each.state == "told" for each in outcomes))
    return outcomes


async def _tell(ctx: HubContext, row: NotifierRow, due: DueNotice) -> Told:
    (problem,) = await asyncio.gather(_notify(ctx, row, due), return_exceptions=True)
    if problem is None:
        return Told(due.id, "told")
    if not isinstance(problem, Exception):
        raise problem  # told to stop
    reason = fault_of("the notifier", problem)
    if isinstance(problem, RejectedError) or due.attempts >= len(RETRIES_S):
        return Told(due.id, "failed", reason)
    return Told(due.id, "waiting", reason, RETRIES_S[due.attempts])


async def _notify(ctx: HubContext, row: NotifierRow, due: DueNotice) -> None:
    notifier: OpenNotifier = open_notifier(ctx, row).open
    severity = Severity(due.severity)
    await notifier.notify(Notice(str(due.id), due.topic, severity, due.title, due.body, due.link, due.at))

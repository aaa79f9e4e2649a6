"""Answers: what a channel said of each number it was told, kept while more is on its way."""

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from uuid import UUID

import structlog
from msgspec import Struct

from hub.channels.context import HubContext
from hub.channels.opening import OpenedChannel
from hub.kit.clock import now
from hub.model.sync.stages import Stage
from hub.spec import OutcomeState
from hub.store import shadow
from hub.store.events import Event
from hub.store.publications import Due, Told
from hub.store.sync.answers import keep_answers

log = structlog.get_logger()
TOGETHER_S = 0.05  # what comes within it is kept in one transaction


class Answered(Struct, frozen=True):
    """One batch that was claimed `at`, as the channel answered it; `shown` is what was read of it since then."""

    at: datetime
    due: Sequence[Due]
    told: Sequence[Told]
    shown: Mapping[str, int]


class Answers:
    """Of one channel. What comes while some are kept is kept together after them."""

    def __init__(self, ctx: HubContext) -> None:
        self._ctx = ctx
        self._waiting: list[Answered] = []
        self._now: list[Answered] = []
        self._keeping: asyncio.Task[None] | None = None
        self._is_last = asyncio.Event()

    @property
    def not_kept(self) -> list[UUID]:
        """The listings that are due in the books and were told already."""
        return [due.listing_id for each in (*self._now, *self._waiting) for due in each.due]

    @property
    def cannot_be_kept(self) -> bool:
        """Whether nothing more should be told: nobody would know of it."""
        keeping = self._keeping
        return (
            keeping is not None
            and keeping.done()
            and (keeping.cancelled() or keeping.exception() is not None)
        )

    def keep(self, opened: OpenedChannel, answered: Answered) -> None:
        self._waiting.append(answered)
        if self._keeping is None or (self._keeping.done() and not self.cannot_be_kept):
            self._keeping = asyncio.create_task(self._keep_all(opened))

    async def all_kept(self) -> None:
        """Raises what went wrong; what was not kept is told again."""
        keeping, self._keeping = self._keeping, None
        self._is_last.set()
        try:
            if keeping is not None:
                await keeping
        finally:
            self._is_last.clear()
            self._waiting, self._now = [], []

    async def aclose(self) -> None:
        await self.all_kept()

    async def _keep_all(self, opened: OpenedChannel) -> None:
        while self._waiting:
            with suppress(TimeoutError):
                async with asyncio.timeout(TOGETHER_S):
                    await self._is_last.wait()
            self._now, self._waiting = self._waiting, []
            await _record(self._ctx, opened, self._now)
            self._now = []


async def _record(ctx: HubContext, opened: OpenedChannel, answers: Sequence[Answered]) -> None:
    told = [each for answered in answers for each in answered.told]
    applied = _applied(answers)
    shown = dict(item for answered in answers for item in answered.shown.items())
    async with ctx.db.transaction() if shown else ctx.db.session() as tx:
        done = now()
        await keep_answers(tx, told, _took(applied, done), _event(opened, told, applied), at=done)
        await shadow.record_seen(tx, opened.row.id, shown, at=done)
    log.info("stock_pushed", channel=opened.row.slug, sent=len(told), applied=len(applied))


Applied = Sequence[tuple[datetime, Due]]
"""What the channel took, each with when it was claimed."""


def _applied(answers: Sequence[Answered]) -> Applied:
    return [
        (each.at, due)
        for each in answers
        for due, told in zip(each.due, each.told, strict=True)
        if told.outcome == OutcomeState.APPLIED
    ]


def _took(applied: Applied, done: datetime) -> dict[Stage, list[float]]:
    """How long each number that the channel took has waited, and has been on its way."""
    waited = [(at - (due.dirty_since or at)).total_seconds() for at, due in applied]
    return {Stage.SENT: waited, Stage.CONFIRMED: [(done - at).total_seconds() for at, _ in applied]}


def _event(opened: OpenedChannel, told: Sequence[Told], applied: Applied) -> Event:
    """Each number by its listing, as the channel took it; of those it did not take only how many."""
    states = Counter(each.outcome for each in told)
    numbers = {due.channel_listing_id: due.quantity for _, due in applied}
    facts = {"listings": numbers, **{str(state): states[state] for state in OutcomeState if states[state]}}
    return Event("stock published", "hub", channel_id=opened.row.id, facts=facts)

"""Claims: what of one channel is due and may leave, each with its number of now; the riskiest first."""

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from msgspec import Struct
from msgspec.structs import replace

from hub.channels.budgets import BudgetSpentError
from hub.channels.context import HubContext
from hub.channels.halves import read_by_halves
from hub.channels.lanes import Lane
from hub.channels.notifiers import ring_notifiers
from hub.channels.opening import OpenedChannel, channel_of, open_channel
from hub.flows.sync.hold_back import hold_back
from hub.kit.clock import now
from hub.model.sync.risk import falls, risk_of
from hub.model.sync.seatbelt import may_be_drastic
from hub.spec import ReadsStock
from hub.store import channels, publications, shadow
from hub.store.channels import ChannelRow
from hub.store.db import Tx
from hub.store.publications import Due
from hub.store.sync import risk

log = structlog.get_logger()
MOMENT_S = 0.25  # after its claim a batch leaves, or is claimed anew: so long a riskier one waits
CLAIMED_MAX = 10  # batches
SOON_S = 1.0  # what leaves within it needs no ranking, and a ranking holds as long at least
RANKED_AT_ONCE = 1_000
RANKS_FOR = 20  # times as long as it took, so that a long line costs a twentieth of the time


class Claim(Struct, frozen=True):
    """What is due, as of `at`, in batches of `size`; it was worked out `since`, by the clock of the loop.

    `is_full`: as many as were asked for, so there may be more. `row_ahead`: it leaves out what was told meanwhile, and
    the channel was so then.
    """

    at: datetime
    since: float
    due: Sequence[Due]
    size: int
    is_full: bool
    row_ahead: ChannelRow | None = None

    @property
    def batches(self) -> list[Sequence[Due]]:
        return [self.due[start : start + self.size] for start in range(0, len(self.due), self.size)]

    @property
    def is_late(self) -> bool:
        return _clock() > self.since + MOMENT_S


class Claims:
    """The claims of one channel, one after the other, each at most twice as large as the one before.

    Of a channel that answers quickly the next one is made while one is told, as large as it takes in half a moment: it
    waits for the one before it, and none of it should grow late.
    """

    def __init__(self, ctx: HubContext, channel_id: UUID) -> None:
        self._ctx = ctx
        self._channel_id = channel_id
        self._batches = 0  # of the last one
        self._in_order_until: datetime | None = None
        self._coming: asyncio.Task[Claim] | None = None

    async def take(self, opened: OpenedChannel, *, but: Sequence[UUID] = ()) -> Claim:
        """The one that was made meanwhile, unless a riskier listing may have waited too long for it."""
        coming, self._coming = self._coming, None
        try:
            claim = await coming if coming is not None else None
            return await self._make(opened, but) if claim is None or claim.is_late else claim
        except BudgetSpentError:
            self.forget()
            raise

    def make_next(self, opened: OpenedChannel, *, but: Sequence[UUID]) -> None:
        """`but` what is being told: it is due until its answers are kept, and would be told twice."""
        if self._batches_in(MOMENT_S / 2) > 1:
            self._coming = asyncio.create_task(self._make_ahead(opened, but))

    async def channel(self, opened: OpenedChannel) -> OpenedChannel | None:
        """The channel as it was a moment ago, when the next claim was made, or else as it is now; None: it is gone."""
        row = await self._row_ahead()
        if row is None:
            return await channel_of(self._ctx, self._channel_id, lane=Lane.STOCK_DOWN)
        return opened if row == opened.row else open_channel(self._ctx, row, lane=Lane.STOCK_DOWN)

    def learn(self, told: Claim, listings: int, took_s: float) -> None:
        """How quick the channel is, where it was told a whole batch at least."""
        if listings >= told.size:
            self._ctx.paces[self._channel_id] = took_s * told.size / listings

    def forget(self) -> None:
        """Its budget is spent: however quick it was, what is left has to wait."""
        self._ctx.paces.pop(self._channel_id, None)

    async def aclose(self) -> None:
        """What was claimed and not told stays due."""
        if self._coming is not None:
            self._coming.cancel()
            await asyncio.gather(self._coming, return_exceptions=True)

    async def _row_ahead(self) -> ChannelRow | None:
        """None where it is not known, or too old; what went wrong with the claim is raised to whoever takes it."""
        if self._coming is None:
            return None
        await asyncio.wait([self._coming])
        if self._coming.cancelled() or self._coming.exception() or self._coming.result().is_late:
            return None
        return self._coming.result().row_ahead

    async def _make_ahead(self, opened: OpenedChannel, but: Sequence[UUID]) -> Claim:
        claim = await self._make(opened, but)
        async with self._ctx.db.session() as session:
            return replace(claim, row_ahead=await channels.channel_by_id(session, self._channel_id))

    def _batches_in(self, seconds: float) -> int:
        """0 where it is not known how quick it is."""
        pace_s = self._ctx.paces.get(self._channel_id)
        return int(seconds / pace_s) if pace_s else 0

    async def _make(self, opened: OpenedChannel, but: Sequence[UUID]) -> Claim:
        """Empty where nothing of what was looked at may leave: it is held back, or shown there already."""
        self._batches = max(1, min(2 * self._batches, self._batches_in(MOMENT_S / 2), CLAIMED_MAX))
        claim = await self._claim(opened, but)
        while claim is None:
            await self._rank()
            claim = await self._claim(opened, but)
        due = await _read_first(self._ctx, opened, claim.due, claim.at)
        leaves = await _without_held(self._ctx, opened, due, claim.at)
        return replace(claim, since=_clock(), due=sorted(leaves, key=_risk, reverse=True))

    async def _claim(self, opened: OpenedChannel, but: Sequence[UUID]) -> Claim | None:
        """None where so much waits that it has to be ranked first."""
        at, size = now(), _size(opened)
        limit = size * self._batches
        async with self._ctx.db.transaction() as tx:
            locked = await publications.lock_due(tx, self._channel_id, limit=limit, at=at, but=but)
            if locked.count >= size and await self._is_to_rank(tx, opened, at):
                return None
            due = await publications.claim(tx, locked, at=at)
        if len(due) < locked.count:
            log.info("stock_unchanged", channel=opened.row.slug, listings=locked.count - len(due))
            await self._ctx.bell.announce("stock")
        return Claim(at, _clock(), due, size, locked.count == limit)

    async def _is_to_rank(self, tx: Tx, opened: OpenedChannel, at: datetime) -> bool:
        """Not where that was done lately, nor where all of it leaves soon: it would take longer than it gains."""
        until = self._in_order_until or opened.row.ranked_until
        if until is not None and at < until:
            return False
        soon = self._batches_in(SOON_S) * _size(opened)
        if soon and await publications.count_due(tx, self._channel_id, limit=soon + 1, at=at) <= soon:
            self._in_order_until = at + timedelta(seconds=SOON_S)
            return False
        return True

    async def _rank(self) -> None:
        """Some at a time: who sells one of them waits so long. Whoever claims next knows how long it holds."""
        began, at = _clock(), now()
        async with self._ctx.db.session() as session:
            ids = await risk.all_due(session, self._channel_id)
        for start in range(0, len(ids), RANKED_AT_ONCE):
            async with self._ctx.db.transaction() as tx:
                await risk.rank(tx, ids[start : start + RANKED_AT_ONCE], at=at)
        holds_s = max(SOON_S, RANKS_FOR * (_clock() - began))
        self._in_order_until = now() + timedelta(seconds=holds_s)
        async with self._ctx.db.session() as session:
            await risk.note_ranked(session, self._channel_id, until=self._in_order_until)


async def _read_first(
    ctx: HubContext, opened: OpenedChannel, due: Sequence[Due], at: datetime
) -> Sequence[Due]:
    """What the channel shows of listings nobody told or read: only then is it known what their number would do."""
    new = [each for each in due if each.unread]
    reader = Lanes(ctx, opened).of(new).channel if new else opened.channel
    if not new or not isinstance(reader, ReadsStock):
        return due
    size = _size(opened)
    shows: dict[str, int] = {}
    for start in range(0, len(new), size):
        ids = [each.channel_listing_id for each in new[start : start + size]]
        shows |= await read_by_halves(reader, ids)
    async with ctx.db.transaction() as tx:
        seen = {each.channel_listing_id: shows.get(each.channel_listing_id) for each in new}
        await shadow.record_seen(tx, opened.row.id, seen, at=at)
    return [replace(each, shows=shows.get(each.channel_listing_id)) if each.unread else each for each in due]


async def _without_held(
    ctx: HubContext, opened: OpenedChannel, due: Sequence[Due], at: datetime
) -> Sequence[Due]:
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


class Lanes:
    """A channel opened for what falls, and once more, when there is need, for what does not."""

    def __init__(self, ctx: HubContext, opened: OpenedChannel) -> None:
        self._ctx = ctx
        self._falls = opened
        self._rises: OpenedChannel | None = None

    def of(self, due: Sequence[Due]) -> OpenedChannel:
        """A call in which nothing falls leaves the budget to those in which something does."""
        if any(map(is_falling, due)):
            return self._falls
        self._rises = self._rises or open_channel(self._ctx, self._falls.row, lane=Lane.STOCK_UP)
        return self._rises


def _risk(due: Due) -> float:
    """As far as it is known without its sales: of what leaves within a moment the order hardly matters."""
    return risk_of(shows=due.shows, would=due.quantity, sold=0)


def is_falling(due: Due) -> bool:
    return falls(shows=due.shows, would=due.quantity)


def _size(opened: OpenedChannel) -> int:
    return opened.connector.manifest.stock_batch_max


def _clock() -> float:
    return asyncio.get_running_loop().time()

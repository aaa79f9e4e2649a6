"""The way in: messages arrive and are committed, then waiting ones are read by their connector and taken.

Two transactions, always: what arrived is safe before anybody tries to understand it (L3, L5).
"""

from collections import Counter
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from datetime import datetime
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from hub.channels.bugs import BUGS, PARKED, fault_of, reason_of
from hub.channels.context import HubContext
from hub.channels.filling import fill_freed
from hub.channels.notifiers import ring_notifiers
from hub.channels.opening import OpenedChannel
from hub.flows.orders import arrive as arriving
from hub.flows.orders.arrive import Arrived
from hub.flows.orders.keep_people import keep_people
from hub.flows.orders.split_by_rule import split_by_rule
from hub.flows.orders.take_orders import Arrival, Taken, TakenOrder, take_orders
from hub.flows.review.review_orders import current_review
from hub.flows.review.tell_verdicts import tell_verdicts
from hub.kit.queue import Ring
from hub.model.errors import InputError, OutOfStockError, StaleError
from hub.model.orders.soundness import refuse_unsound
from hub.model.review.verdicts import Review
from hub.model.sync.stages import Stage
from hub.spec import MalformedError, Message, RejectedError
from hub.spec.signing import digest
from hub.store import channels, inbox
from hub.store.channels import ChannelRow
from hub.store.db import Tx
from hub.store.inbox import Settled, Waiting

BATCH_MAX = 1000
SOLD_THERE_S = 0.25


class Round(Struct, frozen=True):
    """What one round over the inbox did: messages dealt with, orders new or changed, channels to be told now.

    `is_full`: there may be more, for it looked at as many as it may. `sold`: stock moved, as the channel itself knows.
    """

    messages: int
    orders: list[TakenOrder]
    touched: set[UUID]
    is_full: bool = False
    sold: bool = False


NOTHING = Round(0, [], set())


async def arrive(
    ctx: HubContext, channel: ChannelRow, messages: Sequence[Message], *, source: str, at: datetime
) -> Arrived:
    """Keep messages, ring. Safe to call again with the same ones."""
    async with ctx.db.session() as session:  # one statement, and the sender waits for it
        arrived = await arriving.arrive(session, ctx.vault, channel.id, messages, source=source, at=at)
    if arrived.new:
        await ctx.bell.ring("take_inbox", channel.id)
    return arrived


async def arrive_unread(
    ctx: HubContext, channel: ChannelRow, body: bytes, *, reason: str, source: str, at: datetime
) -> Arrived:
    """Keep what could not be read, parked with its reason; the same bytes again are the same message."""
    async with ctx.db.transaction() as tx:
        return await arriving.arrive_unread(
            tx, ctx.vault, channel.id, body, key=unread_key(body), reason=reason, source=source, at=at
        )


def unread_key(body: bytes) -> str:
    """The delivery key of what nobody could read: the same bytes are the same message."""
    return f"unread:{digest(body)}"


async def count(ctx: HubContext, channel_id: UUID, name: str, *, at: datetime) -> None:
    """Raise a counter of the channel, such as "webhooks refused"."""
    async with ctx.db.transaction() as tx:
        await channels.count(tx, channel_id, name, at=at)


async def take_waiting(
    ctx: HubContext,
    opened: OpenedChannel,
    *,
    at: datetime,
    limit: int = BATCH_MAX,
    only: Sequence[UUID] | None = None,
    park_short: bool = False,
) -> Round:
    """Take the oldest waiting messages in one transaction; a message that breaks the batch is found and parked.

    Where the hub's own promise cannot be kept, raises OutOfStockError with nothing kept of the attempt, or parks the
    one message that asks for it if `park_short`.
    """
    claimed: list[UUID] = []
    try:
        return await _take_batch(ctx, opened, claimed, at=at, limit=limit, only=only)
    except PARKED as error:
        if not claimed or (isinstance(error, OutOfStockError) and not park_short):
            raise
        if len(claimed) == 1:
            return await park(ctx, claimed, reason_of(error), at=at)
    half, is_full = len(claimed) // 2, len(claimed) == limit
    parts = (claimed[:half], claimed[half:])
    rounds = [await take_waiting(ctx, opened, at=at, only=part, park_short=park_short) for part in parts]
    return replace(_together(rounds), is_full=is_full)


async def _take_batch(
    ctx: HubContext,
    opened: OpenedChannel,
    claimed: list[UUID],
    *,
    at: datetime,
    limit: int,
    only: Sequence[UUID] | None,
) -> Round:
    """`claimed` has the ids of the batch until it is kept, for whoever must look for the one that broke it."""
    read = await _read_batch(ctx, opened, claimed, at=at, limit=limit, only=only)
    if not read.waiting:
        return NOTHING
    async with ctx.db.transaction() as tx:
        held = await inbox.hold_waiting(tx, [each.id for each in read.waiting])
        claimed[:] = [each.id for each in read.waiting if each.id in held]
        parked = [each for each in read.parked if each.id in held]
        if parked:
            await inbox.settle(tx, parked, at=at)
        arrivals = [each for each in read.arrivals if each.inbox_id in held]
        taken, notifiers = Taken([], set()), set[UUID]()
        if arrivals:
            taken = await take_orders(
                tx, ctx.vault, opened.seller, arrivals, people=read.people, at=at, review=read.review
            )
            taken = await split_by_rule(tx, ctx.vault, taken, ours={opened.seller.actor}, at=at)
            numbers = {order.order_id: order.number for order in taken.orders}
            notifiers = await tell_verdicts(tx, taken.verdicts, numbers, url=ctx.config.url, at=at)
        # Last, because its few rows are those that every batch of the channel locks.
        ours = [each for each in read.waiting if each.id in held]
        await _count_round(tx, opened.row.id, ours, len(parked), at=at)
    claimed.clear()  # Kept: what fails from here on is no message's fault.
    await ring_notifiers(ctx, notifiers)
    touched = taken.touched | await fill_freed(ctx, taken.freed, actor=opened.row.slug, at=at)
    return Round(len(ours), taken.orders, touched, is_full=len(read.waiting) == limit, sold=taken.sold)


class _Read(Struct, frozen=True):
    """A batch as it was read, before anything of it is held: another worker may have taken some of it meanwhile."""

    waiting: list[Waiting]
    arrivals: list[Arrival]
    parked: list[Settled]
    people: dict[str, UUID]
    review: Review = Review()


async def _read_batch(
    ctx: HubContext,
    opened: OpenedChannel,
    claimed: list[UUID],
    *,
    at: datetime,
    limit: int,
    only: Sequence[UUID] | None,
) -> _Read:
    """Read messages and keep their people, each by itself: what two batches share holds neither up."""
    async with ctx.db.session() as session:
        waiting = await inbox.look_at_waiting(session, opened.row.id, limit=limit, at=at, only=only)
        review = await current_review(session) if waiting else Review()
        claimed[:] = [each.id for each in waiting]
        arrivals, parked = read_messages(ctx, opened, waiting)
        people = await keep_people(session, ctx.vault, [each.order.person for each in arrivals], at=at)
    return _Read(waiting, arrivals, parked, people, review)


async def _count_round(
    tx: Tx, channel_id: UUID, waiting: Sequence[Waiting], parked: int, *, at: datetime
) -> None:
    """Count what came by which way, once a batch: what only the poll brought is what no webhook told (L4)."""
    tallies = Counter(f"by {each.source}" for each in waiting)
    tallies["parked"] += parked
    took = [(at - each.received_at).total_seconds() for each in waiting]
    await inbox.note_round(tx, channel_id, tallies, {Stage.MARKED: took}, at=at)


def read_messages(
    ctx: HubContext, opened: OpenedChannel, waiting: Sequence[Waiting]
) -> tuple[list[Arrival], list[Settled]]:
    """Raw to IncomingOrder, by the connector; what it cannot read is parked with the reason it gives."""
    arrivals, parked = [], []
    for each in waiting:
        try:
            body = ctx.vault.open(each.body, each.id.bytes)
            message = Message(each.delivery_key, each.topic, each.channel_order_id, body, complete=True)
            order = opened.connector.to_incoming(message, opened.config)
            refuse_unsound(order)
            arrivals.append(Arrival(each.id, order))
        except (MalformedError, RejectedError, InputError, *BUGS) as error:
            part = f"the connector {opened.connector.manifest.kind!r}"
            parked.append(Settled(each.id, "parked", fault_of(part, error)))
    return arrivals, parked


async def park(ctx: HubContext, ids: Sequence[UUID], reason: str, *, at: datetime) -> Round:
    """Settle messages as parked, with the reason a person will read."""
    async with ctx.db.transaction() as tx:
        await inbox.settle(tx, [Settled(each, "parked", reason) for each in ids], at=at)
    return Round(len(ids), [], set())


def _together(rounds: Sequence[Round]) -> Round:
    orders = [order for each in rounds for order in each.orders]
    messages, touched = sum(each.messages for each in rounds), set().union(*(each.touched for each in rounds))
    return Round(messages, orders, touched, sold=any(each.sold for each in rounds))


async def take_again(
    ctx: HubContext,
    opened: OpenedChannel,
    *,
    at: datetime,
    only: Sequence[UUID] | None = None,
    park_short: bool = False,
) -> Round:
    """Take, and once more where another worker was taking the same order at the same moment."""
    try:
        return await take_waiting(ctx, opened, at=at, only=only, park_short=park_short)
    except StaleError:
        return await take_waiting(ctx, opened, at=at, only=only, park_short=park_short)


async def take_or_park(
    ctx: HubContext, opened: OpenedChannel, *, at: datetime, only: Sequence[UUID] | None = None
) -> Round:
    """As take_again; where a promise cannot be kept, only the message that asks for it is parked (L5)."""
    return await take_again(ctx, opened, at=at, only=only, park_short=True)


async def ring_touched(
    ctx: HubContext,
    touched: set[UUID],
    *,
    to_tell: AbstractSet[UUID] = frozenset(),
    sold_on: UUID | None = None,
) -> None:
    """After commit: wake the pushers of these channels, and the pages that look at orders and stock.

    `to_tell` are channels to be told of what was done to their orders. The channel `sold_on` has counted down what it
    sold: it waits a little, so that the others go first and what it sells meanwhile is one push.
    """
    rings = [Ring("push_stock", channel_id) for channel_id in sorted(touched)]
    rings += [Ring("write_back", channel_id) for channel_id in sorted(to_tell)]
    if sold_on is not None and sold_on not in touched:
        rings.append(Ring("push_rises", sold_on, in_s=SOLD_THERE_S))
    await ctx.bell.ring_each(rings, ["orders", "stock"])

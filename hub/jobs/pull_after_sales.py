"""Pull what a channel tells after the sale, read with its orders: money that went back, and goods that come back."""

from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Generic, TypeAlias, TypeVar
from uuid import UUID

import structlog
from msgspec import Struct

from hub.channels.bugs import BUGS, PARKED, fault_of, reason_of
from hub.channels.context import HubContext
from hub.channels.filling import fill_freed
from hub.channels.intake import ring_touched, unread_key
from hub.channels.opening import OpenedChannel
from hub.flows.orders.arrive import arrive_unread
from hub.flows.orders.follow_refunds import follow_refunds
from hub.flows.orders.follow_returns import follow_returns
from hub.flows.orders.followed import Followed, Wait
from hub.kit.clock import now
from hub.model.errors import InputError, NotFoundError
from hub.spec import (
    Capability,
    FetchesRefunds,
    FetchesReturns,
    IncomingRefund,
    IncomingReturn,
    MalformedError,
    Message,
    Page,
    RejectedError,
    RetryLaterError,
    UnauthorizedError,
)
from hub.store import channels, inbox
from hub.store.channels import AfterSales
from hub.store.doubts import doubt_orders

BAD = (NotFoundError, *PARKED)
"""What news is refused for, however often it comes."""
WAITS = timedelta(days=1)  # for its order, or a word of what is in doubt, before a person is asked
log = structlog.get_logger()
News = TypeVar("News", IncomingReturn, IncomingRefund)
Unread: TypeAlias = tuple[Message, str]


class Feed(Struct, Generic[News], frozen=True):
    """One kind of news: how it is fetched, read and followed, what one is called there, and when it was made."""

    what: AfterSales
    fetch: Callable[..., Awaitable[Page[Message]]]
    read: Callable[[Message], News]
    follow: Callable[..., Awaitable[Followed]]
    name_of: Callable[[News], str]
    made_at: Callable[[News], datetime]


class _Taken(Struct, frozen=True):
    """What became of news, by its names: why some wait, and why some are refused."""

    touched: set[UUID] = set()
    freed: set[str] = set()
    waits: Mapping[str, Wait] = {}
    refused: Mapping[str, str] = {}


async def pull_after_sales(ctx: HubContext, opened: OpenedChannel) -> None:
    """What a connector does not declare is never asked for. Where the channel lets nobody read it, orders and stock go
    on; where it says how long to leave it alone, it is.

    Money first: what went back with goods is known when somebody settles their return.
    """
    for pull in _pulls(ctx, opened):
        try:
            await pull()
        except (UnauthorizedError, RejectedError, MalformedError, RetryLaterError) as error:
            if isinstance(error, RetryLaterError) and error.after_s is not None:
                raise
            log.warning("after_sales_not_read", channel=opened.row.slug, error=type(error).__name__)


def _pulls(ctx: HubContext, opened: OpenedChannel) -> Iterator[Callable[[], Awaitable[None]]]:
    channel, declared = opened.channel, opened.connector.manifest.capabilities
    if Capability.FETCH_REFUNDS in declared and isinstance(channel, FetchesRefunds):
        yield partial(_pull, ctx, opened, _refunds(channel))
    if Capability.FETCH_RETURNS in declared and isinstance(channel, FetchesReturns):
        yield partial(_pull, ctx, opened, _returns(channel))


def _returns(channel: FetchesReturns) -> Feed[IncomingReturn]:
    return Feed(
        "returns",
        channel.fetch_returns,
        channel.to_return,
        follow_returns,
        lambda told: told.channel_return_id,
        lambda told: told.updated_at,
    )


def _refunds(channel: FetchesRefunds) -> Feed[IncomingRefund]:
    return Feed(
        "refunds",
        channel.fetch_refunds,
        channel.to_refund,
        follow_refunds,
        lambda told: told.channel_refund_id,
        lambda told: told.refunded_at,
    )


async def _pull(ctx: HubContext, opened: OpenedChannel, feed: Feed[News]) -> None:
    """Page after page. The cursor stays before a page with something that waits, for a day: later pages are followed,
    and read again, which changes nothing.
    """
    until, complete = now(), True
    async with ctx.db.transaction() as tx:
        cursor = await channels.cursor_of(tx, opened.row.id, feed.what)
    while True:
        page = await feed.fetch(cursor, until=until)
        complete = await _follow(ctx, opened, feed, page, complete=complete, at=now())
        if page.next_cursor is None:
            return
        cursor = page.next_cursor


def _read(feed: Feed[News], page: Page[Message]) -> tuple[list[tuple[News, Message]], list[Unread]]:
    """The news of a page with their raw messages, and what nobody could read with its reason."""
    told: list[tuple[News, Message]] = []
    unread: list[Unread] = []
    for message in page.items:
        try:
            told.append((feed.read(message), message))
        except (MalformedError, RejectedError, InputError, *BUGS) as error:
            unread.append((message, fault_of("the connector", error)))
    return told, unread


async def _follow(
    ctx: HubContext,
    opened: OpenedChannel,
    feed: Feed[News],
    page: Page[Message],
    *,
    complete: bool,
    at: datetime,
) -> bool:
    """Return whether all so far is done with; what can never be is parked, and stops no other (L5).

    What is old and whose order is on its way, as after joining, is not given up; nor what is in doubt as of today.
    """
    told, unread = _read(feed, page)
    about = {each.channel_order_id for each, _ in told}
    async with ctx.db.transaction() as tx:
        coming = await inbox.orders_coming(tx, opened.row.id, about)
        await doubt_orders(tx, opened.row.id, about)
    taken = await _take(ctx, opened, feed, [each for each, _ in told], at=at)
    by_name = {feed.name_of(each): (each, message) for each, message in told}
    late = {
        name: wait.why for name, wait in taken.waits.items() if _is_late(feed, by_name[name][0], wait, at)
    }
    given_up = {name: why for name, why in late.items() if by_name[name][0].channel_order_id not in coming}
    unread += [(by_name[name][1], why) for name, why in {**taken.refused, **given_up}.items()]
    async with ctx.db.transaction() as tx:
        for message, reason in unread:
            key, body = unread_key(message.body), message.body
            await arrive_unread(
                tx, ctx.vault, opened.row.id, body, key=key, reason=reason, source="poll", at=at
            )
        complete = complete and len(given_up) == len(taken.waits)
        if complete:
            after = page.next_cursor or page.resume_cursor
            await channels.save_cursor_of(tx, opened.row.id, feed.what, after)
    freed = await fill_freed(ctx, taken.freed, actor=opened.row.slug, at=at)
    await ring_touched(ctx, taken.touched | freed)
    return complete


def _is_late(feed: Feed[News], news: News, wait: Wait, at: datetime) -> bool:
    made_at = feed.made_at(news)
    return max(made_at, wait.since or made_at) + WAITS <= at


async def _take(
    ctx: HubContext, opened: OpenedChannel, feed: Feed[News], told: Sequence[News], *, at: datetime
) -> _Taken:
    """All at once; where that is refused, each alone, which changes nothing where it was followed before (L1)."""
    if not told:
        return _Taken()
    try:
        async with ctx.db.transaction() as tx:
            followed = await feed.follow(tx, opened.row.id, told, actor=opened.row.slug, at=at)
    except BAD as error:
        if len(told) == 1:
            return _Taken(refused={feed.name_of(told[0]): reason_of(error)})
        each_alone = [await _take(ctx, opened, feed, [each], at=at) for each in told]
        return _Taken(
            set().union(*(each.touched for each in each_alone)),
            set().union(*(each.freed for each in each_alone)),
            {name: wait for each in each_alone for name, wait in each.waits.items()},
            {name: reason for each in each_alone for name, reason in each.refused.items()},
        )
    return _Taken(followed.done.touched, followed.done.freed, followed.waits)

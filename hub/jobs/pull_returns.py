"""Pull returns: what a channel knows of goods that are to come back there, read with its orders."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from msgspec import Struct

from hub.channels.context import HubContext
from hub.channels.filling import fill_freed
from hub.channels.intake import ring_touched, unread_key
from hub.channels.opening import OpenedChannel
from hub.flows.orders.arrive import arrive_unread
from hub.flows.orders.follow_returns import Followed, follow_returns
from hub.kit.clock import now
from hub.spec import Capability, FetchesReturns, IncomingReturn, MalformedError, Message, Page
from hub.store import channels

WAITS = timedelta(days=1)  # for the order of a return, before a person is asked
NO_ORDER = "the hub holds no order {} of this channel, or none of its lines: take the goods back by hand"


class _Read(Struct, frozen=True):
    """A page as it was read: returns with their raw messages, and what nobody could read with its reason."""

    told: list[tuple[IncomingReturn, Message]]
    unread: list[tuple[Message, str]]


async def pull_returns(ctx: HubContext, opened: OpenedChannel) -> None:
    """Page after page; what a connector does not declare is never asked for.

    The cursor stays before a page with a return whose order is not here yet, for a day: later pages are followed, and
    read again, which changes nothing.
    """
    declared = Capability.FETCH_RETURNS in opened.connector.manifest.capabilities
    if not declared or not isinstance(opened.channel, FetchesReturns):
        return
    until, complete = now(), True
    async with ctx.db.transaction() as tx:
        cursor = await channels.returns_cursor(tx, opened.row.id)
    while True:
        page = await opened.channel.fetch_returns(cursor, until=until)
        read = _read(opened.channel, page)
        complete = await _follow(ctx, opened, read, page, complete=complete, at=now())
        if page.next_cursor is None:
            return
        cursor = page.next_cursor


def _read(channel: FetchesReturns, page: Page[Message]) -> _Read:
    read = _Read([], [])
    for message in page.items:
        try:
            read.told.append((channel.to_return(message), message))
        except MalformedError as error:
            read.unread.append((message, str(error)))
    return read


async def _follow(
    ctx: HubContext, opened: OpenedChannel, read: _Read, page: Page[Message], *, complete: bool, at: datetime
) -> bool:
    """Return whether all so far is done with; what can never be is parked, and stops no other (L5)."""
    messages = {each.channel_return_id: (each, message) for each, message in read.told}
    slug, channel_id = opened.row.slug, opened.row.id
    async with ctx.db.transaction() as tx:
        followed = await follow_returns(tx, channel_id, [each for each, _ in read.told], actor=slug, at=at)
        parked = [*read.unread, *_given_up(followed, messages, at)]
        for message, reason in parked:
            key, body = unread_key(message.body), message.body
            await arrive_unread(tx, ctx.vault, channel_id, body, key=key, reason=reason, source="poll", at=at)
        complete = complete and len(parked) - len(read.unread) == len(followed.strange)
        if complete:
            await channels.save_returns_cursor(tx, channel_id, page.next_cursor or page.resume_cursor)
    done = followed.done
    await ring_touched(ctx, done.touched | await fill_freed(ctx, done.freed, actor=slug, at=at))
    return complete


def _given_up(
    followed: Followed, messages: Mapping[str, tuple[IncomingReturn, Message]], at: datetime
) -> list[tuple[Message, str]]:
    """Returns whose order has not come in time."""
    strange = [messages[name] for name in followed.strange]
    return [
        (message, NO_ORDER.format(told.channel_order_id))
        for told, message in strange
        if told.updated_at + WAITS <= at
    ]

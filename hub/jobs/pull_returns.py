"""Pull returns: what a channel knows of goods that are to come back there, read with its orders."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from msgspec import Struct

from hub.channels.context import HubContext
from hub.channels.filling import fill_freed
from hub.channels.intake import ring_touched, unread_key
from hub.channels.opening import OpenedChannel
from hub.flows.orders.arrive import arrive_unread
from hub.flows.orders.follow_returns import follow_returns
from hub.kit.clock import now
from hub.model.errors import InputError, NotFoundError, WrongStateError
from hub.spec import Capability, FetchesReturns, IncomingReturn, MalformedError, Message, Page
from hub.store import channels
from hub.store.db import RefusedRowsError

BAD = (InputError, NotFoundError, WrongStateError, RefusedRowsError)
"""What a return is refused for, however often it comes."""
WAITS = timedelta(days=1)  # for the order of a return, before a person is asked
NO_ORDER = "the hub holds no order {} of this channel, or none of its lines: take the goods back by hand"


class _Read(Struct, frozen=True):
    """A page as it was read: returns with their raw messages, and what nobody could read with its reason."""

    told: list[tuple[IncomingReturn, Message]]
    unread: list[tuple[Message, str]]


class _Taken(Struct, frozen=True):
    """What became of returns: `strange` have no order here; of those that are `refused`, by their ids, the reason."""

    touched: set[UUID] = set()
    freed: set[str] = set()
    strange: Sequence[str] = ()
    refused: Mapping[str, str] = {}


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
    taken = await _take(ctx, opened, [each for each, _ in read.told], at=at)
    unread = [*read.unread, *((messages[name][1], reason) for name, reason in taken.refused.items())]
    given_up = _given_up(taken.strange, messages, at)
    async with ctx.db.transaction() as tx:
        for message, reason in [*unread, *given_up]:
            key, body = unread_key(message.body), message.body
            await arrive_unread(
                tx, ctx.vault, opened.row.id, body, key=key, reason=reason, source="poll", at=at
            )
        complete = complete and len(given_up) == len(taken.strange)
        if complete:
            await channels.save_returns_cursor(tx, opened.row.id, page.next_cursor or page.resume_cursor)
    freed = await fill_freed(ctx, taken.freed, actor=opened.row.slug, at=at)
    await ring_touched(ctx, taken.touched | freed)
    return complete


async def _take(
    ctx: HubContext, opened: OpenedChannel, told: Sequence[IncomingReturn], *, at: datetime
) -> _Taken:
    """All at once; where that is refused, each alone, which changes nothing where it was followed before (L1)."""
    try:
        async with ctx.db.transaction() as tx:
            followed = await follow_returns(tx, opened.row.id, told, actor=opened.row.slug, at=at)
    except BAD as error:
        if len(told) == 1:
            return _Taken(refused={told[0].channel_return_id: str(error)})
        each_alone = [await _take(ctx, opened, [each], at=at) for each in told]
        return _Taken(
            set().union(*(each.touched for each in each_alone)),
            set().union(*(each.freed for each in each_alone)),
            [name for each in each_alone for name in each.strange],
            {name: reason for each in each_alone for name, reason in each.refused.items()},
        )
    return _Taken(followed.done.touched, followed.done.freed, followed.strange)


def _given_up(
    strange: Sequence[str], messages: Mapping[str, tuple[IncomingReturn, Message]], at: datetime
) -> list[tuple[Message, str]]:
    """Returns whose order has not come in time."""
    return [
        (message, NO_ORDER.format(told.channel_order_id))
        for told, message in (messages[name] for name in strange)
        if told.updated_at + WAITS <= at
    ]

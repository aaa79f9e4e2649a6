"""Fetch the orders that thin news only named, and keep them as messages of their own."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from hub.channels.context import HubContext
from hub.channels.intake import park
from hub.channels.opening import OpenedChannel
from hub.flows.orders.arrive import arrive
from hub.flows.orders.hold_gone import hold_gone
from hub.model.errors import HubError
from hub.spec import FetchesOrders, MalformedError, Message, RejectedError, RetryLaterError, UnauthorizedError
from hub.store import inbox
from hub.store.inbox import Settled, Waiting

TRIES_MAX = 6
CANNOT_BE_ASKED = "the message only names an order, and this channel cannot be asked for it"


async def fetch_waiting(
    ctx: HubContext, opened: OpenedChannel, *, at: datetime, only: Sequence[UUID] | None = None
) -> int:
    """Fetch as many named orders as the channel gives at once; return how many messages were dealt with.

    Raises RetryLaterError or UnauthorizedError, with the messages left waiting.
    """
    limit = opened.connector.manifest.orders_batch_max
    async with ctx.db.session() as session:
        named = await inbox.look_at_waiting(
            session, opened.row.id, complete=False, limit=limit, at=at, only=only
        )
    if not named:
        return 0
    if isinstance(opened.channel, FetchesOrders):
        await _fetch(ctx, opened, opened.channel, named, at=at)
    else:
        await park(ctx, [each.id for each in named], CANNOT_BE_ASKED, at=at)
    return len(named)


async def _fetch(
    ctx: HubContext, opened: OpenedChannel, channel: FetchesOrders, named: Sequence[Waiting], *, at: datetime
) -> None:
    """Ask for all at once; where the channel refuses, ask for each alone, so that one bad id costs one (L5)."""
    try:
        found = await channel.fetch_order_batch(sorted({each.channel_order_id for each in named}))
    except (RetryLaterError, UnauthorizedError) as error:
        await _postpone(ctx, named, error, at=at)
        raise
    except (RejectedError, MalformedError) as error:
        if len(named) == 1:
            await park(ctx, [named[0].id], f"fetching the order it names failed: {error}", at=at)
            return
        for each in named:
            await _fetch(ctx, opened, channel, [each], at=at)
        return
    await _keep_fetched(ctx, opened, named, found, at=at)


async def _keep_fetched(
    ctx: HubContext,
    opened: OpenedChannel,
    named: Sequence[Waiting],
    found: Sequence[Message],
    *,
    at: datetime,
) -> None:
    known = {message.channel_order_id or message.named for message in found}
    gone = sorted({each.channel_order_id for each in named} - known)
    async with ctx.db.transaction() as tx:
        await arrive(tx, ctx.vault, opened.row.id, found, source="fetch", at=at)
        held = await hold_gone(tx, opened.row.id, gone, actor=opened.row.slug, at=at)
        await inbox.settle(tx, [_fetched(each, known, held) for each in named], at=at)


def _fetched(named: Waiting, known: set[str], held: Mapping[str, UUID]) -> Settled:
    if named.channel_order_id in known:
        return Settled(named.id, "fetched")
    if named.channel_order_id in held:
        return Settled(
            named.id, "fetched", "the channel no longer has this order", held[named.channel_order_id]
        )
    reason = (
        f"the message names order {named.channel_order_id!r}, and the channel does not know it when asked"
    )
    return Settled(named.id, "parked", reason)


async def _postpone(ctx: HubContext, named: Sequence[Waiting], error: HubError, *, at: datetime) -> None:
    """Leave thin news waiting, longer each time; after the last try it is parked for a person."""
    spent = [each for each in named if each.attempts + 1 >= TRIES_MAX or each.source == "file"]
    again = [each.id for each in named if each not in spent]
    attempts = max((each.attempts for each in named), default=0)
    async with ctx.db.transaction() as tx:
        await inbox.postpone(tx, again, until=at + timedelta(seconds=5 * 2**attempts), reason=str(error))
        reason = f"the message only names the order, and fetching it failed: {error}"
        await inbox.settle(tx, [Settled(each.id, "parked", reason) for each in spent], at=at)

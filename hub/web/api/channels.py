"""Channels and their inbox: how each one does, and what of it waits for a person."""

from uuid import UUID

from litestar import Router, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from msgspec import Struct

from hub.channels.context import HubContext
from hub.kit.clock import now
from hub.model.errors import NotFoundError, WrongStateError
from hub.store import inbox
from hub.store.api import channels as store
from hub.web.api.paging import LIMIT_DEFAULT, ChannelSlug, Cursor, Limit, cut, read_cursor, write_cursor
from hub.web.problems import answers


class ChannelsOut(Struct, frozen=True):
    items: list[store.ChannelHealth]


class InboxPage(Struct, frozen=True):
    items: list[store.Letter]
    next_cursor: str | None


class Retried(Struct, frozen=True):
    id: UUID
    state: str


@get("/channels", summary="List channels with their health", tags=["channels"])
async def list_channels(hub: NamedDependency[HubContext]) -> ChannelsOut:
    """Every channel with its state, what waits, how fresh its numbers are, and what was counted."""
    async with hub.db.transaction() as tx:
        return ChannelsOut(await store.channels(tx, at=now()))


@get("/inbox", summary="List parked messages", tags=["inbox"], responses=answers(400, 422))
async def list_inbox(
    hub: NamedDependency[HubContext],
    limit: Limit = LIMIT_DEFAULT,
    cursor: Cursor = None,
    channel: ChannelSlug = None,
) -> InboxPage:
    """Messages that wait for a person or a fix, each with its reason, the newest first."""
    before = read_cursor(cursor, tuple[str, UUID], store.LATEST)
    async with hub.db.transaction() as tx:
        found = await store.parked(tx, before=before, channel=channel, limit=limit + 1)
    items, more = cut(found, limit)
    return InboxPage(items, write_cursor(items[-1].received_at, items[-1].id) if more else None)


@post(
    "/inbox/{message_id:uuid}/retry",
    status_code=202,
    summary="Try a parked message again",
    tags=["inbox"],
    responses=answers(400, 404, 409),
)
async def retry_message(hub: NamedDependency[HubContext], message_id: FromPath[UUID]) -> Retried:
    """Put it back in line. Where the cause is not fixed it parks again, with the reason."""
    async with hub.db.transaction() as tx:
        channel_ids = await inbox.retry_parked(tx, ids=[message_id])
        standing = await inbox.standing_of(tx, [message_id])
    if not channel_ids:
        raise _cannot_retry(message_id, standing)
    await hub.bell.ring("take_inbox", channel_ids[0])
    await hub.bell.announce("channels")
    return Retried(message_id, "waiting")


def _cannot_retry(message_id: UUID, standing: list[inbox.Standing]) -> NotFoundError | WrongStateError:
    if not standing:
        return NotFoundError(f"there is no message {message_id}: find it in the inbox")
    return WrongStateError(
        f"message {message_id} is {standing[0].state}: only a parked message can be tried again"
    )


channel_routes = Router("/", route_handlers=[list_channels, list_inbox, retry_message])

"""Channels and their inbox: how each one does, and what of it waits for a person."""

from typing import Annotated
from uuid import UUID

from litestar import Router, get, post
from litestar.di import NamedDependency
from litestar.openapi.spec import Example
from litestar.params import Body, FromPath
from msgspec import Meta, Struct

from hub.channels.closing import Switched, close_channel, reopen_channel
from hub.channels.context import HubContext
from hub.channels.opening import find_channel
from hub.flows.orders.end_unpaid import PatienceSet, set_patience
from hub.kit.clock import now
from hub.model.errors import NotFoundError, WrongStateError
from hub.model.orders.paying import HOURS_MAX, PAID_AT_THE_DOOR, Patience
from hub.store import inbox
from hub.store.api import channels as store
from hub.web.api.paging import LIMIT_DEFAULT, ChannelSlug, Cursor, Limit, cut, read_cursor, write_cursor
from hub.web.problems import answers


class ChannelsOut(Struct, frozen=True):
    items: list[store.ChannelHealth]


class InboxPage(Struct, frozen=True):
    items: list[store.Letter]
    next_cursor: str | None


class PatienceIn(Struct, frozen=True, forbid_unknown_fields=True):
    """`hours` null: as long as they are open. `but` are payment methods that are paid on arrival."""

    hours: Annotated[int, Meta(ge=1, le=HOURS_MAX)] | None
    but: Annotated[tuple[str, ...], Meta(max_length=50)] = PAID_AT_THE_DOOR


PatienceBody = Annotated[PatienceIn, Body(examples=[Example(summary="Two days", value={"hours": 48})])]


class Retried(Struct, frozen=True):
    id: UUID
    state: str


@get("/channels", summary="List channels with their health", tags=["channels"])
async def list_channels(hub: NamedDependency[HubContext]) -> ChannelsOut:
    """Every channel with its state, what waits, how fresh its numbers are, and what was counted."""
    async with hub.db.transaction() as tx:
        return ChannelsOut(await store.channels(tx, at=now()))


@post(
    "/channels/{slug:str}/unpaid",
    status_code=200,
    summary="How long unpaid orders keep their stock",
    tags=["channels"],
    responses=answers(400, 404, 422),
)
async def post_patience(
    hub: NamedDependency[HubContext], slug: FromPath[str], data: PatienceBody
) -> PatienceSet:
    """For the orders that are open and those to come. At the end an order gives its stock back and waits, held."""
    row = await find_channel(hub, slug)
    patience = Patience(data.hours, data.but)
    async with hub.db.transaction() as tx:
        done = await set_patience(tx, row.id, patience, actor="api", at=now())
    await hub.bell.announce("orders")
    return done


@post(
    "/channels/{slug:str}/close",
    status_code=200,
    summary="Take a channel out of service",
    tags=["channels"],
    responses=answers(400, 404),
)
async def post_close(hub: NamedDependency[HubContext], slug: FromPath[str]) -> Switched:
    """Nothing is asked, told or taken any more, and its webhooks are removed there; its orders and their history stay.

    Closing it again tries once more what could not be removed.
    """
    return await close_channel(hub, slug, actor="api", at=now())


@post(
    "/channels/{slug:str}/open",
    status_code=200,
    summary="Go on with a closed channel",
    tags=["channels"],
    responses=answers(400, 404),
)
async def post_open(hub: NamedDependency[HubContext], slug: FromPath[str]) -> Switched:
    """What was sold there meanwhile is read, every number is told, and the webhooks it had are made again."""
    return await reopen_channel(hub, slug, actor="api", at=now())


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


channel_routes = Router(
    "/", route_handlers=[list_channels, post_patience, post_close, post_open, list_inbox, retry_message]
)

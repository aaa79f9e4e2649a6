"""Suspended: what would empty a channel or move its numbers tenfold, and waits for a person."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from litestar import Router, get, post, put
from litestar.di import NamedDependency
from litestar.openapi.spec import Example
from litestar.params import Body, FromPath
from msgspec import Meta, Struct

from hub.channels.context import HubContext
from hub.channels.opening import find_channel
from hub.channels.suspended import ring_decided
from hub.flows.sync import hold_back as flow
from hub.kit.clock import now
from hub.model.sync.seatbelt import Limits
from hub.store.sync import suspended as store
from hub.web.api.paging import LIMIT_DEFAULT, ChannelSlug, Cursor, Limit, cut, read_cursor, write_cursor
from hub.web.problems import answers

ACTOR = "api"


class SuspendedPage(Struct, frozen=True):
    items: list[store.Suspended]
    next_cursor: str | None


class DecisionIn(Struct, frozen=True, forbid_unknown_fields=True):
    """`until`: only what was suspended by then, so that nobody decides on what nobody has seen."""

    until: Annotated[datetime, Meta(tz=True)]


class Decided(Struct, frozen=True):
    listings: int


DecisionBody = Annotated[
    DecisionIn, Body(examples=[Example(summary="What was seen", value={"until": "2026-11-27T12:00:00Z"})])
]
LimitsBody = Annotated[
    Limits, Body(examples=[Example(summary="A careful shop", value={"few": 5, "share_percent": 10})])
]


@get("/suspended", summary="List what is suspended", tags=["sync"], responses=answers(400, 404, 422))
async def list_suspended(
    hub: NamedDependency[HubContext],
    limit: Limit = LIMIT_DEFAULT,
    cursor: Cursor = None,
    channel: ChannelSlug = None,
) -> SuspendedPage:
    """Listings that would change drastically with many others: what each shows, and would have shown then."""
    channel_id = (await find_channel(hub, channel)).id if channel else None
    (after,) = read_cursor(cursor, tuple[UUID], (store.FIRST,))
    async with hub.db.transaction() as tx:
        found = await store.list_suspended(tx, channel_id=channel_id, after=after, limit=limit + 1)
    items, more = cut(found, limit)
    return SuspendedPage(items, write_cursor(items[-1].listing_id) if more else None)


@post(
    "/channels/{slug:str}/suspended/approve",
    status_code=200,
    summary="Tell what is suspended",
    tags=["sync"],
    responses=answers(400, 404, 409),
)
async def approve(hub: NamedDependency[HubContext], slug: FromPath[str], data: DecisionBody) -> Decided:
    """Each listing is told its number as it is when it is sent."""
    row = await find_channel(hub, slug)
    async with hub.db.transaction() as tx:
        count = await flow.approve(tx, row.id, until=data.until, actor=ACTOR, at=now())
    await ring_decided(hub, row.id)
    return Decided(count)


@post(
    "/channels/{slug:str}/suspended/dismiss",
    status_code=200,
    summary="Keep what the channel shows",
    tags=["sync"],
    responses=answers(400, 404, 409),
)
async def dismiss(hub: NamedDependency[HubContext], slug: FromPath[str], data: DecisionBody) -> Decided:
    """Nothing is told of these listings until their number is no drastic change any more."""
    row = await find_channel(hub, slug)
    async with hub.db.transaction() as tx:
        count = await flow.dismiss(tx, row.id, until=data.until, actor=ACTOR, at=now())
    await ring_decided(hub, row.id)
    return Decided(count)


@get(
    "/channels/{slug:str}/limits",
    summary="Beyond what changes wait for a person",
    tags=["sync"],
    responses=answers(400, 404),
)
async def get_limits(hub: NamedDependency[HubContext], slug: FromPath[str]) -> Limits:
    """Fewer than `few` drastic changes always go; `most`, or more than `share_percent` of what sells, never do."""
    row = await find_channel(hub, slug)
    async with hub.db.transaction() as tx:
        return await store.limits_of(tx, row.id)


@put(
    "/channels/{slug:str}/limits",
    summary="Say beyond what changes wait for a person",
    tags=["sync"],
    responses=answers(400, 404, 422),
)
async def put_limits(hub: NamedDependency[HubContext], slug: FromPath[str], data: LimitsBody) -> Limits:
    """What is left out is as usual. It holds for what is told from now on."""
    row = await find_channel(hub, slug)
    async with hub.db.transaction() as tx:
        await flow.set_limits(tx, row.id, data, actor=ACTOR, at=now())
    return data


suspended_routes = Router("/", route_handlers=[list_suspended, approve, dismiss, get_limits, put_limits])

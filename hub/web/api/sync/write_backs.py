"""Write-backs: what channels are told of orders, what became of each, and of what a channel is told."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from litestar import Router, get, post, put
from litestar.di import NamedDependency
from litestar.openapi.spec import Example
from litestar.params import Body, FromPath, QueryParameter
from msgspec import Struct

from hub.channels.context import HubContext
from hub.channels.opening import find_channel
from hub.channels.telling import able, decide, set_told
from hub.kit.clock import now
from hub.model.sync.write_backs import Kind, Step
from hub.store.sync import write_back_list as store
from hub.store.sync import write_backs
from hub.web.api.paging import LIMIT_DEFAULT, ChannelSlug, Cursor, Limit, cut, read_cursor, write_cursor
from hub.web.problems import answers

ACTOR = "api"
Settled = Annotated[
    bool, QueryParameter(description="Also what the channel has, what was undone, and what a person let be")
]
OrderNumber = Annotated[
    int | None, QueryParameter(name="order", description="Only of the order with this number")
]


class WriteBackPage(Struct, frozen=True):
    items: list[store.WriteBack]
    next_cursor: str | None


class TellsIn(Struct, frozen=True, forbid_unknown_fields=True):
    """Of what the channel is told; what is left out, it is told no more."""

    told: list[Kind]


class TellsOut(Struct, frozen=True):
    """Since when it is told of what, and of what its connector could tell it."""

    told: dict[Kind, datetime]
    able: list[Kind]


TellsBody = Annotated[
    TellsIn,
    Body(examples=[Example(summary="Parcels and refunds", value={"told": ["fulfillment", "refund"]})]),
]


@get(
    "/write-backs",
    summary="List what channels are to be told of orders",
    tags=["sync"],
    responses=answers(400, 404),
)
async def list_write_backs(
    hub: NamedDependency[HubContext],
    limit: Limit = LIMIT_DEFAULT,
    cursor: Cursor = None,
    channel: ChannelSlug = None,
    order: OrderNumber = None,
    *,
    settled: Settled = False,
) -> WriteBackPage:
    """Parcels, cancellations and refunds that wait or were refused, the oldest first."""
    channel_id = (await find_channel(hub, channel)).id if channel else None
    (after,) = read_cursor(cursor, tuple[UUID], (store.FIRST,))
    async with hub.db.transaction() as tx:
        found = await store.list_write_backs(
            tx, channel_id=channel_id, number=order, settled=settled, after=after, limit=limit + 1
        )
    items, more = cut(found, limit)
    return WriteBackPage(items, write_cursor(items[-1].id) if more else None)


@post(
    "/write-backs/{write_back_id:uuid}/retry",
    status_code=204,
    summary="Send what was refused once more",
    tags=["sync"],
    responses=answers(400, 404, 409),
)
async def retry(hub: NamedDependency[HubContext], write_back_id: FromPath[UUID]) -> None:
    """As it is then: correct the label of a parcel first."""
    await decide(hub, [write_back_id], Step.RETRY, actor=ACTOR, at=now())


@post(
    "/write-backs/{write_back_id:uuid}/dismiss",
    status_code=204,
    summary="Let what the channel does not have be",
    tags=["sync"],
    responses=answers(400, 404, 409),
)
async def dismiss(hub: NamedDependency[HubContext], write_back_id: FromPath[UUID]) -> None:
    """It is not told; somebody did it there by hand, or it does not matter."""
    await decide(hub, [write_back_id], Step.DISMISS, actor=ACTOR, at=now())


@get(
    "/channels/{slug:str}/tells",
    summary="Of what a channel is told",
    tags=["channels"],
    responses=answers(400, 404),
)
async def get_tells(hub: NamedDependency[HubContext], slug: FromPath[str]) -> TellsOut:
    """Of what is done to its orders here, beside what is left."""
    row = await find_channel(hub, slug)
    async with hub.db.transaction() as tx:
        told = await write_backs.switches(tx, row.id)
    return TellsOut(told, sorted(able(hub, row.kind)))


@put(
    "/channels/{slug:str}/tells",
    summary="Say of what a channel is told",
    tags=["channels"],
    responses=answers(400, 404, 422),
)
async def put_tells(hub: NamedDependency[HubContext], slug: FromPath[str], data: TellsBody) -> TellsIn:
    """It holds for what is done from now on; what waits of the rest is let be."""
    await set_told(hub, slug, {*data.told}, actor=ACTOR, at=now())
    return data


write_back_routes = Router("/", route_handlers=[list_write_backs, retry, dismiss, get_tells, put_tells])

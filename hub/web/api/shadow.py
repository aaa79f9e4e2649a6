"""Shadow: what the hub would write to a channel beside what is there, and switching it on by groups of SKUs."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from litestar import Router, get, post
from litestar.di import NamedDependency
from litestar.openapi.spec import Example
from litestar.params import Body, FromPath, QueryParameter
from msgspec import Meta, Struct

from hub.channels.context import HubContext
from hub.channels.opening import find_channel
from hub.channels.shadow import ring_switched
from hub.flows.stock import shadow as flow
from hub.kit.clock import now
from hub.model.stock.shadow import Offered, Readiness
from hub.store import shadow as store
from hub.store.db import Tx
from hub.web.api.paging import LIMIT_DEFAULT, Cursor, Limit, cut, read_cursor, write_cursor
from hub.web.problems import answers


class GroupOut(Struct, frozen=True):
    group: str
    listings: int
    same: int
    changes: int


class ShadowOut(Struct, frozen=True):
    """`since` null: the channel is live. `ready` of what it offers is live, or as the hub would write it."""

    since: datetime | None
    live_groups: tuple[str, ...]
    offered: Offered
    ready: int
    percent: int
    next_steps: list[str]
    groups: list[GroupOut]


class BesidePage(Struct, frozen=True):
    items: list[store.Beside]
    next_cursor: str | None


class ShadowIn(Struct, frozen=True, forbid_unknown_fields=True):
    """`on` false writes everything. `live_groups` are written all the same; "" are the SKUs without a group."""

    on: bool
    live_groups: Annotated[tuple[Annotated[str, Meta(max_length=200)], ...], Meta(max_length=1000)] = ()


ShadowBody = Annotated[
    ShadowIn,
    Body(examples=[Example(summary="All but the mugs", value={"on": True, "live_groups": ["mugs"]})]),
]
OnlyChanges = Annotated[bool, QueryParameter(description="Only listings whose number would change")]


@get(
    "/channels/{slug:str}/shadow",
    summary="How ready a channel in shadow is",
    tags=["channels"],
    responses=answers(400, 404),
)
async def get_shadow(hub: NamedDependency[HubContext], slug: FromPath[str]) -> ShadowOut:
    """How much of what it offers would stay as it is, in all and by groups of SKUs, and what to do about the rest."""
    row = await find_channel(hub, slug)
    async with hub.db.transaction() as tx:
        return await _shadow(tx, row.id)


@get(
    "/channels/{slug:str}/shadow/listings",
    summary="What the hub would write, beside what is there",
    tags=["channels"],
    responses=answers(400, 404, 422),
)
async def list_beside(
    hub: NamedDependency[HubContext],
    slug: FromPath[str],
    limit: Limit = LIMIT_DEFAULT,
    cursor: Cursor = None,
    *,
    changes: OnlyChanges = False,
) -> BesidePage:
    """Every listing in shadow; `shows` is what the channel showed at `seen_at`, null where it does not know it."""
    row = await find_channel(hub, slug)
    (after,) = read_cursor(cursor, tuple[UUID], (UUID(int=0),))
    async with hub.db.transaction() as tx:
        found = await store.beside(tx, row.id, changes_only=changes, after=after, limit=limit + 1)
    items, more = cut(found, limit)
    return BesidePage(items, write_cursor(items[-1].id) if more else None)


@post(
    "/channels/{slug:str}/shadow",
    status_code=200,
    summary="Put a channel in shadow, or switch it on",
    tags=["channels"],
    responses=answers(400, 404, 422),
)
async def post_shadow(hub: NamedDependency[HubContext], slug: FromPath[str], data: ShadowBody) -> ShadowOut:
    """In shadow nothing is written to it. Who comes out is told once more, whatever it shows."""
    row = await find_channel(hub, slug)
    async with hub.db.transaction() as tx:
        await flow.set_shadow(tx, row.id, on=data.on, live_groups=data.live_groups, actor="api", at=now())
        out = await _shadow(tx, row.id)
    await ring_switched(hub, row.id)
    return out


async def _shadow(tx: Tx, channel_id: UUID) -> ShadowOut:
    state = await store.shadow_of(tx, channel_id)
    ready: Readiness = await flow.readiness(tx, channel_id)
    groups = [GroupOut(each.group, each.listings, each.same, each.changes) for each in ready.groups]
    return ShadowOut(
        state.since,
        state.live_groups,
        ready.offered,
        ready.ready,
        ready.percent,
        ready.next_steps(),
        groups,
    )


shadow_routes = Router("/", route_handlers=[get_shadow, list_beside, post_shadow])

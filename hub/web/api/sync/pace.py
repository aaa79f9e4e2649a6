"""How each channel keeps up: its state, what is late and why, and what is paused."""

from datetime import datetime, timedelta
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
from hub.flows.sync import pausing
from hub.flows.sync.set_goal import set_goal
from hub.kit.clock import now
from hub.model.histogram import within
from hub.model.stock.waits import Reason, reasons
from hub.model.sync.pace import GOAL_S_MAX
from hub.model.sync.stages import Stage
from hub.store.sync import pace as store
from hub.store.sync import stages
from hub.web.api.paging import LIMIT_DEFAULT, ChannelSlug, Cursor, Limit, cut, read_cursor, write_cursor
from hub.web.problems import answers

ACTOR = "api"
DAY = timedelta(days=1)


class StageOut(Struct, frozen=True):
    """Since yesterday: so many came through, half and 99 % of them within so many seconds; null: longer than 5 min."""

    channel: str
    stage: Stage
    count: int
    half_s: float | None
    nearly_all_s: float | None


class SyncOut(Struct, frozen=True):
    channels: list[store.Pace]
    stages: list[StageOut]


class LateOut(Struct, frozen=True):
    channel: str
    channel_listing_id: str
    title: str
    sku: str
    shows: int | None
    waits_since: datetime
    reasons: list[Reason]


class LatePage(Struct, frozen=True):
    items: list[LateOut]
    next_cursor: str | None


class GoalIO(Struct, frozen=True, forbid_unknown_fields=True):
    """A change that waits longer is late."""

    goal_s: Annotated[int, Meta(ge=1, le=GOAL_S_MAX)]


class GroupsIn(Struct, frozen=True, forbid_unknown_fields=True):
    """Groups of SKUs; "" are the SKUs without one."""

    groups: Annotated[tuple[str, ...], Meta(min_length=1, max_length=1000)]


class ListingsOut(Struct, frozen=True):
    listings: int


GoalBody = Annotated[GoalIO, Body(examples=[Example(summary="Ten minutes", value={"goal_s": 600})])]
GroupsBody = Annotated[GroupsIn, Body(examples=[Example(summary="The mugs", value={"groups": ["mugs"]})])]


@get("/sync", summary="How each channel keeps up", tags=["sync"])
async def get_sync(hub: NamedDependency[HubContext]) -> SyncOut:
    """What waits, how long, what is late, suspended or drifts, how old numbers are, how fast they are sent."""
    at = now()
    async with hub.db.transaction() as tx:
        found = await store.paces(tx, at=at)
        times = await stages.stage_times(tx, since=(at - DAY).date())
    return SyncOut(found, [_stage(each) for each in times])


@get("/late", summary="List what is late", tags=["sync"], responses=answers(400, 404, 422))
async def list_late(
    hub: NamedDependency[HubContext],
    limit: Limit = LIMIT_DEFAULT,
    cursor: Cursor = None,
    channel: ChannelSlug = None,
) -> LatePage:
    """Changes that have waited longer than their channel's goal, the oldest first, each with all that keeps it."""
    at = now()
    channel_id = (await find_channel(hub, channel)).id if channel else None
    after = read_cursor(cursor, tuple[str, UUID], store.FIRST)
    async with hub.db.transaction() as tx:
        found = await store.late_listings(tx, channel_id=channel_id, after=after, limit=limit + 1, at=at)
    items, more = cut(found, limit)
    last = items[-1] if more else None
    next_cursor = write_cursor(last.offer.dirty_since, last.listing_id) if last else None
    return LatePage([_late(each, at) for each in items], next_cursor)


@put(
    "/channels/{slug:str}/freshness-goal",
    summary="Say when a change is late",
    tags=["sync"],
    responses=answers(400, 404),
)
async def put_goal(hub: NamedDependency[HubContext], slug: FromPath[str], data: GoalBody) -> GoalIO:
    """60 seconds, unless a person said otherwise."""
    row = await find_channel(hub, slug)
    async with hub.db.transaction() as tx:
        await set_goal(tx, row.id, data.goal_s, actor=ACTOR, at=now())
    return data


@post(
    "/channels/{slug:str}/groups/pause",
    status_code=200,
    summary="Pause groups of SKUs",
    tags=["sync"],
    responses=answers(400, 404),
)
async def pause_groups(
    hub: NamedDependency[HubContext], slug: FromPath[str], data: GroupsBody
) -> ListingsOut:
    """The channel is told nothing of them until they are resumed."""
    row = await find_channel(hub, slug)
    async with hub.db.transaction() as tx:
        count = await pausing.pause_groups(tx, row.id, data.groups, actor=ACTOR, at=now())
    await ring_decided(hub, row.id)
    return ListingsOut(count)


@post(
    "/channels/{slug:str}/groups/resume",
    status_code=200,
    summary="Go on with paused groups",
    tags=["sync"],
    responses=answers(400, 404, 409),
)
async def resume_groups(
    hub: NamedDependency[HubContext], slug: FromPath[str], data: GroupsBody
) -> ListingsOut:
    """What waited is told as it is then."""
    row = await find_channel(hub, slug)
    async with hub.db.transaction() as tx:
        count = await pausing.resume_groups(tx, row.id, data.groups, actor=ACTOR, at=now())
    await ring_decided(hub, row.id)
    return ListingsOut(count)


def _stage(each: stages.StageTimes) -> StageOut:
    half, nearly = within(each.counts, 0.5), within(each.counts, 0.99)
    return StageOut(each.channel, each.stage, sum(each.counts.values()), _finite(half), _finite(nearly))


def _finite(seconds: float | None) -> float | None:
    return None if seconds == float("inf") else seconds


def _late(each: store.LateListing, at: datetime) -> LateOut:
    offer = each.offer
    assert offer.dirty_since is not None
    return LateOut(
        offer.channel,
        offer.channel_listing_id,
        each.title,
        each.sku,
        offer.confirmed_quantity,
        offer.dirty_since,
        reasons(offer, at),
    )


pace_routes = Router("/", route_handlers=[get_sync, list_late, put_goal, pause_groups, resume_groups])

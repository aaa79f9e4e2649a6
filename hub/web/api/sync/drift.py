"""Drift: what channels show although they confirmed another number, why that probably is, and how it ends."""

from typing import Annotated, Literal
from uuid import UUID

from litestar import Router, get, post, put
from litestar.di import NamedDependency
from litestar.openapi.spec import Example
from litestar.params import Body, FromPath, QueryParameter
from msgspec import Meta, Struct

from hub.channels.context import HubContext
from hub.channels.intake import ring_touched
from hub.channels.opening import find_channel
from hub.flows.sync import reconcile as flow
from hub.kit.clock import now
from hub.model.sync.drift import BY_A_PERSON, Policy
from hub.store.sync import drift as store
from hub.web.api.paging import LIMIT_DEFAULT, ChannelSlug, Cursor, Limit, cut, read_cursor, write_cursor
from hub.web.problems import answers

ACTOR = "api"
Everything = Annotated[bool, QueryParameter(description="What has ended as well")]


class DriftPage(Struct, frozen=True):
    items: list[store.Drift]
    next_cursor: str | None


class SettleIn(Struct, frozen=True, forbid_unknown_fields=True):
    """`heal` tells our number again, `adopt` takes theirs into the books, `leave` lets it be until it changes."""

    ids: Annotated[tuple[UUID, ...], Meta(min_length=1, max_length=1000)]
    deed: Literal["heal", "adopt", "leave"]


class SettledOut(Struct, frozen=True):
    drifts: int


class PolicyIO(Struct, frozen=True, forbid_unknown_fields=True):
    """What a number changed over there leads to."""

    policy: Policy


SettleBody = Annotated[
    SettleIn,
    Body(
        examples=[
            Example(
                summary="Tell it again",
                value={"ids": ["01a21b56-96b8-70d6-89ef-5fbe044da4f6"], "deed": "heal"},
            )
        ]
    ),
]
PolicyBody = Annotated[PolicyIO, Body(examples=[Example(summary="Ask a person", value={"policy": "ask"})])]


@get("/drift", summary="List drift", tags=["sync"], responses=answers(400, 404, 422))
async def list_drift(
    hub: NamedDependency[HubContext],
    limit: Limit = LIMIT_DEFAULT,
    cursor: Cursor = None,
    channel: ChannelSlug = None,
    *,
    everything: Everything = False,
) -> DriftPage:
    """The newest first. Until a second look, two minutes later, the cause is *in flight*."""
    channel_id = (await find_channel(hub, channel)).id if channel else None
    (before,) = read_cursor(cursor, tuple[UUID], (store.LATEST,))
    async with hub.db.transaction() as tx:
        found = await store.list_drifts(
            tx, channel_id=channel_id, everything=everything, before=before, limit=limit + 1
        )
    items, more = cut(found, limit)
    return DriftPage(items, write_cursor(items[-1].id) if more else None)


@post("/drift/settle", status_code=200, summary="Settle drift", tags=["sync"], responses=answers(400, 409))
async def settle_drift(hub: NamedDependency[HubContext], data: SettleBody) -> SettledOut:
    """Of bundles, of lots, and beyond what is on hand nothing can be adopted; those stay open."""
    async with hub.db.transaction() as tx:
        done = await flow.settle(tx, data.ids, BY_A_PERSON[data.deed], actor=ACTOR, at=now())
    await ring_touched(hub, done.touched)
    return SettledOut(done.drifts)


@get(
    "/channels/{slug:str}/drift-policy",
    summary="What a channel's drift leads to",
    tags=["sync"],
    responses=answers(400, 404),
)
async def get_policy(hub: NamedDependency[HubContext], slug: FromPath[str]) -> PolicyIO:
    """`heal`, unless a person said otherwise."""
    row = await find_channel(hub, slug)
    async with hub.db.transaction() as tx:
        return PolicyIO(await store.policy_of(tx, row.id))


@put(
    "/channels/{slug:str}/drift-policy",
    summary="Say what a channel's drift leads to",
    tags=["sync"],
    responses=answers(400, 404),
)
async def put_policy(hub: NamedDependency[HubContext], slug: FromPath[str], data: PolicyBody) -> PolicyIO:
    """For what is read from now on."""
    row = await find_channel(hub, slug)
    async with hub.db.transaction() as tx:
        await flow.set_policy(tx, row.id, data.policy, actor=ACTOR, at=now())
    return data


drift_routes = Router("/", route_handlers=[list_drift, settle_drift, get_policy, put_policy])

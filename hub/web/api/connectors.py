"""Kinds of channels, and channels joined and tried: what `hub channel add` and `test` do."""

from typing import Annotated

from litestar import Router, get, post
from litestar.di import NamedDependency
from litestar.openapi.spec import Example
from litestar.params import Body, FromPath
from msgspec import Meta, Struct

from hub.channels.context import HubContext
from hub.channels.joining import probe, refuse_bad, try_again
from hub.channels.opening import add_channel, find_open_channel, open_channel, webhook_url
from hub.spec import Connector, KnowsLimits, LogsIn, Probe, ReceivesWebhooks
from hub.spec.config import schema_of
from hub.web.problems import answers


class KindOut(Struct, frozen=True):
    """`settings` is the JSON Schema (2020-12) of what the kind is told; secrets are written only."""

    kind: str
    title: str
    api_version: str
    capabilities: list[str]
    logs_in: bool
    limits: list[str]
    settings: dict[str, object]


class KindsOut(Struct, frozen=True):
    items: list[KindOut]


class ChannelIn(Struct, frozen=True, forbid_unknown_fields=True):
    """`settings` by name, each as text; `location` where a till sells from its own shelf."""

    kind: str
    slug: str
    name: Annotated[str, Meta(max_length=100)] = ""
    settings: dict[str, str] = {}
    location: str | None = None
    pull_every_s: Annotated[int, Meta(ge=5, le=86_400)] = 60


class Joined(Struct, frozen=True):
    """`webhook_url` null: it sends none. A probe that is not ok says what to do; the channel is joined all the same."""

    slug: str
    webhook_url: str | None
    probes: list[Probe]


class Tried(Struct, frozen=True):
    """`goes_on`: it had stood still, and goes on now."""

    probes: list[Probe]
    goes_on: bool


SHOP = {
    "kind": "manual",
    "slug": "phone",
    "name": "Phone desk",
    "settings": {},
}
ChannelBody = Annotated[ChannelIn, Body(examples=[Example(summary="A phone desk", value=SHOP)])]


@get("/connectors", summary="List the kinds of channels the hub speaks", tags=["channels"])
async def list_connectors(hub: NamedDependency[HubContext]) -> KindsOut:
    """Every kind with what it can do, what it cannot, and the schema of its settings."""
    return KindsOut([kind_of(each) for _, each in sorted(hub.registry.kinds.items())])


@post(
    "/channels",
    status_code=201,
    summary="Join a channel",
    tags=["channels"],
    responses=answers(400, 404, 422),
)
async def post_channel(hub: NamedDependency[HubContext], data: ChannelBody) -> Joined:
    """Its settings are checked and sealed, then its connection is tried. `field` names a setting that is wrong."""
    hub.registry.connector(data.kind)
    await refuse_bad(hub, data.slug, data.location)
    row = await add_channel(
        hub,
        kind=data.kind,
        slug=data.slug,
        name=data.name or data.slug,
        settings=data.settings,
        location=data.location,
        pull_every_s=data.pull_every_s,
    )
    await hub.bell.announce("channels")
    opened = open_channel(hub, row)
    hears = isinstance(opened.channel, ReceivesWebhooks)
    return Joined(row.slug, webhook_url(hub, row) if hears else None, await probe(opened))


@post(
    "/channels/{slug:str}/test",
    status_code=200,
    summary="Try the connection of a channel",
    tags=["channels"],
    responses=answers(400, 404, 409, 422),
)
async def test_channel(hub: NamedDependency[HubContext], slug: FromPath[str]) -> Tried:
    """Probe by probe. One that had to log in again, and now can, goes on by itself."""
    probes, goes_on = await try_again(hub, await find_open_channel(hub, slug))
    return Tried(probes, goes_on)


def kind_of(connector: Connector) -> KindOut:
    manifest = connector.manifest
    return KindOut(
        kind=manifest.kind,
        title=manifest.title,
        api_version=manifest.api_version,
        capabilities=sorted(manifest.capabilities),
        logs_in=isinstance(connector, LogsIn),
        limits=connector.known_limits() if isinstance(connector, KnowsLimits) else [],
        settings=schema_of(connector.config_type),
    )


connector_routes = Router("/", route_handlers=[list_connectors, post_channel, test_channel])

"""Notifiers: whom the hub tells when nobody is looking, and by which way."""

from typing import Annotated

from litestar import Router, delete, get, post
from litestar.di import NamedDependency
from litestar.openapi.spec import Example
from litestar.params import Body, FromPath
from msgspec import Struct

from hub.channels.context import HubContext
from hub.channels.notifiers import (
    add_notifier,
    find_notifier,
    probe_notifier,
    ring_notifiers,
    tell_test,
)
from hub.spec import Probe, Severity
from hub.spec.config import schema_of
from hub.store import notices
from hub.web.problems import answers


class NotifierKind(Struct, frozen=True):
    """`settings` is the JSON Schema (2020-12) of what the kind is told; secrets are written only."""

    kind: str
    title: str
    settings: dict[str, object]


class NotifierKinds(Struct, frozen=True):
    items: list[NotifierKind]


class NotifiersOut(Struct, frozen=True):
    items: list[notices.NotifierHealth]


class NotifierIn(Struct, frozen=True, forbid_unknown_fields=True):
    """`least` is what it hears at least; `settings` by name, each as text."""

    kind: str
    slug: str
    settings: dict[str, str]
    least: Severity = Severity.INFO


class NotifierOut(Struct, frozen=True):
    slug: str
    state: str
    probes: list[Probe]


class NotifierTold(Struct, frozen=True):
    """`told`: a test went out. It does not where a probe is not ok."""

    probes: list[Probe]
    told: bool


OWNER = {
    "kind": "mail",
    "slug": "owner",
    "least": "warning",
    "settings": {"host": "localhost", "sender": "hub@shop.example", "recipients": "me@shop.example"},
}
NotifierBody = Annotated[NotifierIn, Body(examples=[Example(summary="By e-mail", value=OWNER)])]


@get("/notifiers/kinds", summary="List the ways the hub can tell people", tags=["notifiers"])
async def list_kinds(hub: NamedDependency[HubContext]) -> NotifierKinds:
    """Every kind with the schema of its settings."""
    members = sorted(hub.registry.notifiers.items())
    return NotifierKinds(
        [NotifierKind(each.kind, each.title, schema_of(each.config_type)) for _, each in members]
    )


@get("/notifiers", summary="List the notifiers", tags=["notifiers"])
async def list_notifiers(hub: NamedDependency[HubContext]) -> NotifiersOut:
    """Each with what it hears, when it last told something, what waits or failed."""
    async with hub.db.transaction() as tx:
        return NotifiersOut(await notices.notifier_health(tx))


@post(
    "/notifiers", status_code=201, summary="Add a notifier", tags=["notifiers"], responses=answers(400, 422)
)
async def post_notifier(hub: NamedDependency[HubContext], data: NotifierBody) -> NotifierOut:
    """Its settings are checked and sealed; nobody is told anything yet. `field` names a setting that is wrong."""
    row = await add_notifier(
        hub, kind=data.kind, slug=data.slug, settings=data.settings, least=data.least.value
    )
    return NotifierOut(row.slug, row.state, await probe_notifier(hub, row))


@post(
    "/notifiers/{slug:str}/test",
    status_code=200,
    summary="Tell a test",
    tags=["notifiers"],
    responses=answers(400, 404, 422),
)
async def test_notifier(hub: NamedDependency[HubContext], slug: FromPath[str]) -> NotifierTold:
    """Check the settings, then tell one notice that says it is a test."""
    row = await find_notifier(hub, slug)
    probes = await probe_notifier(hub, row)
    fine = all(each.ok for each in probes)
    if fine:
        await tell_test(hub, row)
    return NotifierTold(probes, fine)


@post(
    "/notifiers/{slug:str}/pause",
    status_code=200,
    summary="Pause a notifier",
    tags=["notifiers"],
    responses=answers(400, 404),
)
async def pause_notifier(hub: NamedDependency[HubContext], slug: FromPath[str]) -> NotifierOut:
    """Tell nothing by it until it is resumed; what comes meanwhile is not told later."""
    return await _switched(hub, slug, "paused")


@post(
    "/notifiers/{slug:str}/resume",
    status_code=200,
    summary="Go on with a paused notifier",
    tags=["notifiers"],
    responses=answers(400, 404),
)
async def resume_notifier(hub: NamedDependency[HubContext], slug: FromPath[str]) -> NotifierOut:
    """What waited before the pause is told now."""
    return await _switched(hub, slug, "active")


@delete("/notifiers/{slug:str}", summary="Remove a notifier", tags=["notifiers"], responses=answers(400, 404))
async def remove_notifier(hub: NamedDependency[HubContext], slug: FromPath[str]) -> None:
    """With its settings, and what it still had to tell."""
    row = await find_notifier(hub, slug)
    async with hub.db.transaction() as tx:
        await notices.remove_notifier(tx, row.id)


async def _switched(hub: HubContext, slug: str, state: str) -> NotifierOut:
    row = await find_notifier(hub, slug)
    async with hub.db.transaction() as tx:
        await notices.change_notifier(tx, row.id, state=state)
    if state == "active":
        await ring_notifiers(hub, {row.id})
    return NotifierOut(row.slug, state, [])


notifier_routes = Router(
    "/",
    route_handlers=[
        list_kinds,
        list_notifiers,
        post_notifier,
        test_notifier,
        pause_notifier,
        resume_notifier,
        remove_notifier,
    ],
)

"""Join a channel: choose its kind, type its settings, try the connection, then join."""

from collections.abc import Mapping

from litestar import get, post
from litestar.params import FromPath
from litestar.response import Redirect, Template
from msgspec import Struct

from hub.channels.context import HubContext
from hub.channels.joining import probe_settings, refuse_bad
from hub.channels.opening import add_channel
from hub.kit.clock import now
from hub.model.errors import HubError, InputError, NotFoundError
from hub.spec import Capability, Connector, KnowsLimits, LogsIn, Probe
from hub.store.stock.locations import all_locations
from hub.web.desk.channels.setting_fields import (
    Typed,
    fields_of_settings,
    missing_in,
    problem_of,
    read_typed,
)
from hub.web.desk.page import AnyRequest, Frame, fields_of, format_of, hub_of, render

OWN = ("name", "slug", "location")


class Kind(Struct, frozen=True):
    kind: str
    title: str
    can: str
    limits: list[str]
    logs_in: bool


class JoinForm(Struct, frozen=True):
    """What was typed, what is wrong with it, and what the connection says; `probes` None: not tried."""

    own: Mapping[str, str] = {}
    typed: Typed = Typed()
    problems: Mapping[str, str] = {}
    probes: list[Probe] | None = None


@get("/channels/new", include_in_schema=False)
async def kinds_page(request: AnyRequest) -> Template:
    ctx = hub_of(request)
    kinds = [kind_of(each) for each in ctx.registry.kinds.values()]
    async with ctx.db.transaction() as tx:
        values = {"kinds": sorted(kinds, key=lambda each: each.title)}
        return await render(tx, "kinds.html", Frame("channels"), format_of(request, now()), values)


@get("/channels/new/{kind:str}", include_in_schema=False)
async def new_channel_page(request: AnyRequest, kind: FromPath[str]) -> Template:
    return await _render(request, _connector(hub_of(request), kind), JoinForm())


@post("/channels/new/{kind:str}", status_code=200, include_in_schema=False)
async def join_channel(request: AnyRequest, kind: FromPath[str]) -> Template | Redirect:
    """By the one button the connection is tried and nothing kept; by the other the channel is joined."""
    ctx, sent = hub_of(request), await fields_of(request)
    connector = _connector(ctx, kind)
    typed = read_typed(connector.config_type, sent, ctx.vault)
    form = JoinForm({name: sent.get(name, "") for name in OWN}, typed, _missing(connector, sent, typed))
    if not form.problems:
        joins = sent.get("do") != "try"
        outcome = await (_join if joins else _try)(ctx, connector, form)
        if isinstance(outcome, str):
            return Redirect(f"/channels/{outcome}", status_code=303)
        form = outcome
    return await _render(request, connector, form, status=422 if form.problems else 200)


async def _join(ctx: HubContext, connector: Connector, form: JoinForm) -> JoinForm | str:
    """The slug of the channel, or the form with what is wrong."""
    slug, location = form.own["slug"], form.own["location"] or None
    try:
        await refuse_bad(ctx, slug, location)
        await add_channel(
            ctx,
            kind=connector.manifest.kind,
            slug=slug,
            name=form.own["name"] or slug,
            settings=form.typed.settings,
            location=location,
        )
    except InputError as error:
        return JoinForm(form.own, form.typed, problem_of(error))
    except NotFoundError as error:
        return JoinForm(form.own, form.typed, {"location": str(error)})
    await ctx.bell.announce("channels")
    return slug


async def _try(ctx: HubContext, connector: Connector, form: JoinForm) -> JoinForm:
    try:
        probes = await probe_settings(ctx, connector, form.typed.settings)
    except InputError as error:
        return JoinForm(form.own, form.typed, problem_of(error))
    return JoinForm(form.own, form.typed, {}, probes)


def _missing(connector: Connector, sent: Mapping[str, str], typed: Typed) -> dict[str, str]:
    """Only to join must it have a name; to try, the settings are enough."""
    missing = missing_in(connector.config_type, typed.settings)
    if sent.get("do") != "try" and not sent.get("slug"):
        missing["slug"] = "Give it a short name, for example shop-de"
    return missing


async def _render(
    request: AnyRequest, connector: Connector, form: JoinForm, *, status: int = 200
) -> Template:
    ctx = hub_of(request)
    async with ctx.db.transaction() as tx:
        values = {
            "kind": kind_of(connector),
            "fields": fields_of_settings(connector.config_type, form.typed.settings, form.problems),
            "form": form,
            "locations": await all_locations(tx),
        }
        frame = Frame("channels")
        return await render(tx, "join.html", frame, format_of(request, now()), values, status=status)


def kind_of(connector: Connector) -> Kind:
    manifest = connector.manifest
    limits = connector.known_limits() if isinstance(connector, KnowsLimits) else []
    can = _can(manifest.capabilities)
    return Kind(manifest.kind, manifest.title, can, limits, isinstance(connector, LogsIn))


def _can(capabilities: frozenset[Capability]) -> str:
    """How its orders come, and what becomes of its stock."""
    orders = "Orders are typed here"
    if Capability.FETCH_ORDERS in capabilities:
        at_once = Capability.RECEIVE_WEBHOOKS in capabilities
        orders = "Orders come by themselves" + (", at once" if at_once else "")
    if Capability.PUSH_STOCK not in capabilities:
        return orders
    return f"{orders}; stock goes out" + (
        " and is read back" if Capability.READ_STOCK in capabilities else ""
    )


def _connector(ctx: HubContext, kind: str) -> Connector:
    try:
        return ctx.registry.connector(kind)
    except HubError as error:
        raise NotFoundError(str(error)) from error

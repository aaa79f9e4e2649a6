"""One channel: its settings, whether its connection stands, and what was said there and answered of late."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from litestar import get, post
from litestar.params import FromPath
from litestar.response import Redirect, Template
from msgspec import Struct

from hub.channels.calls import Call
from hub.channels.context import HubContext
from hub.channels.joining import try_again
from hub.channels.opening import (
    find_channel,
    find_open_channel,
    held_settings,
    open_channel,
    set_channel,
    webhook_url,
)
from hub.channels.shipping import our_own
from hub.kit.clock import now
from hub.model.errors import InputError
from hub.spec import Connector, Probe, ReceivesWebhooks, Settings
from hub.spec.config import settings_of
from hub.store.channels import ChannelRow
from hub.store.desk.channels import list_channels
from hub.web.desk.channels.channels import view_channel
from hub.web.desk.channels.join import kind_of
from hub.web.desk.channels.setting_fields import NEEDED, fields_of_settings, problem_of, read_typed
from hub.web.desk.page import AnyRequest, Frame, fields_of, format_of, hub_of, render

CALLS_SHOWN = 30
SLOW_MS = 2000


class CallView(Struct, frozen=True):
    """One call; `tone` colors its status, which stands beside it as a number or a word."""

    call: Call
    status: str
    tone: str
    slow: bool


class Tried(Struct, frozen=True):
    """What somebody did on the page: typed settings that were refused, or a connection that was tried."""

    given: Mapping[str, str] = {}
    problems: Mapping[str, str] = {}
    probes: list[Probe] | None = None
    goes_on: bool = False


@get("/channels/{slug:str}", include_in_schema=False)
async def channel_page(request: AnyRequest, slug: FromPath[str]) -> Template:
    """Raises NotFoundError."""
    return await render_channel(request, slug, Tried(), at=now())


@post("/channels/{slug:str}/test", status_code=200, include_in_schema=False)
async def try_connection(request: AnyRequest, slug: FromPath[str]) -> Template:
    """Probe by probe; one that stood still and now can goes on by itself."""
    ctx = hub_of(request)
    probes, goes_on = await try_again(ctx, await find_open_channel(ctx, slug))
    return await render_channel(request, slug, Tried(probes=probes, goes_on=goes_on), at=now())


@post("/channels/{slug:str}/settings", status_code=200, include_in_schema=False)
async def set_settings(request: AnyRequest, slug: FromPath[str]) -> Template | Redirect:
    """What is typed replaces what was; a secret left empty stays."""
    ctx, sent = hub_of(request), await fields_of(request)
    row = await find_channel(ctx, slug)
    config_type = ctx.registry.connector(row.kind).config_type
    typed = read_typed(config_type, sent, ctx.vault, clearing=True).settings
    problems = _emptied(config_type, typed)
    try:
        if not problems:
            await set_channel(ctx, row, _with_defaults(config_type, typed))
            return Redirect(f"/channels/{slug}", status_code=303)
    except InputError as error:
        problems = problem_of(error)
    return await render_channel(request, slug, Tried(typed, problems), at=now(), status=422)


def _emptied(config_type: type[Settings], typed: Mapping[str, str]) -> dict[str, str]:
    """What must stand there, and was emptied; a secret that is not typed stays."""
    needed = [each.name for each in settings_of(config_type) if each.required and each.name in typed]
    return {name: NEEDED for name in needed if not typed[name]}


def _with_defaults(config_type: type[Settings], typed: Mapping[str, str]) -> dict[str, str]:
    """A field that somebody emptied is what it was before anybody typed."""
    defaults = {each.name: each.default for each in settings_of(config_type)}
    return {name: value or defaults[name] for name, value in typed.items()}


async def render_channel(
    request: AnyRequest, slug: str, tried: Tried, *, at: datetime, status: int = 200
) -> Template:
    ctx = hub_of(request)
    row, fmt = await find_channel(ctx, slug), format_of(request, at)
    connector = ctx.registry.kinds.get(row.kind)
    calls = await _calls(ctx, row)
    async with ctx.db.transaction() as tx:
        found = await list_channels(tx, since=at - timedelta(hours=24), at=at)
        view = next(view_channel(each, ctx.registry, fmt) for each in found if each.slug == slug)
        handling = {"handling": row.handling, "clock_problem": tried.problems.get("handling", "")}
        values = {
            "view": view,
            "tried": tried,
            "calls": calls,
            **handling,
            **_of_kind(ctx, row, connector, tried),
        }
        frame = Frame("channels", "channels")
        return await render(tx, "channel.html", frame, fmt, values, status=status)


def _of_kind(
    ctx: HubContext, row: ChannelRow, connector: Connector | None, tried: Tried
) -> dict[str, object]:
    """What is shown only while the package of its connector is installed."""
    if connector is None:
        return {"kind": None, "fields": [], "webhook": "", "webhooks_problem": "", "may_ship_there": False}
    shown, held, problem = _held(ctx, row)
    given = {**shown, **tried.given}
    problems = {**problem, **tried.problems}
    return {
        "kind": kind_of(connector),
        "fields": fields_of_settings(connector.config_type, given, problems, held=held),
        "webhook": _webhook(ctx, row),
        "webhooks_problem": row.webhooks_problem,
        "may_ship_there": row.kind not in our_own(ctx),
        "ships_here": row.ships_here,
    }


def _held(ctx: HubContext, row: ChannelRow) -> tuple[dict[str, str], frozenset[str], dict[str, str]]:
    try:
        shown, held = held_settings(ctx, row)
    except InputError as error:
        return {}, frozenset(), problem_of(error)
    return shown, held, {}


def _webhook(ctx: HubContext, row: ChannelRow) -> str:
    try:
        hears = isinstance(open_channel(ctx, row).channel, ReceivesWebhooks)
    except InputError:
        return ""
    return webhook_url(ctx, row) if hears else ""


async def _calls(ctx: HubContext, row: ChannelRow) -> list[CallView]:
    kept = ctx.outside.calls
    found = await kept.latest(str(row.account_id), limit=CALLS_SHOWN) if kept else []
    return [_call(each) for each in found]


def _call(each: Call) -> CallView:
    if not each.status:
        return CallView(each, "no answer", "bad", each.took_ms >= SLOW_MS)
    tone = "good" if each.status < 300 else "wait" if each.status in {304, 404, 429} else "bad"
    return CallView(each, str(each.status), tone, each.took_ms >= SLOW_MS)

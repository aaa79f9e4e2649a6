"""Alarms: what of the stock is in trouble, since when, what is left, who was told, and what to do next."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated
from urllib.parse import urlencode
from uuid import UUID

from litestar import get
from litestar.params import FromQuery, QueryParameter
from litestar.response import Template
from msgspec import Struct

from hub.flows.stock.watch_stock import SEVERITIES
from hub.kit.clock import now
from hub.model.stock.alarm_words import NAMES, NEXT
from hub.model.stock.alarms import Bounds, Kind
from hub.spec import Severity
from hub.store import notices
from hub.store.db import Tx
from hub.store.stock import alarms
from hub.store.stock.alarms import LATEST, Alarm
from hub.web.desk.charts import Part
from hub.web.desk.page import STOCK_SEARCH, AnyRequest, Frame, format_of, hub_of, render
from hub.web.desk.stock.chain import sku_address

PAGE_ROWS = 50
TONES: Mapping[Severity, str] = {Severity.CRITICAL: "bad", Severity.WARNING: "wait", Severity.INFO: "info"}


class AlarmsQuery(Struct, frozen=True):
    """`ended`: those that are over or were dismissed as well."""

    kind: Kind | None = None
    ended: bool = False
    before: UUID | None = None


class AlarmRow(Struct, frozen=True):
    """An alarm with its words and colors, and the one button that leads on."""

    alarm: Alarm
    name: str
    tone: str
    next: str
    bar: list[Part]
    does: str
    href: str


class Tab(Struct, frozen=True):
    label: str
    href: str
    current: bool
    count: int = 0


class BoundsForm(Struct, frozen=True):
    """What holds for every SKU, as typed; with what is wrong."""

    low_stock: str = ""
    unmoved_days: str = ""
    expiry_days: str = ""
    problems: Mapping[str, str] = {}


@get("/alarms", include_in_schema=False)
async def alarms_page(
    request: AnyRequest,
    kind: FromQuery[Kind | None] = None,
    ended: FromQuery[bool] = False,  # noqa: FBT002 -- a query parameter
    before: Annotated[UUID | None, QueryParameter()] = None,
) -> Template:
    return await render_alarms(request, AlarmsQuery(kind, ended, before), at=now())


async def render_alarms(
    request: AnyRequest,
    query: AlarmsQuery,
    *,
    at: datetime,
    form: BoundsForm | None = None,
    status: int = 200,
) -> Template:
    async with hub_of(request).db.transaction() as tx:
        found = await _found(tx, query)
        rows = [row_of(each) for each in found[:PAGE_ROWS]]
        usual = await alarms.read_bounds(tx)
        values = {
            "query": query,
            "rows": rows,
            "tabs": _tabs(query, await alarms.count_open(tx)),
            "first": _address(query, before=None) if query.before else "",
            "more": _address(query, before=found[PAGE_ROWS - 1].id) if len(found) > PAGE_ROWS else "",
            "form": form or form_of(usual),
            "usual": usual,
            "hears": [each for each in await notices.notifier_health(tx) if each.state == "active"],
            "kinds": [(NAMES[kind], TONES[SEVERITIES[kind]], NEXT[kind]) for kind in Kind],
        }
        frame = Frame("alarms", "stock", "", STOCK_SEARCH)
        return await render(tx, "alarms.html", frame, format_of(request, at), values, status=status)


async def _found(tx: Tx, query: AlarmsQuery) -> list[Alarm]:
    """One page and one more, to know whether others follow."""
    return await alarms.list_alarms(
        tx, kind=query.kind, everything=query.ended, before=query.before or LATEST, limit=PAGE_ROWS + 1
    )


def row_of(alarm: Alarm) -> AlarmRow:
    page = sku_address(alarm.sku)
    does, href = {
        Kind.OVERSOLD: ("Held orders", "/orders?view=held"),
        Kind.NEGATIVE_ON_HAND: ("Count it", f"{page}#adjust"),
        Kind.OUT_OF_STOCK: ("Restock", f"{page}#adjust"),
        Kind.LOW_STOCK: ("See its stock", page),
        Kind.AGING: ("See its stock", page),
    }[alarm.kind]
    tone = TONES[SEVERITIES[alarm.kind]]
    return AlarmRow(alarm, NAMES[alarm.kind], tone, NEXT[alarm.kind], bar(alarm, tone), does, href)


def rows_of(found: Sequence[Alarm]) -> list[AlarmRow]:
    return [row_of(each) for each in found]


def bar(alarm: Alarm, tone: str) -> list[Part]:
    """What is left of the threshold; full where units are too many, or too few to be true."""
    of_threshold = alarm.kind in (Kind.LOW_STOCK, Kind.OUT_OF_STOCK)
    share = min(1.0, alarm.units / (alarm.bound or 1)) if of_threshold else 1.0
    width = round(100 * share, 1)
    filled = [Part(0, width, tone, alarm.kind, alarm.units, alarm.says)] if width else []
    return [*filled, Part(width, 100 - width, "none", "", 0, alarm.says)] if width < 100 else filled


def form_of(bounds: Bounds) -> BoundsForm:
    return BoundsForm(str(bounds.low_stock), str(bounds.unmoved_days), str(bounds.expiry_days))


def _tabs(query: AlarmsQuery, counts: Mapping[Kind, int]) -> list[Tab]:
    every = Tab("Open", "/alarms", query.kind is None and not query.ended, sum(counts.values()))
    of_kind = [
        Tab(NAMES[kind], _address(AlarmsQuery(kind), before=None), query.kind is kind, counts.get(kind, 0))
        for kind in Kind
        if kind in counts or query.kind is kind
    ]
    ended = Tab(
        "All there were",
        _address(AlarmsQuery(ended=True), before=None),
        query.ended and query.kind is None,
    )
    return [every, *of_kind, ended]


def _address(query: AlarmsQuery, *, before: UUID | None) -> str:
    given = {"kind": query.kind, "ended": "true" if query.ended else "", "before": before}
    words = urlencode({name: value for name, value in given.items() if value})
    return f"/alarms?{words}" if words else "/alarms"

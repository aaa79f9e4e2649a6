"""Counts: sheets and how far they are, a new one with what should be counted first, and one to be printed."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Annotated
from urllib.parse import urlencode
from uuid import UUID

from litestar import get, post
from litestar.datastructures import FormMultiDict
from litestar.params import FromPath, FromQuery, QueryParameter
from litestar.response import Redirect, Template
from msgspec import Struct
from msgspec.structs import replace

from hub.flows.stock import count_sheets as flow
from hub.kit.clock import now
from hub.kit.ids import uuid7
from hub.model.errors import InputError, NotFoundError, WrongStateError
from hub.model.stock.counts import Scope
from hub.model.stock.lines import LINES_MAX
from hub.store.api import counts as store
from hub.store.db import Tx
from hub.store.desk.stock import find_items, list_locations
from hub.store.stock.counts import riskiest
from hub.store.stock.transfers import NUMBER_MAX
from hub.web.desk.charts import Part
from hub.web.desk.page import REFUSED, STOCK_SEARCH, AnyRequest, Frame, format_of, hub_of, render

ACTOR = "desk"
PAGE_ROWS = 50
RISKY_SHOWN = 10
FRAME = Frame("stock", "counts", "", STOCK_SEARCH)
SCOPES = {
    Scope.LOCATION: "all that lies there",
    Scope.RISKIEST: "the riskiest SKUs",
    Scope.CHOSEN: "chosen SKUs",
}


class Show(StrEnum):
    """Which sheets are listed."""

    OPEN = "open"
    POSTED = "posted"
    DROPPED = "dropped"


class NewCount(Struct, frozen=True):
    """A count as it is typed: `scope` says which of `riskiest` and `skus` is meant."""

    id: str
    location: str = ""
    scope: str = Scope.RISKIEST
    riskiest: str = "25"
    skus: str = ""
    blind: bool = False
    note: str = ""
    problems: Mapping[str, str] = {}


@get("/counts", include_in_schema=False)
async def counts_page(
    request: AnyRequest, show: FromQuery[Show] = Show.OPEN, before: FromQuery[int] = NUMBER_MAX
) -> Template:
    async with hub_of(request).db.transaction() as tx:
        sheets = await store.list_sheets(tx, before=before, state=show, limit=PAGE_ROWS + 1)
        last = sheets[PAGE_ROWS - 1].number if len(sheets) > PAGE_ROWS else 0
        values = {
            "sheets": [each.seen_by_counter() for each in sheets[:PAGE_ROWS]],
            "bar": progress,
            "scopes": SCOPES,
            "show": show,
            "shows": list(Show),
            "first": f"/counts?{urlencode({'show': show})}" if before < NUMBER_MAX else "",
            "more": f"/counts?{urlencode({'show': show, 'before': last})}" if last else "",
        }
        return await render(tx, "counts.html", FRAME, format_of(request, now()), values)


@get("/counts/new", include_in_schema=False)
async def new_count_page(
    request: AnyRequest, location: Annotated[str, QueryParameter(max_length=100)] = ""
) -> Template:
    return await _render_new(request, NewCount(str(uuid7()), location), at=now())


@post("/counts/new", status_code=200, include_in_schema=False)
async def begin_count(request: AnyRequest) -> Template | Redirect:
    """The same form sent twice begins one sheet."""
    at, form, ctx = now(), _read(await request.form()), hub_of(request)
    try:
        async with ctx.db.transaction() as tx:
            begun = await flow.begin_count(tx, await _plan(tx, form), actor=ACTOR, at=at)
    except REFUSED as error:
        field = error.field if isinstance(error, InputError) else "location"
        field = "skus" if isinstance(error, WrongStateError) else field
        return await _render_new(request, replace(form, problems={field: str(error)}), at=at, status=422)
    await ctx.bell.announce("counts")
    return Redirect(f"/counts/{begun.number}", status_code=303)


@get("/counts/{number:int}/print", include_in_schema=False)
async def print_page(request: AnyRequest, number: FromPath[int]) -> Template:
    """A sheet for people who count with a pencil; a blind one says nothing of what is expected."""
    async with hub_of(request).db.transaction() as tx:
        sheet = await read(tx, number)
        lines = await store.sheet_lines(tx, number, limit=LINES_MAX)
        seen = [line.seen_by_counter(sheet) for line in lines]
        values = {"sheet": sheet, "lines": seen, "scopes": SCOPES}
        frame = Frame("stock", "", "", STOCK_SEARCH)
        return await render(tx, "count_print.html", frame, format_of(request, now()), values)


async def read(tx: Tx, number: int) -> store.Sheet:
    """Raises NotFoundError."""
    found = await store.read_sheet(tx, number)
    if found is None:
        msg = f"There is no count sheet {number}: see Counts"
        raise NotFoundError(msg)
    return found


def progress(sheet: store.Sheet) -> list[Part]:
    """How much of a sheet is counted, and how much of that differs, in percent."""
    whole, differing = max(1, sheet.lines), sheet.differing or 0
    same = sheet.counted - differing
    parts = []
    if same:
        parts.append(Part(0.0, round(100 * same / whole, 3), "good", "counted", same, f"as expected: {same}"))
    if differing:
        x, width = 100 * same / whole, 100 * differing / whole
        parts.append(
            Part(round(x, 3), round(width, 3), "wait", "differ", differing, f"differing: {differing}")
        )
    return parts


def _read(sent: FormMultiDict) -> NewCount:
    given = {name: str(sent.get(name, "")).strip()[:20_000] for name in NewCount.__struct_fields__}
    try:
        form_id = str(UUID(given["id"]))
    except ValueError:
        form_id = str(uuid7())
    scope = given["scope"] if given["scope"] in set(Scope) else Scope.RISKIEST
    typed = (given["riskiest"], given["skus"])
    return NewCount(form_id, given["location"], scope, *typed, "blind" in sent, given["note"][:2000])


async def _plan(tx: Tx, form: NewCount) -> flow.Plan:
    """Raises InputError naming the field."""
    if not form.location:
        msg = "Choose where"
        raise InputError(msg, field="location")
    number = form.riskiest if form.scope == Scope.RISKIEST else "0"
    if not (number.isascii() and number.isdigit() and len(number) < 5) or (
        form.scope == Scope.RISKIEST and int(number) == 0
    ):
        msg = f"A number from 1 to {flow.RISKIEST_MAX}"
        raise InputError(msg, field="riskiest")
    skus = await _chosen(tx, form) if form.scope == Scope.CHOSEN else []
    return flow.Plan(UUID(form.id), form.location, int(number), skus, form.blind, form.note)


async def _chosen(tx: Tx, form: NewCount) -> list[str]:
    words = [word for line in form.skus.splitlines() for word in [line.strip(" ,;\t")] if word]
    meant = await find_items(tx, words)
    strange = sorted(set(words) - meant.keys())
    if strange or not words or len(words) > LINES_MAX:
        says = f"No SKU, barcode or name is {', '.join(strange[:5])}" if strange else "One SKU in each line"
        raise InputError(says, field="skus")
    return [meant[word].sku for word in words]


async def _render_new(request: AnyRequest, form: NewCount, *, at: datetime, status: int = 200) -> Template:
    async with hub_of(request).db.transaction() as tx:
        places = await list_locations(tx)
        if not form.location and places:
            form = replace(form, location=places[0].code)
        values = {
            "form": form,
            "locations": places,
            "risky": await riskiest(tx, form.location, limit=RISKY_SHOWN, at=at),
            "where": next((each.name for each in places if each.code == form.location), ""),
        }
        frame = Frame("stock", "", "", STOCK_SEARCH)
        return await render(tx, "count_form.html", frame, format_of(request, at), values, status=status)

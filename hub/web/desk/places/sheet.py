"""A count sheet as whoever counts sees it, with a scanner, a phone, or by hand."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Annotated
from urllib.parse import urlencode
from uuid import UUID

from litestar import get, post
from litestar.params import FromPath, FromQuery, QueryParameter
from litestar.response import Redirect, Template
from msgspec import Struct

from hub.flows.stock import count_sheets as flow
from hub.kit.clock import now
from hub.kit.ids import uuid7
from hub.model.errors import InputError, NotFoundError, WrongStateError
from hub.model.stock.counts import Entry, State, read_units
from hub.store.api import counts as store
from hub.store.db import Tx
from hub.web.desk.basket import Basket, sku_of
from hub.web.desk.page import AnyRequest, fields_of, format_of, hub_of, render
from hub.web.desk.places.counts import ACTOR, FRAME, SCOPES, progress, read

PAGE_ROWS = 100


class Lines(StrEnum):
    UNCOUNTED = "uncounted"
    COUNTED = "counted"
    ALL = "all"


_TABS = {Lines.UNCOUNTED: "To count", Lines.COUNTED: "Counted", Lines.ALL: "All"}


class SheetQuery(Struct, frozen=True):
    """`last` is the SKU that was entered last, and `added` by how many; `by` is who counts."""

    lines: Lines = Lines.UNCOUNTED
    by: str = ""
    after: str = ""
    last: str = ""
    added: int = 0


@get("/counts/{number:int}", include_in_schema=False)
async def sheet_page(
    request: AnyRequest,
    number: FromPath[int],
    lines: FromQuery[Lines] = Lines.UNCOUNTED,
    by: Annotated[str, QueryParameter(max_length=200)] = "",
    after: Annotated[str, QueryParameter(max_length=500)] = "",
    last: Annotated[str, QueryParameter(max_length=500)] = "",
    added: FromQuery[int] = 0,
) -> Template | Redirect:
    """A sheet that is closed leads to what came of it."""
    return await render_sheet(request, number, SheetQuery(lines, by, after, last, added), at=now())


@post("/counts/{number:int}/enter", status_code=200, include_in_schema=False)
async def enter_count(request: AnyRequest, number: FromPath[int]) -> Template | Redirect:
    """One scan or one number; the id of the form makes it count once. Raises NotFoundError."""
    at, ctx, given = now(), hub_of(request), await fields_of(request)
    query = query_of(given)
    try:
        async with ctx.db.transaction() as tx:
            sku = await sku_of(tx, given.get("code", ""))
            units, adds = read_units(given.get("count", ""))
            entry = Entry(_id_of(given), sku, units, adds, query.by or ACTOR)
            await flow.enter_counts(tx, number, [entry], at=at)
    except InputError as error:
        field = "count" if error.field == "units" else "code"
        return await render_sheet(
            request, number, query, at=at, given=given, problems={field: str(error)}, status=422
        )
    except WrongStateError as error:
        problems = {"code": str(error)}
        return await render_sheet(request, number, query, at=at, given=given, problems=problems, status=422)
    await ctx.bell.announce("counts")
    done = SheetQuery(query.lines, query.by, query.after, sku, units if adds else 0)
    return Redirect(address_of(number, done), status_code=303)


@post("/counts/{number:int}/undo", status_code=200, include_in_schema=False)
async def undo_entry(request: AnyRequest, number: FromPath[int]) -> Redirect:
    """Take back what was added last; where nothing else was counted, the SKU is uncounted again."""
    at, ctx, given = now(), hub_of(request), await fields_of(request)
    query, sku = query_of(given), given.get("sku", "")
    units, _ = read_units(given.get("units", ""))
    async with ctx.db.transaction() as tx:
        line = await store.sheet_line(tx, number, sku)
        if line is None:
            msg = f"{sku} is not on count sheet {number}"
            raise NotFoundError(msg)
        if line.counted == units:
            await flow.count_again(tx, number, [sku], actor=ACTOR, at=at)
        elif line.counted is not None:
            entry = Entry(_id_of(given), sku, -units, adds=True, by=query.by or ACTOR)
            await flow.enter_counts(tx, number, [entry], at=at)
    await ctx.bell.announce("counts")
    back = SheetQuery(query.lines, query.by, query.after)
    return Redirect(address_of(number, back), status_code=303)


def query_of(given: Mapping[str, str]) -> SheetQuery:
    shown = given.get("lines", "")
    lines = Lines(shown) if shown in set(Lines) else Lines.UNCOUNTED
    return SheetQuery(lines, given.get("by", "")[:200], given.get("after", "")[:500])


def address_of(number: int, query: SheetQuery) -> str:
    given = {"by": query.by, "after": query.after, "last": query.last, "added": query.added}
    given |= {"lines": query.lines} if query.lines is not Lines.UNCOUNTED else {}
    words = urlencode({name: value for name, value in given.items() if value})
    return f"/counts/{number}?{words}" if words else f"/counts/{number}"


def _id_of(given: Mapping[str, str]) -> UUID:
    """Raises InputError for an id that no form of the hub has."""
    try:
        return UUID(given.get("id", ""))
    except ValueError as error:
        msg = "this form is not one of the hub: open the sheet again"
        raise InputError(msg, field="code") from error


async def render_sheet(
    request: AnyRequest,
    number: int,
    query: SheetQuery,
    *,
    at: datetime,
    given: Mapping[str, str] | None = None,
    problems: dict[str, str] | None = None,
    status: int = 200,
) -> Template | Redirect:
    """Raises NotFoundError."""
    async with hub_of(request).db.transaction() as tx:
        sheet = await read(tx, number)
        if sheet.state is not State.OPEN:
            return Redirect(f"/counts/{number}/review", status_code=303)
        values = await _values(tx, sheet, query)
        values |= {"given": given or {}, "typed": Basket(code="", problems=problems or {})}
        return await render(tx, "count.html", FRAME, format_of(request, at), values, status=status)


async def _values(tx: Tx, sheet: store.Sheet, query: SheetQuery) -> dict[str, object]:
    lines = await store.sheet_lines(
        tx, sheet.number, which=query.lines, after=query.after, limit=PAGE_ROWS + 1
    )
    seen = sheet.seen_by_counter()
    more = SheetQuery(query.lines, query.by, lines[PAGE_ROWS - 1].sku) if len(lines) > PAGE_ROWS else None
    last = await store.sheet_line(tx, sheet.number, query.last) if query.last else None
    return {
        "sheet": seen,
        "bar": progress(seen),
        "scopes": SCOPES,
        "query": query,
        "lines": [line.seen_by_counter(sheet) for line in lines[:PAGE_ROWS]],
        "last": last.seen_by_counter(sheet) if last else None,
        "tabs": {
            label: (address_of(sheet.number, SheetQuery(which, query.by)), which is query.lines)
            for which, label in _TABS.items()
        },
        "first": address_of(sheet.number, SheetQuery(query.lines, query.by)) if query.after else "",
        "more": address_of(sheet.number, more) if more else "",
        "new_id": uuid7,
    }

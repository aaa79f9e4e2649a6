"""Files: imports that are looked at before they are applied, and exports that change nothing when they come back."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from litestar import Response, Router, get, post
from litestar.di import NamedDependency
from litestar.openapi.spec import Example
from litestar.params import Body, FromPath, QueryParameter
from msgspec import Meta, Struct

from hub.channels.context import HubContext
from hub.channels.files import keeping
from hub.channels.files.exporting import export
from hub.kit.sheets import Format
from hub.kit.sheets.rows import BYTES_MAX
from hub.model.imports.kinds import Kind
from hub.model.imports.lines import Line, Outcome
from hub.model.imports.rows import How
from hub.store.imports import kept as store
from hub.store.imports.kept import Import, NewImport, State
from hub.web.api.paging import LIMIT_DEFAULT, Cursor, Limit, cut, read_cursor, write_cursor
from hub.web.downloads import attached
from hub.web.problems import answers

ACTOR = "api"
Code = Annotated[str, Meta(max_length=200)]


class ImportIn(Struct, frozen=True, forbid_unknown_fields=True):
    """`id` is made by you: the same file sent twice is one import. `csv` is the text of the file, header and all.

    With `apply`, a file of up to 50 kB is taken over at once; a larger one when you say so, once it is looked at.
    One that empties most of the stock it names, or moves a price tenfold, stays looked at until you apply it.
    """

    id: UUID
    kind: Kind
    csv: Annotated[str, Meta(min_length=1, max_length=BYTES_MAX)]
    file_name: Annotated[str, Meta(min_length=1, max_length=200)] = "api.csv"
    apply: bool = False
    location: Code = ""
    channel: Code = ""
    decimal_comma: bool = False
    reason: Annotated[str, Meta(max_length=500)] = ""


class ImportsPage(Struct, frozen=True):
    items: list[Import]
    next_cursor: str | None


class LinesPage(Struct, frozen=True):
    items: list[Line]
    next_cursor: str | None


_OPENING = {
    "id": "0199a1b2-7c3d-7e4f-8a5b-6c7d8e9f0a1e",
    "kind": "stock",
    "csv": "sku,location,on hand\nMUG-BLUE,main,25\nTEA-GREEN,main,140\n",
    "apply": True,
    "reason": "opening stock",
}
ImportBody = Annotated[ImportIn, Body(examples=[Example(summary="Opening stock", value=_OPENING)])]


@post(
    "/imports",
    status_code=200,
    summary="Hand over a file",
    responses=answers(400, 422),
    request_max_body_size=2 * BYTES_MAX,
)
async def post_import(hub: NamedDependency[HubContext], data: ImportBody) -> Import:
    """Look at what it would change; nothing is written without `apply`. Rows that cannot be are refused one by one."""
    how = How(data.location, data.channel, data.decimal_comma, data.reason)
    new = NewImport(data.id, data.kind, data.file_name, data.csv.encode(), how)
    held = await keeping.hand_over(hub, new, actor=ACTOR)
    at_once = data.apply and held.state is State.LOOKED_AT and not held.warning
    return await keeping.apply(hub, held.id) if at_once else held


@get("/imports", summary="List imports", responses=answers(400, 422))
async def list_imports(
    hub: NamedDependency[HubContext], limit: Limit = LIMIT_DEFAULT, cursor: Cursor = None
) -> ImportsPage:
    """The newest first, of the last 30 days."""
    before = read_cursor(cursor, tuple[datetime | None, UUID | None], (None, None))
    async with hub.db.transaction() as tx:
        found = await store.list_imports(tx, before=before, limit=limit + 1)
    items, more = cut(found, limit)
    return ImportsPage(items, write_cursor(items[-1].created_at, items[-1].id) if more else None)


@get("/imports/{import_id:uuid}", summary="One import", responses=answers(400, 404))
async def show_import(hub: NamedDependency[HubContext], import_id: FromPath[UUID]) -> Import:
    """How far it is: `rows_done` of `row_count` have been looked at or, once it is applied, taken over."""
    return await keeping.find_import(hub, import_id)


@get("/imports/{import_id:uuid}/lines", summary="What becomes of its rows", responses=answers(400, 404, 422))
async def list_lines(
    hub: NamedDependency[HubContext],
    import_id: FromPath[UUID],
    limit: Limit = LIMIT_DEFAULT,
    cursor: Cursor = None,
    outcome: Annotated[Outcome | None, QueryParameter(description="Only these")] = None,
) -> LinesPage:
    """By row: what is new, what changes from what to what, and what is refused, with its column and what to do."""
    await keeping.find_import(hub, import_id)
    (after,) = read_cursor(cursor, tuple[int], (0,))
    async with hub.db.transaction() as tx:
        found = await store.lines_of(tx, import_id, outcome=outcome, after=after, limit=limit + 1)
    items, more = cut(found, limit)
    return LinesPage(items, write_cursor(items[-1].row) if more else None)


@post(
    "/imports/{import_id:uuid}/apply",
    status_code=200,
    summary="Apply an import",
    responses=answers(400, 404, 409),
)
async def apply_import(hub: NamedDependency[HubContext], import_id: FromPath[UUID]) -> Import:
    """Take over what was looked at; refused rows stop no other. Once more changes nothing more."""
    return await keeping.apply(hub, import_id)


@get(
    "/imports/{import_id:uuid}/refused",
    summary="Its refused rows as a file",
    responses=answers(400, 404, 422),
    media_type="text/csv",
)
async def refused_rows(hub: NamedDependency[HubContext], import_id: FromPath[UUID]) -> Response[bytes]:
    """As they came, with one column more that says why: mend them, and hand that file over."""
    raw, format_ = await keeping.refused_file(hub, import_id)
    return attached(raw, "refused", format_)


@get("/exports/{kind:str}", summary="Export a file", responses=answers(400, 404), media_type="text/csv")
async def show_export(
    hub: NamedDependency[HubContext],
    kind: FromPath[Kind],
    form: Annotated[Format, QueryParameter(name="format", description="csv or xlsx")] = Format.CSV,
    location: Annotated[str | None, QueryParameter(description="Only this one, of stock")] = None,
    channel: Annotated[str | None, QueryParameter(description="Only this one, of listings")] = None,
) -> Response[bytes]:
    """Stock, catalog, prices or listings as of one moment; handed over again as it is, it changes nothing."""
    only = {Kind.STOCK: location, Kind.LISTINGS: channel}.get(kind)
    raw, _ = await export(hub, kind, form, only=only)
    return attached(raw, kind, form)


file_routes = Router(
    "/",
    route_handlers=[
        post_import,
        list_imports,
        show_import,
        list_lines,
        apply_import,
        refused_rows,
        show_export,
    ],
    tags=["files"],
)

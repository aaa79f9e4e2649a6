"""Import: choose what it is, hand over a file, see what it would change row by row, and apply it."""

from hashlib import sha256
from typing import Annotated
from uuid import UUID, uuid5

from litestar import Response, get, post
from litestar.datastructures import UploadFile
from litestar.params import FromPath, FromQuery, QueryParameter
from litestar.response import Redirect, Template
from msgspec import Struct

from hub.channels.files.keeping import apply, find_import, hand_over, refused_file
from hub.channels.files.reading import template
from hub.kit.clock import now
from hub.kit.ids import uuid7
from hub.kit.sheets import Format
from hub.kit.sheets.delimited import ENCODINGS
from hub.kit.sheets.rows import BYTES_MAX
from hub.model.errors import InputError
from hub.model.imports.drastic import is_drastic
from hub.model.imports.kinds import COLUMNS, EXAMPLES, EXPORTED, Kind
from hub.model.imports.lines import Outcome
from hub.model.imports.rows import How
from hub.store.db import Tx
from hub.store.desk.channels import name_channels
from hub.store.imports.kept import Import, NewImport, lines_of, list_imports
from hub.store.stock.locations import all_locations
from hub.web.desk.page import STOCK_SEARCH, AnyRequest, Frame, fields_of, format_of, hub_of, render
from hub.web.downloads import attached

ACTOR = "desk"
PAGE_ROWS = 100
LATEST = 10
FORM_BYTES_MAX = BYTES_MAX + 100_000
_TABS = (Outcome.REFUSED, Outcome.CHANGED, Outcome.NEW)
ABOUT = {
    Kind.STOCK: "What lies where. Units are set to what the file says, never added.",
    Kind.CATALOG: "SKUs with name, barcode, group and tracking. New ones are added.",
    Kind.PRICES: "The list price of each SKU, which the form for phone orders fills in.",
    Kind.LISTINGS: "Which SKU each listing of a channel is.",
    Kind.BANK: "What came in by bank. Each line is kept once, then matched on Bank transfers.",
    Kind.PARCELS: "What left by a carrier's file: numbers, and what became of each parcel.",
}


class Tab(Struct, frozen=True):
    outcome: Outcome
    count: int
    href: str
    current: bool


@get("/import", include_in_schema=False)
async def imports_page(request: AnyRequest, kind: FromQuery[Kind] = Kind.STOCK) -> Template:
    return await _render_form(request, {"kind": kind}, {})


async def _render_form(
    request: AnyRequest, given: dict[str, str], problems: dict[str, str], *, status: int = 200
) -> Template:
    async with hub_of(request).db.transaction() as tx:
        values = {
            "given": given,
            "problems": problems,
            "command_id": uuid7(),
            "about": ABOUT,
            "exported": EXPORTED,
            "columns": COLUMNS,
            "examples": EXAMPLES,
            "encodings": ENCODINGS,
            "locations": await all_locations(tx),
            "channels": await name_channels(tx),
            "latest": await list_imports(tx, limit=LATEST),
        }
        frame = Frame("stock", "imports", search_in=STOCK_SEARCH)
        return await render(tx, "imports.html", frame, format_of(request, now()), values, status=status)


@post("/import", status_code=200, include_in_schema=False, request_max_body_size=FORM_BYTES_MAX)
async def hand_over_file(request: AnyRequest) -> Redirect | Template:
    """A second press hands over the same import; another file from the same form is another one."""
    given, form = await fields_of(request), await request.form()
    try:
        new = await _new_import(given, form.get("file"))
        kept = await hand_over(hub_of(request), new, actor=ACTOR)
    except InputError as error:
        return await _render_form(request, given, {error.field: str(error)}, status=422)
    return Redirect(f"/import/{kept.id}", status_code=303)


async def _new_import(given: dict[str, str], file: object) -> NewImport:
    """Raises InputError."""
    raw = await file.read() if isinstance(file, UploadFile) else b""
    if not isinstance(file, UploadFile) or not raw:
        msg = "Choose a file that is not empty"
        raise InputError(msg, field="file")
    kind, encoding = given.get("kind", ""), given.get("encoding", "")
    if kind not in set(Kind) or encoding not in {"", *ENCODINGS}:
        msg = "Choose what the file is about"
        raise InputError(msg, field="kind")
    how = _how(given)
    new_id = _id_of(given.get("command_id", ""), f"{kind} {how} {encoding} {sha256(raw).hexdigest()}")
    return NewImport(new_id, Kind(kind), file.filename[:200] or "file", raw, how, encoding)


def _how(given: dict[str, str]) -> How:
    return How(
        given.get("location", ""),
        given.get("channel", ""),
        "decimal_comma" in given,
        given.get("reason", "")[:500],
    )


def _id_of(command_id: str, what: str) -> UUID:
    try:
        return uuid5(UUID(command_id), what)
    except ValueError as error:
        msg = "This form is not one of the hub: choose the file again"
        raise InputError(msg, field="file") from error


@get("/import/{import_id:uuid}", include_in_schema=False)
async def import_page(
    request: AnyRequest,
    import_id: FromPath[UUID],
    show: FromQuery[Outcome | None] = None,
    after: Annotated[int, QueryParameter(ge=0, le=10_000_000)] = 0,
) -> Template:
    ctx = hub_of(request)
    held = await find_import(ctx, import_id)
    why = [Outcome.UNCHANGED] if held.kind is Kind.BANK else []  # of others such rows are only counted
    first = [Outcome.CHANGED] if held.warning else [each for each in (*_TABS, *why) if getattr(held, each)]
    shown = show or next(iter(first), Outcome.NEW)
    async with ctx.db.transaction() as tx:
        lines = await lines_of(tx, import_id, outcome=shown, after=after, limit=PAGE_ROWS + 1)
        last = lines[:PAGE_ROWS][-1].row if lines else 0
        more = f"/import/{import_id}?show={shown}&after={last}"
        values = {
            "held": held,
            "lines": lines[:PAGE_ROWS],
            "tabs": [_tab(held, each, shown) for each in (*reversed(_TABS), *why)],
            "shown": shown,
            "first": f"/import/{import_id}?show={shown}" if after else "",
            "more": more if len(lines) > PAGE_ROWS else "",
            "writes": held.new + held.changed,
            "is_drastic": is_drastic,
        }
        return await _render(request, tx, held, values)


async def _render(request: AnyRequest, tx: Tx, held: Import, values: dict[str, object]) -> Template:
    frame = Frame("stock", "imports" if held.is_open else "", search_in=STOCK_SEARCH)
    return await render(tx, "import.html", frame, format_of(request, now()), values)


def _tab(held: Import, outcome: Outcome, shown: Outcome) -> Tab:
    return Tab(outcome, getattr(held, outcome), f"/import/{held.id}?show={outcome}", outcome is shown)


@post("/import/{import_id:uuid}/apply", status_code=200, include_in_schema=False)
async def apply_import(request: AnyRequest, import_id: FromPath[UUID]) -> Redirect:
    """A second press changes nothing more."""
    await apply(hub_of(request), import_id)
    return Redirect(f"/import/{import_id}", status_code=303)


@get("/import/{import_id:uuid}/refused", include_in_schema=False)
async def refused_page(request: AnyRequest, import_id: FromPath[UUID]) -> Response[bytes]:
    raw, format_ = await refused_file(hub_of(request), import_id)
    return attached(raw, "refused", format_)


@get("/import/template/{kind:str}", include_in_schema=False)
async def template_page(kind: FromPath[Kind], form: FromQuery[Format] = Format.CSV) -> Response[bytes]:
    return attached(template(kind, form), kind, form)


import_pages = [imports_page, hand_over_file, import_page, apply_import, refused_page, template_page]

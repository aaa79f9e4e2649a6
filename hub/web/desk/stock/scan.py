"""Scan: a known code opens its SKU ready to adjust, an unknown one is offered to be attached to a SKU."""

from collections.abc import Mapping
from typing import Annotated

from litestar import get, post
from litestar.params import QueryParameter
from litestar.response import Redirect, Template

from hub.flows.stock.attach_barcode import attach_barcode
from hub.kit.clock import now
from hub.model.errors import InputError
from hub.store.db import Tx
from hub.store.desk.stock import find_items
from hub.store.stock.scanning import find_code
from hub.web.desk.page import STOCK_SEARCH, AnyRequest, Frame, fields_of, format_of, hub_of, render
from hub.web.desk.stock.chain import sku_address

ACTOR = "desk"


@get("/scan", include_in_schema=False)
async def scan_page(
    request: AnyRequest, code: Annotated[str, QueryParameter(max_length=200)] = ""
) -> Template | Redirect:
    """Where one SKU has the code, go there; where none or several have it, ask."""
    scanned = code.strip()
    if not scanned:
        return Redirect("/stock", status_code=303)
    async with hub_of(request).db.transaction() as tx:
        found = await find_code(tx, scanned)
    if len(found) == 1:
        return Redirect(f"{sku_address(found[0].sku)}?scanned=true", status_code=303)
    return await _ask(request, scanned)


@post("/scan/attach", status_code=200, include_in_schema=False)
async def attach(request: AnyRequest) -> Template | Redirect:
    ctx, given = hub_of(request), await fields_of(request)
    word, code = given.get("sku", ""), given.get("code", "")
    try:
        async with ctx.db.transaction() as tx:
            sku, replaces = await _named(tx, word), "replaces" in given
            await attach_barcode(tx, sku, code, replaces=replaces, actor=ACTOR, at=now())
    except InputError as error:
        return await _ask(request, code, given, {error.field: str(error)})
    await ctx.bell.announce("stock")
    return Redirect(f"{sku_address(sku)}?scanned=true", status_code=303)


async def _named(tx: Tx, word: str) -> str:
    """Raises InputError where what was typed is none of our SKUs."""
    found = await find_items(tx, [word])
    if word not in found:
        msg = f"No SKU, barcode or name is “{word}”" if word else "Which SKU is it?"
        raise InputError(msg, field="sku")
    return found[word].sku


async def _ask(
    request: AnyRequest,
    code: str,
    given: Mapping[str, str] | None = None,
    problems: Mapping[str, str] | None = None,
) -> Template:
    async with hub_of(request).db.transaction() as tx:
        values = {
            "code": code,
            "found": await find_code(tx, code),
            "given": given or {},
            "problems": problems or {},
        }
        fmt = format_of(request, now())
        status = 422 if problems else 200
        return await render(tx, "scan.html", Frame("stock", "", "", STOCK_SEARCH), fmt, values, status=status)

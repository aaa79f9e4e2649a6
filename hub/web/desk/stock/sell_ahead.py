"""The button that sells a SKU ahead of its stock, or stops it."""

from litestar import post
from litestar.response import Redirect, Template

from hub.channels.intake import ring_touched
from hub.flows.stock.set_backorders import set_backorders
from hub.kit.clock import now
from hub.kit.ids import uuid7
from hub.web.desk.page import AnyRequest, fields_of, hub_of
from hub.web.desk.stock.ahead import read_form
from hub.web.desk.stock.chain import sku_address
from hub.web.desk.stock.sku import render_sku
from hub.web.desk.stock.stock import AdjustForm, StockQuery, render_stock, stock_address

ACTOR = "desk"


@post("/stock/backorder", status_code=200, include_in_schema=False)
async def sell_ahead(request: AnyRequest) -> Template | Redirect:
    """Answer with the changed numbers, or with what was typed and what is wrong about it. Raises NotFoundError."""
    at, ctx, given = now(), hub_of(request), await fields_of(request)
    sku, on_its_page = given.get("sku", ""), given.get("page") == "sku"
    query = StockQuery(given.get("q", ""), given.get("after", ""), sku)
    form, terms = read_form(given, at=at)
    if terms is not None:
        async with ctx.db.transaction() as tx:
            touched = await set_backorders(tx, {sku: terms}, actor=ACTOR, at=at)
        await ring_touched(ctx, touched)
        return Redirect(sku_address(sku) if on_its_page else stock_address(query), status_code=303)
    adjust = AdjustForm(str(uuid7()))
    if on_its_page:
        return await render_sku(request, sku, adjust, at=at, status=422, ahead=form)
    return await render_stock(request, query, adjust, at=at, status=422, ahead=form)

"""The form that says on which shelf of each location a SKU lies."""

from collections.abc import Mapping

from litestar import post
from litestar.response import Redirect, Template

from hub.flows.stock.set_shelves import set_shelves
from hub.kit.clock import now
from hub.kit.ids import uuid7
from hub.store.picking import Shelved, shelves_for
from hub.web.desk.page import REFUSED, AnyRequest, fields_of, hub_of
from hub.web.desk.stock.chain import sku_address
from hub.web.desk.stock.sku import ShelfForm, render_sku
from hub.web.desk.stock.stock import AdjustForm

ACTOR = "desk"
FIELD = "shelf-"


@post("/stock/shelves", status_code=200, include_in_schema=False)
async def put_on_shelves(request: AnyRequest) -> Template | Redirect:
    """An emptied field forgets the shelf; what stayed as it was is not written. Raises NotFoundError."""
    at, ctx, given = now(), hub_of(request), await fields_of(request)
    sku, typed = given.get("sku", ""), _typed(given)
    try:
        async with ctx.db.transaction() as tx:
            held = {each.location: each.shelf for each in await shelves_for(tx, sku)}
            changed = [
                Shelved(sku, place, shelf) for place, shelf in typed.items() if shelf != held.get(place, "")
            ]
            if changed:
                await set_shelves(tx, changed, actor=ACTOR, at=at)
    except REFUSED as error:
        form = ShelfForm(typed, str(error))
        return await render_sku(request, sku, AdjustForm(str(uuid7())), at=at, status=422, shelves=form)
    await ctx.bell.announce("stock")
    return Redirect(sku_address(sku), status_code=303)


def _typed(given: Mapping[str, str]) -> dict[str, str]:
    return {name.removeprefix(FIELD): shelf for name, shelf in given.items() if name.startswith(FIELD)}

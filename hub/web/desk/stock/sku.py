"""One SKU on a page of its own: the whole chain from its movements to what every channel shows."""

from collections.abc import Mapping
from datetime import datetime

from litestar import get
from litestar.params import FromPath, FromQuery
from litestar.response import Template
from msgspec import Struct

from hub.kit.clock import now
from hub.kit.ids import uuid7
from hub.store.desk.stock import list_locations, sku_head
from hub.store.picking import shelves_for
from hub.store.stock.alarms import with_words
from hub.store.stock.lots import list_lots
from hub.store.stock.products import list_products
from hub.web.desk.page import STOCK_SEARCH, AnyRequest, Frame, format_of, hub_of, render
from hub.web.desk.stock.ahead import AheadForm, load_ahead
from hub.web.desk.stock.alarms import rows_of
from hub.web.desk.stock.chain import WORDS, load_chain
from hub.web.desk.stock.products import view_product
from hub.web.desk.stock.stock import AdjustForm

LOTS_MAX = 100


class ShelfForm(Struct, frozen=True):
    """What was typed by location, and what is wrong about it."""

    typed: Mapping[str, str] = {}
    problem: str = ""


@get("/stock/{sku:path}", include_in_schema=False)
async def sku_page(request: AnyRequest, sku: FromPath[str], *, scanned: FromQuery[bool] = False) -> Template:
    """A SKU may have slashes. Where its code was `scanned`, the cursor is in the form that adjusts it."""
    form = AdjustForm(str(uuid7()))
    return await render_sku(request, sku.removeprefix("/"), form, at=now(), scanned=scanned)


async def render_sku(
    request: AnyRequest,
    sku: str,
    form: AdjustForm,
    *,
    at: datetime,
    status: int = 200,
    scanned: bool = False,
    ahead: AheadForm | None = None,
    low_at: str | None = None,
    shelves: ShelfForm | None = None,
) -> Template:
    """Raises NotFoundError. `low_at` is what was typed and is no threshold."""
    async with hub_of(request).db.transaction() as tx:
        chain, head = await load_chain(tx, sku, at=at), await sku_head(tx, sku)
        fmt = format_of(request, at)
        siblings = await list_products(tx, codes=[head.product], limit=1) if head and head.product else []
        values = {
            "chain": chain,
            "sku": head,
            "product": view_product(siblings[0], fmt) if siblings else None,
            "alarms": rows_of([with_words(each) for each in head.alarms]) if head else [],
            "low_at": low_at,
            "locations": await list_locations(tx),
            "places_of": await shelves_for(tx, sku),
            "shelves": shelves or ShelfForm(),
            "lots": await list_lots(tx, sku=sku, limit=LOTS_MAX),
            "today": at.date(),
            "form": form,
            "scanned": scanned,
            "ahead": await load_ahead(tx, sku, ahead),
            **WORDS,
        }
        frame = Frame("stock", "stock,channels", "", STOCK_SEARCH)
        return await render(tx, "sku.html", frame, fmt, values, status=status)

"""Stock: what is there, what is promised, and what each channel shows of it, with the sums behind each number."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated
from urllib.parse import urlencode

from litestar import get
from litestar.params import QueryParameter
from litestar.response import Template
from msgspec import Struct
from msgspec.structs import replace

from hub.kit.clock import now
from hub.kit.ids import uuid7
from hub.model.stock.backorders import is_over
from hub.model.stock.levels import Level
from hub.model.stock.visibility import Rule, Unfolded, unfold
from hub.store.db import Tx
from hub.store.desk.stock import (
    LevelCell,
    ListingCell,
    StockRow,
    Suggestion,
    list_locations,
    list_stock,
    suggest_skus,
)
from hub.store.stock.shown import Shown as StoredShown
from hub.store.stock.shown import shown_of
from hub.web.desk.page import STOCK_SEARCH, AnyRequest, Frame, format_of, hub_of, render
from hub.web.desk.stock.ahead import AheadForm, load_ahead
from hub.web.desk.stock.chain import WORDS, load_chain, sku_address

PAGE_ROWS = 50


class Shown(Struct, frozen=True):
    """One listing: what its channel last confirmed, what it should show now, and how that is worked out."""

    listing: ListingCell
    rule: Rule
    steps: Unfolded


class SkuView(Struct, frozen=True):
    """`free` may be below zero; `available` is what may be sold, over the locations that sell."""

    row: StockRow
    on_hand: int
    allocated: int
    reserved: int
    safety_stock: int
    free: int
    available: int
    idle: int
    shown: list[Shown]
    is_open: bool
    href: str
    page: str


class AdjustForm(Struct, frozen=True):
    """What the form shows, typed words and problems included."""

    cause_id: str
    location: str = ""
    mode: str = "change"
    units: str = ""
    reason: str = ""
    problems: dict[str, str] = {}


class StockQuery(Struct, frozen=True):
    search: str = ""
    after: str = ""
    open: str = ""


@get("/stock", include_in_schema=False)
async def stock_page(
    request: AnyRequest,
    q: Annotated[str, QueryParameter(max_length=200)] = "",
    after: Annotated[str, QueryParameter(max_length=500)] = "",
    open_sku: Annotated[str, QueryParameter(name="open", max_length=500)] = "",
) -> Template:
    query = StockQuery(q.strip(), after, open_sku)
    return await render_stock(request, query, AdjustForm(str(uuid7())), at=now())


@get("/stock/suggest", include_in_schema=False)
async def suggest(
    request: AnyRequest, q: Annotated[str, QueryParameter(max_length=200)] = ""
) -> list[Suggestion]:
    """For the order form while somebody types: at most eight, with what there is now; a day that is over is none."""
    search = q.strip()
    if not search:
        return []
    at = now()
    async with hub_of(request).db.transaction() as tx:
        found = await suggest_skus(tx, search)
    return [
        replace(each, expected=None) if each.expected and is_over(each.expected, at) else each
        for each in found
    ]


async def render_stock(
    request: AnyRequest,
    query: StockQuery,
    form: AdjustForm,
    *,
    at: datetime,
    status: int = 200,
    ahead: AheadForm | None = None,
) -> Template:
    fmt = format_of(request, at)
    async with hub_of(request).db.transaction() as tx:
        rows = await list_stock(tx, search=query.search, after=query.after, limit=PAGE_ROWS + 1, at=at)
        values = {
            "rows": await _views(tx, rows[:PAGE_ROWS], query),
            "chain": await load_chain(tx, query.open, at=at) if _has(rows, query.open) else None,
            "locations": await list_locations(tx),
            "form": form,
            "ahead": await load_ahead(tx, query.open, ahead) if query.open else None,
            "query": query,
            "first": stock_address(StockQuery(query.search)) if query.after else "",
            "more": stock_address(StockQuery(query.search, rows[PAGE_ROWS - 1].sku))
            if len(rows) > PAGE_ROWS
            else "",
            **WORDS,
        }
        frame = Frame("stock", "stock,channels", query.search, STOCK_SEARCH)
        return await render(tx, "stock.html", frame, fmt, values, status=status)


def _has(rows: Sequence[StockRow], sku: str) -> bool:
    return any(row.sku == sku for row in rows[:PAGE_ROWS])


async def _views(tx: Tx, rows: Sequence[StockRow], query: StockQuery) -> list[SkuView]:
    found = await shown_of(tx, [listing.id for row in rows for listing in row.listings])
    shown = {
        row.sku: [_shown(each, found[each.id]) for each in row.listings if each.id in found] for row in rows
    }
    return [view_sku(row, shown[row.sku], query) for row in rows]


def view_sku(row: StockRow, shown: list[Shown], query: StockQuery) -> SkuView:
    selling = [cell for cell in row.levels if cell.sellable]
    levels = [_level(row.sku, cell) for cell in selling]
    is_open = row.sku == query.open
    return SkuView(
        row=row,
        on_hand=sum(cell.on_hand for cell in selling),
        allocated=sum(cell.allocated for cell in selling),
        reserved=sum(cell.reserved for cell in selling),
        safety_stock=sum(cell.safety_stock for cell in selling),
        free=sum(level.free for level in levels),
        available=row.available,
        idle=sum(cell.on_hand for cell in row.levels if not cell.sellable),
        shown=shown,
        is_open=is_open,
        href=stock_address(StockQuery(query.search, query.after, "" if is_open else row.sku)),
        page=sku_address(row.sku),
    )


def stock_address(query: StockQuery) -> str:
    given = {"q": query.search, "after": query.after, "open": query.open}
    words = urlencode({name: value for name, value in given.items() if value})
    return f"/stock?{words}" if words else "/stock"


def _level(sku: str, cell: LevelCell) -> Level:
    return Level(sku, cell.location, cell.on_hand, cell.allocated, cell.reserved, cell.safety_stock)


def _shown(listing: ListingCell, found: StoredShown) -> Shown:
    """The same rule as the one that publishes, step by step, so that it can be read (L16)."""
    steps = unfold(found.free, found.rule, units=found.units, allotted=found.allotted, whole=found.whole)
    return Shown(listing, found.rule, steps)

"""Stock: what lies where, now or at a past moment, what every channel shows of it and why, and changes by a person."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from litestar import Router, get, post
from litestar.di import NamedDependency
from litestar.openapi.spec import Example
from litestar.params import Body, FromPath, QueryParameter
from msgspec import Meta, Struct

from hub.channels.context import HubContext
from hub.channels.intake import ring_touched
from hub.flows.stock.adjust_stock import Adjustment, adjust_stock
from hub.kit.clock import now
from hub.model.stock.explain import Explanation, explain
from hub.model.stock.reserving import Lasting
from hub.store.api import stock as store
from hub.store.stock import history, reservations
from hub.web.api.paging import LIMIT_DEFAULT, ChannelSlug, Cursor, Limit, cut, read_cursor, write_cursor
from hub.web.api.stock.receipts import list_receipts, post_receipts
from hub.web.problems import answers

ACTOR = "api"


class StockPage(Struct, frozen=True):
    items: list[store.StockOf]
    next_cursor: str | None


class StockThenPage(Struct, frozen=True):
    """Stock as of a past moment `at`: what the ledger's movements up to it add up to."""

    at: datetime
    items: list[history.StockThen]
    next_cursor: str | None


class ReservationsPage(Struct, frozen=True):
    items: list[Lasting]
    next_cursor: str | None


class AdjustmentIn(Struct, frozen=True, forbid_unknown_fields=True):
    """`id` is made by you: the same adjustment sent twice happens once."""

    id: UUID
    sku: Annotated[str, Meta(min_length=1)]
    location: Annotated[str, Meta(min_length=1)]
    change: Annotated[
        int, Meta(ge=-1_000_000, le=1_000_000, description="Units more, or less where negative; not 0")
    ]
    reason: Annotated[str, Meta(min_length=1, max_length=500)]


class AdjustmentsIn(Struct, frozen=True, forbid_unknown_fields=True):
    adjustments: Annotated[list[AdjustmentIn], Meta(min_length=1, max_length=500)]


class Adjusted(Struct, frozen=True):
    """The stock after the adjustments, of the SKUs they named."""

    stock: list[store.StockOf]
    channels_to_tell: int


_EXAMPLE = {
    "adjustments": [
        {
            "id": "0199a1b2-7c3d-7e4f-8a5b-6c7d8e9f0a1b",
            "sku": "MUG-BLUE",
            "location": "main",
            "change": 12,
            "reason": "found behind the shelf",
        }
    ]
}
AdjustmentsBody = Annotated[
    AdjustmentsIn, Body(examples=[Example(summary="Twelve mugs more", value=_EXAMPLE)])
]


@get("/", summary="List stock by SKU", responses=answers(400, 422))
async def list_stock(
    hub: NamedDependency[HubContext],
    limit: Limit = LIMIT_DEFAULT,
    cursor: Cursor = None,
    sku: Annotated[
        list[str] | None, QueryParameter(description="Only these SKUs; repeat it for more")
    ] = None,
    at: Annotated[
        str | None,
        QueryParameter(description="As of this past moment, with its zone, such as 2026-11-23T12:00:00Z"),
    ] = None,
) -> StockPage | StockThenPage:
    """Levels by location, what is available to sell, and what each channel shows, with its age in seconds.

    With `at`: what was on hand and allocated at that moment; no other number of stock has a past.
    """
    (after,) = read_cursor(cursor, tuple[str], ("",))
    if at is not None:
        return await _list_then(hub, history.read_past(at, at=now()), after, sku, limit)
    async with hub.db.transaction() as tx:
        found = await store.stock(tx, after=after, skus=sku, limit=limit + 1, at=now())
    items, more = cut(found, limit)
    return StockPage(items, write_cursor(items[-1].sku) if more else None)


async def _list_then(
    hub: HubContext, moment: datetime, after: str, skus: list[str] | None, limit: int
) -> StockThenPage:
    async with hub.db.transaction() as tx:
        found = await history.stock_then(tx, moment=moment, after=after, skus=skus, limit=limit + 1)
    items, more = cut(found, limit)
    return StockThenPage(moment, items, write_cursor(items[-1].sku) if more else None)


@get("/{sku:str}/explain", summary="Why a number is what it is", responses=answers(400, 404))
async def explain_stock(
    hub: NamedDependency[HubContext], sku: FromPath[str], channel: ChannelSlug = None
) -> Explanation:
    """Unfold what each listing should show: every step with its number and a sentence, from what is on hand on.

    Beside it stands what was sent, what the channel confirmed, why a newer number waits, and the last movements.
    """
    at = now()
    async with hub.db.transaction() as tx:
        grounds = await history.grounds_of(tx, sku, channel=channel, at=at)
    return explain(grounds, at=at)


@get("/reservations", summary="List what is reserved", responses=answers(400, 422))
async def list_reservations(
    hub: NamedDependency[HubContext],
    limit: Limit = LIMIT_DEFAULT,
    cursor: Cursor = None,
    sku: Annotated[str | None, QueryParameter(description="Only this SKU")] = None,
) -> ReservationsPage:
    """Promises that end at a moment, each with its owner; what ends first comes first."""
    after = read_cursor(cursor, tuple[str, str, str, str], reservations.FIRST)
    async with hub.db.transaction() as tx:
        found = await reservations.list_lasting(tx, sku=sku, after=after, limit=limit + 1)
    items, more = cut(found, limit)
    last = items[-1] if more else None
    return ReservationsPage(
        items, write_cursor(last.expires_at, last.owner, last.sku, last.location) if last else None
    )


@post("/adjustments", status_code=200, summary="Change what is on hand", responses=answers(400, 404, 422))
async def post_adjustments(hub: NamedDependency[HubContext], data: AdjustmentsBody) -> Adjusted:
    """All of the adjustments or none. Orders that waited for the units get them; channels are told."""
    at = now()
    skus = sorted({each.sku for each in data.adjustments})
    async with hub.db.transaction() as tx:
        touched = await adjust_stock(tx, [_adjustment(each) for each in data.adjustments], actor=ACTOR, at=at)
        after = await store.stock(tx, skus=skus, limit=len(skus), at=at)
    await ring_touched(hub, touched)
    return Adjusted(after, len(touched))


def _adjustment(given: AdjustmentIn) -> Adjustment:
    return Adjustment(given.sku, given.location, given.change, given.reason, str(given.id))


stock_routes = Router(
    "/stock",
    route_handlers=[
        list_stock,
        list_reservations,
        explain_stock,
        post_adjustments,
        list_receipts,
        post_receipts,
    ],
    tags=["stock"],
)

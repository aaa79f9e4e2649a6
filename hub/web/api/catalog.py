"""What everything else refers to: our SKUs, and the listings that stand for SKUs on a channel."""

from typing import Annotated
from uuid import UUID

from litestar import Router, get, post
from litestar.di import NamedDependency
from litestar.openapi.spec import Example
from litestar.params import Body, QueryParameter
from msgspec import Meta, Struct

from hub.channels.context import HubContext
from hub.channels.intake import ring_touched
from hub.channels.opening import find_channel
from hub.flows.stock.match_lines import match_listings
from hub.kit.clock import now
from hub.model.money import Currency
from hub.store.api import channels as store
from hub.store.stock import skus as sku_store
from hub.store.stock.listings import Chosen
from hub.web.api.amounts import Amount, decimal_of
from hub.web.api.paging import LIMIT_DEFAULT, ChannelSlug, Cursor, Limit, cut, read_cursor, write_cursor
from hub.web.api.stock.locations import Kept
from hub.web.problems import answers

ACTOR = "api"


class PriceIn(Struct, frozen=True, forbid_unknown_fields=True):
    amount: Amount
    currency: Currency


class SkuIn(Struct, frozen=True, forbid_unknown_fields=True):
    """It replaces what the hub holds of this SKU; stock and listings stay."""

    sku: Annotated[str, Meta(min_length=1, max_length=200)]
    name: Annotated[str, Meta(min_length=1, max_length=500)]
    barcode: Annotated[str, Meta(max_length=200)] = ""
    price: PriceIn | None = None


class SkusIn(Struct, frozen=True, forbid_unknown_fields=True):
    skus: Annotated[list[SkuIn], Meta(min_length=1, max_length=5000)]


class ListingsPage(Struct, frozen=True):
    items: list[store.Listing]
    next_cursor: str | None


class ChosenIn(Struct, frozen=True, forbid_unknown_fields=True):
    """This listing is `units` of this SKU: a pack of six is 6."""

    channel_listing_id: Annotated[str, Meta(min_length=1)]
    sku: Annotated[str, Meta(min_length=1)]
    units: Annotated[int, Meta(gt=0, le=100_000)] = 1


class MatchIn(Struct, frozen=True, forbid_unknown_fields=True):
    channel: str
    listings: Annotated[list[ChosenIn], Meta(min_length=1, max_length=500)]


_SKUS = {"skus": [{"sku": "MUG-BLUE", "name": "Mug, blue", "price": {"amount": "12.50", "currency": "EUR"}}]}
_MATCH = {"channel": "shop-de", "listings": [{"channel_listing_id": "4711", "sku": "MUG-BLUE", "units": 1}]}
SkusBody = Annotated[SkusIn, Body(examples=[Example(summary="One SKU", value=_SKUS)])]
MatchBody = Annotated[MatchIn, Body(examples=[Example(summary="One listing", value=_MATCH)])]


@post("/skus", status_code=200, summary="Add or change SKUs", tags=["catalog"], responses=answers(400))
async def put_skus(hub: NamedDependency[HubContext], data: SkusBody) -> Kept:
    """All of them or none. Sending the same list again changes nothing."""
    rows = [_sku_row(each) for each in data.skus]
    async with hub.db.transaction() as tx:
        await sku_store.put_skus(tx, rows, at=now())
    await hub.bell.announce("stock")
    return Kept(len({each.sku for each in data.skus}))


@get("/listings", summary="List listings", tags=["listings"], responses=answers(400, 422))
async def list_listings(
    hub: NamedDependency[HubContext],
    limit: Limit = LIMIT_DEFAULT,
    cursor: Cursor = None,
    channel: ChannelSlug = None,
    matched: Annotated[
        bool | None, QueryParameter(description="`false`: only listings that still need a SKU")
    ] = None,
) -> ListingsPage:
    """In the order the hub first saw them."""
    (after,) = read_cursor(cursor, tuple[UUID], (UUID(int=0),))
    async with hub.db.transaction() as tx:
        found = await store.listings(tx, after=after, channel=channel, matched=matched, limit=limit + 1)
    items, more = cut(found, limit)
    return ListingsPage(items, write_cursor(items[-1].id) if more else None)


@post(
    "/listings/match",
    status_code=200,
    summary="Match listings to SKUs",
    tags=["listings"],
    responses=answers(400, 404),
)
async def post_matches(hub: NamedDependency[HubContext], data: MatchBody) -> Kept:
    """All of them or none. Orders that waited for the match go on by themselves, and the channel is told."""
    chosen = [Chosen(each.channel_listing_id, each.sku, each.units) for each in data.listings]
    channel = await find_channel(hub, data.channel)
    async with hub.db.transaction() as tx:
        touched = await match_listings(tx, channel.id, chosen, actor=ACTOR, at=now())
    await ring_touched(hub, touched)
    return Kept(len(chosen))


def _sku_row(given: SkuIn) -> sku_store.Sku:
    price, currency = (decimal_of(given.price.amount), given.price.currency) if given.price else (None, None)
    return sku_store.Sku(given.sku, given.name, given.barcode, price, currency)


catalog_routes = Router("/", route_handlers=[put_skus, list_listings, post_matches])

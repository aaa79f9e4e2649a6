"""Listings: what each channel offers, what it may be of ours, and which SKU it stands for by a person's word."""

from typing import Annotated, Literal
from uuid import UUID

from litestar import Router, get, post
from litestar.di import NamedDependency
from litestar.openapi.spec import Example
from litestar.params import Body, FromPath, QueryParameter
from msgspec import Meta, Struct

from hub.channels.catalog import ask_for_look, match_alike
from hub.channels.context import HubContext
from hub.channels.intake import ring_touched
from hub.channels.opening import find_channel
from hub.flows.stock.make_skus import make_skus
from hub.flows.stock.match_lines import match_listings, unmatch_listings
from hub.kit.clock import now
from hub.store.api import listings as store
from hub.store.stock import matching
from hub.store.stock.listings import Chosen
from hub.store.stock.matching import Alike, NewSku
from hub.web.api.paging import LIMIT_DEFAULT, ChannelSlug, Cursor, Limit, cut, read_cursor, write_cursor
from hub.web.problems import answers

ACTOR = "api"
_FIRST = (UUID(int=0),)
ListingId = Annotated[str, Meta(min_length=1)]


class ListingsPage(Struct, frozen=True):
    items: list[store.Listing]
    next_cursor: str | None


class SuggestionsPage(Struct, frozen=True):
    items: list[matching.Waiting]
    next_cursor: str | None


class ChosenIn(Struct, frozen=True, forbid_unknown_fields=True):
    """This listing is `units` of this SKU: a pack of six is 6."""

    channel_listing_id: ListingId
    sku: Annotated[str, Meta(min_length=1)]
    units: Annotated[int, Meta(gt=0, le=100_000)] = 1


class MatchIn(Struct, frozen=True, forbid_unknown_fields=True):
    channel: str
    listings: Annotated[list[ChosenIn], Meta(min_length=1, max_length=500)]


class AlikeIn(Struct, frozen=True, forbid_unknown_fields=True):
    """`by`: the SKU there reads exactly as one of ours, or just one of our SKUs has the barcode."""

    channel: str
    by: Literal["sku", "barcode"]


class UnmatchIn(Struct, frozen=True, forbid_unknown_fields=True):
    channel: str
    listings: Annotated[list[ListingId], Meta(min_length=1, max_length=500)]


class NewSkuIn(Struct, frozen=True, forbid_unknown_fields=True):
    """The listing `id` becomes a SKU of its own; its barcode goes with it."""

    id: UUID
    sku: Annotated[str, Meta(min_length=1, max_length=200)]
    name: Annotated[str, Meta(min_length=1, max_length=500)]


class NewSkusIn(Struct, frozen=True, forbid_unknown_fields=True):
    listings: Annotated[list[NewSkuIn], Meta(min_length=1, max_length=500)]


class Kept(Struct, frozen=True):
    """How many are now as they were sent."""

    kept: int


class Asked(Struct, frozen=True):
    channel: str


_MATCH = {"channel": "shop-de", "listings": [{"channel_listing_id": "4711", "sku": "MUG-BLUE", "units": 1}]}
_ALIKE = {"channel": "shop-de", "by": "barcode"}
_UNMATCH = {"channel": "shop-de", "listings": ["4711"]}
_NEW = {"listings": [{"id": "0199a1b2-7c3d-7e4f-8a5b-6c7d8e9f0a1b", "sku": "VASE", "name": "Vase, tall"}]}
MatchBody = Annotated[MatchIn, Body(examples=[Example(summary="One listing", value=_MATCH)])]
AlikeBody = Annotated[AlikeIn, Body(examples=[Example(summary="All with a barcode of ours", value=_ALIKE)])]
UnmatchBody = Annotated[UnmatchIn, Body(examples=[Example(summary="One listing", value=_UNMATCH)])]
NewBody = Annotated[NewSkusIn, Body(examples=[Example(summary="One new SKU", value=_NEW)])]


@get("/listings", summary="List listings", responses=answers(400, 422))
async def list_listings(
    hub: NamedDependency[HubContext],
    limit: Limit = LIMIT_DEFAULT,
    cursor: Cursor = None,
    channel: ChannelSlug = None,
    matched: Annotated[
        bool | None, QueryParameter(description="`false`: only listings that still need a SKU")
    ] = None,
    gone: Annotated[
        bool | None, QueryParameter(description="`true`: only those the channel no longer offers")
    ] = None,
    unsent: Annotated[
        bool | None, QueryParameter(description="`true`: only those that no number has reached, and why")
    ] = None,
) -> ListingsPage:
    """In the order the hub first saw them."""
    (after,) = read_cursor(cursor, tuple[UUID], _FIRST)
    wanted = store.Wanted(channel, matched, gone, unsent)
    async with hub.db.transaction() as tx:
        found = await store.listings(tx, wanted, after=after, limit=limit + 1)
    items, more = cut(found, limit)
    return ListingsPage(items, write_cursor(items[-1].id) if more else None)


@get("/listings/suggestions", summary="Say what unmatched listings may be", responses=answers(400, 422))
async def list_suggestions(
    hub: NamedDependency[HubContext],
    limit: Limit = LIMIT_DEFAULT,
    cursor: Cursor = None,
    channel: ChannelSlug = None,
) -> SuggestionsPage:
    """Each with up to three SKUs, why, and how alike they are (1: the same). Nothing is matched by itself."""
    (after,) = read_cursor(cursor, tuple[UUID], _FIRST)
    async with hub.db.transaction() as tx:
        found = await matching.suggest(tx, after=after, channel=channel, limit=limit + 1)
    items, more = cut(found, limit)
    return SuggestionsPage(items, write_cursor(items[-1].id) if more else None)


@post("/listings/match", status_code=200, summary="Match listings to SKUs", responses=answers(400, 404))
async def post_matches(hub: NamedDependency[HubContext], data: MatchBody) -> Kept:
    """All of them or none. Orders that waited for the match go on by themselves, and the channel is told."""
    chosen = [Chosen(each.channel_listing_id, each.sku, each.units) for each in data.listings]
    channel = await find_channel(hub, data.channel)
    async with hub.db.transaction() as tx:
        touched = await match_listings(tx, channel.id, chosen, actor=ACTOR, at=now())
    await ring_touched(hub, touched)
    return Kept(len(chosen))


@post(
    "/listings/match-alike",
    status_code=200,
    summary="Match all listings that are one of our SKUs beyond doubt",
    responses=answers(400, 404),
)
async def post_alike(hub: NamedDependency[HubContext], data: AlikeBody) -> Kept:
    """One word of a person for all of them; look at the suggestions first."""
    channel = await find_channel(hub, data.channel)
    return Kept(await match_alike(hub, channel.id, Alike(data.by), actor=ACTOR, at=now()))


@post("/listings/unmatch", status_code=200, summary="Take matches back", responses=answers(400, 404))
async def post_unmatch(hub: NamedDependency[HubContext], data: UnmatchBody) -> Kept:
    """All of them or none. Nothing more is told of them; orders that are taken keep their SKU."""
    channel = await find_channel(hub, data.channel)
    async with hub.db.transaction() as tx:
        touched = await unmatch_listings(tx, channel.id, data.listings, actor=ACTOR, at=now())
    await ring_touched(hub, touched)
    return Kept(len(set(data.listings)))


@post(
    "/listings/new-skus",
    status_code=200,
    summary="Make new SKUs of listings, and match them",
    responses=answers(400, 409, 422),
)
async def post_new_skus(hub: NamedDependency[HubContext], data: NewBody) -> Kept:
    """All of them or none; a SKU that is there already is refused. No SKU is ever made without this."""
    wishes = [NewSku(each.id, each.sku, each.name) for each in data.listings]
    async with hub.db.transaction() as tx:
        touched = await make_skus(tx, wishes, actor=ACTOR, at=now())
    await ring_touched(hub, touched)
    return Kept(len(wishes))


@post(
    "/channels/{slug:str}/pull-listings",
    status_code=202,
    summary="Look at all that a channel offers",
    responses=answers(400, 404, 409),
)
async def post_pull_listings(hub: NamedDependency[HubContext], slug: FromPath[str]) -> Asked:
    """Soon, by a worker: what is new is added, what two looks in a row do not find is gone. It is done daily anyway."""
    await ask_for_look(hub, slug)
    return Asked(slug)


listing_routes = Router(
    "/",
    route_handlers=[
        list_listings,
        list_suggestions,
        post_matches,
        post_alike,
        post_unmatch,
        post_new_skus,
        post_pull_listings,
    ],
    tags=["listings"],
)

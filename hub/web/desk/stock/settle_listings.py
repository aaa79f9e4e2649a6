"""The buttons of the listings: match one or many, make a SKU of one, take a match back, look again."""

from datetime import datetime
from itertools import groupby
from uuid import UUID

from litestar import post
from litestar.params import FromPath
from litestar.response import Redirect, Template

from hub.channels.catalog import ask_for_look, match_alike
from hub.channels.context import HubContext
from hub.channels.intake import ring_touched
from hub.channels.opening import find_channel
from hub.flows.stock.make_skus import make_skus
from hub.flows.stock.match_lines import match_listings, unmatch_listings
from hub.kit.clock import now
from hub.model.errors import InputError
from hub.store.db import Tx
from hub.store.desk.stock import find_items
from hub.store.stock.listings import Chosen, Named, name_listings
from hub.store.stock.matching import Alike, NewSku
from hub.web.desk.orders.draft import read_quantity
from hub.web.desk.page import REFUSED, AnyRequest, fields_of, hub_of
from hub.web.desk.stock.listings import Asked, address_of, back_to, render_listings

ACTOR = "desk"


@post("/listings/match", status_code=200, include_in_schema=False)
async def match_chosen(request: AnyRequest) -> Redirect:
    """Confirm one suggestion by its button, or all that are ticked. What was matched meanwhile is passed over."""
    ctx, form = hub_of(request), await request.form()
    picks = dict(map(read_pick, [form["only"]] if "only" in form else form.getall("pick", [])))
    async with ctx.db.transaction() as tx:
        named = await name_listings(tx, list(picks))
        chosen = [(each, Chosen(each.channel_listing_id, picks[each.id], each.units)) for each in named]
        touched = await _match(tx, [pair for pair in chosen if pair[0].sku is None], at=now())
    await ring_touched(ctx, touched)
    return _back({name: str(value) for name, value in form.items()})


def read_pick(written: object) -> tuple[UUID, str]:
    """A listing's id and the SKU it is, as a box or a button of the page says it; raises InputError."""
    listing, _, sku = str(written).partition(" ")
    try:
        return UUID(listing), sku
    except ValueError as error:
        msg = "this form is not one of the hub: open Listings again and tick what is right"
        raise InputError(msg, field="pick") from error


async def _match(tx: Tx, chosen: list[tuple[Named, Chosen]], *, at: datetime) -> set[UUID]:
    touched: set[UUID] = set()
    for channel_id, pairs in groupby(chosen, key=lambda pair: pair[0].channel_id):
        touched |= await match_listings(tx, channel_id, [each for _, each in pairs], actor=ACTOR, at=at)
    return touched


@post("/listings/{listing_id:uuid}/match", status_code=200, include_in_schema=False)
async def match_typed(request: AnyRequest, listing_id: FromPath[UUID]) -> Redirect | Template:
    """A person says which SKU it is, and how many units one of it has."""
    at, ctx, given = now(), hub_of(request), await fields_of(request)
    try:
        async with ctx.db.transaction() as tx:
            sku, units = await _typed(tx, given)
            named = await name_listings(tx, [listing_id])
            chosen = [(each, Chosen(each.channel_listing_id, sku, units)) for each in named]
            touched = await _match(tx, chosen, at=at)
    except InputError as error:
        asked = Asked(listing_id, "match", given, {error.field: str(error)})
        return await render_listings(request, back_to(given), at=at, asked=asked, status=422)
    await ring_touched(ctx, touched)
    return _back(given)


async def _typed(tx: Tx, given: dict[str, str]) -> tuple[str, int]:
    """Which SKU, and how many units of it; raises InputError."""
    word, units = given.get("sku", ""), read_quantity(given.get("units", ""))
    if units is None:
        msg = "1 or more"
        raise InputError(msg, field="units")
    found = await find_items(tx, [word])
    if word not in found:
        msg = f"No SKU, barcode or name is “{word}”" if word else "Which SKU is it?"
        raise InputError(msg, field="sku")
    return found[word].sku, units


@post("/listings/{listing_id:uuid}/new-sku", status_code=200, include_in_schema=False)
async def new_sku(request: AnyRequest, listing_id: FromPath[UUID]) -> Redirect | Template:
    """An explicit choice, and the only way in which a listing becomes a SKU (C57)."""
    at, ctx, given = now(), hub_of(request), await fields_of(request)
    wish = NewSku(listing_id, given.get("sku", ""), given.get("name", ""))
    try:
        async with ctx.db.transaction() as tx:
            touched = await make_skus(tx, [wish], actor=ACTOR, at=at)
    except REFUSED as error:
        field = error.field if isinstance(error, InputError) else "sku"
        asked = Asked(listing_id, "new", given, {field: str(error)})
        return await render_listings(request, back_to(given), at=at, asked=asked, status=422)
    await ring_touched(ctx, touched)
    return _back(given)


@post("/listings/{listing_id:uuid}/unmatch", status_code=200, include_in_schema=False)
async def unmatch(request: AnyRequest, listing_id: FromPath[UUID]) -> Redirect:
    """A second press changes nothing."""
    ctx, given = hub_of(request), await fields_of(request)
    touched: set[UUID] = set()
    async with ctx.db.transaction() as tx:
        for each in await name_listings(tx, [listing_id]):
            if each.sku is not None:
                touched |= await unmatch_listings(
                    tx, each.channel_id, [each.channel_listing_id], actor=ACTOR, at=now()
                )
    await ring_touched(ctx, touched)
    await ctx.bell.announce("stock")
    return _back(given)


@post("/listings/match-alike", status_code=200, include_in_schema=False)
async def match_all_alike(request: AnyRequest) -> Redirect:
    """One word of a person for all that are the same beyond doubt."""
    ctx, given = hub_of(request), await fields_of(request)
    channel = await find_channel(ctx, given.get("channel", ""))
    alike = Alike.BARCODE if given.get("by") == Alike.BARCODE else Alike.SKU
    await match_alike(ctx, channel.id, alike, actor=ACTOR, at=now())
    return _back(given)


@post("/listings/look", status_code=200, include_in_schema=False)
async def look_again(request: AnyRequest) -> Redirect:
    """A worker looks at all the channel offers, now rather than within the day."""
    ctx: HubContext = hub_of(request)
    given = await fields_of(request)
    await ask_for_look(ctx, given.get("channel", ""))
    return _back(given)


def _back(given: dict[str, str]) -> Redirect:
    return Redirect(address_of(back_to(given)), status_code=303)


listing_forms = [match_chosen, match_typed, new_sku, unmatch, match_all_alike, look_again]

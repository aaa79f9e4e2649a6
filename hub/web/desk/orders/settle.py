"""The buttons of what waits: try again, dismiss, resolve, match, resume. A second press changes nothing."""

from datetime import datetime
from uuid import UUID

from litestar import post
from litestar.params import FromPath
from litestar.response import Redirect, Template

from hub.channels.context import HubContext
from hub.channels.intake import ring_touched
from hub.channels.joining import ring_all
from hub.channels.opening import find_open_channel
from hub.flows.orders.dismiss import dismiss_messages
from hub.flows.orders.end_unpaid import keep_unpaid
from hub.flows.orders.hold import resolve_holds
from hub.flows.stock.match_lines import match_listings
from hub.kit.clock import now
from hub.kit.queue import Ring
from hub.model.errors import InputError
from hub.store import channels, inbox, publications
from hub.store.desk.stock import find_items
from hub.store.desk.waiting import find_unmatched
from hub.store.stock.listings import Chosen
from hub.web.desk.orders.draft import read_quantity
from hub.web.desk.page import AnyRequest, fields_of, hub_of
from hub.web.desk.waiting import Asked, render_waiting

ACTOR = "desk"
KEEP_H = 24


@post("/waiting/messages/{message_id:uuid}/retry", status_code=200, include_in_schema=False)
async def retry_message(request: AnyRequest, message_id: FromPath[UUID]) -> Redirect:
    """Put one parked message back in line; harmless where it is not parked any more."""
    ctx = hub_of(request)
    async with ctx.db.transaction() as tx:
        to_ring = await inbox.retry_parked(tx, ids=[message_id])
    await ctx.bell.ring_each([Ring("take_inbox", each) for each in to_ring])
    return _back()


@post("/waiting/messages/{message_id:uuid}/dismiss", status_code=200, include_in_schema=False)
async def dismiss_message(request: AnyRequest, message_id: FromPath[UUID]) -> Redirect | Template:
    """Nobody needs it: the message stays, with the reason, and waits no more."""
    at, ctx, given = now(), hub_of(request), await fields_of(request)
    try:
        async with ctx.db.transaction() as tx:
            await dismiss_messages(tx, [message_id], reason=given.get("reason", ""), actor=ACTOR, at=at)
    except InputError as error:
        asked = Asked(message_id, given, {error.field: str(error)})
        return await render_waiting(request, at=at, asked=asked, status=422)
    await ctx.bell.announce("orders")
    return _back()


@post("/orders/{number:int}/resolve", status_code=200, include_in_schema=False)
async def resolve_order(request: AnyRequest, number: FromPath[int]) -> Redirect:
    """A person has looked: the hold goes, the order goes on. From the order's page, back to it."""
    ctx, given = hub_of(request), await fields_of(request)
    async with ctx.db.transaction() as tx:
        done = await resolve_holds(tx, [number], given.get("hold", ""), actor=ACTOR, at=now())
    await ring_touched(ctx, done.touched)
    return Redirect(f"/orders/{number}", status_code=303) if given.get("stay") else _back()


@post("/orders/{number:int}/keep", status_code=200, include_in_schema=False)
async def keep_order(request: AnyRequest, number: FromPath[int]) -> Redirect:
    """An unpaid order keeps its stock for a day from now, or is promised it again."""
    ctx = hub_of(request)
    async with ctx.db.transaction() as tx:
        touched = await keep_unpaid(tx, [number], hours=KEEP_H, actor=ACTOR, at=now())
    await ring_touched(ctx, touched)
    return Redirect(f"/orders/{number}", status_code=303)


@post("/waiting/listings/{listing_id:uuid}/match", status_code=200, include_in_schema=False)
async def match_listing(request: AnyRequest, listing_id: FromPath[UUID]) -> Redirect | Template:
    """Say which SKU a listing stands for; the orders that waited for it go on by themselves."""
    at, ctx, given = now(), hub_of(request), await fields_of(request)
    try:
        touched = await _match(ctx, listing_id, given, at=at)
    except InputError as error:
        asked = Asked(listing_id, given, {error.field: str(error)})
        return await render_waiting(request, at=at, asked=asked, status=422)
    await ring_touched(ctx, touched)
    return _back()


async def _match(ctx: HubContext, listing_id: UUID, given: dict[str, str], *, at: datetime) -> set[UUID]:
    """Nothing happens where somebody matched it meanwhile."""
    word, units = given.get("sku", ""), read_quantity(given.get("units", ""))
    if units is None:
        msg = "1 or more"
        raise InputError(msg, field="units")
    async with ctx.db.transaction() as tx:
        found = await find_items(tx, [word])
        if word not in found:
            msg = f"No SKU, barcode or name is “{word}”" if word else "Which SKU is it?"
            raise InputError(msg, field="sku")
        listing = await find_unmatched(tx, listing_id)
        if listing is None:
            return set()
        chosen = [Chosen(listing.channel_listing_id, found[word].sku, units)]
        return await match_listings(tx, listing.channel_id, chosen, actor=ACTOR, at=at)


@post("/waiting/publications/retry", status_code=200, include_in_schema=False)
async def retry_publication(request: AnyRequest) -> Redirect:
    """Tell the channels of one SKU its number again, now rather than within the hour."""
    ctx, given = hub_of(request), await fields_of(request)
    async with ctx.db.transaction() as tx:
        touched = await publications.mark(tx, [given.get("sku", "")], at=now())
    await ring_touched(ctx, touched)
    return _back()


@post("/waiting/channels/{slug:str}/resume", status_code=200, include_in_schema=False)
async def resume_channel(request: AnyRequest, slug: FromPath[str]) -> Redirect:
    """Go on with a channel that is paused or backs off: it is asked, and told what waits, at once."""
    ctx = hub_of(request)
    row = await find_open_channel(ctx, slug)
    async with ctx.db.transaction() as tx:
        await channels.resume(tx, row.id, at=now())
    await ring_all(ctx, row)
    return _back()


def _back() -> Redirect:
    return Redirect("/waiting", status_code=303)


settle_routes = [
    retry_message,
    dismiss_message,
    resolve_order,
    keep_order,
    match_listing,
    retry_publication,
    resume_channel,
]

"""Pull what a channel offers, and match it to our SKUs by a person's word."""

from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from hub.channels.context import HubContext
from hub.channels.intake import ring_touched
from hub.channels.opening import OpenedChannel, find_open_channel, open_channel
from hub.flows.stock.match_lines import match_listings
from hub.flows.stock.see_listings import Ended, Seen, end_look, see_page
from hub.kit.clock import now
from hub.kit.ids import uuid7
from hub.model.errors import WrongStateError
from hub.spec import ChannelListing, ListsListings, MalformedError, Page, RejectedError
from hub.store.stock import looks
from hub.store.stock.listings import NewListing
from hub.store.stock.matching import Alike, alike_listings

LOOK_EVERY = timedelta(days=1)
TRY_AGAIN = timedelta(hours=1)  # where a look came to no end
LOOKS_MAX = 2
MATCH_MAX = 1000  # listings matched in one transaction


class Pulled(Struct):
    """`seen` on the channel, `new` to the hub, `back` or `gone`; `doubted` were not shown and are not believed gone.

    It is `whole` where every page was read.
    """

    seen: int = 0
    new: int = 0
    back: int = 0
    gone: int = 0
    doubted: int = 0
    whole: bool = False


def _always() -> bool:
    return True


async def pull_listings(
    ctx: HubContext,
    opened: OpenedChannel,
    *,
    afresh: bool = True,
    believe: bool = False,
    may_go_on: Callable[[], bool] = _always,
    heard: Callable[[int], None] = lambda _: None,
) -> Pulled:
    """Look at everything the channel offers, a page at a time; nothing is matched by itself (C57).

    What a whole look misses is looked for once more at once, since goods may move between pages while they are read;
    what is missing twice is gone (C25). Without `afresh` a look that broke off goes on where it was. Where the hub may
    not go on, the look is left to the next call. `heard` is told how many listings each page has.
    """
    pulled = Pulled()
    for again in range(LOOKS_MAX if isinstance(opened.channel, ListsListings) else 0):
        began_at = await _look(ctx, opened, pulled, may_go_on, heard, afresh=afresh or again > 0)
        if began_at is None:
            break
        ended = await _end(ctx, opened, began_at, believe=believe)
        pulled.gone, pulled.doubted, pulled.whole = ended.gone, ended.doubted, True
        if not ended.missed:
            break
    return pulled


async def _look(
    ctx: HubContext,
    opened: OpenedChannel,
    pulled: Pulled,
    may_go_on: Callable[[], bool],
    heard: Callable[[int], None],
    *,
    afresh: bool,
) -> datetime | None:
    """Read to the last page and return when the look began; None where it was left on the way."""
    at = now()
    async with ctx.db.transaction() as tx:
        since = at if afresh else at - LOOK_EVERY
        look = await looks.begin_look(tx, opened.row.id, since=since, next_at=at + TRY_AGAIN, at=at)
    pulled.seen = 0
    while may_go_on():
        page = await _fetch(ctx, opened, look)
        seen = await _keep(ctx, opened, page, look)
        pulled.seen, pulled.new, pulled.back = (
            pulled.seen + len(page.items),
            pulled.new + seen.new,
            pulled.back + seen.back,
        )
        heard(len(page.items))
        if page.next_cursor is None:
            return look.began_at
        look = replace(look, cursor=page.next_cursor)
    return None


async def _fetch(ctx: HubContext, opened: OpenedChannel, look: looks.Look) -> Page[ChannelListing]:
    """Raises MalformedError where the channel leads in a circle; a cursor it refuses is forgotten."""
    assert isinstance(opened.channel, ListsListings)
    try:
        page = await opened.channel.list_listings(look.cursor)
    except (RejectedError, MalformedError):
        async with ctx.db.transaction() as tx:
            await looks.forget_look(tx, opened.row.id)
        raise
    if page.next_cursor is not None and page.next_cursor == look.cursor:
        msg = f"{opened.row.slug} says that after its page of listings {look.cursor!r} comes the same page again"
        raise MalformedError(msg)
    return page


async def _keep(ctx: HubContext, opened: OpenedChannel, page: Page[ChannelListing], look: looks.Look) -> Seen:
    """The page and the cursor behind it are committed together: a crash repeats a page, never skips one."""
    rows = [_row(each) for each in page.items]
    async with ctx.db.transaction() as tx:
        seen = await see_page(tx, opened.row.id, rows, began_at=look.began_at, at=now())
        if page.next_cursor is not None:
            await looks.save_look(tx, opened.row.id, page.next_cursor)
    if seen.touched:
        await ring_touched(ctx, seen.touched)
    return seen


async def _end(ctx: HubContext, opened: OpenedChannel, began_at: datetime, *, believe: bool) -> Ended:
    at, next_at = now(), now() + LOOK_EVERY
    async with ctx.db.transaction() as tx:
        ended = await end_look(tx, opened.row.id, began_at=began_at, next_at=next_at, believe=believe, at=at)
    await ctx.bell.announce("channels")
    return ended


async def ask_for_look(ctx: HubContext, slug: str) -> None:
    """Raises NotFoundError, or WrongStateError where it is closed or has no list of what it offers."""
    opened = open_channel(ctx, await find_open_channel(ctx, slug))
    if not isinstance(opened.channel, ListsListings):
        msg = f"a {opened.connector.manifest.title} channel has no list of what it offers"
        raise WrongStateError(msg)
    async with ctx.db.transaction() as tx:
        await looks.wish_look(tx, opened.row.id, at=now())
    await ctx.bell.ring("pull_listings", opened.row.id)


async def match_alike(ctx: HubContext, channel_id: UUID, alike: Alike, *, actor: str, at: datetime) -> int:
    """Match every listing that is like one of our SKUs, by a person's word for all of them; return how many."""
    matched = 0
    while True:
        async with ctx.db.transaction() as tx:
            chosen = await alike_listings(tx, channel_id, alike, limit=MATCH_MAX)
            touched = await match_listings(tx, channel_id, chosen, actor=actor, at=at) if chosen else set()
        await ring_touched(ctx, touched)
        matched += len(chosen)
        if len(chosen) < MATCH_MAX:
            return matched


def _row(each: ChannelListing) -> NewListing:
    return NewListing(
        uuid7(), each.channel_listing_id, each.channel_sku, each.title, barcode=each.barcode.strip()
    )

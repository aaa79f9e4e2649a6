"""Pull what a channel offers, and match it to our SKUs by a person's word."""

from datetime import datetime

from msgspec import Struct

from hub.channels.context import HubContext
from hub.channels.intake import ring_touched
from hub.channels.opening import OpenedChannel
from hub.flows.stock.match_lines import match_listings
from hub.kit.ids import uuid7
from hub.spec import ChannelListing, ListsListings
from hub.store.stock import listings
from hub.store.stock.listings import NewListing


class Pulled(Struct, frozen=True):
    """`seen` listings on the channel, `new` ones to the hub, `same_sku` unmatched ones that read as one of our SKUs."""

    seen: int
    new: int
    same_sku: int


async def pull_listings(ctx: HubContext, opened: OpenedChannel, *, at: datetime) -> Pulled:
    """Read everything the channel offers, a page at a time; nothing is matched by itself (C57)."""
    if not isinstance(opened.channel, ListsListings):
        return Pulled(0, 0, 0)
    seen, new, cursor = 0, 0, None
    while True:
        page = await opened.channel.list_listings(cursor)
        rows = [_row(each) for each in page.items]
        async with ctx.db.transaction() as tx:
            new += len(await listings.add_listings(tx, opened.row.id, rows, at=at))
            await listings.refresh_words(tx, opened.row.id, rows)
        seen += len(rows)
        cursor = page.next_cursor
        if cursor is None:
            break
    async with ctx.db.transaction() as tx:
        suggested = await listings.suggest_matches(tx, opened.row.id)
    return Pulled(seen, new, len(suggested))


async def match_same_sku(ctx: HubContext, opened: OpenedChannel, *, actor: str, at: datetime) -> int:
    """Match every listing whose channel SKU reads exactly as one of ours; return how many."""
    async with ctx.db.transaction() as tx:
        chosen = await listings.suggest_matches(tx, opened.row.id)
        touched = await match_listings(tx, opened.row.id, chosen, actor=actor, at=at) if chosen else set()
    await ring_touched(ctx, touched)
    return len(chosen)


def _row(listing: ChannelListing) -> NewListing:
    return NewListing(uuid7(), listing.channel_listing_id, listing.channel_sku, listing.title)

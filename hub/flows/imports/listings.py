"""Import listings: which SKU each one is. Orders that waited for the match go on."""

from collections.abc import Sequence
from datetime import datetime
from itertools import groupby
from uuid import UUID

from hub.flows.imports.taking import Around, By, Taken, lines_of, to_write
from hub.flows.stock.match_lines import match_listings
from hub.kit.ids import uuid7
from hub.model.imports import listings
from hub.model.imports.lines import Line
from hub.model.imports.listings import ListingRow, Offers, Shop
from hub.model.imports.rows import Given
from hub.store import channels
from hub.store.db import Tx
from hub.store.imports.listings import held_listings
from hub.store.imports.skus import known_skus
from hub.store.stock.listings import Chosen, NewListing, add_listings

Judged = tuple[Line, ListingRow | None]


async def look(tx: Tx, rows: Sequence[Given], around: Around) -> list[Judged]:
    """What each row would change; nothing is written."""
    known = await known_skus(tx, [given.text("sku") for given in rows])
    shops = {
        row.slug: Shop(row.id, row.kind in around.without_catalog) for row in await channels.all_channels(tx)
    }
    held = await held_listings(tx, [(given.text("channel"), given.text("listing")) for given in rows])
    offers = Offers(known, shops, held)
    return [listings.judge(given, offers) for given in rows]


async def take(tx: Tx, rows: Sequence[Given], around: Around, by: By, *, at: datetime) -> Taken:
    """So many statements for each channel the rows name, and no more for more rows."""
    judged = await look(tx, rows, around)
    wanted = sorted(to_write(judged), key=lambda row: row.channel_id)
    touched: set[UUID] = set()
    for channel_id, of_channel in groupby(wanted, key=lambda row: row.channel_id):
        here = list(of_channel)
        new = [
            NewListing(uuid7(), row.listing, row.channel_sku, row.title or row.listing)
            for row in here
            if row.is_new
        ]
        await add_listings(tx, channel_id, new, at=at)
        chosen = [Chosen(row.listing, row.sku, row.units) for row in here]
        touched |= await match_listings(tx, channel_id, chosen, actor=by.actor, at=at)
    return Taken(lines_of(judged), touched)

"""Listings as rows of files are held against them."""

from collections.abc import Sequence

from sqlalchemy import text

from hub.model.imports.listings import Held
from hub.store.db import Tx, page

_HELD = text("""
SELECT c.slug, l.channel_listing_id, coalesce(l.sku, '') AS sku, l.units
FROM json_to_recordset(CAST(:page AS json)) AS x(channel text, listing text)
JOIN channels c ON c.slug = x.channel
JOIN listings l ON l.channel_id = c.id AND l.channel_listing_id = x.listing""")


async def held_listings(tx: Tx, named: Sequence[tuple[str, str]]) -> dict[tuple[str, str], Held]:
    """Those of these, each a channel and its name there, that the hub knows."""
    rows = [{"channel": channel, "listing": listing} for channel, listing in named]
    found = await tx.execute(_HELD, {"page": page(rows)})
    return {(row.slug, row.channel_listing_id): Held(row.sku, row.units) for row in found}

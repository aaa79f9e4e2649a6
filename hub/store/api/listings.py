"""Listings as the API and the desk show them, and why nothing is sent of some (C30)."""

from datetime import datetime
from uuid import UUID

import msgspec
from msgspec import Struct
from sqlalchemy import text

from hub.store.db import Tx


class Listing(Struct, frozen=True):
    """`unsent` says why no number of it has reached the channel: empty where one has.

    It is "gone", "unmatched", "not counted", "not sent yet" or "never confirmed".
    """

    id: UUID
    channel: str
    channel_listing_id: str
    channel_sku: str
    title: str
    barcode: str
    sku: str | None
    units: int
    buffer: int
    cap: int | None
    gone_at: datetime | None
    unsent: str


class Wanted(Struct, frozen=True):
    """Which listings: null is no wish. `search` begins a SKU there or here, is in the title, or is the barcode."""

    channel: str | None = None
    matched: bool | None = None
    gone: bool | None = None
    unsent: bool | None = None
    search: str | None = None


_LISTINGS = text("""
SELECT * FROM (
  SELECT l.id, c.slug AS channel, l.channel_listing_id, l.channel_sku, l.title, l.barcode, l.sku, l.units, l.buffer,
    l.cap, l.gone_at, CASE WHEN l.gone_at IS NOT NULL THEN 'gone' WHEN l.sku IS NULL THEN 'unmatched'
      WHEN s.counted_at IS NULL THEN 'not counted' WHEN p.confirmed_at IS NOT NULL THEN ''
      WHEN coalesce(p.sent_version, 0) = 0 THEN 'not sent yet' ELSE 'never confirmed' END AS unsent
  FROM listings l JOIN channels c ON c.id = l.channel_id
  LEFT JOIN skus s ON s.sku = l.sku LEFT JOIN publications p ON p.listing_id = l.id
  WHERE l.id > CAST(:after AS uuid) AND (CAST(:channel AS text) IS NULL OR c.slug = :channel)
    AND (CAST(:matched AS bool) IS NULL OR (l.sku IS NOT NULL) = :matched)
    AND (CAST(:gone AS bool) IS NULL OR (l.gone_at IS NOT NULL) = :gone)
    AND (CAST(:search AS text) IS NULL OR l.channel_listing_id = :search OR l.channel_sku ILIKE :prefix
         OR l.sku ILIKE :prefix OR l.title ILIKE :inside OR l.barcode = :search)
) l WHERE CAST(:unsent AS bool) IS NULL OR (unsent <> '') = :unsent ORDER BY id LIMIT :limit""")


async def listings(tx: Tx, wanted: Wanted | None = None, *, after: UUID, limit: int) -> list[Listing]:
    """Return one page of listings in the order they were first seen."""
    wish = wanted or Wanted()
    literal = (wish.search or "").replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    values = {
        "channel": wish.channel,
        "matched": wish.matched,
        "gone": wish.gone,
        "unsent": wish.unsent,
        "search": wish.search or None,
        "prefix": f"{literal}%",
        "inside": f"%{literal}%",
        "after": after,
        "limit": limit,
    }
    rows = await tx.execute(_LISTINGS, values)
    return msgspec.convert([dict(row) for row in rows.mappings()], list[Listing])

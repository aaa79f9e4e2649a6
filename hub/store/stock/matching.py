"""Which of our SKUs a listing may stand for: suggestions with their reasons, for a person to confirm (C57)."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

import msgspec
from msgspec import Struct
from sqlalchemy import text

from hub.store.db import Tx, page
from hub.store.stock.listings import Chosen


class Alike(StrEnum):
    """What makes a listing like a SKU beyond doubt, so that a person may confirm all of them at once."""

    SKU = "sku"
    BARCODE = "barcode"


class Suggestion(Struct, frozen=True):
    """A SKU the listing may stand for. `score` is 1 where they are the same, less the less alike they are."""

    sku: str
    name: str
    reasons: list[str]
    score: Decimal


class Waiting(Struct, frozen=True):
    """A listing without a SKU, with what it may be; `orders` wait for it."""

    id: UUID
    channel: str
    channel_name: str
    channel_kind: str
    channel_listing_id: str
    channel_sku: str
    title: str
    barcode: str
    orders: int
    suggestions: list[Suggestion]


# Barcodes are the same whatever zeros stand before them: a UPC of 12 digits is an EAN of 13. Names are compared only
# where nothing is the same: the others would bury what is sure.
_SUGGESTIONS = """
LEFT JOIN LATERAL (
  SELECT s.sku, s.name, array_agg(f.reason ORDER BY f.score DESC) AS reasons, max(f.score) AS score FROM (
    SELECT sku, 'same SKU' AS reason, 1.00 AS score FROM skus WHERE sku = w.channel_sku
    UNION ALL
    SELECT sku, 'same SKU, in other letters', 0.97 FROM skus
    WHERE lower(sku) = lower(w.channel_sku) AND sku <> w.channel_sku
    UNION ALL
    SELECT sku, 'same barcode', 0.99 FROM skus
    WHERE w.barcode <> '' AND barcode <> '' AND ltrim(barcode, '0') = ltrim(w.barcode, '0')
  ) f JOIN skus s USING (sku) GROUP BY s.sku, s.name ORDER BY score DESC, s.sku LIMIT :most
) same ON true
LEFT JOIN LATERAL (
  SELECT sku, name, ARRAY['similar name'] AS reasons, round(similarity(name, w.title)::numeric, 2) AS score FROM (
    SELECT sku, name FROM skus WHERE w.title <> '' ORDER BY name <-> w.title LIMIT :most) near
  WHERE same.sku IS NULL AND similarity(name, w.title) >= :least
) near ON true"""

_WAITING = text(f"""
SELECT w.id, c.slug AS channel, c.name AS channel_name, a.kind AS channel_kind, w.channel_listing_id, w.channel_sku,
  w.title, w.barcode, w.orders,
  coalesce(jsonb_agg(jsonb_build_object('sku', coalesce(same.sku, near.sku), 'name', coalesce(same.name, near.name),
    'reasons', coalesce(same.reasons, near.reasons), 'score', (coalesce(same.score, near.score))::text)
    ORDER BY coalesce(same.score, near.score) DESC, coalesce(same.sku, near.sku))
    FILTER (WHERE coalesce(same.sku, near.sku) IS NOT NULL), '[]') AS suggestions
FROM (
  SELECT l.*, (SELECT count(DISTINCT o.id) FROM order_lines n JOIN orders o ON o.id = n.order_id
               WHERE o.channel_id = l.channel_id AND n.sku IS NULL AND n.kind = 'item' AND o.canceled_at IS NULL
                 AND l.channel_sku <> '' AND n.channel_sku = l.channel_sku) AS orders
  FROM listings l JOIN channels h ON h.id = l.channel_id
  WHERE l.sku IS NULL AND l.gone_at IS NULL AND l.id > CAST(:after AS uuid)
    AND (CAST(:channel AS text) IS NULL OR h.slug = :channel)
    AND (CAST(:search AS text) IS NULL OR l.channel_listing_id = :search OR l.channel_sku ILIKE :prefix
         OR l.title ILIKE :inside OR l.barcode = :search)
  ORDER BY l.id LIMIT :limit
) w
JOIN channels c ON c.id = w.channel_id JOIN accounts a ON a.id = c.account_id {_SUGGESTIONS}
GROUP BY w.id, c.slug, c.name, a.kind, w.channel_listing_id, w.channel_sku, w.title, w.barcode, w.orders
ORDER BY w.id""")  # noqa: S608 -- constants only

SUGGESTED_MAX = 3
SIMILAR_MIN = 0.3  # pg_trgm's own threshold: a third of the three-letter pieces are shared


async def suggest(
    tx: Tx, *, after: UUID, channel: str | None = None, search: str = "", limit: int
) -> list[Waiting]:
    """One page of listings that wait for a SKU, in the order they were first seen, each with what it may be."""
    literal = search.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    wanted = {
        "after": after,
        "channel": channel,
        "search": search or None,
        "prefix": f"{literal}%",
        "inside": f"%{literal}%",
        "limit": limit,
        "most": SUGGESTED_MAX,
        "least": SIMILAR_MIN,
    }
    rows = await tx.execute(_WAITING, wanted)
    return msgspec.convert([dict(row) for row in rows.mappings()], list[Waiting])


# A barcode that two of our SKUs have is no answer.
_ALIKE = {
    Alike.SKU: "SELECT s.sku FROM skus s WHERE s.sku = l.channel_sku",
    Alike.BARCODE: """SELECT min(s.sku) AS sku FROM skus s
      WHERE l.barcode <> '' AND s.barcode <> '' AND ltrim(s.barcode, '0') = ltrim(l.barcode, '0')
      HAVING count(*) = 1""",
}
_ALIKE_LISTINGS = {
    alike: text(f"""
SELECT l.channel_listing_id, f.sku, l.units FROM listings l JOIN LATERAL ({same}) f ON true
WHERE l.channel_id = :channel_id AND l.sku IS NULL AND l.gone_at IS NULL
ORDER BY l.channel_listing_id LIMIT :limit""")  # noqa: S608 -- constants only
    for alike, same in _ALIKE.items()
}


async def alike_listings(tx: Tx, channel_id: UUID, alike: Alike, *, limit: int) -> list[Chosen]:
    """Unmatched listings that are one of our SKUs beyond doubt: for a person to confirm them all (C57)."""
    rows = await tx.execute(_ALIKE_LISTINGS[alike], {"channel_id": channel_id, "limit": limit})
    return [Chosen(*row) for row in rows]


class AlikeCount(Struct, frozen=True):
    """How many unmatched listings of a channel there are, and how many a person may confirm at once."""

    channel: str
    channel_name: str
    channel_kind: str
    unmatched: int
    same_sku: int
    same_barcode: int


_COUNTS = text(f"""
SELECT c.slug AS channel, c.name AS channel_name, a.kind AS channel_kind, count(*) AS unmatched,
  count(*) FILTER (WHERE EXISTS ({_ALIKE[Alike.SKU]})) AS same_sku,
  count(*) FILTER (WHERE EXISTS ({_ALIKE[Alike.BARCODE]})) AS same_barcode
FROM listings l JOIN channels c ON c.id = l.channel_id JOIN accounts a ON a.id = c.account_id
WHERE l.sku IS NULL AND l.gone_at IS NULL GROUP BY c.slug, c.name, a.kind ORDER BY c.slug""")  # noqa: S608 -- constants only


async def count_alike(tx: Tx) -> list[AlikeCount]:
    rows = await tx.execute(_COUNTS)
    return msgspec.convert([dict(row) for row in rows.mappings()], list[AlikeCount])


class NewSku(Struct, frozen=True):
    """By a person's word: this listing becomes a SKU of its own, under this key and name."""

    listing_id: UUID
    sku: str
    name: str


class Made(Struct, frozen=True):
    """A listing whose SKU was made."""

    channel_id: UUID
    channel_listing_id: str
    sku: str
    units: int


_MAKE = text("""
WITH x AS (
  SELECT x.*, l.channel_id, l.channel_listing_id, l.units, l.barcode
  FROM json_to_recordset(CAST(:page AS json)) AS x(listing_id uuid, sku text, name text)
  JOIN listings l ON l.id = x.listing_id AND l.sku IS NULL
), made AS (
  INSERT INTO skus (sku, name, barcode, created_at) SELECT sku, name, barcode, :at FROM x ORDER BY sku
  ON CONFLICT (sku) DO NOTHING RETURNING sku
)
SELECT x.channel_id, x.channel_listing_id, x.sku, x.units FROM x JOIN made USING (sku)
ORDER BY x.channel_id, x.channel_listing_id""")


async def make_skus(tx: Tx, wishes: Sequence[NewSku], *, at: datetime) -> list[Made]:
    """Add the SKUs with the listing's barcode; one that is there already, or whose listing has one, is left out."""
    return [Made(*row) for row in await tx.execute(_MAKE, {"page": page(wishes), "at": at})]

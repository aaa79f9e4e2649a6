"""SKUs: what we sell, under our own keys."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from msgspec import Struct
from sqlalchemy import text

from hub.model.stock.bundles import Kind
from hub.store.db import Tx, page

# Whether somebody has said how many there are of SKU `s`; of a bundle: of each of its parts.
COUNTED = """CASE s.kind WHEN 'bundle' THEN NOT EXISTS (
  SELECT FROM bundle_parts b JOIN skus n ON n.sku = b.part WHERE b.bundle = s.sku AND n.counted_at IS NULL)
ELSE s.counted_at IS NOT NULL END"""


class Sku(Struct, frozen=True):
    sku: str
    name: str
    barcode: str = ""
    price: Decimal | None = None
    currency: str | None = None
    kind: Kind = Kind.ITEM


_PUT_SKUS = text("""
INSERT INTO skus AS s (sku, name, barcode, price, currency, created_at)
SELECT x.sku, x.name, coalesce(x.barcode, ''), x.price, x.currency, :at
FROM (SELECT DISTINCT ON (sku) * FROM json_to_recordset(CAST(:page AS json))
      AS r(sku text, name text, barcode text, price numeric, currency text) ORDER BY sku) x
ON CONFLICT (sku) DO UPDATE SET name = excluded.name, barcode = excluded.barcode, price = excluded.price,
  currency = excluded.currency""")
_KINDS = text("SELECT sku, kind FROM skus WHERE sku = ANY(:skus) FOR KEY SHARE")


async def put_skus(tx: Tx, skus: Sequence[Sku], *, at: datetime) -> None:
    """Add SKUs, or take over what changed of those that are there."""
    await tx.execute(_PUT_SKUS, {"page": page(skus), "at": at})


async def kinds_of(tx: Tx, skus: Sequence[str]) -> dict[str, Kind]:
    """What each of these is, of those that the hub knows. None becomes a bundle until this transaction ends."""
    return {row.sku: Kind(row.kind) for row in await tx.execute(_KINDS, {"skus": sorted(set(skus))})}


_NAMES = text("SELECT sku, name FROM skus WHERE sku = ANY(:skus)")


async def names_of(tx: Tx, skus: Sequence[str]) -> dict[str, str]:
    """By SKU, of those that the hub knows."""
    return {row.sku: row.name for row in await tx.execute(_NAMES, {"skus": sorted(set(skus))})}


# One branch for each index: with OR, every word would read the whole table.
_NAMED = text("""
SELECT w.word, s.sku FROM unnest(CAST(:words AS text[])) AS w(word) JOIN LATERAL (
  SELECT sku, 1 AS rank FROM skus WHERE sku = w.word
  UNION ALL SELECT sku, 2 FROM skus WHERE lower(sku) = lower(w.word)
  UNION ALL SELECT sku, 3 FROM skus
    WHERE barcode <> '' AND ltrim(barcode, '0') = ltrim(w.word, '0') AND barcode = w.word
  ORDER BY rank, sku LIMIT 1) s ON true""")


async def named_skus(tx: Tx, words: Sequence[str]) -> dict[str, str]:
    """The SKU each word stands for: one of ours in any case, or a barcode; words that stand for none are left out."""
    rows = await tx.execute(_NAMED, {"words": sorted(set(words))})
    return {row.word: row.sku for row in rows}


_LIST = text("SELECT sku, name, barcode, price, currency, kind FROM skus ORDER BY sku LIMIT :limit")
_TAKE = text("""
INSERT INTO skus (sku, name, created_at)
SELECT DISTINCT ON (channel_sku) channel_sku, coalesce(nullif(title, ''), channel_sku), :at FROM listings
WHERE channel_id = :channel_id AND sku IS NULL AND channel_sku <> '' ORDER BY channel_sku, id
ON CONFLICT (sku) DO NOTHING RETURNING sku""")


async def list_skus(tx: Tx, *, limit: int) -> list[Sku]:
    rows = await tx.execute(_LIST, {"limit": limit})
    return [Sku(*(*row[:5], Kind(row.kind))) for row in rows]


async def take_from_listings(tx: Tx, channel_id: UUID, *, at: datetime) -> int:
    """Make a SKU of each unmatched listing's channel SKU, by a person's word; return how many were new."""
    return len(list(await tx.execute(_TAKE, {"channel_id": channel_id, "at": at})))


_COUNTED = text("""
UPDATE skus s SET counted_at = :at FROM (
  SELECT sku FROM skus WHERE sku = ANY(:skus) AND counted_at IS NULL ORDER BY sku FOR NO KEY UPDATE) x
WHERE s.sku = x.sku RETURNING s.sku""")


async def note_counted(tx: Tx, skus: Sequence[str], *, at: datetime) -> list[str]:
    """Note that somebody has said how many there are; return those for which it is the first time."""
    first = [row.sku for row in await tx.execute(_COUNTED, {"skus": sorted(set(skus)), "at": at})]
    if first:
        await lock_counting(tx)
    return first


_UNCOUNTED = text("SELECT sku FROM skus WHERE sku = ANY(:skus) AND counted_at IS NULL")


async def uncounted(tx: Tx, skus: Sequence[str]) -> set[str]:
    """Those of these SKUs of which nobody has said how many there are."""
    return {row.sku for row in await tx.execute(_UNCOUNTED, {"skus": sorted(set(skus))})}


_LOCK_COUNTING = text("SELECT pg_advisory_xact_lock(hashtextextended('first counts', 0))")


async def lock_counting(tx: Tx) -> None:
    """Wait for whoever counts a SKU for the first time: a bundle is counted once the last of its parts is.

    The statement after it sees all of them. Levels are locked before it, publications after it.
    """
    await tx.execute(_LOCK_COUNTING)

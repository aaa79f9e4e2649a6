"""SKUs: what we sell, under our own keys."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from msgspec import Struct
from sqlalchemy import text

from hub.store.db import Tx, page


class Sku(Struct, frozen=True):
    sku: str
    name: str
    barcode: str = ""
    price: Decimal | None = None
    currency: str | None = None


_PUT_SKUS = text("""
INSERT INTO skus AS s (sku, name, barcode, price, currency, created_at)
SELECT x.sku, x.name, coalesce(x.barcode, ''), x.price, x.currency, :at
FROM (SELECT DISTINCT ON (sku) * FROM jsonb_to_recordset(CAST(:page AS jsonb))
      AS r(sku text, name text, barcode text, price numeric, currency text) ORDER BY sku) x
ON CONFLICT (sku) DO UPDATE SET name = excluded.name, barcode = excluded.barcode, price = excluded.price,
  currency = excluded.currency""")
_MISSING = text("""
SELECT x.sku FROM unnest(CAST(:skus AS text[])) AS x(sku) WHERE NOT EXISTS (SELECT FROM skus s WHERE s.sku = x.sku)""")


async def put_skus(tx: Tx, skus: Sequence[Sku], *, at: datetime) -> None:
    """Add SKUs, or take over what changed of those that are there."""
    await tx.execute(_PUT_SKUS, {"page": page(skus), "at": at})


async def missing_skus(tx: Tx, skus: Sequence[str]) -> list[str]:
    """Return those of these that the hub does not know."""
    return [row.sku for row in await tx.execute(_MISSING, {"skus": sorted(set(skus))})]


_LIST = text("SELECT sku, name, barcode, price, currency FROM skus ORDER BY sku LIMIT :limit")
_TAKE = text("""
INSERT INTO skus (sku, name, created_at)
SELECT DISTINCT ON (channel_sku) channel_sku, coalesce(nullif(title, ''), channel_sku), :at FROM listings
WHERE channel_id = :channel_id AND sku IS NULL AND channel_sku <> '' ORDER BY channel_sku, id
ON CONFLICT (sku) DO NOTHING RETURNING sku""")


async def list_skus(tx: Tx, *, limit: int) -> list[Sku]:
    return [Sku(*row) for row in await tx.execute(_LIST, {"limit": limit})]


async def take_from_listings(tx: Tx, channel_id: UUID, *, at: datetime) -> int:
    """Make a SKU of each unmatched listing's channel SKU, by a person's word; return how many were new."""
    return len(list(await tx.execute(_TAKE, {"channel_id": channel_id, "at": at})))


_COUNTED = text("""
UPDATE skus s SET counted_at = :at FROM (
  SELECT sku FROM skus WHERE sku = ANY(:skus) AND counted_at IS NULL ORDER BY sku FOR UPDATE) x
WHERE s.sku = x.sku RETURNING s.sku""")


async def note_counted(tx: Tx, skus: Sequence[str], *, at: datetime) -> list[str]:
    """Note that somebody has said how many there are; return those for which it is the first time."""
    return [row.sku for row in await tx.execute(_COUNTED, {"skus": sorted(set(skus)), "at": at})]

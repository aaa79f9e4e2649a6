"""SKUs and locations: the names everything else refers to."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from msgspec import Struct
from sqlalchemy import text

from hub.store.db import Tx, page


class SkuRow(Struct, frozen=True):
    sku: str
    name: str
    barcode: str = ""
    price: Decimal | None = None
    currency: str | None = None


_UPSERT_SKUS = text("""
INSERT INTO skus AS s (sku, name, barcode, price, currency, created_at)
SELECT sku, name, barcode, price, currency, :at FROM (
  SELECT DISTINCT ON (sku) * FROM jsonb_to_recordset(CAST(:page AS jsonb))
    AS r(sku text, name text, barcode text, price numeric, currency text) ORDER BY sku) x
ON CONFLICT (sku) DO UPDATE SET name = excluded.name, barcode = excluded.barcode,
  price = coalesce(excluded.price, s.price), currency = coalesce(excluded.currency, s.currency)
RETURNING s.xmax = 0 AS added""")


async def upsert_skus(tx: Tx, rows: Sequence[SkuRow], *, at: datetime) -> tuple[int, int]:
    """Add or change SKUs; return how many are new, how many were there. A price left out stays as it was."""
    added = [row.added for row in await tx.execute(_UPSERT_SKUS, {"page": page(rows), "at": at})]
    return sum(added), len(added) - sum(added)


class LocationRow(Struct, frozen=True):
    code: str
    name: str
    priority: int = 100
    sellable: bool = True


_LOCATIONS = text("SELECT code, name, priority, sellable FROM locations ORDER BY priority, code")


async def locations(tx: Tx) -> list[LocationRow]:
    return [LocationRow(*row) for row in await tx.execute(_LOCATIONS)]


_MISSING = text("""
SELECT x.name FROM jsonb_to_recordset(CAST(:page AS jsonb)) AS x(kind text, name text)
WHERE NOT (x.kind = 'sku' AND EXISTS (SELECT FROM skus WHERE sku = x.name))
  AND NOT (x.kind = 'location' AND EXISTS (SELECT FROM locations WHERE code = x.name))""")


async def missing(tx: Tx, *, skus: set[str], locations: set[str]) -> list[str]:
    """Return those of these SKUs and locations that the hub does not have."""
    names = {"sku": sorted(skus), "location": sorted(locations)}
    asked = [{"kind": kind, "name": name} for kind, each in names.items() for name in each]
    return [row.name for row in await tx.execute(_MISSING, {"page": page(asked)})]

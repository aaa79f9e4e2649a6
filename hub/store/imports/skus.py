"""SKUs as rows of files are held against them, and what rows change of them."""

from collections.abc import Sequence
from datetime import datetime

import msgspec
from sqlalchemy import text

from hub.model.imports.catalog import CatalogRow
from hub.model.imports.known import Known, Skus
from hub.model.imports.prices import PriceRow
from hub.store.db import Tx, page
from hub.store.stock.skus import named_skus

_KNOWN = """
SELECT s.sku, s.name, s.barcode, s.sku_group AS group, s.tracking, s.kind, s.counted_at IS NOT NULL AS counted,
  EXISTS (SELECT FROM lot_levels v WHERE v.sku = s.sku AND v.lot <> '' AND v.on_hand <> 0) AS has_lots,
  coalesce(s.price::text, '') AS price, coalesce(s.currency, '') AS currency
FROM skus s WHERE s.sku = ANY(:skus) ORDER BY s.sku"""
_READ = text(_KNOWN)
_LOCK = text(f"{_KNOWN} FOR NO KEY UPDATE OF s")


async def known_skus(tx: Tx, skus: Sequence[str], *, lock: bool = False, alike: bool = True) -> Skus:
    """These SKUs as they are; locked, nobody else changes them until the transaction ends.

    `alike`: for words that are none, look for those that they may stand for.
    """
    rows = await tx.execute(_LOCK if lock else _READ, {"skus": sorted(set(skus))})
    found = msgspec.convert([dict(row) for row in rows.mappings()], list[Known])
    known = {each.sku: each for each in found}
    return Skus(known, await named_skus(tx, [sku for sku in skus if alike and sku not in known]))


_PUT = text("""
INSERT INTO skus AS s (sku, name, barcode, sku_group, created_at)
SELECT sku, name, barcode, "group", :at
FROM json_to_recordset(CAST(:page AS json)) AS x(sku text, name text, barcode text, "group" text) ORDER BY sku
ON CONFLICT (sku) DO UPDATE SET name = excluded.name, barcode = excluded.barcode, sku_group = excluded.sku_group""")


async def put_catalog(tx: Tx, rows: Sequence[CatalogRow], *, at: datetime) -> None:
    """Add SKUs, or change name, barcode and group of those that are there; how they are tracked is another flow's."""
    if rows:
        await tx.execute(_PUT, {"page": page(rows), "at": at})


_PRICE = text("""
UPDATE skus s SET price = x.price, currency = x.currency
FROM json_to_recordset(CAST(:page AS json)) AS x(sku text, price numeric, currency text) WHERE s.sku = x.sku""")


async def put_prices(tx: Tx, rows: Sequence[PriceRow]) -> None:
    """Set list prices; the SKUs are locked already."""
    if rows:
        await tx.execute(_PRICE, {"page": page(rows)})

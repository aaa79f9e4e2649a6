"""What a scanned code stands for: a SKU's own key, its barcode, or the barcode of a listing that stands for it."""

from msgspec import Struct
from sqlalchemy import text

from hub.store.db import Tx


class Scanned(Struct, frozen=True):
    sku: str
    name: str


# Barcodes are the same whatever zeros stand before them: a scanner reads a UPC as 12 digits or as 13.
_FIND = text("""
SELECT s.sku, s.name FROM skus s WHERE s.sku = :code
  OR (s.barcode <> '' AND ltrim(s.barcode, '0') = ltrim(:code, '0'))
  OR s.sku IN (SELECT l.sku FROM listings l WHERE l.barcode <> '' AND ltrim(l.barcode, '0') = ltrim(:code, '0'))
ORDER BY s.sku = :code DESC, (s.barcode <> '' AND ltrim(s.barcode, '0') = ltrim(:code, '0')) DESC, s.sku
LIMIT 20""")


async def find_code(tx: Tx, code: str) -> list[Scanned]:
    """The SKUs a code may stand for, the surest first."""
    return [Scanned(*row) for row in await tx.execute(_FIND, {"code": code})]


_LOCK = text("SELECT barcode FROM skus WHERE sku = :sku FOR NO KEY UPDATE")
_PUT = text("UPDATE skus SET barcode = :barcode WHERE sku = :sku")


async def lock_barcode(tx: Tx, sku: str) -> str | None:
    """None where there is no such SKU."""
    held = await tx.scalar(_LOCK, {"sku": sku})
    return None if held is None else str(held)


async def put_barcode(tx: Tx, sku: str, barcode: str) -> None:
    await tx.execute(_PUT, {"sku": sku, "barcode": barcode})

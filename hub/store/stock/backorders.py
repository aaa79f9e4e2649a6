"""Backorder terms: how far each SKU is sold ahead of its stock, and how much of that is taken.

A row is locked before any level is, in the order of SKUs; so many orders at once never take more than the limit.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime

import msgspec
from msgspec import Struct
from sqlalchemy import text

from hub.model.stock.backorders import Ahead, AheadKind, Terms
from hub.store.db import Tx, page

_READ = text("""
SELECT sku, unit_limit, expected_on, kind, taken FROM backorder_terms WHERE sku = ANY(:skus)""")


async def read_ahead(tx: Tx, skus: Sequence[str]) -> dict[str, Ahead]:
    """What may be sold ahead of these SKUs, for looking only; those without terms are left out."""
    rows = await tx.execute(_READ, {"skus": sorted(set(skus))})
    return {
        row.sku: Ahead(Terms(row.unit_limit, row.expected_on, AheadKind(row.kind)), row.taken) for row in rows
    }


_TAKE = text("""
UPDATE backorder_terms b SET taken = b.taken + x.units
FROM json_to_recordset(CAST(:page AS json)) AS x(sku text, units int) WHERE b.sku = x.sku""")


async def take_ahead(tx: Tx, changes: Mapping[str, int]) -> None:
    """Count units more, or less where negative, on backorder; the rows are locked already."""
    rows = [{"sku": sku, "units": units} for sku, units in sorted(changes.items()) if units]
    if rows:
        await tx.execute(_TAKE, {"page": page(rows)})


_BEGIN = text("""
INSERT INTO backorder_terms (sku, changed_at) SELECT sku, :at FROM unnest(CAST(:skus AS text[])) AS x(sku) ORDER BY sku
ON CONFLICT (sku) DO NOTHING""")


async def begin_terms(tx: Tx, skus: Sequence[str], *, at: datetime) -> None:
    """Give these SKUs a row that can be locked. Before anything else is: a row nobody sees yet makes nobody wait."""
    await tx.execute(_BEGIN, {"skus": sorted(set(skus)), "at": at})


class NewTerms(Struct, frozen=True):
    sku: str
    limit: int
    expected: date | None
    kind: AheadKind


_PUT = text("""
UPDATE backorder_terms b SET unit_limit = x."limit", expected_on = x.expected, kind = x.kind, changed_at = :at
FROM json_to_recordset(CAST(:page AS json)) AS x(sku text, "limit" int, expected date, kind text)
WHERE b.sku = x.sku AND (b.unit_limit, b.expected_on, b.kind) IS DISTINCT FROM (x."limit", x.expected, x.kind)
RETURNING b.sku""")


async def put_terms(tx: Tx, terms: Sequence[NewTerms], *, at: datetime) -> list[str]:
    """Write terms whose rows are locked; return the SKUs of which they are others now."""
    return [row.sku for row in await tx.execute(_PUT, {"page": page(terms), "at": at})]


class TermsRow(Struct, frozen=True):
    """The terms of one SKU, with what waits for it: `orders` have `taken` units on backorder, since `since`."""

    sku: str
    name: str
    kind: AheadKind
    limit: int
    taken: int
    left: int
    expected: date | None
    orders: int
    since: datetime | None


_LIST = text("""
SELECT b.sku, s.name, b.kind, b.unit_limit AS limit, b.taken, greatest(0, b.unit_limit - b.taken) AS left,
       b.expected_on AS expected, w.orders, w.since
FROM backorder_terms b JOIN skus s ON s.sku = b.sku
CROSS JOIN LATERAL (
  SELECT count(DISTINCT o.id) AS orders, min(o.placed_at) AS since
  FROM order_lines l JOIN orders o ON o.id = l.order_id WHERE l.sku = b.sku AND l.backordered > 0) w
WHERE b.sku > :after AND (b.unit_limit > 0 OR b.taken > 0) AND (CAST(:only AS text[]) IS NULL OR b.sku = ANY(:only))
ORDER BY b.sku LIMIT :limit""")


async def list_terms(
    tx: Tx, *, after: str = "", only: Sequence[str] | None = None, limit: int
) -> list[TermsRow]:
    """One page of what is sold ahead, or still waits for its stock, in the order of SKUs."""
    wanted = {"after": after, "only": list(only) if only is not None else None, "limit": limit}
    rows = (await tx.execute(_LIST, wanted)).mappings()
    return [msgspec.convert(dict(row), TermsRow) for row in rows]

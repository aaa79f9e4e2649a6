"""What goes into files: a page at a time, in the order of its keys, in the columns that imports read."""

from collections.abc import AsyncIterator, Sequence

from sqlalchemy import TextClause, text

from hub.model.imports.kinds import Kind
from hub.store.db import Tx

PAGE_ROWS = 5_000
Cells = list[str | int | None]

# A SKU without a level stands at the first location with nothing in "on hand": the list of what is still to be counted.
_STOCK = text("""
SELECT s.sku, l.location, CASE WHEN s.counted_at IS NOT NULL THEN l.on_hand END
FROM skus s JOIN LATERAL (
  SELECT location, on_hand FROM levels WHERE sku = s.sku
  UNION ALL (SELECT code, 0 FROM locations WHERE NOT EXISTS (SELECT FROM levels WHERE sku = s.sku)
             ORDER BY priority, code LIMIT 1)) l ON true
WHERE s.kind <> 'bundle' AND s.sku >= :first AND (s.sku, l.location) > (:first, :second)
  AND (CAST(:only AS text) IS NULL OR l.location = :only)
ORDER BY s.sku, l.location LIMIT :limit""")
_CATALOG = text("""
SELECT sku, name, barcode, sku_group, tracking FROM skus
WHERE (sku, '') > (:first, :second) AND CAST(:only AS text) IS NULL ORDER BY sku LIMIT :limit""")
_PRICES = text("""
SELECT sku, price::text, currency FROM skus
WHERE (sku, '') > (:first, :second) AND CAST(:only AS text) IS NULL ORDER BY sku LIMIT :limit""")
_LISTINGS = text("""
SELECT c.slug, l.channel_listing_id, l.channel_sku, l.title, l.sku, l.units
FROM channels c JOIN listings l ON l.channel_id = c.id
WHERE l.gone_at IS NULL AND c.slug >= :first AND (c.slug, l.channel_listing_id) > (:first, :second)
  AND (CAST(:only AS text) IS NULL OR c.slug = :only)
ORDER BY c.slug, l.channel_listing_id LIMIT :limit""")
_PARCELS = text("""
SELECT o.number, h.tracking, h.carrier, h.state FROM shipments h JOIN orders o ON o.id = h.order_id
WHERE h.tracking <> '' AND o.number >= CAST('0' || :first AS bigint)
  AND (o.number, h.tracking) > (CAST('0' || :first AS bigint), :second) AND CAST(:only AS text) IS NULL
ORDER BY o.number, h.tracking LIMIT :limit""")
_PAGES: dict[Kind, tuple[TextClause, int]] = {
    Kind.STOCK: (_STOCK, 2),
    Kind.CATALOG: (_CATALOG, 1),
    Kind.PRICES: (_PRICES, 1),
    Kind.LISTINGS: (_LISTINGS, 2),
    Kind.PARCELS: (_PARCELS, 2),
}
"""Each with how many of its columns are its key."""


async def export_rows(tx: Tx, kind: Kind, *, only: str | None = None) -> AsyncIterator[Sequence[Cells]]:
    """Yield page after page; `only` is one location of stock, or one channel of listings."""
    statement, keys = _PAGES[kind]
    first, second = "", ""
    while True:
        wanted = {"first": first, "second": second, "only": only, "limit": PAGE_ROWS}
        page: list[Cells] = [list(row) for row in await tx.execute(statement, wanted)]
        if page:
            yield page
        if len(page) < PAGE_ROWS:
            return
        first, second = (*map(str, page[-1][:keys]), "")[:2]

"""The lines of orders, written. A batch enters as one jsonb parameter, sorted by its conflict key."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from uuid import UUID

from msgspec import Struct
from sqlalchemy import text

from hub.model.stock.wants import Parts
from hub.store.db import Tx, page


class LineRow(Struct, frozen=True):
    id: UUID
    order_id: UUID
    position: int
    channel_line_id: str
    channel_sku: str
    channel_listing_id: str
    title: str
    kind: str
    sku: str | None
    units: int
    quantity: int
    canceled: int
    allocated: int
    shipped: int
    fulfilled: int
    left_before: int
    unit_price: Decimal
    discount: Decimal
    tax: Decimal
    total: Decimal
    backordered: int = 0
    canceled_with_order: int = 0
    custom: Mapping[str, str] = {}


_INSERT_LINES = """
INSERT INTO order_lines AS l (id, order_id, position, channel_line_id, channel_sku, channel_listing_id, title, kind,
  sku, units, quantity, canceled, canceled_with_order, allocated, backordered, shipped, fulfilled, left_before,
  unit_price, discount, tax, total, custom)
SELECT id, order_id, position, channel_line_id, channel_sku, channel_listing_id, title, kind, sku, units, quantity,
  canceled, canceled_with_order, allocated, backordered, shipped, fulfilled, left_before, unit_price, discount, tax,
  total, custom
FROM json_to_recordset(CAST(:page AS json)) AS x(id uuid, order_id uuid, position smallint, channel_line_id text,
  channel_sku text, channel_listing_id text, title text, kind text, sku text, units int, quantity int, canceled int,
  canceled_with_order int, allocated int, backordered int, shipped int, fulfilled int, left_before int,
  unit_price numeric, discount numeric, tax numeric, total numeric, custom jsonb)
ORDER BY order_id, channel_line_id"""
_UPSERT_LINES = """
ON CONFLICT (order_id, channel_line_id) DO UPDATE SET
  position = excluded.position, channel_sku = excluded.channel_sku, kind = excluded.kind,
  channel_listing_id = excluded.channel_listing_id,
  title = excluded.title, sku = excluded.sku, units = excluded.units, quantity = excluded.quantity,
  canceled = excluded.canceled, canceled_with_order = excluded.canceled_with_order,
  allocated = excluded.allocated, backordered = excluded.backordered,
  shipped = excluded.shipped, fulfilled = excluded.fulfilled, removed = false,
  unit_price = excluded.unit_price, discount = excluded.discount, tax = excluded.tax, total = excluded.total,
  custom = excluded.custom"""

_ADD_LINES, _PUT_LINES = text(_INSERT_LINES), text(_INSERT_LINES + _UPSERT_LINES)
_STOCK_OF_LINES = text("""
UPDATE order_lines l SET sku = x.sku, units = x.units, canceled = x.canceled, allocated = x.allocated,
  backordered = x.backordered, shipped = x.shipped,
  canceled_with_order = coalesce(x.canceled_with_order, l.canceled_with_order)
FROM json_to_recordset(CAST(:page AS json))
  AS x(id uuid, sku text, units int, canceled int, allocated int, shipped int, backordered int,
    canceled_with_order int)
WHERE l.id = x.id""")


async def insert_lines(tx: Tx, rows: Sequence[LineRow]) -> None:
    """Lines of new orders: there can be none to update, and not to look for them is a fifth cheaper."""
    if rows:
        await tx.execute(_ADD_LINES, {"page": page(rows)})


async def upsert_lines(tx: Tx, rows: Sequence[LineRow]) -> None:
    if rows:
        await tx.execute(_PUT_LINES, {"page": page(rows)})


_ADD_PARTS = text("""
INSERT INTO order_line_parts (line_id, sku, units)
SELECT line_id, sku, units FROM json_to_recordset(CAST(:page AS json)) AS x(line_id uuid, sku text, units int)
ORDER BY line_id, sku""")


async def add_line_parts(tx: Tx, exploded: Mapping[UUID, Parts]) -> None:
    """Keep what one unit of each bundle line takes of stock; lines that need no parts of their own have none."""
    rows = [
        {"line_id": line_id, "sku": sku, "units": units}
        for line_id, parts in exploded.items()
        for sku, units in parts.items()
    ]
    if rows:
        await tx.execute(_ADD_PARTS, {"page": page(rows)})


class LineStock(Struct, frozen=True):
    """The quantities of a line whose words stay as they are: removed by the channel, matched, or filled later.

    What was `canceled_with_order` stays too, where it is None.
    """

    id: UUID
    sku: str | None
    units: int
    canceled: int
    allocated: int
    shipped: int
    backordered: int = 0
    canceled_with_order: int | None = None


async def update_line_stock(tx: Tx, rows: Sequence[LineStock]) -> None:
    if rows:
        await tx.execute(_STOCK_OF_LINES, {"page": page(rows)})


_CLEAR_MONEY = text(
    "UPDATE order_lines SET removed = true, discount = 0, tax = 0, total = 0 WHERE id = ANY(:ids)"
)


async def clear_money(tx: Tx, line_ids: Sequence[UUID]) -> None:
    """A line the channel removed costs nothing any more; its price stays, so that the line can still be read (L14)."""
    if line_ids:
        await tx.execute(_CLEAR_MONEY, {"ids": sorted(line_ids)})

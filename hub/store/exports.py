"""What an export reads: orders that events name, and the levels of SKUs that moved, as they are now."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from msgspec import Struct
from sqlalchemy import text

from hub.spec import ExportedLevel, ExportedLine, ExportedOrder
from hub.store.db import Tx


class Touched(Struct, frozen=True):
    """The orders that a run of events names; the last of these events is `last`."""

    last: int
    order_ids: list[UUID]


_TOUCHED = text("""
SELECT max(id) AS last, coalesce(array_agg(DISTINCT order_id) FILTER (WHERE order_id IS NOT NULL), '{}') AS orders
FROM (SELECT id, order_id FROM events WHERE id > :after AND id <= :upto ORDER BY id LIMIT :limit) e""")


async def orders_touched(tx: Tx, after: int, *, upto: int, limit: int) -> Touched | None:
    """None where there are no more events."""
    row = (await tx.execute(_TOUCHED, {"after": after, "upto": upto, "limit": limit})).one()
    return None if row.last is None else Touched(row.last, list(row.orders))


_ORDERS = text("""
SELECT o.id::text, o.number, c.slug, o.channel_order_id, o.channel_order_number, o.placed_at,
  o.canceled_at IS NOT NULL, o.changes, o.currency, o.total, o.tax_total, o.shipping_total, o.discount_total,
  o.tax_included, o.payment, o.holds, coalesce(l.lines, '[]'), o.pickup IS NOT NULL, o.cash_on_delivery,
  o.custom
FROM orders o JOIN channels c ON c.id = o.channel_id LEFT JOIN LATERAL (
  SELECT jsonb_agg(jsonb_build_object('channel_line_id', channel_line_id, 'channel_sku', channel_sku, 'sku', sku,
    'title', title, 'kind', kind, 'quantity', quantity, 'canceled', canceled, 'allocated', allocated,
    'backordered', backordered, 'shipped', shipped, 'returned', returned, 'unit_price', unit_price::text,
    'discount', discount::text, 'tax', tax::text, 'total', total::text,
    'fields', custom) ORDER BY position, id) AS lines
  FROM order_lines WHERE order_id = o.id) l ON true
WHERE o.id = ANY(:ids) ORDER BY o.number""")


async def exported_orders(tx: Tx, order_ids: Sequence[UUID]) -> list[ExportedOrder]:
    """By number."""
    rows = await tx.execute(_ORDERS, {"ids": list(order_ids)})
    return [_order(tuple(row)) for row in rows]


def _order(row: tuple[Any, ...]) -> ExportedOrder:
    *head, lines, collected, cash_on_delivery, own = row
    read = msgspec.convert(lines, list[ExportedLine], strict=False)
    fields: list[Any] = [*head, read, collected, cash_on_delivery, own]
    return ExportedOrder(*fields)


# A movement may be written some minutes after the moment it bears: a transaction that is open, a job that waited.
_SETTLED = text("""
SELECT least(now(), min(xact_start)) - interval '5 minutes' FROM pg_stat_activity
WHERE datname = current_database() AND xact_start IS NOT NULL""")


async def settled_moment(tx: Tx) -> datetime:
    """Every movement that bears an earlier moment can be seen."""
    found: datetime = await tx.scalar(_SETTLED)
    return found


_MOVED = """
SELECT sku FROM movements WHERE at > :since AND sku > :after GROUP BY sku ORDER BY sku LIMIT :limit"""
_ALL = "SELECT sku FROM levels WHERE sku > :after GROUP BY sku ORDER BY sku LIMIT :limit"
_LEVELS = """
WITH wanted AS ({skus})
SELECT l.sku, l.location, l.on_hand, l.allocated FROM wanted JOIN levels l USING (sku) ORDER BY l.sku, l.location"""
_MOVED_LEVELS = text(_LEVELS.format(skus=_MOVED))
_ALL_LEVELS = text(_LEVELS.format(skus=_ALL))


async def levels_moved(tx: Tx, *, since: datetime | None, after: str, limit: int) -> list[ExportedLevel]:
    """All levels of the next SKUs that moved since then, or of the next there are, by SKU and location."""
    wanted: dict[str, object] = {"after": after, "limit": limit}
    if since is None:
        return [ExportedLevel(*row) for row in await tx.execute(_ALL_LEVELS, wanted)]
    return [ExportedLevel(*row) for row in await tx.execute(_MOVED_LEVELS, wanted | {"since": since})]

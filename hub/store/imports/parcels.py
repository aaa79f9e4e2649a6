"""Orders with their parcels, as rows of a carrier's file are held against them."""

from collections.abc import Collection, Sequence

import msgspec
from sqlalchemy import text

from hub.model.imports.parcels import KnownOrder, KnownParcel
from hub.model.orders.holds import BY_STOCK
from hub.store.db import Tx

_KNOWN = text("""
SELECT o.number, o.canceled_at IS NOT NULL AS canceled, c.slug, o.holds, EXISTS (
    SELECT FROM order_lines l WHERE l.order_id = o.id AND l.kind = 'item' AND l.allocated > 0) AS promised,
  coalesce((SELECT jsonb_agg(jsonb_build_object(
      'id', h.id, 'carrier', h.carrier, 'tracking', h.tracking, 'state', h.state) ORDER BY h.at, h.id)
    FROM shipments h WHERE h.order_id = o.id), '[]') AS parcels
FROM orders o JOIN channels c ON c.id = o.channel_id WHERE o.number = ANY(:numbers) ORDER BY o.number""")


async def known_orders(
    tx: Tx, numbers: Sequence[int], *, elsewhere: Collection[str]
) -> dict[int, KnownOrder]:
    """`elsewhere` are the slugs of channels whose orders are shipped there."""
    rows = await tx.execute(_KNOWN, {"numbers": sorted(set(numbers))})
    return {
        row.number: KnownOrder(
            row.number,
            _stays(row.number, row.canceled, row.slug in elsewhere, row.holds, row.promised),
            msgspec.convert(row.parcels, list[KnownParcel]),
        )
        for row in rows
    }


def _stays(number: int, canceled: bool, is_elsewhere: bool, holds: Sequence[str], promised: bool) -> str:  # noqa: FBT001
    stopping = [hold for hold in holds if hold not in BY_STOCK]
    reasons = {
        f"order {number} is canceled": canceled,
        f"order {number} is shipped in its channel": is_elsewhere,
        f"order {number} is held ({', '.join(stopping)})": bool(stopping),
        f"nothing of order {number} is promised": not promised,
    }
    return next((words for words, holds_true in reasons.items() if holds_true), "")

"""Promises that their location no longer covers, since a fact took units off its books."""

from collections.abc import Sequence
from uuid import UUID

from msgspec import Struct
from sqlalchemy import text

from hub.store.db import Tx
from hub.store.orders import PARTS
from hub.store.picking import PROMISED


class Uncovered(Struct, frozen=True):
    """What a line is promised at a location that has less than it promised, in units sold."""

    order_id: UUID
    line_id: UUID
    location: str
    units: int


# Whole lines, the newest promises first, until the rest is covered; what somebody has in hand, or may have, stays.
_UNCOVERED = text(f"""
WITH lacking AS MATERIALIZED (
  SELECT sku, location, allocated - greatest(on_hand, 0) AS units FROM levels
  WHERE allocated > greatest(on_hand, 0) ORDER BY sku, location LIMIT :limit
), asked AS (
  SELECT s.sku, s.location, s.units, l.id FROM lacking s JOIN order_lines l ON l.sku = s.sku
  UNION SELECT s.sku, s.location, s.units, p.line_id FROM lacking s JOIN order_line_parts p ON p.sku = s.sku
), promised AS (
  SELECT l.order_id, l.id, a.location, p.units, a.units AS lacking, sum(p.units * x.units) OVER (
      PARTITION BY a.sku, a.location ORDER BY o.priority DESC, o.placed_at DESC, o.number DESC, l.id
      ROWS UNBOUNDED PRECEDING) - p.units * x.units AS before
  FROM asked a JOIN order_lines l ON l.id = a.id JOIN orders o ON o.id = l.order_id
  JOIN LATERAL {PROMISED} p ON p.location = a.location
  JOIN LATERAL {PARTS} x ON x.sku = a.sku
  WHERE l.kind = 'item' AND l.shipped < l.quantity - l.canceled AND l.allocated > 0 AND o.canceled_at IS NULL
    AND NOT EXISTS (SELECT FROM order_lines e JOIN pick_lines k ON k.order_line_id = e.id
      WHERE e.order_id = o.id AND k.quantity > k.shipped + k.short + k.put_back)
    AND NOT EXISTS (SELECT FROM pickups c WHERE c.order_id = o.id AND c.state = 'ready')
)
SELECT order_id, id, location, units::int FROM promised WHERE before < lacking
GROUP BY order_id, id, location, units ORDER BY order_id, id, location LIMIT :limit""")  # noqa: S608 -- constants only


async def uncovered(tx: Tx, *, limit: int) -> Sequence[Uncovered]:
    """So many of these promises at most; none of an order that is being picked, or lies ready to be collected."""
    return [Uncovered(*row) for row in await tx.execute(_UNCOVERED, {"limit": limit})]

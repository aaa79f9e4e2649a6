"""Levels and the movements they are the sum of. Locks are taken in (sku, location) order, always."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from msgspec import Struct
from sqlalchemy import text

from hub.model.stock.levels import Level, Place
from hub.store.db import Tx, page
from hub.store.orders import PARTS

_LOCK = text("""
SELECT sku, location, on_hand, allocated, reserved, safety_stock FROM levels
WHERE sku = ANY(:skus) ORDER BY sku, location FOR UPDATE""")


async def lock_levels(tx: Tx, skus: Sequence[str]) -> list[Level]:
    """Lock and return the levels of these SKUs, in (sku, location) order."""
    return [Level(*row) for row in await tx.execute(_LOCK, {"skus": sorted(set(skus))})]


_PLACES = text("SELECT code, priority FROM locations WHERE sellable ORDER BY priority, code")


async def places(tx: Tx) -> list[Place]:
    """The locations that may fill orders, first asked first."""
    return [Place(*row) for row in await tx.execute(_PLACES)]


class Movement(Struct, frozen=True):
    """One immutable change of stock, with the cause that can make it only once."""

    id: UUID
    sku: str
    location: str
    kind: str
    on_hand_change: int
    allocated_change: int
    cause: str
    cause_id: str
    order_line_id: UUID | None = None
    actor: str = ""
    reason: str = ""


_RECORD = text("""
WITH new AS (
  INSERT INTO movements (id, sku, location, kind, on_hand_change, allocated_change, cause, cause_id, order_line_id,
                         actor, reason, at)
  SELECT id, sku, location, kind, on_hand_change, allocated_change, cause, cause_id, order_line_id, actor, reason, :at
  FROM jsonb_to_recordset(CAST(:page AS jsonb)) AS x(id uuid, sku text, location text, kind text,
       on_hand_change int, allocated_change int, cause text, cause_id text, order_line_id uuid, actor text, reason text)
  ORDER BY cause, cause_id, kind, sku, location
  ON CONFLICT (cause, cause_id, kind, sku, location) DO NOTHING
  RETURNING sku, location, on_hand_change, allocated_change
), sums AS (
  SELECT sku, location, sum(on_hand_change) AS on_hand, sum(allocated_change) AS allocated FROM new
  GROUP BY sku, location
), changed AS (
  UPDATE levels l SET on_hand = l.on_hand + sums.on_hand, allocated = l.allocated + sums.allocated
  FROM sums WHERE l.sku = sums.sku AND l.location = sums.location RETURNING l.sku, l.location
), begun AS (
  INSERT INTO levels AS l (sku, location, on_hand, allocated)
  SELECT * FROM sums WHERE (sku, location) NOT IN (SELECT sku, location FROM changed) ORDER BY sku, location
  ON CONFLICT (sku, location) DO UPDATE
    SET on_hand = l.on_hand + excluded.on_hand, allocated = l.allocated + excluded.allocated
)
SELECT sku FROM new GROUP BY sku HAVING sum(on_hand_change - allocated_change) <> 0""")


async def record_movements(tx: Tx, movements: Sequence[Movement], *, at: datetime) -> list[str]:
    """Append to the ledger and project onto the levels, in one statement; return the SKUs whose available moved.

    A movement whose cause was recorded before is passed over, and its level with it (L1, L8).
    """
    if not movements:
        return []
    return [row.sku for row in await tx.execute(_RECORD, {"page": page(movements), "at": at})]


_BELOW_ZERO = text("SELECT DISTINCT sku FROM levels WHERE sku = ANY(:skus) AND on_hand < 0")


async def below_zero(tx: Tx, skus: Sequence[str]) -> set[str]:
    """Those of these SKUs that some location has fewer than none of, by the books: a fact exceeded them."""
    return {row.sku for row in await tx.execute(_BELOW_ZERO, {"skus": sorted(set(skus))})}


_SKUS_AT = text("SELECT DISTINCT sku FROM levels WHERE location = ANY(:codes) ORDER BY sku")


async def skus_at(tx: Tx, codes: Sequence[str]) -> list[str]:
    return [row.sku for row in await tx.execute(_SKUS_AT, {"codes": list(codes)})]


_FREE = "v.on_hand - v.allocated - v.reserved - v.safety_stock"
_TO_FILL = text(f"""
SELECT DISTINCT l.sku FROM orders o JOIN channels c ON c.id = o.channel_id JOIN order_lines l ON l.order_id = o.id
WHERE o.holds <> '{{}}' AND o.holds && ARRAY['oversold','unmatched'] AND o.canceled_at IS NULL
  AND l.sku IS NOT NULL AND l.kind = 'item' AND l.allocated + l.shipped < l.quantity - l.canceled
  AND (NOT EXISTS (
         SELECT FROM {PARTS} n WHERE n.units > coalesce((
           SELECT sum({_FREE}) FROM levels v JOIN locations p ON p.code = v.location AND p.sellable
           WHERE v.sku = n.sku), 0))
       AND EXISTS (
         SELECT FROM locations p WHERE p.sellable AND p.code = coalesce(c.location, p.code) AND NOT EXISTS (
           SELECT FROM {PARTS} n LEFT JOIN levels v ON v.sku = n.sku AND v.location = p.code
           WHERE n.units > coalesce({_FREE}, 0)))
    OR 'unmatched' = ANY(o.holds) AND NOT EXISTS (
      SELECT FROM order_lines u WHERE u.order_id = o.id AND u.kind = 'item' AND u.sku IS NULL))
ORDER BY l.sku LIMIT 100""")  # noqa: S608 -- constants only


async def skus_to_fill(tx: Tx) -> list[str]:
    """SKUs with free units that an order waits for, or of an order that waits to be matched and is matched whole."""
    return [row.sku for row in await tx.execute(_TO_FILL)]

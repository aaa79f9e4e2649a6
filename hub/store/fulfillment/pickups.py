"""Orders that their customers collect: which are to be made ready, which wait, and for how long."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

import msgspec
from msgspec import Struct
from sqlalchemy import text

from hub.model.fulfillment.pickup import Kept, State
from hub.store.db import Tx, page
from hub.store.picking import PROMISED

_KEPT = text("SELECT order_id, location, state, keep_until, code FROM pickups WHERE order_id = ANY(:ids)")
_PUT = text("""
INSERT INTO pickups AS p (order_id, location, state, since, keep_until, code, actor)
SELECT order_id, location, 'ready', :at, keep_until, code, :actor
FROM json_to_recordset(CAST(:page AS json)) AS x(order_id uuid, location text, keep_until timestamptz, code text)
ORDER BY order_id
ON CONFLICT (order_id) DO UPDATE SET location = excluded.location, state = 'ready', since = excluded.since,
  keep_until = excluded.keep_until, code = excluded.code, actor = excluded.actor, told_at = NULL,
  collected_by = NULL""")
_END = text("""
UPDATE pickups p SET state = :state, since = :at, actor = :actor, collected_by = decode(x.by, 'base64')
FROM json_to_recordset(CAST(:page AS json)) AS x(order_id uuid, by text) WHERE p.order_id = x.order_id""")


async def kept_for(tx: Tx, order_ids: Sequence[UUID]) -> dict[UUID, Kept]:
    """Those of these orders, which are locked, that were made ready."""
    rows = await tx.execute(_KEPT, {"ids": list(order_ids)})
    return {row.order_id: msgspec.convert(dict(row), Kept) for row in rows.mappings()}


async def put_ready(tx: Tx, rows: Sequence[Kept], *, actor: str, at: datetime) -> None:
    if rows:
        await tx.execute(_PUT, {"page": page(rows), "actor": actor, "at": at})


async def end(tx: Tx, state: State, by: Mapping[UUID, bytes | None], *, actor: str, at: datetime) -> None:
    """These orders were collected, by a sealed name, or were not."""
    if by:
        rows = [{"order_id": order_id, "by": name} for order_id, name in sorted(by.items())]
        await tx.execute(_END, {"page": page(rows), "state": state, "actor": actor, "at": at})


class Overdue(Struct, frozen=True):
    """`waits`: something is promised at the counter still, or goes back to its shelf from there."""

    order_id: UUID
    number: int
    location: str
    waits: bool


# What was shipped, canceled in part or given back since it was made ready waits for nobody: that ends here.
_NEWLY_OVERDUE = text(f"""
WITH late AS (
  SELECT p.order_id, o.number, o.canceled_at IS NOT NULL OR EXISTS (
    SELECT FROM order_lines l JOIN LATERAL {PROMISED} q ON q.location = p.location
    WHERE l.order_id = o.id AND l.kind = 'item' AND l.shipped < l.quantity - l.canceled AND l.allocated > 0) AS waits
  FROM pickups p JOIN orders o ON o.id = p.order_id
  WHERE p.state = 'ready' AND p.keep_until <= :at AND p.told_at IS NULL
  ORDER BY p.keep_until LIMIT :limit FOR UPDATE OF p SKIP LOCKED
)
UPDATE pickups p SET told_at = :at, state = CASE WHEN late.waits THEN p.state ELSE 'not collected' END
FROM late WHERE p.order_id = late.order_id
RETURNING p.order_id, late.number, p.location, late.waits""")  # noqa: S608 -- constants only


async def newly_overdue(tx: Tx, *, at: datetime, limit: int) -> list[Overdue]:
    """Orders that nobody collected in time and that still wait, each once."""
    rows = await tx.execute(_NEWLY_OVERDUE, {"at": at, "limit": limit})
    found = [Overdue(*row) for row in rows]
    return sorted((each for each in found if each.waits), key=lambda each: each.number)


class ItemToCollect(Struct, frozen=True):
    title: str
    sku: str | None
    quantity: int


class ToCollect(Struct, frozen=True):
    """One order at a counter. `personal` is sealed; what is ready for a `canceled` one goes back."""

    id: UUID
    number: int
    channel_order_number: str
    channel_name: str
    channel_kind: str
    placed_at: datetime
    ship_by: datetime | None
    personal: bytes
    canceled: bool
    holds: list[str]
    payment: str
    location: str
    location_name: str
    state: State
    since: datetime
    keep_until: datetime | None
    code: str
    items: list[ItemToCollect]


# What is promised at a location, of orders that are collected, and what waits there already.
_LIST = f"""
SELECT o.id, o.number, o.channel_order_number, c.name AS channel_name, a.kind AS channel_kind, o.placed_at, o.ship_by,
  o.personal, o.canceled_at IS NOT NULL AS canceled, o.holds, o.payment, w.location, v.name AS location_name,
  coalesce(p.state, 'to be made ready') AS state, coalesce(p.since, o.placed_at) AS since, p.keep_until,
  coalesce(p.code, '') AS code, w.items
FROM (
  SELECT l.order_id, q.location, jsonb_agg(jsonb_build_object(
      'title', l.title, 'sku', l.sku, 'quantity', q.units) ORDER BY l.position) AS items
  FROM orders o JOIN order_lines l ON l.order_id = o.id JOIN LATERAL {PROMISED} q ON true
  WHERE o.pickup IS NOT NULL AND o.canceled_at IS NULL AND l.kind = 'item' AND l.shipped < l.quantity - l.canceled
    AND l.allocated > 0 GROUP BY 1, 2
  UNION ALL
  SELECT order_id, location, '[]' FROM pickups JOIN orders o ON o.id = order_id
  WHERE state = 'ready' AND o.canceled_at IS NOT NULL
) w JOIN orders o ON o.id = w.order_id JOIN channels c ON c.id = o.channel_id JOIN accounts a ON a.id = c.account_id
JOIN locations v ON v.code = w.location
LEFT JOIN pickups p ON p.order_id = o.id AND p.location = w.location AND p.state = 'ready'
WHERE NOT c.slug = ANY(:elsewhere) AND (CAST(:location AS text) IS NULL OR w.location = :location)
ORDER BY o.canceled_at IS NULL, p.keep_until, o.ship_by, o.placed_at, o.number LIMIT :limit"""  # noqa: S608 -- constants only
_ONE = text("""
SELECT p.location, v.name AS location_name, p.state, p.since, p.keep_until, p.code, p.collected_by
FROM pickups p JOIN locations v ON v.code = p.location WHERE p.order_id = :id""")


async def to_collect(
    tx: Tx, *, elsewhere: Sequence[str], location: str | None = None, limit: int
) -> list[ToCollect]:
    """What customers collect, of channels whose orders leave here: what is ready, then what is to be made so.

    Canceled ones that wait stand first, then who was to come first.
    """
    wanted = {"elsewhere": list(elsewhere), "location": location, "limit": limit}
    return msgspec.convert(
        [dict(row) for row in (await tx.execute(text(_LIST), wanted)).mappings()], list[ToCollect]
    )


class PickedUp(Struct, frozen=True):
    """How it stands with an order that was made ready; `collected_by` is sealed."""

    location: str
    location_name: str
    state: State
    since: datetime
    keep_until: datetime
    code: str
    collected_by: bytes | None


async def pickup_of(tx: Tx, order_id: UUID) -> PickedUp | None:
    """None where it was never made ready."""
    row = (await tx.execute(_ONE, {"id": order_id})).mappings().first()
    return msgspec.convert(dict(row), PickedUp) if row else None

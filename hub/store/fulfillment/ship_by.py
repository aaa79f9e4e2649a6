"""By when orders must leave, and which of them are late."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

import msgspec
from msgspec import Struct
from sqlalchemy import text

from hub.model.fulfillment.ship_by import NO_HANDLING, Handling
from hub.store.db import Tx, page

OPEN = """o.canceled_at IS NULL AND o.id = ANY(ARRAY(SELECT l.order_id FROM order_lines l
    WHERE l.kind = 'item' AND l.shipped < l.quantity - l.canceled))"""
"""Something of order `o` still has to leave. The lines are few, and have an index of their own."""
LATE = f"o.ship_by <= :at AND {OPEN} AND NOT o.holds @> ARRAY['payment']"
"""It should have left; who does not pay is not waited for."""
_DAY_ENDS = """(SELECT (date_trunc('day', CAST(:at AS timestamptz) AT TIME ZONE z) + interval '1 day') AT TIME ZONE z
  FROM (SELECT coalesce(handling ->> 'time_zone', 'UTC') AS z FROM channels WHERE id = o.channel_id) x)"""
TODAY = f"{OPEN} AND o.ship_by < {_DAY_ENDS}"
"""It must leave before the day ends at its channel, or should have left."""

_SAVE = text("UPDATE channels SET handling = CAST(:handling AS jsonb) WHERE id = :id")
_LOCK_OPEN = text(f"""
SELECT o.id, o.placed_at FROM orders o WHERE o.channel_id = :id AND o.ship_by IS NULL AND {OPEN}
ORDER BY o.channel_order_id FOR UPDATE""")  # noqa: S608 -- constants only
_PROMISE = text("""
UPDATE orders o SET ship_by = x.ship_by FROM json_to_recordset(CAST(:page AS json)) AS x(id uuid, ship_by timestamptz)
WHERE o.id = x.id""")


async def save_handling(tx: Tx, channel_id: UUID, handling: Handling) -> None:
    kept = None if handling == NO_HANDLING else msgspec.json.encode(handling).decode()
    await tx.execute(_SAVE, {"id": channel_id, "handling": kept})


async def lock_open_without(tx: Tx, channel_id: UUID) -> dict[UUID, datetime]:
    """Lock the open orders of a channel for which nothing is promised; return when each was placed."""
    return {row.id: row.placed_at for row in await tx.execute(_LOCK_OPEN, {"id": channel_id})}


async def promise(tx: Tx, ship_by: Mapping[UUID, datetime]) -> None:
    """Say by when these orders, which are locked, leave."""
    rows = [{"id": order_id, "ship_by": moment} for order_id, moment in sorted(ship_by.items())]
    if rows:
        await tx.execute(_PROMISE, {"page": page(rows)})


class LateOrder(Struct, frozen=True):
    id: UUID
    number: int


_TELL = text(f"""
UPDATE orders o SET late_told_at = :at FROM (
  SELECT o.id FROM orders o WHERE {LATE} AND (o.late_told_at IS NULL OR o.late_told_at < o.ship_by)
  ORDER BY o.channel_id, o.channel_order_id LIMIT :limit FOR UPDATE SKIP LOCKED) x
WHERE o.id = x.id RETURNING o.id, o.number""")  # noqa: S608 -- constants only
_COUNT = text(f"SELECT count(*) FROM (SELECT FROM orders o WHERE {LATE} LIMIT CAST(:most AS bigint)) x")  # noqa: S608 -- constants only


async def newly_late(tx: Tx, *, at: datetime, limit: int) -> list[LateOrder]:
    """Orders that became late since the last look, by number; each is returned once."""
    found = [LateOrder(*row) for row in await tx.execute(_TELL, {"at": at, "limit": limit})]
    return sorted(found, key=lambda each: each.number)


async def count_late(tx: Tx, *, at: datetime, most: int | None = None) -> int:
    """All of them, or up to a limit where more make no difference."""
    return int(await tx.scalar(_COUNT, {"at": at, "most": most}))

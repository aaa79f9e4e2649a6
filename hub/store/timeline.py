"""Timelines: all that the books know of an order, or of the whole hub, for the desk, the command and the API."""

from uuid import UUID

from msgspec import Struct
from sqlalchemy import text

from hub.model.telling.tell import Happening
from hub.store.db import Tx

_SAME_MOMENT = "CASE source WHEN 'message' THEN 0 WHEN 'event' THEN 1 ELSE 2 END"
_OF_ORDER = text(f"""
WITH o AS (
  SELECT o.id, o.currency, c.slug, c.name FROM orders o JOIN channels c ON c.id = o.channel_id WHERE o.id = :order_id
)
SELECT t.at, t.source, t.kind, t.actor, t.facts, t.cause, o.slug, o.name, o.currency, t.place
FROM o CROSS JOIN LATERAL (
  (SELECT i.received_at AS at, 'message' AS source, i.id::text AS tie, i.state AS kind, o.slug AS actor,
     jsonb_strip_nulls(jsonb_build_object('message', i.id, 'source', i.source, 'topic', nullif(i.topic, ''),
       'reason', nullif(i.reason, ''))) AS facts, '' AS cause, '' AS place
   FROM inbox i WHERE i.order_id = o.id ORDER BY i.received_at DESC, i.id DESC LIMIT 100)
  UNION ALL
  SELECT e.at, 'event', lpad(e.id::text, 20, '0'), e.kind, e.actor,
    e.facts || coalesce((SELECT jsonb_build_object('why', d.reason) FROM order_edits d
      WHERE d.id = CAST(e.facts->>'edit' AS uuid)), '{{}}'), '', ''
  FROM events e WHERE e.order_id = o.id
  UNION ALL
  SELECT m.at, 'movement', m.id::text, m.kind, m.actor, jsonb_strip_nulls(jsonb_build_object(
    'sku', m.sku, 'location', m.location, 'on_hand_change', nullif(m.on_hand_change, 0),
    'allocated_change', nullif(m.allocated_change, 0), 'reason', nullif(m.reason, ''))), m.cause,
    coalesce(p.name, m.location)
  FROM order_lines l JOIN movements m ON m.order_line_id = l.id LEFT JOIN locations p ON p.code = m.location
  WHERE l.order_id = o.id
) t ORDER BY at, {_SAME_MOMENT}, tie""")  # noqa: S608 -- constants only


async def timeline_of(tx: Tx, order_id: UUID) -> list[Happening]:
    """All that happened to the order, the oldest first; of one moment the message, the decision, the stock.

    Of its raw messages the newest hundred.
    """
    return [Happening(*row) for row in await tx.execute(_OF_ORDER, {"order_id": order_id})]


class Recorded(Struct, frozen=True):
    """An event of the whole hub; `order_number` 0 where it is about none. `id` grows with time."""

    id: int
    order_number: int
    happened: Happening


_HISTORY = text("""
SELECT e.id, coalesce(o.number, 0), e.at, 'event', e.kind, e.actor, e.facts, '', coalesce(c.slug, ''),
  coalesce(c.name, ''), coalesce(o.currency, ''), ''
FROM (
  SELECT * FROM events WHERE id < :before AND (CAST(:actor AS text) IS NULL OR actor = :actor)
  ORDER BY id DESC LIMIT :limit
) e LEFT JOIN orders o ON o.id = e.order_id LEFT JOIN channels c ON c.id = coalesce(e.channel_id, o.channel_id)
ORDER BY e.id DESC""")
NEWEST = 2**62


async def history(tx: Tx, *, before: int = NEWEST, actor: str | None = None, limit: int) -> list[Recorded]:
    """What was recorded anywhere, by anybody or by one, the newest first."""
    rows = await tx.execute(_HISTORY, {"before": before, "actor": actor, "limit": limit})
    return [Recorded(row[0], row[1], Happening(*row[2:])) for row in rows]

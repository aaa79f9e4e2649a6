"""Events: what happened to an order or a channel, by whom; ids and counts only, never personal data (L17)."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from msgspec import Struct
from sqlalchemy import text

from hub.model.telling.kinds import Kind
from hub.store.db import Tx, page


class Event(Struct, frozen=True):
    kind: Kind
    actor: str
    order_id: UUID | None = None
    channel_id: UUID | None = None
    facts: Mapping[str, object] = {}


_ADD = text("""
INSERT INTO events (at, kind, actor, order_id, channel_id, facts)
SELECT :at, kind, actor, order_id, channel_id, facts FROM json_to_recordset(CAST(:page AS json))
  AS x(kind text, actor text, order_id uuid, channel_id uuid, facts jsonb)""")


async def add_events(tx: Tx, events: Sequence[Event], *, at: datetime) -> None:
    if events:
        await tx.execute(_ADD, {"page": page(events), "at": at})


ADD_IF_WATCHED = """
INSERT INTO events (at, kind, actor, channel_id, facts)
SELECT :at, :kind, :actor, :channel_id, CAST(:facts AS jsonb)
WHERE EXISTS (SELECT FROM followers WHERE role = 'observer')"""
"""What is no part of anybody's timeline, and happens often, is kept for observers alone, where there are any.

For a statement that has more to keep; its values are `as_values` of the event.
"""


def as_values(event: Event) -> dict[str, object]:
    return {
        "kind": event.kind,
        "actor": event.actor,
        "channel_id": event.channel_id,
        "facts": page(event.facts),
    }


_NEWEST = text("SELECT coalesce(max(id), 0) FROM events")
# Whoever writes events holds this lock before it draws its first id, and until its commit can be seen.
_WRITERS = text("""
SELECT virtualtransaction FROM pg_locks WHERE relation = 'events'::regclass AND mode = 'RowExclusiveLock' AND granted
  AND database = (SELECT oid FROM pg_database WHERE datname = current_database()) AND pid <> pg_backend_pid()""")


async def newest_event(tx: Tx) -> int:
    """The highest id that can be seen; lower ones may still be on their way, see `event_writers`."""
    found: int = await tx.scalar(_NEWEST)
    return found


async def event_writers(tx: Tx) -> set[str]:
    """Transactions that may have drawn an id and not committed. Once these have ended, no lower id can appear."""
    return {row.virtualtransaction for row in await tx.execute(_WRITERS)}


class Happened(Struct, frozen=True):
    """One event with the order's number and the channel's slug; 0 and "" where it is about none."""

    id: int
    at: datetime
    kind: str
    actor: str
    order_number: int
    channel: str
    facts: Mapping[str, object]


_AFTER = text("""
SELECT e.id, e.at, e.kind, e.actor, coalesce(o.number, 0), coalesce(c.slug, ''), e.facts
FROM (SELECT * FROM events WHERE id > :after AND id <= :upto ORDER BY id LIMIT :limit) e
LEFT JOIN orders o ON o.id = e.order_id LEFT JOIN channels c ON c.id = coalesce(e.channel_id, o.channel_id)
ORDER BY e.id""")


async def events_after(tx: Tx, after: int, *, upto: int, limit: int) -> list[Happened]:
    """The oldest first."""
    rows = await tx.execute(_AFTER, {"after": after, "upto": upto, "limit": limit})
    return [Happened(*row) for row in rows]

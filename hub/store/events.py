"""Events: what happened to an order or a channel, by whom; ids and counts only, never personal data (L17)."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from msgspec import Struct
from sqlalchemy import text

from hub.store.db import Tx, page


class Event(Struct, frozen=True):
    kind: str
    actor: str
    order_id: UUID | None = None
    channel_id: UUID | None = None
    facts: Mapping[str, object] = {}


_ADD = text("""
INSERT INTO events (at, kind, actor, order_id, channel_id, facts)
SELECT :at, kind, actor, order_id, channel_id, facts FROM jsonb_to_recordset(CAST(:page AS jsonb))
  AS x(kind text, actor text, order_id uuid, channel_id uuid, facts jsonb)""")


async def add_events(tx: Tx, events: Sequence[Event], *, at: datetime) -> None:
    if events:
        await tx.execute(_ADD, {"page": page(events), "at": at})

"""The inbox: raw messages as they arrived, before anything understood them."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from msgspec import Struct
from sqlalchemy import text

from hub.store.channels import COUNT, tally_page
from hub.store.db import PLANNED_ONCE, Tx, page
from hub.store.sync.stages import NOTE_STAGES, Took, stage_page


class NewMessage(Struct, frozen=True):
    """One row to be; `body` is sealed already."""

    id: UUID
    delivery_key: str
    topic: str
    channel_order_id: str
    complete: bool
    body: bytes
    state: str = "waiting"
    reason: str = ""


class Waiting(Struct, frozen=True):
    id: UUID
    delivery_key: str
    source: str
    topic: str
    channel_order_id: str
    complete: bool
    body: bytes
    attempts: int
    received_at: datetime


class Settled(Struct, frozen=True):
    """What became of one message: its state, why, and the order it belongs to."""

    id: UUID
    state: str
    reason: str = ""
    order_id: UUID | None = None


_ADD = text("""
INSERT INTO inbox (id, channel_id, delivery_key, source, topic, channel_order_id, complete, body, state, reason,
                   received_at, settled_at)
SELECT x.id, :channel_id, x.delivery_key, :source, x.topic, x.channel_order_id, x.complete,
       decode(x.body, 'base64'), x.state, x.reason, :at, CASE WHEN x.state <> 'waiting' THEN :at END
FROM (SELECT DISTINCT ON (delivery_key) * FROM json_to_recordset(CAST(:page AS json))
      AS r(id uuid, delivery_key text, topic text, channel_order_id text, complete bool, body text, state text,
           reason text)
      ORDER BY delivery_key) x
ON CONFLICT (channel_id, delivery_key) DO NOTHING
RETURNING id""")


async def add_messages(
    tx: Tx, channel_id: UUID, messages: Sequence[NewMessage], *, source: str, at: datetime
) -> list[UUID]:
    """Store what is new and return its ids; a delivery key seen before is left as it is (L1)."""
    rows = await tx.execute(
        _ADD, {"channel_id": channel_id, "source": source, "at": at, "page": page(messages)}
    )
    return [row.id for row in rows]


_LOOK = text("""
SELECT id, delivery_key, source, topic, channel_order_id, complete, body, attempts, received_at FROM inbox
WHERE channel_id = :channel_id AND state = 'waiting' AND complete = :complete
  AND (next_try_at IS NULL OR next_try_at <= :at) AND (CAST(:only AS uuid[]) IS NULL OR id = ANY(:only))
ORDER BY received_at, id LIMIT :limit""")


async def look_at_waiting(
    tx: Tx,
    channel_id: UUID,
    *,
    complete: bool = True,
    limit: int,
    at: datetime,
    only: Sequence[UUID] | None = None,
) -> list[Waiting]:
    """The oldest messages that wait, without a lock: to be read, or fetched, before anything is held."""
    wanted = {
        "channel_id": channel_id,
        "complete": complete,
        "limit": limit,
        "at": at,
        "only": list(only) if only is not None else None,
    }
    return [Waiting(*row) for row in (await tx.execute(_LOOK, wanted)).all()]


# So few messages are a sale or a rush, and no backfill, whose tables may be new; a lone one gained 5 of its 25 ms.
PLANNED_ONCE_MAX = 20
_HOLD = text(f"""
SELECT id, CASE WHEN cardinality(CAST(:ids AS uuid[])) <= {PLANNED_ONCE_MAX} THEN {PLANNED_ONCE} END FROM inbox
WHERE id = ANY(:ids) AND state = 'waiting' ORDER BY received_at, id FOR UPDATE SKIP LOCKED""")  # noqa: S608


async def hold_waiting(tx: Tx, ids: Sequence[UUID]) -> set[UUID]:
    """Lock those of these messages that still wait, passing over those others hold; return which they are."""
    return {row.id for row in (await tx.execute(_HOLD, {"ids": list(ids)})).all()}


_SETTLE = text("""
UPDATE inbox SET state = x.state, reason = x.reason, order_id = coalesce(x.order_id, inbox.order_id),
       settled_at = :at, next_try_at = NULL
FROM json_to_recordset(CAST(:page AS json)) AS x(id uuid, state text, reason text, order_id uuid)
WHERE inbox.id = x.id AND inbox.state = 'waiting'""")


async def settle(tx: Tx, settled: Sequence[Settled], *, at: datetime) -> None:
    """Say what became of messages that wait; one that somebody else has settled meanwhile keeps what they said."""
    await tx.execute(_SETTLE, {"page": page(settled), "at": at})


_NOTE_ROUND = text(f"WITH counted AS ({COUNT}) {NOTE_STAGES}")


async def note_round(
    tx: Tx, channel_id: UUID, tallies: Mapping[str, int], took: Took, *, at: datetime
) -> None:
    """Raise the channel's counters by what a batch came to, and keep how long its messages took."""
    values = {"tallies": tally_page(tallies), "stages": stage_page(took)}
    await tx.execute(_NOTE_ROUND, {"channel_id": channel_id, "at": at, **values})


_POSTPONE = text("""
UPDATE inbox SET attempts = attempts + 1, next_try_at = :next_try_at, reason = :reason
WHERE id = ANY(:ids) AND state = 'waiting'""")


async def postpone(tx: Tx, ids: Sequence[UUID], *, until: datetime, reason: str) -> None:
    """Leave the messages waiting, with the reason to be seen."""
    await tx.execute(_POSTPONE, {"ids": list(ids), "next_try_at": until, "reason": reason})


_RETRY = text("""
UPDATE inbox SET state = 'waiting', reason = '', next_try_at = NULL, settled_at = NULL, attempts = 0
WHERE state = 'parked' AND (CAST(:ids AS uuid[]) IS NULL OR id = ANY(:ids))
  AND (CAST(:channel_id AS uuid) IS NULL OR channel_id = :channel_id)
RETURNING channel_id""")


async def retry_parked(
    tx: Tx, *, ids: Sequence[UUID] | None = None, channel_id: UUID | None = None
) -> list[UUID]:
    """Put parked messages back in line and return the channel of each."""
    rows = await tx.execute(_RETRY, {"ids": list(ids) if ids is not None else None, "channel_id": channel_id})
    return [row.channel_id for row in rows]


class Dismissed(Struct, frozen=True):
    id: UUID
    channel_id: UUID
    order_id: UUID | None


_DISMISS = text("""
WITH parked AS (SELECT id FROM inbox WHERE id = ANY(:ids) AND state = 'parked' ORDER BY id FOR UPDATE)
UPDATE inbox i SET state = 'ignored', reason = :reason, next_try_at = NULL, settled_at = :at
FROM parked WHERE i.id = parked.id RETURNING i.id, i.channel_id, i.order_id""")


async def dismiss_parked(tx: Tx, ids: Sequence[UUID], *, reason: str, at: datetime) -> list[Dismissed]:
    """Ignore parked messages because a person says so; return those that were parked."""
    rows = await tx.execute(_DISMISS, {"ids": list(ids), "reason": reason, "at": at})
    return [Dismissed(*row) for row in rows]


_WAITING_CHANNELS = text("""
SELECT DISTINCT i.channel_id FROM inbox i JOIN channels c ON c.id = i.channel_id
WHERE i.state = 'waiting' AND i.received_at <= :before AND (i.next_try_at IS NULL OR i.next_try_at <= :at)""")


async def channels_waiting(tx: Tx, *, before: datetime, at: datetime) -> list[UUID]:
    """Channels whose messages have waited since before: their ring was lost (L3)."""
    return [row.channel_id for row in await tx.execute(_WAITING_CHANNELS, {"before": before, "at": at})]


_COMING = text("""
SELECT DISTINCT channel_order_id FROM inbox
WHERE channel_id = :channel_id AND state = 'waiting' AND channel_order_id = ANY(:ids)""")


async def orders_coming(tx: Tx, channel_id: UUID, channel_order_ids: Collection[str]) -> set[str]:
    """Those of these orders of which there is news that nobody has taken yet."""
    wanted = {"channel_id": channel_id, "ids": sorted(channel_order_ids)}
    return {row.channel_order_id for row in await tx.execute(_COMING, wanted)}


_BEHIND = text("""
SELECT EXISTS (SELECT FROM inbox WHERE channel_id = :channel_id AND state = 'waiting' AND received_at < :before)
  OR EXISTS (SELECT FROM inbox WHERE channel_id = :channel_id AND state = 'parked'
             AND received_at < :before AND received_at > :parked_since)""")


async def is_behind(tx: Tx, channel_id: UUID, *, before: datetime, parked_since: datetime) -> bool:
    """Whether a message that came before then waits, or is parked and not older than that."""
    wanted = {"channel_id": channel_id, "before": before, "parked_since": parked_since}
    return bool(await tx.scalar(_BEHIND, wanted))


_STATES = text("SELECT id, state, reason, order_id, channel_order_id FROM inbox WHERE id = ANY(:ids)")


class Standing(Struct, frozen=True):
    id: UUID
    state: str
    reason: str
    order_id: UUID | None
    channel_order_id: str


async def standing_of(tx: Tx, ids: Sequence[UUID]) -> list[Standing]:
    return [Standing(*row) for row in await tx.execute(_STATES, {"ids": list(ids)})]


_REOPEN = text("""
UPDATE inbox SET state = 'waiting', reason = '', settled_at = NULL
WHERE channel_id = :channel_id AND delivery_key = ANY(:keys) AND source = 'form' AND state IN ('parked', 'ignored')
RETURNING id""")


async def reopen(tx: Tx, channel_id: UUID, delivery_keys: Sequence[str]) -> list[UUID]:
    """Put parked messages back in line because they were sent again by a person."""
    rows = await tx.execute(_REOPEN, {"channel_id": channel_id, "keys": list(delivery_keys)})
    return [row.id for row in rows]


class Letter(Struct, frozen=True):
    """One message as a list shows it, without its body; `number` is our order's, once there is one."""

    id: UUID
    channel: str
    delivery_key: str
    source: str
    topic: str
    channel_order_id: str
    state: str
    reason: str
    received_at: datetime
    number: int | None


_LETTERS = """
SELECT i.id, c.slug, i.delivery_key, i.source, i.topic, i.channel_order_id, i.state, i.reason, i.received_at, o.number
FROM inbox i JOIN channels c ON c.id = i.channel_id
LEFT JOIN orders o ON o.channel_id = i.channel_id AND o.channel_order_id = i.channel_order_id"""
_BY_KEY = text(f"{_LETTERS} WHERE i.channel_id = :channel_id AND i.delivery_key = ANY(:keys)")
_BY_ID = text(f"{_LETTERS} WHERE i.id = ANY(:ids) ORDER BY i.received_at, i.id")
_LATEST = text(f"""{_LETTERS}
WHERE (CAST(:channel AS text) IS NULL OR c.slug = :channel) AND (NOT :parked OR i.state = 'parked')
ORDER BY i.received_at DESC, i.id DESC LIMIT :limit""")


async def letters_by_key(tx: Tx, channel_id: UUID, keys: Sequence[str]) -> dict[str, Letter]:
    rows = await tx.execute(_BY_KEY, {"channel_id": channel_id, "keys": list(keys)})
    return {row.delivery_key: Letter(*row) for row in rows}


async def letters_by_id(tx: Tx, ids: Sequence[UUID]) -> list[Letter]:
    return [Letter(*row) for row in await tx.execute(_BY_ID, {"ids": list(ids)})]


async def latest(tx: Tx, *, channel: str | None = None, parked: bool = False, limit: int) -> list[Letter]:
    """The newest messages first."""
    wanted = {"channel": channel, "parked": parked, "limit": limit}
    return [Letter(*row) for row in await tx.execute(_LATEST, wanted)]

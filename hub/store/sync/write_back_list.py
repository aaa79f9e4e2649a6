"""Write-backs as people read them: what waits, what was refused and why, what the channel has and since when."""

from datetime import datetime
from decimal import Decimal
from uuid import UUID

import msgspec
from msgspec import Struct
from sqlalchemy import text

from hub.model.sync.write_backs import OPEN, Kind, State
from hub.store.db import Tx

FIRST = UUID(int=0)
UNSETTLED = (*OPEN, State.REJECTED)
"""What the channel does not know of, and nobody has let be."""


class WriteBack(Struct, frozen=True):
    """`carrier` and `tracking` are a parcel's, `amount` a refund's; `told_at` is when the channel said it has it.

    One that `corrects` another tells of the carrier and number that its parcel has now.
    """

    id: UUID
    channel: str
    order_id: UUID
    order_number: int
    kind: Kind
    cause_id: UUID
    corrects: UUID | None
    state: State
    reason: str
    carrier: str
    tracking: str
    amount: Decimal | None
    currency: str
    channel_ref: str
    settled_by: str
    attempts: int
    made_at: datetime
    sent_at: datetime | None
    next_try_at: datetime | None
    told_at: datetime | None


_LIST = text("""
SELECT w.id, c.slug AS channel, w.order_id, o.number AS order_number, w.kind, w.cause_id, w.corrects, w.state, w.reason,
  coalesce(h.carrier, '') AS carrier, coalesce(h.tracking, '') AS tracking, w.amount, o.currency, w.channel_ref,
  w.settled_by, w.attempts, w.made_at, w.sent_at, w.next_try_at, w.told_at
FROM write_backs w JOIN orders o ON o.id = w.order_id JOIN channels c ON c.id = w.channel_id
LEFT JOIN write_backs f ON f.id = w.corrects
LEFT JOIN shipments h ON w.kind = 'fulfillment' AND h.id = coalesce(f.cause_id, w.cause_id)
WHERE w.id > :after AND w.state = ANY(:states)
  AND (CAST(:channel_id AS uuid) IS NULL OR w.channel_id = :channel_id)
  AND (CAST(:number AS bigint) IS NULL OR o.number = :number)
ORDER BY w.id LIMIT :limit""")


async def list_write_backs(
    tx: Tx,
    *,
    channel_id: UUID | None = None,
    number: int | None = None,
    settled: bool = False,
    after: UUID = FIRST,
    limit: int,
) -> list[WriteBack]:
    """The oldest first, of a channel, of an order, or of all; with `settled`, also what nobody has to look at."""
    states = [str(each) for each in (State if settled else UNSETTLED)]
    wanted = {"channel_id": channel_id, "number": number, "states": states, "after": after, "limit": limit}
    return [msgspec.convert(dict(row), WriteBack) for row in (await tx.execute(_LIST, wanted)).mappings()]


class Standing(Struct, frozen=True):
    """How a channel keeps up with what was done to its orders: what it is to be told, how long, and what it refused."""

    slug: str
    write_backs_waiting: int
    write_backs_refused: int
    oldest_write_back_s: int | None


_STANDINGS = text("""
SELECT c.slug, count(w.id) FILTER (WHERE w.state <> 'rejected'), count(w.id) FILTER (WHERE w.state = 'rejected'),
  floor(extract(epoch FROM :at - min(w.made_at) FILTER (WHERE w.state <> 'rejected')))::bigint
FROM channels c LEFT JOIN write_backs w ON w.channel_id = c.id AND w.state = ANY(:states)
GROUP BY c.slug ORDER BY c.slug""")


async def standings(tx: Tx, *, at: datetime) -> list[Standing]:
    """Of every channel, in one statement."""
    rows = await tx.execute(_STANDINGS, {"states": [str(each) for each in UNSETTLED], "at": at})
    return [Standing(*row) for row in rows]

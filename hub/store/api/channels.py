"""Channels as the API shows them: their health, and what of them waits for a person."""

from datetime import datetime
from uuid import UUID

import msgspec
from msgspec import Struct
from sqlalchemy import text

from hub.model.fulfillment.ship_by import Handling
from hub.store.accounts import SHARES_LIMITS_WITH
from hub.store.db import Tx
from hub.store.freshness import TO_TELL


class ChannelHealth(Struct, frozen=True):
    """How one channel does. Ages are seconds; null where nothing waits or nothing was confirmed yet."""

    id: UUID
    slug: str
    name: str
    kind: str
    state: str
    account_state: str
    problem: str
    failures: int
    paused_until: datetime | None
    pulled_at: datetime | None
    next_pull_at: datetime
    inbox_waiting: int
    inbox_parked: int
    listings: int
    listings_unmatched: int
    publications_waiting: int
    oldest_waiting_s: int | None
    oldest_confirmed_s: int | None
    counters: dict[str, int]
    unpaid_hours: int | None
    unpaid_but: list[str]
    handling: Handling | None
    shares_limits_with: list[str]


_CHANNELS = text(f"""
SELECT c.id, c.slug, c.name, a.kind, c.state, a.state AS account_state, c.problem, c.failures, c.paused_until,
       c.pulled_at, c.next_pull_at, coalesce(i.waiting, 0) AS inbox_waiting,
       coalesce(i.parked, 0) AS inbox_parked,
       coalesce(l.listed, 0) AS listings, coalesce(l.unmatched, 0) AS listings_unmatched,
       coalesce(p.waiting, 0) AS publications_waiting,
       floor(extract(epoch FROM :at - p.waiting_since))::bigint AS oldest_waiting_s,
       floor(extract(epoch FROM :at - p.confirmed_at))::bigint AS oldest_confirmed_s,
       coalesce(n.counters, '{{}}') AS counters, c.unpaid_hours, c.unpaid_but, c.handling,
       {SHARES_LIMITS_WITH} AS shares_limits_with
FROM channels c JOIN accounts a ON a.id = c.account_id
LEFT JOIN (SELECT channel_id, count(*) FILTER (WHERE state = 'waiting') AS waiting,
                  count(*) FILTER (WHERE state = 'parked') AS parked
           FROM inbox WHERE state IN ('waiting', 'parked') GROUP BY channel_id) i ON i.channel_id = c.id
LEFT JOIN (SELECT channel_id, count(*) AS listed, count(*) FILTER (WHERE sku IS NULL) AS unmatched
           FROM listings GROUP BY channel_id) l ON l.channel_id = c.id
LEFT JOIN (SELECT channel_id, count(*) FILTER (WHERE {TO_TELL}) AS waiting,
                  min(dirty_since) FILTER (WHERE {TO_TELL}) AS waiting_since,
                  min(confirmed_at) AS confirmed_at
           FROM publications p GROUP BY channel_id) p ON p.channel_id = c.id
LEFT JOIN (SELECT channel_id, jsonb_object_agg(name, count) AS counters
           FROM counters GROUP BY channel_id) n ON n.channel_id = c.id
ORDER BY c.slug""")  # noqa: S608 -- constants only


async def channels(tx: Tx, *, at: datetime) -> list[ChannelHealth]:
    rows = await tx.execute(_CHANNELS, {"at": at})
    return msgspec.convert([dict(row) for row in rows.mappings()], list[ChannelHealth])


class Letter(Struct, frozen=True):
    """One message of the inbox, without its body: that may hold personal data."""

    id: UUID
    channel: str
    source: str
    topic: str
    channel_order_id: str
    state: str
    reason: str
    attempts: int
    received_at: datetime


_LETTERS = text("""
SELECT i.id, c.slug, i.source, i.topic, i.channel_order_id, i.state, i.reason, i.attempts, i.received_at
FROM inbox i JOIN channels c ON c.id = i.channel_id
WHERE i.state = 'parked' AND (i.received_at, i.id) < (CAST(:received_at AS timestamptz), CAST(:id AS uuid))
  AND (CAST(:channel AS text) IS NULL OR c.slug = :channel)
ORDER BY i.received_at DESC, i.id DESC LIMIT :limit""")
LATEST = ("infinity", UUID(int=2**128 - 1))


async def parked(
    tx: Tx, *, before: tuple[str, UUID] = LATEST, channel: str | None = None, limit: int
) -> list[Letter]:
    """Return one page of messages that wait for a person, the newest first."""
    wanted = {"received_at": before[0], "id": before[1], "channel": channel, "limit": limit}
    return [Letter(*row) for row in await tx.execute(_LETTERS, wanted)]

"""Channels with their health: when they were last heard of, how fresh what they show is, what goes wrong."""

from datetime import datetime
from uuid import UUID

from msgspec import Struct
from sqlalchemy import text

from hub.store.accounts import SHARES_LIMITS_WITH
from hub.store.db import Tx
from hub.store.desk.rows import rows_of
from hub.store.freshness import FRESHNESS, TO_TELL


class Counter(Struct, frozen=True):
    name: str
    count: int
    last_at: datetime


class ChannelRow(Struct, frozen=True):
    id: UUID
    slug: str
    name: str
    kind: str
    account_name: str
    account_state: str
    state: str
    problem: str
    failures: int
    pull_every_s: int
    pulled_at: datetime | None
    paused_until: datetime | None
    confirmed_at: datetime | None
    oldest_at: datetime | None
    freshness: dict[str, int]
    orders_today: int
    last_order_at: datetime | None
    waiting: int
    parked: int
    unmatched: int
    gone: int
    counters: list[Counter]
    shares_limits_with: list[str]


class ChannelName(Struct, frozen=True):
    slug: str
    name: str
    kind: str


# Publications are counted once for all channels; the rest is a few index look-ups for each.
_CHANNELS = text(f"""
WITH states AS (
    SELECT p.channel_id, {FRESHNESS} AS state, count(*) AS listings, max(p.confirmed_at) AS confirmed_at,
        min(p.dirty_since) FILTER (WHERE {TO_TELL}) AS oldest_at
    FROM publications p GROUP BY 1, 2),
fresh AS (
    SELECT channel_id, jsonb_object_agg(state, listings) AS freshness, max(confirmed_at) AS confirmed_at,
        min(oldest_at) AS oldest_at FROM states GROUP BY 1),
today AS (
    SELECT channel_id, count(*) AS orders_today, max(placed_at) AS last_order_at
    FROM orders WHERE placed_at >= :since GROUP BY 1),
pile AS (
    SELECT channel_id, count(*) FILTER (WHERE state = 'waiting') AS waiting,
        count(*) FILTER (WHERE state = 'parked') AS parked
    FROM inbox WHERE state IN ('waiting', 'parked') GROUP BY 1),
offers AS (
    SELECT channel_id, count(*) FILTER (WHERE gone_at IS NULL) AS unmatched, count(gone_at) AS gone
    FROM listings WHERE sku IS NULL OR gone_at IS NOT NULL GROUP BY 1),
counted AS (
    SELECT channel_id, jsonb_agg(jsonb_build_object('name', name, 'count', count, 'last_at', last_at)
        ORDER BY name) AS counters FROM counters GROUP BY 1)
SELECT c.id, c.slug, c.name, a.kind, a.name AS account_name, a.state AS account_state, c.state, c.problem,
    c.failures, c.pull_every_s, c.pulled_at, c.paused_until, f.confirmed_at, f.oldest_at,
    coalesce(f.freshness, '{{}}') AS freshness, coalesce(t.orders_today, 0) AS orders_today, t.last_order_at,
    coalesce(p.waiting, 0) AS waiting, coalesce(p.parked, 0) AS parked,
    coalesce(l.unmatched, 0) AS unmatched, coalesce(l.gone, 0) AS gone,
    coalesce(n.counters, '[]') AS counters, {SHARES_LIMITS_WITH} AS shares_limits_with
FROM channels c JOIN accounts a ON a.id = c.account_id
LEFT JOIN fresh f ON f.channel_id = c.id LEFT JOIN today t ON t.channel_id = c.id
LEFT JOIN pile p ON p.channel_id = c.id LEFT JOIN offers l ON l.channel_id = c.id
LEFT JOIN counted n ON n.channel_id = c.id
ORDER BY c.name, c.slug""")  # noqa: S608 -- constants only

_NAMES = text("""
SELECT c.slug, c.name, a.kind FROM channels c JOIN accounts a ON a.id = c.account_id ORDER BY c.name, c.slug""")


async def list_channels(tx: Tx, *, since: datetime, at: datetime) -> list[ChannelRow]:
    """Every channel in one statement; `since` begins the time for which orders are counted."""
    return await rows_of(tx, _CHANNELS, ChannelRow, since=since, at=at)


async def name_channels(tx: Tx) -> list[ChannelName]:
    return await rows_of(tx, _NAMES, ChannelName)

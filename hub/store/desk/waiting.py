"""All that waits for a person, each with its reason: the home of exceptions."""

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from msgspec import Struct
from sqlalchemy import text

from hub.store.db import Tx
from hub.store.desk.rows import row_of, rows_of
from hub.store.orders import PARTS
from hub.store.sync.drift import ASKED


class HeldOrder(Struct, frozen=True):
    """`lacking` are the SKUs that stock must come for, `unmatched` the listings of theirs that need a SKU."""

    id: UUID
    number: int
    channel_slug: str
    channel_name: str
    channel_kind: str
    placed_at: datetime
    currency: str
    total: Decimal
    holds: list[str]
    personal: bytes
    lacking: list[str]
    unmatched: list[str]


class UnmatchedListing(Struct, frozen=True):
    """A listing that orders wait for. `suggested` is our SKU that reads exactly as the channel's."""

    id: UUID
    channel_slug: str
    channel_name: str
    channel_kind: str
    channel_listing_id: str
    channel_sku: str
    title: str
    orders: int
    units: int
    since: datetime
    suggested: str


class ParkedMessage(Struct, frozen=True):
    id: UUID
    channel_id: UUID
    channel_name: str
    channel_kind: str
    source: str
    topic: str
    channel_order_id: str
    reason: str
    attempts: int
    received_at: datetime


class RejectedPublication(Struct, frozen=True):
    listing_id: UUID
    channel_slug: str
    channel_name: str
    channel_kind: str
    channel_listing_id: str
    sku: str | None
    title: str
    problem: str
    sent_quantity: int | None
    sent_at: datetime | None


class TroubledChannel(Struct, frozen=True):
    slug: str
    name: str
    kind: str
    state: str
    account_name: str
    account_state: str
    problem: str
    failures: int
    pulled_at: datetime | None
    paused_until: datetime | None


class AskingChannel(Struct, frozen=True):
    """A channel of which a person is asked about `many`: suspended changes, drift, or what it refused of orders.

    Of the suspended ones `to_none` would go to 0.
    """

    slug: str
    name: str
    kind: str
    asks: str
    many: int
    to_none: int
    since: datetime


class WaitingCount(Struct, frozen=True):
    """How many things wait, each kind counted up to a limit."""

    orders: int = 0
    messages: int = 0
    publications: int = 0
    channels: int = 0
    asking: int = 0  # channels
    alarms: int = 0  # of stock; they have a page of their own

    @property
    def total(self) -> int:
        return self.orders + self.messages + self.publications + self.channels + self.asking


_TROUBLED = """c.state <> 'closed'
    AND (c.problem <> '' OR c.state <> 'active' OR c.paused_until > :at OR a.state <> 'ok')"""

_SUSPENDED = "p.suspended_at IS NOT NULL AND p.dismissed_at IS NULL AND p.stopped_at IS NULL"

_COUNT = text(f"""
SELECT (SELECT count(*) FROM (SELECT FROM orders WHERE holds <> '{{}}' LIMIT :most) o) AS orders,
    (SELECT count(*) FROM (SELECT FROM inbox WHERE state = 'parked' LIMIT :most) i) AS messages,
    (SELECT count(*) FROM (SELECT FROM publications
        WHERE confirmed_version < version AND outcome = 'rejected' AND NOT shadowed LIMIT :most) p) AS publications,
    (SELECT count(*) FROM channels c JOIN accounts a ON a.id = c.account_id WHERE {_TROUBLED}) AS channels,
    (SELECT count(DISTINCT channel_id) FROM publications p WHERE {_SUSPENDED})
      + (SELECT count(DISTINCT d.channel_id) FROM drifts d JOIN publications p USING (listing_id)
         WHERE {ASKED})
      + (SELECT count(DISTINCT channel_id) FROM write_backs WHERE state = 'rejected') AS asking,
    (SELECT count(*) FROM (SELECT FROM alarms
        WHERE closed_at IS NULL AND dismissed_at IS NULL LIMIT :most) r) AS alarms""")  # noqa: S608 -- constants only

# Oldest day first, within a day the costliest: each currency has its own costliest, for they cannot be compared.
_ORDERS = text(f"""
SELECT o.id, o.number, c.slug AS channel_slug, c.name AS channel_name, a.kind AS channel_kind, o.placed_at,
    o.currency, o.total, o.holds, o.personal, coalesce(l.lacking, '{{}}') AS lacking,
    coalesce(l.unmatched, '{{}}') AS unmatched
FROM (SELECT *, CAST(placed_at AT TIME ZONE 'UTC' AS date) AS day FROM orders
    WHERE holds <> '{{}}' ORDER BY placed_at, number LIMIT :limit) o
JOIN channels c ON c.id = o.channel_id JOIN accounts a ON a.id = c.account_id
CROSS JOIN LATERAL (
    SELECT array_agg(DISTINCT sku) FILTER (WHERE sku IS NOT NULL AND (allocated + shipped < quantity - canceled
            OR EXISTS (SELECT FROM {PARTS} n JOIN levels v USING (sku) WHERE v.on_hand < 0))) AS lacking,
        array_agg(DISTINCT coalesce(nullif(channel_listing_id, ''), channel_sku))
            FILTER (WHERE sku IS NULL) AS unmatched
    FROM order_lines l WHERE order_id = o.id AND kind = 'item') l
ORDER BY o.day, rank() OVER (PARTITION BY o.day, o.currency ORDER BY o.total DESC), o.placed_at, o.number""")  # noqa: S608 -- constants only

_UNMATCHED = text("""
SELECT i.id, c.slug AS channel_slug, c.name AS channel_name, a.kind AS channel_kind, i.channel_listing_id,
    i.channel_sku, i.title, w.orders, w.units, w.since, coalesce(s.sku, '') AS suggested
FROM (SELECT o.channel_id, coalesce(nullif(l.channel_listing_id, ''), l.channel_sku) AS named,
        count(DISTINCT o.id) AS orders, sum(l.quantity - l.canceled) AS units, min(o.placed_at) AS since
    FROM (SELECT id, channel_id, placed_at FROM orders WHERE holds <> '{}' AND 'unmatched' = ANY(holds)
        ORDER BY placed_at LIMIT :orders) o
    JOIN order_lines l ON l.order_id = o.id AND l.kind = 'item' AND l.sku IS NULL GROUP BY 1, 2) w
JOIN listings i ON i.channel_id = w.channel_id AND i.channel_listing_id = w.named AND i.sku IS NULL
JOIN channels c ON c.id = i.channel_id JOIN accounts a ON a.id = c.account_id
LEFT JOIN skus s ON s.sku = i.channel_sku ORDER BY w.since, i.id LIMIT :limit""")

_MESSAGES = text("""
SELECT i.id, i.channel_id, c.name AS channel_name, a.kind AS channel_kind, i.source, i.topic,
    i.channel_order_id, i.reason, i.attempts, i.received_at
FROM (SELECT * FROM inbox WHERE state = 'parked' ORDER BY received_at LIMIT :limit) i
JOIN channels c ON c.id = i.channel_id JOIN accounts a ON a.id = c.account_id ORDER BY i.received_at, i.id""")

_PUBLICATIONS = text("""
SELECT p.listing_id, c.slug AS channel_slug, c.name AS channel_name, a.kind AS channel_kind,
    i.channel_listing_id, i.sku, i.title, p.problem, p.sent_quantity, p.sent_at
FROM publications p JOIN listings i ON i.id = p.listing_id
JOIN channels c ON c.id = p.channel_id JOIN accounts a ON a.id = c.account_id
WHERE p.confirmed_version < p.version AND p.outcome = 'rejected' AND NOT p.shadowed
ORDER BY p.sent_at, p.listing_id LIMIT :limit""")

_CHANNELS = text(f"""
SELECT c.slug, c.name, a.kind, c.state, a.name AS account_name, a.state AS account_state, c.problem,
    c.failures, c.pulled_at, c.paused_until
FROM channels c JOIN accounts a ON a.id = c.account_id WHERE {_TROUBLED} ORDER BY c.pulled_at, c.name""")  # noqa: S608 -- constants only


_ASKING = text(f"""
SELECT c.slug, c.name, a.kind, x.asks, x.many, x.to_none, x.since
FROM (SELECT channel_id, 'suspended' AS asks, count(*) AS many,
        count(*) FILTER (WHERE p.suspended_quantity = 0) AS to_none, min(p.suspended_at) AS since
      FROM publications p WHERE {_SUSPENDED} GROUP BY channel_id
      UNION ALL
      SELECT d.channel_id, 'drift', count(*), 0, min(d.judged_at)
      FROM drifts d JOIN publications p USING (listing_id) WHERE {ASKED} GROUP BY d.channel_id
      UNION ALL
      SELECT channel_id, 'refused', count(*), 0, min(coalesce(sent_at, made_at)) FROM write_backs
      WHERE state = 'rejected' GROUP BY channel_id) x
JOIN channels c ON c.id = x.channel_id JOIN accounts a ON a.id = c.account_id
ORDER BY x.since, c.slug""")  # noqa: S608 -- constants only


async def count_waiting(tx: Tx, *, at: datetime, most: int = 100) -> WaitingCount:
    return await row_of(tx, _COUNT, WaitingCount, at=at, most=most) or WaitingCount()


async def held_orders(tx: Tx, *, limit: int) -> list[HeldOrder]:
    return await rows_of(tx, _ORDERS, HeldOrder, limit=limit)


async def unmatched_listings(tx: Tx, *, limit: int, orders: int = 500) -> list[UnmatchedListing]:
    """The listings that the oldest held orders wait for, the one that waits longest first."""
    return await rows_of(tx, _UNMATCHED, UnmatchedListing, limit=limit, orders=orders)


_ONE_UNMATCHED = text("SELECT channel_id, channel_listing_id FROM listings WHERE id = :id AND sku IS NULL")


class ListingName(Struct, frozen=True):
    channel_id: UUID
    channel_listing_id: str


async def find_unmatched(tx: Tx, listing_id: UUID) -> ListingName | None:
    """None where it is matched already: then nobody asks any more."""
    return await row_of(tx, _ONE_UNMATCHED, ListingName, id=listing_id)


async def parked_messages(tx: Tx, *, limit: int) -> list[ParkedMessage]:
    return await rows_of(tx, _MESSAGES, ParkedMessage, limit=limit)


async def rejected_publications(tx: Tx, *, limit: int) -> list[RejectedPublication]:
    return await rows_of(tx, _PUBLICATIONS, RejectedPublication, limit=limit)


async def asking_channels(tx: Tx) -> list[AskingChannel]:
    return await rows_of(tx, _ASKING, AskingChannel)


async def troubled_channels(tx: Tx, *, at: datetime) -> list[TroubledChannel]:
    return await rows_of(tx, _CHANNELS, TroubledChannel, at=at)

"""All that waits for a person, each with its reason: the home of exceptions."""

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from msgspec import Struct
from sqlalchemy import text

from hub.store.db import Tx
from hub.store.desk.rows import row_of, rows_of


class HeldOrder(Struct, frozen=True):
    id: UUID
    number: int
    channel_name: str
    channel_kind: str
    placed_at: datetime
    currency: str
    total: Decimal
    holds: list[str]
    personal: bytes


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


class WaitingCount(Struct, frozen=True):
    """How many things wait, each kind counted up to a limit."""

    orders: int = 0
    messages: int = 0
    publications: int = 0
    channels: int = 0

    @property
    def total(self) -> int:
        return self.orders + self.messages + self.publications + self.channels


_TROUBLED = "(c.problem <> '' OR c.state <> 'active' OR c.paused_until > :at OR a.state <> 'ok')"

_COUNT = text(f"""
SELECT (SELECT count(*) FROM (SELECT FROM orders WHERE holds <> '{{}}' LIMIT :most) o) AS orders,
    (SELECT count(*) FROM (SELECT FROM inbox WHERE state = 'parked' LIMIT :most) i) AS messages,
    (SELECT count(*) FROM (SELECT FROM publications
        WHERE confirmed_version < version AND outcome = 'rejected' LIMIT :most) p) AS publications,
    (SELECT count(*) FROM channels c JOIN accounts a ON a.id = c.account_id WHERE {_TROUBLED}) AS channels""")  # noqa: S608 -- constants only

_ORDERS = text("""
SELECT o.id, o.number, c.name AS channel_name, a.kind AS channel_kind, o.placed_at, o.currency, o.total,
    o.holds, o.personal
FROM (SELECT * FROM orders WHERE holds <> '{}' ORDER BY placed_at LIMIT :limit) o
JOIN channels c ON c.id = o.channel_id JOIN accounts a ON a.id = c.account_id
ORDER BY o.placed_at, o.total DESC""")

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
WHERE p.confirmed_version < p.version AND p.outcome = 'rejected' ORDER BY p.sent_at, p.listing_id LIMIT :limit""")

_CHANNELS = text(f"""
SELECT c.slug, c.name, a.kind, c.state, a.name AS account_name, a.state AS account_state, c.problem,
    c.failures, c.pulled_at, c.paused_until
FROM channels c JOIN accounts a ON a.id = c.account_id WHERE {_TROUBLED} ORDER BY c.pulled_at, c.name""")  # noqa: S608 -- constants only


async def count_waiting(tx: Tx, *, at: datetime, most: int = 100) -> WaitingCount:
    return await row_of(tx, _COUNT, WaitingCount, at=at, most=most) or WaitingCount()


async def held_orders(tx: Tx, *, limit: int) -> list[HeldOrder]:
    return await rows_of(tx, _ORDERS, HeldOrder, limit=limit)


async def parked_messages(tx: Tx, *, limit: int) -> list[ParkedMessage]:
    return await rows_of(tx, _MESSAGES, ParkedMessage, limit=limit)


async def rejected_publications(tx: Tx, *, limit: int) -> list[RejectedPublication]:
    return await rows_of(tx, _PUBLICATIONS, RejectedPublication, limit=limit)


async def troubled_channels(tx: Tx, *, at: datetime) -> list[TroubledChannel]:
    return await rows_of(tx, _CHANNELS, TroubledChannel, at=at)

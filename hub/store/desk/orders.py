"""The list of orders: one page by key, and the orders of the last hour."""

from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from msgspec import Struct
from sqlalchemy import text

from hub.model.orders.states import Counts
from hub.store.db import Tx
from hub.store.desk.rows import rows_of
from hub.store.fulfillment.ship_by import LATE, TODAY

_SEARCH_MAX = 200  # the newest orders of a SKU, and any of a tracking number, that a search looks at
_CUSTOMER_MAX = 1_000  # the newest orders of a customer that a list pages through


class View(StrEnum):
    ALL = "all"
    OPEN = "open"
    TODAY = "today"
    LATE = "late"
    HELD = "held"
    CANCELED = "canceled"


class Position(Struct, frozen=True):
    """Where a page begins: after this order, of the moment that the view is sorted by."""

    moment: datetime
    number: int


class OrderFilter(Struct, frozen=True):
    view: View = View.ALL
    channel: str = ""
    search: str = ""
    customers: tuple[UUID, ...] | None = None  # of these only; an empty one is nobody


class OrderRow(Struct, frozen=True):
    """One line of the list; `personal` is still sealed."""

    id: UUID
    number: int
    channel_order_number: str
    channel_slug: str
    channel_name: str
    channel_kind: str
    placed_at: datetime
    currency: str
    total: Decimal
    payment: str
    holds: list[str]
    canceled_at: datetime | None
    ship_by: datetime | None
    personal: bytes
    title: str | None
    line_count: int
    counts: Counts


class Minute(Struct, frozen=True):
    start: datetime
    orders: int


# Only these fragments, never a caller's words, become part of a statement.
_IN_VIEW = {
    View.ALL: "true",
    View.HELD: "o.holds <> '{}'",
    View.CANCELED: "o.canceled_at IS NOT NULL",
    View.TODAY: TODAY,
    View.LATE: LATE,
    View.OPEN: """o.canceled_at IS NULL AND EXISTS (SELECT FROM order_lines l WHERE l.order_id = o.id
        AND l.kind = 'item' AND l.shipped < l.quantity - l.canceled)""",
}
_OF_CHANNEL = "o.channel_id = (SELECT id FROM channels WHERE slug = :channel)"
_NEWEST = ("(o.placed_at, o.number) < (:moment, :number)", "o.placed_at DESC, o.number DESC")
_MOST_URGENT = ("(o.ship_by, o.number) > (:moment, :number)", "o.ship_by, o.number")
BY_CLOCK = {View.TODAY, View.LATE}
"""These are sorted by when they must leave, the others by when they were placed."""
_FOUND = """o.id IN (
    SELECT id FROM orders WHERE number = :as_number
    UNION SELECT id FROM orders WHERE channel_order_number = ANY(:words)
    UNION SELECT id FROM orders
        WHERE channel_id = ANY(ARRAY(SELECT id FROM channels)) AND channel_order_id = ANY(:words)
    UNION (SELECT order_id FROM shipments WHERE tracking <> '' AND tracking = ANY(:words) LIMIT :search_max)
    UNION (SELECT order_id FROM order_lines WHERE sku = ANY(:words) ORDER BY id DESC LIMIT :search_max))"""

_OF_CUSTOMERS = """o.id = ANY(ARRAY(SELECT id FROM orders WHERE customer_id = ANY(:customers)
    ORDER BY placed_at DESC, number DESC LIMIT :customer_max))"""

# The order's lines added up; only items take stock, so `s` is 0 for all other lines.
ADDED_UP = """
SELECT (array_agg(title ORDER BY position))[1] AS title, count(*) AS line_count, jsonb_build_object(
    'ordered', coalesce(sum(s * quantity), 0), 'canceled', coalesce(sum(s * canceled), 0),
    'allocated', coalesce(sum(s * allocated), 0), 'shipped', coalesce(sum(s * shipped), 0),
    'returned', coalesce(sum(s * returned), 0), 'due', coalesce(sum(s * due), 0),
    'short', coalesce(sum(s * greatest(0, due - allocated)), 0),
    'backordered', coalesce(sum(s * backordered), 0)) AS counts
FROM (SELECT *, (kind = 'item')::int AS s, greatest(0, quantity - canceled - shipped) AS due
    FROM order_lines WHERE order_id = o.id) lines"""

_LIST = """
SELECT o.id, o.number, o.channel_order_number, o.placed_at, o.currency, o.total, o.payment, o.holds,
    o.canceled_at, o.ship_by, o.personal, c.slug AS channel_slug, c.name AS channel_name, a.kind AS channel_kind,
    l.title, l.line_count, l.counts
FROM (SELECT * FROM orders o WHERE {where} ORDER BY {order} LIMIT :limit) o
JOIN channels c ON c.id = o.channel_id
JOIN accounts a ON a.id = c.account_id
CROSS JOIN LATERAL ({added_up}) l
ORDER BY {order}"""

_PER_MINUTE = text("""
SELECT date_bin('1 minute', placed_at, :since) AS start, count(*) AS orders
FROM orders WHERE placed_at >= :since AND placed_at < :until GROUP BY 1 ORDER BY 1""")


async def list_orders(
    tx: Tx, chosen: OrderFilter, *, after: Position | None, at: datetime, limit: int
) -> list[OrderRow]:
    """One page, newest or most urgent first; ask for one more than you show to know whether older ones follow."""
    search = chosen.search.strip()
    behind, order = _MOST_URGENT if chosen.view in BY_CLOCK else _NEWEST
    conditions = [_IN_VIEW[chosen.view]]
    conditions += [_OF_CHANNEL] if chosen.channel else []
    conditions += [behind] if after else []
    conditions += [_FOUND] if search else []
    conditions += [_OF_CUSTOMERS] if chosen.customers is not None else []
    values: dict[str, object] = {"limit": limit}
    if chosen.view in BY_CLOCK:
        values["at"] = at
    if chosen.channel:
        values["channel"] = chosen.channel
    if after:
        values |= {"moment": after.moment, "number": after.number}
    if search:
        values |= {
            "as_number": _as_number(search),
            "words": list({search, search.upper()}),
            "search_max": _SEARCH_MAX,
        }
    if chosen.customers is not None:
        values |= {"customers": list(chosen.customers), "customer_max": _CUSTOMER_MAX}
    statement = text(_LIST.format(where=" AND ".join(conditions), order=order, added_up=ADDED_UP))
    return await rows_of(tx, statement, OrderRow, **values)


async def orders_per_minute(tx: Tx, *, at: datetime, minutes: int = 60) -> list[Minute]:
    """One entry for each of the last minutes, oldest first, empty ones included."""
    until = at.replace(second=0, microsecond=0) + timedelta(minutes=1)
    since = until - timedelta(minutes=minutes)
    found = await rows_of(tx, _PER_MINUTE, Minute, since=since, until=until)
    counted = {minute.start: minute.orders for minute in found}
    starts = [since + timedelta(minutes=index) for index in range(minutes)]
    return [Minute(start, counted.get(start, 0)) for start in starts]


def _as_number(search: str) -> int | None:
    digits = search.removeprefix("#")
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) <= 18 else None

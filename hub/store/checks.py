"""Every law a query can verify: each check is one statement that returns the rows that break it, and one that counts.

All of them look at one moment (`one_moment`: read-only, REPEATABLE READ), so that work in progress breaks nothing.
"""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from msgspec import Struct
from sqlalchemy import UniqueConstraint, text

from hub.store.db import Database, Tx
from hub.store.orders import STOCK_HOLDS
from hub.store.publications import FREE, SHOWN
from hub.store.stock.skus import COUNTED
from hub.store.tables.channels import inbox
from hub.store.tables.orders import orders
from hub.store.tables.stock import movements

ROWS_MAX = 20


class Verdict(StrEnum):
    """`late` is a warning: something waits longer than it should, and no law is broken."""

    KEPT = "kept"
    LATE = "late"
    BROKEN = "broken"


class Check(Struct, frozen=True):
    """`compared` returns one row of named counts, `broken` the rows that break the law, without LIMIT."""

    name: str
    law: str
    compared: str
    broken: str
    only_late: bool = False


class Finding(Struct, frozen=True):
    """`rows` are the first that break the law; `more` tells whether there are others."""

    name: str
    law: str
    verdict: Verdict
    compared: dict[str, int]
    rows: list[dict[str, Any]]
    more: bool = False


@asynccontextmanager
async def one_moment(db: Database) -> AsyncIterator[Tx]:
    """A read-only transaction in which every statement sees the database as of its begin."""
    async with db.engine.connect() as connection:
        tx = await connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        async with tx.begin():
            yield tx


async def run_checks(tx: Tx, *, at: datetime, late_s: float, checks: Sequence[Check] = ()) -> list[Finding]:
    """Run all checks, or those given, in their order; `late_s` is how long a thing may wait."""
    values = {"late_before": at - timedelta(seconds=late_s), "keys": [list(key) for key in _natural_keys()]}
    return [await _run(tx, check, values) for check in checks or CHECKS]


async def _run(tx: Tx, check: Check, values: dict[str, object]) -> Finding:
    counts = (await tx.execute(text(check.compared), _used(check.compared, values))).mappings().one()
    statement = f"SELECT * FROM ({check.broken}) broken LIMIT {ROWS_MAX + 1}"  # noqa: S608 -- constants only
    found = [dict(row) for row in (await tx.execute(text(statement), _used(statement, values))).mappings()]
    wrong = Verdict.LATE if check.only_late else Verdict.BROKEN
    verdict = wrong if found else Verdict.KEPT
    return Finding(check.name, check.law, verdict, dict(counts), found[:ROWS_MAX], more=len(found) > ROWS_MAX)


def _used(statement: str, values: dict[str, object]) -> dict[str, object]:
    return {name: value for name, value in values.items() if f":{name}" in statement}


def _natural_keys() -> list[tuple[str, str]]:
    """Table and name of the constraints that make a repeat harmless (L1)."""
    return [
        (table.name, str(constraint.name))
        for table in (inbox, orders, movements)
        for constraint in table.constraints
        if isinstance(constraint, UniqueConstraint) and len(constraint.columns) > 1
    ]


_LEVELS = Check(
    "levels are the sum of their movements",
    "L8",
    "SELECT (SELECT count(*) FROM levels) AS levels, (SELECT count(*) FROM movements) AS movements",
    """
SELECT sku, location, coalesce(l.on_hand, 0) AS on_hand, coalesce(m.on_hand, 0) AS on_hand_moved,
       coalesce(l.allocated, 0) AS allocated, coalesce(m.allocated, 0) AS allocated_moved
FROM levels l FULL JOIN (
  SELECT sku, location, sum(on_hand_change)::bigint AS on_hand, sum(allocated_change)::bigint AS allocated
  FROM movements GROUP BY sku, location
) m USING (sku, location)
WHERE (coalesce(l.on_hand, 0), coalesce(l.allocated, 0)) <> (coalesce(m.on_hand, 0), coalesce(m.allocated, 0))
ORDER BY sku, location""",
)

_RESERVED = Check(
    "what is reserved is the sum of the reservations",
    "L8",
    "SELECT (SELECT count(*) FROM levels) AS levels, (SELECT count(*) FROM reservations) AS reservations",
    """
SELECT sku, location, coalesce(l.reserved, 0) AS reserved, coalesce(r.units, 0) AS by_drafts
FROM levels l FULL JOIN (
  SELECT sku, location, sum(units)::bigint AS units FROM reservations GROUP BY sku, location
) r USING (sku, location)
WHERE coalesce(l.reserved, 0) <> coalesce(r.units, 0) ORDER BY sku, location""",
)

# A line takes stock of its own SKU, or of each part that it kept of a bundle.
_LINE_PARTS = """(
  SELECT l.*, coalesce(p.sku, l.sku) AS part, coalesce(p.units, l.units) AS takes
  FROM order_lines l LEFT JOIN order_line_parts p ON p.line_id = l.id)"""
_OF_LINE = """
SELECT o.number, l.position, coalesce(l.part, m.sku) AS sku, {have} AS on_line, coalesce(m.units, 0) AS in_ledger
FROM {parts} l JOIN orders o ON o.id = l.order_id FULL JOIN (
  SELECT order_line_id, sku, {moved}::bigint AS units FROM movements
  WHERE order_line_id IS NOT NULL GROUP BY order_line_id, sku
) m ON m.order_line_id = l.id AND m.sku = l.part
WHERE {have} IS DISTINCT FROM coalesce(m.units, 0) ORDER BY o.number, l.position, 3"""
_COUNT_LINES = """
SELECT (SELECT count(*) FROM order_lines) AS lines,
       (SELECT count(*) FROM movements WHERE order_line_id IS NOT NULL) AS movements"""

_PROMISES = Check(
    "each line holds what the ledger promised it",
    "L8",
    _COUNT_LINES,
    _OF_LINE.format(parts=_LINE_PARTS, have="l.allocated * l.takes", moved="sum(allocated_change)"),
)
_SHIPMENTS = Check(
    "each line has shipped what the ledger sent out",
    "L8",
    _COUNT_LINES,
    _OF_LINE.format(
        parts=_LINE_PARTS,
        have="(l.shipped - l.left_before) * l.takes",
        moved="coalesce(-sum(on_hand_change) FILTER (WHERE kind = 'shipment'), 0)",
    ),
)

_ALLOCATED = Check(
    "what is allocated of a SKU is what its open lines hold",
    "L8",
    "SELECT count(*) AS skus FROM skus",
    f"""
SELECT sku, coalesce(v.units, 0) AS allocated, coalesce(l.units, 0) AS held_by_lines
FROM (SELECT sku, sum(allocated)::bigint AS units FROM levels GROUP BY sku) v FULL JOIN (
  SELECT l.part AS sku, sum(l.allocated * l.takes)::bigint AS units
  FROM {_LINE_PARTS} l JOIN orders o ON o.id = l.order_id
  WHERE l.sku IS NOT NULL AND o.canceled_at IS NULL GROUP BY l.part
) l USING (sku)
WHERE coalesce(v.units, 0) <> coalesce(l.units, 0) ORDER BY sku""",  # noqa: S608 -- constants only
)

_EXPLODED = Check(
    "a bundle takes what its components add up to",
    "L7",
    "SELECT (SELECT count(DISTINCT bundle) FROM bundle_parts) AS bundles,"
    " (SELECT count(DISTINCT line_id) FROM order_line_parts) AS lines",
    """
WITH RECURSIVE inside AS (
  SELECT c.whole AS bundle, c.component AS part, c.units::bigint, 1 AS depth
  FROM components c JOIN skus s ON s.sku = c.whole AND s.kind = 'bundle'
  UNION ALL
  SELECT i.bundle, c.component, i.units * c.units, i.depth + 1
  FROM inside i JOIN skus s ON s.sku = i.part AND s.kind = 'bundle' JOIN components c ON c.whole = i.part
  WHERE i.depth < 20
), added AS (
  SELECT i.bundle, i.part, sum(i.units)::bigint AS units FROM inside i JOIN skus s ON s.sku = i.part
  WHERE s.kind <> 'bundle' GROUP BY i.bundle, i.part
)
SELECT bundle, part, coalesce(b.units, 0) AS takes, coalesce(a.units, 0) AS added_up
FROM bundle_parts b FULL JOIN added a USING (bundle, part) WHERE b.units IS DISTINCT FROM a.units
UNION ALL
SELECT s.sku, NULL, NULL, NULL FROM skus s
WHERE s.kind = 'bundle' AND NOT EXISTS (SELECT FROM bundle_parts b WHERE b.bundle = s.sku)
UNION ALL
SELECT o.number::text, l.sku, NULL, NULL FROM order_lines l JOIN orders o ON o.id = l.order_id
JOIN skus s ON s.sku = l.sku AND s.kind = 'bundle'
WHERE l.kind = 'item' AND NOT EXISTS (SELECT FROM order_line_parts p WHERE p.line_id = l.id)
ORDER BY 1, 2""",
)

_TRANSIT = Check(
    "what is in transit was sent and has not arrived",
    "L8",
    'SELECT count(*) AS "transfer lines" FROM transfer_lines',
    """
SELECT t.number AS transfer, l.sku, l.sent, l.received, l.lost, l.found, coalesce(m.sent, 0) AS sent_moved,
       coalesce(m.came, 0) AS came_moved, coalesce(m.changed, 0) AS adjusted_moved
FROM transfer_lines l JOIN transfers t ON t.id = l.transfer_id FULL JOIN (
  SELECT c.transfer_id, m.sku, -sum(m.on_hand_change) FILTER (WHERE m.kind = 'transfer out')::bigint AS sent,
         sum(m.on_hand_change) FILTER (WHERE m.kind = 'transfer in')::bigint AS came,
         sum(m.on_hand_change) FILTER (WHERE m.kind = 'adjustment')::bigint AS changed
  FROM movements m LEFT JOIN (
    SELECT id AS transfer_id, CAST(id AS text) AS cause_id FROM transfers
    UNION ALL SELECT transfer_id, CAST(id AS text) FROM transfer_arrivals) c USING (cause_id)
  WHERE m.cause = 'transfer' GROUP BY c.transfer_id, m.sku
) m ON m.transfer_id = l.transfer_id AND m.sku = l.sku
WHERE (coalesce(l.sent, 0), coalesce(l.received + l.lost, 0), coalesce(l.found - l.lost, 0))
   <> (coalesce(m.sent, 0), coalesce(m.came, 0), coalesce(m.changed, 0))
   OR t.state IN ('draft', 'canceled') AND l.sent > 0 OR t.state = 'received' AND l.sent > l.received + l.lost
ORDER BY t.number, l.sku""",
)

_CANCELED = Check(
    "a canceled order holds no stock",
    "L8",
    'SELECT count(*) AS "canceled orders" FROM orders WHERE canceled_at IS NOT NULL',
    """
SELECT o.number, l.position, l.sku, l.allocated FROM orders o JOIN order_lines l ON l.order_id = o.id
WHERE o.canceled_at IS NOT NULL AND l.allocated > 0 ORDER BY o.number, l.position""",
)

_MONEY = Check(
    "lines + taxes + shipping + its tax + difference = total",
    "L14",
    "SELECT count(*) AS orders FROM orders",
    """
SELECT o.number, o.total, coalesce(l.parts, 0) + o.shipping_total + o.shipping_tax + o.difference AS added_up,
       o.currency
FROM orders o LEFT JOIN (SELECT order_id, sum(total + tax) AS parts FROM order_lines GROUP BY order_id) l
  ON l.order_id = o.id
WHERE o.total <> coalesce(l.parts, 0) + o.shipping_total + o.shipping_tax + o.difference ORDER BY o.number""",
)

_TAKEN = Check(
    "every message that was taken leads to its order",
    "L1",
    "SELECT count(*) AS \"taken messages\" FROM inbox WHERE state = 'taken'",
    """
SELECT i.id, i.delivery_key, i.channel_order_id FROM inbox i
LEFT JOIN orders o ON o.id = i.order_id AND o.channel_id = i.channel_id
WHERE i.state = 'taken' AND o.id IS NULL ORDER BY i.id""",
)

_ONCE = Check(
    "no two orders for one order of a channel",
    "L1",
    "SELECT count(*) AS orders FROM orders",
    """
SELECT c.slug AS channel, o.channel_order_id, count(*) AS orders FROM orders o JOIN channels c ON c.id = o.channel_id
GROUP BY c.slug, o.channel_order_id HAVING count(*) > 1 ORDER BY 1, 2""",
)

_GUARDED = Check(
    "the database itself refuses every repeat",
    "L1",
    "SELECT count(*) AS keys FROM jsonb_array_elements(to_jsonb(CAST(:keys AS text[]))) k",
    """
SELECT k->>0 AS "table", k->>1 AS missing_key FROM jsonb_array_elements(to_jsonb(CAST(:keys AS text[]))) k
WHERE NOT EXISTS (
  SELECT FROM pg_constraint c JOIN pg_index i ON i.indexrelid = c.conindid
  WHERE c.conname = k->>1 AND c.conrelid = to_regclass(k->>0) AND c.convalidated AND i.indisvalid AND i.indisunique)
ORDER BY 1""",
)

_HOLDS = Check(
    "an order is held for what its lines lack",
    "L6",
    'SELECT count(*) AS "open orders" FROM orders WHERE canceled_at IS NULL',
    f"""
SELECT o.number, o.holds, x.lacks FROM orders o JOIN LATERAL (
  SELECT CASE WHEN bool_or(l.sku IS NULL AND l.left_before < l.quantity - l.canceled)
                   AND NOT 'unmatched' = ANY(o.holds) THEN 'a SKU, without the hold unmatched'
              WHEN bool_or(l.sku IS NOT NULL AND l.allocated + l.backordered + l.shipped < l.quantity - l.canceled)
                   AND NOT bool_or(l.backordered > 0) AND NOT o.holds && {STOCK_HOLDS}
              THEN 'stock, without the hold oversold'
         END AS lacks
  FROM order_lines l WHERE l.order_id = o.id AND l.kind = 'item' AND l.quantity > l.canceled
) x ON x.lacks IS NOT NULL
WHERE o.canceled_at IS NULL ORDER BY o.number""",  # noqa: S608 -- constants only
)

_BACKORDERED = Check(
    "what is on backorder of a SKU is what its open lines wait for",
    "L6",
    'SELECT count(*) AS "SKUs sold ahead" FROM backorder_terms',
    """
SELECT sku, coalesce(b.taken, 0) AS taken, coalesce(l.units, 0) AS waited_for FROM backorder_terms b FULL JOIN (
  SELECT l.sku, sum(l.backordered * l.units)::bigint AS units FROM order_lines l JOIN orders o ON o.id = l.order_id
  WHERE l.backordered > 0 AND o.canceled_at IS NULL GROUP BY l.sku
) l USING (sku)
WHERE coalesce(b.taken, 0) <> coalesce(l.units, 0) ORDER BY sku""",
)

_VERSIONS = Check(
    "no channel confirmed what was never sent",
    "L9",
    "SELECT count(*) AS publications FROM publications",
    """
SELECT c.slug AS channel, l.channel_listing_id AS listing, p.version, p.sent_version, p.confirmed_version
FROM publications p JOIN listings l ON l.id = p.listing_id JOIN channels c ON c.id = p.channel_id
WHERE p.confirmed_version > p.version OR p.sent_version > p.version OR p.confirmed_version > p.sent_version
ORDER BY 1, 2""",
)

_PUBLISHED = Check(
    "every matched listing of a counted SKU is published",
    "L9",
    f'SELECT count(*) AS "matched listings" FROM listings JOIN skus s USING (sku) WHERE {COUNTED}',  # noqa: S608
    f"""
SELECT c.slug AS channel, l.channel_listing_id AS listing, l.sku FROM listings l JOIN channels c ON c.id = l.channel_id
JOIN skus s ON s.sku = l.sku
WHERE {COUNTED} AND NOT EXISTS (SELECT FROM publications p WHERE p.listing_id = l.id) ORDER BY 1, 2""",  # noqa: S608
)

_SHOWN = Check(
    "what a channel confirmed is what the hub computes now",
    "L9",
    'SELECT count(*) AS "confirmed publications" FROM publications WHERE confirmed_version = version',
    f"""
SELECT c.slug AS channel, l.channel_listing_id AS listing, l.sku, p.confirmed_quantity AS confirmed,
       {SHOWN} AS computed
FROM publications p JOIN listings l ON l.id = p.listing_id JOIN channels c ON c.id = p.channel_id {FREE}
WHERE p.confirmed_version = p.version AND l.sku IS NOT NULL AND p.confirmed_quantity IS DISTINCT FROM {SHOWN}
ORDER BY 1, 2""",  # noqa: S608 -- constants only
)

_INBOX_LATE = Check(
    "nothing waits long in the inbox",
    "L3",
    "SELECT count(*) AS \"waiting messages\" FROM inbox WHERE state = 'waiting'",
    """
SELECT c.slug AS channel, i.channel_order_id, i.received_at, i.attempts, i.reason
FROM inbox i JOIN channels c ON c.id = i.channel_id
WHERE i.state = 'waiting' AND i.received_at < :late_before ORDER BY i.received_at""",
    only_late=True,
)

_RESERVED_LATE = Check(
    "what was reserved for a while is given back in time",
    "L6",
    "SELECT count(*) AS reservations FROM reservations",
    """
SELECT draft_id AS draft, sku, location, units, expires_at FROM reservations
WHERE expires_at < :late_before ORDER BY expires_at""",
    only_late=True,
)

_STOCK_LATE = Check(
    "every channel has been told what is left",
    "L10",
    'SELECT count(*) AS "publications to push" FROM publications WHERE confirmed_version < version',
    """
SELECT c.slug AS channel, l.channel_listing_id AS listing, l.sku, p.dirty_since, p.attempts,
       coalesce(nullif(p.problem, ''), c.problem) AS problem
FROM publications p JOIN listings l ON l.id = p.listing_id JOIN channels c ON c.id = p.channel_id
WHERE p.confirmed_version < p.version AND p.dirty_since < :late_before ORDER BY p.dirty_since""",
    only_late=True,
)

_RETURNED = Check(
    "what came back is counted on its line, and what is sold again is in the ledger",
    "L8",
    'SELECT count(*) AS "returns" FROM returns',
    """
SELECT o.number, l.position, l.sku, l.returned, coalesce(r.units, 0) AS came_back FROM order_lines l
JOIN orders o ON o.id = l.order_id
LEFT JOIN (SELECT order_line_id, sum(quantity) AS units, bool_or(disposition = 'restock' AND NOT EXISTS (
             SELECT FROM movements m WHERE m.cause = 'return' AND m.cause_id = returns.id::text)) AS lost
           FROM returns GROUP BY order_line_id) r ON r.order_line_id = l.id
WHERE l.returned <> coalesce(r.units, 0) OR r.lost ORDER BY 1, 2""",
)

CHECKS = (
    _LEVELS,
    _RESERVED,
    _PROMISES,
    _SHIPMENTS,
    _ALLOCATED,
    _EXPLODED,
    _TRANSIT,
    _CANCELED,
    _RETURNED,
    _MONEY,
    _TAKEN,
    _ONCE,
    _GUARDED,
    _HOLDS,
    _BACKORDERED,
    _VERSIONS,
    _PUBLISHED,
    _SHOWN,
    _INBOX_LATE,
    _RESERVED_LATE,
    _STOCK_LATE,
)

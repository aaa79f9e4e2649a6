"""What a replay reads: the stored messages of orders the hub holds, and those orders as people see them."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from msgspec import Struct
from sqlalchemy import text

from hub.store.db import Tx

MESSAGES_MAX = 50  # of one order, the newest; what an older one said of it is held already


class Stored(Struct, frozen=True):
    """One complete message that was taken, or told nothing new; `body` is sealed with the id."""

    id: UUID
    delivery_key: str
    topic: str
    channel_order_id: str
    body: bytes


class View(Struct, frozen=True):
    """One order: `facts` as nested fields, lines by the channel's line id; `left` are lines of which units left."""

    id: UUID
    number: int
    channel_order_id: str
    facts: Mapping[str, Any]
    personal: bytes
    left: list[str]


_TO_REPLAY = """
FROM orders o WHERE o.channel_id = :channel_id AND EXISTS (
  SELECT FROM inbox i WHERE i.order_id = o.id AND i.complete AND i.state IN ('taken', 'unchanged', 'older')
    AND (CAST(:since AS timestamptz) IS NULL OR i.received_at >= :since)
    AND (CAST(:until AS timestamptz) IS NULL OR i.received_at < :until))"""
_COUNT = text(f"SELECT count(*) {_TO_REPLAY}")
_NEXT = text(f"""
SELECT o.channel_order_id {_TO_REPLAY} AND o.channel_order_id > :after ORDER BY o.channel_order_id LIMIT :limit""")


class Span(Struct, frozen=True):
    """Orders with a message received from `since` on and before `until`; an open end is None."""

    since: datetime | None = None
    until: datetime | None = None


async def count_orders(tx: Tx, channel_id: UUID, span: Span) -> int:
    """How many orders of the channel have messages to be read anew."""
    wanted = {"channel_id": channel_id, "since": span.since, "until": span.until}
    found: int = await tx.scalar(_COUNT, wanted)
    return found


async def next_orders(tx: Tx, channel_id: UUID, span: Span, *, after: str, limit: int) -> list[str]:
    """The ids, on the channel, of the next such orders; `after` is the last of the page before."""
    wanted = {
        "channel_id": channel_id,
        "since": span.since,
        "until": span.until,
        "after": after,
        "limit": limit,
    }
    return [row.channel_order_id for row in await tx.execute(_NEXT, wanted)]


_MESSAGES = text("""
SELECT id, delivery_key, topic, channel_order_id, body FROM (
  SELECT i.id, i.delivery_key, i.topic, i.channel_order_id, i.body,
         row_number() OVER (PARTITION BY i.order_id ORDER BY i.received_at DESC, i.id DESC) AS nth
  FROM inbox i JOIN orders o ON o.id = i.order_id
  WHERE o.channel_id = :channel_id AND o.channel_order_id = ANY(:ids)
    AND i.complete AND i.state IN ('taken', 'unchanged', 'older')) m
WHERE nth <= :most ORDER BY channel_order_id, nth DESC""")


async def messages_of(tx: Tx, channel_id: UUID, channel_order_ids: Sequence[str]) -> list[Stored]:
    wanted = {"channel_id": channel_id, "ids": list(channel_order_ids), "most": MESSAGES_MAX}
    return [Stored(*row) for row in await tx.execute(_MESSAGES, wanted)]


# Amounts as text: what is compared is what is shown, to the last digit.
_VIEWS = text("""
SELECT o.id, o.number, o.channel_order_id, jsonb_build_object(
    'channel_order_number', o.channel_order_number, 'channel_state', o.channel_state, 'placed_at', o.placed_at,
    'updated_at', o.channel_updated_at, 'currency', o.currency, 'total', o.total::text,
    'tax_total', o.tax_total::text, 'shipping_total', o.shipping_total::text,
    'shipping_tax', o.shipping_tax::text, 'discount_total', o.discount_total::text,
    'difference', o.difference::text, 'tax_included', o.tax_included, 'payment', o.payment,
    'payment_method', o.payment_method, 'shipping_method', o.shipping_method,
    'canceled', o.canceled_at IS NOT NULL, 'holds', to_jsonb(o.holds), 'notes', to_jsonb(o.notes),
    'lines', coalesce(l.lines, '{}')) AS facts, o.personal, coalesce(l.gone, '{}') AS gone
FROM orders o LEFT JOIN LATERAL (
  SELECT jsonb_object_agg(l.channel_line_id, jsonb_build_object(
      'title', l.title, 'kind', l.kind, 'channel_sku', l.channel_sku, 'channel_listing_id', l.channel_listing_id,
      'sku', l.sku, 'units', l.units, 'quantity', l.quantity, 'canceled', l.canceled, 'allocated', l.allocated,
      'backordered', l.backordered, 'shipped', l.shipped, 'fulfilled', l.fulfilled,
      'unit_price', l.unit_price::text, 'discount', l.discount::text, 'tax', l.tax::text,
      'total', l.total::text)) AS lines,
    array_agg(l.channel_line_id) FILTER (WHERE l.shipped > 0) AS gone
  FROM order_lines l WHERE l.order_id = o.id) l ON true
WHERE o.channel_id = :channel_id AND o.channel_order_id = ANY(:ids)""")


async def views_of(tx: Tx, channel_id: UUID, channel_order_ids: Sequence[str]) -> dict[str, View]:
    """By the channel's order id."""
    rows = await tx.execute(_VIEWS, {"channel_id": channel_id, "ids": list(channel_order_ids)})
    return {row.channel_order_id: View(*row) for row in rows}

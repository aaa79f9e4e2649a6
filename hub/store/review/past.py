"""Orders of the last days as a rule would have seen them, page by page, the newest first."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from uuid import UUID

import msgspec
from msgspec import Struct
from sqlalchemy import text

from hub.model.stock.wants import Parts
from hub.store.db import Tx
from hub.store.orders import PARTS


class PastLine(Struct, frozen=True):
    channel_line_id: str
    channel_sku: str
    title: str
    kind: str
    sku: str | None
    quantity: int
    canceled: int
    unit_price: Decimal
    discount: Decimal
    tax: Decimal
    total: Decimal
    parts: Parts


class PastOrder(Struct, frozen=True):
    """`personal` is still sealed."""

    id: UUID
    number: int
    channel: str
    channel_order_id: str
    channel_order_number: str
    channel_state: str
    placed_at: datetime
    channel_updated_at: datetime
    currency: str
    total: Decimal
    tax_total: Decimal
    shipping_total: Decimal
    shipping_tax: Decimal
    discount_total: Decimal
    payment: str
    payment_method: str
    shipping_method: str
    cash_on_delivery: bool
    pickup: dict[str, object] | None
    customer_id: UUID | None
    personal: bytes
    lines: list[PastLine]


class Place(Struct, frozen=True):
    """Where a page begins: after this order."""

    placed_at: datetime
    number: int


# What had left when it was taken was never reviewed: a till sale, or one of before the channel was joined.
_REVIEWED = """o.canceled_at IS DISTINCT FROM o.taken_at AND NOT EXISTS (
  SELECT FROM order_lines l JOIN movements m ON m.order_line_id = l.id
  WHERE l.order_id = o.id AND m.kind = 'shipment' AND m.at = o.taken_at)
  AND NOT EXISTS (SELECT FROM order_lines l WHERE l.order_id = o.id AND l.left_before > 0)"""
_COUNT = text(f"SELECT count(*) FROM orders o WHERE o.placed_at >= :since AND {_REVIEWED}")  # noqa: S608 -- constants only
_PAGE = text(f"""
SELECT o.id, o.number, c.slug AS channel, o.channel_order_id, o.channel_order_number, o.channel_state, o.placed_at,
  o.channel_updated_at, o.currency, o.total, o.tax_total, o.shipping_total, o.shipping_tax, o.discount_total, o.payment,
  o.payment_method, o.shipping_method, o.cash_on_delivery, o.pickup, o.customer_id, o.personal, coalesce(x.lines, '[]')
    AS lines
FROM orders o JOIN channels c ON c.id = o.channel_id CROSS JOIN LATERAL (
  SELECT jsonb_agg(jsonb_build_object('channel_line_id', l.channel_line_id, 'channel_sku', l.channel_sku,
    'title', l.title, 'kind', l.kind, 'sku', l.sku, 'quantity', l.quantity, 'canceled', l.canceled,
    'unit_price', CAST(l.unit_price AS text), 'discount', CAST(l.discount AS text), 'tax', CAST(l.tax AS text),
    'total', CAST(l.total AS text), 'parts',
    (SELECT coalesce(jsonb_object_agg(p.sku, p.units), '{{}}') FROM {PARTS} p)) ORDER BY l.position) AS lines
  FROM order_lines l WHERE l.order_id = o.id) x
WHERE o.placed_at >= :since AND (o.placed_at, o.number) < (CAST(:placed_at AS timestamptz), CAST(:number AS bigint))
  AND {_REVIEWED}
ORDER BY o.placed_at DESC, o.number DESC LIMIT :limit""")  # noqa: S608 -- constants only


async def count_past(tx: Tx, *, since: datetime) -> int:
    found: int = await tx.scalar(_COUNT, {"since": since})
    return found


async def past_orders(tx: Tx, *, since: datetime, after: Place | None, limit: int) -> Sequence[PastOrder]:
    began = {"placed_at": after.placed_at if after else "infinity", "number": after.number if after else 0}
    rows = await tx.execute(_PAGE, {"since": since, "limit": limit, **began})
    return [msgspec.convert(dict(row), PastOrder) for row in rows.mappings()]

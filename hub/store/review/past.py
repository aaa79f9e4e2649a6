"""Which orders of the last days a rule would have seen, page by page, the newest first."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec
from msgspec import Struct
from sqlalchemy import text

from hub.model.stock.wants import Parts
from hub.store.db import Tx
from hub.store.orders import PARTS


class Matched(Struct, frozen=True):
    """What a line was matched to, and what one unit sold of it takes of stock."""

    sku: str
    parts: Parts


class PastOrder(Struct, frozen=True):
    """`channel` is a slug, `kind` that of its connector; `matched` is by the channel's id of a line."""

    id: UUID
    number: int
    channel: str
    kind: str
    placed_at: datetime
    customer_id: UUID | None
    matched: dict[str, Matched]


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
SELECT o.id, o.number, c.slug AS channel, a.kind, o.placed_at, o.customer_id, coalesce(x.matched, '{{}}') AS matched
FROM orders o JOIN channels c ON c.id = o.channel_id JOIN accounts a ON a.id = c.account_id CROSS JOIN LATERAL (
  SELECT jsonb_object_agg(l.channel_line_id, jsonb_build_object('sku', l.sku, 'parts',
    (SELECT coalesce(jsonb_object_agg(p.sku, p.units), '{{}}') FROM {PARTS} p))) AS matched
  FROM order_lines l WHERE l.order_id = o.id AND l.sku IS NOT NULL) x
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

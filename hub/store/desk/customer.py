"""What a customer ordered, newest first: for the clerk who has them on the phone."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from msgspec import Struct
from sqlalchemy import text

from hub.store.db import Tx
from hub.store.desk.rows import rows_of

ORDERS_MAX = 12  # of each customer


class PastOrder(Struct, frozen=True):
    """`personal` is still sealed; `skus` are those of its items."""

    id: UUID
    customer_id: UUID
    number: int
    channel_name: str
    channel_kind: str
    placed_at: datetime
    total: Decimal
    currency: str
    canceled_at: datetime | None
    personal: bytes
    title: str
    line_count: int
    skus: list[str]


_PAST = text("""
SELECT o.id, o.customer_id, o.number, c.name AS channel_name, a.kind AS channel_kind, o.placed_at, o.total,
    o.currency, o.canceled_at, o.personal, coalesce(l.title, '') AS title, l.line_count,
    coalesce(l.skus, '{}') AS skus
FROM unnest(CAST(:customer_ids AS uuid[])) AS x(id)
CROSS JOIN LATERAL (SELECT * FROM orders WHERE customer_id = x.id
    ORDER BY placed_at DESC, number DESC LIMIT :each) o
JOIN channels c ON c.id = o.channel_id JOIN accounts a ON a.id = c.account_id
CROSS JOIN LATERAL (SELECT (array_agg(title ORDER BY position))[1] AS title, count(*) AS line_count,
    array_agg(DISTINCT sku) FILTER (WHERE sku IS NOT NULL) AS skus FROM order_lines WHERE order_id = o.id) l
ORDER BY o.placed_at DESC, o.number DESC""")


async def past_orders(tx: Tx, customer_ids: Sequence[UUID], *, each: int = ORDERS_MAX) -> list[PastOrder]:
    """The latest orders of each of these customers, all of them together newest first."""
    return await rows_of(tx, _PAST, PastOrder, customer_ids=list(customer_ids), each=each)

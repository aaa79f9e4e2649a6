"""Unpaid orders: which of them have had their time, and how long each still has."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import text

from hub.store.db import Tx

_LAPSED = text("""
SELECT id FROM orders WHERE pay_by <= :at AND pay_by IS NOT NULL AND canceled_at IS NULL
  AND NOT holds @> ARRAY['payment'] ORDER BY pay_by LIMIT :limit""")


async def lapsed(tx: Tx, *, at: datetime, limit: int) -> list[UUID]:
    """Unpaid orders whose time is over and that nobody has looked at yet."""
    return [row.id for row in await tx.execute(_LAPSED, {"at": at, "limit": limit})]


_PAY_BY = text("UPDATE orders SET pay_by = :pay_by WHERE id = ANY(:ids)")


async def set_pay_by(tx: Tx, ids: Sequence[UUID], pay_by: datetime) -> None:
    """Say until when these orders, which are locked, keep their stock although they are unpaid."""
    await tx.execute(_PAY_BY, {"ids": list(ids), "pay_by": pay_by})


_WAIT_AGAIN = text("""
UPDATE orders o SET pay_by = CASE WHEN NOT o.cash_on_delivery AND NOT lower(trim(o.payment_method)) = ANY(c.unpaid_but)
  THEN o.placed_at + make_interval(hours => c.unpaid_hours) END
FROM channels c WHERE c.id = o.channel_id AND o.id = ANY(:ids) AND o.payment IN ('pending', 'failed')""")


async def wait_again(tx: Tx, ids: Sequence[UUID]) -> None:
    """Give these orders, which are locked, the time that unpaid ones of their channels have."""
    await tx.execute(_WAIT_AGAIN, {"ids": list(ids)})


_PATIENCE = text("""
UPDATE orders o SET pay_by = CASE WHEN CAST(:hours AS int) IS NOT NULL
    AND NOT lower(trim(payment_method)) = ANY(:but) THEN placed_at + make_interval(hours => CAST(:hours AS int)) END
FROM (SELECT id FROM orders WHERE channel_id = :channel_id AND payment IN ('pending', 'failed') AND canceled_at IS NULL
      AND NOT holds @> ARRAY['payment'] AND (pay_by IS NULL OR pay_by < :for_good)
      ORDER BY channel_order_id FOR UPDATE) x
WHERE o.id = x.id RETURNING pay_by <= :at AS late""")


async def set_patience(
    tx: Tx, channel_id: UUID, *, hours: int | None, but: Sequence[str], for_good: datetime, at: datetime
) -> list[bool]:
    """Give the open unpaid orders of a channel their time, or no end; return for each whether it is over already."""
    given = {"channel_id": channel_id, "hours": hours, "but": list(but), "for_good": for_good, "at": at}
    return [bool(row.late) for row in await tx.execute(_PATIENCE, given)]

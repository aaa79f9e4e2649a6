"""Returns: goods that came back, with their disposition; the movements they cause are in the ledger."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from msgspec import Struct
from sqlalchemy import text

from hub.model.orders.returns import Comeback, ShippedLine
from hub.store import orders
from hub.store.db import Tx, page

_LOCK = text("""
SELECT o.id FROM orders o WHERE o.id IN (SELECT order_id FROM order_lines WHERE id = ANY(:line_ids))
ORDER BY o.channel_id, o.channel_order_id FOR UPDATE""")


_SHIPPED = text("""
SELECT id, order_id, coalesce(sku, nullif(channel_sku, ''), title) AS name, kind, shipped, returned
FROM order_lines WHERE id = ANY(:line_ids)""")


async def lock_lines(tx: Tx, line_ids: Sequence[UUID]) -> dict[UUID, ShippedLine]:
    """Lock the orders of these lines and return the lines; of canceled orders too: what has left can come back."""
    wanted = {"line_ids": sorted(set(line_ids))}
    order_ids = [row.id for row in await tx.execute(_LOCK, wanted)]
    held = await orders.lines_of(tx, order_ids)
    parts = {line.id: line.parts for lines in held.values() for line in lines}
    return {row.id: ShippedLine(*(*row, parts[row.id])) for row in await tx.execute(_SHIPPED, wanted)}


_KNOWN = text("SELECT id FROM returns WHERE id = ANY(:ids)")


async def known(tx: Tx, ids: Sequence[UUID]) -> set[UUID]:
    """Those of these returns that were taken before."""
    return {row.id for row in await tx.execute(_KNOWN, {"ids": list(ids)})}


_ADD = text("""
WITH added AS (
  INSERT INTO returns (id, order_line_id, rma_line_id, quantity, disposition, location, reason, actor, at)
  SELECT id, line_id, coalesce(rma_line_id, id), quantity, disposition, location, reason, :actor, :at
  FROM json_to_recordset(CAST(:page AS json))
    AS x(id uuid, line_id uuid, rma_line_id uuid, quantity int, disposition text, location text, reason text)
  ORDER BY id RETURNING order_line_id, rma_line_id, quantity
), received AS (
  UPDATE rma_lines m SET received = m.received + x.units
  FROM (SELECT rma_line_id, sum(quantity) AS units FROM added GROUP BY rma_line_id) x WHERE m.id = x.rma_line_id
)
UPDATE order_lines l SET returned = l.returned + x.units
FROM (SELECT order_line_id, sum(quantity) AS units FROM added GROUP BY order_line_id) x
WHERE l.id = x.order_line_id""")


async def add_returns(tx: Tx, comebacks: Sequence[Comeback], *, actor: str, at: datetime) -> None:
    """Write returns that are not known yet, and count them on their lines, of the order and of the RMA."""
    if comebacks:
        await tx.execute(_ADD, {"page": page(comebacks), "actor": actor, "at": at})


class Aside(Struct, frozen=True):
    """A return that waits to be looked at."""

    id: UUID
    order_line_id: UUID
    quantity: int
    rma: int


_ASIDE = text("""
SELECT t.id, t.order_line_id, t.quantity, a.number FROM returns t JOIN rma_lines m ON m.id = t.rma_line_id
JOIN rmas a ON a.id = m.rma_id WHERE t.id = ANY(:ids) AND t.disposition = 'inspect' ORDER BY t.id FOR UPDATE OF t""")


async def lock_aside(tx: Tx, ids: Sequence[UUID]) -> list[Aside]:
    """Lock those of these returns that still wait to be looked at."""
    return [Aside(*row) for row in await tx.execute(_ASIDE, {"ids": sorted(set(ids))})]


_DECIDE = text("""
UPDATE returns r SET disposition = x.disposition, location = x.location, inspected_at = :at, inspected_by = :actor
FROM json_to_recordset(CAST(:page AS json)) AS x(id uuid, disposition text, location text) WHERE r.id = x.id""")


async def decide(tx: Tx, decided: Sequence[Comeback], *, actor: str, at: datetime) -> None:
    """Write what a person says of goods that lay aside."""
    if decided:
        await tx.execute(_DECIDE, {"page": page(decided), "actor": actor, "at": at})


class Return(Struct, frozen=True):
    """One return as lists show it."""

    id: UUID
    rma: int
    order_number: int
    order_line_id: UUID
    sku: str | None
    title: str
    quantity: int
    disposition: str
    location: str | None
    reason: str
    actor: str
    at: datetime
    inspected_at: datetime | None
    inspected_by: str


_LIST = text("""
SELECT r.id, a.number, o.number, r.order_line_id, l.sku, l.title, r.quantity, r.disposition, r.location, r.reason,
       r.actor, r.at, r.inspected_at, r.inspected_by
FROM returns r JOIN order_lines l ON l.id = r.order_line_id JOIN orders o ON o.id = l.order_id
JOIN rma_lines m ON m.id = r.rma_line_id JOIN rmas a ON a.id = m.rma_id
WHERE (CAST(:number AS bigint) IS NULL OR o.number = :number)
  AND (CAST(:rma AS bigint) IS NULL OR a.number = :rma)
  AND r.disposition = coalesce(CAST(:state AS text), r.disposition)
  AND (CAST(:before AS uuid) IS NULL OR r.id < :before)
ORDER BY r.id DESC LIMIT :limit""")


async def list_returns(
    tx: Tx,
    *,
    number: int | None = None,
    rma: int | None = None,
    state: str | None = None,
    before: UUID | None = None,
    limit: int,
) -> list[Return]:
    """The newest first; of one order or RMA where its number is given, or only those of one disposition."""
    wanted = {"number": number, "rma": rma, "state": state, "before": before, "limit": limit}
    return [Return(*row) for row in await tx.execute(_LIST, wanted)]


class LineOut(Struct, frozen=True):
    """A line of an order with what of it may still come back."""

    id: UUID
    position: int
    sku: str | None
    channel_sku: str
    title: str
    out: int


_OUT = text("""
SELECT l.id, l.position, l.sku, l.channel_sku, l.title, l.shipped - l.returned
FROM order_lines l JOIN orders o ON o.id = l.order_id
WHERE o.number = :number AND l.kind = 'item' ORDER BY l.position, l.id""")


async def lines_out(tx: Tx, number: int) -> list[LineOut]:
    return [LineOut(*row) for row in await tx.execute(_OUT, {"number": number})]

"""RMAs: returns as documents. Whoever changes one has locked its order."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

import msgspec
from msgspec import Struct
from sqlalchemy import text

from hub.model.orders.rmas import OPEN, Rma, State, Wish
from hub.store.db import Tx, page

_LOCK = text("""
SELECT id FROM orders WHERE id IN (SELECT order_id FROM rmas WHERE number = ANY(:numbers))
ORDER BY channel_id, channel_order_id FOR UPDATE""")
_RMAS = """
SELECT r.id, r.number, r.order_id, o.number AS "order", r.state, r.note, r.actor, r.at,
  coalesce(x.lines, '[]') AS lines
FROM rmas r JOIN orders o ON o.id = r.order_id LEFT JOIN LATERAL (
  SELECT jsonb_agg(jsonb_build_object('id', m.id, 'line_id', m.order_line_id, 'quantity', m.quantity,
      'name', coalesce(l.sku, nullif(l.channel_sku, ''), l.title), 'wish', m.wish, 'reason', m.reason,
      'received', m.received, 'aside', (SELECT coalesce(sum(quantity), 0) FROM returns
        WHERE rma_line_id = m.id AND disposition = 'inspect')) ORDER BY l.position, l.id, m.id) AS lines
  FROM rma_lines m JOIN order_lines l ON l.id = m.order_line_id WHERE m.rma_id = r.id) x ON true"""
_BY_NUMBER = text(f"{_RMAS} WHERE r.number = ANY(:numbers)")
_BY_RETURN = text(f"""{_RMAS}
WHERE r.id IN (SELECT m.rma_id FROM rma_lines m JOIN returns t ON t.rma_line_id = m.id WHERE t.id = ANY(:ids))""")  # noqa: S608 -- constants only


async def lock_rmas(tx: Tx, numbers: Sequence[int]) -> dict[int, Rma]:
    """Lock the orders of these RMAs, and return them by number; what there is not is left out."""
    await tx.execute(_LOCK, {"numbers": sorted(set(numbers))})
    return await read_rmas(tx, numbers)


async def read_rmas(tx: Tx, numbers: Sequence[int]) -> dict[int, Rma]:
    rows = (await tx.execute(_BY_NUMBER, {"numbers": sorted(set(numbers))})).mappings()
    return {row["number"]: msgspec.convert(dict(row), Rma) for row in rows}


async def rmas_of(tx: Tx, return_ids: Sequence[UUID]) -> list[Rma]:
    """Those by which these goods came back."""
    rows = (await tx.execute(_BY_RETURN, {"ids": list(return_ids)})).mappings()
    return [msgspec.convert(dict(row), Rma) for row in rows]


_NUMBERS = text("SELECT id, number FROM rmas WHERE id = ANY(:ids)")
_EXPECTED = text("""
SELECT m.order_line_id, sum(m.quantity - m.received) AS units FROM rma_lines m JOIN rmas r ON r.id = m.rma_id
WHERE m.order_line_id = ANY(:line_ids) AND r.state = ANY(:open) GROUP BY m.order_line_id""")


async def numbers_of(tx: Tx, ids: Sequence[UUID]) -> dict[UUID, int]:
    """Of those that there are."""
    return {row.id: row.number for row in await tx.execute(_NUMBERS, {"ids": list(ids)})}


async def expected_of(tx: Tx, line_ids: Sequence[UUID]) -> dict[UUID, int]:
    """How many units of each of these lines open RMAs still wait for."""
    wanted = {"line_ids": list(line_ids), "open": sorted(OPEN)}
    return {row.order_line_id: int(row.units) for row in await tx.execute(_EXPECTED, wanted)}


class NewRma(Struct, frozen=True):
    id: UUID
    order_id: UUID
    state: State
    channel_return_id: str = ""


class NewLine(Struct, frozen=True):
    id: UUID
    rma_id: UUID
    line_id: UUID
    quantity: int
    wish: Wish = Wish.REFUND
    reason: str = ""


_ADD = text("""
INSERT INTO rmas (id, order_id, state, channel_return_id, actor, at, state_at)
SELECT id, order_id, state, channel_return_id, :actor, :at, :at FROM json_to_recordset(CAST(:page AS json))
  AS x(id uuid, order_id uuid, state text, channel_return_id text) ORDER BY id RETURNING id, number""")
_ADD_LINES = text("""
INSERT INTO rma_lines (id, rma_id, order_line_id, quantity, wish, reason)
SELECT id, rma_id, line_id, quantity, wish, reason FROM json_to_recordset(CAST(:page AS json))
  AS x(id uuid, rma_id uuid, line_id uuid, quantity int, wish text, reason text) ORDER BY id""")


async def add_rmas(
    tx: Tx, new: Sequence[NewRma], lines: Sequence[NewLine], *, actor: str, at: datetime
) -> dict[UUID, int]:
    """Return the number each got."""
    if not new:
        return {}
    rows = await tx.execute(_ADD, {"page": page(new), "actor": actor, "at": at})
    numbers = {row.id: row.number for row in rows}
    await tx.execute(_ADD_LINES, {"page": page(lines)})
    return numbers


_STATES = text("""
UPDATE rmas r SET state = x.state, state_at = :at, note = coalesce(nullif(:note, ''), note)
FROM json_to_recordset(CAST(:page AS json)) AS x(id uuid, state text) WHERE r.id = x.id""")


async def set_states(tx: Tx, states: Mapping[UUID, State], *, at: datetime, note: str = "") -> None:
    if states:
        rows = [{"id": rma_id, "state": state} for rma_id, state in sorted(states.items())]
        await tx.execute(_STATES, {"page": page(rows), "at": at, "note": note})


_CHANNEL_LINES = text("""
WITH locked AS (
  SELECT id, channel_order_id FROM orders WHERE channel_id = :channel_id AND channel_order_id = ANY(:orders)
  ORDER BY channel_order_id FOR UPDATE)
SELECT o.channel_order_id, l.channel_line_id, l.id FROM locked o JOIN order_lines l ON l.order_id = o.id""")


async def lock_channel_lines(
    tx: Tx, channel_id: UUID, channel_order_ids: Sequence[str]
) -> dict[tuple[str, str], UUID]:
    """Lock these orders of a channel; their lines, by the channel's ids of both."""
    rows = await tx.execute(_CHANNEL_LINES, {"channel_id": channel_id, "orders": list(channel_order_ids)})
    return {(row.channel_order_id, row.channel_line_id): row.id for row in rows}


class Theirs(Struct, frozen=True):
    """An RMA that a channel told of; `key` orders what it says (L2)."""

    rma: Rma
    key: str


_THEIRS = text("""
SELECT r.number, r.channel_return_id, r.channel_key FROM rmas r JOIN orders o ON o.id = r.order_id
WHERE o.channel_id = :channel_id AND r.channel_return_id = ANY(:ids)""")
_KEYS = text("""
UPDATE rmas r SET channel_key = greatest(r.channel_key, x.key)
FROM json_to_recordset(CAST(:page AS json)) AS x(id uuid, key text) WHERE r.id = x.id""")


async def theirs(tx: Tx, channel_id: UUID, channel_return_ids: Sequence[str]) -> dict[str, Theirs]:
    """Those of these returns that were told of before, by the channel's id; two statements."""
    rows = (await tx.execute(_THEIRS, {"channel_id": channel_id, "ids": list(channel_return_ids)})).all()
    found = await read_rmas(tx, [row.number for row in rows])
    return {row.channel_return_id: Theirs(found[row.number], row.channel_key) for row in rows}


async def set_keys(tx: Tx, keys: Mapping[UUID, str]) -> None:
    """Note how new what the channel said of these is."""
    rows = [{"id": rma_id, "key": key} for rma_id, key in sorted(keys.items())]
    await tx.execute(_KEYS, {"page": page(rows)})


class RmaBrief(Struct, frozen=True):
    """One RMA as lists show it; units of all its lines."""

    number: int
    order_number: int
    channel: str
    channel_name: str
    channel_kind: str
    state: State
    units: int
    received: int
    note: str
    actor: str
    at: datetime
    state_at: datetime


_LIST = text("""
SELECT r.number, o.number, c.slug, c.name, a.kind, r.state, x.units, x.received, r.note, r.actor, r.at, r.state_at
FROM rmas r JOIN orders o ON o.id = r.order_id JOIN channels c ON c.id = o.channel_id
JOIN accounts a ON a.id = c.account_id CROSS JOIN LATERAL (
  SELECT sum(quantity)::int AS units, sum(received)::int AS received FROM rma_lines WHERE rma_id = r.id) x
WHERE (CAST(:order AS bigint) IS NULL OR o.number = :order)
  AND (CAST(:states AS text[]) IS NULL OR r.state = ANY(CAST(:states AS text[])))
  AND (CAST(:before AS bigint) IS NULL OR r.number < :before)
ORDER BY r.number DESC LIMIT :limit""")


async def list_rmas(
    tx: Tx,
    *,
    order: int | None = None,
    states: Sequence[State] | None = None,
    before: int | None = None,
    limit: int,
) -> list[RmaBrief]:
    """The newest first; of one order, or only in these states."""
    wanted = {"order": order, "states": list(states) if states else None, "before": before, "limit": limit}
    rows = await tx.execute(_LIST, wanted)
    return [RmaBrief(*(*row[:5], State(row[5]), *row[6:])) for row in rows]

"""Refunds: what was charged for orders, what of it was said to go back, and for what."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from uuid import UUID

import msgspec
from msgspec import Struct
from msgspec.structs import asdict
from sqlalchemy import text

from hub.model.edits.editing import OWN_LINE
from hub.model.orders.refunds import Bill
from hub.model.orders.rmas import State
from hub.store.db import Tx, page

# What was canceled with the whole order costs what it cost: its price was not reckoned anew. Goods that went out in
# exchange are worth what the goods that came back paid for them as well: those without a price share
# what is left of it.
_BILLS = text(f"""
SELECT o.id, o.number AS "order", o.currency, o.total + coalesce(x.credited, 0) AS total,
  o.shipping_total + o.shipping_tax AS shipping,
  (SELECT coalesce(sum(shipping), 0) FROM refunds WHERE order_id = o.id AND undone_at IS NULL) AS shipping_refunded,
  coalesce(x.lines, '{{}}') AS lines
FROM orders o LEFT JOIN LATERAL (
  SELECT jsonb_object_agg(l.id, jsonb_build_object('id', l.id, 'channel_line_id', l.channel_line_id,
    'name', coalesce(l.sku, nullif(l.channel_sku, ''), l.title), 'amount', (l.total + l.tax + c.credited)::text,
    'units', l.quantity - l.canceled + l.canceled_with_order, 'canceled', l.canceled - l.canceled_with_order,
    'refunded', f.units, 'given', f.given::text, 'flat', f.flat::text)) AS lines,
    sum(c.credited) AS credited
  FROM order_lines l CROSS JOIN LATERAL (
    SELECT coalesce(sum(units), 0) AS units, coalesce(sum(amount) FILTER (WHERE units > 0), 0) AS given,
      coalesce(sum(amount) FILTER (WHERE units = 0), 0) AS flat
    FROM refund_lines WHERE order_line_id = l.id
      AND NOT EXISTS (SELECT FROM refunds u WHERE u.id = refund_id AND u.undone_at IS NOT NULL)) f CROSS JOIN LATERAL (
    SELECT coalesce(sum(CASE WHEN l.unit_price > 0 THEN l.discount
      ELSE greatest(0, r.credited - e.priced) * (l.quantity - l.canceled + l.canceled_with_order) / e.free
      END), 0) AS credited
    FROM refunds r CROSS JOIN LATERAL (
      SELECT sum(discount) AS priced, sum(quantity) FILTER (WHERE unit_price = 0) AS free FROM order_lines
      WHERE order_id = o.id AND starts_with(channel_line_id, '{OWN_LINE}' || r.id || ':')) e
    WHERE r.order_id = o.id AND starts_with(l.channel_line_id, '{OWN_LINE}' || r.id || ':')) c
  WHERE l.order_id = o.id AND NOT l.removed) x ON true
WHERE o.id = ANY(:ids)""")  # noqa: S608 -- a constant only


async def bills_of(tx: Tx, ids: Sequence[UUID]) -> dict[UUID, Bill]:
    """What was charged for these orders, and refunded of it by line."""
    rows = (await tx.execute(_BILLS, {"ids": list(ids)})).mappings()
    return {row["id"]: msgspec.convert(dict(row), Bill) for row in rows}


class TheirOrder(Struct, frozen=True):
    """An order of a channel that tells of its money; its `lines` by the channel's id."""

    id: UUID
    number: int
    currency: str
    lines: Mapping[str, UUID]


_THEIRS = text("""
WITH locked AS (
  SELECT id, number, currency, channel_order_id FROM orders
  WHERE channel_id = :channel_id AND channel_order_id = ANY(:orders) ORDER BY channel_order_id FOR UPDATE)
SELECT o.channel_order_id, o.id, o.number, o.currency, (
  SELECT coalesce(jsonb_object_agg(channel_line_id, id), '{}') FROM order_lines WHERE order_id = o.id) AS lines
FROM locked o ORDER BY o.channel_order_id""")


async def lock_theirs(tx: Tx, channel_id: UUID, channel_order_ids: Sequence[str]) -> dict[str, TheirOrder]:
    """Lock these orders of a channel, and return them by its ids; what the hub does not hold is left out."""
    rows = (
        await tx.execute(_THEIRS, {"channel_id": channel_id, "orders": list(channel_order_ids)})
    ).mappings()
    return {row["channel_order_id"]: msgspec.convert(dict(row), TheirOrder) for row in rows}


class NewRefund(Struct, frozen=True):
    """`units` and `by_line` say what for, by the id of the line."""

    id: UUID
    order_id: UUID
    amount: Decimal
    credited: Decimal
    shipping: Decimal
    reason: str
    units: Mapping[UUID, int] = {}
    by_line: Mapping[UUID, Decimal] = {}


_KNOWN = text("SELECT id FROM refunds WHERE id = ANY(:ids)")
_ADD = text("""
INSERT INTO refunds (id, order_id, rma_id, amount, credited, shipping, reason, actor, at)
SELECT x.id, x.order_id, a.id, x.amount, x.credited, x.shipping, x.reason, :actor, :at
FROM json_to_recordset(CAST(:page AS json)) AS x(id uuid, order_id uuid, rma bigint, amount numeric, credited numeric,
  shipping numeric, reason text) LEFT JOIN rmas a ON a.number = x.rma ORDER BY x.id""")
_ADD_LINES = text("""
INSERT INTO refund_lines (refund_id, order_line_id, units, amount)
SELECT refund_id, order_line_id, units, amount FROM json_to_recordset(CAST(:page AS json))
  AS x(refund_id uuid, order_line_id uuid, units int, amount numeric) ORDER BY refund_id, order_line_id""")


async def known(tx: Tx, ids: Sequence[UUID]) -> set[UUID]:
    """Those of these refunds that were noted before."""
    return {row.id for row in await tx.execute(_KNOWN, {"ids": list(ids)})}


async def add_refunds(
    tx: Tx, refunds: Sequence[NewRefund], rmas: Mapping[UUID, int], *, actor: str, at: datetime
) -> None:
    """Note what goes back of these orders, which are locked; `rmas` are the numbers of those they settle.

    Whoever sends refunds to channels begins at these rows.
    """
    if not refunds:
        return
    rows = [{**asdict(each), "rma": rmas.get(each.id)} for each in refunds]
    await tx.execute(_ADD, {"page": page(rows), "actor": actor, "at": at})
    lines = [
        {"refund_id": each.id, "order_line_id": line_id, "units": units, "amount": each.by_line[line_id]}
        for each in refunds
        for line_id, units in each.units.items()
    ]
    await tx.execute(_ADD_LINES, {"page": page(lines)})


class Settled(Struct, frozen=True):
    """An RMA that a refund had settled."""

    id: UUID
    number: int
    state: State


_UNDO = text("""
WITH undone AS (
  UPDATE refunds SET undone_at = :at WHERE id = ANY(:ids) AND undone_at IS NULL RETURNING rma_id)
SELECT r.id, r.number, r.state FROM undone u JOIN rmas r ON r.id = u.rma_id ORDER BY r.id""")


async def undo(tx: Tx, ids: Sequence[UUID], *, at: datetime) -> list[Settled]:
    """Note that these of the refunds count no more; return the RMAs they had settled. The orders are locked."""
    return [
        Settled(row.id, row.number, State(row.state))
        for row in await tx.execute(_UNDO, {"ids": list(ids), "at": at})
    ]


class RefundLine(Struct, frozen=True):
    """`name` is the SKU, or what the channel calls it; `amount` has its tax. With 0 `units` it is for none of them."""

    line_id: UUID
    name: str
    units: int
    amount: Decimal


class Refund(Struct, frozen=True):
    """One refund as lists show it: its lines and the shipping are what for, less what was `credited` to an exchange."""

    id: UUID
    rma: int | None
    amount: Decimal
    credited: Decimal
    shipping: Decimal
    currency: str
    reason: str
    actor: str
    at: datetime
    undone_at: datetime | None
    lines: list[RefundLine]


_LIST = text("""
SELECT r.id, a.number AS rma, r.amount, r.credited, r.shipping, o.currency, r.reason, r.actor, r.at, r.undone_at,
  coalesce(x.lines, '[]') AS lines
FROM refunds r JOIN orders o ON o.id = r.order_id LEFT JOIN rmas a ON a.id = r.rma_id LEFT JOIN LATERAL (
  SELECT jsonb_agg(jsonb_build_object('line_id', l.id, 'units', f.units, 'amount', f.amount::text,
    'name', coalesce(l.sku, nullif(l.channel_sku, ''), l.title)) ORDER BY l.position, l.id) AS lines
  FROM refund_lines f JOIN order_lines l ON l.id = f.order_line_id WHERE f.refund_id = r.id) x ON true
WHERE o.number = :number ORDER BY r.at, r.id""")


async def refunds_of(tx: Tx, number: int) -> list[Refund]:
    """Of one order, the oldest first."""
    rows = (await tx.execute(_LIST, {"number": number})).mappings()
    return [msgspec.convert(dict(row), Refund) for row in rows]

"""Orders as the API shows them: lists, one order in full, and its timeline."""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import msgspec
from msgspec import Struct
from sqlalchemy import text

from hub.model.incoming import Pickup
from hub.model.orders.states import Counts
from hub.model.stock.wants import Parts
from hub.store.db import Tx, page
from hub.store.fulfillment.ship_by import LATE
from hub.store.orders import KEPT_PARTS


class OrderHead(Struct, frozen=True):
    """One order of a list. `counts` are summed over the lines that take stock."""

    id: UUID
    number: int
    channel: str
    channel_order_id: str
    channel_order_number: str
    placed_at: datetime
    taken_at: datetime
    canceled_at: datetime | None
    currency: str
    total: Decimal
    payment: str
    holds: list[str]
    ship_by: datetime | None
    counts: Counts


_COUNTS = """LEFT JOIN LATERAL (
  SELECT coalesce(sum(quantity), 0), coalesce(sum(canceled), 0), coalesce(sum(allocated), 0),
         coalesce(sum(shipped), 0), coalesce(sum(returned), 0),
         coalesce(sum(greatest(0, quantity - canceled - shipped)), 0),
         coalesce(sum(greatest(0, greatest(0, quantity - canceled - shipped) - allocated)), 0),
         coalesce(sum(backordered), 0)
  FROM order_lines l WHERE l.order_id = o.id AND l.kind = 'item'
) n (ordered, canceled, allocated, shipped, returned, due, short, backordered) ON true"""
_ORDER_HEADS = f"""
SELECT o.id, o.number, c.slug, o.channel_order_id, o.channel_order_number, o.placed_at, o.taken_at,
       o.canceled_at, o.currency, o.total, o.payment, o.holds, o.ship_by,
       n.ordered, n.canceled, n.allocated, n.shipped, n.returned, n.due, n.short, n.backordered
FROM orders o JOIN channels c ON c.id = o.channel_id {_COUNTS}
WHERE (o.placed_at, o.number) < (CAST(:placed_at AS timestamptz), CAST(:number AS bigint))"""  # noqa: S608 -- constants only
_ORDER_FILTERS = {
    "channel": "AND c.slug = :channel",
    "since": "AND o.placed_at >= :since",
    "held": "AND o.holds <> '{}'",
    "free": "AND o.holds = '{}'",
    "late": f"AND {LATE}",
    "custom": "AND o.custom <> '{}' AND o.custom @> CAST(:custom AS jsonb)",
}
NEWEST = ("infinity", 2**62)


async def orders(
    tx: Tx,
    *,
    before: tuple[str, int] = NEWEST,
    channel: str | None = None,
    held: bool | None = None,
    since: datetime | None = None,
    late_at: datetime | None = None,
    custom: Mapping[str, str] | None = None,
    limit: int,
) -> list[OrderHead]:
    """Return one page of orders, the newest first, older than `before` (placed at, number).

    `late_at`: only those that should have left by then. `custom` are values of fields that are not personal.
    """
    asked = {"channel": channel, "since": since, "held": held or None, "free": held is False or None}
    asked |= {"late": late_at, "custom": page(custom) if custom else None}
    filters = " ".join(_ORDER_FILTERS[name] for name, value in asked.items() if value is not None)
    statement = text(f"{_ORDER_HEADS} {filters} ORDER BY o.placed_at DESC, o.number DESC LIMIT :limit")
    wanted = {"placed_at": before[0], "number": before[1], "limit": limit}
    given = (("channel", channel), ("since", since), ("at", late_at), ("custom", asked["custom"]))
    values = {name: value for name, value in given if value is not None}
    rows = await tx.execute(statement, wanted | values)
    return [_head(tuple(row)) for row in rows]


def _head(row: tuple[Any, ...]) -> OrderHead:
    fields: list[Any] = [*row[:13], Counts(*map(int, row[13:]))]
    return OrderHead(*fields)


class OrderFull(Struct, frozen=True):
    id: UUID
    number: int
    channel: str
    channel_name: str
    channel_order_id: str
    channel_order_number: str
    channel_state: str
    placed_at: datetime
    channel_updated_at: datetime
    taken_at: datetime
    canceled_at: datetime | None
    changes: int
    currency: str
    total: Decimal
    tax_total: Decimal
    shipping_total: Decimal
    shipping_tax: Decimal
    discount_total: Decimal
    difference: Decimal
    tax_included: bool
    payment: str
    payment_method: str
    shipping_method: str
    pickup: Pickup | None
    cash_on_delivery: bool
    ship_by: datetime | None
    priority: int
    holds: list[str]
    notes: list[str]
    tags: list[str]
    personal: bytes
    custom: dict[str, str]
    custom_personal: bytes | None


_ORDER = text("""
SELECT o.id, o.number, c.slug AS channel, c.name AS channel_name, o.channel_order_id, o.channel_order_number,
       o.channel_state, o.placed_at, o.channel_updated_at, o.taken_at, o.canceled_at, o.changes, o.currency, o.total,
       o.tax_total, o.shipping_total, o.shipping_tax, o.discount_total, o.difference, o.tax_included, o.payment,
       o.payment_method, o.shipping_method, o.pickup, o.cash_on_delivery, o.ship_by, o.priority, o.holds, o.notes,
       o.tags, o.personal, o.custom, o.custom_personal
FROM orders o JOIN channels c ON c.id = o.channel_id WHERE o.id = :order_id""")


async def order(tx: Tx, order_id: UUID) -> OrderFull | None:
    row = (await tx.execute(_ORDER, {"order_id": order_id})).mappings().one_or_none()
    return msgspec.convert(dict(row), OrderFull) if row else None


class Source(Struct, frozen=True):
    """Stock units of a line from one location, and why from there."""

    location: str
    allocated: int
    shipped: int
    reason: str


class OrderLine(Struct, frozen=True):
    id: UUID
    position: int
    channel_line_id: str
    channel_sku: str
    channel_listing_id: str
    title: str
    kind: str
    sku: str | None
    units: int
    quantity: int
    canceled: int
    allocated: int
    backordered: int
    expected: date | None
    shipped: int
    returned: int
    stock: list[Source]
    unit_price: Decimal
    discount: Decimal
    tax: Decimal
    total: Decimal
    fields: dict[str, str]
    parts: Parts = {}


_ORDER_LINES = text(f"""
SELECT l.id, position, channel_line_id, channel_sku, channel_listing_id, title, l.kind, l.sku, units, quantity,
       canceled, allocated, backordered, b.expected_on AS expected, shipped, returned,
       coalesce(p.stock, '[]') AS stock, unit_price, discount, tax, total, l.custom AS fields,
       {KEPT_PARTS} AS parts
FROM order_lines l LEFT JOIN backorder_terms b ON b.sku = l.sku AND l.backordered > 0
LEFT JOIN LATERAL (
  SELECT jsonb_agg(to_jsonb(m) ORDER BY m.location) AS stock FROM (
    SELECT location, sum(allocated_change) AS allocated,
           coalesce(-sum(on_hand_change) FILTER (WHERE kind = 'shipment'), 0) AS shipped,
           coalesce((array_agg(reason ORDER BY at DESC, id DESC) FILTER (WHERE kind = 'allocation'))[1], '') AS reason
    FROM movements WHERE order_line_id = l.id GROUP BY location
    HAVING sum(allocated_change) > 0 OR bool_or(kind = 'shipment')) m
) p ON true
WHERE l.order_id = :order_id ORDER BY position, l.id""")  # noqa: S608 -- constants only


async def order_lines(tx: Tx, order_id: UUID) -> list[OrderLine]:
    found = (await tx.execute(_ORDER_LINES, {"order_id": order_id})).mappings()
    return [msgspec.convert(dict(row), OrderLine) for row in found]

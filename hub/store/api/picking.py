"""Pick lists as the API and the desk show them: how far they are, and what lies where."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec
from msgspec import Struct
from sqlalchemy import text

from hub.model.errors import NotFoundError
from hub.model.orders.picking import State
from hub.store.db import Tx
from hub.store.picking import PROMISED
from hub.store.stock.transfers import NUMBER_MAX


class PickList(Struct, frozen=True):
    """`units` are the stock units its open lines ask for, `picked` those in hand; `changed` are orders with units that
    no line asks for any more.
    """

    id: UUID
    number: int
    location: str
    location_name: str
    state: State
    created_by: str
    closed_by: str
    created_at: datetime
    closed_at: datetime | None
    orders: int
    units: int
    picked: int
    changed: int


_PARTS = f"""
  SELECT l.order_id, p.sku, p.units, p.picked, k.quantity - k.shipped - k.short - k.put_back AS open,
    k.shipped, k.short, l.id AS line_id, l.position, l.title, l.sku AS sold,
    CASE WHEN o.canceled_at IS NULL THEN coalesce(
      (SELECT units FROM {PROMISED} a WHERE a.location = k.location), 0)::int ELSE 0 END AS promised
  FROM pick_lines k JOIN pick_parts p USING (list_id, order_line_id) JOIN order_lines l ON l.id = k.order_line_id
  JOIN orders o ON o.id = l.order_id WHERE k.list_id = t.id"""  # noqa: S608 -- constants only
_LIST = f"""
SELECT t.id, t.number, t.location, v.name AS location_name, t.state, t.created_by, t.closed_by, t.created_at,
  t.closed_at, x.orders, x.units, x.picked, x.changed
FROM pick_lists t JOIN locations v ON v.code = t.location CROSS JOIN LATERAL (
  SELECT count(DISTINCT order_id) AS orders, coalesce(sum(least(open, promised) * units), 0) AS units,
    coalesce(sum(picked), 0) AS picked,
    count(DISTINCT order_id) FILTER (WHERE open > promised OR picked > least(open, promised) * units) AS changed
  FROM ({_PARTS}) parts) x
WHERE {{which}} ORDER BY t.number DESC LIMIT :limit"""  # noqa: S608 -- constants only
_ONE = text(_LIST.format(which="t.number = :number"))
_MANY = text(
    _LIST.format(
        which="""t.number < :before AND (CAST(:state AS text) IS NULL OR t.state = :state)
  AND (CAST(:location AS text) IS NULL OR t.location = :location)"""
    )
)


async def list_of(tx: Tx, number: int) -> PickList:
    """Raises NotFoundError."""
    row = (await tx.execute(_ONE, {"number": number, "limit": 1})).mappings().first()
    if row is None:
        msg = f"there is no pick list {number}: see hub pick list"
        raise NotFoundError(msg)
    return msgspec.convert(dict(row), PickList)


async def list_lists(
    tx: Tx, *, before: int = NUMBER_MAX, state: str | None = None, location: str | None = None, limit: int
) -> list[PickList]:
    """One page, the newest first."""
    wanted = {"before": before, "state": state, "location": location, "limit": limit}
    return [msgspec.convert(dict(row), PickList) for row in (await tx.execute(_MANY, wanted)).mappings()]


class PickRow(Struct, frozen=True):
    """One part of an order's line: so many stock units of a SKU for this order.

    `needed` still have to go, `picked` are in hand, `short` and `shipped` are over. `surplus` units in hand belong to
    nothing any more; `canceled` and `held` say of the order that it goes nowhere.
    """

    line_id: UUID
    order: int
    sku: str
    name: str
    barcode: str
    shelf: str
    title: str
    sold: str
    needed: int
    picked: int
    short: int
    shipped: int
    surplus: int
    canceled: bool
    held: list[str]


_ROWS = text(f"""
SELECT x.line_id, o.number AS order, x.sku, s.name, s.barcode, coalesce(v.shelf, '') AS shelf, x.title, x.sold,
  least(x.open, x.promised) * x.units AS needed, x.picked, x.short * x.units AS short, x.shipped * x.units AS shipped,
  greatest(0, x.picked - least(x.open, x.promised) * x.units) AS surplus, o.canceled_at IS NOT NULL AS canceled,
  o.holds AS held
FROM pick_lists t CROSS JOIN LATERAL ({_PARTS}) x JOIN orders o ON o.id = x.order_id JOIN skus s ON s.sku = x.sku
LEFT JOIN levels v ON v.sku = x.sku AND v.location = t.location
WHERE t.number = :number
ORDER BY coalesce(v.shelf, '') = '', v.shelf, x.sku, o.priority, o.placed_at, o.number, x.position""")  # noqa: S608 -- constants only


async def pick_rows(tx: Tx, number: int) -> list[PickRow]:
    """All of a list in the order of the shelves; what has no place comes last."""
    rows = await tx.execute(_ROWS, {"number": number})
    return [msgspec.convert(dict(row), PickRow) for row in rows.mappings()]


class SlipLine(Struct, frozen=True):
    """So many units sold, and what of them lies in this parcel."""

    title: str
    sku: str
    quantity: int


class Slip(Struct, frozen=True):
    """What goes into the parcels of an order at one place; `personal` is sealed."""

    id: UUID
    number: int
    channel: str
    channel_order_number: str
    shipping_method: str
    placed_at: datetime
    personal: bytes
    lines: list[SlipLine]


_SLIPS = text(f"""
SELECT o.id, o.number, c.name AS channel, o.channel_order_number, o.shipping_method, o.placed_at, o.personal, (
  SELECT jsonb_agg(jsonb_build_object('title', l.title, 'sku', coalesce(l.sku, ''), 'quantity', p.units)
                   ORDER BY l.position)
  FROM order_lines l JOIN LATERAL {PROMISED} p ON p.location = :location WHERE l.order_id = o.id) AS lines
FROM orders o JOIN channels c ON c.id = o.channel_id
WHERE o.canceled_at IS NULL AND o.number = ANY(:numbers) ORDER BY o.number""")  # noqa: S608 -- constants only


async def slips_of(tx: Tx, numbers: Sequence[int], location: str) -> list[Slip]:
    """Of orders that have something to pack there; in the order of their numbers."""
    rows = await tx.execute(_SLIPS, {"numbers": list(numbers), "location": location})
    return [msgspec.convert(dict(row), Slip) for row in rows.mappings() if row["lines"]]

"""Shipments: the parcels of orders, with the units of each line that left in them."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from msgspec import Struct
from sqlalchemy import text

from hub.store.db import Tx, page

_KNOWN = text("SELECT id FROM shipments WHERE id = ANY(:ids)")


async def known(tx: Tx, ids: Sequence[UUID]) -> set[UUID]:
    """Those of these parcels that have left before."""
    return {row.id for row in await tx.execute(_KNOWN, {"ids": list(ids)})}


class NewShipment(Struct, frozen=True):
    id: UUID
    order_id: UUID
    carrier: str
    tracking: str
    units: Mapping[UUID, int]


_ADD = text("""
WITH new AS (
  SELECT * FROM jsonb_to_recordset(CAST(:page AS jsonb))
    AS x(id uuid, order_id uuid, carrier text, tracking text, units jsonb)
), added AS (
  INSERT INTO shipments (id, order_id, carrier, tracking, actor, at)
  SELECT id, order_id, carrier, tracking, :actor, :at FROM new ORDER BY id
)
INSERT INTO shipment_lines (shipment_id, order_line_id, quantity)
SELECT new.id, CAST(u.key AS uuid), CAST(u.value AS int) FROM new, jsonb_each_text(new.units) u ORDER BY 1, 2""")


async def add_shipments(tx: Tx, rows: Sequence[NewShipment], *, actor: str, at: datetime) -> None:
    if rows:
        await tx.execute(_ADD, {"page": page(rows), "actor": actor, "at": at})


class ShippedUnits(Struct, frozen=True):
    line_id: UUID
    sku: str | None
    title: str
    quantity: int


class Shipment(Struct, frozen=True):
    """One parcel as lists show it."""

    id: UUID
    order_number: int
    carrier: str
    tracking: str
    actor: str
    at: datetime
    lines: list[ShippedUnits]


_LIST = text("""
SELECT h.id, o.number, h.carrier, h.tracking, h.actor, h.at, (
  SELECT jsonb_agg(jsonb_build_object('line_id', l.id, 'sku', l.sku, 'title', l.title, 'quantity', s.quantity)
                   ORDER BY l.position, l.id)
  FROM shipment_lines s JOIN order_lines l ON l.id = s.order_line_id WHERE s.shipment_id = h.id) AS lines
FROM shipments h JOIN orders o ON o.id = h.order_id
WHERE o.number = :number ORDER BY h.at, h.id""")


async def shipments_of(tx: Tx, number: int) -> list[Shipment]:
    """The parcels of one order, the first one first."""
    rows = await tx.execute(_LIST, {"number": number})
    return [Shipment(*(*row[:-1], [ShippedUnits(**each) for each in row.lines])) for row in rows]

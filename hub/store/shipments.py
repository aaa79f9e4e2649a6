"""Shipments: the parcels of orders, with the units of each line that left in them.

Most are followed by the channel's word; those of orders the hub itself promised leave by a person's.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from msgspec import Struct
from sqlalchemy import text

from hub.model.orders.parcels import ParcelState
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
    state: ParcelState = ParcelState.SHIPPED


_ADD = text("""
WITH new AS (
  SELECT * FROM json_to_recordset(CAST(:page AS json))
    AS x(id uuid, order_id uuid, carrier text, tracking text, units jsonb, state text)
), added AS (
  INSERT INTO shipments (id, order_id, carrier, tracking, actor, at, state)
  SELECT id, order_id, carrier, tracking, :actor, :at, state FROM new ORDER BY id
)
INSERT INTO shipment_lines (shipment_id, order_line_id, quantity)
SELECT new.id, CAST(u.key AS uuid), CAST(u.value AS int) FROM new, jsonb_each_text(new.units) u ORDER BY 1, 2""")


async def add_shipments(tx: Tx, rows: Sequence[NewShipment], *, actor: str, at: datetime) -> None:
    if rows:
        await tx.execute(_ADD, {"page": page(rows), "actor": actor, "at": at})


class ChannelParcel(Struct, frozen=True):
    """One that left by the channel's word; `units` are by our line."""

    id: UUID
    order_id: UUID
    channel_parcel_id: str
    carrier: str
    tracking: str
    at: datetime
    units: Mapping[UUID, int]


_OF_CHANNEL = "h.channel_parcel_id <> '' AND h.order_id = ANY(:order_ids)"
_DROP = text(f"""
WITH emptied AS (
  DELETE FROM shipment_lines s USING shipments h WHERE s.shipment_id = h.id AND {_OF_CHANNEL}
)
DELETE FROM shipments h WHERE {_OF_CHANNEL}
  AND NOT EXISTS (SELECT FROM json_to_recordset(CAST(:page AS json)) AS x(order_id uuid, channel_parcel_id text)
    WHERE x.order_id = h.order_id AND x.channel_parcel_id = h.channel_parcel_id)""")  # noqa: S608 -- constants only


async def drop_channel_parcels(tx: Tx, order_ids: Sequence[UUID], *, but: Sequence[ChannelParcel]) -> None:
    """Forget what an earlier snapshot told of these orders; those of `but` keep their ids, and are put anew."""
    if order_ids:
        await tx.execute(_DROP, {"order_ids": list(order_ids), "page": page(but)})


_PUT = text("""
WITH told AS (
  SELECT * FROM json_to_recordset(CAST(:page AS json)) AS x(id uuid, order_id uuid, channel_parcel_id text,
    carrier text, tracking text, at timestamptz, units jsonb)
  WHERE NOT EXISTS (SELECT FROM shipments h WHERE h.order_id = x.order_id AND h.channel_parcel_id = ''
    AND h.tracking = x.tracking AND x.tracking <> '')
    AND NOT EXISTS (SELECT FROM write_backs w WHERE w.order_id = x.order_id AND w.kind = 'fulfillment'
    AND (x.channel_parcel_id = w.channel_ref OR starts_with(x.channel_parcel_id, CAST(w.id AS text))))
), put AS (
  INSERT INTO shipments AS h (id, order_id, channel_parcel_id, carrier, tracking, actor, at)
  SELECT id, order_id, channel_parcel_id, carrier, tracking, :actor, at FROM told
  ORDER BY order_id, channel_parcel_id
  ON CONFLICT (order_id, channel_parcel_id) WHERE channel_parcel_id <> ''
  DO UPDATE SET carrier = excluded.carrier, tracking = excluded.tracking, at = excluded.at
  RETURNING id, order_id, channel_parcel_id
)
INSERT INTO shipment_lines (shipment_id, order_line_id, quantity)
SELECT put.id, CAST(u.key AS uuid), CAST(u.value AS int)
FROM put JOIN told USING (order_id, channel_parcel_id), jsonb_each_text(told.units) u ORDER BY 1, 2""")


async def put_channel_parcels(tx: Tx, rows: Sequence[ChannelParcel], *, actor: str) -> None:
    """`actor` is the channel's slug. One that the hub itself told it of comes back, and is there already."""
    if rows:
        await tx.execute(_PUT, {"page": page(rows), "actor": actor})


class ShippedUnits(Struct, frozen=True):
    line_id: UUID
    sku: str | None
    title: str
    quantity: int


class Shipment(Struct, frozen=True):
    """One parcel as lists show it. `channel_parcel_id` is "" where the hub let it leave, not the channel.

    The channel may not say what is in it: then it has no lines.
    """

    id: UUID
    order_number: int
    channel_parcel_id: str
    carrier: str
    tracking: str
    actor: str
    at: datetime
    state: ParcelState
    state_at: datetime
    lines: list[ShippedUnits]


_LIST = """
SELECT h.id, o.number, h.channel_parcel_id, h.carrier, h.tracking, h.actor, h.at, h.state,
  coalesce(h.state_at, h.at), coalesce((
  SELECT jsonb_agg(jsonb_build_object('line_id', l.id, 'sku', l.sku, 'title', l.title, 'quantity', s.quantity)
                   ORDER BY l.position, l.id)
  FROM shipment_lines s JOIN order_lines l ON l.id = s.order_line_id WHERE s.shipment_id = h.id), '[]') AS lines
FROM shipments h JOIN orders o ON o.id = h.order_id
WHERE {which} LIMIT :limit"""
_OF_ORDER = text(_LIST.format(which="o.number = :number ORDER BY h.at, h.id"))
_NEWEST = text(
    _LIST.format(
        which="""h.id < :before AND h.state = coalesce(CAST(:state AS text), h.state)
  AND (:search = '' OR h.tracking = :search) AND h.id = coalesce(CAST(:only AS uuid), h.id) ORDER BY h.id DESC"""
    )
)
PARCELS_MAX = 1_000  # of one order
NEWEST = UUID(int=2**128 - 1)  # no id is higher


async def shipments_of(tx: Tx, number: int) -> list[Shipment]:
    """The parcels of one order, the first one first."""
    return [_shipment(row) for row in await tx.execute(_OF_ORDER, {"number": number, "limit": PARCELS_MAX})]


async def list_shipments(
    tx: Tx,
    *,
    state: str | None = None,
    search: str = "",
    only: UUID | None = None,
    before: UUID = NEWEST,
    limit: int,
) -> list[Shipment]:
    """The newest first; only those in a state, or with a tracking number."""
    wanted = {"state": state, "search": search, "only": only, "before": before, "limit": limit}
    return [_shipment(row) for row in await tx.execute(_NEWEST, wanted)]


def _shipment(row: Any) -> Shipment:
    return Shipment(*(*row[:7], ParcelState(row[7]), row[8], [ShippedUnits(**each) for each in row.lines]))


class HeldParcel(Struct, frozen=True):
    """A parcel whose order is locked. `units` are by line."""

    id: UUID
    order_id: UUID
    state: ParcelState
    carrier: str
    tracking: str
    units: Mapping[UUID, int]


_LOCK_ORDERS = text("""
SELECT o.id FROM orders o WHERE o.id IN (SELECT order_id FROM shipments WHERE id = ANY(:ids))
ORDER BY o.channel_id, o.channel_order_id FOR UPDATE""")
_LOCK = text("""
SELECT h.id, h.order_id, h.state, h.carrier, h.tracking,
  coalesce((SELECT jsonb_object_agg(order_line_id, quantity) FROM shipment_lines WHERE shipment_id = h.id), '{}')
FROM shipments h WHERE h.id = ANY(:ids) ORDER BY h.id""")
_TELL = text("""
UPDATE shipments h SET state = x.state, state_at = :at
FROM json_to_recordset(CAST(:page AS json)) AS x(id uuid, state text) WHERE h.id = x.id""")
_LABEL = text("""
UPDATE shipments h SET carrier = x.carrier, tracking = x.tracking
FROM json_to_recordset(CAST(:page AS json)) AS x(id uuid, carrier text, tracking text) WHERE h.id = x.id""")


async def lock_parcels(tx: Tx, ids: Sequence[UUID]) -> dict[UUID, HeldParcel]:
    """Lock the orders of these parcels, and return the parcels; what there is not is left out."""
    await tx.execute(_LOCK_ORDERS, {"ids": list(ids)})
    rows = await tx.execute(_LOCK, {"ids": list(ids)})
    return {
        row[0]: msgspec.convert(dict(zip(HeldParcel.__struct_fields__, row, strict=True)), HeldParcel)
        for row in rows
    }


async def tell_states(tx: Tx, states: Mapping[UUID, ParcelState], *, at: datetime) -> None:
    if states:
        rows = [{"id": parcel_id, "state": state} for parcel_id, state in states.items()]
        await tx.execute(_TELL, {"page": page(rows), "at": at})


class Label(Struct, frozen=True):
    """Who brings a parcel, and under which number."""

    id: UUID
    carrier: str
    tracking: str


async def put_labels(tx: Tx, labels: Sequence[Label]) -> None:
    if labels:
        await tx.execute(_LABEL, {"page": page(labels)})

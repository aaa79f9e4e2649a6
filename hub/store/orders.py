"""Orders, and what their lines hold. A batch enters as one jsonb parameter, sorted by its conflict key."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import msgspec
from msgspec import Struct
from sqlalchemy import text

from hub.model.incoming import Pickup
from hub.model.orders.taking import HeldLine
from hub.model.stock.nearness import Destination
from hub.store import holds
from hub.store.db import Tx, page
from hub.store.holds import FOLLOW, SET_ASIDE


class HeldOrder(Struct, frozen=True):
    """An order as the hub holds it, locked. `channel` is a slug, `ship_to` roughly where it goes.

    `released`: a hold besides the payment has given its stock back. `set_aside` are the holds that it had when it was
    canceled. `cancel_told_at`: when the channel said that it has our cancel, read where its own news are compared.
    """

    id: UUID
    channel_order_id: str
    number: int
    snapshot_key: str
    canceled: bool
    payment: str
    changes: int
    holds: list[str]
    lines: list[HeldLine]
    place: str | None = None
    channel: str = ""
    ship_to: Destination | None = None
    pay_by: datetime | None = None
    released: bool = False
    channel_canceled: bool = False
    pickup: Pickup | None = None
    set_aside: list[str] = []
    ship_by: datetime | None = None
    cancel_told_at: datetime | None = None

    @property
    def known_holds(self) -> set[str]:
        """Its holds, those that come back with it included."""
        return {*self.holds, *self.set_aside}

    @property
    def reopened(self) -> bool:
        """A person reopened what the channel has canceled: its cancel counts no more until it says otherwise."""
        return self.channel_canceled and not self.canceled

    @property
    def keeps_stock(self) -> bool:
        """Whether units are promised to it: not while it is unpaid for too long, or held with its stock given back."""
        return not (self.lapsed or self.released)

    @property
    def lapsed(self) -> bool:
        """It was not paid in time: it keeps no stock until it is, or until a person says so."""
        return self.pay_by is not None and "payment" in self.known_holds

    @property
    def used(self) -> tuple[str, ...]:
        """The locations that hold units for it."""
        return tuple(sorted({location for line in self.lines for location in line.picks}))


_LOCK = text("""
SELECT id, channel_order_id, number, snapshot_key, canceled_at IS NOT NULL, payment, changes, holds,
       pay_by, channel_canceled, set_aside, CASE WHEN channel_canceled THEN (SELECT max(told_at) FROM write_backs w
         WHERE w.order_id = orders.id AND w.kind = 'cancellation' AND w.lines = '{}' AND w.state = 'applied') END
FROM orders WHERE channel_id = :channel_id AND channel_order_id = ANY(:ids) ORDER BY channel_order_id FOR UPDATE""")

# What one unit sold of line `l` takes of stock, a row for each SKU: its own, or the parts it kept of a bundle.
PARTS_OF = """(SELECT sku, units FROM order_line_parts WHERE line_id = {0}.id
  UNION ALL SELECT {0}.sku, {0}.units
  WHERE {0}.sku IS NOT NULL AND NOT EXISTS (SELECT FROM order_line_parts WHERE line_id = {0}.id))"""
PARTS = PARTS_OF.format("l")
KEPT_PARTS = """(SELECT coalesce(jsonb_object_agg(p.sku, p.units ORDER BY p.sku), '{}') FROM order_line_parts p
  WHERE p.line_id = l.id)"""
"""The parts that line `l` kept of a bundle, as one object; empty for all others."""

# A unit sold is promised whole from one location, so any one of its parts tells how many are.
_LINES = text(f"""
SELECT l.order_id, l.id, l.channel_line_id, l.sku, l.units, l.kind, l.quantity, l.canceled, l.allocated, l.shipped,
       l.fulfilled, l.left_before, coalesce(x.parts, '{{}}') AS parts, coalesce(p.picks, '{{}}') AS picks,
       l.backordered, l.canceled_with_order
FROM order_lines l CROSS JOIN LATERAL (
  SELECT jsonb_object_agg(sku, units ORDER BY sku) AS parts, min(sku) AS sku,
         (array_agg(units ORDER BY sku))[1] AS units
  FROM {PARTS} parts
) x LEFT JOIN LATERAL (
  SELECT jsonb_object_agg(m.location, m.units ORDER BY m.location) AS picks FROM (
    SELECT location, sum(allocated_change) / x.units AS units FROM movements
    WHERE order_line_id = l.id AND sku = x.sku GROUP BY location HAVING sum(allocated_change) > 0) m
) p ON true
WHERE l.order_id = ANY(:order_ids) ORDER BY l.order_id, l.position, l.id""")  # noqa: S608 -- constants only


async def lock_held(tx: Tx, channel_id: UUID, channel_order_ids: Sequence[str]) -> dict[str, HeldOrder]:
    """Lock and return the orders the hub holds already, by the channel's id, with what each line holds of stock."""
    wanted = {"channel_id": channel_id, "ids": sorted(set(channel_order_ids))}
    heads = [tuple(row) for row in await tx.execute(_LOCK, wanted)]
    lines = await lines_of(tx, [head[0] for head in heads])
    out = await holds.released(tx, [head[0] for head in heads if head[7]])
    return {head[1]: _held_here(head, lines.get(head[0], []), released=head[0] in out) for head in heads}


def _held_here(head: Sequence[Any], lines: list[HeldLine], *, released: bool) -> HeldOrder:
    *known, pay_by, channel_canceled, aside, told_at = head
    released = released or _gave_back(aside)
    where = (None, "", None)
    said = (pay_by, released, channel_canceled, None, _reasons(aside), None, told_at)
    return HeldOrder(*(*known, lines, *where, *said))


async def lines_of(tx: Tx, order_ids: Sequence[UUID]) -> dict[UUID, list[HeldLine]]:
    if not order_ids:
        return {}
    lines: dict[UUID, list[HeldLine]] = {}
    for order_id, *line in await tx.execute(_LINES, {"order_ids": list(order_ids)}):
        lines.setdefault(order_id, []).append(HeldLine(*line))
    return lines


USUAL_PRIORITY = 100


class OrderRow(Struct, frozen=True):
    id: UUID
    channel_order_id: str
    channel_order_number: str
    channel_state: str
    snapshot_key: str
    placed_at: datetime
    channel_updated_at: datetime
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
    canceled: bool
    holds: list[str]
    notes: tuple[str, ...]
    customer_id: UUID | None
    personal: bytes
    ship_to: Destination | None = None
    pay_by: datetime | None = None
    pickup: Pickup | None = None
    cash_on_delivery: bool = False
    hold_notes: Mapping[str, str] = {}
    channel_canceled: bool = False
    owners: bytes | None = None
    tags: list[str] = []
    priority: int = USUAL_PRIORITY
    ship_by: datetime | None = None
    channel_payment: str = ""
    collected: Decimal = Decimal(0)
    custom: Mapping[str, str] = {}
    custom_personal: bytes | None = None


_FIELDS = """channel_order_id, channel_order_number, channel_state, snapshot_key, placed_at, channel_updated_at,
  currency, total, tax_total, shipping_total, shipping_tax, discount_total, difference, tax_included, payment,
  payment_method, shipping_method, cash_on_delivery, pay_by, channel_canceled, ship_by, channel_payment,
  collected"""
_RECORDSET = """json_to_recordset(CAST(:page AS json)) AS x(id uuid, channel_order_id text,
  channel_order_number text, channel_state text, snapshot_key text, placed_at timestamptz,
  channel_updated_at timestamptz, currency text, total numeric, tax_total numeric, shipping_total numeric,
  shipping_tax numeric, discount_total numeric, difference numeric, tax_included bool, payment text,
  payment_method text, shipping_method text, cash_on_delivery bool,
  pay_by timestamptz, canceled bool, holds text[], notes text[], customer_id uuid,
  personal text, ship_to jsonb, pickup jsonb, hold_notes jsonb, channel_canceled bool, owners text, tags text[],
  priority int, ship_by timestamptz, channel_payment text, collected numeric, custom jsonb, custom_personal text)"""

# The holds begin as in hub.store.holds.FOLLOW, with what the review says of each.
_INSERT = text(f"""
WITH given AS MATERIALIZED (SELECT * FROM {_RECORDSET}), written AS (
  INSERT INTO orders (id, channel_id, taken_at, canceled_at, holds, notes, customer_id, personal, ship_to, pickup,
    tags, priority, owners, custom, custom_personal, {_FIELDS})
  SELECT id, :channel_id, :at, CASE WHEN canceled THEN :at END, holds, notes, customer_id,
         decode(personal, 'base64'), nullif(ship_to, 'null'), nullif(pickup, 'null'), tags, priority,
         decode(owners, 'base64'), custom, decode(custom_personal, 'base64'), {_FIELDS}
  FROM given ORDER BY channel_order_id
  ON CONFLICT (channel_id, channel_order_id) DO NOTHING RETURNING id, number, holds), begun AS (
  INSERT INTO holds (order_id, reason, stock, since, put_by, note)
  SELECT w.id, r, CASE r WHEN 'payment' THEN 'released' ELSE 'kept' END, :at, 'hub', coalesce(g.hold_notes ->> r, '')
  FROM written w JOIN given g USING (id), unnest(w.holds) r ORDER BY 1, 2)
SELECT id, number FROM written""")  # noqa: S608 -- constants only


async def insert_orders(
    tx: Tx, channel_id: UUID, rows: Sequence[OrderRow], *, at: datetime
) -> dict[UUID, int]:
    """Insert new orders; return the number each got. One that another worker took meanwhile is left out."""
    if not rows:
        return {}
    answer = await tx.execute(_INSERT, {"channel_id": channel_id, "at": at, "page": page(rows)})
    return {row.id: row.number for row in answer}


# What was promised once stays until the channel promises something else.
_KEPT = {"ship_by": "coalesce(x.ship_by, o.ship_by)"}
_SET = ", ".join(
    f"{name} = {_KEPT.get(name, f'x.{name}')}" for name in (each.strip() for each in _FIELDS.split(","))
)
_CANCELED = f"""canceled_at = CASE WHEN x.canceled THEN coalesce(o.canceled_at, :at) ELSE o.canceled_at END,
  set_aside = CASE WHEN x.canceled AND o.canceled_at IS NULL THEN {SET_ASIDE} ELSE o.set_aside END"""
_UPDATE = text(f"""
WITH written AS (
UPDATE orders o SET {_SET}, holds = x.holds, notes = x.notes, personal = decode(x.personal, 'base64'),
  owners = decode(x.owners, 'base64'), ship_to = nullif(x.ship_to, 'null'), pickup = nullif(x.pickup, 'null'),
  custom = x.custom, custom_personal = decode(x.custom_personal, 'base64'),
  customer_id = coalesce(x.customer_id, o.customer_id), changes = o.changes + 1,
  {_CANCELED}
FROM {_RECORDSET} WHERE o.id = x.id RETURNING o.id, o.holds, o.set_aside), {FOLLOW}
SELECT FROM written""")  # noqa: S608 -- constants only


async def update_orders(tx: Tx, rows: Sequence[OrderRow], *, at: datetime) -> None:
    """Write what a newer snapshot says. A canceled order stays canceled (L2)."""
    if rows:
        await tx.execute(_UPDATE, {"at": at, "page": page(rows)})


# The orders with lines that sell, or take parts of, these SKUs.
WITH_SKUS = """(SELECT l.order_id FROM order_lines l WHERE l.sku = ANY(:skus) AND l.kind = 'item'
  UNION SELECT l.order_id FROM order_line_parts p JOIN order_lines l ON l.id = p.line_id WHERE p.sku = ANY(:skus))"""
STOCK_HOLDS = "ARRAY['oversold','unsourced','unmatched']"
"""The holds that stock, or a SKU, ends by itself."""

# Held orders are few, and lines on backorder have an index of their own: the history of a SKU is never read.
_WAITING_FOR = text(f"""
SELECT o.id FROM (
  SELECT h.id FROM orders h WHERE h.holds <> '{{}}' AND h.holds && {STOCK_HOLDS} AND EXISTS (
    SELECT FROM order_lines l WHERE l.order_id = h.id AND l.kind = 'item' AND (l.sku = ANY(:skus)
      OR EXISTS (SELECT FROM order_line_parts p WHERE p.line_id = l.id AND p.sku = ANY(:skus))))
  UNION SELECT order_id FROM order_lines WHERE sku = ANY(:skus) AND backordered > 0
  UNION SELECT l.order_id FROM order_line_parts p JOIN order_lines l ON l.id = p.line_id
    WHERE p.sku = ANY(:skus) AND l.backordered > 0) w
JOIN orders o ON o.id = w.id WHERE o.canceled_at IS NULL
ORDER BY o.priority, o.placed_at, o.number LIMIT :limit""")  # noqa: S608 -- constants only
_HEAD = """
SELECT o.id, o.channel_order_id, o.number, o.snapshot_key, o.canceled_at IS NOT NULL, o.payment, o.changes, o.holds,
       o.priority, o.placed_at, c.location, c.slug, o.ship_to, o.pay_by, o.channel_canceled, o.pickup,
       o.set_aside, o.ship_by
FROM orders o JOIN channels c ON c.id = o.channel_id"""
_LOCK_IDS = text(f"""{_HEAD}
WHERE o.id = ANY(:ids) ORDER BY o.channel_id, o.channel_order_id FOR UPDATE OF o""")


async def lock_short(tx: Tx, skus: Sequence[str], *, limit: int) -> list[HeldOrder]:
    """Lock the orders that lack, or oversold, units of these SKUs: by their priority, then the oldest promise first."""
    found = await tx.execute(_WAITING_FOR, {"skus": list(skus), "limit": limit})
    return await lock_open(tx, [row.id for row in found])


async def lock_open(tx: Tx, ids: Sequence[UUID]) -> list[HeldOrder]:
    """Lock those of these orders that are not canceled; in the answer by their priority, then the oldest first."""
    return [order for order in await lock_all(tx, ids) if not order.canceled]


async def lock_all(tx: Tx, ids: Sequence[UUID]) -> list[HeldOrder]:
    """As lock_open, canceled ones included."""
    if not ids:
        return []
    heads = sorted(
        await tx.execute(_LOCK_IDS, {"ids": list(ids)}),
        key=lambda head: (head.priority, head.placed_at, head.number),
    )
    lines = await lines_of(tx, ids)
    out = await holds.released(tx, [head.id for head in heads if head.holds])
    return [_held(head, lines.get(head.id, []), released=head.id in out) for head in heads]


def _held(head: Any, lines: list[HeldLine], *, released: bool) -> HeldOrder:
    ship_to, pickup = msgspec.convert([head.ship_to, head.pickup], tuple[Destination | None, Pickup | None])
    where = (head.location, head.slug, ship_to, head.pay_by)
    released = released or _gave_back(head.set_aside)
    aside = _reasons(head.set_aside)
    return HeldOrder(
        *(*head[:8], lines, *where, released, head.channel_canceled, pickup, aside, head.ship_by)
    )


_Aside = Sequence[Mapping[str, str]] | None


def _reasons(set_aside: _Aside) -> list[str]:
    return sorted(each["reason"] for each in set_aside or ())


def _gave_back(set_aside: _Aside) -> bool:
    return any(each["stock"] == "released" and each["reason"] != "payment" for each in set_aside or ())


_NUMBER = text("SELECT number FROM orders WHERE id = :id")
_IDS = text("SELECT id, number FROM orders WHERE number = ANY(:numbers)")
_CHANNELS = text("SELECT id, channel_id FROM orders WHERE id = ANY(:ids)")
_HELD = text(f"{_HEAD} WHERE o.number = :number")


async def ids_of(tx: Tx, numbers: Sequence[int]) -> dict[int, UUID]:
    """By number; what there is not is left out."""
    return {row.number: row.id for row in await tx.execute(_IDS, {"numbers": list(numbers)})}


async def channels_of(tx: Tx, ids: Sequence[UUID]) -> dict[UUID, UUID]:
    """The channel of each order."""
    return {row.id: row.channel_id for row in await tx.execute(_CHANNELS, {"ids": list(ids)})}


async def number_of(tx: Tx, order_id: UUID) -> int | None:
    number: int | None = await tx.scalar(_NUMBER, {"id": order_id})
    return number


async def read_held(tx: Tx, number: int) -> HeldOrder | None:
    """An order as the hub holds it, for looking only."""
    head = (await tx.execute(_HELD, {"number": number})).first()
    if head is None:
        return None
    lines = (await lines_of(tx, [head.id])).get(head.id, [])
    return _held(head, lines, released=bool(await holds.released(tx, [head.id])))


class FactsRow(Struct, frozen=True):
    """What an older snapshot still says of an order: a cancel, and that more has left than a person kept, who is asked.

    Who owns which field stays where `owners` is None.
    """

    id: UUID
    canceled: bool
    owners: bytes | None
    asks: bool


_NOTE_FACTS = text(f"""
WITH written AS (
UPDATE orders o SET changes = o.changes + 1, owners = coalesce(decode(x.owners, 'base64'), o.owners),
  channel_canceled = o.channel_canceled OR x.canceled,
  holds = CASE WHEN x.canceled OR o.canceled_at IS NOT NULL THEN '{{}}'
    WHEN x.asks AND NOT 'conflict' = ANY(o.holds) THEN array_append(o.holds, 'conflict') ELSE o.holds END,
  {_CANCELED}
FROM json_to_recordset(CAST(:page AS json)) AS x(id uuid, canceled bool, owners text, asks bool) WHERE o.id = x.id
RETURNING o.id, o.holds, o.set_aside), {FOLLOW}
SELECT FROM written""")  # noqa: S608 -- constants only


async def note_facts(tx: Tx, rows: Sequence[FactsRow], *, at: datetime) -> None:
    """Note that an older snapshot changed these orders' quantities."""
    if rows:
        await tx.execute(_NOTE_FACTS, {"page": page(rows), "at": at})

"""Edits: an order as it stands, for whoever changes it or compares it; and what people changed, sealed."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from uuid import UUID

import msgspec
from msgspec import Struct
from sqlalchemy import text

from hub.model.incoming import IncomingLine, Pickup
from hub.store.db import Tx, page


class OrderVersion(Struct, frozen=True):
    """An order as it stands; `personal`, `custom_personal`, `owners` and `remark` are still sealed.

    `shipped` is by the channel's id of a line. Of a canceled order the lines say what they would without that.
    """

    id: UUID
    number: int
    channel_order_id: str
    channel_order_number: str
    channel_state: str
    placed_at: datetime
    channel_updated_at: datetime
    currency: str
    total: Decimal
    tax_total: Decimal
    shipping_total: Decimal
    shipping_tax: Decimal
    discount_total: Decimal
    tax_included: bool
    payment: str
    payment_method: str
    shipping_method: str
    cash_on_delivery: bool
    pickup: Pickup | None
    canceled: bool
    refunded: Decimal
    priority: int
    tags: list[str]
    notes: list[str]
    custom: dict[str, str]
    personal: bytes
    custom_personal: bytes | None
    owners: bytes | None
    remark: bytes | None
    lines: list[IncomingLine]
    shipped: dict[str, int]
    captured: Decimal
    given_back: Decimal
    told: Decimal
    authorized: Decimal
    channel_payment: str
    collected: Decimal


# Amounts become text on their way: a JSON number would lose digits.
_VERSIONS = text("""
SELECT o.id, o.number, o.channel_order_id, o.channel_order_number, o.channel_state, o.placed_at, o.channel_updated_at,
  o.currency, o.total, o.tax_total, o.shipping_total, o.shipping_tax, o.discount_total, o.tax_included, o.payment,
  o.payment_method, o.shipping_method, o.cash_on_delivery, o.pickup,
  o.canceled_at IS NOT NULL AS canceled, o.refunded, o.priority, o.tags, o.notes,
  o.custom, o.personal, o.custom_personal, o.owners, o.remark,
  coalesce(l.lines, '[]') AS lines, coalesce(l.shipped, '{}') AS shipped,
  coalesce(p.captured, 0) AS captured, coalesce(p.given_back, 0) AS given_back, coalesce(p.told, 0) AS told,
  coalesce(p.authorized, 0) AS authorized, o.channel_payment, o.collected
FROM orders o CROSS JOIN LATERAL (
  SELECT sum(CASE step WHEN 'captured' THEN amount WHEN 'undone' THEN -amount END) AS captured,
         sum(amount) FILTER (WHERE step = 'refunded') AS given_back,
         sum(amount) FILTER (WHERE channel_refund_id IS NOT NULL) AS told,
         sum(amount) FILTER (WHERE step = 'authorized') AS authorized
  FROM payments WHERE order_id = o.id) p CROSS JOIN LATERAL (
  SELECT jsonb_agg(jsonb_build_object('channel_line_id', channel_line_id, 'title', title, 'quantity', quantity,
      'unit_price', unit_price::text, 'total', total::text, 'tax', tax::text, 'discount', discount::text, 'kind', kind,
      'channel_sku', channel_sku, 'channel_listing_id', channel_listing_id, 'canceled', canceled - canceled_with_order,
      'fulfilled', fulfilled, 'custom', custom) ORDER BY position, id) AS lines,
    jsonb_object_agg(channel_line_id, shipped) FILTER (WHERE shipped > 0) AS shipped
  FROM order_lines WHERE order_id = o.id AND NOT removed) l
WHERE o.id = ANY(:ids)""")


async def versions(tx: Tx, ids: Sequence[UUID]) -> list[OrderVersion]:
    """These orders, which are locked, with the lines that stand on them still; one statement."""
    if not ids:
        return []
    rows = (await tx.execute(_VERSIONS, {"ids": list(ids)})).mappings()
    return [msgspec.convert(dict(row), OrderVersion) for row in rows]


class OwnFields(Struct, frozen=True):
    """What only people say of an order."""

    id: UUID
    canceled: bool
    refunded: Decimal
    priority: int
    tags: tuple[str, ...]
    remark: bytes | None


_PUT_OWN = text("""
UPDATE orders o SET refunded = x.refunded, priority = x.priority, tags = x.tags, remark = decode(x.remark, 'base64'),
  canceled_at = CASE WHEN x.canceled THEN coalesce(o.canceled_at, :at) END,
  set_aside = CASE WHEN x.canceled THEN o.set_aside END
FROM json_to_recordset(CAST(:page AS json))
  AS x(id uuid, canceled bool, refunded numeric, priority int, tags text[], remark text)
WHERE o.id = x.id""")


async def put_own(tx: Tx, rows: Sequence[OwnFields], *, at: datetime) -> None:
    """Only a person reopens what is canceled."""
    await tx.execute(_PUT_OWN, {"page": page(rows), "at": at})


class NewEdit(Struct, frozen=True):
    """`sealed`: every field that changed, with what it was and became. What is `together` is undone together."""

    id: UUID
    order_id: UUID
    kind: str
    reason: str
    sealed: bytes
    together: UUID


_KNOWN = text("SELECT id FROM order_edits WHERE id = ANY(:ids)")
_ADD = text("""
INSERT INTO order_edits (id, order_id, kind, reason, actor, at, sealed, together)
SELECT id, order_id, kind, reason, :actor, :at, decode(sealed, 'base64'), together
FROM json_to_recordset(CAST(:page AS json))
  AS x(id uuid, order_id uuid, kind text, reason text, sealed text, together uuid)
ORDER BY id""")


async def known(tx: Tx, ids: Sequence[UUID]) -> set[UUID]:
    """Those of these edits that were made before."""
    return {row.id for row in await tx.execute(_KNOWN, {"ids": list(ids)})}


async def add_edits(tx: Tx, rows: Sequence[NewEdit], *, actor: str, at: datetime) -> None:
    await tx.execute(_ADD, {"page": page(rows), "actor": actor, "at": at})


class KeptEdit(Struct, frozen=True):
    """An edit as it was kept; `sealed` still is."""

    id: UUID
    order_id: UUID
    kind: str
    reason: str
    actor: str
    at: datetime
    sealed: bytes
    undone_at: datetime | None
    undone_by: str
    together: UUID


_KEPT = (
    "SELECT id, order_id, kind, reason, actor, at, sealed, undone_at, undone_by, together FROM order_edits"
)
_OF_ORDER = text(f"{_KEPT} WHERE order_id = :id ORDER BY at DESC, id DESC LIMIT 100")
_BY_ID = text(f"{_KEPT} WHERE id = ANY(:ids) ORDER BY id")
_TOGETHER = text(f"""
{_KEPT} WHERE together = ANY(ARRAY(SELECT together FROM order_edits WHERE id = ANY(:ids))) ORDER BY id""")  # noqa: S608 -- constants only
_CANCELS = text(f"""
{_KEPT}
WHERE order_id = ANY(:ids) AND (kind = 'cancel' AND undone_at IS NULL OR kind = 'split off' AND undone_at IS NOT NULL)
ORDER BY coalesce(undone_at, at), id""")
_UNDONE = text("UPDATE order_edits SET undone_at = :at, undone_by = :actor WHERE id = ANY(:ids)")


async def edits_of(tx: Tx, order_id: UUID) -> list[KeptEdit]:
    """The newest first, a hundred at most."""
    return [KeptEdit(*row) for row in await tx.execute(_OF_ORDER, {"id": order_id})]


_OTHERS = text("""
SELECT e.id, array_agg(o.number ORDER BY o.number) AS numbers FROM order_edits e
JOIN order_edits x ON x.together = e.together AND x.id <> e.id JOIN orders o ON o.id = x.order_id
WHERE e.id = ANY(:ids) AND (e.kind IN ('split', 'merge') OR x.kind IN ('split', 'merge')) GROUP BY e.id""")


async def others_of(tx: Tx, found: Sequence[KeptEdit]) -> dict[UUID, list[int]]:
    """By the edit, the numbers of the orders that it moved units from or to."""
    return {row.id: row.numbers for row in await tx.execute(_OTHERS, {"ids": [each.id for each in found]})}


async def edits_by_id(tx: Tx, ids: Sequence[UUID]) -> dict[UUID, KeptEdit]:
    return {row.id: KeptEdit(*row) for row in await tx.execute(_BY_ID, {"ids": sorted(set(ids))})}


async def edits_together(tx: Tx, ids: Sequence[UUID]) -> dict[UUID, KeptEdit]:
    """These edits, and those that were made together with them and are undone with them."""
    return {row.id: KeptEdit(*row) for row in await tx.execute(_TOGETHER, {"ids": sorted(set(ids))})}


async def last_cancels(tx: Tx, order_ids: Sequence[UUID]) -> Mapping[UUID, KeptEdit]:
    """By order, the edit that canceled it, where a person did; of one that was split off and taken back, the split."""
    return {row.order_id: KeptEdit(*row) for row in await tx.execute(_CANCELS, {"ids": list(order_ids)})}


async def note_undone(tx: Tx, ids: Sequence[UUID], *, actor: str, at: datetime) -> None:
    await tx.execute(_UNDONE, {"ids": list(ids), "actor": actor, "at": at})


_PRIORITY = text("""
WITH x AS (SELECT * FROM json_to_recordset(CAST(:page AS json)) AS x(id uuid, priority int)), locked AS (
  SELECT id FROM orders WHERE id IN (SELECT id FROM x) ORDER BY channel_id, channel_order_id FOR UPDATE)
UPDATE orders o SET priority = x.priority FROM x, locked
WHERE o.id = x.id AND o.id = locked.id AND o.priority <> x.priority RETURNING o.id""")


async def set_priority(tx: Tx, priorities: Mapping[UUID, int]) -> set[UUID]:
    """Return the orders of which it is another now."""
    rows = [{"id": order_id, "priority": priority} for order_id, priority in priorities.items()]
    return {row.id for row in await tx.execute(_PRIORITY, {"page": page(rows)})}

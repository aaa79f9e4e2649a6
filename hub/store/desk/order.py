"""One order as its page shows it: lines, where their stock came from, and all that happened to it."""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace
from sqlalchemy import text

from hub.model.edits.editing import OWN_LINE
from hub.model.incoming import Pickup
from hub.model.stock.wants import Parts
from hub.store.db import Tx
from hub.store.desk.rows import row_of, rows_of
from hub.store.orders import KEPT_PARTS


class OrderHead(Struct, frozen=True):
    """`personal` and `custom_personal` are still sealed. Amounts are the channel's own."""

    id: UUID
    number: int
    channel_order_id: str
    channel_order_number: str
    channel_state: str
    channel_slug: str
    channel_ships_here: bool
    channel_name: str
    channel_kind: str
    placed_at: datetime
    taken_at: datetime
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
    canceled_at: datetime | None
    pay_by: datetime | None
    ship_by: datetime | None
    priority: int
    holds: list[str]
    notes: list[str]
    tags: list[str]
    customer_id: UUID | None
    personal: bytes
    custom: dict[str, str]
    custom_personal: bytes | None


class Line(Struct, frozen=True):
    """`parts` are what one unit sold of a bundle takes, as of when the line was matched; no other line has any.

    `exchanged_by` is the RMA of goods that came back for it.
    """

    id: UUID
    position: int
    channel_sku: str
    title: str
    kind: str
    sku: str | None
    sku_name: str | None
    units: int
    quantity: int
    canceled: int
    allocated: int
    backordered: int
    ahead_kind: str
    expected: date | None
    shipped: int
    left_before: int
    returned: int
    unit_price: Decimal
    discount: Decimal
    tax: Decimal
    total: Decimal
    custom: dict[str, str]
    exchanged_by: int | None
    parts: Parts = {}


class LineMovement(Struct, frozen=True):
    """A movement of stock that this order caused."""

    at: datetime
    order_line_id: UUID
    kind: str
    sku: str
    location: str
    location_name: str
    on_hand_change: int
    allocated_change: int
    actor: str
    reason: str


class Event(Struct, frozen=True):
    at: datetime
    kind: str
    actor: str
    facts: dict[str, Any]


class OrderPage(Struct, frozen=True):
    head: OrderHead
    lines: list[Line]
    movements: list[LineMovement]
    events: list[Event]


_HEAD = text("""
SELECT o.*, c.slug AS channel_slug, c.ships_here AS channel_ships_here, c.name AS channel_name, a.kind AS channel_kind
FROM orders o JOIN channels c ON c.id = o.channel_id JOIN accounts a ON a.id = c.account_id
WHERE o.number = :number""")

_LINES = text(f"""
SELECT l.*, s.name AS sku_name, coalesce(b.kind, '') AS ahead_kind, b.expected_on AS expected,
       {KEPT_PARTS} AS parts,
       (SELECT a.number FROM refunds r JOIN rmas a ON a.id = r.rma_id
        WHERE r.order_id = l.order_id AND starts_with(l.channel_line_id, '{OWN_LINE}' || r.id || ':')) AS exchanged_by
FROM order_lines l LEFT JOIN skus s ON s.sku = l.sku LEFT JOIN backorder_terms b ON b.sku = l.sku AND l.backordered > 0
WHERE l.order_id = :order_id ORDER BY l.position, l.id""")  # noqa: S608 -- constants only

_MOVEMENTS = text("""
SELECT m.at, m.order_line_id, m.kind, m.sku, m.location, coalesce(p.name, m.location) AS location_name,
    m.on_hand_change, m.allocated_change, m.actor, m.reason
FROM movements m LEFT JOIN locations p ON p.code = m.location
WHERE m.order_line_id = ANY(:line_ids) ORDER BY m.at, m.id LIMIT 500""")

_EVENTS = text("""
SELECT at, kind, actor, facts FROM events WHERE order_id = :order_id ORDER BY id DESC LIMIT 200""")


def own_movements(line: Line, movements: Sequence[LineMovement]) -> list[LineMovement]:
    """What moved for a line; of a bundle each move once, in units sold: they are promised and leave whole."""
    own = [each for each in movements if each.order_line_id == line.id]
    if not line.parts:
        return own
    part, units = min(line.parts.items())
    return [
        replace(
            each,
            on_hand_change=each.on_hand_change // units,
            allocated_change=each.allocated_change // units,
        )
        for each in own
        if each.sku == part
    ]


async def show_order(tx: Tx, number: int) -> OrderPage | None:
    """Four statements, whatever the order."""
    head = await row_of(tx, _HEAD, OrderHead, number=number)
    if head is None:
        return None
    lines = await rows_of(tx, _LINES, Line, order_id=head.id)
    return OrderPage(
        head,
        lines,
        await rows_of(tx, _MOVEMENTS, LineMovement, line_ids=[line.id for line in lines]),
        await rows_of(tx, _EVENTS, Event, order_id=head.id),
    )


_NUMBER = text("""
SELECT o.number FROM orders o JOIN channels c ON c.id = o.channel_id
WHERE c.slug = :slug AND o.channel_order_id = :channel_order_id""")


async def number_of(tx: Tx, slug: str, channel_order_id: str) -> int | None:
    found: int | None = await tx.scalar(_NUMBER, {"slug": slug, "channel_order_id": channel_order_id})
    return found

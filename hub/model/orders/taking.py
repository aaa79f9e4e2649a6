"""Decide what a snapshot changes: pure comparison of what arrived with what the hub holds."""

from collections.abc import Mapping
from decimal import Decimal, localcontext
from uuid import UUID

from msgspec import Struct

from hub.model.incoming import IncomingLine, IncomingOrder, LineKind
from hub.model.stock.wants import Parts, Want

EXACT_DIGITS = 60  # more than any amount that is let in needs, so that no sum is ever rounded


class HeldLine(Struct, frozen=True):
    """A line as the hub holds it. All its counts are units sold; `picks` are what is promised, by location.

    `parts` is what one unit sold takes of stock, as of the moment when it was matched; empty while it has no SKU.
    Of what is `canceled`, `canceled_with_order` went when the whole order did.
    """

    id: UUID
    channel_line_id: str
    sku: str | None
    units: int
    kind: str
    quantity: int
    canceled: int
    allocated: int
    shipped: int
    fulfilled: int
    left_before: int
    parts: Parts
    picks: Mapping[str, int]
    backordered: int = 0
    canceled_with_order: int = 0

    @property
    def canceled_alone(self) -> int:
        """What was canceled of this line, whatever became of the order."""
        return self.canceled - self.canceled_with_order


class Match(Struct, frozen=True):
    """What a line was matched to: one unit sold is `units` of `sku`, and where that is a bundle, takes `exploded`."""

    sku: str
    units: int = 1
    exploded: Parts = {}

    @property
    def parts(self) -> Parts:
        return self.exploded or {self.sku: self.units}


def difference(order: IncomingOrder) -> Decimal:
    """What the channel's total has beyond the sum of its parts; 0 for a sound order (L14).

    Lines are net of discount and of tax, so: total = lines + their taxes + shipping + its tax + difference.
    """
    with localcontext() as exact:
        exact.prec = EXACT_DIGITS
        parts = sum((line.total + line.tax for line in order.lines), Decimal(0))
        return order.total - parts - order.shipping_total - order.shipping_tax


def want_of(
    line_id: UUID,
    order_id: UUID,
    line: IncomingLine | None,
    held: HeldLine | None,
    match: Match | None,
    *,
    canceled: bool,
    place: str | None,
    left_before: int = 0,
    promised: bool = True,
) -> Want | None:
    """Return what must happen to stock so that the line is as the channel says; None where nothing must.

    `line` None means the channel removed it. What has left stays left: shipped units never fall here; they come
    back through a return. `left_before` units of a new line had left before the channel was joined: the opening
    stock is counted without them, so they move nothing. Not `promised`: it keeps no stock, and is not canceled either.
    """
    parts = _stock_of(held, match)
    if not parts or (line is not None and line.kind is not LineKind.ITEM):
        return None
    was_shipped, was_allocated = (held.shipped, held.allocated) if held else (left_before, 0)
    sold = 0 if line is None else line.quantity - line.canceled
    shipped = max(was_shipped, 0 if line is None else min(line.fulfilled, sold))
    ship = shipped - was_shipped
    still_allocated = max(0, was_allocated - ship)
    open_units = 0 if canceled or not promised else max(0, sold - shipped)
    allocate, release = max(0, open_units - still_allocated), max(0, still_allocated - open_units)
    picks, late = (held.picks, held.backordered) if held else ({}, 0)
    if not (ship or allocate or release or late):
        return None
    sku, units = _sold_as(held, match)
    return Want(line_id, order_id, parts, ship, allocate, release, picks, place, sku, units, late)


def _stock_of(held: HeldLine | None, match: Match | None) -> Parts:
    """A line that holds stock keeps its SKU, whatever the listing was matched to since."""
    if held is not None and held.sku is not None:
        return held.parts
    return match.parts if match else {}


def _sold_as(held: HeldLine | None, match: Match | None) -> tuple[str, int]:
    if held is not None and held.sku is not None:
        return held.sku, held.units
    return (match.sku, match.units) if match else ("", 1)


def fact_of(
    held: HeldLine, order_id: UUID, told: IncomingLine | None, *, canceled: bool, place: str | None
) -> Want | None:
    """What an older snapshot still says of a line: how much has left, and whether all of it was canceled (L2)."""
    if held.sku is None or held.kind != LineKind.ITEM:
        return None
    live = held.quantity - held.canceled_alone
    ship = max(0, min(told.fulfilled if told else 0, live) - held.shipped)
    still_allocated = max(0, held.allocated - ship)
    open_units = 0 if canceled else max(0, live - held.shipped - ship)
    release = max(0, still_allocated - open_units)
    if not (ship or release or held.backordered):
        return None
    return Want(held.id, order_id, held.parts, ship, 0, release, held.picks, place, held.sku, held.units)

"""Lots and serial numbers: which SKUs are tracked, the books of each lot, and the shares they took of movements.

Levels of SKUs are locked before those of their lots, always, so lots need no order of their own.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from uuid import UUID

from msgspec import Struct
from sqlalchemy import text

from hub.kit.ids import uuid7
from hub.model.stock.levels import Level
from hub.model.stock.lots import Batch, LotLevel, Share, Spot, Tracking
from hub.store.db import Tx, page
from hub.store.zones import DAY

_TRACKED = text("SELECT sku, tracking FROM skus WHERE sku = ANY(:skus) AND tracking <> 'none'")


async def tracked(tx: Tx, skus: Sequence[str]) -> dict[str, Tracking]:
    """Those of these SKUs whose units are of a lot or have a serial number."""
    rows = await tx.execute(_TRACKED, {"skus": sorted(set(skus))})
    return {row.sku: Tracking(row.tracking) for row in rows}


_RECORDED = text("SELECT id FROM movements WHERE id = ANY(:ids)")
_LEVELS = text("""
SELECT v.sku, v.location, v.lot, l.expires_on, v.on_hand, v.allocated FROM lot_levels v JOIN lots l USING (sku, lot)
WHERE v.sku = ANY(:skus) ORDER BY v.sku, v.location, v.lot = '', l.expires_on NULLS LAST, l.created_at, v.lot
FOR UPDATE OF v""")
_HOLDS = text("""
SELECT h.order_line_id, h.sku, h.location, h.lot, sum(h.allocated_change) AS promised, -sum(h.on_hand_change) AS shipped
FROM lot_shares h JOIN lots l USING (sku, lot) WHERE h.order_line_id = ANY(:line_ids)
GROUP BY h.order_line_id, h.sku, h.location, h.lot, l.expires_on, l.created_at
HAVING sum(h.allocated_change) <> 0 OR sum(h.on_hand_change) <> 0
ORDER BY h.lot = '', l.expires_on NULLS LAST, l.created_at, h.lot""")


async def recorded(tx: Tx, movement_ids: Sequence[UUID]) -> set[UUID]:
    """Those of these movements that are in the ledger: a repeat of an earlier cause is not."""
    return {row.id for row in await tx.execute(_RECORDED, {"ids": list(movement_ids)})}


async def lock_lots(tx: Tx, skus: Sequence[str]) -> list[LotLevel]:
    """The books of every lot of these SKUs, in the order in which lots go out."""
    return [LotLevel(*row) for row in await tx.execute(_LEVELS, {"skus": sorted(set(skus))})]


async def holds_of(tx: Tx, line_ids: Sequence[UUID]) -> dict[UUID, dict[Spot, tuple[int, int]]]:
    """What these order lines have of each lot: (promised, shipped) units."""
    holds: dict[UUID, dict[Spot, tuple[int, int]]] = {}
    for row in await tx.execute(_HOLDS, {"line_ids": sorted(set(line_ids))}):
        spot = Spot(row.sku, row.location, row.lot)
        holds.setdefault(row.order_line_id, {})[spot] = (row.promised, row.shipped)
    return holds


_ADD_LOTS = text("""
INSERT INTO lots AS l (sku, lot, expires_on, serial, created_at)
SELECT x.sku, x.lot, x.expires_on, s.tracking = 'serial' AND x.lot <> '', :at
FROM json_to_recordset(CAST(:page AS json)) AS x(sku text, lot text, expires_on date) JOIN skus s USING (sku)
ORDER BY x.sku, x.lot
ON CONFLICT (sku, lot) DO UPDATE SET expires_on = coalesce(l.expires_on, excluded.expires_on)
RETURNING l.sku, l.lot, l.expires_on""")


async def add_lots(tx: Tx, batches: Sequence[Batch], *, at: datetime) -> dict[tuple[str, str], date | None]:
    """Make lots known; one that is known keeps its day of expiry. Returns that day of each."""
    rows = await tx.execute(_ADD_LOTS, {"page": page(batches), "at": at})
    return {(row.sku, row.lot): row.expires_on for row in rows}


_SHARE = text("""
WITH new AS (
  INSERT INTO lot_shares (id, movement_id, order_line_id, sku, location, lot, on_hand_change, allocated_change,
                          actor, at)
  SELECT id, movement_id, line_id, sku, location, lot, on_hand_change, allocated_change, :actor, :at
  FROM json_to_recordset(CAST(:page AS json)) AS x(id uuid, movement_id uuid, line_id uuid, sku text, location text,
       lot text, on_hand_change int, allocated_change int)
  RETURNING sku, location, lot, on_hand_change, allocated_change
), sums AS (
  SELECT sku, location, lot, sum(on_hand_change) AS on_hand, sum(allocated_change) AS allocated FROM new
  GROUP BY sku, location, lot
), changed AS (
  UPDATE lot_levels v SET on_hand = v.on_hand + n.on_hand, allocated = v.allocated + n.allocated FROM sums n
  WHERE (v.sku, v.location, v.lot) = (n.sku, n.location, n.lot) RETURNING v.sku, v.location, v.lot
)
INSERT INTO lot_levels AS v (sku, location, lot, serial, on_hand, allocated)
SELECT n.sku, n.location, n.lot, l.serial, n.on_hand, n.allocated FROM sums n JOIN lots l USING (sku, lot)
WHERE (n.sku, n.location, n.lot) NOT IN (SELECT sku, location, lot FROM changed) ORDER BY n.sku, n.location, n.lot
ON CONFLICT (sku, location, lot) DO UPDATE
  SET on_hand = v.on_hand + excluded.on_hand, allocated = v.allocated + excluded.allocated""")


class NewShare(Struct, frozen=True):
    """As Share, with its key; `movement_id` None: no stock moved, only the lot is another."""

    id: UUID
    movement_id: UUID | None
    line_id: UUID | None
    sku: str
    location: str
    lot: str
    on_hand_change: int
    allocated_change: int


async def record_shares(tx: Tx, shares: Sequence[NewShare], *, actor: str = "", at: datetime) -> None:
    """Append the shares and project them onto the books of their lots, in one statement."""
    if shares:
        await tx.execute(_SHARE, {"page": page(shares), "actor": actor, "at": at})


def new_share(share: Share) -> NewShare:
    return NewShare(
        uuid7(),
        share.movement_id,
        share.line_id,
        share.sku,
        share.location,
        share.lot,
        share.on_hand_change,
        share.allocated_change,
    )


_TRACK = text("""
UPDATE skus s SET tracking = x.tracking
FROM (SELECT * FROM json_to_recordset(CAST(:page AS json)) AS r(sku text, tracking text) ORDER BY sku) x
WHERE s.sku = x.sku""")
_FORGET = (
    text("DELETE FROM lot_shares WHERE sku = ANY(:skus)"),
    text("DELETE FROM lot_levels WHERE sku = ANY(:skus)"),
    text("DELETE FROM lots WHERE sku = ANY(:skus)"),
)


async def set_tracking(tx: Tx, wished: Mapping[str, Tracking]) -> None:
    """Say how units of these SKUs are told apart from now on, and forget the lots they had."""
    for forget in _FORGET:
        await tx.execute(forget, {"skus": sorted(wished)})
    rows = [{"sku": sku, "tracking": tracking} for sku, tracking in wished.items()]
    await tx.execute(_TRACK, {"page": page(rows)})


_OUT = text("""
SELECT h.sku, h.lot, -sum(h.on_hand_change) AS units FROM lot_shares h JOIN movements m ON m.id = h.movement_id
JOIN lots l ON l.sku = h.sku AND l.lot = h.lot
WHERE m.cause = 'transfer' AND (
  m.kind = 'transfer out' AND m.cause_id = CAST(:id AS text)
  OR m.kind = 'transfer in' AND m.cause_id IN (SELECT id::text FROM transfer_arrivals WHERE transfer_id = :id))
GROUP BY h.sku, h.lot, l.expires_on, l.created_at HAVING sum(h.on_hand_change) < 0
ORDER BY h.sku, h.lot = '', l.expires_on NULLS LAST, l.created_at, h.lot""")


async def in_transit(tx: Tx, transfer_id: UUID) -> dict[str, dict[str, int]]:
    """Units of each lot, by SKU, that a transfer took away and has not brought yet."""
    lots: dict[str, dict[str, int]] = {}
    for row in await tx.execute(_OUT, {"id": transfer_id}):
        lots.setdefault(row.sku, {})[row.lot] = row.units
    return lots


# No day begins anywhere before the one before it has begun in UTC: by that the index finds them.
_EXPIRED = f"""
FROM lot_levels v JOIN lots l USING (sku, lot) JOIN locations p ON p.code = v.location AND p.sellable
WHERE l.expires_on <= CAST(:at AT TIME ZONE 'UTC' AS date) AND l.expires_on < {DAY.format("p.time_zone")}
  AND v.on_hand > v.allocated"""
_LOTS_EXPIRED = text(f"""
SELECT v.sku, v.location, v.lot, l.expires_on, v.on_hand, v.allocated {_EXPIRED} AND v.sku = ANY(:skus)
ORDER BY v.sku, v.location, v.lot""")
_SKUS_EXPIRED = text(f"SELECT DISTINCT v.sku {_EXPIRED} ORDER BY v.sku LIMIT :limit")


async def expired(tx: Tx, skus: Sequence[str], *, at: datetime) -> list[LotLevel]:
    """Lots of these SKUs whose last day has passed where they lie, with units that are free and could be sold."""
    rows = await tx.execute(_LOTS_EXPIRED, {"skus": sorted(set(skus)), "at": at})
    return [LotLevel(*row) for row in rows]


async def skus_expired(tx: Tx, *, at: datetime, limit: int) -> list[str]:
    """The SKUs of such lots."""
    return [row.sku for row in await tx.execute(_SKUS_EXPIRED, {"at": at, "limit": limit})]


class Lot(Struct, frozen=True):
    """One lot at one location as lists show it; `orders` are those that have it promised."""

    sku: str
    name: str
    lot: str
    serial: bool
    expires_on: date | None
    location: str
    on_hand: int
    allocated: int
    orders: list[int]


_LIST = text(
    """
SELECT v.sku, s.name, v.lot, l.serial, l.expires_on, v.location, v.on_hand, v.allocated, ARRAY(
  SELECT o.number FROM lot_shares h JOIN order_lines n ON n.id = h.order_line_id JOIN orders o ON o.id = n.order_id
  WHERE h.sku = v.sku AND h.lot = v.lot AND h.location = v.location
  GROUP BY o.number HAVING sum(h.allocated_change) > 0 ORDER BY o.number LIMIT 20) AS orders
FROM lot_levels v JOIN lots l USING (sku, lot) JOIN skus s USING (sku)
WHERE (v.on_hand <> 0 OR v.allocated <> 0) AND (CAST(:sku AS text) IS NULL OR v.sku = :sku)
  AND (CAST(:before AS date) IS NULL OR l.expires_on <= :before) AND (v.sku, v.lot, v.location) > (:after)
ORDER BY v.sku, v.lot, v.location LIMIT :limit""".replace(
        "> (:after)", "> (:after_sku, :after_lot, :after_place)"
    )
)


async def list_lots(
    tx: Tx,
    *,
    sku: str | None = None,
    expires_by: date | None = None,
    after: tuple[str, str, str] = ("", "", ""),
    limit: int,
) -> list[Lot]:
    """One page of lots that are somewhere, by SKU, lot and location; only those that expire by a day, if given."""
    keys = dict(zip(("after_sku", "after_lot", "after_place"), after, strict=True))
    rows = await tx.execute(_LIST, {"sku": sku, "before": expires_by, "limit": limit, **keys})
    return [Lot(*row) for row in rows]


class LineLots(Struct, frozen=True):
    """An order line of one SKU, for whoever gives it another lot."""

    line_id: UUID
    location: str
    lot: str
    promised: int
    shipped: int


_OF_ORDER = text("""
SELECT h.order_line_id, h.location, h.lot, sum(h.allocated_change), -sum(h.on_hand_change)
FROM lot_shares h JOIN order_lines l ON l.id = h.order_line_id JOIN orders o ON o.id = l.order_id
WHERE o.number = :number AND h.sku = :sku GROUP BY h.order_line_id, h.location, h.lot
HAVING sum(h.allocated_change) > 0 OR sum(h.on_hand_change) < 0 ORDER BY 1, 2, 3""")


async def lots_of_order(tx: Tx, number: int, sku: str) -> list[LineLots]:
    return [LineLots(*row) for row in await tx.execute(_OF_ORDER, {"number": number, "sku": sku})]


def unnamed(levels: Iterable[Level]) -> list[NewShare]:
    """Shares that put all there is into the lot nobody has named."""
    return [
        NewShare(uuid7(), None, None, each.sku, each.location, "", each.on_hand, each.allocated)
        for each in levels
        if each.on_hand or each.allocated
    ]

"""Levels and the movements they are the sum of. Locks are taken in (sku, location) order, always."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from msgspec import Struct
from sqlalchemy import text

from hub.model.stock.levels import Level
from hub.store.arrays import columns, unnested
from hub.store.db import Tx, page
from hub.store.orders import PARTS_OF, STOCK_HOLDS

_LOCK = text("""
SELECT sku, location, on_hand, allocated, reserved, safety_stock FROM levels
WHERE sku = ANY(:skus) ORDER BY sku, location FOR UPDATE""")


_READ = text("""
SELECT sku, location, on_hand, allocated, reserved, safety_stock FROM levels WHERE sku = ANY(:skus)
ORDER BY sku, location""")


async def read_levels(tx: Tx, skus: Sequence[str]) -> list[Level]:
    """As lock_levels, for looking only."""
    return [Level(*row) for row in await tx.execute(_READ, {"skus": sorted(set(skus))})]


async def lock_levels(tx: Tx, skus: Sequence[str]) -> list[Level]:
    """Lock and return the levels of these SKUs, in (sku, location) order."""
    return [Level(*row) for row in await tx.execute(_LOCK, {"skus": sorted(set(skus))})]


class Movement(Struct, frozen=True):
    """One immutable change of stock, with the cause that can make it only once."""

    id: UUID
    sku: str
    location: str
    kind: str
    on_hand_change: int
    allocated_change: int
    cause: str
    cause_id: str
    order_line_id: UUID | None = None
    actor: str = ""
    reason: str = ""


_KINDS = {
    "id": "uuid",
    "sku": "text",
    "location": "text",
    "kind": "text",
    "on_hand_change": "int",
    "allocated_change": "int",
    "cause": "text",
    "cause_id": "text",
    "order_line_id": "uuid",
    "actor": "text",
    "reason": "text",
}
_RECORD = f"""
WITH new AS (
  INSERT INTO movements ({", ".join(_KINDS)}, at)
  SELECT {", ".join(_KINDS)}, :at FROM {unnested(_KINDS)}
  {{unless_repeated}}
  RETURNING sku, location, on_hand_change, allocated_change
), sums AS (
  SELECT sku, location, sum(on_hand_change) AS on_hand, sum(allocated_change) AS allocated FROM new
  GROUP BY sku, location
), changed AS (
  UPDATE levels l SET on_hand = l.on_hand + sums.on_hand, allocated = l.allocated + sums.allocated
  FROM sums WHERE l.sku = sums.sku AND l.location = sums.location RETURNING l.sku, l.location
), begun AS (
  INSERT INTO levels AS l (sku, location, on_hand, allocated)
  SELECT * FROM sums WHERE (sku, location) NOT IN (SELECT sku, location FROM changed) ORDER BY sku, location
  ON CONFLICT (sku, location) DO UPDATE
    SET on_hand = l.on_hand + excluded.on_hand, allocated = l.allocated + excluded.allocated
)
SELECT sku, bool_or(on_hand <> allocated) AS moved, s.tracking <> 'none' AS tracked
FROM sums JOIN skus s USING (sku) GROUP BY sku, s.tracking"""  # noqa: S608 -- constants only
_RECORD_ONCE = text(
    _RECORD.format(
        unless_repeated="""
  ORDER BY cause, cause_id, kind, sku, location
  ON CONFLICT (cause, cause_id, kind, sku, location) DO NOTHING"""
    )
)
# To look for each whether it was recorded takes a fifth of the statement.
_RECORD_FIRST = text(_RECORD.format(unless_repeated=""))


class Recorded(Struct, frozen=True):
    """The SKUs whose available moved, and those of which each unit has a lot or a serial number."""

    moved: list[str]
    tracked: set[str]


NOTHING_RECORDED = Recorded([], set())


async def record_movements(
    tx: Tx, movements: Sequence[Movement], *, at: datetime, first: bool = False
) -> Recorded:
    """Append to the ledger and project onto the levels, in one statement.

    A movement whose cause was recorded before is passed over, and its level with it (L1, L8). `first`: this transaction
    made the causes, so none can be in the ledger yet; if one is, the whole statement is refused.
    """
    if not movements:
        return NOTHING_RECORDED
    statement = _RECORD_FIRST if first else _RECORD_ONCE
    rows = (await tx.execute(statement, columns(movements) | {"at": at})).all()
    return Recorded([row.sku for row in rows if row.moved], {row.sku for row in rows if row.tracked})


_RECORDED = text("SELECT DISTINCT cause_id FROM movements WHERE cause = :cause AND cause_id = ANY(:ids)")


async def causes_recorded(tx: Tx, cause: str, cause_ids: Sequence[str]) -> set[str]:
    """Those of these causes that have moved stock before."""
    return {row.cause_id for row in await tx.execute(_RECORDED, {"cause": cause, "ids": list(cause_ids)})}


class Seen(Struct, frozen=True):
    """Somebody counted this SKU here, then."""

    sku: str
    location: str
    at: datetime


_SEEN = text("""
INSERT INTO levels AS l (sku, location, counted_at)
SELECT sku, location, max(at)
FROM json_to_recordset(CAST(:page AS json)) AS x(sku text, location text, at timestamptz)
GROUP BY sku, location ORDER BY sku, location
ON CONFLICT (sku, location) DO UPDATE SET counted_at = greatest(l.counted_at, excluded.counted_at)""")


async def note_seen(tx: Tx, seen: Sequence[Seen]) -> None:
    """Note when each level was last counted, where the levels are locked already."""
    if seen:
        await tx.execute(_SEEN, {"page": page(seen)})


_CAUSED = text("SELECT DISTINCT cause_id FROM movements WHERE cause = :cause AND cause_id = ANY(:ids)")


async def caused(tx: Tx, cause: str, cause_ids: Sequence[str]) -> set[str]:
    """Those of these causes that the ledger knows: what they ask for has happened."""
    rows = await tx.execute(_CAUSED, {"cause": cause, "ids": list(cause_ids)})
    return {row.cause_id for row in rows}


_BELOW_ZERO = text("SELECT DISTINCT sku FROM levels WHERE sku = ANY(:skus) AND on_hand < 0")


async def below_zero(tx: Tx, skus: Sequence[str]) -> set[str]:
    """Those of these SKUs that some location has fewer than none of, by the books: a fact exceeded them."""
    return {row.sku for row in await tx.execute(_BELOW_ZERO, {"skus": sorted(set(skus))})}


_SKUS_AT = text("SELECT DISTINCT sku FROM levels WHERE location = ANY(:codes) ORDER BY sku")


async def skus_at(tx: Tx, codes: Sequence[str]) -> list[str]:
    return [row.sku for row in await tx.execute(_SKUS_AT, {"codes": list(codes)})]


_FREE = "v.on_hand::bigint - v.allocated - v.reserved - v.safety_stock"
_LACKS = (
    "{0}.sku IS NOT NULL AND {0}.kind = 'item' AND {0}.allocated + {0}.shipped < {0}.quantity - {0}.canceled"
)
# There is one, where it may be given: as hub.model.stock.sourcing says of locations that are left out, and of a split.
# As hub.model.stock.locations.collecting says where what a customer collects is taken from.
_NAMED = """lower({0}.code) IN (lower(o.pickup->>'name'), lower(o.pickup->>'channel_location_id'))
      OR lower({0}.name) IN (lower(o.pickup->>'name'), lower(o.pickup->>'channel_location_id'))"""
_MAY_HAND_OVER = f"""CASE WHEN o.pickup IS NULL THEN p.ships OR o.ship_to IS NULL
      WHEN EXISTS (SELECT FROM locations q WHERE {_NAMED.format("q")}) THEN {_NAMED.format("p")}
      ELSE p.pickup OR NOT EXISTS (SELECT FROM locations q WHERE q.pickup) END"""  # noqa: S608 -- constants only
_COULD_BE_HAD = f"""NOT EXISTS (
  SELECT FROM {PARTS_OF} n WHERE n.units > coalesce((
    SELECT sum({_FREE}) FROM levels v JOIN locations p ON p.code = v.location AND p.sellable WHERE v.sku = n.sku), 0)
) AND EXISTS (
  SELECT FROM locations p WHERE p.sellable AND NOT EXISTS (
    SELECT FROM {PARTS_OF} n LEFT JOIN levels v ON v.sku = n.sku AND v.location = p.code
    WHERE n.units > coalesce({_FREE}, 0)
  ) AND (p.code = c.location OR c.location IS NULL AND ({_MAY_HAND_OVER})
    AND (k.split_max IS NULL OR k.split_max > coalesce(cardinality(u.used), 0) OR p.code = ANY(u.used))
    AND (EXISTS (SELECT FROM location_channels s WHERE s.location = p.code AND s.channel_id = c.id)
         OR NOT EXISTS (SELECT FROM location_channels s WHERE s.location = p.code))))"""  # noqa: S608 -- constants only
_TO_FILL = text(f"""
SELECT DISTINCT l.sku FROM (
  SELECT id FROM orders WHERE holds <> '{{}}' AND holds && {STOCK_HOLDS}
  UNION SELECT order_id FROM order_lines WHERE backordered > 0) w
JOIN orders o ON o.id = w.id AND o.canceled_at IS NULL
  AND NOT EXISTS (SELECT FROM holds h WHERE h.order_id = o.id AND h.stock = 'released')
JOIN channels c ON c.id = o.channel_id
JOIN order_lines l ON l.order_id = o.id AND {_LACKS.format("l")}
LEFT JOIN LATERAL (
  SELECT split_max, keep_whole FROM sourcing_policies WHERE channel_id = c.id OR channel_id IS NULL
  ORDER BY channel_id LIMIT 1) k ON true
LEFT JOIN LATERAL (
  SELECT array_agg(location) AS used FROM (
    SELECT m.location FROM order_lines h JOIN movements m ON m.order_line_id = h.id
    WHERE k.split_max IS NOT NULL AND h.order_id = o.id GROUP BY m.location HAVING sum(m.allocated_change) > 0) h
) u ON true
WHERE {_COULD_BE_HAD.format("l")} AND (k.keep_whole IS NOT TRUE OR NOT EXISTS (
    SELECT FROM order_lines x WHERE x.order_id = o.id AND {_LACKS.format("x")} AND NOT ({_COULD_BE_HAD.format("x")})))
  OR 'unmatched' = ANY(o.holds) AND NOT EXISTS (
    SELECT FROM order_lines u WHERE u.order_id = o.id AND u.kind = 'item' AND u.sku IS NULL)
ORDER BY l.sku LIMIT 100""")  # noqa: S608 -- constants only


async def skus_to_fill(tx: Tx) -> list[str]:
    """SKUs with free units that an order waits for, or of an order that waits to be matched and is matched whole."""
    return [row.sku for row in await tx.execute(_TO_FILL)]

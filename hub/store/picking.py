"""Pick lists: what may be picked, what is being picked, and what is in hand.

Orders are locked before a list, a list before levels.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from uuid import UUID

import msgspec
from msgspec import Struct
from sqlalchemy import text

from hub.model.orders.holds import BY_STOCK
from hub.model.orders.picking import Entry, Pick, State
from hub.store.db import Tx, page
from hub.store.orders import PARTS

# Where the units of line `l` are promised, in units sold, a row for each location.
PROMISED = f"""(SELECT m.location, sum(m.allocated_change) / p.units AS units
  FROM (SELECT sku, units FROM {PARTS} x ORDER BY sku LIMIT 1) p JOIN movements m ON m.sku = p.sku
  WHERE m.order_line_id = l.id GROUP BY m.location, p.units HAVING sum(m.allocated_change) > 0)"""  # noqa: S608 -- constants only
_OPEN = "{0}.quantity - {0}.shipped - {0}.short - {0}.put_back"

_BEING_PICKED = text(f"""
SELECT k.order_line_id, sum({_OPEN.format("k")})::int AS units
FROM pick_lines k JOIN order_lines l ON l.id = k.order_line_id
WHERE l.order_id = ANY(:ids) AND k.quantity > k.shipped + k.short + k.put_back GROUP BY k.order_line_id""")  # noqa: S608 -- constants only


async def being_picked(tx: Tx, order_ids: Sequence[UUID]) -> dict[UUID, int]:
    """How many units sold of each line of these orders are being picked now; lines without any are left out."""
    rows = await tx.execute(_BEING_PICKED, {"ids": list(order_ids)})
    return {row.order_line_id: row.units for row in rows}


class Promise(Struct, frozen=True):
    """Units sold of a line that lie at a location, are promised, and are on no list yet."""

    order_id: UUID
    line_id: UUID
    units: int


# An order that lacks something waits for the rest, unless somebody names it.
_PICKABLE = text(f"""
WITH free AS (
  SELECT o.id AS order_id, o.priority, o.ship_by, o.placed_at, o.number, l.id AS line_id, l.position, p.units
  FROM order_lines l JOIN orders o ON o.id = l.order_id JOIN channels c ON c.id = o.channel_id
  JOIN LATERAL {PROMISED} p ON p.location = :location
  WHERE l.kind = 'item' AND l.shipped < l.quantity - l.canceled AND l.allocated > 0
    AND o.canceled_at IS NULL AND o.holds <@ CAST(:harmless AS text[]) AND NOT c.slug = ANY(:elsewhere)
    AND (CAST(:numbers AS bigint[]) IS NULL OR o.number = ANY(:numbers))
    AND NOT EXISTS (SELECT FROM pick_lines k WHERE k.order_line_id = l.id AND k.location = :location
                    AND k.quantity > k.shipped + k.short + k.put_back)
    AND (CAST(:numbers AS bigint[]) IS NOT NULL OR NOT EXISTS (
      SELECT FROM order_lines e WHERE e.order_id = o.id AND e.kind = 'item'
      AND e.allocated + e.shipped < e.quantity - e.canceled))
), chosen AS (
  SELECT order_id FROM free GROUP BY order_id, priority, ship_by, placed_at, number
  ORDER BY priority, ship_by, placed_at, number LIMIT :limit)
SELECT order_id, line_id, units::int FROM free JOIN chosen USING (order_id)
ORDER BY priority, ship_by, placed_at, number, position""")  # noqa: S608 -- constants only


async def pickable(
    tx: Tx, location: str, *, elsewhere: Sequence[str], numbers: Sequence[int] | None = None, limit: int
) -> list[Promise]:
    """What of at most so many orders may be picked at a location, the most urgent first: by priority, by when
    they must leave, then the oldest.

    `elsewhere` are the slugs of channels whose orders are shipped there.
    """
    named = sorted(set(numbers)) if numbers is not None else None
    wanted = {"location": location, "elsewhere": list(elsewhere), "numbers": named, "limit": limit}
    rows = await tx.execute(_PICKABLE, {**wanted, "harmless": list(BY_STOCK)})
    return [Promise(*row) for row in rows]


_ADD = text(f"""
WITH new AS (
  INSERT INTO pick_lists (id, location, created_by, created_at) VALUES (:id, :location, :actor, :at)
  ON CONFLICT (id) DO NOTHING RETURNING id
), lines AS (
  INSERT INTO pick_lines (list_id, order_line_id, location, quantity)
  SELECT new.id, x.line_id, :location, x.units
  FROM new, json_to_recordset(CAST(:page AS json)) AS x(line_id uuid, units int) ORDER BY x.line_id
  ON CONFLICT (order_line_id, location) WHERE quantity > shipped + short + put_back DO NOTHING
  RETURNING list_id, order_line_id
)
INSERT INTO pick_parts (list_id, order_line_id, sku, units)
SELECT k.list_id, l.id, p.sku, p.units FROM lines k JOIN order_lines l ON l.id = k.order_line_id
CROSS JOIN LATERAL {PARTS} p ORDER BY l.id, p.sku""")  # noqa: S608 -- constants only
_NUMBER = text("SELECT number FROM pick_lists WHERE id = :id")


async def add_list(
    tx: Tx, list_id: UUID, location: str, promises: Sequence[Promise], *, actor: str, at: datetime
) -> None:
    """Begin a list; a line that another list took meanwhile is left to it. One with this id stays as it is."""
    given = {"id": list_id, "location": location, "actor": actor, "at": at, "page": page(promises)}
    await tx.execute(_ADD, given)


async def number_of(tx: Tx, list_id: UUID) -> int | None:
    number: int | None = await tx.scalar(_NUMBER, {"id": list_id})
    return number


class HeldList(Struct, frozen=True):
    """A list that is locked."""

    id: UUID
    number: int
    location: str
    state: State


_LOCK_OF = text("""
SELECT id FROM pick_lists WHERE id IN (SELECT list_id FROM pick_lines
  WHERE order_line_id = ANY(:line_ids) AND quantity > shipped + short + put_back) ORDER BY id FOR UPDATE""")
_LOCK = text("SELECT id, number, location, state FROM pick_lists WHERE number = :number FOR UPDATE")
_ORDERS = text("""
SELECT DISTINCT l.order_id FROM pick_lists p JOIN pick_lines k ON k.list_id = p.id
JOIN order_lines l ON l.id = k.order_line_id WHERE p.number = :number ORDER BY l.order_id""")
_PICKS = text(f"""
SELECT l.id, l.order_id, o.number, x.sku, x.units, {_OPEN.format("k")},
  CASE WHEN o.canceled_at IS NULL THEN coalesce(
    (SELECT units FROM {PROMISED} p WHERE p.location = k.location), 0)::int ELSE 0 END,
  x.picked, NOT o.holds <@ CAST(:harmless AS text[])
FROM pick_lines k JOIN pick_parts x USING (list_id, order_line_id) JOIN order_lines l ON l.id = k.order_line_id
JOIN orders o ON o.id = l.order_id
WHERE k.list_id = :id ORDER BY o.priority, o.ship_by, o.placed_at, o.number, l.position, x.sku""")  # noqa: S608 -- constants only


async def lock_list(tx: Tx, number: int) -> HeldList | None:
    """After its orders, where those are locked too."""
    row = (await tx.execute(_LOCK, {"number": number})).mappings().first()
    return msgspec.convert(dict(row), HeldList) if row is not None else None


async def lock_lists_of(tx: Tx, line_ids: Collection[UUID]) -> list[UUID]:
    """Lock the lists on which these lines are being picked, once their orders are locked and before levels are."""
    if not line_ids:
        return []
    return [row.id for row in await tx.execute(_LOCK_OF, {"line_ids": list(line_ids)})]


async def orders_on(tx: Tx, number: int) -> list[UUID]:
    return [row.order_id for row in await tx.execute(_ORDERS, {"number": number})]


async def picks_of(tx: Tx, list_id: UUID) -> list[Pick]:
    """All parts of a list, the oldest promise first."""
    return [Pick(*row) for row in await tx.execute(_PICKS, {"id": list_id, "harmless": list(BY_STOCK)})]


_ADD_ENTRIES = text("""
INSERT INTO pick_entries (id, list_id, sku, units, by, at)
SELECT DISTINCT ON (id) id, :list_id, sku, units, by, :at
FROM json_to_recordset(CAST(:page AS json)) AS x(id uuid, sku text, units int, by text) ORDER BY id
ON CONFLICT (id) DO NOTHING RETURNING id""")
_CHANGE_PICKED = text("""
UPDATE pick_parts p SET picked = p.picked + x.change
FROM json_to_recordset(CAST(:page AS json)) AS x(line_id uuid, sku text, change int)
WHERE p.list_id = :list_id AND p.order_line_id = x.line_id AND p.sku = x.sku""")


async def add_entries(tx: Tx, list_id: UUID, entries: Sequence[Entry], *, at: datetime) -> set[UUID]:
    """Keep what devices sent; return the ids that are news."""
    rows = await tx.execute(_ADD_ENTRIES, {"list_id": list_id, "page": page(entries), "at": at})
    return {row.id for row in rows}


async def change_picked(tx: Tx, list_id: UUID, changes: Mapping[tuple[UUID, str], int]) -> None:
    """So many more of each part are in hand, or fewer."""
    rows = [{"line_id": line_id, "sku": sku, "change": change} for (line_id, sku), change in changes.items()]
    if rows:
        await tx.execute(_CHANGE_PICKED, {"list_id": list_id, "page": page(rows)})


_END = """
UPDATE pick_lines k SET {column} = k.{column} + x.units
FROM json_to_recordset(CAST(:page AS json)) AS x(line_id uuid, units int)
WHERE k.list_id = :list_id AND k.order_line_id = x.line_id"""
_SHORT, _PUT_BACK = text(_END.format(column="short")), text(_END.format(column="put_back"))


async def end_short(tx: Tx, list_id: UUID, units: Mapping[UUID, int]) -> None:
    """So many units sold of these lines are not there."""
    await tx.execute(_SHORT, {"list_id": list_id, "page": page(_ends(units))})


async def end_put_back(tx: Tx, list_id: UUID, units: Mapping[UUID, int]) -> None:
    """So many units sold of these lines are not picked any more."""
    await tx.execute(_PUT_BACK, {"list_id": list_id, "page": page(_ends(units))})


def _ends(units: Mapping[UUID, int]) -> list[dict[str, object]]:
    return [{"line_id": line_id, "units": count} for line_id, count in units.items()]


# What left is off the list, and out of the hand: as many parts as the units sold took.
_SHIPPED = text("""
WITH gone AS (
  SELECT k.list_id, k.order_line_id, least(x.units, k.quantity - k.shipped - k.short - k.put_back) AS units
  FROM pick_lines k JOIN json_to_recordset(CAST(:page AS json)) AS x(line_id uuid, location text, units int)
    ON x.line_id = k.order_line_id AND x.location = k.location
  WHERE k.list_id = ANY(:ids) AND k.quantity > k.shipped + k.short + k.put_back
), lines AS (
  UPDATE pick_lines k SET shipped = k.shipped + gone.units FROM gone
  WHERE k.list_id = gone.list_id AND k.order_line_id = gone.order_line_id
)
UPDATE pick_parts p SET picked = greatest(0, p.picked - gone.units * p.units) FROM gone
WHERE p.list_id = gone.list_id AND p.order_line_id = gone.order_line_id""")
_CLOSE_DONE = text("""
UPDATE pick_lists p SET state = 'done', closed_by = :actor, closed_at = :at
WHERE p.id = ANY(:ids) AND p.state = 'open' AND NOT EXISTS (
  SELECT FROM pick_lines k WHERE k.list_id = p.id AND k.quantity > k.shipped + k.short + k.put_back)""")
_DROP = text("UPDATE pick_lists SET state = 'dropped', closed_by = :actor, closed_at = :at WHERE id = :id")


async def note_shipped(
    tx: Tx, list_ids: Sequence[UUID], left: Mapping[tuple[UUID, str], int], *, actor: str, at: datetime
) -> None:
    """Units sold of lines that left from a location are off these locked lists; one that is through is done."""
    rows = [{"line_id": line, "location": place, "units": units} for (line, place), units in left.items()]
    if list_ids and rows:
        await tx.execute(_SHIPPED, {"ids": list(list_ids), "page": page(rows)})
        await close_done(tx, list_ids, actor=actor, at=at)


async def close_done(tx: Tx, list_ids: Sequence[UUID], *, actor: str, at: datetime) -> None:
    """Close those of these lists on which nothing is being picked any more."""
    await tx.execute(_CLOSE_DONE, {"ids": list(list_ids), "actor": actor, "at": at})


async def drop(tx: Tx, list_id: UUID, *, actor: str, at: datetime) -> None:
    await tx.execute(_DROP, {"id": list_id, "actor": actor, "at": at})


_IN_HAND = text("""
SELECT coalesce(sum(p.picked), 0)::int FROM pick_parts p JOIN pick_lists t ON t.id = p.list_id
WHERE p.sku = :sku AND p.picked > 0 AND t.state = 'open' AND t.location = :location""")
_PUT_SHELVES = text("""
INSERT INTO levels AS l (sku, location, shelf)
SELECT sku, location, shelf FROM json_to_recordset(CAST(:page AS json)) AS x(sku text, location text, shelf text)
ORDER BY sku, location ON CONFLICT (sku, location) DO UPDATE SET shelf = excluded.shelf""")


async def in_hand(tx: Tx, sku: str, location: str) -> int:
    """Stock units that pickers have taken off the shelves, and that are still here."""
    return int(await tx.scalar(_IN_HAND, {"sku": sku, "location": location}))


class Books(Struct, frozen=True):
    """What the books say of a SKU at a location, and how much of that pickers have in hand."""

    on_hand: int
    in_hand: int


_BOOKS = text("""
SELECT x.sku, coalesce(v.on_hand, 0), (
  SELECT coalesce(sum(p.picked), 0)::int FROM pick_parts p JOIN pick_lists o ON o.id = p.list_id
  WHERE p.sku = x.sku AND p.picked > 0 AND o.state = 'open' AND o.location = x.location)
FROM (SELECT DISTINCT p.sku, t.location FROM pick_lists t JOIN pick_parts p ON p.list_id = t.id
  WHERE t.number = :number) x
LEFT JOIN levels v ON v.sku = x.sku AND v.location = x.location""")


async def books_of(tx: Tx, number: int) -> dict[str, Books]:
    """By SKU, for all that is on a list, at its location."""
    return {row[0]: Books(row[1], row[2]) for row in await tx.execute(_BOOKS, {"number": number})}


class Shelved(Struct, frozen=True):
    """Where a SKU lies at a location; "" where nobody has said."""

    sku: str
    location: str
    shelf: str


_SHELVES = text("""
SELECT sku, location, shelf FROM levels WHERE location = :location AND shelf <> '' AND (shelf, sku) > (:shelf, :sku)
ORDER BY shelf, sku LIMIT :limit""")


async def shelves_of(
    tx: Tx, location: str, *, after: tuple[str, str] = ("", ""), limit: int
) -> list[Shelved]:
    """What lies where, in the order of the shelves."""
    wanted = {"location": location, "shelf": after[0], "sku": after[1], "limit": limit}
    return [Shelved(*row) for row in await tx.execute(_SHELVES, wanted)]


class ShelfPlace(Struct, frozen=True):
    """A location, and where a SKU lies there; "" where nobody has said."""

    location: str
    name: str
    shelf: str


_SHELVES_FOR = text("""
SELECT w.code, w.name, coalesce(l.shelf, '') FROM locations w
LEFT JOIN levels l ON l.location = w.code AND l.sku = :sku ORDER BY w.priority, w.code""")


async def shelves_for(tx: Tx, sku: str) -> list[ShelfPlace]:
    """Every location, the first one asked first."""
    return [ShelfPlace(*row) for row in await tx.execute(_SHELVES_FOR, {"sku": sku})]


async def put_shelves(tx: Tx, rows: Sequence[Shelved]) -> None:
    """Say where SKUs lie, each once."""
    await tx.execute(_PUT_SHELVES, {"page": page(rows)})

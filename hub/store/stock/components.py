"""What bundles and kits are made of. Whoever changes it locks in this order: the recipes, the SKUs, the levels."""

from collections.abc import Mapping, Sequence

import msgspec
from msgspec import Struct
from sqlalchemy import text

from hub.model.stock.bundles import Kind, Recipe
from hub.model.stock.wants import Parts
from hub.store.db import Tx, page

_FREE = "coalesce(v.on_hand::bigint - v.allocated - v.reserved - v.safety_stock, 0)"
# What may be sold of SKU `s`, over all locations that sell; of a bundle: as levels.show, without any rule.
AVAILABLE = f"""(CASE s.kind WHEN 'bundle' THEN coalesce(least((
    SELECT min(n.free / n.units) FROM (
      SELECT b.units, greatest(0, sum({_FREE}) FILTER (WHERE o.sellable))::bigint AS free
      FROM bundle_parts b LEFT JOIN levels v ON v.sku = b.part LEFT JOIN locations o ON o.code = v.location
      WHERE b.bundle = s.sku GROUP BY b.part, b.units) n), (
    SELECT sum(n.sets) FROM (
      SELECT min(greatest(0, {_FREE}) / b.units) AS sets FROM bundle_parts b JOIN locations o ON o.sellable
      LEFT JOIN levels v ON v.sku = b.part AND v.location = o.code WHERE b.bundle = s.sku GROUP BY o.code) n)), 0)
  ELSE (
    SELECT greatest(0, coalesce(sum({_FREE}), 0)) FROM levels v JOIN locations o ON o.code = v.location AND o.sellable
    WHERE v.sku = s.sku) END)::bigint"""  # noqa: S608 -- constants only
AVAILABLE_AT = f"""(CASE s.kind WHEN 'bundle' THEN (
    SELECT min(greatest(0, {_FREE}) / b.units) FROM bundle_parts b
    LEFT JOIN levels v ON v.sku = b.part AND v.location = o.code WHERE b.bundle = s.sku)
  ELSE (SELECT greatest(0, {_FREE}) FROM levels v WHERE v.sku = s.sku AND v.location = o.code) END)"""  # noqa: S608 -- constants only
"""How many of SKU `s` location `o` could give by itself: a bundle leaves whole from where all its parts lie."""
MADE_OF = """(SELECT coalesce(jsonb_object_agg(component, units ORDER BY component), '{}') FROM components
  WHERE whole = s.sku)"""
"""What SKU `s` is made of, one level down."""

_LOCK = text("LOCK TABLE components IN SHARE ROW EXCLUSIVE MODE")
_FAMILY = text("""
WITH RECURSIVE up AS (
  SELECT sku FROM unnest(CAST(:skus AS text[])) AS x(sku)
  UNION SELECT c.whole FROM up JOIN components c ON c.component = up.sku
), down AS (
  SELECT sku FROM up UNION SELECT sku FROM unnest(CAST(:named AS text[])) AS x(sku)
  UNION SELECT c.component FROM down JOIN components c ON c.whole = down.sku
)
SELECT s.sku, s.kind, coalesce(jsonb_object_agg(c.component, c.units) FILTER (WHERE c.whole IS NOT NULL), '{}')
         AS components, s.sku IN (SELECT sku FROM up) AS concerned
FROM down JOIN skus s USING (sku) LEFT JOIN components c ON c.whole = s.sku GROUP BY s.sku ORDER BY s.sku""")


class Member(Struct, frozen=True):
    """A SKU with its recipe; `concerned`: what it is made of may change, for it or a bundle in it is asked about."""

    sku: str
    kind: Kind
    components: Parts
    concerned: bool

    @property
    def recipe(self) -> Recipe:
        return Recipe(self.sku, self.kind, self.components)


async def lock_family(tx: Tx, skus: Sequence[str], named: Sequence[str]) -> dict[str, Member]:
    """All that these SKUs are in, and all that those and the named ones are made of; what does not exist is left out.

    Nobody else changes a recipe until this transaction ends.
    """
    await tx.execute(_LOCK)
    rows = await tx.execute(_FAMILY, {"skus": sorted(set(skus)), "named": sorted(set(named))})
    return {row["sku"]: msgspec.convert(dict(row), Member) for row in rows.mappings()}


_LOCK_SKUS = text("SELECT sku FROM skus WHERE sku = ANY(:skus) ORDER BY sku FOR UPDATE")
_MOVED = text("SELECT DISTINCT sku FROM movements WHERE sku = ANY(:skus) ORDER BY sku")


async def lock_skus(tx: Tx, skus: Sequence[str]) -> None:
    """Nobody matches a line to these SKUs, nor moves their stock, until this transaction ends."""
    await tx.execute(_LOCK_SKUS, {"skus": sorted(set(skus))})


async def with_movements(tx: Tx, skus: Sequence[str]) -> list[str]:
    """Return those of these SKUs that the ledger knows."""
    return [row.sku for row in await tx.execute(_MOVED, {"skus": sorted(set(skus))})]


class _Row(Struct, frozen=True):
    whole: str
    part: str
    units: int


_READ = (
    "FROM json_to_recordset(CAST(:page AS json)) AS x(whole text, part text, units int) ORDER BY whole, part"
)
_FORGET = text("DELETE FROM components WHERE whole = ANY(:skus)")
_PUT = text(f"INSERT INTO components (whole, component, units) SELECT whole, part, units {_READ}")
_FORGET_PARTS = text("DELETE FROM bundle_parts WHERE bundle = ANY(:skus)")
_PUT_PARTS = text(f"INSERT INTO bundle_parts (bundle, part, units) SELECT whole, part, units {_READ}")
_NO_LEVELS = text("DELETE FROM levels WHERE sku = ANY(:skus)")
_SET_KINDS = text("""
UPDATE skus s SET kind = x.kind FROM json_to_recordset(CAST(:page AS json)) AS x(sku text, kind text)
WHERE s.sku = x.sku AND s.kind <> x.kind""")


async def put_recipes(tx: Tx, recipes: Sequence[Recipe]) -> None:
    """Write what these SKUs are and are made of, in the place of what they were."""
    bundles = [recipe.sku for recipe in recipes if recipe.kind is Kind.BUNDLE]
    await tx.execute(_NO_LEVELS, {"skus": bundles})
    await tx.execute(_SET_KINDS, {"page": page(recipes)})
    await tx.execute(_FORGET, {"skus": [recipe.sku for recipe in recipes]})
    await tx.execute(_PUT, {"page": page(_rows({each.sku: each.components for each in recipes}))})


async def put_parts(tx: Tx, parts: Mapping[str, Parts], *, gone: Sequence[str]) -> None:
    """Write what these bundles take from the shelves; those that are `gone` are bundles no more."""
    await tx.execute(_FORGET_PARTS, {"skus": sorted({*parts, *gone})})
    await tx.execute(_PUT_PARTS, {"page": page(_rows(parts))})


def _rows(parts: Mapping[str, Parts]) -> list[_Row]:
    return [_Row(whole, part, units) for whole, those in parts.items() for part, units in those.items()]


_PARTS_OF = text("SELECT part, bundle FROM bundle_parts WHERE bundle = ANY(:skus) ORDER BY bundle, part")


async def parts_of(tx: Tx, skus: Sequence[str]) -> dict[str, list[str]]:
    """The parts of those of these SKUs that are bundles."""
    found: dict[str, list[str]] = {}
    for row in await tx.execute(_PARTS_OF, {"skus": sorted(set(skus))}):
        found.setdefault(row.bundle, []).append(row.part)
    return found


_KIT_PARTS = text("""
SELECT whole, jsonb_object_agg(part, units) AS parts FROM (
  SELECT c.whole, coalesce(b.part, c.component) AS part, sum(c.units * coalesce(b.units, 1))::int AS units
  FROM components c LEFT JOIN bundle_parts b ON b.bundle = c.component
  WHERE c.whole = ANY(:kits) GROUP BY 1, 2) p
GROUP BY whole""")


async def kit_parts(tx: Tx, kits: Sequence[str]) -> dict[str, Parts]:
    """What one of each of these kits is assembled of: items and kits, for bundles in it are exploded."""
    return {row.whole: row.parts for row in await tx.execute(_KIT_PARTS, {"kits": sorted(set(kits))})}


_EXPLODE_LINES = text("""
INSERT INTO order_line_parts (line_id, sku, units)
SELECT l.id, b.part, b.units * l.units FROM order_lines l JOIN bundle_parts b ON b.bundle = l.sku
WHERE l.sku = ANY(:skus) AND l.kind = 'item' AND NOT EXISTS (SELECT FROM order_line_parts p WHERE p.line_id = l.id)
ORDER BY l.id, b.part""")


async def explode_lines(tx: Tx, bundles: Sequence[str]) -> None:
    """Lines that were matched before their SKU became a bundle take its parts from now on: nothing was promised yet."""
    await tx.execute(_EXPLODE_LINES, {"skus": sorted(set(bundles))})


class Made(Struct, frozen=True):
    """A bundle or a kit as a list shows it; `parts` are what a bundle takes in the end, where bundles are in it."""

    sku: str
    name: str
    kind: Kind
    components: Parts
    parts: Parts


_LIST = text("""
SELECT s.sku, s.name, s.kind, c.components, coalesce(p.parts, c.components) AS parts
FROM (SELECT * FROM skus WHERE kind <> 'item' AND sku > :after AND (CAST(:kind AS text) IS NULL OR kind = :kind)
        AND (CAST(:only AS text[]) IS NULL OR sku = ANY(:only))
      ORDER BY sku LIMIT :limit) s
LEFT JOIN LATERAL (
  SELECT coalesce(jsonb_object_agg(component, units ORDER BY component), '{}') AS components FROM components
  WHERE whole = s.sku) c ON true
LEFT JOIN LATERAL (
  SELECT jsonb_object_agg(part, units ORDER BY part) AS parts FROM bundle_parts WHERE bundle = s.sku) p ON true
ORDER BY s.sku""")


async def list_made(
    tx: Tx, *, kind: Kind | None = None, after: str = "", skus: Sequence[str] | None = None, limit: int
) -> list[Made]:
    """One page of bundles and kits in the order of their SKUs."""
    only = list(skus) if skus is not None else None
    rows = await tx.execute(_LIST, {"kind": kind, "after": after, "only": only, "limit": limit})
    return msgspec.convert([dict(row) for row in rows.mappings()], list[Made])

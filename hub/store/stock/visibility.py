"""What channels may see: the rules, and the one query that works out what any listings should show by them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from msgspec import Struct
from sqlalchemy import text

from hub.model.stock.visibility import Allotted, Rule, Scope
from hub.store.db import Tx, page

# Rules by how much they name, the most specific first. A listing's own buffer and cap stand right after its rule.
_ASKED = {
    "of_listing": "r.listing_id = l.id",
    "of_group_here": "r.channel_id = l.channel_id AND r.sku_group = s.sku_group",
    "of_group": "r.channel_id IS NULL AND r.sku_group = s.sku_group",
    "of_channel": "r.channel_id = l.channel_id AND r.sku_group IS NULL",
    "of_all": "r.channel_id IS NULL AND r.sku_group IS NULL AND r.listing_id IS NULL",
}
_JOINS = "\n  ".join(
    f"LEFT JOIN rules {name} ON {condition.replace('r.', f'{name}.')}" for name, condition in _ASKED.items()
)


def _first(column: str, of_its_own: str = "NULL") -> str:
    """The column of the first rule that says it; `of_its_own` is what the listing itself says."""
    of_listing, *others = (f"{name}.{column}" for name in _ASKED)
    return f"coalesce({', '.join([of_listing, of_its_own, *others])})"


def shown_by_rules(which: str) -> str:
    """SQL that begins with WITH and ends with the table `shown`: one row for each matched listing `l` of which
    `which` holds, with its `quantity` and all that makes it.

    The one expression, for pushing, for pages and for `hub check`: as `hub.model.stock.visibility.unfold`, for many.
    The rules of all listings of a SKU are looked at, since what is allotted to one channel is hidden from the others.
    `places` are the locations that count, as `hub.model.stock.locations.counting` tells them; {'*'} is every one.
    """
    return f"""
WITH rules AS NOT MATERIALIZED (
  SELECT *, CASE WHEN num_nonnulls(buffer, buffer_percent) > 0 THEN ARRAY[buffer, buffer_percent] END AS kept
  FROM visibility_rules
), served AS MATERIALIZED (
  SELECT c.id AS channel_id, ARRAY(
    SELECT o.code FROM locations o
    WHERE o.code = c.location OR NOT EXISTS (SELECT FROM location_channels s WHERE s.location = o.code)
       OR EXISTS (SELECT FROM location_channels s WHERE s.location = o.code AND s.channel_id = c.id)) AS codes
  FROM channels c WHERE EXISTS (SELECT FROM location_channels)
), family AS MATERIALIZED (
  SELECT l.id, l.channel_id, l.sku, l.units, {_first("cap", "l.cap")} AS cap, {_first("minimum")} AS minimum,
         {_first("kept", "CASE WHEN l.buffer > 0 THEN ARRAY[l.buffer, NULL] END")} AS kept,
         {_first("allotment")} AS allotment, w.locations,
         CASE WHEN v.codes IS NULL THEN coalesce(w.locations, '{{*}}')
              WHEN w.locations IS NULL THEN v.codes
              ELSE ARRAY(SELECT unnest(v.codes) INTERSECT SELECT unnest(w.locations) ORDER BY 1) END AS places
  FROM listings l JOIN skus s ON s.sku = l.sku
  LEFT JOIN served v ON v.channel_id = l.channel_id
  {_JOINS}
  CROSS JOIN LATERAL (SELECT {_first("locations")} AS locations) w
  WHERE l.sku IN (SELECT l.sku FROM listings l WHERE {which})
), free AS (
  SELECT n.sku, n.places, greatest(0, sum(v.on_hand - v.allocated - v.reserved - v.safety_stock)) AS units
  FROM (SELECT DISTINCT sku, places FROM family) n JOIN levels v ON v.sku = n.sku
       JOIN locations o ON o.code = v.location AND o.sellable
  WHERE n.places = '{{*}}' OR v.location = ANY(n.places) GROUP BY n.sku, n.places
), allotted AS (
  SELECT id, coalesce(sum(units) FILTER (WHERE own), 0) AS own,
         coalesce(sum(units) FILTER (WHERE NOT own), 0) AS others
  FROM (
    SELECT f.id, k.channel_id = f.channel_id AS own, max(k.allotment) AS units FROM family f
    JOIN family k ON k.sku = f.sku AND k.allotment > 0
      AND (f.places = '{{*}}' OR k.places = '{{*}}' OR f.places && k.places)
    GROUP BY f.id, f.channel_id, k.channel_id) k
  GROUP BY id
), shown AS (
  SELECT l.id, l.units, l.kept[1] AS buffer, l.kept[2] AS buffer_percent, l.cap, l.allotment, l.minimum, l.locations,
         nullif(l.places, '{{*}}') AS places, n.free, n.own, n.others,
         least(CASE WHEN b.after_buffer < l.minimum THEN 0 ELSE b.after_buffer END, l.cap)::int AS quantity
  FROM family l LEFT JOIN free USING (sku, places) LEFT JOIN allotted a ON a.id = l.id
  CROSS JOIN LATERAL (
    SELECT coalesce(free.units, 0) AS free, coalesce(a.own, 0) AS own, coalesce(a.others, 0) AS others) n
  CROSS JOIN LATERAL (
    SELECT CASE WHEN n.free >= n.own + n.others THEN n.free - n.others
           ELSE div(n.free::numeric * n.own, n.own + n.others)::bigint END / l.units AS packs) p
  CROSS JOIN LATERAL (
    SELECT greatest(0, p.packs - coalesce(l.kept[1], (p.packs * l.kept[2] + 99) / 100, 0)) AS after_buffer) b
  WHERE {which}
)"""  # noqa: S608 -- constants only


class Shown(Struct, frozen=True):
    """What one listing should show, and what makes it: recomputing from the other fields gives `quantity` (L16).

    `places` are the locations that count for it; None: all that sell.
    """

    units: int
    free: int
    allotted: Allotted
    rule: Rule
    quantity: int
    places: tuple[str, ...] | None = None


_SHOWN = text(f"""{shown_by_rules("l.id = ANY(:ids)")}
SELECT id, units, buffer, buffer_percent, cap, allotment, minimum, locations, places, free, own, others, quantity
FROM shown""")  # noqa: S608 -- constants only


async def shown_of(tx: Tx, listing_ids: Sequence[UUID]) -> dict[UUID, Shown]:
    """What these listings should show now; unmatched ones are left out."""
    rows = await tx.execute(_SHOWN, {"ids": list(listing_ids)})
    return {row.id: _shown(row) for row in rows} if listing_ids else {}


def _shown(row: Any) -> Shown:
    places = tuple(row.places) if row.places is not None else None
    return Shown(row.units, row.free, Allotted(row.own, row.others), _rule(row), row.quantity, places)


class Held(Struct, frozen=True):
    """A scope with the keys its names stand for, and the rule there is; None where there is none yet.

    Its channel or listing is `lost` where a name stands for nothing.
    """

    scope: Scope
    channel_id: UUID | None = None
    listing_id: UUID | None = None
    lost: bool = False
    id: UUID | None = None
    rule: Rule | None = None


_RULE = "r.buffer, r.buffer_percent, r.cap, r.allotment, r.minimum, r.locations"
_LOCK = text("LOCK TABLE visibility_rules IN SHARE ROW EXCLUSIVE MODE")
_HELD = text(f"""
SELECT x.channel, x."group", x.listing, c.id AS channel_id, l.id AS listing_id, r.id, {_RULE}
FROM ROWS FROM (jsonb_to_recordset(CAST(:page AS jsonb)) AS (channel text, "group" text, listing text))
     WITH ORDINALITY AS x(channel, "group", listing, nr)
LEFT JOIN channels c ON c.slug = x.channel
LEFT JOIN listings l ON l.channel_id = c.id AND l.channel_listing_id = x.listing
LEFT JOIN LATERAL (
  SELECT * FROM visibility_rules WHERE x.listing IS NOT NULL AND listing_id = l.id
  UNION ALL
  SELECT * FROM visibility_rules WHERE x.listing IS NULL AND listing_id IS NULL
    AND channel_id IS NOT DISTINCT FROM c.id AND sku_group IS NOT DISTINCT FROM x."group"
) r ON true
ORDER BY x.nr""")  # noqa: S608 -- constants only


async def lock_rules(tx: Tx, scopes: Sequence[Scope]) -> list[Held]:
    """Find what these scopes name, in their order. Nobody else changes a rule until this transaction ends."""
    await tx.execute(_LOCK)
    return [_held(row) for row in await tx.execute(_HELD, {"page": page(scopes)})]


def _held(row: Any) -> Held:
    scope = Scope(row.channel, row.group, row.listing)
    lost = (row.channel is not None and row.channel_id is None) or (
        row.listing is not None and row.listing_id is None
    )
    return Held(
        scope,
        None if row.listing is not None else row.channel_id,
        row.listing_id,
        lost,
        row.id,
        _rule(row) if row.id is not None else None,
    )


def _rule(row: Any) -> Rule:
    locations = tuple(row.locations) if row.locations is not None else None
    return Rule(row.buffer, row.buffer_percent, row.cap, row.allotment, row.minimum, locations)


class NewRule(Struct, frozen=True):
    """One row as it should be; `id` counts only where the scope has no rule yet."""

    id: UUID
    channel_id: UUID | None
    sku_group: str | None
    listing_id: UUID | None
    buffer: int | None
    buffer_percent: int | None
    cap: int | None
    allotment: int | None
    minimum: int | None
    locations: tuple[str, ...] | None


_PUT = text("""
INSERT INTO visibility_rules (id, channel_id, sku_group, listing_id, buffer, buffer_percent, cap, allotment, minimum,
                              locations, changed_at)
SELECT id, channel_id, sku_group, listing_id, buffer, buffer_percent, cap, allotment, minimum, locations, :at
FROM jsonb_to_recordset(CAST(:page AS jsonb)) AS x(id uuid, channel_id uuid, sku_group text, listing_id uuid,
     buffer int, buffer_percent int, cap int, allotment int, minimum int, locations text[])
ORDER BY channel_id, sku_group, listing_id
ON CONFLICT (channel_id, sku_group, listing_id) DO UPDATE SET
  buffer = excluded.buffer, buffer_percent = excluded.buffer_percent, cap = excluded.cap,
  allotment = excluded.allotment, minimum = excluded.minimum, locations = excluded.locations,
  changed_at = excluded.changed_at""")
_DROP = text("DELETE FROM visibility_rules WHERE id = ANY(:ids)")


async def put_rules(tx: Tx, rules: Sequence[NewRule], *, at: datetime) -> None:
    if rules:
        await tx.execute(_PUT, {"page": page(rules), "at": at})


async def drop_rules(tx: Tx, ids: Sequence[UUID]) -> None:
    if ids:
        await tx.execute(_DROP, {"ids": list(ids)})


class Touched(Struct, frozen=True):
    """Whose listings a change touches; `widely`: also what other channels show of the same SKUs."""

    channel_id: UUID | None
    sku_group: str | None
    listing_id: UUID | None
    widely: bool


_TOUCHED = text("""
WITH x AS (
  SELECT * FROM jsonb_to_recordset(CAST(:page AS jsonb))
    AS x(channel_id uuid, sku_group text, listing_id uuid, widely bool)
), touched AS (
  SELECT l.id, l.sku, x.widely FROM x JOIN listings l ON l.id = x.listing_id WHERE l.sku IS NOT NULL
  UNION ALL
  SELECT l.id, l.sku, x.widely FROM x JOIN listings l ON l.channel_id = coalesce(x.channel_id, l.channel_id)
    JOIN skus s ON s.sku = l.sku AND s.sku_group = coalesce(x.sku_group, s.sku_group)
  WHERE x.listing_id IS NULL
)
SELECT id FROM touched UNION SELECT l.id FROM touched t JOIN listings l ON l.sku = t.sku WHERE t.widely""")


async def touched_listings(tx: Tx, touched: Sequence[Touched]) -> list[UUID]:
    if not touched:
        return []
    return [row.id for row in await tx.execute(_TOUCHED, {"page": page(touched)})]


_SKUS_IN = text("SELECT DISTINCT sku_group FROM skus WHERE sku_group = ANY(:groups)")


async def groups_with_skus(tx: Tx, groups: Sequence[str]) -> set[str]:
    """Those of these groups that some SKU is in."""
    return {row.sku_group for row in await tx.execute(_SKUS_IN, {"groups": list(groups)})}


_GROUP = text("""
UPDATE skus s SET sku_group = :name FROM (
  SELECT sku FROM skus WHERE sku = ANY(:skus) ORDER BY sku FOR NO KEY UPDATE) x
WHERE s.sku = x.sku AND s.sku_group <> :name RETURNING s.sku""")


async def put_in_group(tx: Tx, skus: Sequence[str], name: str) -> list[str]:
    """Return the SKUs that were not in it yet; an empty name is no group."""
    rows = await tx.execute(_GROUP, {"skus": sorted(set(skus)), "name": name})
    return [row.sku for row in rows]


class Keep(Struct, frozen=True):
    """`units` of one SKU at one location are kept back from all channels."""

    sku: str
    location: str
    units: int


_KEEP = text("""
INSERT INTO levels AS l (sku, location, safety_stock)
SELECT sku, location, units FROM jsonb_to_recordset(CAST(:page AS jsonb)) AS x(sku text, location text, units int)
ORDER BY sku, location
ON CONFLICT (sku, location) DO UPDATE SET safety_stock = excluded.safety_stock
  WHERE l.safety_stock <> excluded.safety_stock
RETURNING sku""")


async def put_safety_stock(tx: Tx, keeps: Sequence[Keep]) -> list[str]:
    """Set it where the levels are locked already; return the SKUs of which it is another now."""
    rows = await tx.execute(_KEEP, {"page": page(keeps)})
    return sorted({row.sku for row in rows})


_ALLOTTED = text("""
SELECT DISTINCT l.sku FROM visibility_rules r
JOIN listings l ON l.id = r.listing_id OR (r.listing_id IS NULL AND l.channel_id = r.channel_id)
JOIN skus s ON s.sku = l.sku AND s.sku_group = coalesce(r.sku_group, s.sku_group)
WHERE r.allotment > 0 ORDER BY l.sku""")


async def allotted_skus(tx: Tx) -> list[str]:
    """The SKUs of which some channel has units to itself."""
    return [row.sku for row in await tx.execute(_ALLOTTED)]


class RuleRow(Struct, frozen=True):
    id: UUID
    scope: Scope
    rule: Rule


_LIST = text(f"""
SELECT r.id, c.slug AS channel, r.sku_group AS "group", l.channel_listing_id AS listing, {_RULE}
FROM visibility_rules r LEFT JOIN listings l ON l.id = r.listing_id
LEFT JOIN channels c ON c.id = coalesce(r.channel_id, l.channel_id)
WHERE r.id > CAST(:after AS uuid) AND (CAST(:channel AS text) IS NULL OR c.slug = :channel)
ORDER BY r.id LIMIT :limit""")  # noqa: S608 -- constants only


async def list_rules(tx: Tx, *, after: UUID, channel: str | None = None, limit: int) -> list[RuleRow]:
    """One page of rules in the order they were first set."""
    rows = await tx.execute(_LIST, {"after": after, "channel": channel, "limit": limit})
    return [RuleRow(row.id, Scope(row.channel, row.group, row.listing), _rule(row)) for row in rows]

"""What listings should show: the one query that works it out for any of them, by all rules, packs and bundles."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from msgspec import Struct
from sqlalchemy import text

from hub.model.stock.visibility import SHOWN_MAX, Allotted, Rule, in_effect
from hub.store.db import Tx
from hub.store.stock.visibility import rule_of

# Rules by how much they name, the most specific first. A listing's own buffer and cap stand right after its rule.
_ASKED = {
    "of_listing": "r.listing_id = l.id",
    "of_group_here": "r.channel_id = l.channel_id AND r.sku_group = s.sku_group",
    "of_group": "r.channel_id IS NULL AND r.sku_group = s.sku_group",
    "of_channel": "r.channel_id = l.channel_id AND r.sku_group IS NULL",
    "of_all": "r.channel_id IS NULL AND r.sku_group IS NULL AND r.listing_id IS NULL",
}
JOINS = "\n  ".join(
    f"LEFT JOIN rules {name} ON {condition.replace('r.', f'{name}.')}" for name, condition in _ASKED.items()
)


def _first(column: str, of_its_own: str = "NULL") -> str:
    """The column of the first rule that says it; `of_its_own` is what the listing itself says."""
    of_listing, *others = (f"{name}.{column}" for name in _ASKED)
    return f"coalesce({', '.join([of_listing, of_its_own, *others])})"


ASKS = _first("asks", "CASE WHEN l.buffer > 0 THEN CAST(ARRAY[NULL, NULL] AS float[]) END")
"""The risk and the most of the adaptive buffer that holds for listing `l`; nulls where a fixed one does."""

_FREE = "v.on_hand::bigint - v.allocated - v.reserved - v.safety_stock"

# What this channel may see of each part of listing `l`, and how many of the listing it allows: as visibility.Share.
_SHARE = """LEFT JOIN free ON free.part = l.part AND free.places = l.places
  LEFT JOIN allotted a ON a.id = l.id AND a.part = l.part
  CROSS JOIN LATERAL (
    SELECT coalesce(free.units, 0) AS free, coalesce(a.own, 0) AS own, coalesce(a.others, 0) AS others) n
  CROSS JOIN LATERAL (
    SELECT CASE WHEN n.free >= n.own + n.others THEN n.free - n.others
           ELSE div(n.free::numeric * n.own, n.own + n.others)::bigint END / l.units AS sets) h"""


# All rules by what they keep back and which adaptive buffer they ask for (none where they keep back a fixed one), and
# where not every location serves every channel: those that do.
RULES = """rules AS NOT MATERIALIZED (
  SELECT *, CASE WHEN num_nonnulls(buffer, buffer_percent) > 0 THEN ARRAY[buffer, buffer_percent] END AS kept,
         CASE WHEN num_nonnulls(buffer, buffer_percent, risk_percent) > 0
              THEN ARRAY[risk_percent, buffer_max::float] END AS asks
  FROM visibility_rules
), served AS MATERIALIZED (
  SELECT c.id AS channel_id, ARRAY(
    SELECT o.code FROM locations o
    WHERE o.code = c.location OR NOT EXISTS (SELECT FROM location_channels s WHERE s.location = o.code)
       OR EXISTS (SELECT FROM location_channels s WHERE s.location = o.code AND s.channel_id = c.id)) AS codes
  FROM channels c WHERE EXISTS (SELECT FROM location_channels)
)"""

_OF_LISTING = "l.id, l.channel_id, l.sku, l.units, l.cap, l.buffer"
_NAMES = "l.channel_listing_id, l.channel_sku"

# The listings that are asked for, and those of `kin`, with a row for each part of what they sell, what is free of each
# part, how many the locations can give whole, and what is allotted of each to the channel itself and to all others.
# Of an OR the planner expects next to no levels, and loops over them for each listing: of a CASE it expects half.
_STOCK = f"""family AS MATERIALIZED (
  SELECT l.id, l.channel_id, l.sku, l.units AS sold, {_first("cap", "l.cap")} AS cap, {_first("minimum")} AS minimum,
         {_first("kept", "CASE WHEN l.buffer > 0 THEN ARRAY[l.buffer, NULL] END")} AS kept,
         {_first("allotment")} AS allotment, w.locations, w.asks, CASE WHEN w.asks[1] > 0 THEN d.buffer END AS adaptive,
         CASE WHEN v.codes IS NULL THEN coalesce(w.locations, '{{*}}')
              WHEN w.locations IS NULL THEN v.codes
              ELSE ARRAY(SELECT unnest(v.codes) INTERSECT SELECT unnest(w.locations) ORDER BY 1) END AS places,
         coalesce(b.part, l.sku) AS part, coalesce(b.units, 1) AS each, l.units * coalesce(b.units, 1) AS units,
         b.part IS NOT NULL AS in_bundle, l.is_asked
  FROM (
    SELECT {_OF_LISTING}, true AS is_asked FROM asked l
    UNION ALL
    SELECT {_OF_LISTING}, false FROM kin JOIN listings l USING (sku) LEFT JOIN asked a ON a.id = l.id
    WHERE a.id IS NULL) l
  JOIN skus s ON s.sku = l.sku
  LEFT JOIN bundle_parts b ON b.bundle = l.sku
  LEFT JOIN served v ON v.channel_id = l.channel_id
  LEFT JOIN adaptive_buffers d ON d.listing_id = l.id
  {JOINS}
  CROSS JOIN LATERAL (SELECT {_first("locations")} AS locations, {ASKS} AS asks) w
), free AS (
  SELECT n.part, n.places, greatest(0, sum({_FREE}))::bigint AS units
  FROM (SELECT DISTINCT part, places FROM family) n JOIN levels v ON v.sku = n.part
       JOIN locations o ON o.code = v.location AND o.sellable
  WHERE CASE n.places WHEN '{{*}}' THEN true ELSE v.location = ANY(n.places) END GROUP BY n.part, n.places
), whole AS (
  SELECT n.sku, n.places, n.sold, sum(greatest(0, {_FREE}) / n.sold)::bigint AS sets
  FROM (SELECT DISTINCT sku, places, sold FROM family WHERE sold > 1 AND NOT in_bundle) n JOIN levels v USING (sku)
       JOIN locations o ON o.code = v.location AND o.sellable
  WHERE n.places = '{{*}}' OR v.location = ANY(n.places) GROUP BY n.sku, n.places, n.sold
  UNION ALL
  SELECT sku, places, sold, sum(sets)::bigint FROM (
    SELECT n.sku, n.places, n.sold, min(greatest(0, coalesce({_FREE}, 0)) / n.units) AS sets
    FROM (SELECT DISTINCT sku, places, sold, part, units FROM family WHERE in_bundle) n
         JOIN locations o ON o.sellable AND (n.places = '{{*}}' OR o.code = ANY(n.places))
         LEFT JOIN levels v ON v.sku = n.part AND v.location = o.code
    GROUP BY n.sku, n.places, n.sold, o.code) at
  GROUP BY sku, places, sold
), allotted AS (
  SELECT id, part, coalesce(sum(units) FILTER (WHERE own), 0)::bigint AS own,
         coalesce(sum(units) FILTER (WHERE NOT own), 0)::bigint AS others
  FROM (
    SELECT f.id, f.part, k.channel_id = f.channel_id AS own, max(k.allotment::bigint * k.each) AS units FROM family f
    JOIN family k ON k.part = f.part AND k.allotment > 0
      AND (f.places = '{{*}}' OR k.places = '{{*}}' OR f.places && k.places)
    GROUP BY f.id, f.part, f.channel_id, k.channel_id, k.sku) k
  GROUP BY id, part
)"""  # noqa: S608 -- constants only


def shown_by_rules(which: str) -> str:
    """SQL that begins with WITH and ends with the table `shown`: one row for each matched listing `l` of which
    `which` holds, with its `quantity` and all that makes it; the table `asked` has these listings with their names.

    The one expression, for pushing, for pages and for `hub check`: as `hub.model.stock.levels.show`, for many. Where
    some rule allots units, the rules of all listings that share a SKU, or a part of a bundle, are looked at: what is
    allotted to one channel is hidden from the others. `places` are the locations that count, as
    `hub.model.stock.locations.counting` tells them; {'*'} is every one. `shares` has the parts of each listing that
    sells a bundle; `shown` goes by the scarcest.
    """
    return f"""
WITH {RULES}, asked AS MATERIALIZED (
  SELECT {_OF_LISTING}, {_NAMES} FROM listings l WHERE l.sku IS NOT NULL AND ({which})
), allots AS (
  SELECT sku FROM asked WHERE EXISTS (SELECT FROM visibility_rules WHERE allotment > 0)
), bundled AS (
  SELECT part FROM bundle_parts WHERE part IN (SELECT sku FROM allots)
  UNION SELECT part FROM bundle_parts WHERE bundle IN (SELECT sku FROM allots)
), kin AS (
  SELECT sku FROM allots
  UNION SELECT part FROM bundled UNION SELECT b.bundle FROM bundle_parts b JOIN bundled USING (part)
), {_STOCK}, shares AS (
  SELECT l.id, l.part, l.units, n.free, n.own, n.others, h.sets FROM family l {_SHARE} WHERE l.in_bundle AND l.is_asked
), scarcest AS (
  SELECT DISTINCT ON (id) id, part FROM shares ORDER BY id, sets, part
), shown AS (
  SELECT l.id, l.part, l.units, l.kept[1] AS buffer, l.kept[2] AS buffer_percent, l.cap, l.allotment, l.minimum,
         l.asks[1] AS risk_percent, l.asks[2]::int AS buffer_max, l.adaptive, l.locations,
         nullif(l.places, '{{*}}') AS places, n.free, n.own, n.others, e.whole,
         least(CASE WHEN b.after_buffer < l.minimum THEN 0 ELSE b.after_buffer END, l.cap, {SHOWN_MAX})::int AS quantity
  FROM family l LEFT JOIN scarcest c ON c.id = l.id {_SHARE}
  LEFT JOIN whole w ON w.sku = l.sku AND w.places = l.places AND w.sold = l.sold
  CROSS JOIN LATERAL (SELECT CASE WHEN l.sold > 1 OR l.in_bundle THEN coalesce(w.sets, 0) END AS whole) e
  CROSS JOIN LATERAL (SELECT least(h.sets, e.whole) AS packs) p
  CROSS JOIN LATERAL (
    SELECT greatest(0, p.packs - coalesce(l.adaptive, l.kept[1], (p.packs * l.kept[2] + 99) / 100, 0))
      AS after_buffer) b
  WHERE l.is_asked AND (NOT l.in_bundle OR l.part = c.part)
)"""  # noqa: S608 -- constants only


class Shown(Struct, frozen=True):
    """What one listing should show, and what makes it: recomputing from the other fields gives `quantity` (L16).

    `part` is the scarcest part of what it sells, `units` of which are in each, `free` where the rule counts; `whole`
    is how many the locations could give, each of them whole, where more than one unit is in each. `places` are the
    locations that count for it; None: all that sell. The rule has the adaptive buffer that was worked out.
    """

    part: str
    units: int
    free: int
    allotted: Allotted
    rule: Rule
    quantity: int
    whole: int | None = None
    places: tuple[str, ...] | None = None


_SHOWN = text(f"""{shown_by_rules("l.id = ANY(:ids)")}
SELECT id, part, units, buffer, buffer_percent, cap, allotment, minimum, locations, risk_percent, buffer_max, adaptive,
       places, free, own, others, whole, quantity
FROM shown""")  # noqa: S608 -- constants only


async def shown_of(tx: Tx, listing_ids: Sequence[UUID]) -> dict[UUID, Shown]:
    """What these listings should show now; unmatched ones are left out."""
    rows = await tx.execute(_SHOWN, {"ids": list(listing_ids)})
    return {row.id: _shown(row) for row in rows} if listing_ids else {}


def _shown(row: Any) -> Shown:
    places = tuple(row.places) if row.places is not None else None
    allotted = Allotted(row.own, row.others)
    rule = in_effect(rule_of(row), row.adaptive)
    return Shown(row.part, row.units, row.free, allotted, rule, row.quantity, row.whole, places)

"""What is so of many SKUs, in one statement: as `hub.model.stock.alarms.conditions`, for all of them at once."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import text

from hub.model.stock.alarms import Bounds, Condition
from hub.model.stock.visibility import SHOWN_MAX
from hub.store.db import Tx
from hub.store.orders import PARTS_OF
from hub.store.stock.skus import COUNTED
from hub.store.zones import DAY

# Whether SKU `s` is sold: listed on some channel, itself or in something made of it; or a person wants to know; or
# orders of late had it. Each looks for one row by an index (LIMIT), so that no history is ever read whole.
_SOLD = """LEFT JOIN LATERAL (
    SELECT true AS so FROM listings WHERE gone_at IS NULL AND sku IN (
      SELECT s.sku UNION ALL SELECT bundle FROM bundle_parts WHERE part = s.sku
      UNION ALL SELECT whole FROM components WHERE component = s.sku) LIMIT 1) listed ON true
  LEFT JOIN LATERAL (
    SELECT true AS so FROM alarm_thresholds WHERE sku = s.sku AND (units > 0 OR location IS NOT NULL) LIMIT 1
  ) wanted ON listed.so IS NULL
  LEFT JOIN LATERAL (
    SELECT true AS so FROM movements WHERE sku = s.sku AND at > u.unmoved_since AND order_line_id IS NOT NULL LIMIT 1
  ) ordered ON listed.so IS NULL
  LEFT JOIN LATERAL (
    SELECT true AS so FROM order_lines WHERE s.kind = 'bundle' AND sku = s.sku LIMIT 1) bundled ON listed.so IS NULL"""

_ASKED = f"""
WITH bounds AS (
  SELECT coalesce(b.low_stock, :low_stock) AS low_stock, n.unmoved_days,
         CAST(:at AS timestamptz) - n.unmoved_days * interval '24 hours' AS unmoved_since,
         coalesce(b.expiry_days, :expiry_days) AS expiry_days
  FROM (SELECT) one LEFT JOIN alarm_bounds b ON true
  CROSS JOIN LATERAL (SELECT coalesce(b.unmoved_days, :unmoved_days) AS unmoved_days) n
), asked AS MATERIALIZED (
  SELECT s.sku, s.kind = 'bundle' AS is_bundle,
         {COUNTED} AND num_nonnulls(listed.so, wanted.so, ordered.so, bundled.so) > 0 AS watched
  FROM skus s CROSS JOIN bounds u {_SOLD} WHERE s.sku = ANY(:skus)
), parts AS MATERIALIZED (
  SELECT a.sku, coalesce(b.part, a.sku) AS part, coalesce(b.units, 1) AS units
  FROM asked a LEFT JOIN bundle_parts b ON b.bundle = a.sku
)"""  # noqa: S608 -- constants only

# What is left of each, as hub.model.stock.levels.show without a rule; of a bundle, `part` is its scarcest part.
# The levels are named by an array, so that they are found by their index however many there are of others.
_LEFT = """shelf AS MATERIALIZED (
  SELECT v.sku, v.location, v.on_hand, v.allocated, o.sellable,
         v.on_hand::bigint - v.allocated - v.reserved - v.safety_stock AS free
  FROM levels v JOIN locations o ON o.code = v.location WHERE v.sku = ANY(ARRAY(SELECT part FROM parts))
), scarcest AS (
  SELECT DISTINCT ON (sku) sku, part, sets FROM (
    SELECT p.sku, p.part, greatest(0, coalesce(sum(v.free) FILTER (WHERE v.sellable), 0))::bigint / p.units AS sets
    FROM parts p LEFT JOIN shelf v ON v.sku = p.part GROUP BY p.sku, p.part, p.units) n
  ORDER BY sku, sets, part
), whole AS (
  SELECT sku, sum(sets) AS sets FROM (
    SELECT a.sku, min(greatest(0, coalesce(v.free, 0)) / p.units) AS sets
    FROM asked a JOIN parts p USING (sku) CROSS JOIN locations o
    LEFT JOIN shelf v ON v.sku = p.part AND v.location = o.code
    WHERE a.is_bundle AND o.sellable GROUP BY a.sku, o.code) n
  GROUP BY sku
), stock AS MATERIALIZED (
  SELECT a.*, CASE WHEN a.is_bundle THEN c.part ELSE '' END AS part,
         CASE WHEN a.is_bundle THEN least(c.sets, coalesce(w.sets, 0)) ELSE c.sets END::bigint AS units
  FROM asked a JOIN scarcest c USING (sku) LEFT JOIN whole w USING (sku)
)"""

_BOOKS = f"""books AS (
  SELECT v.sku, sum(greatest(0, v.allocated - greatest(0, v.on_hand))) AS unbacked,
         coalesce(sum(v.on_hand) FILTER (WHERE v.sellable), 0) AS on_hand
  FROM shelf v GROUP BY v.sku
), short AS MATERIALIZED (
  SELECT n.sku, sum(k.units::bigint * n.units) AS units
  FROM orders o JOIN order_lines l ON l.order_id = o.id AND l.kind = 'item'
  CROSS JOIN LATERAL (
    SELECT l.quantity - l.canceled - l.allocated - l.shipped - l.backordered AS units) k
  CROSS JOIN LATERAL {PARTS_OF.format("l")} n
  WHERE o.holds <> '{{}}' AND 'oversold' = ANY(o.holds) AND o.canceled_at IS NULL AND k.units > 0 GROUP BY n.sku
), days AS MATERIALIZED (
  SELECT o.code, {DAY.format("o.time_zone")} + u.expiry_days AS expiry_by
  FROM locations o CROSS JOIN bounds u WHERE o.sellable
), expiring AS (
  SELECT v.sku, sum(v.on_hand::bigint - v.allocated) AS units, min(l.expires_on) AS expires_on
  FROM asked a JOIN lot_levels v USING (sku) JOIN lots l USING (sku, lot) JOIN days d ON d.code = v.location
  WHERE l.expires_on <= d.expiry_by AND v.on_hand > v.allocated GROUP BY v.sku
), unmoved AS (
  SELECT k.sku, least(k.on_hand, k.on_hand - m.units) AS units FROM books k CROSS JOIN bounds u
  LEFT JOIN LATERAL (
    SELECT true AS so FROM movements WHERE sku = k.sku AND at > u.unmoved_since AND on_hand_change < 0
      AND kind IN ('shipment', 'assembly') LIMIT 1) sold ON true
  CROSS JOIN LATERAL (
    SELECT coalesce(sum(m.on_hand_change), 0) AS units FROM movements m
    JOIN locations o ON o.code = m.location AND o.sellable
    WHERE sold.so IS NULL AND m.sku = k.sku AND m.at > u.unmoved_since) m
  WHERE k.on_hand > 0 AND sold.so IS NULL
)"""  # noqa: S608 -- constants only

_LOW = "{units} <= {bound} + greatest(1, {bound} / 10)"  # as hub.model.stock.alarms.margin

_CONDITIONS = text(f"""{_ASKED}, {_LEFT}, {_BOOKS}
SELECT 'out_of_stock' AS kind, s.sku, NULL AS location, 0 AS units, true AS begins, 0 AS bound, 0 AS expiring,
       CAST(NULL AS date) AS expires_on, s.part
FROM stock s JOIN parts p USING (sku)
LEFT JOIN LATERAL (
  SELECT true AS so FROM movements WHERE sku = p.part AND on_hand_change > 0 ORDER BY at LIMIT 1) had ON true
WHERE s.watched AND s.units = 0 GROUP BY s.sku, s.part HAVING count(had.so) = count(*)
UNION ALL
SELECT 'low_stock', s.sku, NULL, s.units, s.units <= n.bound, n.bound, 0, NULL, s.part
FROM stock s CROSS JOIN bounds u LEFT JOIN alarm_thresholds h ON h.sku = s.sku AND h.location IS NULL
CROSS JOIN LATERAL (SELECT coalesce(h.units, u.low_stock) AS bound) n
WHERE s.watched AND n.bound > 0 AND s.units > 0 AND {_LOW.format(units="s.units", bound="n.bound")}
UNION ALL
SELECT 'low_stock', s.sku, h.location, n.units, n.units <= h.units, h.units, 0, NULL, ''
FROM stock s JOIN alarm_thresholds h ON h.sku = s.sku AND h.location IS NOT NULL
LEFT JOIN shelf v ON v.sku = h.sku AND v.location = h.location
CROSS JOIN LATERAL (SELECT greatest(0, coalesce(v.free, 0)) AS units) n
WHERE s.watched AND NOT s.is_bundle AND {_LOW.format(units="n.units", bound="h.units")}
UNION ALL
SELECT 'oversold', s.sku, NULL, n.units::bigint, true, 0, 0, NULL, ''
FROM stock s LEFT JOIN books k USING (sku) LEFT JOIN short t USING (sku)
CROSS JOIN LATERAL (SELECT coalesce(k.unbacked, 0) + greatest(0, coalesce(t.units, 0) - s.units) AS units) n
WHERE NOT s.is_bundle AND n.units > 0
UNION ALL
SELECT 'aging', s.sku, NULL, n.units::bigint, true, u.unmoved_days, coalesce(x.units, 0)::bigint, x.expires_on, ''
FROM stock s CROSS JOIN bounds u LEFT JOIN unmoved m USING (sku) LEFT JOIN expiring x USING (sku)
CROSS JOIN LATERAL (SELECT greatest(0, coalesce(m.units, 0)) AS units) n
WHERE NOT s.is_bundle AND (n.units > 0 OR x.units > 0)
UNION ALL
SELECT 'negative_on_hand', v.sku, v.location, v.on_hand, true, 0, 0, NULL, ''
FROM asked a JOIN shelf v USING (sku) WHERE v.on_hand < 0""")  # noqa: S608 -- constants only


async def conditions_of(tx: Tx, skus: Sequence[str], *, at: datetime) -> list[Condition]:
    """All that is so of these SKUs now; those of which nothing is so are left out.

    A figure beyond all that the hub keeps counts as the greatest it keeps: one SKU stops no alarm of another.
    """
    usual = Bounds()
    wanted = {name: getattr(usual, name) for name in Bounds.__struct_fields__}
    rows = await tx.execute(_CONDITIONS, {"skus": sorted(set(skus)), "at": at, **wanted})
    return [
        Condition(
            row.kind,
            row.sku,
            row.location,
            min(row.units, SHOWN_MAX),
            row.begins,
            row.bound,
            min(row.expiring, SHOWN_MAX),
            row.expires_on,
            row.part,
        )
        for row in rows
    ]

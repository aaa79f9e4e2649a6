"""Rules of stock: levels, promises, lots and what came back add up to their movements; and when a day ends."""

from hub.store.checks.check import Check

# A line takes stock of its own SKU, or of each part that it kept of a bundle.
_LINE_PARTS = """(
  SELECT l.*, coalesce(p.sku, l.sku) AS part, coalesce(p.units, l.units) AS takes
  FROM order_lines l LEFT JOIN order_line_parts p ON p.line_id = l.id)"""

_OF_LINE = """
SELECT o.number, l.position, coalesce(l.part, m.sku) AS sku, {have} AS on_line, coalesce(m.units, 0) AS in_ledger
FROM {parts} l JOIN orders o ON o.id = l.order_id FULL JOIN (
  SELECT order_line_id, sku, {moved}::bigint AS units FROM movements
  WHERE order_line_id IS NOT NULL GROUP BY order_line_id, sku
) m ON m.order_line_id = l.id AND m.sku = l.part
WHERE {have} IS DISTINCT FROM coalesce(m.units, 0) ORDER BY o.number, l.position, 3"""

_COUNT_LINES = """
SELECT (SELECT count(*) FROM order_lines) AS lines,
       (SELECT count(*) FROM movements WHERE order_line_id IS NOT NULL) AS movements"""

_LEVELS = Check(
    "levels are the sum of their movements",
    "L8",
    "SELECT (SELECT count(*) FROM levels) AS levels, (SELECT count(*) FROM movements) AS movements",
    """
SELECT sku, location, coalesce(l.on_hand, 0) AS on_hand, coalesce(m.on_hand, 0) AS on_hand_moved,
       coalesce(l.allocated, 0) AS allocated, coalesce(m.allocated, 0) AS allocated_moved
FROM levels l FULL JOIN (
  SELECT sku, location, sum(on_hand_change)::bigint AS on_hand, sum(allocated_change)::bigint AS allocated
  FROM movements GROUP BY sku, location
) m USING (sku, location)
WHERE (coalesce(l.on_hand, 0), coalesce(l.allocated, 0)) <> (coalesce(m.on_hand, 0), coalesce(m.allocated, 0))
ORDER BY sku, location""",
)

_LOTS = Check(
    "lots are the sum of their shares, and add up to their level",
    "L8",
    'SELECT count(*) AS "lots" FROM lot_levels',
    """
WITH own AS (
  SELECT v.sku, v.location, sum(v.on_hand) AS on_hand, sum(v.allocated) AS allocated,
         sum(v.on_hand - coalesce(h.on_hand, 0)) AS adrift, sum(v.allocated - coalesce(h.allocated, 0)) AS loose
  FROM lot_levels v LEFT JOIN (
    SELECT sku, location, lot, sum(on_hand_change) AS on_hand, sum(allocated_change) AS allocated FROM lot_shares
    GROUP BY sku, location, lot) h USING (sku, location, lot)
  GROUP BY v.sku, v.location
)
SELECT s.sku, coalesce(l.location, own.location) AS location, l.on_hand, own.on_hand AS of_lots, l.allocated,
       own.allocated AS allocated_of_lots
FROM skus s JOIN levels l ON l.sku = s.sku LEFT JOIN own ON own.sku = l.sku AND own.location = l.location
WHERE s.tracking <> 'none' AND (l.on_hand <> coalesce(own.on_hand, 0) OR l.allocated <> coalesce(own.allocated, 0)
  OR own.adrift <> 0 OR own.loose <> 0) ORDER BY 1, 2""",
)

_RESERVED = Check(
    "what is reserved is the sum of the reservations",
    "L8",
    "SELECT (SELECT count(*) FROM levels) AS levels, (SELECT count(*) FROM reservations) AS reservations",
    """
SELECT sku, location, coalesce(l.reserved, 0) AS reserved, coalesce(r.units, 0) AS by_drafts
FROM levels l FULL JOIN (
  SELECT sku, location, sum(units)::bigint AS units FROM reservations GROUP BY sku, location
) r USING (sku, location)
WHERE coalesce(l.reserved, 0) <> coalesce(r.units, 0) ORDER BY sku, location""",
)

_PROMISES = Check(
    "each line holds what the ledger promised it",
    "L8",
    _COUNT_LINES,
    _OF_LINE.format(parts=_LINE_PARTS, have="l.allocated * l.takes", moved="sum(allocated_change)"),
)

_SHIPMENTS = Check(
    "each line has shipped what the ledger sent out",
    "L8",
    _COUNT_LINES,
    _OF_LINE.format(
        parts=_LINE_PARTS,
        have="(l.shipped - l.left_before) * l.takes",
        moved="coalesce(-sum(on_hand_change) FILTER (WHERE kind = 'shipment'), 0)",
    ),
)

_ALLOCATED = Check(
    "what is allocated of a SKU is what its open lines hold",
    "L8",
    "SELECT count(*) AS skus FROM skus",
    f"""
SELECT sku, coalesce(v.units, 0) AS allocated, coalesce(l.units, 0) AS held_by_lines
FROM (SELECT sku, sum(allocated)::bigint AS units FROM levels GROUP BY sku) v FULL JOIN (
  SELECT l.part AS sku, sum(l.allocated * l.takes)::bigint AS units
  FROM {_LINE_PARTS} l JOIN orders o ON o.id = l.order_id
  WHERE l.sku IS NOT NULL AND o.canceled_at IS NULL GROUP BY l.part
) l USING (sku)
WHERE coalesce(v.units, 0) <> coalesce(l.units, 0) ORDER BY sku""",  # noqa: S608 -- constants only
)

_EXPLODED = Check(
    "a bundle takes what its components add up to",
    "L7",
    "SELECT (SELECT count(DISTINCT bundle) FROM bundle_parts) AS bundles,"
    " (SELECT count(DISTINCT line_id) FROM order_line_parts) AS lines",
    """
WITH RECURSIVE inside AS (
  SELECT c.whole AS bundle, c.component AS part, c.units::bigint, 1 AS depth
  FROM components c JOIN skus s ON s.sku = c.whole AND s.kind = 'bundle'
  UNION ALL
  SELECT i.bundle, c.component, i.units * c.units, i.depth + 1
  FROM inside i JOIN skus s ON s.sku = i.part AND s.kind = 'bundle' JOIN components c ON c.whole = i.part
  WHERE i.depth < 20
), added AS (
  SELECT i.bundle, i.part, sum(i.units)::bigint AS units FROM inside i JOIN skus s ON s.sku = i.part
  WHERE s.kind <> 'bundle' GROUP BY i.bundle, i.part
)
SELECT bundle, part, coalesce(b.units, 0) AS takes, coalesce(a.units, 0) AS added_up
FROM bundle_parts b FULL JOIN added a USING (bundle, part) WHERE b.units IS DISTINCT FROM a.units
UNION ALL
SELECT s.sku, NULL, NULL, NULL FROM skus s
WHERE s.kind = 'bundle' AND NOT EXISTS (SELECT FROM bundle_parts b WHERE b.bundle = s.sku)
UNION ALL
SELECT o.number::text, l.sku, NULL, NULL FROM order_lines l JOIN orders o ON o.id = l.order_id
JOIN skus s ON s.sku = l.sku AND s.kind = 'bundle'
WHERE l.kind = 'item' AND NOT EXISTS (SELECT FROM order_line_parts p WHERE p.line_id = l.id)
ORDER BY 1, 2""",
)

_TRANSIT = Check(
    "what is in transit was sent and has not arrived",
    "L8",
    'SELECT count(*) AS "transfer lines" FROM transfer_lines',
    """
SELECT t.number AS transfer, l.sku, l.sent, l.received, l.lost, l.found, coalesce(m.sent, 0) AS sent_moved,
       coalesce(m.came, 0) AS came_moved, coalesce(m.changed, 0) AS adjusted_moved
FROM transfer_lines l JOIN transfers t ON t.id = l.transfer_id FULL JOIN (
  SELECT c.transfer_id, m.sku, -sum(m.on_hand_change) FILTER (WHERE m.kind = 'transfer out')::bigint AS sent,
         sum(m.on_hand_change) FILTER (WHERE m.kind = 'transfer in')::bigint AS came,
         sum(m.on_hand_change) FILTER (WHERE m.kind = 'adjustment')::bigint AS changed
  FROM movements m LEFT JOIN (
    SELECT id AS transfer_id, CAST(id AS text) AS cause_id FROM transfers
    UNION ALL SELECT transfer_id, CAST(id AS text) FROM transfer_arrivals) c USING (cause_id)
  WHERE m.cause = 'transfer' GROUP BY c.transfer_id, m.sku
) m ON m.transfer_id = l.transfer_id AND m.sku = l.sku
WHERE (coalesce(l.sent, 0), coalesce(l.received + l.lost, 0), coalesce(l.found - l.lost, 0))
   <> (coalesce(m.sent, 0), coalesce(m.came, 0), coalesce(m.changed, 0))
   OR t.state IN ('draft', 'canceled') AND l.sent > 0 OR t.state = 'received' AND l.sent > l.received + l.lost
ORDER BY t.number, l.sku""",
)

_CANCELED = Check(
    "a canceled order holds no stock",
    "L8",
    'SELECT count(*) AS "canceled orders" FROM orders WHERE canceled_at IS NOT NULL',
    """
SELECT o.number, l.position, l.sku, l.allocated FROM orders o JOIN order_lines l ON l.order_id = o.id
WHERE o.canceled_at IS NOT NULL AND l.allocated > 0 ORDER BY o.number, l.position""",
)

_RETURNED = Check(
    "what came back is counted on its line, and what is sold again is in the ledger",
    "L8",
    'SELECT count(*) AS "returns" FROM returns',
    """
SELECT o.number, l.position, l.sku, l.returned, coalesce(r.units, 0) AS came_back FROM order_lines l
JOIN orders o ON o.id = l.order_id
LEFT JOIN (SELECT order_line_id, sum(quantity) AS units, bool_or(disposition = 'restock' AND NOT EXISTS (
             SELECT FROM movements m WHERE m.cause = 'return' AND m.cause_id = returns.id::text)) AS lost
           FROM returns GROUP BY order_line_id) r ON r.order_line_id = l.id
WHERE l.returned <> coalesce(r.units, 0) OR r.lost ORDER BY 1, 2""",
)

_RMAS = Check(
    "an RMA has received what came back by it",
    "L8",
    'SELECT count(*) AS "RMAs" FROM rmas',
    """
SELECT a.number AS rma, m.received, coalesce(r.units, 0) AS came_back, a.state FROM rma_lines m
JOIN rmas a ON a.id = m.rma_id LEFT JOIN (
  SELECT rma_line_id, sum(quantity) AS units, bool_or(disposition = 'inspect') AS aside
  FROM returns GROUP BY rma_line_id
) r ON r.rma_line_id = m.id
WHERE m.received <> coalesce(r.units, 0) OR r.aside AND a.state <> 'received' ORDER BY a.number, m.id""",
)

_BACKORDERED = Check(
    "what is on backorder of a SKU is what its open lines wait for",
    "L6",
    'SELECT count(*) AS "SKUs sold ahead" FROM backorder_terms',
    """
SELECT sku, coalesce(b.taken, 0) AS taken, coalesce(l.units, 0) AS waited_for FROM backorder_terms b FULL JOIN (
  SELECT l.sku, sum(l.backordered * l.units)::bigint AS units FROM order_lines l JOIN orders o ON o.id = l.order_id
  WHERE l.backordered > 0 AND o.canceled_at IS NULL GROUP BY l.sku
) l USING (sku)
WHERE coalesce(b.taken, 0) <> coalesce(l.units, 0) ORDER BY sku""",
)

_RESERVED_LATE = Check(
    "what was reserved for a while is given back in time",
    "L6",
    "SELECT count(*) AS reservations FROM reservations",
    """
SELECT draft_id AS draft, sku, location, units, expires_at FROM reservations
WHERE expires_at < :late_before ORDER BY expires_at""",
    only_late=True,
)

_ZONES = Check(
    "each day ends by a time zone that the database knows",
    "L13",
    """
SELECT (SELECT count(*) FROM locations) + (SELECT count(*) FROM channels WHERE handling IS NOT NULL) AS zones""",
    """
SELECT * FROM (
  SELECT 'location' AS of, code AS named, time_zone FROM locations
  UNION ALL SELECT 'channel', slug, handling ->> 'time_zone' FROM channels
) z WHERE time_zone <> 'UTC' AND time_zone NOT IN (SELECT name FROM pg_timezone_names) ORDER BY of, named""",
)

STOCK = (
    _LEVELS,
    _LOTS,
    _RESERVED,
    _PROMISES,
    _SHIPMENTS,
    _ALLOCATED,
    _EXPLODED,
    _TRANSIT,
    _CANCELED,
    _RETURNED,
    _RMAS,
    _BACKORDERED,
    _RESERVED_LATE,
    _ZONES,
)

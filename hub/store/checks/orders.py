"""Rules of orders: each once, with money that adds up, and with the holds its lines give it."""

from hub.store.checks.check import Check
from hub.store.orders import STOCK_HOLDS

_MONEY = Check(
    "lines + taxes + shipping + its tax + difference = total",
    "L14",
    "SELECT count(*) AS orders FROM orders",
    """
SELECT o.number, o.total, coalesce(l.parts, 0) + o.shipping_total + o.shipping_tax + o.difference AS added_up,
       o.currency
FROM orders o LEFT JOIN (SELECT order_id, sum(total + tax) AS parts FROM order_lines GROUP BY order_id) l
  ON l.order_id = o.id
WHERE o.total <> coalesce(l.parts, 0) + o.shipping_total + o.shipping_tax + o.difference ORDER BY o.number""",
)

_TAKEN = Check(
    "every message that was taken leads to its order",
    "L1",
    "SELECT count(*) AS \"taken messages\" FROM inbox WHERE state = 'taken'",
    """
SELECT i.id, i.delivery_key, i.channel_order_id FROM inbox i
LEFT JOIN orders o ON o.id = i.order_id AND o.channel_id = i.channel_id
WHERE i.state = 'taken' AND o.id IS NULL ORDER BY i.id""",
)

_ONCE = Check(
    "no two orders for one order of a channel",
    "L1",
    "SELECT count(*) AS orders FROM orders",
    """
SELECT c.slug AS channel, o.channel_order_id, count(*) AS orders FROM orders o JOIN channels c ON c.id = o.channel_id
GROUP BY c.slug, o.channel_order_id HAVING count(*) > 1 ORDER BY 1, 2""",
)

_GUARDED = Check(
    "the database itself refuses every repeat",
    "L1",
    "SELECT count(*) AS keys FROM jsonb_array_elements(to_jsonb(CAST(:keys AS text[]))) k",
    """
SELECT k->>0 AS "table", k->>1 AS missing_key FROM jsonb_array_elements(to_jsonb(CAST(:keys AS text[]))) k
WHERE NOT EXISTS (
  SELECT FROM pg_constraint c JOIN pg_index i ON i.indexrelid = c.conindid
  WHERE c.conname = k->>1 AND c.conrelid = to_regclass(k->>0) AND c.convalidated AND i.indisvalid AND i.indisunique)
ORDER BY 1""",
)

_PARCELS = Check(
    "what left in parcels has left by its line",
    "L8",
    "SELECT count(*) AS parcels FROM shipments",
    """
SELECT o.number, l.channel_line_id AS line, l.shipped, l.fulfilled, sum(s.quantity) AS in_parcels
FROM shipment_lines s JOIN order_lines l ON l.id = s.order_line_id JOIN orders o ON o.id = l.order_id
JOIN shipments h ON h.id = s.shipment_id
GROUP BY o.number, l.id
HAVING sum(s.quantity) FILTER (WHERE h.channel_parcel_id = '') > l.shipped
  OR sum(s.quantity) FILTER (WHERE h.channel_parcel_id <> '') > l.fulfilled
  OR bool_or(h.order_id <> l.order_id) ORDER BY o.number""",
)

_PICKED = Check(
    "nothing is being picked of a list that is closed",
    "L13",
    'SELECT count(*) AS "pick lists" FROM pick_lists',
    """
SELECT p.number, p.state, count(*) AS lines FROM pick_lists p JOIN pick_lines k ON k.list_id = p.id
WHERE p.state <> 'open' AND k.quantity > k.shipped + k.short + k.put_back GROUP BY p.number, p.state
ORDER BY p.number""",
)

_HOLDS = Check(
    "an order is held for what its lines lack",
    "L6",
    'SELECT count(*) AS "open orders" FROM orders WHERE canceled_at IS NULL',
    f"""
SELECT o.number, o.holds, x.lacks FROM orders o JOIN LATERAL (
  SELECT CASE WHEN bool_or(l.sku IS NULL AND l.left_before < l.quantity - l.canceled)
                   AND NOT 'unmatched' = ANY(o.holds) THEN 'a SKU, without the hold unmatched'
              WHEN bool_or(l.sku IS NOT NULL AND l.allocated + l.backordered + l.shipped < l.quantity - l.canceled)
                   AND NOT bool_or(l.backordered > 0) AND NOT o.holds && {STOCK_HOLDS}
                   AND NOT EXISTS (SELECT FROM holds h WHERE h.order_id = o.id AND h.stock = 'released')
              THEN 'stock, without the hold oversold'
         END AS lacks
  FROM order_lines l WHERE l.order_id = o.id AND l.kind = 'item' AND l.quantity > l.canceled
) x ON x.lacks IS NOT NULL
WHERE o.canceled_at IS NULL ORDER BY o.number""",  # noqa: S608 -- constants only
)

_HOLD_FACTS = Check(
    "each hold has its facts, and one that gives stock back leaves none promised",
    "L13",
    "SELECT count(*) AS holds FROM holds",
    """
SELECT o.number, r.reason, r.fact, r.named, l.allocated FROM (
  SELECT coalesce(h.order_id, a.id) AS order_id, coalesce(h.reason, a.reason) AS reason, h.stock,
         h.reason IS NOT NULL AS fact, a.reason IS NOT NULL AS named
  FROM holds h FULL JOIN (SELECT id, unnest(holds) AS reason FROM orders WHERE holds <> '{}') a
    ON a.id = h.order_id AND a.reason = h.reason) r
JOIN orders o ON o.id = r.order_id
CROSS JOIN LATERAL (SELECT coalesce(sum(allocated), 0) AS allocated FROM order_lines WHERE order_id = o.id) l
WHERE NOT (r.fact AND r.named) OR r.stock = 'released' AND l.allocated > 0 ORDER BY o.number, r.reason""",
)

_INBOX_LATE = Check(
    "nothing waits long in the inbox",
    "L3",
    "SELECT count(*) AS \"waiting messages\" FROM inbox WHERE state = 'waiting'",
    """
SELECT c.slug AS channel, i.channel_order_id, i.received_at, i.attempts, i.reason
FROM inbox i JOIN channels c ON c.id = i.channel_id
WHERE i.state = 'waiting' AND i.received_at < :late_before ORDER BY i.received_at""",
    only_late=True,
)

_BANK = Check(
    "a bank transfer pays no more than came in, and only in its currency",
    "L14",
    'SELECT count(*) AS "bank transfers" FROM bank_transfers',
    """
SELECT t.booked_on, t.amount, t.currency, t.matched, sum(p.amount) AS pays,
  array_agg(o.number ORDER BY o.number) AS orders
FROM bank_transfers t LEFT JOIN bank_matches m ON m.transfer_id = t.id AND m.undone_at IS NULL
LEFT JOIN payments p ON p.id = m.payment_id LEFT JOIN orders o ON o.id = p.order_id
GROUP BY t.id HAVING coalesce(sum(p.amount), 0) <> t.matched OR t.matched > t.amount
  OR bool_or(o.currency <> t.currency OR p.step <> 'captured')
ORDER BY t.booked_on, t.id""",
)

_MOVED = Check(
    "what a split or a merge moved is the same on both orders",
    "L14",
    'SELECT count(DISTINCT moved) AS "splits and merges" FROM payments WHERE moved IS NOT NULL',
    """
SELECT p.moved, p.step, p.tender, sum(p.amount) AS beyond, array_agg(DISTINCT o.number) AS orders
FROM payments p JOIN orders o ON o.id = p.order_id WHERE p.moved IS NOT NULL
GROUP BY p.moved, p.step, p.tender HAVING sum(p.amount) <> 0 OR count(DISTINCT o.currency) > 1 ORDER BY p.moved""",
)

ORDERS = (
    _MONEY,
    _TAKEN,
    _ONCE,
    _GUARDED,
    _HOLDS,
    _HOLD_FACTS,
    _PARCELS,
    _PICKED,
    _BANK,
    _MOVED,
    _INBOX_LATE,
)

"""Rules of write-back: what was done to an order of a channel that is told of it is told, once, and in time."""

from hub.model.edits.editing import OWN_LINE
from hub.store.checks.check import Check

# A switch is turned in a transaction of its own: what began a moment before it may be dated a moment after it.
_SOON = "interval '1 minute'"

_TOLD = Check(
    "each effect on an order of a channel that is told of it has its write-back",
    "L1",
    'SELECT count(*) AS "write-backs" FROM write_backs',
    f"""
SELECT o.number, x.kind, x.cause_id, x.at FROM (
  SELECT h.order_id, 'fulfillment' AS kind, h.id AS cause_id, h.at FROM shipments h
  WHERE h.channel_parcel_id = '' AND EXISTS (
    SELECT FROM shipment_lines p JOIN order_lines l ON l.id = p.order_line_id
    WHERE p.shipment_id = h.id AND NOT starts_with(l.channel_line_id, '{OWN_LINE}'))
  UNION ALL
  SELECT e.order_id, 'cancellation', e.id, e.at FROM order_edits e JOIN orders c ON c.id = e.order_id
  WHERE e.kind = 'cancel' AND NOT c.channel_canceled
  UNION ALL
  SELECT r.order_id, 'refund', r.id, r.at FROM refunds r
  WHERE r.amount > 0 AND r.undone_at IS NULL AND NOT EXISTS (SELECT FROM payments p WHERE p.id = r.id)) x
JOIN orders o ON o.id = x.order_id JOIN write_back_switches s ON s.channel_id = o.channel_id AND s.kind = x.kind
WHERE x.at > s.since + {_SOON}
  AND NOT EXISTS (SELECT FROM write_backs w WHERE w.kind = x.kind AND w.cause_id = x.cause_id)
ORDER BY o.number""",  # noqa: S608 -- constants only
)

_MONEY = Check(
    "no more money goes back on a channel than a person said",
    "L14",
    "SELECT count(*) AS refunds FROM write_backs WHERE kind = 'refund'",
    """
SELECT o.number, o.refunded AS said, sum(w.amount) AS told, o.currency
FROM write_backs w JOIN orders o ON o.id = w.order_id
WHERE w.kind = 'refund' AND w.state NOT IN ('withdrawn', 'dismissed')
GROUP BY o.id HAVING sum(w.amount) > o.refunded ORDER BY o.number""",
)

_LATE = Check(
    "every channel has been told what was done to its orders",
    "L3",
    "SELECT count(*) AS \"write-backs to send\" FROM write_backs WHERE state IN ('waiting', 'claimed', 'unknown')",
    """
SELECT c.slug AS channel, o.number, w.kind, w.state, w.made_at, w.attempts, coalesce(nullif(w.reason, ''), c.problem)
  AS problem
FROM write_backs w JOIN orders o ON o.id = w.order_id JOIN channels c ON c.id = w.channel_id
WHERE w.state IN ('waiting', 'claimed', 'unknown') AND w.made_at < :late_before ORDER BY w.made_at""",
    only_late=True,
)

WRITE_BACKS = (_TOLD, _MONEY, _LATE)

"""How a publication stands, in SQL: the words are those of hub.model.freshness."""

# One rule for one publication `p` of a listing `i`; the words are those of Freshness.
FRESHNESS = """CASE
    WHEN p.listing_id IS NULL THEN 'not sent yet'
    WHEN p.stopped_at IS NOT NULL THEN 'stopped'
    WHEN p.shadowed THEN 'in shadow'
    WHEN p.confirmed_version = p.version THEN 'up to date'
    WHEN p.outcome = 'rejected' THEN 'rejected'
    WHEN p.outcome = 'unknown' THEN 'unknown'
    WHEN p.sent_version = 0 AND p.confirmed_version = 0 THEN 'not sent yet'
    WHEN p.dirty_since < :late_before THEN 'late'
    ELSE 'sending' END"""

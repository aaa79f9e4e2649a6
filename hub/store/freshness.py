"""How a publication stands, in SQL: the words are those of hub.model.freshness."""

# Of a publication `p`: it is to be told now, or as soon as its channel can be called.
TO_TELL = """p.confirmed_version < p.version AND NOT p.shadowed AND NOT p.paused
  AND p.suspended_version IS DISTINCT FROM p.version"""

# What its listing shows there, as far as the hub knows: what was confirmed, or read since then.
SHOWN_THERE = """CASE WHEN p.confirmed_at IS NULL OR p.seen_at > p.confirmed_at
    THEN coalesce(p.seen_quantity, p.confirmed_quantity) ELSE p.confirmed_quantity END"""

# Nobody is asked about it any more.
SUSPENDED_COLUMNS = (
    "suspended_version",
    "suspended_quantity",
    "suspended_at",
    "dismissed_at",
    "dismissed_by",
)
NOT_SUSPENDED = ", ".join(f"{column} = NULL" for column in SUSPENDED_COLUMNS)

# One rule for one publication `p` of a listing `i`; the words are those of Freshness.
FRESHNESS = """CASE
    WHEN p.listing_id IS NULL THEN 'not sent yet'
    WHEN p.stopped_at IS NOT NULL THEN 'stopped'
    WHEN p.shadowed THEN 'in shadow'
    WHEN p.confirmed_version = p.version THEN 'up to date'
    WHEN p.suspended_version = p.version THEN 'suspended'
    WHEN p.paused THEN 'paused'
    WHEN p.outcome = 'rejected' THEN 'rejected'
    WHEN p.outcome = 'unknown' THEN 'unknown'
    WHEN p.sent_version = 0 AND p.confirmed_version = 0 THEN 'not sent yet'
    WHEN p.dirty_since < :at - (
      SELECT make_interval(secs => g.freshness_goal_s) FROM channels g WHERE g.id = p.channel_id) THEN 'late'
    ELSE 'sending' END"""

"""How fresh what channels show is: the state of each channel, the ages of its listings, and what is late and why."""

from datetime import datetime
from uuid import UUID

import msgspec
from msgspec import Struct
from sqlalchemy import text

from hub.model.stock.grounds import Offer
from hub.model.sync.pace import AGES
from hub.store.db import Tx
from hub.store.freshness import FRESHNESS, SHOWN_THERE, TO_TELL

# When it was last known to be right: told, and nothing newer waits, or read back and found so.
RIGHT_AT = f"greatest(p.confirmed_at, CASE WHEN {SHOWN_THERE} = p.confirmed_quantity THEN p.seen_at END)"
_LATE = f"""{TO_TELL} AND p.dirty_since < :at - make_interval(secs => c.freshness_goal_s)"""


class Pace(Struct, frozen=True):
    """How one channel keeps up. Ages are seconds: of the change that waits longest, and of the oldest number.

    Of `listings` it is told; since `shadow_since` it is in shadow, and of `shadowed` listings told nothing.
    """

    slug: str
    name: str
    kind: str
    state: str
    account_state: str
    problem: str
    failures: int
    paused_until: datetime | None
    paused_groups: list[str]
    shadow_since: datetime | None
    goal_s: int
    listings: int
    shadowed: int
    waiting: int
    late: int
    suspended: int
    drifts: int
    oldest_wait_s: int | None
    oldest_age_s: int | None


_PACE = text(f"""
SELECT c.slug, c.name, a.kind, c.state, a.state AS account_state, c.problem, c.failures, c.paused_until,
  c.paused_groups, c.shadow_since, c.freshness_goal_s AS goal_s, coalesce(p.listings, 0) AS listings,
  coalesce(p.shadowed, 0) AS shadowed, coalesce(p.waiting, 0) AS waiting, coalesce(p.late, 0) AS late,
  coalesce(p.suspended, 0) AS suspended, coalesce(d.drifts, 0) AS drifts,
  floor(extract(epoch FROM :at - p.dirty_since))::bigint AS oldest_wait_s,
  floor(extract(epoch FROM :at - p.right_at))::bigint AS oldest_age_s
FROM channels c JOIN accounts a ON a.id = c.account_id
LEFT JOIN (
  SELECT p.channel_id, count(*) FILTER (WHERE NOT p.shadowed) AS listings,
    count(*) FILTER (WHERE p.shadowed) AS shadowed, count(*) FILTER (WHERE {TO_TELL}) AS waiting,
    count(*) FILTER (WHERE {_LATE}) AS late,
    count(*) FILTER (WHERE p.suspended_version = p.version AND NOT p.shadowed) AS suspended,
    min(p.dirty_since) FILTER (WHERE {TO_TELL}) AS dirty_since,
    min({RIGHT_AT}) FILTER (WHERE NOT p.shadowed) AS right_at
  FROM publications p JOIN channels c ON c.id = p.channel_id
  WHERE p.stopped_at IS NULL GROUP BY p.channel_id) p ON p.channel_id = c.id
LEFT JOIN (
  SELECT d.channel_id, count(*) AS drifts FROM drifts d JOIN publications p USING (listing_id)
  WHERE d.ended_at IS NULL AND p.stopped_at IS NULL GROUP BY d.channel_id) d ON d.channel_id = c.id
WHERE c.slug = coalesce(:slug, c.slug) ORDER BY c.name, c.slug""")  # noqa: S608 -- constants only


async def paces(tx: Tx, *, slug: str | None = None, at: datetime) -> list[Pace]:
    """Of every channel, or of one, in one statement."""
    rows = (await tx.execute(_PACE, {"slug": slug, "at": at})).mappings()
    return [msgspec.convert(dict(row), Pace) for row in rows]


_WITHIN = ", ".join(f"{seconds}" for _, seconds in AGES)
_AGES = text(f"""
SELECT width_bucket(extract(epoch FROM :at - {RIGHT_AT})::float, CAST(ARRAY[{_WITHIN}] AS float[])) AS slot,
  count(*) AS listings
FROM publications p WHERE p.channel_id = :channel_id AND p.stopped_at IS NULL AND NOT p.shadowed GROUP BY 1""")  # noqa: S608


async def ages(tx: Tx, channel_id: UUID, *, at: datetime) -> list[int]:
    """How many of its listings were known to be right within each of AGES, earlier, and never."""
    found = {row.slot: row.listings for row in await tx.execute(_AGES, {"channel_id": channel_id, "at": at})}
    return [found.get(slot, 0) for slot in (*range(len(AGES) + 1), None)]


class LateListing(Struct, frozen=True):
    """A listing whose change waits, with all that may keep it; see hub.model.stock.waits."""

    listing_id: UUID
    title: str
    sku: str
    offer: Offer


_OFFER = f"""jsonb_build_object('channel', c.slug, 'channel_listing_id', l.channel_listing_id,
    'channel_sku', l.channel_sku, 'units', l.units, 'version', p.version, 'sent_version', p.sent_version,
    'sent_quantity', p.sent_quantity, 'sent_at', p.sent_at, 'confirmed_version', p.confirmed_version,
    'confirmed_quantity', p.confirmed_quantity, 'confirmed_at', p.confirmed_at, 'dirty_since', p.dirty_since,
    'next_try_at', p.next_try_at, 'outcome', p.outcome, 'problem', p.problem, 'freshness', {FRESHNESS},
    'shadowed', p.shadowed, 'paused', p.paused, 'suspended', coalesce(p.suspended_version = p.version, false),
    'dismissed_by', coalesce(p.dismissed_by, ''), 'channel_state', c.state, 'account_state', a.state,
    'paused_until', c.paused_until, 'channel_problem', c.problem,
    'reopened_at', c.reopened_at)"""
_LIST = text(f"""
SELECT p.listing_id, l.title, l.sku, {_OFFER} AS offer
FROM publications p JOIN channels c ON c.id = p.channel_id JOIN accounts a ON a.id = c.account_id
JOIN listings l ON l.id = p.listing_id AND l.sku IS NOT NULL
WHERE {_LATE} AND c.id = coalesce(CAST(:channel_id AS uuid), c.id)
  AND (p.dirty_since, p.listing_id) > (CAST(:since AS timestamptz), CAST(:after AS uuid))
ORDER BY p.dirty_since, p.listing_id LIMIT :limit""")  # noqa: S608 -- constants only
FIRST = ("-infinity", UUID(int=0))


async def late_listings(
    tx: Tx, *, channel_id: UUID | None = None, after: tuple[str, UUID] = FIRST, limit: int, at: datetime
) -> list[LateListing]:
    """Changes that have waited longer than their channel's goal, the oldest first."""
    since, last = after
    wanted = {"channel_id": channel_id, "since": since, "after": last, "limit": limit, "at": at}
    rows = (await tx.execute(_LIST, wanted)).mappings()
    return [msgspec.convert(dict(row), LateListing) for row in rows]


_SKU = text("SELECT sku FROM listings WHERE channel_id = :channel_id AND channel_listing_id = :listing")


async def sku_of(tx: Tx, channel_id: UUID, listing: str) -> str | None:
    """What a listing stands for; None where there is none, or nothing."""
    found: str | None = await tx.scalar(_SKU, {"channel_id": channel_id, "listing": listing})
    return found


_SET_GOAL = text("UPDATE channels SET freshness_goal_s = :goal_s WHERE id = :channel_id")


async def set_goal(tx: Tx, channel_id: UUID, goal_s: int) -> None:
    await tx.execute(_SET_GOAL, {"channel_id": channel_id, "goal_s": goal_s})

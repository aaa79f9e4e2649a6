"""Rank what is due on a channel where more waits than one batch holds; each version once."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import text

from hub.model.sync.risk import risk_of
from hub.store.db import Tx, page
from hub.store.freshness import SHOWN_THERE, TO_TELL
from hub.store.stock.shown import shown_by_rules

_TO_RANK = text(f"""
SELECT count(*) > :limit AND EXISTS (
  SELECT FROM publications p
  WHERE p.channel_id = :channel_id AND {TO_TELL} AND p.ranked_version IS DISTINCT FROM p.version)
FROM (SELECT FROM publications p WHERE p.channel_id = :channel_id AND {TO_TELL} LIMIT :limit + 1) x""")  # noqa: S608
_UNRANKED = text(f"""{
    shown_by_rules(f'''l.id IN (SELECT p.listing_id FROM publications p
  WHERE p.channel_id = :channel_id AND {TO_TELL} AND p.ranked_version IS DISTINCT FROM p.version)''')
}
SELECT p.listing_id, p.version, {SHOWN_THERE} AS shows, shown.quantity AS would,
  coalesce(s.units / shown.units, 0) AS sold
FROM shown JOIN publications p ON p.listing_id = shown.id
LEFT JOIN LATERAL (
  SELECT greatest(0, sum(m.allocated_change - m.on_hand_change)) AS units FROM movements m
  WHERE m.sku = shown.part AND m.kind IN ('allocation', 'release', 'shipment') AND m.at > :at - interval '7 days') s
  ON true""")  # noqa: S608 -- constants only
_RANK = text("""
WITH x AS (
  SELECT x.* FROM json_to_recordset(CAST(:page AS json)) AS x(listing_id uuid, version bigint, risk float)
  JOIN publications p USING (listing_id) ORDER BY x.listing_id FOR UPDATE OF p
)
UPDATE publications p SET risk = x.risk, ranked_version = x.version FROM x WHERE p.listing_id = x.listing_id""")


async def is_to_rank(tx: Tx, channel_id: UUID, *, limit: int) -> bool:
    """Whether more listings wait than one batch holds, and some of them have no rank yet."""
    return bool(await tx.scalar(_TO_RANK, {"channel_id": channel_id, "limit": limit}))


async def rank_due(tx: Tx, channel_id: UUID, *, at: datetime) -> None:
    """Two statements for any number of listings. Call it in a transaction of its own: a claim locks others as well."""
    found = await tx.execute(_UNRANKED, {"channel_id": channel_id, "at": at})
    rows = [
        {
            "listing_id": row.listing_id,
            "version": row.version,
            "risk": risk_of(shows=row.shows, would=row.would, sold=row.sold),
        }
        for row in found
    ]
    if rows:
        await tx.execute(_RANK, {"page": page(rows)})

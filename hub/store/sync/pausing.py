"""Groups of SKUs of which a channel is told nothing for a while."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import text

from hub.store.db import Tx

_GROUPS = text("SELECT paused_groups FROM channels WHERE id = :channel_id FOR NO KEY UPDATE")
_SET = text("UPDATE channels SET paused_groups = :groups WHERE id = :channel_id")

# As with the shadow (hub.store.shadow): who goes on waits from now on, and where none is paused nothing is looked at.
_FOLLOW = text("""
WITH x AS (
  SELECT p.listing_id, w.paused
  FROM publications p JOIN channels c ON c.id = p.channel_id
  JOIN listings l ON l.id = p.listing_id LEFT JOIN skus s ON s.sku = l.sku
  CROSS JOIN LATERAL (SELECT coalesce(s.sku_group, '') = ANY(c.paused_groups) AS paused) w
  WHERE (EXISTS (SELECT FROM channels WHERE paused_groups <> '{}')
         OR EXISTS (SELECT FROM publications WHERE paused AND stopped_at IS NULL))
    AND c.id = coalesce(CAST(:channel_id AS uuid), c.id) AND p.stopped_at IS NULL AND p.paused <> w.paused
  ORDER BY p.listing_id FOR UPDATE OF p
)
UPDATE publications p SET paused = x.paused,
  dirty_since = CASE WHEN x.paused OR p.confirmed_version = p.version THEN p.dirty_since ELSE :at END
FROM x WHERE p.listing_id = x.listing_id RETURNING p.paused""")


async def lock_paused_groups(tx: Tx, channel_id: UUID) -> list[str]:
    """Locked, so that two people who pause at once both have theirs."""
    groups: list[str] = await tx.scalar(_GROUPS, {"channel_id": channel_id})
    return groups


async def set_paused_groups(tx: Tx, channel_id: UUID, groups: Sequence[str]) -> None:
    await tx.execute(_SET, {"channel_id": channel_id, "groups": list(groups)})


async def follow_pauses(tx: Tx, *, channel_id: UUID | None = None, at: datetime) -> int:
    """Bring publications to what their channels say, of one channel or of all; return how many changed."""
    return len((await tx.execute(_FOLLOW, {"channel_id": channel_id, "at": at})).all())

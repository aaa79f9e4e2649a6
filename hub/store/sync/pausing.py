"""Groups of SKUs of which a channel is told nothing for a while."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import text

from hub.store.db import Tx
from hub.store.turned import turned

_GROUPS = text("SELECT paused_groups FROM channels WHERE id = :channel_id FOR NO KEY UPDATE")
_SET = text("UPDATE channels SET paused_groups = :groups WHERE id = :channel_id")

_PAUSED = "coalesce(s.sku_group, '') = ANY(c.paused_groups)"
_FOLLOW = text(f"""
WITH {turned("paused", when=_PAUSED, anywhere="paused_groups <> '{}'")}
UPDATE publications p SET paused = x.turned, must_tell = p.must_tell OR NOT x.turned,
  dirty_since = CASE WHEN x.turned OR p.confirmed_version = p.version THEN p.dirty_since ELSE :at END
FROM x WHERE p.listing_id = x.listing_id RETURNING p.paused""")  # noqa: S608 -- constants only
"""Who goes on waits from now on."""


async def lock_paused_groups(tx: Tx, channel_id: UUID) -> list[str]:
    """Locked, so that two people who pause at once both have theirs."""
    groups: list[str] = await tx.scalar(_GROUPS, {"channel_id": channel_id})
    return groups


async def set_paused_groups(tx: Tx, channel_id: UUID, groups: Sequence[str]) -> None:
    await tx.execute(_SET, {"channel_id": channel_id, "groups": list(groups)})


async def follow_pauses(tx: Tx, *, channel_id: UUID | None = None, at: datetime) -> int:
    """Bring publications to what their channels say, of one channel or of all; return how many changed."""
    return len((await tx.execute(_FOLLOW, {"channel_id": channel_id, "at": at})).all())

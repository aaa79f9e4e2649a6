"""Publications in shadow: which are, what their channels show, and what the hub would write beside it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from msgspec import Struct
from sqlalchemy import text

from hub.model.stock.shadow import GroupCount, Offered
from hub.model.sync.risk import MOVED
from hub.store.db import Tx, page
from hub.store.stock.shown import shown_by_rules
from hub.store.turned import turned


class Shadow(Struct, frozen=True):
    """Since when a channel is in shadow, and of which groups of SKUs the listings are told all the same."""

    since: datetime | None
    live_groups: tuple[str, ...]


_OF = "SELECT shadow_since, live_groups FROM channels WHERE id = :channel_id"
_LOOK, _LOCK = text(_OF), text(f"{_OF} FOR NO KEY UPDATE")


async def shadow_of(tx: Tx, channel_id: UUID, *, lock: bool = False) -> Shadow:
    """`lock` it to add a group: two people who do so at once both have theirs."""
    row = (await tx.execute(_LOCK if lock else _LOOK, {"channel_id": channel_id})).one()
    return Shadow(row.shadow_since, tuple(row.live_groups))


_SET = text("""
UPDATE channels SET shadow_since = CASE WHEN CAST(:shadow AS bool) THEN coalesce(shadow_since, :at) END,
  live_groups = :groups WHERE id = :channel_id""")

# A switch was turned, a listing was opened at that moment, or its SKU is in another group. Who comes out of the shadow
# is told once more: somebody else may have written to the channel.
_IN_SHADOW = "c.shadow_since IS NOT NULL AND NOT coalesce(s.sku_group, '') = ANY(c.live_groups)"
_FOLLOW = text(f"""
WITH {turned("shadowed", when=_IN_SHADOW, anywhere="shadow_since IS NOT NULL")}
UPDATE publications p SET shadowed = x.turned,
  version = CASE WHEN x.turned OR p.sent_version < p.version THEN p.version ELSE p.version + 1 END,
  dirty_since = CASE WHEN x.turned THEN p.dirty_since ELSE :at END, risk = {MOVED}, must_tell = true,
  next_try_at = CASE WHEN x.turned THEN p.next_try_at END
FROM x WHERE p.listing_id = x.listing_id RETURNING p.shadowed""")  # noqa: S608 -- constants only


class Switched(Struct, frozen=True):
    """How many listings went live, and how many into shadow."""

    live: int
    shadowed: int


async def follow_switches(tx: Tx, *, channel_id: UUID | None = None, at: datetime) -> Switched:
    """Bring publications to what their channels say, of one channel or of all."""
    rows = await tx.execute(_FOLLOW, {"channel_id": channel_id, "at": at})
    now_in_shadow = [row.shadowed for row in rows]
    return Switched(now_in_shadow.count(False), now_in_shadow.count(True))


async def set_shadow(
    tx: Tx, channel_id: UUID, *, shadow: bool, live_groups: Sequence[str], at: datetime
) -> Switched:
    given = {"channel_id": channel_id, "shadow": shadow, "groups": list(live_groups), "at": at}
    await tx.execute(_SET, given)
    return await follow_switches(tx, channel_id=channel_id, at=at)


_TO_READ = text("""
SELECT l.channel_listing_id FROM publications p JOIN listings l ON l.id = p.listing_id
WHERE p.channel_id = :channel_id AND p.shadowed AND p.stopped_at IS NULL
  AND (p.seen_at IS NULL OR p.seen_at < :before)
ORDER BY p.seen_at NULLS FIRST, p.listing_id LIMIT :limit""")
_DUE = text("""
SELECT DISTINCT channel_id FROM publications
WHERE channel_id = ANY(:ids) AND shadowed AND stopped_at IS NULL AND (seen_at IS NULL OR seen_at < :before)""")
_SEEN = text("""
WITH seen AS (
  SELECT p.listing_id, x.quantity FROM json_to_recordset(CAST(:page AS json)) AS x(listing text, quantity int)
  JOIN listings l ON l.channel_id = :channel_id AND l.channel_listing_id = x.listing
  JOIN publications p ON p.listing_id = l.id ORDER BY p.listing_id FOR UPDATE OF p
)
UPDATE publications p SET seen_quantity = seen.quantity, seen_at = :at
FROM seen WHERE p.listing_id = seen.listing_id""")
_FORGET = text("""
WITH those AS (
  SELECT listing_id FROM publications WHERE channel_id = :channel_id AND shadowed ORDER BY listing_id FOR UPDATE)
UPDATE publications p SET seen_at = NULL FROM those WHERE p.listing_id = those.listing_id""")


async def to_read(tx: Tx, channel_id: UUID, *, before: datetime, limit: int) -> list[str]:
    """Listings in shadow of which nobody has read since then what the channel shows, the longest ago first."""
    rows = await tx.execute(_TO_READ, {"channel_id": channel_id, "before": before, "limit": limit})
    return [row.channel_listing_id for row in rows]


async def channels_to_read(tx: Tx, ids: Sequence[UUID], *, before: datetime) -> list[UUID]:
    """Those of these channels of which something is to be read."""
    return [row.channel_id for row in await tx.execute(_DUE, {"ids": list(ids), "before": before})]


async def record_seen(tx: Tx, channel_id: UUID, seen: Mapping[str, int | None], *, at: datetime) -> None:
    """What the channel shows of each of these listings; None of one it does not know."""
    if not seen:
        return
    rows = [{"listing": listing, "quantity": quantity} for listing, quantity in seen.items()]
    await tx.execute(_SEEN, {"channel_id": channel_id, "page": page(rows), "at": at})


async def forget_seen(tx: Tx, channel_id: UUID) -> None:
    """All of it is to be read again."""
    await tx.execute(_FORGET, {"channel_id": channel_id})


# The words are those of Verdict.
_VERDICT = """CASE
    WHEN p.seen_at IS NULL THEN 'not read yet'
    WHEN p.seen_quantity IS NULL THEN 'not found there'
    WHEN shown.quantity = p.seen_quantity THEN 'same'
    WHEN shown.quantity = 0 THEN 'sold out'
    WHEN p.seen_quantity = 0 THEN 'back in stock'
    WHEN shown.quantity < p.seen_quantity THEN 'lower' ELSE 'higher' END"""
_IN_SHADOW = """l.id IN (
    SELECT listing_id FROM publications WHERE channel_id = :channel_id AND shadowed AND stopped_at IS NULL)"""
_BESIDE = f"""{shown_by_rules(_IN_SHADOW)}, beside AS (
  SELECT l.id, l.channel_listing_id, l.channel_sku, l.title, l.sku, s.sku_group, shown.quantity AS would,
         p.seen_quantity AS shows, p.seen_at, {_VERDICT} AS verdict
  FROM shown JOIN listings l USING (id) JOIN skus s ON s.sku = l.sku JOIN publications p ON p.listing_id = l.id
)"""  # noqa: S608 -- constants only


class Beside(Struct, frozen=True):
    """One listing in shadow: what the hub would write now, beside what the channel showed when it was last read."""

    id: UUID
    channel_listing_id: str
    channel_sku: str
    title: str
    sku: str
    group: str
    would: int
    shows: int | None
    seen_at: datetime | None
    verdict: str


_ROWS = text(f"""{_BESIDE}
SELECT * FROM beside WHERE (NOT CAST(:changes AS bool) OR verdict <> 'same') AND id > :after ORDER BY id LIMIT :limit
""")  # noqa: S608 -- constants only
_COUNTS = text(f"""{_BESIDE}
SELECT sku_group, jsonb_object_agg(verdict, listings) AS counts FROM (
  SELECT sku_group, verdict, count(*) AS listings FROM beside GROUP BY sku_group, verdict) x
GROUP BY sku_group ORDER BY sku_group""")  # noqa: S608 -- constants only
_OFFERED = text("""
SELECT count(*) AS listings,
  count(*) FILTER (WHERE p.listing_id IS NOT NULL AND p.stopped_at IS NULL AND NOT p.shadowed) AS live,
  count(*) FILTER (WHERE l.sku IS NULL) AS unmatched,
  count(*) FILTER (WHERE l.sku IS NOT NULL AND (p.listing_id IS NULL OR p.stopped_at IS NOT NULL)) AS uncounted
FROM listings l LEFT JOIN publications p ON p.listing_id = l.id
WHERE l.channel_id = :channel_id AND l.gone_at IS NULL""")


async def beside(tx: Tx, channel_id: UUID, *, changes_only: bool, after: UUID, limit: int) -> list[Beside]:
    """Listings in shadow in the order of their ids; only those whose number would change, if so wanted."""
    given = {"channel_id": channel_id, "changes": changes_only, "after": after, "limit": limit}
    return [Beside(*row) for row in await tx.execute(_ROWS, given)]


async def count_beside(tx: Tx, channel_id: UUID) -> list[GroupCount]:
    rows = await tx.execute(_COUNTS, {"channel_id": channel_id})
    return [GroupCount(row.sku_group, row.counts) for row in rows]


async def count_offered(tx: Tx, channel_id: UUID) -> Offered:
    return Offered(*(await tx.execute(_OFFERED, {"channel_id": channel_id})).one())

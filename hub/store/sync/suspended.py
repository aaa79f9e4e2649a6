"""Publications that wait for a person since they would change drastically (L12): found, held back, let go."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec
from msgspec import Struct
from sqlalchemy import text

from hub.model.sync.seatbelt import Change, Limits
from hub.store.db import Tx, page
from hub.store.freshness import NOT_SUSPENDED, SHOWN_THERE, TO_TELL
from hub.store.stock.shown import shown_by_rules

FIRST = UUID(int=0)

_LIMITS = text("SELECT few, share_percent, most, factor FROM seatbelts WHERE channel_id = :channel_id")
_SET_LIMITS = text("""
INSERT INTO seatbelts (channel_id, few, share_percent, most, factor)
VALUES (:channel_id, :few, :share_percent, :most, :factor)
ON CONFLICT (channel_id) DO UPDATE SET few = excluded.few, share_percent = excluded.share_percent,
  most = excluded.most, factor = excluded.factor""")


async def limits_of(tx: Tx, channel_id: UUID) -> Limits:
    """The usual ones where nobody set others."""
    row = (await tx.execute(_LIMITS, {"channel_id": channel_id})).first()
    return Limits(*row) if row else Limits()


async def set_limits(tx: Tx, channel_id: UUID, limits: Limits) -> None:
    await tx.execute(_SET_LIMITS, {"channel_id": channel_id, **msgspec.structs.asdict(limits)})


class Moved(Struct, frozen=True):
    """A listing that is due and whose number would change."""

    listing_id: UUID
    version: int
    change: Change
    dismissed: bool


# Orders took of the scarcest part what was promised and what left without a promise. A moment more than since the
# number was confirmed, or found unchanged: a movement is committed a little later than it is dated.
_MOVED = text(f"""{
    shown_by_rules(f'''l.id IN (SELECT p.listing_id FROM publications p
  WHERE p.channel_id = :channel_id AND {TO_TELL} AND p.allowed_at IS NULL)''')
}
SELECT p.listing_id, p.version, {SHOWN_THERE} AS shows, shown.quantity AS would,
       coalesce(s.units / shown.units, 0) AS sold, p.dismissed_at IS NOT NULL AS dismissed
FROM shown JOIN publications p ON p.listing_id = shown.id
LEFT JOIN LATERAL (
  SELECT greatest(0, sum(m.allocated_change - m.on_hand_change)) AS units FROM movements m
  WHERE m.sku = shown.part AND m.kind IN ('allocation', 'release', 'shipment')
    AND m.at > greatest(p.confirmed_at, p.unchanged_at) - interval '1 minute') s ON true
WHERE shown.quantity IS DISTINCT FROM {SHOWN_THERE}
  AND NOT (:reads AND p.confirmed_at IS NULL AND p.seen_at IS NULL)
ORDER BY p.listing_id""")  # noqa: S608 -- constants only


async def moved(tx: Tx, channel_id: UUID, *, reads: bool) -> list[Moved]:
    """All that is due on the channel and would change, but what a look or a person let go already.

    Where it `reads` what it shows, what nobody read yet is read before it leaves, and judged then.
    """
    rows = await tx.execute(_MOVED, {"channel_id": channel_id, "reads": reads})
    return [
        Moved(row.listing_id, row.version, Change(row.shows, row.would, row.sold), row.dismissed)
        for row in rows
    ]


class Tally(Struct, frozen=True):
    """Of a channel: how many listings sell there, or may, how many drastic changes wait, or were let go of late or are
    not told yet; `asked` of a person who has not answered.
    """

    sells: int
    standing: int
    asked: int


_TALLY = text(f"""
SELECT count(*) FILTER (WHERE coalesce({SHOWN_THERE}, 1) > 0 OR p.jumped_at > :since) AS sells,
  count(*) FILTER (WHERE p.suspended_version = p.version
                      OR p.jumped_at > :since AND p.confirmed_version = p.version
                      OR p.allowed_at = p.jumped_at) AS standing,
  count(*) FILTER (WHERE p.suspended_version = p.version AND p.dismissed_at IS NULL) AS asked
FROM publications p WHERE p.channel_id = :channel_id AND p.stopped_at IS NULL AND NOT p.shadowed""")  # noqa: S608


async def tally(tx: Tx, channel_id: UUID, *, since: datetime) -> Tally:
    return Tally(*(await tx.execute(_TALLY, {"channel_id": channel_id, "since": since})).one())


_SUSPEND = text("""
WITH x AS (
  SELECT x.* FROM json_to_recordset(CAST(:page AS json)) AS x(listing_id uuid, version bigint, would int)
  JOIN publications p USING (listing_id) ORDER BY x.listing_id FOR UPDATE OF p
)
UPDATE publications p SET suspended_version = p.version, suspended_quantity = x.would, sent_version = p.version,
  suspended_at = coalesce(p.suspended_at, :at), next_try_at = NULL
FROM x WHERE p.listing_id = x.listing_id AND p.version = x.version AND p.confirmed_version < p.version""")
_LET_GO = text("""
WITH x AS (
  SELECT x.* FROM json_to_recordset(CAST(:page AS json)) AS x(listing_id uuid, version bigint)
  JOIN publications p USING (listing_id) ORDER BY x.listing_id FOR UPDATE OF p
)
UPDATE publications p SET allowed_at = :at, jumped_at = :at
FROM x WHERE p.listing_id = x.listing_id AND p.version = x.version AND p.confirmed_version < p.version""")


async def suspend(tx: Tx, drastic: Sequence[Moved], *, at: datetime) -> None:
    """Hold these back until a person decides, or their number changes: whose version rose is looked at anew."""
    rows = [
        {"listing_id": each.listing_id, "version": each.version, "would": each.change.would}
        for each in drastic
    ]
    await tx.execute(_SUSPEND, {"page": page(rows), "at": at})


async def let_go(tx: Tx, drastic: Sequence[Moved], *, at: datetime) -> None:
    """These are few enough; they count with those that come after them."""
    rows = [{"listing_id": each.listing_id, "version": each.version} for each in drastic]
    await tx.execute(_LET_GO, {"page": page(rows), "at": at})


_THESE = """
WITH these AS (
  SELECT listing_id FROM publications
  WHERE channel_id = :channel_id AND suspended_at <= :until AND stopped_at IS NULL{which}
  ORDER BY listing_id FOR UPDATE
)
UPDATE publications p SET {what} FROM these WHERE p.listing_id = these.listing_id"""
_APPROVE = text(_THESE.format(which="", what=f"{NOT_SUSPENDED}, allowed_at = :at, dirty_since = :at"))
_DISMISS = text(
    _THESE.format(which=" AND dismissed_at IS NULL", what="dismissed_at = :at, dismissed_by = :actor")
)


async def approve(tx: Tx, channel_id: UUID, *, until: datetime, at: datetime) -> int:
    """Tell what was suspended until then, as it is when it is sent; return how many."""
    return (await tx.execute(_APPROVE, {"channel_id": channel_id, "until": until, "at": at})).rowcount


async def dismiss(tx: Tx, channel_id: UUID, *, until: datetime, actor: str, at: datetime) -> int:
    """The channel keeps what it shows of what was suspended until then; return how many."""
    wanted = {"channel_id": channel_id, "until": until, "actor": actor, "at": at}
    return (await tx.execute(_DISMISS, wanted)).rowcount


class Suspended(Struct, frozen=True):
    """One listing that waits: what it shows, if that is known, and what it would have shown when it was held back."""

    listing_id: UUID
    channel: str
    channel_listing_id: str
    title: str
    sku: str
    shows: int | None
    would: int
    suspended_at: datetime
    dismissed_at: datetime | None
    dismissed_by: str | None


_LIST = text(f"""
SELECT p.listing_id, c.slug, l.channel_listing_id, l.title, l.sku, {SHOWN_THERE} AS shows, p.suspended_quantity,
       p.suspended_at, p.dismissed_at, p.dismissed_by
FROM publications p JOIN listings l ON l.id = p.listing_id AND l.sku IS NOT NULL JOIN channels c ON c.id = p.channel_id
WHERE p.suspended_at IS NOT NULL AND p.stopped_at IS NULL AND p.listing_id > :after
  AND p.channel_id = coalesce(CAST(:channel_id AS uuid), p.channel_id)
ORDER BY p.listing_id LIMIT :limit""")  # noqa: S608 -- constants only
_COUNT = text("""
SELECT count(*) FILTER (WHERE dismissed_at IS NULL) AS asked, count(dismissed_at) AS dismissed,
  count(*) FILTER (WHERE suspended_quantity = 0 AND dismissed_at IS NULL) AS to_none, min(suspended_at) AS since
FROM publications WHERE channel_id = :channel_id AND suspended_at IS NOT NULL AND stopped_at IS NULL""")


async def list_suspended(
    tx: Tx, *, channel_id: UUID | None = None, after: UUID = FIRST, limit: int
) -> list[Suspended]:
    """One page in the order of their ids, of one channel or of all."""
    wanted = {"channel_id": channel_id, "after": after, "limit": limit}
    return [Suspended(*row) for row in await tx.execute(_LIST, wanted)]


class SuspendedCount(Struct, frozen=True):
    """How many a person is `asked` about, `to_none` of them, how many were `dismissed`, and since when any waits."""

    asked: int
    dismissed: int
    to_none: int
    since: datetime | None


async def count_suspended(tx: Tx, channel_id: UUID) -> SuspendedCount:
    return SuspendedCount(*(await tx.execute(_COUNT, {"channel_id": channel_id})).one())

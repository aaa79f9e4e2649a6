"""Publications: what each listing should show, has been told, and has confirmed. A version, never a quantity (L9)."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from msgspec import Struct
from sqlalchemy import text

from hub.model.sync.risk import MAY_FALL, MOVED
from hub.store.arrays import unnested
from hub.store.db import PLANNED_ONCE, Tx
from hub.store.doubts import RELATED, THEIRS, doubt
from hub.store.freshness import NOT_SUSPENDED, SHOWN_THERE, SUSPENDED_COLUMNS, TO_TELL
from hub.store.stock.shown import shown_by_rules
from hub.store.stock.skus import COUNTED

# A version that was never sent need not rise: whoever claims it waits for the lock taken here, and only then computes
# the quantity. `was_sent` comes from the locked row, never from the statement's older snapshot. What the seatbelt let
# go (hub.store.sync.suspended) was that number alone; what a person allowed holds until it is confirmed. Nothing stands
# behind what was ranked last until it is ranked itself (hub.store.sync.risk).
_MARK = """
WITH due AS (
  SELECT p.listing_id, p.channel_id, p.sent_version = p.version AS was_sent, p.risk < :risk AS is_behind,
         p.must_tell AS must, {moved} AS moved, {knows} AS knows
  FROM publications p JOIN listings l ON l.id = p.listing_id
  WHERE {which} AND p.stopped_at IS NULL ORDER BY p.listing_id FOR UPDATE OF p
), raised AS (
  UPDATE publications p SET version = p.version + 1, next_try_at = NULL, allowed_at = nullif(p.allowed_at, p.jumped_at),
         dirty_since = CASE WHEN p.confirmed_version < p.version THEN p.dirty_since ELSE :at END,
         risk = CASE WHEN p.confirmed_version < p.version THEN greatest(p.risk, :risk) ELSE :risk END,
         must_tell = due.must OR due.moved
  FROM due WHERE p.listing_id = due.listing_id AND due.was_sent
), urged AS (
  UPDATE publications p SET risk = greatest(p.risk, :risk), must_tell = due.must OR due.moved
  FROM due WHERE p.listing_id = due.listing_id AND NOT due.was_sent AND (due.is_behind OR due.moved > due.must)
)
SELECT DISTINCT channel_id FROM due WHERE knows IS NOT TRUE"""
_MARK_SKUS = text(
    _MARK.format(
        which=f"l.sku = ANY({RELATED})",
        moved=f"(CAST(:anywhere AS boolean) OR {THEIRS})",
        knows="l.channel_id = CAST(:channel AS uuid) AND l.channel_listing_id = ANY(:sold)",
    )
)
_MARK_LISTINGS = text(
    _MARK.format(which="l.id = ANY(:ids)", moved="CAST(:anywhere AS boolean)", knows="false")
)


class Origin(Struct, frozen=True):
    """Where a change came from: a channel, which may have moved its own numbers with it; none: the hub alone.

    `sold` are the listings of the channel that it has counted down itself: it can wait a little. `heard` are the SKUs
    of its orders it told of, whether or not anything of them changed here.
    """

    channel_id: UUID | None = None
    sold: Sequence[str] = ()
    heard: Sequence[str] = ()


HERE = Origin()


async def mark(
    tx: Tx, skus: Sequence[str], *, at: datetime, origin: Origin | None = None, falls: bool = False
) -> set[UUID]:
    """Say that the listings of these SKUs and of bundles with them must be told again; return the channels that wait.

    The version rises unless it was never sent: then what will be sent with it is computed after this change anyway. A
    channel of which nothing is marked but what it sold itself is marked and not returned: it can wait a little. Where
    `falls`, less of them can be sold than before. Whoever cannot have moved its own number by the `origin` need not be
    told the one it has confirmed; without an origin, anybody may have.
    """
    where = origin or HERE
    unmoved = {*where.heard} - {*skus}
    if unmoved and where.channel_id:
        if skus:
            await lock_publications(tx, [*skus, *unmoved], [])  # in one order, both
        await doubt(tx, where.channel_id, sorted(unmoved))
    if not skus:
        return set()
    there = {"anywhere": origin is None, "channel": where.channel_id, "sold": sorted(set(where.sold))}
    risk = MAY_FALL if falls else MOVED
    rows = await tx.execute(_MARK_SKUS, {"skus": sorted(set(skus)), "at": at, "risk": risk, **there})
    return {row.channel_id for row in rows}


async def mark_listings(
    tx: Tx, listing_ids: Sequence[UUID], *, at: datetime, origin: Origin | None = None
) -> set[UUID]:
    """As mark, for these listings alone: what they may show has changed, not what there is."""
    if not listing_ids:
        return set()
    wanted = {"ids": sorted(listing_ids), "at": at, "risk": MOVED, "anywhere": origin is None}
    rows = await tx.execute(_MARK_LISTINGS, wanted)
    return {row.channel_id for row in rows}


_DUE_NOW = f"{TO_TELL} AND (p.next_try_at IS NULL OR p.next_try_at <= :at)"
# Read in the order of the index, however much is due: a join, or one lookup of all that is locked, would be planned to
# read all of it.
_LOCK_DUE = text(f"""
WITH due AS (
  SELECT p.listing_id FROM publications p
  WHERE p.channel_id = :channel_id AND {_DUE_NOW}
    AND p.listing_id NOT IN (SELECT unnest(CAST(:but AS uuid[])))
    AND (SELECT l.sku FROM listings l WHERE l.id = p.listing_id) IS NOT NULL
  ORDER BY p.risk DESC, p.dirty_since, p.listing_id LIMIT :limit
), locked AS (
  SELECT p.listing_id FROM publications p
  WHERE p.listing_id = ANY(ARRAY(SELECT listing_id FROM due)) AND {TO_TELL} ORDER BY p.listing_id FOR UPDATE
)
SELECT count(*) AS count, coalesce(array_agg(listing_id), '{{}}')::text AS ids, {PLANNED_ONCE} FROM locked""")  # noqa: S608

SHOWN = "shown.quantity"
"""What listing `l` should show, with FREE joined: for a look at all of them, as `hub check` takes."""
FREE = f"LEFT JOIN ({shown_by_rules('true')} SELECT id, quantity FROM shown) shown ON shown.id = l.id"  # noqa: S608 -- constants only

# What the channel does by itself and no order tells of is read back, or is told by a change after so long.
_BELIEVED_FOR = "interval '6 hours'"
# The channel has confirmed the last number it was sent, it is this one, and nobody is known to have moved it since.
_SAME = f"""(NOT p.must_tell AND p.sent_version = p.confirmed_version AND p.confirmed_quantity = shown.quantity
  AND (p.seen_at IS NULL OR p.seen_at <= p.confirmed_at OR p.seen_quantity = shown.quantity)
  AND greatest(p.confirmed_at, p.seen_at) > :at - {_BELIEVED_FOR})"""
# A second statement on purpose: it sees every change that raised a version the first one locked (READ COMMITTED),
# so a quantity is never older than the version it is sent with.
_CLAIM = text(f"""{shown_by_rules("l.id = ANY(CAST(:ids AS uuid[]))")}, claimed AS (
  UPDATE publications p
  SET sent_version = p.version, sent_quantity = shown.quantity,
      sent_at = CASE WHEN {_SAME} THEN p.sent_at ELSE :at END,
      attempts = CASE WHEN {_SAME} THEN 0 ELSE p.attempts + 1 END,
      confirmed_version = CASE WHEN {_SAME} THEN p.version ELSE p.confirmed_version END,
      unchanged_at = CASE WHEN {_SAME} THEN :at ELSE p.unchanged_at END,
      allowed_at = CASE WHEN {_SAME} THEN NULL ELSE p.allowed_at END
  FROM shown WHERE p.listing_id = shown.id
  RETURNING p.listing_id, shown.quantity, {SHOWN_THERE} AS shows, p.allowed_at, p.dirty_since,
            p.confirmed_at IS NULL AND p.seen_at IS NULL AS unread, p.version, p.confirmed_version, p.risk
)
SELECT l.id, l.channel_listing_id, l.channel_sku, d.quantity, d.shows, d.allowed_at, d.dirty_since, d.unread, d.version
FROM claimed d JOIN asked l ON l.id = d.listing_id WHERE d.confirmed_version < d.version
ORDER BY d.risk DESC, d.dirty_since, l.id""")  # noqa: S608


class Due(Struct, frozen=True):
    """One listing to tell: what it should show as of its version, and `shows` as far as the hub knows.

    `allowed_at`: since then its change may leave, however great. `dirty_since`: so long it has waited. `unread`: nobody
    told or read it yet.
    """

    listing_id: UUID
    channel_listing_id: str
    channel_sku: str
    quantity: int
    shows: int | None
    allowed_at: datetime | None
    dirty_since: datetime | None
    unread: bool
    version: int


class Locked(Struct, frozen=True):
    """So many listings; `ids` are the text of an array: they go back as they came, and nothing here reads them."""

    count: int
    ids: str


async def lock_due(tx: Tx, channel_id: UUID, *, limit: int, at: datetime, but: Sequence[UUID] = ()) -> Locked:
    """The riskiest listings, then those that wait longest, `but` these; nobody else tells them meanwhile."""
    values = {"channel_id": channel_id, "limit": limit, "at": at, "but": list(but)}
    count, ids, _ = (await tx.execute(_LOCK_DUE, values)).one()
    return Locked(count, ids)


async def claim(tx: Tx, locked: Locked, *, at: datetime) -> list[Due]:
    """Compute, now, what each of these should show, and keep that it is sent; the riskiest first.

    Of whom it would be the number it shows already nothing is to be sent: it is up to date.

    In the transaction of `lock_due`, which has it planned once: to plan it takes 30 ms, and to answer it for a few one.
    """
    if not locked.count:
        return []
    return [Due(*row) for row in await tx.execute(_CLAIM, {"ids": locked.ids, "at": at})]


class Told(Struct, frozen=True):
    """The outcome of one push: which version, which quantity, and when to try again where it was not applied."""

    listing_id: UUID
    version: int
    quantity: int
    outcome: str
    problem: str = ""
    retry_s: int = 0


_ENDED = ", ".join(
    f"{column} = CASE WHEN told.outcome <> 'applied' OR p.suspended_version > told.version THEN p.{column} END"
    for column in SUSPENDED_COLUMNS
)
_TOLD = {
    "listing_id": "uuid",
    "version": "bigint",
    "quantity": "int",
    "outcome": "text",
    "problem": "text",
    "retry_s": "int",
}
# What was read before the first word of a listing was read to judge that word, and is no reading back of it.
RECORD_TOLD = f"""
WITH told AS (
  SELECT x.* FROM {unnested(_TOLD)}
  JOIN publications p USING (listing_id) ORDER BY x.listing_id FOR UPDATE OF p
)
UPDATE publications p SET
  outcome = told.outcome, problem = told.problem,
  confirmed_version = CASE WHEN told.outcome = 'applied' THEN greatest(p.confirmed_version, told.version)
                           ELSE p.confirmed_version END,
  prior_quantity = CASE WHEN told.outcome = 'applied' AND told.quantity <> p.confirmed_quantity
                   THEN p.confirmed_quantity ELSE p.prior_quantity END,
  confirmed_quantity = CASE WHEN told.outcome = 'applied' THEN told.quantity ELSE p.confirmed_quantity END,
  confirmed_at = CASE WHEN told.outcome = 'applied' THEN :at ELSE p.confirmed_at END,
  seen_at = CASE WHEN told.outcome <> 'applied' OR p.confirmed_at IS NOT NULL THEN p.seen_at END,
  allowed_at = CASE WHEN told.outcome <> 'applied' OR p.allowed_at > p.sent_at THEN p.allowed_at END, {_ENDED},
  attempts = CASE WHEN told.outcome = 'applied' THEN 0 ELSE p.attempts END,
  must_tell = p.must_tell AND NOT (told.outcome = 'applied' AND p.version = told.version),
  next_try_at = CASE WHEN told.outcome = 'applied' OR p.version > told.version THEN NULL
                     ELSE :at + make_interval(secs => told.retry_s) END
FROM told WHERE p.listing_id = told.listing_id AND told.version >= p.confirmed_version"""  # noqa: S608
"""Confirm what was applied; a mark that moved meanwhile stays, and an older answer changes nothing (L9).

For a statement that has more to keep of the same answers (hub.store.sync.answers); its values: `columns` of Told.
"""


_DUE_CHANNELS = text(f"""
SELECT DISTINCT p.channel_id FROM publications p JOIN listings l ON l.id = p.listing_id AND l.sku IS NOT NULL
WHERE {_DUE_NOW} AND p.dirty_since <= :before""")  # noqa: S608


async def channels_due(tx: Tx, *, before: datetime, at: datetime) -> list[UUID]:
    """Channels with listings that have waited since before: their ring was lost (L3)."""
    return [row.channel_id for row in await tx.execute(_DUE_CHANNELS, {"before": before, "at": at})]


_OPEN = text(f"""
INSERT INTO publications AS p (listing_id, channel_id, dirty_since, shadowed, paused)
SELECT l.id, l.channel_id, :at, c.shadow_since IS NOT NULL AND NOT s.sku_group = ANY(c.live_groups),
       s.sku_group = ANY(c.paused_groups)
FROM listings l JOIN skus s ON s.sku = l.sku JOIN channels c ON c.id = l.channel_id AND c.state <> 'closed'
WHERE l.sku = ANY({RELATED}) AND l.gone_at IS NULL AND {COUNTED}
  AND NOT EXISTS (SELECT FROM publications o WHERE o.listing_id = l.id AND o.stopped_at IS NULL) ORDER BY l.id
ON CONFLICT (listing_id) DO UPDATE SET version = p.version + 1, dirty_since = :at, stopped_at = NULL, risk = {MOVED},
  must_tell = true, shadowed = excluded.shadowed, paused = excluded.paused
  WHERE p.stopped_at IS NOT NULL
RETURNING channel_id""")  # noqa: S608 -- constants only


async def open_publications(tx: Tx, skus: Sequence[str], *, at: datetime) -> set[UUID]:
    """Begin to publish the listings of these SKUs and of bundles with them, or go on; return the channels to be told.

    Nothing is told on a channel that is closed. A SKU nobody has counted is passed over: to tell a shop 0 of it would
    empty the shop (L12). What is published already is not locked: whoever opens some marks others after it, and two
    orders of locks would be a circle.
    """
    if not skus:
        return set()
    rows = await tx.execute(_OPEN, {"skus": sorted(set(skus)), "at": at})
    return {row.channel_id for row in rows}


_LOCK = text(f"""
SELECT p.listing_id FROM publications p JOIN listings l ON l.id = p.listing_id
WHERE l.sku = ANY({RELATED}) OR l.id = ANY(:ids) ORDER BY p.listing_id FOR UPDATE OF p""")  # noqa: S608 -- constants only


async def lock_publications(tx: Tx, skus: Sequence[str], listing_ids: Sequence[UUID]) -> None:
    """Lock what will be marked of these SKUs and what will be stopped of these listings, in one order."""
    await tx.execute(_LOCK, {"skus": sorted(set(skus)), "ids": sorted(listing_ids)})


_STOP = text(f"""
UPDATE publications p SET stopped_at = :at, sent_version = version, confirmed_version = version, dirty_since = NULL,
  next_try_at = NULL, attempts = 0, outcome = '', problem = '', {NOT_SUSPENDED}, allowed_at = NULL
FROM (SELECT listing_id FROM publications WHERE listing_id = ANY(:ids) AND stopped_at IS NULL
      ORDER BY listing_id FOR UPDATE) x
WHERE p.listing_id = x.listing_id""")  # noqa: S608 -- constants only


async def stop_publications(tx: Tx, listing_ids: Sequence[UUID], *, at: datetime) -> None:
    """Tell nothing more of these listings: they stand for no SKU, or are gone. What waits is dropped.

    An answer that is still on its way finds its version confirmed, and changes nothing that matters.
    """
    if listing_ids:
        await tx.execute(_STOP, {"ids": sorted(listing_ids), "at": at})


_OF_CHANNEL = text(
    "SELECT listing_id FROM publications WHERE channel_id = :channel_id AND stopped_at IS NULL"
)
_SKUS_OF_CHANNEL = text("""
SELECT DISTINCT sku FROM listings WHERE channel_id = :channel_id AND sku IS NOT NULL AND gone_at IS NULL""")


async def stop_channel(tx: Tx, channel_id: UUID, *, at: datetime) -> None:
    """Tell this channel nothing more."""
    rows = await tx.execute(_OF_CHANNEL, {"channel_id": channel_id})
    await stop_publications(tx, [row.listing_id for row in rows], at=at)


async def open_channel(tx: Tx, channel_id: UUID, *, at: datetime) -> None:
    """Go on with all that this channel offers of what is counted."""
    rows = await tx.execute(_SKUS_OF_CHANNEL, {"channel_id": channel_id})
    await open_publications(tx, [row.sku for row in rows], at=at)


_UNCOUNTED = text(f"""
SELECT l.id FROM listings l JOIN skus s ON s.sku = l.sku WHERE l.sku = ANY(:skus) AND NOT ({COUNTED})""")  # noqa: S608
_PUBLISHED = text("""
SELECT DISTINCT l.sku FROM listings l JOIN publications p ON p.listing_id = l.id
WHERE l.sku = ANY(:skus) AND p.stopped_at IS NULL ORDER BY l.sku""")


async def stop_uncounted(tx: Tx, skus: Sequence[str], *, at: datetime) -> None:
    """Tell nothing more of those of these SKUs that nobody has counted: their channels keep what they show (L12)."""
    rows = await tx.execute(_UNCOUNTED, {"skus": sorted(set(skus))})
    await stop_publications(tx, [row.id for row in rows], at=at)


async def published(tx: Tx, skus: Sequence[str]) -> list[str]:
    """Return those of these SKUs that some channel is told about."""
    return [row.sku for row in await tx.execute(_PUBLISHED, {"skus": sorted(set(skus))})]


# Asked in the order of the index: after a change of all listings the planner takes them all for due, and an EXISTS
# would read the whole table to find that none is.
_IS_DUE = text(f"""
SELECT p.listing_id FROM publications p JOIN listings l ON l.id = p.listing_id AND l.sku IS NOT NULL
WHERE p.channel_id = :channel_id AND {_DUE_NOW}
ORDER BY p.risk DESC, p.dirty_since, p.listing_id LIMIT 1""")  # noqa: S608 -- constants only


async def is_due(tx: Tx, channel_id: UUID, *, at: datetime) -> bool:
    return await tx.scalar(_IS_DUE, {"channel_id": channel_id, "at": at}) is not None


_COUNT_DUE = text(f"""
SELECT count(*) FROM (
  SELECT FROM publications p
  WHERE p.channel_id = :channel_id AND {_DUE_NOW} LIMIT :limit) x""")  # noqa: S608


async def count_due(tx: Tx, channel_id: UUID, *, limit: int, at: datetime) -> int:
    """How many listings wait, counted no further than the limit."""
    return int(await tx.scalar(_COUNT_DUE, {"channel_id": channel_id, "limit": limit, "at": at}) or 0)

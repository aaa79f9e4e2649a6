"""What channels were read to show, where that is not what they confirmed, and how it ended."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

import msgspec
from msgspec import Struct
from sqlalchemy import text

from hub.kit.ids import uuid7
from hub.model.sync.drift import Cause, Deed, Policy
from hub.store.db import Tx, page
from hub.store.freshness import SHOWN_THERE

LOW = 5  # so few are soon sold: they are read more often

# First what was seen to differ once, then what was read longest ago; what is low counts as read earlier.
_TO_READ = text("""
SELECT l.channel_listing_id FROM publications p JOIN listings l ON l.id = p.listing_id AND l.sku IS NOT NULL
LEFT JOIN drifts d ON d.listing_id = p.listing_id AND d.ended_at IS NULL AND d.cause = 'in flight'
WHERE p.channel_id = :channel_id AND p.stopped_at IS NULL AND NOT p.shadowed AND p.confirmed_version = p.version
  AND p.confirmed_at <= :settled
  AND (p.seen_at IS NULL OR p.seen_at <= CASE WHEN d.id IS NOT NULL THEN CAST(:settled AS timestamptz)
    WHEN p.confirmed_quantity <= :low THEN CAST(:low_before AS timestamptz) ELSE CAST(:before AS timestamptz) END)
ORDER BY d.id IS NULL, p.seen_at IS NOT NULL,
  p.seen_at + CASE WHEN p.confirmed_quantity > :low THEN CAST(:low_before AS timestamptz) - :before
              ELSE interval '0' END,
  p.confirmed_quantity, p.listing_id LIMIT :limit""")


class Rounds(Struct, frozen=True):
    """What was written or seen to differ by `settled` is read, what is `low` and not read since then, and the rest."""

    settled: datetime
    low_before: datetime
    before: datetime


async def to_read(tx: Tx, channel_id: UUID, rounds: Rounds, *, limit: int) -> list[str]:
    """Listings whose number was confirmed, in the order in which they are to be read."""
    wanted = {"channel_id": channel_id, "low": LOW, "limit": limit, **msgspec.structs.asdict(rounds)}
    return [row.channel_listing_id for row in await tx.execute(_TO_READ, wanted)]


class Found(Struct, frozen=True):
    """A listing that differs, or differed until now: `drift` is the one that is open."""

    listing_id: UUID
    version: int
    expected: int
    shows: int | None
    before: int | None
    drift: UUID | None
    drift_version: int | None
    drift_shows: int | None
    cause: Cause | None
    found_at: datetime | None


# What moved or was told since the read began is left for the next time; so is what a person wants to stay as it is.
# What could not be read counts as it did before, not as it was once read.
_RECORD = text(f"""
WITH x AS (
  SELECT * FROM json_to_recordset(CAST(:page AS json)) AS x(listing text, quantity int, known boolean)
), locked AS (
  SELECT p.listing_id, p.version, p.confirmed_version, p.confirmed_quantity, p.confirmed_at, p.prior_quantity,
         x.quantity, x.known
  FROM x JOIN listings l ON l.channel_id = :channel_id AND l.channel_listing_id = x.listing
  JOIN publications p ON p.listing_id = l.id WHERE p.stopped_at IS NULL ORDER BY p.listing_id FOR UPDATE OF p
), seen AS (
  UPDATE publications p SET seen_at = :began_at,
         seen_quantity = CASE WHEN k.known THEN k.quantity ELSE {SHOWN_THERE} END
  FROM locked k WHERE p.listing_id = k.listing_id
)
SELECT k.listing_id, k.version, k.confirmed_quantity AS expected, k.quantity AS shows, k.prior_quantity AS before,
       d.id AS drift, d.version AS drift_version, d.shows AS drift_shows, d.cause, d.found_at
FROM locked k LEFT JOIN drifts d ON d.listing_id = k.listing_id AND d.ended_at IS NULL
WHERE k.known AND k.confirmed_version = k.version AND k.confirmed_at < :began_at
  AND (d.id IS NOT NULL OR k.quantity IS DISTINCT FROM k.confirmed_quantity)
  AND NOT EXISTS (SELECT FROM drifts w WHERE w.listing_id = k.listing_id AND w.ended = 'left'
    AND w.version = k.version AND w.shows IS NOT DISTINCT FROM k.quantity)
ORDER BY k.listing_id""")  # noqa: S608 -- constants only


async def record_read(
    tx: Tx, channel_id: UUID, seen: Mapping[str, int | None], unread: Sequence[str], *, began_at: datetime
) -> list[Found]:
    """Keep what the channel shows, None of what it does not know; `unread` could not be read."""
    rows = [{"listing": listing, "quantity": quantity, "known": True} for listing, quantity in seen.items()]
    rows += [{"listing": listing, "known": False} for listing in unread]
    wanted = {"channel_id": channel_id, "page": page(rows), "began_at": began_at}
    found = (await tx.execute(_RECORD, wanted)).mappings()
    return [msgspec.convert(dict(row), Found) for row in found]


_OPEN = text("""
INSERT INTO drifts (id, listing_id, channel_id, version, expected, shows, cause, found_at)
SELECT id, listing_id, :channel_id, version, expected, shows, 'in flight', :at
FROM json_to_recordset(CAST(:page AS json)) AS x(id uuid, listing_id uuid, version bigint, expected int, shows int)
ON CONFLICT (listing_id) WHERE ended_at IS NULL DO UPDATE SET version = excluded.version, expected = excluded.expected,
  shows = excluded.shows, found_at = :at, cause = excluded.cause, judged_at = NULL""")


async def open_drifts(tx: Tx, channel_id: UUID, found: Sequence[Found], *, at: datetime) -> None:
    """Seen once, of this version and with this number: what was found before with another is not that."""
    rows = [{"id": uuid7(), **msgspec.structs.asdict(each)} for each in found]
    if rows:
        await tx.execute(_OPEN, {"channel_id": channel_id, "page": page(rows), "at": at})


class Facts(Struct, frozen=True):
    """What is known beside the numbers; see hub.model.sync.drift.Difference."""

    shared: bool
    heals: int


_FACTS = text("""
SELECT l.id, l.channel_sku <> '' AND EXISTS (
    SELECT FROM listings o JOIN publications q ON q.listing_id = o.id
    WHERE o.channel_id = l.channel_id AND o.channel_sku = l.channel_sku AND o.id <> l.id
      AND q.confirmed_quantity = x.shows) AS shared,
  (SELECT count(*) FROM drifts d WHERE d.listing_id = l.id AND d.ended = 'healed' AND d.ended_at > :since) AS heals
FROM json_to_recordset(CAST(:page AS json)) AS x(listing_id uuid, shows int)
JOIN listings l ON l.id = x.listing_id""")


async def facts_of(tx: Tx, found: Sequence[Found], *, since: datetime) -> dict[UUID, Facts]:
    rows = await tx.execute(_FACTS, {"page": page(found), "since": since})
    return {row.id: Facts(row.shared, row.heals) for row in rows}


class Judged(Struct, frozen=True):
    """What a look came to; without a `deed` it stays open, and a person is asked."""

    found: Found
    cause: Cause
    deed: Deed | None


_JUDGE = text("""
UPDATE drifts d SET cause = x.cause, shows = x.shows, expected = x.expected, version = x.version,
  judged_at = CASE WHEN x.cause <> 'in flight' THEN coalesce(d.judged_at, :at) END, ended = coalesce(x.ended, ''),
  ended_at = CASE WHEN x.ended IS NOT NULL THEN CAST(:at AS timestamptz) END,
  actor = CASE WHEN x.ended IS NOT NULL THEN :actor ELSE '' END
FROM json_to_recordset(CAST(:page AS json))
  AS x(id uuid, cause text, shows int, expected int, version bigint, ended text)
WHERE d.id = x.id AND d.ended_at IS NULL""")


async def judge_drifts(tx: Tx, judged: Sequence[Judged], *, actor: str, at: datetime) -> None:
    rows = [
        {
            "id": each.found.drift,
            "cause": each.cause,
            "shows": each.found.shows,
            "expected": each.found.expected,
            "version": each.found.version,
            "ended": each.deed,
        }
        for each in judged
    ]
    if rows:
        await tx.execute(_JUDGE, {"page": page(rows), "actor": actor, "at": at})


class Drift(Struct, frozen=True):
    """One drift as a list shows it; `expected` was confirmed, `shows` null: the channel does not know the listing."""

    id: UUID
    channel: str
    channel_listing_id: str
    title: str
    sku: str | None
    expected: int
    shows: int | None
    cause: Cause
    found_at: datetime
    ended: str
    ended_at: datetime | None
    actor: str


LATEST = UUID(int=(1 << 128) - 1)
_LIST = text("""
SELECT d.id, c.slug AS channel, l.channel_listing_id, l.title, l.sku, d.expected, d.shows, d.cause, d.found_at, d.ended,
       d.ended_at, d.actor
FROM drifts d JOIN listings l ON l.id = d.listing_id JOIN channels c ON c.id = d.channel_id
JOIN publications p ON p.listing_id = d.listing_id
WHERE d.id < :before AND d.channel_id = coalesce(CAST(:channel_id AS uuid), d.channel_id)
  AND (:all OR d.ended_at IS NULL AND p.stopped_at IS NULL)
ORDER BY d.id DESC LIMIT :limit""")


async def list_drifts(
    tx: Tx, *, channel_id: UUID | None = None, everything: bool = False, before: UUID = LATEST, limit: int
) -> list[Drift]:
    """One page, the newest first: what is open, or `everything` there ever was."""
    wanted = {"channel_id": channel_id, "all": everything, "before": before, "limit": limit}
    rows = (await tx.execute(_LIST, wanted)).mappings()
    return [msgspec.convert(dict(row), Drift) for row in rows]


# Who is asked about: judged, and nobody has decided.
ASKED = "d.ended_at IS NULL AND d.judged_at IS NOT NULL AND p.stopped_at IS NULL"
_COUNT_ADOPTED = text("""
SELECT count(*) FROM drifts WHERE channel_id = :channel_id AND ended = 'adopted' AND ended_at > :since""")


async def count_adopted(tx: Tx, channel_id: UUID, *, since: datetime) -> int:
    found: int = await tx.scalar(_COUNT_ADOPTED, {"channel_id": channel_id, "since": since})
    return found


class OpenDrift(Struct, frozen=True):
    """A drift to end, with what its listing stands for; the SKU has no stock of its own where it is a bundle.

    `location`: the channel's own, or where most of the SKU is on hand, `on_hand` units.
    """

    id: UUID
    listing_id: UUID
    channel_id: UUID
    expected: int
    shows: int | None
    judged: bool
    sku: str
    units: int
    plain: bool
    location: str | None
    on_hand: int


_OPEN_ONES = text("""
SELECT d.id, d.listing_id, d.channel_id, d.expected, d.shows, d.judged_at IS NOT NULL AS judged, s.sku, l.units,
       s.has_stock AND s.tracking = 'none' AS plain, v.location, coalesce(v.on_hand, 0) AS on_hand
FROM drifts d JOIN listings l ON l.id = d.listing_id JOIN skus s ON s.sku = l.sku JOIN channels c ON c.id = d.channel_id
LEFT JOIN LATERAL (
  SELECT v.location, v.on_hand FROM levels v JOIN locations o ON o.code = v.location
  WHERE v.sku = s.sku AND (v.location = c.location OR c.location IS NULL AND o.sellable)
  ORDER BY v.on_hand DESC, o.priority, o.code LIMIT 1) v ON true
WHERE d.id = ANY(:ids) AND d.ended_at IS NULL ORDER BY d.id""")
_END = text("""
UPDATE drifts SET ended = :ended, ended_at = :at, actor = :actor,
  judged_at = coalesce(judged_at, :at), cause = CASE WHEN cause = 'in flight' THEN 'edited there' ELSE cause END
WHERE id = ANY(:ids) AND ended_at IS NULL""")


async def open_ones(tx: Tx, ids: Sequence[UUID]) -> list[OpenDrift]:
    """Those of these that have not ended, and whose listing is matched."""
    return [OpenDrift(*row) for row in await tx.execute(_OPEN_ONES, {"ids": sorted(ids)})]


async def end_drifts(tx: Tx, ids: Sequence[UUID], deed: Deed, *, actor: str, at: datetime) -> None:
    await tx.execute(_END, {"ids": sorted(ids), "ended": deed, "actor": actor, "at": at})


_POLICY = text("SELECT drift_policy FROM channels WHERE id = :channel_id")
_SET_POLICY = text("UPDATE channels SET drift_policy = :policy WHERE id = :channel_id")
_DUE = text("SELECT id FROM channels WHERE id = ANY(:ids) AND (next_read_at IS NULL OR next_read_at <= :at)")
_NEXT = text("UPDATE channels SET next_read_at = :at WHERE id = :channel_id")


async def policy_of(tx: Tx, channel_id: UUID) -> Policy:
    return Policy(await tx.scalar(_POLICY, {"channel_id": channel_id}))


async def set_policy(tx: Tx, channel_id: UUID, policy: Policy) -> None:
    await tx.execute(_SET_POLICY, {"channel_id": channel_id, "policy": policy})


async def channels_to_read(tx: Tx, ids: Sequence[UUID], *, at: datetime) -> list[UUID]:
    """Those of these channels whose time has come to be read back."""
    return [row.id for row in await tx.execute(_DUE, {"ids": list(ids), "at": at})]


async def read_next(tx: Tx, channel_id: UUID, *, at: datetime) -> None:
    await tx.execute(_NEXT, {"channel_id": channel_id, "at": at})

"""Looks at all that a channel offers: what was seen, what was missed, and where a look goes on after a restart."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from msgspec import Struct
from sqlalchemy import text

from hub.store.db import Tx, page
from hub.store.stock.listings import NewListing


class Look(Struct, frozen=True):
    """A look that is under way: `cursor` is the page it reads next, `began_at` tells what it has seen."""

    began_at: datetime
    cursor: str | None = None


_BEGIN = text("""
UPDATE channels SET listings_began_at = CASE WHEN listings_began_at >= :since THEN listings_began_at ELSE :at END,
  listings_cursor = CASE WHEN listings_began_at >= :since THEN listings_cursor END, next_listings_pull_at = :next_at
WHERE id = :channel_id RETURNING listings_began_at, listings_cursor""")
_SAVE = text("UPDATE channels SET listings_cursor = :cursor WHERE id = :channel_id")
_END = text("""
UPDATE channels SET listings_cursor = NULL, listings_began_at = NULL, listings_pulled_at = :at,
  next_listings_pull_at = :next_at WHERE id = :channel_id""")
_WHOLE = text("""
SELECT listings_pulled_at IS NOT NULL AND listings_began_at IS NULL AS whole FROM channels WHERE id = :channel_id""")
_FORGET = text("UPDATE channels SET listings_cursor = NULL, listings_began_at = NULL WHERE id = :channel_id")


async def begin_look(tx: Tx, channel_id: UUID, *, since: datetime, next_at: datetime, at: datetime) -> Look:
    """Go on with a look that began after `since`, else begin one; it is not due again before `next_at`."""
    wanted = {"channel_id": channel_id, "since": since, "next_at": next_at, "at": at}
    return Look(*(await tx.execute(_BEGIN, wanted)).one())


async def save_look(tx: Tx, channel_id: UUID, cursor: str) -> None:
    """Commit with the page it follows, or a crash skips a page (L4)."""
    await tx.execute(_SAVE, {"channel_id": channel_id, "cursor": cursor})


async def end_look(tx: Tx, channel_id: UUID, *, next_at: datetime, at: datetime) -> None:
    await tx.execute(_END, {"channel_id": channel_id, "next_at": next_at, "at": at})


async def is_whole(tx: Tx, channel_id: UUID) -> bool:
    """Whether the last look came to its end; where it broke off, the channel may offer more than is known."""
    return bool((await tx.execute(_WHOLE, {"channel_id": channel_id})).scalar_one())


async def forget_look(tx: Tx, channel_id: UUID) -> None:
    """Begin anew next time: its cursor leads nowhere any more."""
    await tx.execute(_FORGET, {"channel_id": channel_id})


class Back(Struct, frozen=True):
    """A listing that was gone and is offered again."""

    channel_listing_id: str
    sku: str | None


_SEEN = text("""
WITH x AS (
  SELECT * FROM json_to_recordset(CAST(:page AS json))
    AS x(channel_listing_id text, channel_sku text, title text, barcode text)
), locked AS (
  SELECT id, gone_at FROM listings
  WHERE channel_id = :channel_id AND channel_listing_id IN (SELECT channel_listing_id FROM x)
  ORDER BY id FOR NO KEY UPDATE
)
UPDATE listings l SET channel_sku = x.channel_sku, title = x.title,
  barcode = coalesce(nullif(x.barcode, ''), l.barcode), seen_at = :began_at, missed_at = NULL, gone_at = NULL
FROM x, locked WHERE l.id = locked.id AND l.channel_listing_id = x.channel_listing_id
RETURNING l.channel_listing_id, l.sku, locked.gone_at IS NOT NULL AS was_gone""")


async def see_listings(
    tx: Tx, channel_id: UUID, rows: Sequence[NewListing], *, began_at: datetime
) -> list[Back]:
    """Take over what the channel says of them today; the match stays. Returns those that had been gone."""
    wanted = {"channel_id": channel_id, "page": page(rows), "began_at": began_at}
    seen = await tx.execute(_SEEN, wanted)
    return [Back(row.channel_listing_id, row.sku) for row in seen if row.was_gone]


_TALLY = text("""
SELECT count(*) FILTER (WHERE seen_at >= :began_at) AS seen,
  count(*) FILTER (WHERE coalesce(seen_at, '-infinity') < :began_at AND created_at < :began_at) AS missing
FROM listings WHERE channel_id = :channel_id AND gone_at IS NULL""")


class Tally(Struct, frozen=True):
    seen: int
    missing: int


async def tally_look(tx: Tx, channel_id: UUID, *, began_at: datetime) -> Tally:
    return Tally(*(await tx.execute(_TALLY, {"channel_id": channel_id, "began_at": began_at})).one())


class Missed(Struct, frozen=True):
    """A listing that a whole look did not find: `gone` where it is the second one in a row."""

    id: UUID
    channel_listing_id: str
    sku: str | None
    gone: bool


_MISSED = text("""
WITH unseen AS (
  SELECT id, missed_at FROM listings
  WHERE channel_id = :channel_id AND gone_at IS NULL AND coalesce(seen_at, '-infinity') < :began_at
    AND created_at < :began_at
  ORDER BY id FOR NO KEY UPDATE
)
UPDATE listings l SET missed_at = coalesce(l.missed_at, :at),
  gone_at = CASE WHEN unseen.missed_at IS NOT NULL THEN CAST(:at AS timestamptz) END
FROM unseen WHERE l.id = unseen.id
RETURNING l.id, l.channel_listing_id, l.sku, l.gone_at IS NOT NULL AS gone""")


async def miss_listings(tx: Tx, channel_id: UUID, *, began_at: datetime, at: datetime) -> list[Missed]:
    """Note what the look that began then did not find."""
    wanted = {"channel_id": channel_id, "began_at": began_at, "at": at}
    return [Missed(*row) for row in await tx.execute(_MISSED, wanted)]


_DUE = text("""
SELECT c.id FROM channels c JOIN accounts a ON a.id = c.account_id
WHERE c.state = 'active' AND a.state = 'ok' AND c.next_listings_pull_at <= :at
  AND (c.paused_until IS NULL OR c.paused_until <= :at) AND c.id = ANY(:ids)""")
_WISH = text("UPDATE channels SET next_listings_pull_at = :at WHERE id = :channel_id")


async def due_for_look(tx: Tx, *, ids: Sequence[UUID], at: datetime) -> list[UUID]:
    return [row.id for row in await tx.execute(_DUE, {"at": at, "ids": list(ids)})]


async def wish_look(tx: Tx, channel_id: UUID, *, at: datetime) -> None:
    """Somebody asks for a look now."""
    await tx.execute(_WISH, {"channel_id": channel_id, "at": at})

"""Listings: our SKUs as offered on one channel; an unmatched one waits for a person."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from msgspec import Struct
from sqlalchemy import text

from hub.model.orders.taking import Match
from hub.store.db import Tx, page
from hub.store.orders import WITH_SKUS

_EXPLODED = "(SELECT jsonb_object_agg(part, units * {units}) FROM bundle_parts WHERE bundle = s.sku)"
# Whoever is matched here stays what it is until the line is written: no SKU becomes a bundle in between.
_MATCH = text(f"""
SELECT l.channel_listing_id, l.channel_sku, l.sku, l.units, {_EXPLODED.format(units="l.units")} AS exploded
FROM listings l JOIN skus s ON s.sku = l.sku
WHERE l.channel_id = :channel_id
  AND (l.channel_listing_id = ANY(:ids) OR (l.channel_sku <> '' AND l.channel_sku = ANY(:skus)))
ORDER BY l.created_at DESC, l.id DESC FOR KEY SHARE OF s""")  # noqa: S608 -- constants only
_OWN = text(f"""
SELECT s.sku, 1 AS units, {_EXPLODED.format(units=1)} AS exploded FROM skus s WHERE s.sku = ANY(:skus)
FOR KEY SHARE""")  # noqa: S608 -- constants only


class Matches(Struct, frozen=True):
    """What lines of one channel can be matched to: by listing first, then by the channel's SKU."""

    by_listing: dict[str, Match]
    by_sku: dict[str, Match]

    def find(self, channel_listing_id: str, channel_sku: str) -> Match | None:
        if channel_listing_id:
            found = self.by_listing.get(channel_listing_id)
            if found is not None:
                return found
        return self.by_sku.get(channel_sku) if channel_sku else None


async def find_matches(tx: Tx, channel_id: UUID, ids: Sequence[str], skus: Sequence[str]) -> Matches:
    rows = list(
        await tx.execute(
            _MATCH, {"channel_id": channel_id, "ids": sorted(set(ids)), "skus": sorted(set(skus))}
        )
    )
    by_listing = {row.channel_listing_id: _match(row) for row in rows}
    by_sku = {row.channel_sku: _match(row) for row in rows}
    return Matches(by_listing, by_sku)


async def own_skus(tx: Tx, skus: Sequence[str]) -> Matches:
    """Where the hub itself writes the order, a line names our SKU."""
    rows = await tx.execute(_OWN, {"skus": sorted(set(skus))})
    return Matches({}, {row.sku: _match(row) for row in rows})


def _match(row: Any) -> Match:
    return Match(row.sku, row.units, row.exploded or {})


class NewListing(Struct, frozen=True):
    id: UUID
    channel_listing_id: str
    channel_sku: str
    title: str
    sku: str | None = None
    units: int = 1
    barcode: str = ""


# What is there is not tried at all: to find that out, an insert would wait for whoever matches it at this moment.
_ADD = text("""
INSERT INTO listings (id, channel_id, channel_listing_id, channel_sku, title, sku, units, barcode, created_at)
SELECT x.id, :channel_id, x.channel_listing_id, x.channel_sku, x.title, x.sku, x.units, x.barcode, :at
FROM (SELECT DISTINCT ON (channel_listing_id) * FROM json_to_recordset(CAST(:page AS json))
      AS r(id uuid, channel_listing_id text, channel_sku text, title text, sku text, units int, barcode text)
      ORDER BY channel_listing_id) x
WHERE NOT EXISTS (SELECT FROM listings l
                  WHERE l.channel_id = :channel_id AND l.channel_listing_id = x.channel_listing_id)
ON CONFLICT (channel_id, channel_listing_id) DO NOTHING RETURNING id""")


async def add_listings(tx: Tx, channel_id: UUID, rows: Sequence[NewListing], *, at: datetime) -> list[UUID]:
    """Add what is new; a listing that is there stays as it is."""
    if not rows:
        return []
    answer = await tx.execute(_ADD, {"channel_id": channel_id, "page": page(rows), "at": at})
    return [row.id for row in answer]


_LOCK = """
WITH x AS (SELECT * FROM json_to_recordset(CAST(:page AS json)) AS x({columns})), locked AS (
  SELECT id, sku, gone_at FROM listings
  WHERE channel_id = :channel_id AND channel_listing_id IN (SELECT channel_listing_id FROM x)
  ORDER BY id FOR NO KEY UPDATE
)"""

_SET_SKU = text(f"""{_LOCK.format(columns="channel_listing_id text, sku text, units int")}
UPDATE listings l SET sku = x.sku, units = x.units FROM x, locked
WHERE l.id = locked.id AND l.channel_listing_id = x.channel_listing_id
  AND EXISTS (SELECT FROM skus s WHERE s.sku = x.sku)
RETURNING l.id, l.channel_listing_id, l.channel_sku, l.sku, l.units, locked.sku AS old_sku""")  # noqa: S608 -- constants only


class Chosen(Struct, frozen=True):
    """A person's decision: this listing is `units` of this SKU."""

    channel_listing_id: str
    sku: str
    units: int = 1


class Matched(Struct, frozen=True):
    """A listing as it stands for `units` of its SKU now; `old_sku` is what it stood for until now, if anything."""

    id: UUID
    channel_listing_id: str
    channel_sku: str
    sku: str
    units: int
    old_sku: str | None


async def set_skus(tx: Tx, channel_id: UUID, chosen: Sequence[Chosen]) -> list[Matched]:
    """Match listings; one that does not exist, or whose SKU does not, is left out of the answer."""
    rows = await tx.execute(_SET_SKU, {"channel_id": channel_id, "page": page(chosen)})
    return [Matched(*row) for row in rows]


_LOCK_WAITING = text(f"""
SELECT o.id FROM orders o WHERE o.id IN (
  SELECT w.id FROM orders w JOIN order_lines ol ON ol.order_id = w.id
  WHERE w.channel_id = :channel_id AND ol.sku IS NULL AND ol.kind = 'item'
    AND (ol.channel_listing_id = ANY(:ids) OR (ol.channel_sku <> '' AND ol.channel_sku = ANY(:channel_skus)))
  UNION
  SELECT w.id FROM {WITH_SKUS} x JOIN orders w ON w.id = x.order_id
  WHERE w.holds && ARRAY['oversold','unmatched'] AND w.canceled_at IS NULL)
ORDER BY o.channel_id, o.channel_order_id FOR UPDATE""")  # noqa: S608 -- constants only
_LINES_TO_MATCH = text("""
WITH done AS (
UPDATE order_lines ol SET sku = x.sku, units = x.units
FROM orders o, json_to_recordset(CAST(:page AS json))
  AS x(channel_listing_id text, channel_sku text, sku text, units int)
WHERE o.id = ol.order_id AND o.channel_id = :channel_id AND ol.sku IS NULL AND ol.kind = 'item'
  AND (ol.channel_listing_id = x.channel_listing_id
       OR (ol.channel_listing_id = '' AND ol.channel_sku <> '' AND ol.channel_sku = x.channel_sku))
RETURNING ol.id, ol.order_id, ol.sku, ol.units
), exploded AS (
INSERT INTO order_line_parts (line_id, sku, units)
SELECT d.id, b.part, b.units * d.units FROM done d JOIN bundle_parts b ON b.bundle = d.sku ORDER BY d.id, b.part
)
SELECT order_id FROM done""")


async def match_lines(tx: Tx, channel_id: UUID, matched: Sequence[Matched]) -> set[UUID]:
    """Give waiting order lines the SKU their listing has got; return their orders.

    All orders that wait for these listings or SKUs, on any channel, are locked first: the fill that follows wants them.
    """
    wanted = {
        "channel_id": channel_id,
        "ids": [each.channel_listing_id for each in matched],
        "channel_skus": [each.channel_sku for each in matched],
        "skus": [each.sku for each in matched],
    }
    await tx.execute(_LOCK_WAITING, wanted)
    rows = await tx.execute(_LINES_TO_MATCH, {"channel_id": channel_id, "page": page(matched)})
    return {row.order_id for row in rows}


_UNMATCH = text(f"""{_LOCK.format(columns="channel_listing_id text")}
UPDATE listings l SET sku = NULL, units = 1 FROM locked WHERE l.id = locked.id AND locked.sku IS NOT NULL
RETURNING l.id, l.channel_listing_id, locked.sku""")  # noqa: S608 -- constants only


class Unmatched(Struct, frozen=True):
    """A listing that stands for no SKU now; `sku` is what it stood for."""

    id: UUID
    channel_listing_id: str
    sku: str


async def take_skus_off(tx: Tx, channel_id: UUID, channel_listing_ids: Sequence[str]) -> list[Unmatched]:
    """Undo matches; a listing that has none, or does not exist, is left out of the answer."""
    rows = [{"channel_listing_id": each} for each in sorted(set(channel_listing_ids))]
    answer = await tx.execute(_UNMATCH, {"channel_id": channel_id, "page": page(rows)})
    return [Unmatched(*row) for row in answer]


class Found(Struct, frozen=True):
    """A listing as the channel names it."""

    id: UUID
    channel_sku: str
    title: str


_FIND = text("""
SELECT id, channel_sku, title FROM listings
WHERE channel_id = :channel_id AND channel_listing_id = :channel_listing_id""")


async def find_listing(tx: Tx, channel_id: UUID, channel_listing_id: str) -> Found | None:
    wanted = {"channel_id": channel_id, "channel_listing_id": channel_listing_id}
    row = (await tx.execute(_FIND, wanted)).first()
    return Found(*row) if row else None


class Named(Struct, frozen=True):
    """A listing by our id of it, as its channel names it."""

    id: UUID
    channel_id: UUID
    channel_listing_id: str
    sku: str | None
    units: int


_NAME = text("""
SELECT id, channel_id, channel_listing_id, sku, units FROM listings WHERE id = ANY(:ids) ORDER BY channel_id, id""")


async def name_listings(tx: Tx, ids: Sequence[UUID]) -> list[Named]:
    """Those of these that there are, channel by channel."""
    return [Named(*row) for row in await tx.execute(_NAME, {"ids": list(ids)})]

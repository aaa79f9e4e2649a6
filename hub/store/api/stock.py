"""Stock as the API shows it: levels by location, and what each channel shows of them."""

from collections.abc import Sequence
from datetime import datetime

import msgspec
from msgspec import Struct
from sqlalchemy import text

from hub.model.freshness import Freshness
from hub.model.stock.bundles import Kind
from hub.model.stock.wants import Parts
from hub.store.db import Tx
from hub.store.freshness import FRESHNESS, TO_TELL
from hub.store.stock.components import AVAILABLE, MADE_OF
from hub.store.stock.transfers import LEVELS_AND_TRANSIT


class LevelAt(Struct, frozen=True):
    """The books at one location; `free` counts toward available-to-sell where the location is sellable.

    `in_transit` is on its way here from another location, and counts once it has come.
    """

    location: str
    on_hand: int
    allocated: int
    reserved: int
    safety_stock: int
    free: int
    in_transit: int


class Published(Struct, frozen=True):
    """What one channel confirmed that it shows, and how old that is.

    `waiting_s` is how long a newer number has been waiting to reach the channel; null where none is to be told, since
    the channel is up to date, or as `freshness` says.
    """

    channel: str
    channel_listing_id: str
    quantity: int | None
    confirmed_at: datetime | None
    age_s: int | None
    waiting_s: int | None
    problem: str
    freshness: Freshness


class StockOf(Struct, frozen=True):
    """A bundle has no levels of its own: what is available comes from its parts. `made_of` is one level down."""

    sku: str
    name: str
    barcode: str
    available: int
    levels: list[LevelAt]
    published: list[Published]
    kind: Kind = Kind.ITEM
    made_of: Parts = {}


_STOCK = text(f"""
SELECT s.sku, s.name, s.barcode, {AVAILABLE} AS available, coalesce(v.levels, '[]') AS levels,
       coalesce(p.published, '[]') AS published, s.kind, {MADE_OF} AS made_of
FROM (SELECT * FROM skus WHERE sku > :after AND (CAST(:only AS text[]) IS NULL OR sku = ANY(:only))
      ORDER BY sku LIMIT :limit) s
LEFT JOIN LATERAL (
  SELECT jsonb_agg(jsonb_build_object('location', l.location, 'on_hand', l.on_hand, 'allocated', l.allocated,
           'reserved', l.reserved, 'safety_stock', l.safety_stock, 'free', f.free, 'in_transit', l.in_transit)
           ORDER BY o.priority, o.code) AS levels
  FROM {LEVELS_AND_TRANSIT} l JOIN locations o ON o.code = l.location,
       LATERAL (SELECT l.on_hand::bigint - l.allocated - l.reserved - l.safety_stock) f (free)
) v ON true
LEFT JOIN LATERAL (
  SELECT jsonb_agg(jsonb_build_object('channel', c.slug, 'channel_listing_id', l.channel_listing_id,
           'quantity', p.confirmed_quantity, 'confirmed_at', p.confirmed_at,
           'age_s', floor(extract(epoch FROM :at - p.confirmed_at)),
           'waiting_s', CASE WHEN {TO_TELL}
                             THEN floor(extract(epoch FROM :at - p.dirty_since)) END,
           'problem', p.problem, 'freshness', {FRESHNESS}) ORDER BY c.slug, l.channel_listing_id) AS published
  FROM listings l JOIN publications p ON p.listing_id = l.id JOIN channels c ON c.id = l.channel_id
  WHERE l.sku = s.sku
) p ON true
ORDER BY s.sku""")  # noqa: S608 -- constants only


async def stock(
    tx: Tx, *, after: str = "", skus: Sequence[str] | None = None, limit: int, at: datetime
) -> list[StockOf]:
    """Return one page of SKUs in their own order, with levels by location and what each channel shows."""
    wanted = {"after": after, "only": list(skus) if skus is not None else None, "limit": limit, "at": at}
    rows = await tx.execute(_STOCK, wanted)
    return msgspec.convert([dict(row) for row in rows.mappings()], list[StockOf])

"""Stock as its page shows it: each SKU's levels, and what each channel shows of it."""

from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from msgspec import Struct
from sqlalchemy import text

from hub.model.freshness import Freshness
from hub.model.stock.alarms import Bounds
from hub.model.stock.bundles import Kind
from hub.model.stock.wants import Parts
from hub.store.db import Tx
from hub.store.desk.rows import row_of, rows_of
from hub.store.freshness import FRESHNESS
from hub.store.stock.alarms import ALARM, Alarm
from hub.store.stock.components import AVAILABLE, AVAILABLE_AT, MADE_OF
from hub.store.stock.skus import COUNTED
from hub.store.stock.transfers import LEVELS_AND_TRANSIT


class LevelCell(Struct, frozen=True):
    location: str
    name: str
    sellable: bool
    on_hand: int
    allocated: int
    reserved: int
    safety_stock: int
    in_transit: int = 0


class ListingCell(Struct, frozen=True):
    """A listing and what its channel last confirmed."""

    id: UUID
    channel_slug: str
    channel_name: str
    channel_kind: str
    channel_listing_id: str
    channel_sku: str
    units: int
    confirmed_quantity: int | None
    confirmed_at: datetime | None
    dirty_since: datetime | None
    problem: str
    freshness: Freshness


class StockRow(Struct, frozen=True):
    sku: str
    name: str
    barcode: str
    price: Decimal | None
    currency: str | None
    levels: list[LevelCell]
    listings: list[ListingCell]
    kind: Kind = Kind.ITEM
    made_of: Parts = {}
    available: int = 0


class SkuHead(Struct, frozen=True):
    """What stands above everything else on the page of one SKU."""

    sku: str
    name: str
    barcode: str
    price: Decimal | None
    currency: str | None
    sku_group: str
    counted: bool
    kind: Kind
    made_of: Parts
    product: str | None
    low_at: int | None
    low_usual: int
    alarms: list[Alarm]


class Suggestion(Struct, frozen=True):
    """A SKU for the order form; `available` is over all places that sell, `where` says how much lies at which.

    `ahead` more may be ordered although they are not there; they are `expected` then.
    """

    sku: str
    name: str
    price: Decimal | None
    currency: str | None
    available: int
    where: str = ""
    ahead: int = 0
    expected: date | None = None


class _Named(Suggestion, frozen=True, kw_only=True):
    word: str


class Location(Struct, frozen=True):
    code: str
    name: str
    sellable: bool = True


_FOUND = """(s.sku ILIKE :prefix OR s.name ILIKE :inside OR s.barcode = :search
    OR s.sku IN (SELECT i.sku FROM listings i WHERE i.channel_sku = :search))"""

_ROWS = """
SELECT s.sku, s.name, s.barcode, s.price, s.currency, v.levels, i.listings, s.kind, {made_of} AS made_of,
    {available} AS available
FROM (SELECT * FROM skus s WHERE {where} ORDER BY s.sku LIMIT :limit) s
CROSS JOIN LATERAL (
    SELECT coalesce(jsonb_agg(jsonb_build_object('location', l.location, 'name', w.name,
        'sellable', w.sellable, 'on_hand', l.on_hand, 'allocated', l.allocated, 'reserved', l.reserved,
        'safety_stock', l.safety_stock, 'in_transit', l.in_transit) ORDER BY w.priority, w.code), '[]') AS levels
    FROM {levels} l JOIN locations w ON w.code = l.location) v
CROSS JOIN LATERAL (
    SELECT coalesce(jsonb_agg(jsonb_build_object('id', i.id, 'channel_slug', c.slug, 'channel_name', c.name,
        'channel_kind', a.kind, 'channel_listing_id', i.channel_listing_id, 'channel_sku', i.channel_sku,
        'units', i.units, 'confirmed_quantity', p.confirmed_quantity,
        'confirmed_at', p.confirmed_at, 'dirty_since', p.dirty_since, 'problem', coalesce(p.problem, ''),
        'freshness', {freshness}) ORDER BY c.name, i.channel_listing_id), '[]') AS listings
    FROM listings i JOIN channels c ON c.id = i.channel_id JOIN accounts a ON a.id = c.account_id
    LEFT JOIN publications p ON p.listing_id = i.id WHERE i.sku = s.sku) i
ORDER BY s.sku"""

# What may be sold of SKU `s`: in all, by location where several have some, and ahead of what is there.
_OFFERED = f"""s.sku, s.name, s.price, s.currency, {AVAILABLE} AS available, coalesce(v.names, '') AS where,
    coalesce(greatest(0, b.unit_limit - b.taken), 0) AS ahead, b.expected_on AS expected"""
_FREE = f"""LEFT JOIN backorder_terms b ON b.sku = s.sku
LEFT JOIN LATERAL (
    SELECT CASE WHEN count(*) > 1 THEN string_agg(o.name || ' ' || f.free, ', ' ORDER BY o.priority, o.code)
        END AS names
    FROM locations o, LATERAL (SELECT {AVAILABLE_AT}) f (free) WHERE o.sellable AND f.free > 0) v ON true"""  # noqa: S608 -- constants only

_SUGGESTIONS = text(f"""
SELECT {_OFFERED}
FROM (SELECT *, (lower(sku) = lower(:search) OR barcode = :search) AS exact FROM skus
    WHERE sku ILIKE :prefix OR barcode = :search OR name ILIKE ALL(:insides)
    ORDER BY exact DESC, (sku ILIKE :prefix) DESC, name, sku LIMIT :limit) s
{_FREE}
ORDER BY s.exact DESC, (s.sku ILIKE :prefix) DESC, s.name, s.sku""")  # noqa: S608 -- constants only

_NAMED = text(f"""
SELECT w.word, {_OFFERED}
FROM unnest(CAST(:words AS text[])) AS w(word)
JOIN LATERAL (
    SELECT * FROM skus WHERE sku = w.word OR lower(sku) = lower(w.word)
        OR (barcode <> '' AND barcode = w.word) OR lower(name) = lower(w.word)
    ORDER BY (sku = w.word) DESC, (lower(sku) = lower(w.word)) DESC, sku LIMIT 1) s ON true
{_FREE}""")  # noqa: S608 -- constants only

_CURRENCY = text("""
SELECT currency FROM (SELECT currency FROM skus WHERE currency IS NOT NULL LIMIT 1000) s
GROUP BY currency ORDER BY count(*) DESC, currency LIMIT 1""")

_OPEN_ALARMS = ALARM.format(which="(SELECT * FROM alarms WHERE sku = :sku AND closed_at IS NULL)")
_HEAD = text(f"""
SELECT s.sku, s.name, s.barcode, s.price, s.currency, s.sku_group, {COUNTED} AS counted, s.kind, {MADE_OF} AS made_of,
    s.product,
    (SELECT units FROM alarm_thresholds WHERE sku = s.sku AND location IS NULL) AS low_at,
    coalesce((SELECT low_stock FROM alarm_bounds), :low_usual) AS low_usual,
    (SELECT coalesce(jsonb_agg(to_jsonb(r)), '[]') FROM ({_OPEN_ALARMS}) r) AS alarms
FROM skus s WHERE s.sku = :sku""")  # noqa: S608 -- constants only
_LOCATIONS = text("SELECT code, name, sellable FROM locations ORDER BY priority, code")
_LEVEL = text("""
SELECT l.location, w.name, w.sellable, l.on_hand, l.allocated, l.reserved, l.safety_stock
FROM levels l JOIN locations w ON w.code = l.location WHERE l.sku = :sku AND l.location = :location""")


async def list_stock(tx: Tx, *, search: str, after: str, limit: int, at: datetime) -> list[StockRow]:
    """One page in SKU order; ask for one more than you show to know whether others follow."""
    conditions = ["s.sku > :after"] if after else []
    values: dict[str, object] = {"limit": limit, "at": at}
    if after:
        values["after"] = after
    if search:
        conditions.append(_FOUND)
        values |= {"search": search, "prefix": f"{_literal(search)}%", "inside": f"%{_literal(search)}%"}
    statement = text(
        _ROWS.format(
            where=" AND ".join(conditions) or "true",
            levels=LEVELS_AND_TRANSIT,
            freshness=FRESHNESS,
            made_of=MADE_OF,
            available=AVAILABLE,
        )
    )
    return await rows_of(tx, statement, StockRow, **values)


async def suggest_skus(tx: Tx, search: str, *, limit: int = 8) -> list[Suggestion]:
    """SKUs that begin with the words, have them as barcode, or hold every one of them in the name."""
    insides = [f"%{_literal(word)}%" for word in search.split()]
    prefix = f"{_literal(search)}%"
    return await rows_of(
        tx, _SUGGESTIONS, Suggestion, search=search, prefix=prefix, insides=insides, limit=limit
    )


async def find_items(tx: Tx, words: list[str]) -> dict[str, Suggestion]:
    """What a person means by each word: a SKU in any case, a barcode, or the whole name."""
    found = await rows_of(tx, _NAMED, _Named, words=sorted(set(words)))
    return {row.word: row for row in found}


async def usual_currency(tx: Tx) -> str:
    """The currency most SKUs are priced in; euro where none has a price yet."""
    return str(await tx.scalar(_CURRENCY) or "EUR")


async def sku_head(tx: Tx, sku: str) -> SkuHead | None:
    return await row_of(tx, _HEAD, SkuHead, sku=sku, low_usual=Bounds().low_stock)


async def list_locations(tx: Tx) -> list[Location]:
    return await rows_of(tx, _LOCATIONS, Location)


async def level_of(tx: Tx, sku: str, location: str) -> LevelCell | None:
    return await row_of(tx, _LEVEL, LevelCell, sku=sku, location=location)


def _literal(search: str) -> str:
    """Percent and underscore mean themselves in what a person types."""
    return search.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")

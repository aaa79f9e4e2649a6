"""Count sheets: what is to be counted, what was found, and how it differs from the books."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from uuid import UUID

import msgspec
from msgspec import Struct
from msgspec.structs import asdict
from sqlalchemy import text

from hub.model.stock.counts import DAYS_MAX, MOVED_DAYS, Entry, Line, Scope, State
from hub.store.db import Tx, page

_RISK = """
  SELECT v.sku, greatest(0, coalesce(s.price, 0) * v.on_hand) AS value, coalesce(m.moved, 0) AS moved,
         coalesce(least(:days_max, extract(day FROM :at - v.counted_at)), :days_max)::int AS days,
         coalesce(m.differed, 0) AS differed
  FROM levels v JOIN skus s ON s.sku = v.sku LEFT JOIN (
    SELECT sku, sum(abs(on_hand_change)) FILTER (WHERE kind <> 'count' AND at > :moved_since)::bigint AS moved,
           sum(abs(on_hand_change)) FILTER (WHERE kind = 'count')::bigint AS differed
    FROM movements WHERE location = :location AND at > :differed_since GROUP BY sku) m ON m.sku = v.sku
  WHERE v.location = :location AND NOT EXISTS (
    SELECT FROM count_sheets c JOIN count_lines l ON l.sheet_id = c.id
    WHERE c.state = 'open' AND c.location = v.location AND l.sku = v.sku)"""
_SCORED = f"""
SELECT r.*, round((ln(1 + r.value) + ln(1 + r.moved::numeric) + ln(1 + r.days::numeric) + ln(1 + r.differed::numeric)),
             2)::float8 AS score
FROM ({_RISK}) r ORDER BY score DESC, r.sku LIMIT :limit"""  # noqa: S608 -- constants only
_RISKIEST = text(f"""
SELECT x.*, s.name FROM ({_SCORED}) x JOIN skus s ON s.sku = x.sku ORDER BY x.score DESC, x.sku""")  # noqa: S608 -- constants only


class Risky(Struct, frozen=True):
    """A SKU at a location with what makes it risky, as hub.model.stock.counts.Risk adds it up."""

    sku: str
    name: str
    value: float
    moved: int
    days: int
    differed: int
    score: float


async def riskiest(tx: Tx, location: str, *, limit: int, at: datetime) -> list[Risky]:
    """The riskiest first; those that stand on an open sheet of this location are left out."""
    rows = await tx.execute(_RISKIEST, {**_since(at), "location": location, "limit": limit})
    return [msgspec.convert(dict(row), Risky, strict=False) for row in rows.mappings()]


def _since(at: datetime) -> dict[str, object]:
    return {
        "at": at,
        "days_max": DAYS_MAX,
        "moved_since": at - timedelta(days=MOVED_DAYS),
        "differed_since": at - timedelta(days=DAYS_MAX),
    }


class NewSheet(Struct, frozen=True):
    id: UUID
    location: str
    scope: Scope
    blind: bool
    note: str


_ADD = """
WITH new AS (
  INSERT INTO count_sheets (id, location, scope, blind, note, created_by, created_at)
  VALUES (:id, :location, :scope, :blind, :note, :actor, :at)
  ON CONFLICT (id) DO UPDATE SET id = excluded.id RETURNING id, number, xmax = 0 AS is_new
), lines AS (
  INSERT INTO count_lines (sheet_id, sku, risk) SELECT new.id, x.sku, x.risk FROM new, ({which}) x WHERE new.is_new
  RETURNING sku
)
SELECT number, is_new, (SELECT count(*) FROM lines) AS lines FROM new"""
_ADD_SCOPED = {
    Scope.LOCATION: text(
        _ADD.format(
            which="""SELECT sku, CAST(NULL AS float8) AS risk FROM levels
    WHERE location = :location AND (on_hand <> 0 OR allocated <> 0)"""
        )
    ),
    Scope.RISKIEST: text(_ADD.format(which=f"SELECT sku, score AS risk FROM ({_SCORED}) s")),  # noqa: S608 -- constants only
    Scope.CHOSEN: text(
        _ADD.format(
            which="SELECT sku, CAST(NULL AS float8) AS risk FROM unnest(CAST(:skus AS text[])) s(sku)"
        )
    ),
}


class Begun(Struct, frozen=True):
    """The number of the sheet, whether it is new, and how many SKUs stand on it."""

    number: int
    is_new: bool
    lines: int


async def add_sheet(
    tx: Tx, new: NewSheet, *, skus: Sequence[str] = (), limit: int = 0, actor: str, at: datetime
) -> Begun:
    """Begin a sheet; `skus` for a chosen one, `limit` for the riskiest. One with this id already stays as it is."""
    wanted: dict[str, object] = {**asdict(new), "actor": actor, "at": at}
    if new.scope is Scope.CHOSEN:
        wanted["skus"] = sorted(set(skus))
    if new.scope is Scope.RISKIEST:
        wanted |= _since(at) | {"limit": limit}
    row = (await tx.execute(_ADD_SCOPED[new.scope], wanted)).one()
    return Begun(row.number, row.is_new, row.lines)


class Held(Struct, frozen=True):
    """A sheet that is locked: nobody posts it while somebody enters, and nobody enters while somebody posts."""

    id: UUID
    number: int
    location: str
    scope: Scope
    state: State


_HOLD = "SELECT id, number, location, scope, state FROM count_sheets WHERE number = :number FOR {mode}"
_SHARE, _ALONE = text(_HOLD.format(mode="SHARE")), text(_HOLD.format(mode="UPDATE"))


async def hold_sheet(tx: Tx, number: int, *, alone: bool = False) -> Held | None:
    """Many may enter at once; whoever posts or drops it is alone. Lock it before any order or level."""
    row = (await tx.execute(_ALONE if alone else _SHARE, {"number": number})).mappings().first()
    return msgspec.convert(dict(row), Held) if row is not None else None


_ADD_ENTRIES = text("""
INSERT INTO count_entries (id, sheet_id, sku, units, adds, by, at)
SELECT DISTINCT ON (id) id, :sheet_id, sku, units, adds, by, :at
FROM json_to_recordset(CAST(:page AS json)) AS x(id uuid, sku text, units int, adds bool, by text) ORDER BY id
ON CONFLICT (id) DO NOTHING RETURNING id""")
_ADD_LINES = text("""
INSERT INTO count_lines (sheet_id, sku) SELECT :sheet_id, sku FROM unnest(CAST(:skus AS text[])) x(sku) ORDER BY sku
ON CONFLICT DO NOTHING""")
_LINE = "l.sku, l.counted, l.expected, l.first_at, l.counted_at, l.counted_by, l.reason"
_LOCK_LINES = text(f"""
SELECT {_LINE} FROM count_lines l WHERE l.sheet_id = :sheet_id AND (CAST(:skus AS text[]) IS NULL OR l.sku = ANY(:skus))
ORDER BY l.sku FOR UPDATE""")  # noqa: S608 -- constants only
_ON_HAND = text("SELECT sku, on_hand FROM levels WHERE location = :location AND sku = ANY(:skus)")
_PUT_LINES = text("""
UPDATE count_lines l SET counted = x.counted, expected = x.expected, first_at = x.first_at, counted_at = x.counted_at,
  counted_by = x.counted_by, reason = x.reason
FROM json_to_recordset(CAST(:page AS json)) AS x(sku text, counted int, expected int, first_at timestamptz,
     counted_at timestamptz, counted_by text, reason text)
WHERE l.sheet_id = :sheet_id AND l.sku = x.sku""")


async def add_entries(tx: Tx, sheet_id: UUID, entries: Sequence[Entry], *, at: datetime) -> set[UUID]:
    """Keep what devices sent; return the ids that are news."""
    rows = await tx.execute(_ADD_ENTRIES, {"sheet_id": sheet_id, "page": page(entries), "at": at})
    return {row.id for row in rows}


async def add_lines(tx: Tx, sheet_id: UUID, skus: Iterable[str]) -> None:
    await tx.execute(_ADD_LINES, {"sheet_id": sheet_id, "skus": sorted(set(skus))})


async def lock_lines(tx: Tx, sheet_id: UUID, skus: Iterable[str] | None = None) -> list[Line]:
    """These lines, or all, in order of SKUs."""
    named = sorted(set(skus)) if skus is not None else None
    return [Line(*row) for row in await tx.execute(_LOCK_LINES, {"sheet_id": sheet_id, "skus": named})]


async def on_hand_at(tx: Tx, location: str, skus: Iterable[str]) -> dict[str, int]:
    """What the books have there now; a statement of its own, so that it is newer than what was waited for."""
    rows = await tx.execute(_ON_HAND, {"location": location, "skus": sorted(set(skus))})
    return {row.sku: row.on_hand for row in rows}


async def put_lines(tx: Tx, sheet_id: UUID, lines: Sequence[Line]) -> None:
    if lines:
        await tx.execute(_PUT_LINES, {"sheet_id": sheet_id, "page": page(lines)})


_CLOSE = text("""
UPDATE count_sheets SET state = :state, closed_by = :actor, closed_at = :at WHERE id = :id""")
_NEWER = text("""
SELECT l.sku FROM count_lines l JOIN levels v ON v.sku = l.sku AND v.location = :location
WHERE l.sheet_id = :id AND v.counted_at > l.counted_at ORDER BY l.sku""")


async def close(tx: Tx, sheet_id: UUID, state: State, *, actor: str, at: datetime) -> None:
    await tx.execute(_CLOSE, {"id": sheet_id, "state": state, "actor": actor, "at": at})


async def counted_anew(tx: Tx, held: Held) -> list[str]:
    """The SKUs that another count has been posted of since they were counted here."""
    return [row.sku for row in await tx.execute(_NEWER, {"id": held.id, "location": held.location})]

"""Count sheets as the API and the desk show them: how far they are, and how what was found differs from the books."""

from datetime import datetime
from decimal import Decimal

import msgspec
from msgspec import Struct
from msgspec.structs import replace
from sqlalchemy import text

from hub.model.stock.counts import Scope, State
from hub.store.db import Tx
from hub.store.stock.transfers import NUMBER_MAX


class Sheet(Struct, frozen=True):
    """`lines` stand on it, `counted` of them somebody has counted, `differing` differ, `undecided` without a reason.

    The last two are null where who counts must not know.
    """

    number: int
    location: str
    location_name: str
    scope: Scope
    blind: bool
    state: State
    note: str
    created_by: str
    closed_by: str
    created_at: datetime
    closed_at: datetime | None
    lines: int
    counted: int
    differing: int | None
    undecided: int | None

    @property
    def keeps_secret(self) -> bool:
        """What is expected is not told while somebody counts blind."""
        return self.blind and self.state is State.OPEN

    def seen_by_counter(self) -> "Sheet":
        return replace(self, differing=None, undecided=None) if self.keeps_secret else self


_SHEET = """
SELECT c.number, c.location, o.name AS location_name, c.scope, c.blind, c.state, c.note, c.created_by, c.closed_by,
       c.created_at, c.closed_at, l.lines, l.counted, l.differing, l.undecided
FROM count_sheets c JOIN locations o ON o.code = c.location
CROSS JOIN LATERAL (
  SELECT count(*) AS lines, count(counted) AS counted, count(*) FILTER (WHERE counted <> expected) AS differing,
         count(*) FILTER (WHERE counted <> expected AND reason = '') AS undecided
  FROM count_lines WHERE sheet_id = c.id
) l
WHERE {which} ORDER BY c.number DESC LIMIT :limit"""
_ONE = text(_SHEET.format(which="c.number = :number"))
_LIST = text(
    _SHEET.format(
        which="""c.number < :before AND (CAST(:state AS text) IS NULL OR c.state = :state)
  AND (CAST(:location AS text) IS NULL OR c.location = :location)"""
    )
)


async def read_sheet(tx: Tx, number: int) -> Sheet | None:
    row = (await tx.execute(_ONE, {"number": number, "limit": 1})).mappings().first()
    return msgspec.convert(dict(row), Sheet) if row is not None else None


async def list_sheets(
    tx: Tx, *, before: int = NUMBER_MAX, state: str | None = None, location: str | None = None, limit: int
) -> list[Sheet]:
    """One page, the newest first."""
    wanted = {"before": before, "state": state, "location": location, "limit": limit}
    return [msgspec.convert(dict(row), Sheet) for row in (await tx.execute(_LIST, wanted)).mappings()]


class SheetLine(Struct, frozen=True):
    """One SKU of a sheet. `expected` is what the books had when it was counted, what they have now where it was not.

    `moved_meanwhile`: units came or went while it was counted, so nobody knows whether they were; `changed_since`: it
    was adjusted or counted elsewhere after that. `value` is the difference at its price.
    """

    sku: str
    name: str
    barcode: str
    risk: float | None
    expected: int | None
    counted: int | None
    difference: int | None
    value: Decimal | None
    currency: str | None
    counted_at: datetime | None
    counted_by: str
    reason: str
    moved_meanwhile: bool
    changed_since: bool

    def seen_by_counter(self, sheet: Sheet) -> "SheetLine":
        """Without anything that would tell what is expected, where the sheet is blind and open."""
        if not sheet.keeps_secret:
            return self
        return replace(self, expected=None, difference=None, value=None)


_WHICH = {
    "all": "true",
    "counted": "l.counted IS NOT NULL",
    "uncounted": "l.counted IS NULL",
    "differing": "l.counted <> l.expected",
}
WHICH = tuple(_WHICH)
SEEN = ("all", "counted", "uncounted")
"""What somebody who counts may ask for; which SKUs differ is for the review."""
_LINE = """
SELECT l.sku, s.name, s.barcode, l.risk, coalesce(l.expected, v.on_hand, 0) AS expected, l.counted,
       l.counted - l.expected AS difference, s.price * (l.counted - l.expected) AS value, s.currency, l.counted_at,
       l.counted_by, l.reason,
       EXISTS (SELECT FROM movements m WHERE m.sku = l.sku AND m.location = c.location AND m.on_hand_change <> 0
               AND m.at > l.first_at AND m.at <= l.counted_at) AS moved_meanwhile,
       c.state = 'open' AND EXISTS (
         SELECT FROM movements m WHERE m.sku = l.sku AND m.location = c.location
         AND m.kind IN ('adjustment', 'count') AND m.at > l.counted_at) AS changed_since
FROM count_sheets c JOIN count_lines l ON l.sheet_id = c.id JOIN skus s ON s.sku = l.sku
LEFT JOIN levels v ON v.sku = l.sku AND v.location = c.location WHERE c.number = :number"""
_ONE_LINE = text(f"{_LINE} AND l.sku = :sku")
_LINES = """{line} AND l.sku > :after AND {which}
  AND (:search = '' OR l.sku ILIKE :inside OR s.name ILIKE :inside OR s.barcode = :search)
ORDER BY l.sku LIMIT :limit"""
_LINES_WHICH = {name: text(_LINES.format(line=_LINE, which=condition)) for name, condition in _WHICH.items()}


async def sheet_lines(
    tx: Tx, number: int, *, which: str = "all", search: str = "", after: str = "", limit: int
) -> list[SheetLine]:
    """One page of a sheet's lines in order of SKUs; `which` is one of WHICH."""
    inside = "%" + search.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
    wanted = {"number": number, "after": after, "search": search, "inside": inside, "limit": limit}
    rows = await tx.execute(_LINES_WHICH[which], wanted)
    return [msgspec.convert(dict(row), SheetLine) for row in rows.mappings()]


async def sheet_line(tx: Tx, number: int, sku: str) -> SheetLine | None:
    row = (await tx.execute(_ONE_LINE, {"number": number, "sku": sku})).mappings().first()
    return msgspec.convert(dict(row), SheetLine) if row is not None else None

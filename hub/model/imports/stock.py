"""Stock from a file: what is on hand is set to what the row says, never added to. Pure."""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet

from msgspec import Struct

from hub.model.errors import InputError
from hub.model.imports.cells import read_whole
from hub.model.imports.known import Skus, sku_of
from hub.model.imports.lines import Change, Line, Outcome, compared, refused
from hub.model.imports.rows import Given
from hub.model.stock.bundles import Kind
from hub.model.stock.lines import UNITS_MAX


class StockRow(Struct, frozen=True):
    """`on_hand` None: nobody has counted it yet, and the row leaves it so."""

    sku: str
    location: str
    on_hand: int | None


class Books(Struct, frozen=True):
    skus: Skus
    locations: AbstractSet[str]
    on_hand: Mapping[tuple[str, str], int]


def read(given: Given) -> StockRow:
    written = given.text("on hand")
    units = read_whole(written, "on hand") if written else None
    return StockRow(sku_of(given), given.text("location"), units)


def judge(given: Given, books: Books) -> tuple[Line, StockRow | None]:
    key = f"{given.text('sku')} at {given.text('location')}"[:300]
    try:
        row = read(given)
        _refuse_bad(row, books)
    except InputError as error:
        return refused(given.row, key, error), None
    if row.on_hand is None:
        return Line(given.row, key, Outcome.UNCHANGED), row
    held = books.on_hand.get((row.sku, row.location))
    counted = books.skus.known[row.sku].counted
    old = str(held or 0) if counted else "not counted"
    return compared(given.row, key, [Change("on hand", old, str(row.on_hand))], is_new=not counted), row


def _refuse_bad(row: StockRow, books: Books) -> None:
    if books.skus.find(row.sku).kind is Kind.BUNDLE:
        msg = f"{row.sku} is a bundle and has no stock of its own: count its parts"
        raise InputError(msg, field="sku")
    if row.location not in books.locations:
        known = ", ".join(sorted(books.locations)[:10]) or "none yet: hub location add"
        msg = f"there is no location {row.location[:60]}: the hub knows {known}"
        raise InputError(msg, field="location")
    held = books.on_hand.get((row.sku, row.location), 0)
    if row.on_hand not in {None, held} and not 0 <= (row.on_hand or 0) <= UNITS_MAX:
        msg = f"{row.on_hand} units cannot lie there: it must be from 0 to {UNITS_MAX}"
        raise InputError(msg, field="on hand")

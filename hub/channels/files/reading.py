"""From the bytes of a file to rows of its kind, with what a person should know of how it was read."""

from collections.abc import Iterable, Iterator, Sequence

from msgspec import Struct

from hub.kit.sheets import Format, Row, Sheet, read_sheet, write_sheet
from hub.model.imports.kinds import EXAMPLES, Kind, header_of
from hub.model.imports.lines import Line, Outcome
from hub.model.imports.rows import WHY, Given, How, Layout, lay_out, read_row, sift

_CODES = ("sku", "barcode", "listing")


class File(Struct, frozen=True):
    """`rows` are in the file's order: those to look at, and lines of those that cannot be."""

    kind: Kind
    how: How
    sheet: Sheet
    rows: list[Given | Line]
    notes: list[str]


def read_file(kind: Kind, raw: bytes, how: How, *, encoding: str = "") -> File:
    """Raises InputError where it is no table, or lacks a column."""
    sheet = read_sheet(raw, encoding=encoding)
    layout = lay_out(kind, sheet.header.cells, how)
    given = [_given(layout, row, how) for row in sheet.rows]
    rows = list(sift(kind, given, layout))
    return File(kind, how, sheet, rows, [*sheet.notes, *_unread(layout), *_typed([row for row, _ in given])])


def _given(layout: Layout, row: Row, how: How) -> tuple[Given, int]:
    width = max((place for place, cell in enumerate(row.cells, 1) if cell.strip()), default=0)
    return read_row(layout, row.number, row.cells, row.typed, how), width


def _unread(layout: Layout) -> Iterator[str]:
    if layout.unknown:
        named = ", ".join(layout.unknown[:10])
        what = "This column is" if len(layout.unknown) == 1 else "These columns are"
        yield f"{what} not read: {named}."


def _typed(rows: Sequence[Given]) -> Iterator[str]:
    """A number in a workbook has lost the zeros it began with, and nobody can tell whether there were any."""
    for column in _CODES:
        numbers = [row.row for row in rows if column in row.typed]
        if numbers:
            yield (
                f"The {column} is a number in {len(numbers):,} {'row' if len(numbers) == 1 else 'rows'}, the first is"
                f" row {numbers[0]}: zeros at its beginning are lost. Format the column as text."
            )


def refused_rows(sheet: Sheet, lines: Iterable[Line]) -> bytes:
    """Of these lines, the refused rows as they came, with why: to be mended, and imported again."""
    bad = [line for line in lines if line.outcome is Outcome.REFUSED]
    why = {line.row: f"{line.column}: {line.why}".removeprefix(": ") for line in bad}
    names = sheet.header.cells
    places = [place for place, name in enumerate(names) if name.strip().casefold() != WHY]
    rows = [_with_why(row, places, why[row.number], len(names)) for row in sheet.rows if row.number in why]
    header = [*(names[place] for place in places), WHY]
    return write_sheet(sheet.format, header, rows, delimiter=sheet.delimiter)


def _with_why(row: Row, places: Sequence[int], why: str, width: int) -> list[str]:
    """What reaches beyond the header comes behind the reason: nothing of the row is lost."""
    kept = [row.cells[place] if place < len(row.cells) else "" for place in places]
    return [*kept, why, *row.cells[width:]]


def template(kind: Kind, format_: Format) -> bytes:
    """An example of this kind that says what its columns are."""
    return write_sheet(format_, header_of(kind), EXAMPLES[kind])

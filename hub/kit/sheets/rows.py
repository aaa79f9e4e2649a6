"""What a sheet is, how much of it is read, and how text is kept from being taken for a formula."""

import re
from collections.abc import Iterable, Iterator
from enum import StrEnum

from msgspec import Struct

from hub.model.errors import InputError

BYTES_MAX = 20_000_000
ROWS_MAX = 100_000
COLUMNS_MAX = 100
_LOOKS_LIKE_A_FORMULA = re.compile(r"'*[=+\-@\t\r]")
_NUMBER = re.compile(r"[+-]?[0-9]+([.,][0-9]+)?")


class Format(StrEnum):
    CSV = "csv"
    XLSX = "xlsx"


class Row(Struct, frozen=True):
    """`number` is what a spreadsheet shows beside it. `typed` are the places of cells that are numbers, not text."""

    number: int
    cells: tuple[str, ...]
    typed: frozenset[int] = frozenset()


class Sheet(Struct, frozen=True):
    """`notes` are what whoever reads it should know. `delimiter` parts the columns of a CSV."""

    format: Format
    header: Row
    rows: list[Row]
    notes: tuple[str, ...] = ()
    delimiter: str = ","


def guarded(text: str) -> str:
    """The text with an apostrophe before it where a spreadsheet would run it as a formula."""
    risky = _LOOKS_LIKE_A_FORMULA.match(text) and not _NUMBER.fullmatch(text)
    return f"'{text}" if risky else text


def unguarded(text: str) -> str:
    """The reverse: exactly what `guarded` was given."""
    return text[1:] if text.startswith("'") and _LOOKS_LIKE_A_FORMULA.match(text) else text


def gather(rows: Iterable[Row], format_: Format, *, notes: Iterable[str] = (), delimiter: str = ",") -> Sheet:
    """The first row that is not blank is the header; blank ones are passed over. Raises InputError."""
    filled = _filled(rows)
    header = next(filled, None)
    if header is None:
        msg = "the file is empty: its first row names the columns, and each row after it is one thing"
        raise InputError(msg, field="file")
    return Sheet(format_, header, list(filled), tuple(notes), delimiter)


def _filled(rows: Iterable[Row]) -> Iterator[Row]:
    for row in rows:
        if row.number > ROWS_MAX + 1:
            msg = f"the file has more than {ROWS_MAX:,} rows: cut it into smaller ones"
            raise InputError(msg, field="file")
        if len(row.cells) > COLUMNS_MAX and any(row.cells[COLUMNS_MAX:]):
            msg = f"row {row.number} has more than {COLUMNS_MAX} columns: delete those nobody needs"
            raise InputError(msg, field="file")
        if any(cell.strip() for cell in row.cells):
            yield row

"""CSV: parted by comma, semicolon or tab, with or without a byte order mark."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence

from hub.kit.sheets.rows import Format, Row, Sheet, gather, guarded, unguarded
from hub.model.errors import InputError

ENCODINGS = ("utf-8", "utf-16", "cp1252", "gb18030")
_DELIMITERS = ",;\t"
_MARKS = {b"\xef\xbb\xbf": "utf-8-sig", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}


def read_delimited(raw: bytes, encoding: str = "") -> Sheet:
    """A mark at the beginning says which encoding it is, then `encoding`, then UTF-8. Raises InputError."""
    text = _decoded(raw, encoding)
    delimiter, skipped = _delimiter_of(text)
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    return gather(_rows(lines, skipped), Format.CSV, delimiter=delimiter)


def write_delimited(
    header: Sequence[str], rows: Iterable[Sequence[str | int | None]], delimiter: str = ","
) -> bytes:
    """UTF-8 with the mark by which spreadsheets know it."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=delimiter)
    writer.writerow([guarded(name) for name in header])
    writer.writerows([[guarded(cell) if isinstance(cell, str) else cell for cell in row] for row in rows])
    return text.getvalue().encode("utf-8-sig")


def _decoded(raw: bytes, encoding: str) -> str:
    marked = next((name for mark, name in _MARKS.items() if raw.startswith(mark)), None)
    named = marked or encoding or "utf-8"
    try:
        text = raw.decode(named)
    except UnicodeDecodeError as error:
        others = " or ".join(each for each in ENCODINGS if each not in {named, "utf-16"})
        called = named.removesuffix("-sig").upper()
        msg = f"the file is not {called}: save it as CSV UTF-8, or say its encoding, {others}"
        raise InputError(msg, field="encoding") from error
    if "\0" in text.partition("\n")[0]:
        msg = "the first line has NUL in it, so this is no text: save it as CSV UTF-8, or say its encoding, utf-16"
        raise InputError(msg, field="encoding")
    return text


def _delimiter_of(text: str) -> tuple[str, bool]:
    """What parts the columns, and whether the first line says nothing but that, as spreadsheets write it."""
    first = next((line for line in io.StringIO(text) if line.strip()), "").strip("\r\n")
    if first.lower().startswith("sep=") and len(first) == len("sep=,"):
        return first[-1], True
    plain = "".join(first.split('"')[::2])
    return max(_DELIMITERS, key=plain.count), False


def _rows(lines: Iterator[list[str]], skipped: bool) -> Iterator[Row]:  # noqa: FBT001 -- from _delimiter_of
    number = 0
    try:
        for cells in lines:
            number += 1
            if not (skipped and number == 1):
                yield Row(number, tuple(unguarded(cell) for cell in cells))
    except csv.Error as error:
        msg = (
            f"row {number + 1} cannot be read ({error}): is a quotation mark missing, or a cell far too long? "
            "Correct it, and nothing was done"
        )
        raise InputError(msg, field="file") from error

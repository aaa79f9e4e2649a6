"""Reads a file as one sheet, and writes one."""

from collections.abc import Iterable, Sequence

from hub.kit.sheets.delimited import read_delimited, write_delimited
from hub.kit.sheets.rows import BYTES_MAX, Format, Sheet
from hub.kit.sheets.workbook import read_workbook, write_workbook
from hub.model.errors import InputError

_STRANGERS = {
    b"%PDF": "a PDF",
    b"\xd0\xcf\x11\xe0": "an Excel file of before 2007 (.xls)",
    b"\x89PNG": "a picture",
    b"\xff\xd8\xff": "a picture",
    b"\x1f\x8b": "a compressed file",
}


def read_sheet(raw: bytes, *, encoding: str = "") -> Sheet:
    """Read CSV or XLSX, whatever its name; `encoding` is of a CSV that is not UTF-8. Raises InputError."""
    if len(raw) > BYTES_MAX:
        msg = f"the file has more than {BYTES_MAX // 1_000_000} MB: cut it into smaller ones"
        raise InputError(msg, field="file")
    stranger = next((what for mark, what in _STRANGERS.items() if raw.startswith(mark)), None)
    if stranger is not None:
        msg = f"the file is {stranger}, whatever its name says: save it as CSV or XLSX"
        raise InputError(msg, field="file")
    return read_workbook(raw) if raw.startswith(b"PK\x03\x04") else read_delimited(raw, encoding)


def write_sheet(
    format_: Format,
    header: Sequence[str],
    rows: Iterable[Sequence[str | int | None]],
    *,
    delimiter: str = ",",
) -> bytes:
    """Write a file that opens without running anything: text that looks like a formula is marked as text."""
    if format_ is Format.XLSX:
        return write_workbook(header, rows)
    return write_delimited(header, rows, delimiter)

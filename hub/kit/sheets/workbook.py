"""XLSX: the first sheet of a workbook, its values without their formulas.

openpyxl is loaded when the first workbook comes: most processes of the hub never see one.
"""

import io
import warnings
import zlib
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from functools import cache
from importlib import import_module
from typing import Any
from xml.etree.ElementTree import ParseError
from zipfile import BadZipFile, ZipFile

from hub.kit.sheets.rows import COLUMNS_MAX, Format, Row, Sheet, gather, guarded, unguarded
from hub.model.errors import InputError

UNPACKED_MAX = 200_000_000
_BROKEN = (
    *(ArithmeticError, AttributeError, BadZipFile, EOFError, LookupError, NotImplementedError, OSError),
    *(ParseError, RuntimeError, TypeError, ValueError, zlib.error),
)
_NO_XML = str.maketrans(
    dict.fromkeys([*range(9), 11, 12, *range(14, 32)], "\ufffd")
)  # what XML has no sign for


def read_workbook(raw: bytes) -> Sheet:
    """Raises InputError where it is none, or grows beyond its limits when it is unpacked."""
    try:
        return _read(raw)
    except _BROKEN as error:
        msg = "the file is a damaged or locked workbook, or none at all: open it, and save it as XLSX or CSV"
        raise InputError(msg, field="file") from error


def write_workbook(header: Sequence[str], rows: Iterable[Sequence[str | int | None]]) -> bytes:
    """Text stays text, so that a SKU keeps the zeros it begins with."""
    book = _openpyxl().Workbook(write_only=True)
    sheet = book.create_sheet("hub")
    sheet.freeze_panes = "A2"
    for row in (header, *rows):
        sheet.append([_plain(sheet, cell) for cell in row])
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


@cache
def _openpyxl() -> Any:
    return import_module("openpyxl")


def _read(raw: bytes) -> Sheet:
    with ZipFile(io.BytesIO(raw)) as packed:
        unpacked = sum(each.file_size for each in packed.infolist())  # no more than this is ever unpacked
    if unpacked > UNPACKED_MAX:
        msg = f"the workbook has more than {UNPACKED_MAX // 1_000_000} MB inside: save it as CSV, or cut it"
        raise InputError(msg, field="file")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of styles and extensions nobody asked for
        book = _openpyxl().load_workbook(io.BytesIO(raw), read_only=True, data_only=True)
        sheet, *others = book.worksheets
        sheet.reset_dimensions()  # what the file says of its own size may be wrong
        notes = [f"Only the first sheet, “{sheet.title}”, is read."] if others else []
        return gather(_rows(sheet), Format.XLSX, notes=notes)


def _rows(sheet: Any) -> Iterator[Row]:
    for number, values in enumerate(sheet.iter_rows(max_col=COLUMNS_MAX + 1, values_only=True), 1):
        cells = tuple(_text(value) for value in values)
        while cells and not cells[-1]:
            cells = cells[:-1]
        typed = frozenset(place for place, value in enumerate(values) if _is_number(value))
        yield Row(number, cells, typed)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _text(value: object) -> str:
    """A number as a person wrote it: 123 where the workbook has 123.0."""
    match value:
        case None:
            return ""
        case str():
            return unguarded(value)
        case float() if value.is_integer() and abs(value) < 1e15:
            return str(int(value))
        case datetime() | date():
            return value.isoformat()
        case _:
            return str(value)


def _plain(sheet: Any, value: str | int | None) -> Any:
    if not isinstance(value, str):
        return value
    cell = _openpyxl().cell.WriteOnlyCell(sheet, guarded(value).translate(_NO_XML))
    cell.data_type = "s"
    return cell

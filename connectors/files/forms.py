"""A batch as JSON Lines or as CSV. Amounts are texts, to the last digit. Pure."""

import csv
import io
from collections.abc import Iterator, Sequence

import msgspec

from hub.spec import Export, ExportedLevel, ExportedLine, ExportedOrder

FORMULA = ("=", "+", "-", "@", "\t", "\r")  # a spreadsheet would run a text that begins so
ORDER_FIELDS = tuple(each for each in ExportedOrder.__struct_fields__ if each != "lines")
LINE_FIELDS = ExportedLine.__struct_fields__
LEVEL_FIELDS = ExportedLevel.__struct_fields__
_encode = msgspec.json.Encoder(decimal_format="string").encode


def json_lines_of(export: Export) -> Iterator[bytes]:
    for each in (*export.orders, *export.levels):
        yield _encode(each) + b"\n"


def csv_of(export: Export) -> Iterator[bytes]:
    """Of orders, a row for each line, with `line_` before what is the line's own; an order without lines has one."""
    if export.levels:
        yield _row(LEVEL_FIELDS)
        for level in export.levels:
            yield _row([getattr(level, name) for name in LEVEL_FIELDS])
        return
    yield _row([*ORDER_FIELDS, *(f"line_{name}" for name in LINE_FIELDS)])
    for order in export.orders:
        own = [getattr(order, name) for name in ORDER_FIELDS]
        lines: Sequence[ExportedLine | None] = order.lines or [None]
        for line in lines:
            yield _row([*own, *(getattr(line, name, "") for name in LINE_FIELDS)])


def _row(values: Sequence[object]) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerow([_cell(each) for each in values])
    return text.getvalue().encode()


def _cell(value: object) -> str:
    if isinstance(value, list):
        return " ".join(map(str, value))
    if isinstance(value, dict):
        return _encode(value).decode() if value else ""
    if isinstance(value, str):
        return f"'{value}" if value.startswith(FORMULA) else value
    return "" if value is None else str(msgspec.to_builtins(value))

"""Lists of SKUs with how many of each, as people type and paste them. Pure."""

import re
from collections.abc import Iterable, Mapping

from msgspec import Struct

from hub.model.errors import InputError

UNITS_MAX = 1_000_000
LINES_MAX = 2_000
_CELLS = re.compile(r"\s*[\t;,]\s*|\s+(?=\S+$)")


class Units(Struct, frozen=True):
    """So many units of one SKU."""

    sku: str
    units: int


def summed(lines: Iterable[Units], *, what: str) -> dict[str, int]:
    """Units by SKU, each once, in order of SKUs (L7); raises InputError naming the line that cannot be."""
    added: dict[str, int] = {}
    for line in lines:
        if not 1 <= line.units <= UNITS_MAX:
            msg = f"the {what} has {line.units} of {line.sku}: it must be from 1 to {UNITS_MAX}"
            raise InputError(msg, field="lines")
        added[line.sku] = added.get(line.sku, 0) + line.units
    if not 1 <= len(added) <= LINES_MAX:
        msg = f"the {what} names {len(added)} SKUs: it must be from 1 to {LINES_MAX}"
        raise InputError(msg, field="lines")
    return dict(sorted(added.items()))


def read_lines(text: str) -> list[Units]:
    """Read one SKU and its number a line, parted by a comma, semicolon, tab or space; a first line may name columns.

    Raises InputError naming the first line that cannot be read.
    """
    rows = [(number, line.strip()) for number, line in enumerate(text.splitlines(), 1) if line.strip()]
    read = []
    for place, (number, line) in enumerate(rows):
        units = _read_line(line)
        if units is not None:
            read.append(units)
        elif place > 0 or len(rows) == 1 or any(letter.isdigit() for letter in _CELLS.split(line)[-1]):
            msg = f"line {number}, {line[:60]!r}, is not a SKU and a number: write it as MUG-BLUE, 12"
            raise InputError(msg, field="lines")
    return read


def read_pair(written: str) -> Units:
    """Read SKU:12, as commands take it; raises InputError."""
    sku, _, number = written.rpartition(":")
    if not sku or not _is_count(number):
        msg = f"{written!r} is not a SKU and a number: write it as MUG-BLUE:12"
        raise InputError(msg, field="lines")
    return Units(sku, int(number))


def renamed(lines: Iterable[Units], names: Mapping[str, str]) -> list[Units]:
    """The lines under the SKUs that their words stand for; raises InputError naming the words that stand for none."""
    named = list(lines)
    strange = sorted({each.sku for each in named} - names.keys())
    if strange:
        msg = f"no SKU or barcode is {', '.join(strange[:5])}: see hub sku list"
        raise InputError(msg, field="lines")
    return [Units(names[each.sku], each.units) for each in named]


def _read_line(line: str) -> Units | None:
    cells = [cell.strip().strip('"') for cell in _CELLS.split(line)]
    if len(cells) < 2 or not cells[0] or not _is_count(cells[1]):
        return None
    return Units(cells[0], int(cells[1]))


def _is_count(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= len(str(UNITS_MAX))

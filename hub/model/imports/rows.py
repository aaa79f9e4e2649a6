"""From cells to rows: which column is which, and what every row of a file must hold to. Pure."""

import re
from collections.abc import Iterator, Mapping, Sequence

from msgspec import Struct

from hub.model.errors import InputError
from hub.model.imports.kinds import COLUMNS, KEYS, Column, Kind
from hub.model.imports.lines import Line, Outcome

WHY = "why"
"""The column that a file of refused rows has more: it is passed over when the file comes back."""
_BETWEEN_WORDS = re.compile(r"[\s_\-]+")


class How(Struct, frozen=True):
    """What is said beside the file: a value for all its rows, how its amounts are written, and why."""

    location: str = ""
    channel: str = ""
    decimal_comma: bool = False
    reason: str = ""

    @property
    def said(self) -> dict[str, str]:
        values = {"location": self.location, "channel": self.channel}
        return {name: value for name, value in values.items() if value}


class Given(Struct, frozen=True):
    """One row as the file has it: `texts` by column, of those columns it has. `typed` are numbers in a workbook."""

    row: int
    texts: Mapping[str, str]
    typed: frozenset[str] = frozenset()

    def text(self, column: str) -> str:
        return self.texts.get(column, "").strip()

    def key(self, kind: Kind) -> tuple[str, ...]:
        return tuple(self.text(column) for column in KEYS[kind])


class Layout(Struct, frozen=True):
    """Where each column is; `unknown` are names nobody reads."""

    places: Mapping[str, int]
    unknown: tuple[str, ...]
    width: int


def lay_out(kind: Kind, header: Sequence[str], how: How) -> Layout:
    """Find the columns by their names, in any case and order. Raises InputError for one missing or twice there."""
    known = {_plain(name): column.name for column in COLUMNS[kind] for name in (column.name, *column.also)}
    places: dict[str, int] = {}
    unknown = []
    for place, written in enumerate(header):
        name = known.get(_plain(written))
        if name in places:
            msg = f"columns {places[name] + 1} and {place + 1} are both {name}: take one of them out"
            raise InputError(msg, field="file")
        if name is not None:
            places[name] = place
        elif written.strip() and _plain(written) != WHY:
            unknown.append(written.strip()[:60])
    _refuse_missing(kind, header, {*places, *how.said})
    return Layout(places, tuple(unknown), len(header))


def _refuse_missing(kind: Kind, header: Sequence[str], there: set[str]) -> None:
    missing = [column for column in COLUMNS[kind] if column.needed and column.name not in there]
    if missing:
        found = ", ".join(repr(each.strip()[:30]) for each in header if each.strip())[:200]
        needs = "; ".join(_needed(column) for column in missing)
        msg = f"the file lacks {needs}. Its first row has {found}. An example: hub import template {kind}"
        raise InputError(msg, field="file")


def _needed(column: Column) -> str:
    also = ", ".join(name for name in column.also[:3] if name.isascii())
    beside = f"; or say --{column.name} for all rows" if column.name in How.__struct_fields__ else ""
    return f"the column {column.name} (also: {also}{beside})"


def read_row(layout: Layout, number: int, cells: Sequence[str], typed: frozenset[int], how: How) -> Given:
    texts = {name: cells[place] if place < len(cells) else "" for name, place in layout.places.items()}
    beside = {name: value for name, value in how.said.items() if not texts.get(name, "").strip()}
    numbers = frozenset(name for name, place in layout.places.items() if place in typed)
    return Given(number, texts | beside, numbers)


def sift(kind: Kind, rows: Sequence[tuple[Given, int]], layout: Layout) -> Iterator[Given | Line]:
    """Of all rows of a file, in their order: those to look at, and lines for those that cannot be, each with why.

    Each row comes with how many cells it has.
    """
    seen: dict[tuple[str, ...], int] = {}
    for given, width in rows:
        problem = _problem(kind, given, width, layout, seen)
        yield (
            given
            if problem is None
            else Line(
                given.row, " at ".join(filter(None, given.key(kind)))[:200], Outcome.REFUSED, (), *problem
            )
        )


def _problem(
    kind: Kind, given: Given, width: int, layout: Layout, seen: dict[tuple[str, ...], int]
) -> tuple[str, str] | None:
    if width > layout.width:
        return "", (
            f"it has {width} cells, and the header {layout.width}: put quotes around what has a comma in it, or a"
            " semicolon where semicolons part the columns"
        )
    if odd := next((name for name, text in given.texts.items() if "\0" in text), None):
        return odd, "it has NUL in it, which is no character: type it anew"
    if lost := next((name for name in KEYS[kind] if not given.text(name)), None):
        return lost, f"it has no {lost}: fill it in"
    key = given.key(kind)
    earlier = seen.setdefault(key, given.row) if key else given.row
    if earlier != given.row:
        return KEYS[kind][0], f"row {earlier} is about the same: keep one of them"
    return None


def _plain(name: str) -> str:
    return _BETWEEN_WORDS.sub(" ", name.strip().casefold())

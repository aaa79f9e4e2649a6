"""Counts: what people find on the shelf, held against the books as they were at that moment. Pure."""

import math
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from msgspec import Struct

from hub.model.errors import InputError, WrongStateError
from hub.model.stock.lines import UNITS_MAX

DAYS_MAX = 365
MOVED_DAYS = 90


class State(StrEnum):
    OPEN = "open"
    POSTED = "posted"
    DROPPED = "dropped"


class Scope(StrEnum):
    """What stands on a sheet: all that the books have at the location, its riskiest SKUs, or those somebody chose."""

    LOCATION = "location"
    RISKIEST = "riskiest"
    CHOSEN = "chosen"


class Entry(Struct, frozen=True):
    """What somebody found. `adds`: so many more than were counted so far, as a scan adds one; else so many in all.

    `id` is made by the device: the same entry sent twice counts once.
    """

    id: UUID
    sku: str
    units: int
    adds: bool = False
    by: str = ""


class Line(Struct, frozen=True):
    """One SKU of a sheet. `expected` is what the books had when it was counted, not when the sheet began.

    `first_at` is when the count began that `counted_at` ended: what moved between may have been counted or not.
    """

    sku: str
    counted: int | None = None
    expected: int | None = None
    first_at: datetime | None = None
    counted_at: datetime | None = None
    counted_by: str = ""
    reason: str = ""

    @property
    def difference(self) -> int:
        return self.counted - self.expected if self.counted is not None and self.expected is not None else 0


class Risk(Struct, frozen=True):
    """Why a SKU should be counted: each factor adds by its order of magnitude, so none drowns the others.

    `value` is its price times the units on hand, `moved` the units that came and went in MOVED_DAYS days, `days` those
    since its last count (DAYS_MAX where it never was), `differed` the units its counts of the last year were off by.
    """

    value: Decimal
    moved: int
    days: int
    differed: int

    @property
    def score(self) -> float:
        factors = (float(max(self.value, Decimal(0))), self.moved, self.days, self.differed)
        return round(sum(math.log1p(factor) for factor in factors), 2)


def refuse_closed(number: int, state: State) -> None:
    """Raises WrongStateError where a sheet takes no more."""
    if state is not State.OPEN:
        msg = f"count sheet {number} is {state}: begin another one, with: hub count new LOCATION"
        raise WrongStateError(msg)


def refuse_uncountable(sku: str, counted: int, *, field: str) -> None:
    """Raises InputError for what can lie nowhere."""
    if not 0 <= counted <= UNITS_MAX:
        msg = f"{counted} of {sku} cannot lie anywhere: it must be from 0 to {UNITS_MAX}"
        raise InputError(msg, field=field)


def entered(line: Line, entries: Sequence[Entry], *, on_hand: int, at: datetime) -> Line:
    """The line after these entries, in their order, at a moment when the books have `on_hand`; raises InputError."""
    counted, first_at = line.counted, line.first_at
    for entry in entries:
        counted = (counted or 0) + entry.units if entry.adds else entry.units
        first_at = first_at if entry.adds and first_at else at
        refuse_uncountable(line.sku, counted, field="units")
    by = entries[-1].by if entries else line.counted_by
    return Line(line.sku, counted, on_hand, first_at, at, by)


def read_units(written: str) -> tuple[int, bool]:
    """Read what a person typed: 12 is twelve in all, +3 and -1 are more and less, nothing is one more."""
    text = written.strip().replace("−", "-")
    digits = text[1:] if text[:1] in {"+", "-"} else text
    if text and not (digits.isascii() and digits.isdigit() and len(digits) <= len(str(UNITS_MAX))):
        msg = f"{written[:20]!r} is no number of units: type 12 for all of them, or +3 for three more"
        raise InputError(msg, field="units")
    if not text:
        return 1, True
    return (-int(digits) if text[0] == "-" else int(digits)), text[0] in "+-"


def refuse_undecided(number: int, lines: Sequence[Line]) -> None:
    """A difference is posted with a reason, or counted again; raises InputError naming the first ones without."""
    open_lines = [line for line in lines if line.difference and not line.reason.strip()]
    if open_lines:
        named = ", ".join(f"{line.sku} {line.difference:+}" for line in open_lines[:5])
        one = len(open_lines) == 1
        lack, it = ("1 difference", "it") if one else (f"{len(open_lines)} differences", "them")
        msg = (
            f"{lack} of count sheet {number} {'has' if one else 'have'} no reason yet ({named}):"
            f" accept {it} with one, or have {it} counted again"
        )
        raise InputError(msg, field="reason")

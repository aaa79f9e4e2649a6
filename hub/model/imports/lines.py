"""What becomes of each row: what it changes, from what to what, or why it is refused. Pure."""

from collections import Counter
from collections.abc import Iterable
from enum import StrEnum

from msgspec import Struct

from hub.model.errors import InputError


class Outcome(StrEnum):
    NEW = "new"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    REFUSED = "refused"


class Change(Struct, frozen=True):
    what: str
    old: str
    new: str


class Line(Struct, frozen=True):
    """One row of a file; `key` is what it is about. A refused one says in which column, and `why`, what to do."""

    row: int
    key: str
    outcome: Outcome
    changes: tuple[Change, ...] = ()
    column: str = ""
    why: str = ""

    @property
    def writes(self) -> bool:
        return self.outcome in {Outcome.NEW, Outcome.CHANGED}


class Tally(Struct, frozen=True):
    """How many rows became what."""

    new: int = 0
    changed: int = 0
    unchanged: int = 0
    refused: int = 0

    @property
    def rows(self) -> int:
        return self.new + self.changed + self.unchanged + self.refused

    def plus(self, other: "Tally") -> "Tally":
        return Tally(*(getattr(self, name) + getattr(other, name) for name in self.__struct_fields__))


def tally(lines: Iterable[Line]) -> Tally:
    counted = Counter(line.outcome for line in lines)
    return Tally(*(counted[outcome] for outcome in Outcome))


def refused(row: int, key: str, error: InputError) -> Line:
    return Line(row, key, Outcome.REFUSED, (), error.field, str(error))


def compared(row: int, key: str, changes: Iterable[Change], *, is_new: bool) -> Line:
    """New, changed, or unchanged where nothing differs."""
    differ = tuple(change for change in changes if change.old != change.new)
    if is_new:
        return Line(row, key, Outcome.NEW, differ)
    return Line(row, key, Outcome.CHANGED if differ else Outcome.UNCHANGED, differ)

"""Backorders and preorders: how far a SKU is sold ahead of its stock, and until when it is expected. Pure.

A limit counts units of the SKU itself; what a line has on backorder is counted in units sold.
"""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from enum import StrEnum

from msgspec import Struct

from hub.model.errors import InputError
from hub.model.stock.wants import Want

LIMIT_MAX = 1_000_000
_LAST_TO_END = timedelta(hours=12)  # a day ends last by UTC-12


class AheadKind(StrEnum):
    """A preorder is sold before the first receipt."""

    BACKORDER = "backorder"
    PREORDER = "preorder"


class Terms(Struct, frozen=True):
    """At most `limit` units of a SKU may be sold ahead of its stock at any time; 0 takes no new ones."""

    limit: int
    expected: date | None = None
    kind: AheadKind = AheadKind.BACKORDER


class Ahead(Struct, frozen=True):
    """The terms of a SKU with what is on backorder already: `taken` may exceed a limit that was lowered since."""

    terms: Terms
    taken: int = 0

    @property
    def left(self) -> int:
        return max(0, self.terms.limit - self.taken)


NONE_AHEAD: Mapping[str, Ahead] = {}


class Backordered(Struct, frozen=True):
    """So many units sold wait for stock that is not there yet, by our own word."""

    units: int
    expected: date | None = None
    kind: AheadKind = AheadKind.BACKORDER


class Queue:
    """What may still be sold ahead while a plan is made."""

    def __init__(self, ahead: Mapping[str, Ahead]) -> None:
        self._ahead = ahead
        self._left = {sku: each.terms.limit - each.taken for sku, each in ahead.items()}

    @property
    def is_open(self) -> bool:
        """Whether any SKU is sold ahead at all."""
        return bool(self._ahead)

    def accept(self, want: Want, lacking: int) -> Backordered:
        """Put what a line lacks on backorder, as far as the limit goes; what it has there already is never lost."""
        ahead = self._ahead.get(want.sku)
        if ahead is None:
            return Backordered(0)
        kept = min(lacking, want.backordered)
        self._left[want.sku] += (want.backordered - kept) * want.units
        more = min(lacking - kept, max(0, self._left[want.sku]) // want.units)
        self._left[want.sku] -= more * want.units
        return Backordered(kept + more, ahead.terms.expected, ahead.terms.kind)


def is_over(day: date, at: datetime) -> bool:
    """Whether it has ended everywhere on earth."""
    return day < (at - _LAST_TO_END).date()


def when(expected: date | None, at: datetime) -> str:
    """As a person is told the day: 2026-12-10, or 2026-11-20, overdue; nothing where none is known."""
    if expected is None:
        return ""
    return f"{expected}, overdue" if is_over(expected, at) else str(expected)


def when_all(expected: Iterable[date | None], at: datetime) -> str:
    """By when the last of these is there."""
    return when(max((day for day in expected if day), default=None), at)


def in_words(late: Backordered, *, at: datetime) -> str:
    """3 on backorder, expected 2026-12-10."""
    return f"{late.units} on {late.kind}{_expected(late.expected, at)}"


def sentence(sku: str, ahead: Ahead, *, at: datetime) -> str:
    """The terms as a person reads them."""
    terms, expected = ahead.terms, _expected(ahead.terms.expected, at)
    return f"{sku} takes {terms.kind}s up to {terms.limit}{expected}: {ahead.taken} taken, {ahead.left} left"


def _expected(day: date | None, at: datetime) -> str:
    return f", expected {when(day, at)}" if day else ""


def refuse_bad(sku: str, terms: Terms, *, at: datetime) -> None:
    """Raises InputError naming the field that cannot be so."""
    if terms.expected and is_over(terms.expected, at):
        msg = (
            f"{sku} cannot be expected on {terms.expected}, which is over: say a day to come, or none at all"
        )
        raise InputError(msg, field="expected")
    if not 0 <= terms.limit <= LIMIT_MAX:
        msg = f"the backorder limit of {sku} is {terms.limit}: it must be from 0 to {LIMIT_MAX}"
        raise InputError(msg, field="limit")

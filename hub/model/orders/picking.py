"""Pick lists: what is taken off the shelves for a batch of orders, and what is not there. Pure.

Counts of lines are units sold, counts of parts are stock units: a bundle is sold whole and picked part by part.
"""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from uuid import UUID

from msgspec import Struct

from hub.model.errors import InputError, WrongStateError
from hub.model.stock.lines import UNITS_MAX

SHELF_MAX = 50  # characters of a place on the shelves
REASON_MAX = 500


class State(StrEnum):
    """`done`: nothing of it is being picked any more; `dropped`: somebody gave it up."""

    OPEN = "open"
    DONE = "done"
    DROPPED = "dropped"


class Pick(Struct, frozen=True):
    """One part of an order's line on a list, oldest promise first.

    `open` units sold of the line are being picked; `promised` are promised to it at this location now: fewer where the
    order was changed, canceled or shipped since. One unit sold takes `units` of `sku`; `picked` are in hand.
    """

    line_id: UUID
    order_id: UUID
    order: int
    sku: str
    units: int
    open: int
    promised: int
    picked: int
    held: bool = False

    @property
    def needed(self) -> int:
        """Units sold that still have to go."""
        return min(self.open, self.promised)

    @property
    def missing(self) -> int:
        return max(0, self.needed * self.units - self.picked)

    @property
    def surplus(self) -> int:
        """Stock units in hand that no line asks for any more: somebody puts them back."""
        return max(0, self.picked - self.needed * self.units)


class Entry(Struct, frozen=True):
    """So many units of a SKU were taken off the shelf, or put back where negative.

    `id` is made by the device: the same entry sent again counts once.
    """

    id: UUID
    sku: str
    units: int = 1
    by: str = ""


def entered(picks: Sequence[Pick], entries: Sequence[Entry]) -> dict[tuple[UUID, str], int]:
    """By how much the entries change what is in hand of each part; the oldest promise is served first.

    Raises InputError where more is taken than the list asks for, or more put back than is in hand.
    """
    hand = {(each.line_id, each.sku): each.picked for each in picks}
    before = dict(hand)
    for entry in entries:
        if not -UNITS_MAX <= entry.units <= UNITS_MAX or entry.units == 0:
            msg = f"{entry.units} of {entry.sku} cannot be picked: say 1 or more, or -1 to put one back"
            raise InputError(msg, field="units")
        own = [each for each in picks if each.sku == entry.sku]
        if not own:
            msg = f"{entry.sku} is not on this list: put it back"
            raise InputError(msg, field="code")
        left = _serve(own, hand, entry.units) if entry.units > 0 else _put_back(own, hand, -entry.units)
        if left:
            msg = _too_many(entry, left)
            raise InputError(msg, field="units")
    return {key: units - before[key] for key, units in hand.items() if units != before[key]}


def _serve(own: Sequence[Pick], hand: dict[tuple[UUID, str], int], units: int) -> int:
    """Return what nobody asks for."""
    for each in own:
        key = (each.line_id, each.sku)
        taken = min(units, max(0, each.needed * each.units - hand[key]))
        hand[key] += taken
        units -= taken
    return units


def _put_back(own: Sequence[Pick], hand: dict[tuple[UUID, str], int], units: int) -> int:
    """What nobody asks for any more goes first, then what the newest promise has."""
    ordered = [*own, *reversed(own)]
    floors = [each.needed * each.units for each in own] + [0] * len(own)
    for each, floor in zip(ordered, floors, strict=True):
        key = (each.line_id, each.sku)
        taken = min(units, max(0, hand[key] - floor))
        hand[key] -= taken
        units -= taken
    return units


def _too_many(entry: Entry, left: int) -> str:
    if entry.units < 0:
        return f"{-entry.units} of {entry.sku} cannot be put back: {-entry.units - left} are in hand"
    asked = entry.units - left
    return f"{left} of {entry.sku} is more than the list asks for ({asked} missing): put it back"


class Shortage(Struct, frozen=True):
    """What of a SKU is not there: `short` units sold by line, `missing` stock units in all."""

    short: Mapping[UUID, int]
    missing: int


def shortage_of(picks: Sequence[Pick], sku: str) -> Shortage:
    """All that the list still asks for of a SKU: an order gets whole units sold, or none."""
    lacking = [each for each in picks if each.sku == sku and each.missing]
    short = {each.line_id: -(-each.missing // each.units) for each in lacking}
    return Shortage(short, sum(each.missing for each in lacking))


def refuse_closed(number: int, state: State) -> None:
    """Raises WrongStateError where a list takes no more."""
    if state is not State.OPEN:
        msg = f"pick list {number} is {state}: begin another one, with: hub pick new LOCATION"
        raise WrongStateError(msg)


def refuse_bad_reason(reason: str) -> None:
    if not reason.strip() or len(reason) > REASON_MAX:
        msg = "say why it is not there, such as 'not found' or 'damaged'"
        raise InputError(msg, field="reason")


def read_shelf(written: str) -> str:
    """A place on the shelves, such as A-03-2; sorted as text. Raises InputError."""
    shelf = written.strip()
    if len(shelf) > SHELF_MAX or not shelf.isprintable():
        msg = (
            f"{shelf[:20]!r} is no place on a shelf: {SHELF_MAX} printable characters at most, such as A-03-2"
        )
        raise InputError(msg, field="shelf")
    return shelf

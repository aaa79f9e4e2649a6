"""Pages of a simulated API, in the three styles that vendors use."""

from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

from msgspec import Struct

from hub.spec.testing.profile import Paging, Profile
from hub.spec.testing.routes import SimRefusal
from hub.spec.testing.wire import sim_json

Row = TypeVar("Row")
_EMPTY = "~"  # of a cursor: the empty page before this place has been given already


class SimPage(Struct, Generic[Row], frozen=True):
    """`position` asks for the page after this one; where there is none yet, it will ask for what comes later."""

    items: list[Row]
    position: str
    more: bool
    total: int


def page_of(
    rows: Sequence[Row], position: str, profile: Profile, *, mark: Callable[[Row], str], limit: int = 10_000
) -> SimPage[Row]:
    """One page of rows that are sorted by `mark`, a text of their own; an empty position is the beginning."""
    size = max(1, min(limit, profile.page_max))
    if profile.paging is Paging.KEYSET:
        return _after(rows, position, size, profile, mark)
    step = 1 if profile.paging is Paging.NUMBERED else size
    start = _start(position, profile.paging, size)
    found = list(rows[start : start + size])
    place = (start // size + 1 if profile.paging is Paging.NUMBERED else start) + step
    return SimPage(found, str(place), start + size < len(rows), len(rows))


def _after(
    rows: Sequence[Row], position: str, size: int, profile: Profile, mark: Callable[[Row], str]
) -> SimPage[Row]:
    last = _read(position.removeprefix(_EMPTY))
    rest = [row for row in rows if mark(row) > last]
    if profile.empty_pages and rest and not position.startswith(_EMPTY):
        return SimPage([], _EMPTY + position, more=True, total=len(rows))
    found = rest[:size]
    place = mark(found[-1]).encode().hex() if found else position
    return SimPage(found, place, len(rest) > size, len(rows))


def _read(position: str) -> str:
    try:
        return bytes.fromhex(position).decode()
    except ValueError as error:
        raise SimRefusal(sim_json({"error": "this cursor is none of ours"}, 400)) from error


def _start(position: str, paging: Paging, size: int) -> int:
    if position and not (position.isascii() and position.isdigit()):
        raise SimRefusal(sim_json({"error": "this page is no number"}, 400))
    number = int(position or (1 if paging is Paging.NUMBERED else 0))
    return max(0, number - 1) * size if paging is Paging.NUMBERED else number

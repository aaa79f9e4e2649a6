"""Goods that come back, on the page of their order: what, what becomes of it, and what still waits for a look."""

from collections.abc import Mapping, Sequence
from uuid import UUID, uuid5

from msgspec import Struct

from hub.kit.ids import uuid7
from hub.model.errors import InputError
from hub.model.orders.returns import Comeback, Disposition
from hub.model.stock.locations import Location
from hub.store import returns, rmas
from hub.store.db import Tx
from hub.store.returns import LineOut, Return
from hub.store.rmas import RmaBrief
from hub.store.stock import locations
from hub.web.desk.orders.draft import read_quantity

SHOWN_MAX = 100


class ReturnsView(Struct, frozen=True):
    """`out` are the lines of which units may still come back; `command_id` makes a double click one return."""

    command_id: str
    out: list[LineOut] = []
    back: list[Return] = []
    places: list[Location] = []
    rmas: list[RmaBrief] = []


async def view_returns(tx: Tx, number: int, *, shipped: bool) -> ReturnsView:
    """Nothing is asked of an order of which nothing has left."""
    if not shipped:
        return ReturnsView("")
    out = [line for line in await returns.lines_out(tx, number) if line.out > 0]
    back = await returns.list_returns(tx, number=number, limit=SHOWN_MAX)
    asked = await rmas.list_rmas(tx, order=number, limit=SHOWN_MAX)
    return ReturnsView(str(uuid7()), out, back, await locations.all_locations(tx), asked)


def read_comebacks(given: Mapping[str, str], line_ids: list[UUID]) -> list[Comeback]:
    """One for each line with a number beside it. Raises InputError that says what is missing."""
    became, reason = read_disposition(given), given.get("reason", "")
    location, command = place_of(given, became), form_id(given)
    return [
        Comeback(part_id(command, line_id), line_id, units, became, location, reason)
        for line_id, units in some_units(given, line_ids).items()
    ]


def place_of(given: Mapping[str, str], became: Disposition) -> str | None:
    """Where what is sold again lies; of all else the form's place says nothing."""
    return given.get("location") or None if became is Disposition.RESTOCK else None


def units_beside(given: Mapping[str, str], line_ids: Sequence[UUID]) -> dict[UUID, int]:
    """What is typed beside lines. Raises InputError for what is no number."""
    counted = {line_id: given.get(f"units-{line_id}", "") for line_id in line_ids}
    return {line_id: _units(words) for line_id, words in counted.items() if words not in {"", "0"}}


def some_units(given: Mapping[str, str], line_ids: Sequence[UUID]) -> dict[UUID, int]:
    """As units_beside. Raises InputError where nothing is typed as well."""
    chosen = units_beside(given, line_ids)
    if not chosen:
        msg = "the form names no units: type how many beside a line"
        raise InputError(msg, field="units")
    return chosen


def read_disposition(given: Mapping[str, str]) -> Disposition:
    try:
        return Disposition(given.get("disposition", ""))
    except ValueError as error:
        msg = f"say what becomes of the goods: {', '.join(Disposition)}"
        raise InputError(msg, field="disposition") from error


def _units(words: str) -> int:
    units = read_quantity(words)
    if units is None:
        msg = f"{words!r} is no number of units: type 1 or more"
        raise InputError(msg, field="units")
    return units


def form_id(given: Mapping[str, str], name: str = "command_id") -> UUID:
    """The form carries one id, so that the same form again is the same return."""
    try:
        return UUID(given.get(name, ""))
    except ValueError as error:
        msg = "the form has no id of its own: load the page again"
        raise InputError(msg, field=name) from error


def part_id(command: UUID, line_id: UUID) -> UUID:
    """Of one line of a form, whatever else is typed: what was not sent the first time is not what was."""
    return uuid5(command, str(line_id))

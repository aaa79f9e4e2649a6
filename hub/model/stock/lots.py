"""Lots: which units a movement takes and brings, where a SKU is tracked by lot or by serial number. Pure.

A serial number is a lot of one unit. Units nobody has named a lot for are of the lot "". The first to expire goes
first; what never expires goes last, the oldest first.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

from msgspec import Struct

from hub.model.errors import InputError

UNNAMED = ""
CODE_MAX = 100
BATCHES_MAX = 2_000


class Tracking(StrEnum):
    NONE = "none"
    LOT = "lot"
    SERIAL = "serial"


class Batch(Struct, frozen=True):
    """Units of one lot as they are received; `expires_on` is the last day on which they are sold."""

    sku: str
    lot: str
    units: int = 1
    expires_on: date | None = None


class Spot(NamedTuple):
    """Where units of one lot lie."""

    sku: str
    location: str
    lot: str


class LotLevel(Struct, frozen=True):
    """The books of one lot at one location. A list of them is in the order in which lots go out."""

    sku: str
    location: str
    lot: str
    expires_on: date | None
    on_hand: int
    allocated: int

    @property
    def spot(self) -> Spot:
        return Spot(self.sku, self.location, self.lot)


class Moved(Struct, frozen=True):
    """A movement that was recorded; `brings` names the lots of what arrives."""

    id: UUID
    sku: str
    location: str
    kind: str
    on_hand_change: int
    allocated_change: int
    line_id: UUID | None = None
    brings: Mapping[str, int] = {}


class Share(Struct, frozen=True):
    """The part of one movement that one lot takes."""

    movement_id: UUID
    line_id: UUID | None
    sku: str
    location: str
    lot: str
    on_hand_change: int
    allocated_change: int


Holds = Mapping[UUID, Mapping[Spot, tuple[int, int]]]
"""What each order line has of each lot: (promised, shipped) units."""


def spread(moved: Sequence[Moved], levels: Sequence[LotLevel], holds: Holds) -> list[Share]:
    """Part each movement among lots. The shares of a movement add up to it, whatever the books say."""
    books = _Books(levels, holds)
    return [share for each in moved for share in books.part(each)]


def refuse_bad(batches: Sequence[Batch], tracking: Mapping[str, Tracking]) -> None:
    """Raises InputError for the first batch that cannot be received."""
    seen: set[tuple[str, str]] = set()
    if len(batches) > BATCHES_MAX:
        msg = f"{len(batches)} lots at once are too many: send at most {BATCHES_MAX}"
        raise InputError(msg, field="lots")
    for each in batches:
        how = tracking.get(each.sku, Tracking.NONE)
        if how is Tracking.NONE:
            msg = f"{each.sku} is not tracked by lot: say how, with: hub lot track {each.sku} lot"
            raise InputError(msg, field="sku")
        if not each.lot.strip() or len(each.lot) > CODE_MAX or "\0" in each.lot:
            msg = f"a lot of {each.sku} needs a code of 1 to {CODE_MAX} letters, such as L2026-11"
            raise InputError(msg, field="lot")
        if (each.sku, each.lot) in seen:
            msg = f"lot {each.lot} of {each.sku} stands there twice: name it once, with all its units"
            raise InputError(msg, field="lot")
        if each.units < 1 or (how is Tracking.SERIAL and each.units != 1):
            need = "is one unit" if how is Tracking.SERIAL else "has 1 unit or more"
            msg = f"{each.units} units of {each.lot}: a {how} of {each.sku} {need}"
            raise InputError(msg, field="units")
        seen.add((each.sku, each.lot))


class _Books:
    """The working copy while movements are parted, one after the other."""

    def __init__(self, levels: Sequence[LotLevel], holds: Holds) -> None:
        self._order: dict[tuple[str, str], list[Spot]] = {}
        self._on_hand: dict[Spot, int] = {}
        self._allocated: dict[Spot, int] = {}
        self._holds = {line: dict(held) for line, held in holds.items()}
        for level in levels:
            self._order.setdefault((level.sku, level.location), []).append(level.spot)
            self._on_hand[level.spot] = level.on_hand
            self._allocated[level.spot] = level.allocated

    def part(self, moved: Moved) -> list[Share]:
        units = moved.on_hand_change or moved.allocated_change
        taken = self._chosen(moved, abs(units))
        sign = 1 if units > 0 else -1
        return [self._share(moved, spot, sign * count) for spot, count in taken.items() if count]

    def _chosen(self, moved: Moved, units: int) -> dict[Spot, int]:
        """Which lots, and how many of each; what no named lot gives is of the unnamed one."""
        limits = self._limits(moved)
        chosen: dict[Spot, int] = {}
        for spot, limit in limits:
            count = min(units, limit)
            if count > 0:
                chosen[spot] = chosen.get(spot, 0) + count
                units -= count
        if units:
            rest = Spot(moved.sku, moved.location, UNNAMED)
            chosen[rest] = chosen.get(rest, 0) + units
        return chosen

    def _limits(self, moved: Moved) -> list[tuple[Spot, int]]:
        here = self._order.get((moved.sku, moved.location), [])
        held = self._held(moved)
        promised = [(spot, counts[0]) for spot, counts in held if spot.location == moved.location]
        if moved.kind == "release":
            return promised[::-1]  # the last to expire is given back first
        if moved.kind == "return":
            return [(Spot(moved.sku, moved.location, lot), units) for lot, units in _shipped(held).items()]
        if moved.on_hand_change > 0:
            return [(Spot(moved.sku, moved.location, lot), units) for lot, units in moved.brings.items()]
        free = [(spot, self._on_hand[spot] - self._allocated[spot]) for spot in here]
        if moved.allocated_change < 0:  # a shipment of promised units
            return [*promised, *free]
        if moved.kind == "shipment" or moved.allocated_change > 0:
            return free
        return [(Spot(moved.sku, moved.location, lot), units) for lot, units in moved.brings.items()] + free

    def _held(self, moved: Moved) -> list[tuple[Spot, tuple[int, int]]]:
        if moved.line_id is None:
            return []
        return [
            (spot, counts)
            for spot, counts in self._holds.get(moved.line_id, {}).items()
            if spot.sku == moved.sku
        ]

    def _share(self, moved: Moved, spot: Spot, units: int) -> Share:
        on_hand = units if moved.on_hand_change else 0
        allocated = units if moved.allocated_change else 0
        self._on_hand[spot] = self._on_hand.get(spot, 0) + on_hand
        self._allocated[spot] = self._allocated.get(spot, 0) + allocated
        if moved.line_id is not None:
            held = self._holds.setdefault(moved.line_id, {})
            promised, shipped = held.get(spot, (0, 0))
            held[spot] = (promised + allocated, shipped - on_hand)
        return Share(moved.id, moved.line_id, spot.sku, spot.location, spot.lot, on_hand, allocated)


def _shipped(held: Sequence[tuple[Spot, tuple[int, int]]]) -> dict[str, int]:
    """What has left of each lot and has not come back, from wherever it left."""
    out: dict[str, int] = {}
    for spot, (_, shipped) in held:
        out[spot.lot] = out.get(spot.lot, 0) + shipped
    return out

"""Pick-up: an order that its customer collects is made ready, then collected or given back: a table of states. Pure."""

import hmac
from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from msgspec import Struct

from hub.model.errors import InputError, WrongStateError
from hub.model.incoming import Pickup
from hub.model.orders.shipping import Parcel, leaving
from hub.model.orders.taking import HeldLine

DAYS = 7  # it is kept for so long, unless somebody says otherwise
NAME_MAX = 200
NOT_COLLECTED = "not collected"
"""The hold of an order whose goods were given back; resolved, they are promised to it anew."""


class State(StrEnum):
    WAITING = "to be made ready"
    READY = "ready"
    COLLECTED = "collected"
    NOT_COLLECTED = "not collected"


NEXT: Mapping[State, tuple[State, ...]] = {
    State.WAITING: (State.READY,),
    State.READY: (State.COLLECTED, State.NOT_COLLECTED),
    State.COLLECTED: (State.READY,),  # the rest of it is there
    State.NOT_COLLECTED: (State.READY,),  # they come after all
}


class Ready(Struct, frozen=True):
    """What is promised to an order at a location waits there; `location` None: the only one that has anything for it.

    `code` is what the customer is told, to show at the counter.
    """

    order: int
    code: str
    keep_until: datetime
    location: str | None = None


class HandOver(Struct, frozen=True):
    """It was given to a person; `id` is the caller's, and the shipment's. A `code` is compared where it is given."""

    id: UUID
    order: int
    by: str = ""
    code: str = ""


class Kept(Struct, frozen=True):
    """An order that is or was ready: where it waits, until when, and with which code."""

    order_id: UUID
    location: str
    state: State
    keep_until: datetime
    code: str

    def refuse_elsewhere(self, wanted: Ready) -> None:
        """Raises WrongStateError for another counter: an order waits at one."""
        if wanted.location not in {None, self.location}:
            msg = f"order {wanted.order} is ready at {self.location}: hand that over first, or give it back"
            raise WrongStateError(msg)

    def has_any(self, lines: Sequence[HeldLine]) -> bool:
        """Whether anything of the order is promised where it waits."""
        return any(line.picks.get(self.location) for line in lines)

    def checked(self, given: HandOver) -> Parcel:
        """What leaves when it is handed over. Raises InputError for another order's code."""
        if given.code and not hmac.compare_digest(given.code.strip().encode(), self.code.encode()):
            msg = f"that is not the code of order {given.order}: ask for the order's number and a name"
            raise InputError(msg, field="code")
        if len(given.by) > NAME_MAX or not given.by.isprintable():
            msg = f"write who collected it in {NAME_MAX} printable characters at most"
            raise InputError(msg, field="by")
        return Parcel(given.id, given.order, {}, location=self.location, collected=True)


def after(order: int, state: State, told: State) -> State:
    """The state then; the same news again changes nothing. Raises WrongStateError for what cannot be."""
    if told != state and told not in NEXT[state]:
        msg = f"order {order} is {state}, so it cannot be {told} now: {' or '.join(NEXT[state])} can follow"
        raise WrongStateError(msg)
    return told


def place_of(wanted: Ready, pickup: Pickup | None, lines: Sequence[HeldLine], holds: Sequence[str]) -> str:
    """Where it waits to be collected. Raises InputError or WrongStateError where nothing can."""
    if pickup is None:
        msg = f"order {wanted.order} is sent, not collected: pack it, or ship it on its page"
        raise WrongStateError(msg)
    places = {place for line in lines for place, units in line.picks.items() if units}
    if wanted.location is None and len(places) > 1:
        msg = f"order {wanted.order} lies at {', '.join(sorted(places))}: say where it is collected"
        raise InputError(msg, field="location")
    place = wanted.location or next(iter(places), None)
    leaving(Parcel(UUID(int=0), wanted.order, {}, location=place), lines, holds)
    return place or ""

"""Transfers: stock that moves from one location to another, and is in transit between. Pure; counts are stock units."""

from collections.abc import Mapping, Sequence
from enum import StrEnum

from msgspec import Struct

from hub.model.errors import InputError, WrongStateError


class State(StrEnum):
    DRAFT = "draft"
    SENT = "sent"
    RECEIVED = "received"
    CANCELED = "canceled"


class Step(StrEnum):
    CHANGE = "change"
    SEND = "send"
    RECEIVE = "receive"
    CANCEL = "cancel"


NEXT = {
    (State.DRAFT, Step.CHANGE): State.DRAFT,
    (State.DRAFT, Step.SEND): State.SENT,
    (State.DRAFT, Step.CANCEL): State.CANCELED,
    (State.SENT, Step.RECEIVE): State.SENT,
}
"""A sent one is received when nothing of it is in transit any more."""
DONE_ALREADY = {(State.SENT, Step.SEND), (State.CANCELED, Step.CANCEL)}


class Line(Struct, frozen=True):
    """One SKU of a transfer. `lost` left and never came, `found` came and had not been sent."""

    sku: str
    units: int
    sent: int = 0
    received: int = 0
    lost: int = 0
    found: int = 0

    @property
    def in_transit(self) -> int:
        return self.sent - self.received - self.lost


class Arrival(Struct, frozen=True):
    """What becomes of one line as a part of the transfer arrives."""

    sku: str
    received: int = 0
    lost: int = 0
    found: int = 0


def step(number: int, state: State, what: Step) -> State:
    """The state after it, the same one where it is done already; raises WrongStateError saying what is possible."""
    if (state, what) in DONE_ALREADY:
        return state
    after = NEXT.get((state, what))
    if after is None:
        possible = [str(each) for before, each in NEXT if before is state]
        instead = f"you may {' or '.join(possible)} it" if possible else "nothing more can be done with it"
        msg = f"transfer {number} is {state}, so nobody can {what} it: {instead}"
        raise WrongStateError(msg)
    return after


def arrive(lines: Sequence[Line], came: Mapping[str, int] | None, *, close: bool) -> list[Arrival]:
    """Part what came into received, lost and found; `came` None: all that is in transit came.

    With `close`, what has not come by now is lost. More than was sent is found. Raises InputError.
    """
    _refuse_strange(lines, came or {})
    arrivals = []
    for line in lines:
        units = line.in_transit if came is None else came.get(line.sku, 0)
        received = min(units, line.in_transit)
        lost = line.in_transit - received if close else 0
        if received or lost or units > received:
            arrivals.append(Arrival(line.sku, received, lost, units - received))
    if not arrivals:
        msg = "nothing has come: say which SKU and how many, or close the transfer with what is missing"
        raise InputError(msg, field="lines")
    return arrivals


def _refuse_strange(lines: Sequence[Line], came: Mapping[str, int]) -> None:
    known = {line.sku for line in lines}
    for sku, units in came.items():
        if sku not in known:
            msg = f"{sku} is not on this transfer: receive it by itself, with: hub stock receive"
            raise InputError(msg, field="lines")
        if not units >= 0:
            msg = f"{units} of {sku} cannot come: it must be 0 or more"
            raise InputError(msg, field="lines")

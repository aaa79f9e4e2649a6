"""What becomes of a parcel that left: a table of states. Pure."""

from collections.abc import Mapping
from enum import StrEnum

from hub.model.errors import InputError, WrongStateError


class ParcelState(StrEnum):
    SHIPPED = "shipped"
    DELIVERED = "delivered"
    LOST = "lost"
    SENT_BACK = "returned to sender"


NEXT: Mapping[ParcelState, tuple[ParcelState, ...]] = {
    ParcelState.SHIPPED: (ParcelState.DELIVERED, ParcelState.LOST, ParcelState.SENT_BACK),
    ParcelState.LOST: (ParcelState.DELIVERED, ParcelState.SENT_BACK),  # it turned up
    ParcelState.DELIVERED: (),
    ParcelState.SENT_BACK: (),
}


def after(state: ParcelState, told: ParcelState) -> ParcelState:
    """The state then; the same news again changes nothing. Raises WrongStateError for what cannot be."""
    if told != state and told not in NEXT[state]:
        allowed = " or ".join(NEXT[state]) or "nothing more"
        msg = f"a parcel that is {state} cannot be {told} now: {allowed} can follow"
        raise WrongStateError(msg)
    return told


def read_state(words: str) -> ParcelState:
    """Raises InputError for a word nobody knows: it is no failure of the parcel, and changes nothing (C47)."""
    try:
        return ParcelState(words.strip().lower())
    except ValueError as error:
        msg = f"{words[:40]!r} is no state of a parcel: say {', '.join(ParcelState)}"
        raise InputError(msg, field="state") from error

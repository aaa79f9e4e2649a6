"""Drift: a channel shows another number than it confirmed; why that is probable, and what becomes of it (L11). Pure."""

from datetime import datetime, timedelta
from enum import StrEnum

from msgspec import Struct

SETTLES = timedelta(minutes=2)  # so long a write, or a sale over there, may take until both sides know of it
HEALS_MAX = 3  # in HEALS_IN; after that somebody else writes the number too, and a person is asked
HEALS_IN = timedelta(days=1)
PARKED_COUNTS = timedelta(days=1)  # so long a message nobody could read may be the sale that explains it


class Cause(StrEnum):
    """The probable one. The hub looks twice before it believes in any but the first."""

    IN_FLIGHT = "in flight"  # seen once: a sale or a write that one side has not heard of
    LOST_WRITE = "lost write"  # it shows what it showed before the last number it confirmed
    MAPPING = "mapping"  # it shows what another listing with the same SKU over there was told
    OUR_FAULT = "our fault"  # the hub itself computes another number than it told, and nothing waits
    NOT_THERE = "not there"  # it does not know the listing any more
    CONTESTED = "contested"  # put right again and again: another system writes it too
    EDITED = "edited there"


class Policy(StrEnum):
    """What a channel's drift leads to: tell our number again, take theirs into the books, or ask a person."""

    HEAL = "heal"
    ADOPT = "adopt"
    ASK = "ask"


class Deed(StrEnum):
    """How drift ends: by a policy or a person, or by itself, once both numbers agree."""

    HEALED = "healed"
    ADOPTED = "adopted"
    LEFT = "left"  # a person wants it as it is there
    OVER = "over"


BY_A_PERSON = {"heal": Deed.HEALED, "adopt": Deed.ADOPTED, "leave": Deed.LEFT}
"""What a person can say, and what has become of the drift then."""


class Difference(Struct, frozen=True):
    """One listing on the second look: `expected` was confirmed, `before` it something else; the hub computes `would`.

    `shared`: another listing with the same SKU over there was told what this one shows; `heals` are those of late.
    """

    expected: int
    shows: int | None
    before: int | None
    would: int
    shared: bool = False
    heals: int = 0


def cause_of(each: Difference) -> Cause:
    if each.shows is None:
        return Cause.NOT_THERE
    if each.would != each.expected:
        return Cause.OUR_FAULT
    if each.heals >= HEALS_MAX:
        return Cause.CONTESTED
    if each.shared:
        return Cause.MAPPING
    return Cause.LOST_WRITE if each.shows == each.before else Cause.EDITED


_HEALED_BY_ITSELF = (Cause.LOST_WRITE, Cause.OUR_FAULT)
_ASKED = (Cause.NOT_THERE, Cause.CONTESTED, Cause.MAPPING)


def deed_of(cause: Cause, policy: Policy) -> Deed | None:
    """What is done without a person; None where one is asked. What nobody over there wanted is never adopted."""
    if cause in _ASKED or policy is Policy.ASK:
        return None
    if cause in _HEALED_BY_ITSELF or policy is Policy.HEAL:
        return Deed.HEALED
    return Deed.ADOPTED


def is_believed(*, found_at: datetime, at: datetime, pulled_at: datetime | None) -> bool:
    """Whether a second look is late enough: a sale over there would have been told, or pulled, since the first one."""
    return found_at <= at - SETTLES and (pulled_at is None or pulled_at > found_at)


SAYS = {
    Cause.IN_FLIGHT: "a sale or a write one side has not heard of yet; the hub looks again in two minutes",
    Cause.LOST_WRITE: "the last number it confirmed did not stay",
    Cause.MAPPING: "another listing with the same SKU over there writes the same number",
    Cause.OUR_FAULT: "the hub told a number it does not compute: report it",
    Cause.NOT_THERE: "the channel does not know the listing any more",
    Cause.CONTESTED: f"put right {HEALS_MAX} times in a day: another system writes it too",
    Cause.EDITED: "somebody changed it there",
}

LEADS_TO = {
    Policy.HEAL: "A number changed there is told again",
    Policy.ADOPT: "A number changed there is taken into the books, and told everywhere",
    Policy.ASK: "A number changed there waits for a person",
}

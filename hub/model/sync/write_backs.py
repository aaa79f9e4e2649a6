"""Write-backs: what a channel is to be told of an order, and what became of it. A table of states. Pure."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, TypeVar
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from hub.model.edits.deeds import Cancel, Deed, Refund
from hub.model.edits.editing import OWN_LINE
from hub.model.errors import WrongStateError
from hub.model.incoming import IncomingOrder

N = TypeVar("N", int, Decimal)


class Kind(StrEnum):
    FULFILLMENT = "fulfillment"
    CANCELLATION = "cancellation"
    REFUND = "refund"


class State(StrEnum):
    """`claimed`: a worker has it, until its lease is over. `unknown`: its answer was lost, so it is read back first.

    `rejected` is parked for a person, `withdrawn` was undone before it was sent, `dismissed` a person let go of.
    """

    WAITING = "waiting"
    CLAIMED = "claimed"
    UNKNOWN = "unknown"
    APPLIED = "applied"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    DISMISSED = "dismissed"


class Step(StrEnum):
    CLAIM = "claim"
    PUT_OFF = "put off"
    APPLY = "apply"
    REJECT = "reject"
    LOSE = "lose"
    RETRY = "retry"
    DISMISS = "dismiss"
    WITHDRAW = "withdraw"


NEXT: Mapping[tuple[State, Step], State] = {
    (State.WAITING, Step.CLAIM): State.CLAIMED,
    (State.WAITING, Step.DISMISS): State.DISMISSED,
    (State.WAITING, Step.WITHDRAW): State.WITHDRAWN,
    (State.CLAIMED, Step.CLAIM): State.CLAIMED,  # its lease is over: whoever had it may have sent it
    (State.CLAIMED, Step.PUT_OFF): State.WAITING,
    (State.CLAIMED, Step.APPLY): State.APPLIED,
    (State.CLAIMED, Step.REJECT): State.REJECTED,
    (State.CLAIMED, Step.LOSE): State.UNKNOWN,
    (State.UNKNOWN, Step.CLAIM): State.CLAIMED,
    (State.REJECTED, Step.APPLY): State.APPLIED,  # nobody knew, and the channel tells of it after all
    (State.REJECTED, Step.RETRY): State.WAITING,
    (State.REJECTED, Step.DISMISS): State.DISMISSED,
    (State.REJECTED, Step.WITHDRAW): State.WITHDRAWN,
    (State.DISMISSED, Step.RETRY): State.WAITING,
}
OPEN = (State.WAITING, State.CLAIMED, State.UNKNOWN)
"""What the channel is to be told yet; the next one of the same order waits for it."""
ON_ITS_WAY = (State.CLAIMED, State.UNKNOWN)
"""The channel may know of it already."""


def after(state: State, step: Step, what: str = "it") -> State:
    """Raises WrongStateError for a step that the table does not have; `what` names the write-back."""
    if (state, step) in NEXT:
        return NEXT[state, step]
    allowed = " or ".join(each for was, each in NEXT if was is state) or "nothing more"
    msg = f"{what} is {state}, and cannot {step}: {allowed} can follow"
    raise WrongStateError(msg)


class Effect(Struct, frozen=True):
    """What happened to an order here. The cause makes it happen once: a parcel, or an edit.

    Of a cancellation `lines` are units by the channel's id of a line, none for all that has not left; of a refund,
    what of the amount belongs to which line, as text.
    """

    kind: Kind
    order_id: UUID
    cause_id: UUID
    lines: Mapping[str, Any] = {}
    amount: Decimal | None = None


def effects_of(order_id: UUID, edit_id: UUID, deeds: Sequence[Deed]) -> Iterator[Effect]:
    """What of an edit concerns the channel as well: what is canceled, then what money goes back; one of each.

    Lines that a person added are unknown there.
    """
    cancels = [deed for deed in deeds if isinstance(deed, Cancel)]
    units = _sums((line, count) for deed in cancels for line, count in deed.units.items())
    whole = any(not deed.units for deed in cancels)
    if whole or units:
        yield Effect(Kind.CANCELLATION, order_id, edit_id, {} if whole else units)
    refunds = [deed for deed in deeds if isinstance(deed, Refund)]
    if refunds:
        amounts = _sums((deed.line, deed.amount) for deed in refunds if deed.line)
        lines = {line: str(amount) for line, amount in amounts.items()}
        total = sum((deed.amount for deed in refunds), Decimal(0))
        yield Effect(Kind.REFUND, order_id, edit_id, lines, total)


def _sums(parts: Iterable[tuple[str, N]]) -> dict[str, N]:
    sums: dict[str, N] = {}
    for line, part in parts:
        if not line.startswith(OWN_LINE):
            sums[line] = sums[line] + part if line in sums else part
    return sums


class Wish(Struct, frozen=True, kw_only=True):
    """One write-back as it is sent; `at`: when it happened here. `doubtful`: it may have been sent before, and nobody
    heard the answer. `told`: the channel is still told of its kind. `refusals`: how often the channel said no.

    Of a parcel: `units` by the channel's id of a line, and `left`, all that had left of these lines with it.
    `completes`: nothing of the order is open with it, nor told of later; `sent`: something of the order has left.
    `known_lines`: what was ordered of each line that the channel has, as far as the hub has heard.

    Of a label that was corrected: what it `corrects`, and the key and the channel's id of the parcel it is on.
    """

    id: UUID
    kind: Kind
    order_id: UUID
    number: int
    channel_order_id: str
    currency: str
    attempts: int
    at: datetime
    lines: Mapping[str, Any] = {}
    amount: Decimal | None = None
    carrier: str = ""
    tracking: str = ""
    units: Mapping[str, int] = {}
    left: Mapping[str, int] = {}
    completes: bool = False
    sent: bool = False
    known_lines: Mapping[str, int] = {}
    corrects: UUID | None = None
    parcel_key: str = ""
    parcel_ref: str = ""
    doubtful: bool = False
    told: bool = True
    refusals: int = 0

    @property
    def key(self) -> str:
        """The same however often it is sent; another one after a refusal, which a key may bring back for ever."""
        return f"{self.id}-{self.refusals}" if self.refusals else str(self.id)

    @property
    def effect(self) -> str:
        """In the words of the timeline."""
        return "label" if self.corrects else str(self.kind)

    @property
    def is_asked_for(self) -> bool:
        """A person, who could look there, wants it sent although it may be there: attempts count anew since then."""
        return self.doubtful and self.attempts == 1


def as_sold(wish: Wish, sold: Mapping[str, int]) -> Wish:
    """By the channel's own word of what it `sold` of lines that people changed: a parcel has no units beyond it."""
    before = {line: wish.left.get(line, units) - units for line, units in wish.units.items()}
    room = {line: max(0, sold[line] - before[line]) for line in before if line in sold}
    units = {line: min(units, room.get(line, units)) for line, units in wish.units.items()}
    left = {line: min(units, sold.get(line, units)) for line, units in wish.left.items()}
    known = {line: sold.get(line, count) for line, count in wish.known_lines.items()}
    return replace(
        wish, units={line: count for line, count in units.items() if count}, left=left, known_lines=known
    )


def is_there(wish: Wish, order: IncomingOrder) -> bool:
    """Whether the channel's order shows what is wished already, whoever did it.

    An order does not say which money went back, nor which units were canceled by whom.
    """
    match wish.kind:
        case Kind.FULFILLMENT:
            names = {parcel.channel_parcel_id for parcel in order.parcels}
            numbers = {parcel.tracking for parcel in order.parcels} - {""}
            if wish.corrects:
                label = (wish.carrier.casefold(), wish.tracking)
                labels = {(parcel.carrier.casefold(), parcel.tracking) for parcel in order.parcels}
                return label in labels and bool(wish.tracking)
            gone = {line.channel_line_id: line.fulfilled for line in order.lines}
            all_left = all(gone.get(line, 0) >= units for line, units in wish.left.items())
            return wish.key in names or wish.tracking in numbers or (all_left and bool(wish.left))
        case Kind.CANCELLATION:
            return order.canceled
        case Kind.REFUND:
            return False

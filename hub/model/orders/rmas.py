"""RMAs: a return as a document that people can name, from the wish to what became of goods and money. Pure."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from msgspec import Struct

from hub.model.errors import InputError, NotFoundError, WrongStateError
from hub.model.orders.returns import REASON_MAX, Comeback, Disposition, ShippedLine

LINES_MAX = 500


class State(StrEnum):
    """`received`: some of it is back and lies aside; `inspected`: of all that is back somebody said what becomes."""

    REQUESTED = "requested"
    APPROVED = "approved"
    DECLINED = "declined"
    CANCELED = "canceled"
    RECEIVED = "received"
    INSPECTED = "inspected"
    SETTLED = "settled"


class Step(StrEnum):
    APPROVE = "approve"
    DECLINE = "decline"
    CANCEL = "cancel"
    RECEIVE = "receive"
    INSPECT = "inspect"
    SETTLE = "settle"
    TAKE_UP = "take up again"


# Every pair that is not here is refused. What arrives in parts is received again, until it is settled.
NEXT: Mapping[tuple[State, Step], State] = {
    (State.REQUESTED, Step.APPROVE): State.APPROVED,
    (State.REQUESTED, Step.DECLINE): State.DECLINED,
    (State.REQUESTED, Step.CANCEL): State.CANCELED,
    (State.APPROVED, Step.CANCEL): State.CANCELED,
    (State.APPROVED, Step.RECEIVE): State.RECEIVED,
    (State.RECEIVED, Step.RECEIVE): State.RECEIVED,
    (State.RECEIVED, Step.INSPECT): State.INSPECTED,
    (State.INSPECTED, Step.RECEIVE): State.RECEIVED,
    (State.INSPECTED, Step.SETTLE): State.SETTLED,
    (State.SETTLED, Step.TAKE_UP): State.INSPECTED,  # what settled it was undone
}
OPEN = frozenset({State.REQUESTED, State.APPROVED, State.RECEIVED, State.INSPECTED})


def after(number: int, state: State, step: Step) -> State:
    """Raises WrongStateError that says what may be done instead."""
    then = NEXT.get((state, step))
    if then is None:
        allowed = ", ".join(each for was, each in NEXT if was is state)
        msg = f"RMA {number} is {state}, so {step} cannot be: {f'what can is {allowed}' if allowed else 'it is done'}"
        raise WrongStateError(msg)
    return then


class Wish(StrEnum):
    """What the customer wants for what comes back."""

    REFUND = "refund"
    EXCHANGE = "exchange"


class Asked(Struct, frozen=True):
    """Units of one line of an order that are to come back."""

    line_id: UUID
    quantity: int
    wish: Wish = Wish.REFUND
    reason: str = ""


class Request(Struct, frozen=True):
    """A return that is asked for, or with `approved` granted at once. `id` is the caller's (L1)."""

    id: UUID
    lines: Sequence[Asked]
    approved: bool = False


class RmaLine(Struct, frozen=True):
    """Of `quantity` units `received` are back, `aside` of these wait to be looked at. `line_id` is the order's line."""

    id: UUID
    line_id: UUID
    name: str
    quantity: int
    wish: Wish
    reason: str
    received: int = 0
    aside: int = 0

    @property
    def expected(self) -> int:
        return self.quantity - self.received


class Rma(Struct, frozen=True):
    """One RMA as the hub holds it; `order` is the number of its order, `note` why it was declined or called off."""

    id: UUID
    number: int
    order_id: UUID
    order: int
    state: State
    lines: list[RmaLine]
    note: str = ""
    actor: str = ""
    at: datetime | None = None

    @property
    def expected(self) -> int:
        return sum(line.expected for line in self.lines)

    @property
    def wants_exchange(self) -> bool:
        return any(line.wish is Wish.EXCHANGE for line in self.lines)

    def line_of(self, line_id: UUID) -> RmaLine:
        """Raises InputError where nothing of that line of the order is to come back by this RMA."""
        found = next((line for line in self.lines if line.line_id == line_id), None)
        if found is None:
            msg = f"RMA {self.number} has no such line: see hub rma show {self.number}"
            raise InputError(msg, field="line")
        return found


class Arrival(Struct, frozen=True):
    """Units that an RMA expects are back, of one line of its order. `id` is the caller's (L1)."""

    id: UUID
    rma: int
    line_id: UUID
    quantity: int
    disposition: Disposition = Disposition.INSPECT
    location: str | None = None
    reason: str = ""

    def comeback(self, rma: Rma) -> Comeback:
        """Raises InputError where the RMA has no such line."""
        line = rma.line_of(self.line_id)
        reason = self.reason or line.reason
        return Comeback(
            self.id, self.line_id, self.quantity, self.disposition, self.location, reason, line.id
        )


def refuse_unexpected(arrivals: Sequence[Arrival], held: Mapping[int, Rma]) -> None:
    """Raises InputError for more units than an RMA still expects."""
    came: dict[tuple[int, UUID], int] = {}
    for each in arrivals:
        line, key = held[each.rma].line_of(each.line_id), (each.rma, each.line_id)
        came[key] = came.get(key, 0) + each.quantity
        if came[key] > line.expected:
            msg = (
                f"RMA {each.rma} expects {line.expected} more of {line.name}, not {came[key]}: take back what is beyond"
                f" it with: hub return take {held[each.rma].order}"
            )
            raise InputError(msg, field="quantity")


def refuse_bad_request(
    request: Request, lines: Mapping[UUID, ShippedLine], expected: Mapping[UUID, int]
) -> None:
    """`expected` are units of each line that other RMAs wait for. Raises InputError or NotFoundError."""
    asked = [each.line_id for each in request.lines]
    if not 1 <= len(asked) <= LINES_MAX or len(set(asked)) < len(asked):
        msg = f"name 1 to {LINES_MAX} lines, each once"
        raise InputError(msg, field="lines")
    if strange := [each for each in asked if each not in lines]:
        msg = f"there is no order line {strange[0]}: see the lines of the order"
        raise NotFoundError(msg)
    if len({lines[each].order_id for each in asked}) > 1:
        msg = "an RMA is of one order: ask for each order alone"
        raise InputError(msg, field="lines")
    for each in request.lines:
        _refuse_bad_line(each, lines[each.line_id], expected.get(each.line_id, 0))


def _refuse_bad_line(each: Asked, line: ShippedLine, expected: int) -> None:
    if len(each.reason) > REASON_MAX:
        msg = f"the reason has {len(each.reason)} characters: {REASON_MAX} are enough"
        raise InputError(msg, field="reason")
    if line.kind != "item":
        msg = f"{line.name} has no goods that can come back: refund it instead"
        raise InputError(msg, field="line")
    out = line.shipped - line.returned - expected
    if not 1 <= each.quantity <= out:
        also = f", and {expected} are expected back already" if expected else ""
        msg = f"{each.quantity} of {line.name} cannot come back: at most {max(out, 0)} can{also}"
        raise InputError(msg, field="quantity")

"""Write-back: what the hub tells a channel about an order it took. One outcome per item, never a blind repeat.

Each item carries a `key` that stays the same however often it is sent: the same key acts once. Raise only where nothing
was written; after a lost answer the outcome is `unknown`, and the hub reads the order back before it tries again.
What is `rejected` was surely not done: tried again, it carries another key.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Protocol, TypeVar, runtime_checkable

from msgspec import Struct

from hub.spec.capabilities import OutcomeState
from hub.spec.errors import RejectedError, RetryLaterError, UnauthorizedError


class LineUnits(Struct, frozen=True):
    """So many units of one line of the channel's order."""

    channel_line_id: str
    quantity: int


class Fulfillment(Struct, frozen=True, kw_only=True):
    """One parcel that left; an order may leave in several. `completes`: nothing of the order is left to send.

    Without `lines` it has nothing in it that the channel sold. `known_lines` are all that the hub knows of the order,
    with what was ordered: what else the channel has was added since, see `has_grown`.

    `carrier` is the key of a carrier the hub knows, such as "dhl", or the name a person typed.
    """

    key: str
    channel_order_id: str
    lines: tuple[LineUnits, ...]
    shipped_at: datetime
    carrier: str = ""
    tracking_number: str = ""
    tracking_url: str = ""
    channel_location_id: str = ""
    completes: bool = False
    known_lines: tuple[LineUnits, ...] = ()
    tell_customer: bool = True


class ParcelLabel(Struct, frozen=True, kw_only=True):
    """Carrier and number, as they are now, of a parcel that the channel was told of: they were wrong, or came later.

    `parcel_key` is the key that the parcel was told with, and `channel_ref` what the channel called it then.
    """

    key: str
    channel_order_id: str
    parcel_key: str
    channel_ref: str = ""
    carrier: str = ""
    tracking_number: str = ""
    tracking_url: str = ""
    tell_customer: bool = True


class CancelReason(StrEnum):
    CUSTOMER = "customer"
    STOCK = "stock"
    ADDRESS = "address"
    PAYMENT = "payment"
    FRAUD = "fraud"
    OTHER = "other"


class Cancellation(Struct, frozen=True, kw_only=True):
    """Cancel these units; without `lines`, all that has not left. The channel's stock is told apart from this.

    `completes`: nothing of the order is left to send then; `sent`: a part of it has left, so that it is done and not
    canceled. `known_lines` are all that the hub knows of the order, with what was ordered: what else the channel has
    was added since, see `has_grown`.
    """

    key: str
    channel_order_id: str
    lines: tuple[LineUnits, ...] = ()
    reason: CancelReason = CancelReason.OTHER
    note: str = ""
    completes: bool = False
    sent: bool = False
    known_lines: tuple[LineUnits, ...] = ()
    tell_customer: bool = True


class RefundLine(Struct, frozen=True):
    """What of `amount`, tax included, belongs to these units; 0 units where only money goes back."""

    channel_line_id: str
    quantity: int
    amount: Decimal


class Refund(Struct, frozen=True, kw_only=True):
    """Send money back: `amount` in all, tax included; the lines and `shipping` say what for."""

    key: str
    channel_order_id: str
    amount: Decimal
    currency: str
    lines: tuple[RefundLine, ...] = ()
    shipping: Decimal = Decimal(0)
    channel_return_id: str = ""
    reason: str = ""
    tell_customer: bool = True


class ReturnDecision(Struct, frozen=True, kw_only=True):
    """Say yes or no to a return that was asked for on the channel; without `lines`, to all of it."""

    key: str
    channel_return_id: str
    channel_order_id: str
    accepted: bool
    lines: tuple[LineUnits, ...] = ()
    reason: str = ""


class WriteOutcome(Struct, frozen=True):
    """What became of the item with this key; `channel_ref` is the channel's own id of what was made."""

    key: str
    state: OutcomeState
    reason: str = ""
    channel_ref: str = ""


@runtime_checkable
class PushesFulfillments(Protocol):
    async def push_fulfillment(self, fulfillments: Sequence[Fulfillment]) -> list[WriteOutcome]:
        """Tell of parcels, at most `writes_batch_max`; a carrier the channel does not take is sent as its name."""


@runtime_checkable
class PushesLabels(Protocol):
    async def push_label(self, labels: Sequence[ParcelLabel]) -> list[WriteOutcome]:
        """Correct carrier and number of parcels; the same ones once more change nothing."""


@runtime_checkable
class PushesCancels(Protocol):
    async def push_cancel(self, cancellations: Sequence[Cancellation]) -> list[WriteOutcome]:
        """Cancel orders or units of them; what has left or is canceled already is rejected, in words."""


@runtime_checkable
class PushesRefunds(Protocol):
    async def push_refund(self, refunds: Sequence[Refund]) -> list[WriteOutcome]:
        """Send money back. Where the channel has no keys of its own, look whether it was sent before sending it."""


@runtime_checkable
class PushesReturnDecisions(Protocol):
    async def push_return_decision(self, decisions: Sequence[ReturnDecision]) -> list[WriteOutcome]:
        """Accept or refuse returns."""


def has_grown(known: Sequence[LineUnits], ordered: Mapping[str, int]) -> bool:
    """Whether more is `ordered` on the channel than the hub knows of: nobody there decided on what came since.

    `ordered` are units by the channel's id of a line. Where nothing is known, nothing is said.
    """
    units = {each.channel_line_id: each.quantity for each in known}
    return bool(units) and any(count > units.get(line, 0) for line, count in ordered.items())


Item = TypeVar("Item", Fulfillment, ParcelLabel, Cancellation, Refund, ReturnDecision)


async def each_once(
    items: Sequence[Item], act: Callable[[Item], Awaitable[WriteOutcome]]
) -> list[WriteOutcome]:
    """One after the other, the same key once; once the channel does not answer any more, the rest is not sent.

    For a channel that takes one at a time. What `act` raises before anything was written is the caller's to raise.
    """
    outcomes: list[WriteOutcome] = []
    once = list({each.key: each for each in items}.values())
    for place, item in enumerate(once):
        try:
            outcomes.append(await act(item))
        except RejectedError as error:
            outcomes.append(WriteOutcome(item.key, OutcomeState.REJECTED, str(error)))
        except (RetryLaterError, UnauthorizedError) as error:
            if not outcomes:
                raise
            return outcomes + [
                WriteOutcome(each.key, OutcomeState.UNKNOWN, str(error)) for each in once[place:]
            ]
    return outcomes

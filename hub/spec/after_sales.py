"""After the sale: returns, refunds and settlements as the channel has them, a message each, so that one costs one (L5).

The fetching methods page as `fetch_orders` does, raw; the `to_` methods are pure. A message's `channel_order_id` names
the order it belongs to, where there is one.
"""

from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Protocol, runtime_checkable

from msgspec import Meta, Struct

from hub.model.incoming import NO_MONEY, Aware, Count, Revision, Text
from hub.model.money import Currency
from hub.spec.capabilities import Message, Page

Key = Annotated[str, Meta(min_length=1, max_length=200)]


class ReturnState(StrEnum):
    """Where a return stands on the channel."""

    REQUESTED = "requested"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    ON_ITS_WAY = "on its way"
    RECEIVED = "received"
    CLOSED = "closed"
    CANCELED = "canceled"


class ReturnLine(Struct, frozen=True, forbid_unknown_fields=True):
    """`received` counts units that are back by the channel's word."""

    channel_line_id: Text
    quantity: Count
    reason: Text = ""
    received: Count = 0


class IncomingReturn(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One snapshot of one return, complete; ordered as orders are, by (revision, updated_at)."""

    channel_return_id: Key
    channel_order_id: Key
    updated_at: Aware
    state: ReturnState
    lines: list[ReturnLine]
    carrier: Text = ""
    tracking_number: Text = ""
    revision: Revision = 0


class RefundedLine(Struct, frozen=True, forbid_unknown_fields=True):
    """`amount` without `tax`; 0 units where only money went back."""

    channel_line_id: Text
    quantity: Count
    amount: Decimal
    tax: Decimal = NO_MONEY


class IncomingRefund(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Money that went back: `total` is all of it, positive; what lines and shipping leave over is a difference.

    `currency` None is that of its order. `key` is the hub's own where the hub asked for it and the channel shows that.
    """

    channel_refund_id: Key
    channel_order_id: Key
    refunded_at: Aware
    currency: Currency | None = None
    total: Decimal
    key: Text = ""
    lines: list[RefundedLine] = []
    shipping: Decimal = NO_MONEY
    shipping_tax: Decimal = NO_MONEY
    channel_return_id: Text = ""
    reason: Text = ""


class EntryKind(StrEnum):
    SALE = "sale"
    REFUND = "refund"
    FEE = "fee"
    TAX = "tax"
    SHIPPING = "shipping"
    ADJUSTMENT = "adjustment"
    RESERVE = "reserve"


class SettlementEntry(Struct, frozen=True, forbid_unknown_fields=True):
    """One line of a settlement; `amount` is what it adds to the payout, so fees are negative."""

    kind: EntryKind
    amount: Decimal
    title: Text = ""
    channel_order_id: Text = ""


class IncomingSettlement(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A payout and what it is made of; sum(entries) + an explicit difference = `total`, the channel's own (L14)."""

    channel_settlement_id: Key
    begins_at: Aware
    ends_at: Aware
    currency: Currency
    total: Decimal
    entries: list[SettlementEntry]
    paid_at: Aware | None = None


@runtime_checkable
class FetchesReturns(Protocol):
    async def fetch_returns(self, cursor: str | None, *, until: datetime) -> Page[Message]:
        """One page of returns changed since the cursor, oldest change first."""

    def to_return(self, message: Message) -> IncomingReturn:
        """Pure. Raises MalformedError."""


@runtime_checkable
class FetchesRefunds(Protocol):
    async def fetch_refunds(self, cursor: str | None, *, until: datetime) -> Page[Message]:
        """One page of refunds made since the cursor, oldest first; also those the hub itself asked for.

        Only money that went back: what awaits approval, or may be taken back yet, is told once it is sure.
        """

    def to_refund(self, message: Message) -> IncomingRefund:
        """Pure. Raises MalformedError."""


@runtime_checkable
class FetchesSettlements(Protocol):
    async def fetch_settlements(self, cursor: str | None, *, until: datetime) -> Page[Message]:
        """One page of settlements closed since the cursor, oldest first."""

    def to_settlement(self, message: Message) -> IncomingSettlement:
        """Pure. Raises MalformedError."""

"""What a fake channel does after the sale: parcels, cancellations, money back, returns. The same key acts once."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from msgspec import Struct

from hub.spec.after_sales import ReturnState
from hub.spec.testing.goods import SimOrder
from hub.spec.testing.simulator import SimWritten

NO_SUCH_ORDER = "no such order"
NO_SUCH_RETURN = "no such return"
TOO_MANY = "so many are not there to be sent"
HAS_LEFT = "it has left already"
IS_CANCELED = "it is canceled"
TOO_MUCH = "more than was paid"
OTHER_MONEY = "paid in another currency"
IS_DECIDED = "it is decided already"


class SimReturn(Struct):
    """`units` by line id; `change` counts the changes of the whole channel."""

    id: str
    order: SimOrder
    units: Mapping[str, int]
    changed_at: datetime
    change: int
    state: ReturnState = ReturnState.REQUESTED

    @property
    def mark(self) -> str:
        return f"{self.changed_at.isoformat(timespec='microseconds')}/{self.change:012}"


class SimRefund(Struct):
    id: str
    order: SimOrder
    amount: Decimal
    at: datetime
    change: int

    @property
    def mark(self) -> str:
        return f"{self.at.isoformat(timespec='microseconds')}/{self.change:012}"


class SimWriting:
    """Mixed into SimChannel. What cannot be done returns the reason; what is done returns ""."""

    orders: dict[str, SimOrder]

    def __init__(self) -> None:
        self.returns: dict[str, SimReturn] = {}
        self.refunds: dict[str, SimRefund] = {}
        self._done: set[str] = set()
        self._changes = 0

    def change(self, order: SimOrder, at: datetime, **fields: Any) -> None:
        raise NotImplementedError

    def cancel(self, channel_order_id: str, *, at: datetime) -> None:
        raise NotImplementedError

    def written(self, channel_order_id: str) -> SimWritten:
        order = self.orders[channel_order_id]
        back = sum((each.amount for each in self.refunds.values() if each.order is order), Decimal(0))
        shipped = {str(line.id): line.shipped for line in order.lines if line.shipped}
        return SimWritten(shipped, tuple(order.parcels), order.state == "canceled", back)

    def ship(self, order_id: str, key: str, units: Mapping[str, int], number: str, *, at: datetime) -> str:
        """A parcel with these units by line id leaves."""
        order = self.orders.get(order_id)
        if order is None:
            return NO_SUCH_ORDER
        if key in self._done:
            return ""
        if order.state == "canceled":
            return IS_CANCELED
        lines = {str(line.id): line for line in order.lines}
        if any(
            each not in lines or count > lines[each].units - lines[each].shipped
            for each, count in units.items()
        ):
            return TOO_MANY
        for each, count in units.items():
            lines[each].shipped += count
        whole = all(line.shipped == line.units for line in order.lines)
        self._done.add(key)
        self.change(order, at, state="sent" if whole else order.state, parcels=[*order.parcels, number])
        return ""

    def cancel_order(self, order_id: str, key: str, *, at: datetime) -> str:
        order = self.orders.get(order_id)
        if order is None:
            return NO_SUCH_ORDER
        if key in self._done:
            return ""
        if order.state == "canceled" or any(line.shipped for line in order.lines):
            return IS_CANCELED if order.state == "canceled" else HAS_LEFT
        self._done.add(key)
        self.cancel(order_id, at=at)
        return ""

    def pay_back(self, order_id: str, key: str, amount: Decimal, currency: str, *, at: datetime) -> str:
        order = self.orders.get(order_id)
        if order is None:
            return NO_SUCH_ORDER
        if key in self._done:
            return ""
        if currency != order.currency:
            return OTHER_MONEY
        if amount + self.written(order_id).refunded > order.total:
            return TOO_MUCH
        self._done.add(key)
        self._pay(order, amount, at)
        return ""

    def refund(self, channel_order_id: str, amount: Decimal, *, at: datetime) -> str:
        """A person there sends money back."""
        return self._pay(self.orders[channel_order_id], amount, at)

    def _pay(self, order: SimOrder, amount: Decimal, at: datetime) -> str:
        new = SimRefund(f"F-{len(self.refunds) + 1}", order, amount, at, self._next_change())
        self.refunds[new.id] = new
        return new.id

    def ask_return(self, channel_order_id: str, units: Mapping[str, int], *, at: datetime) -> str:
        """The buyer asks to send units back."""
        order = self.orders[channel_order_id]
        new = SimReturn(f"R-{len(self.returns) + 1}", order, dict(units), at, self._next_change())
        self.returns[new.id] = new
        return new.id

    def return_state(self, channel_return_id: str) -> ReturnState:
        return self.returns[channel_return_id].state

    def decide(self, return_id: str, key: str, *, accepted: bool, at: datetime) -> str:
        asked = self.returns.get(return_id)
        if asked is None:
            return NO_SUCH_RETURN
        if key in self._done:
            return ""
        if asked.state is not ReturnState.REQUESTED:
            return IS_DECIDED
        self._done.add(key)
        asked.state = ReturnState.ACCEPTED if accepted else ReturnState.REFUSED
        asked.changed_at, asked.change = max(asked.changed_at, at), self._next_change()
        return ""

    def _next_change(self) -> int:
        self._changes += 1
        return self._changes

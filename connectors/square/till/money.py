"""What the simulated Square remembers of keys, and the money it sends back. Both are kept by the whole account."""

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal

from connectors.square.till.requests import RefundWish, Refusal, asked
from connectors.square.till.sales import Json, text
from hub.model.money import from_minor
from hub.spec.signing import digest


class Once:
    """The same key with the same body has the same answer, and no second effect."""

    def __init__(self) -> None:
        self._kept: dict[str, tuple[str, Json]] = {}

    def answer(self, key: str, body: bytes, act: Callable[[], Json]) -> Json:
        seen = self._kept.get(key)
        if seen is None:
            seen = self._kept[key] = (digest(body), act())
        if seen[0] != digest(body):
            detail = "The idempotency key can only be retried with the same request data."
            raise Refusal(400, "IDEMPOTENCY_KEY_REUSED", detail, "idempotency_key")
        return seen[1]


class SimRefunds:
    """RefundPayment: a refund stands on its order and is pending; `approves_s` later it is approved, or it `fails`."""

    def __init__(self, orders: dict[str, Json], once: Once) -> None:
        self.approves_s = 0.0
        self.fails = False
        self._made: dict[str, Json] = {}
        self._orders = orders
        self._once = once

    def pay_back(self, body: bytes, at: datetime) -> Json:
        wish = asked(body, RefundWish)
        return {"refund": self._once.answer(wish.idempotency_key, body, lambda: self._pay(wish, at))}

    def read(self, refund_id: str) -> Json:
        if refund_id not in self._made:
            raise Refusal(404, "NOT_FOUND", "The refund was not found.", "refund_id")
        return {"refund": self._made[refund_id]}

    def settle(self, at: datetime) -> list[Json]:
        """Say the last word on those that are due, and return them."""
        made_by = text(at - timedelta(seconds=self.approves_s))
        due = [
            each
            for each in self._made.values()
            if each["status"] == "PENDING" and each["created_at"] <= made_by
        ]
        for each in due:
            order = self._orders[each["order_id"]]
            on_order = next(one for one in order["refunds"] if one["id"] == each["id"])
            on_order["status"] = "FAILED" if self.fails else "APPROVED"
            each["status"] = "FAILED" if self.fails else "COMPLETED"
            each["updated_at"] = text(at)
            order["updated_at"] = max(text(at), order["updated_at"])
        return due

    def paid_back(self, order_id: str) -> Decimal:
        order = self._orders[order_id]
        minor = sum(each["amount_money"]["amount"] for each in _live(order))
        return from_minor(minor, order["total_money"]["currency"]).amount

    def _pay(self, wish: RefundWish, at: datetime) -> Json:
        order, tender = self._paid(wish.payment_id)
        if wish.amount_money.currency != tender["amount_money"]["currency"]:
            raise Refusal(
                400, "CURRENCY_MISMATCH", "The currency is not that of the payment.", "amount_money.currency"
            )
        before = [each for each in order.get("refunds", []) if each["tender_id"] == tender["id"]]
        given = sum(each["amount_money"]["amount"] for each in _live(order) if each in before)
        left = tender["amount_money"]["amount"] - given
        if not 0 < wish.amount_money.amount <= left:
            detail = "The requested refund amount exceeds the amount available to refund."
            raise Refusal(400, "REFUND_AMOUNT_INVALID", detail, "amount_money.amount")
        amount = {"amount": wish.amount_money.amount, "currency": wish.amount_money.currency}
        made = {
            "id": f"{tender['payment_id']}_R{len(before) + 1}",
            "location_id": order["location_id"],
            "created_at": text(at),
            "amount_money": amount,
        }
        on_order = made | {"tender_id": tender["id"], "reason": wish.reason or "", "status": "PENDING"}
        order["refunds"] = [*order.get("refunds", []), on_order]
        order["updated_at"] = max(text(at), order["updated_at"])
        about = {"payment_id": tender["payment_id"], "order_id": order["id"], "updated_at": text(at)}
        answer = made | about | ({"reason": wish.reason} if wish.reason else {}) | {"status": "PENDING"}
        self._made[answer["id"]] = dict(answer)
        return answer

    def _paid(self, payment_id: str) -> tuple[Json, Json]:
        for order in self._orders.values():
            for tender in order.get("tenders", []):
                if tender["payment_id"] == payment_id:
                    return order, tender
        raise Refusal(404, "NOT_FOUND", "The payment was not found.", "payment_id")


def _live(order: Json) -> list[Json]:
    """Those that went back, or still may."""
    return [each for each in order.get("refunds", []) if each["status"] != "FAILED"]

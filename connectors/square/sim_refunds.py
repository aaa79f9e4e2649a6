"""What the simulated Square remembers of keys, and the money it sends back. Both are kept by the whole account."""

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal

from connectors.square.sim_requests import RefundWish, Refusal, asked
from connectors.square.sim_till import Json, text
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
    """RefundPayment: every refund is approved at once, and stands on its order."""

    def __init__(self, orders: dict[str, Json], once: Once) -> None:
        self._orders = orders
        self._once = once

    def pay_back(self, body: bytes, at: datetime) -> Json:
        wish = asked(body, RefundWish)
        return {"refund": self._once.answer(wish.idempotency_key, body, lambda: self._pay(wish, at))}

    def paid_back(self, order_id: str) -> Decimal:
        order = self._orders[order_id]
        minor = sum(each["amount_money"]["amount"] for each in order.get("refunds", []))
        return from_minor(minor, order["total_money"]["currency"]).amount

    def _pay(self, wish: RefundWish, at: datetime) -> Json:
        order, tender = self._paid(wish.payment_id)
        if wish.amount_money.currency != tender["amount_money"]["currency"]:
            raise Refusal(
                400, "CURRENCY_MISMATCH", "The currency is not that of the payment.", "amount_money.currency"
            )
        before = [each for each in order.get("refunds", []) if each["tender_id"] == tender["id"]]
        left = tender["amount_money"]["amount"] - sum(each["amount_money"]["amount"] for each in before)
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
        on_order = made | {"tender_id": tender["id"], "reason": wish.reason or "", "status": "APPROVED"}
        order["refunds"] = [*order.get("refunds", []), on_order]
        order["updated_at"] = max(text(at), order["updated_at"])
        about = {"payment_id": tender["payment_id"], "order_id": order["id"], "updated_at": text(at)}
        return made | about | ({"reason": wish.reason} if wish.reason else {}) | {"status": "PENDING"}

    def _paid(self, payment_id: str) -> tuple[Json, Json]:
        for order in self._orders.values():
            for tender in order.get("tenders", []):
                if tender["payment_id"] == payment_id:
                    return order, tender
        raise Refusal(404, "NOT_FOUND", "The payment was not found.", "payment_id")

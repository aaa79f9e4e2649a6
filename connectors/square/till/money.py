"""What the simulated Square remembers of keys, and the money it sends back. Both are kept by the whole account."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from decimal import Decimal

from connectors.square.till.requests import RefundWish, Refusal, asked
from connectors.square.till.returns import custom, return_order
from connectors.square.till.sales import Json, money, text
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
    """Refunds of payments, each with the return order that Square makes for it.

    One that is asked for by RefundPayment is pending; `approves_s` later it is approved, or it `fails`. What people
    give back at the till is done.
    """

    def __init__(self, orders: dict[str, Json], once: Once) -> None:
        self.approves_s = 0.0
        self.fails = False
        self.returns: dict[str, Json] = {}
        self._made: dict[str, Json] = {}
        self._orders = orders
        self._once = once

    def pay_back(self, body: bytes, at: datetime) -> Json:
        wish = asked(body, RefundWish)
        return {"refund": self._once.answer(wish.idempotency_key, body, lambda: self._pay(wish, at))}

    def give_back(self, order_id: str, amount: int, lines: list[Json], at: datetime) -> Json:
        """At the till: of one payment, for these lines of a return."""
        order = self._orders[order_id]
        (tender, *_) = order["tenders"]
        made = self._make(order, tender, amount, "", lines, at)
        self._end(made, "COMPLETED", at)
        return made

    def read(self, refund_id: str) -> Json:
        if refund_id not in self._made:
            raise Refusal(404, "NOT_FOUND", "The refund was not found.", "refund_id")
        return {"refund": self._made[refund_id]}

    def page(self, query: Mapping[str, str], page_max: int) -> Json:
        """ListPaymentRefunds by the time of change: page by (time, id), bound to nothing but its place."""
        since, until = query.get("updated_at_begin_time", ""), query.get("updated_at_end_time", "")
        place = tuple(query.get("cursor", "").split("|")) if "cursor" in query else ("", "")
        rows = [
            each
            for each in sorted(self._made.values(), key=_key)
            if _is_between(each["updated_at"], since, until)
            and _is_between(each["created_at"], query.get("begin_time", ""), query.get("end_time", ""))
            and each["status"] == query.get("status", each["status"])
            and _key(each) > place
        ]
        found = rows[: min(int(query.get("limit", "100")), 100, page_max)]
        more = {"cursor": "|".join(_key(found[-1]))} if len(found) < len(rows) else {}
        return {"refunds": found} | more

    def settle(self, at: datetime) -> list[Json]:
        """Say the last word on those that are due, and return them."""
        made_by = text(at - timedelta(seconds=self.approves_s))
        due = [
            each
            for each in self._made.values()
            if each["status"] == "PENDING" and each["created_at"] <= made_by
        ]
        for each in due:
            self._end(each, "FAILED" if self.fails else "COMPLETED", at)
        return due

    def paid_back(self, order_id: str) -> Decimal:
        order = self._orders[order_id]
        payments = {each["payment_id"] for each in order.get("tenders", [])}
        minor = sum(each["amount_money"]["amount"] for each in self._live() if each["payment_id"] in payments)
        return from_minor(minor, order["total_money"]["currency"]).amount

    def _pay(self, wish: RefundWish, at: datetime) -> Json:
        order, tender = self._paid(wish.payment_id)
        if wish.amount_money.currency != tender["amount_money"]["currency"]:
            raise Refusal(
                400, "CURRENCY_MISMATCH", "The currency is not that of the payment.", "amount_money.currency"
            )
        given = sum(
            each["amount_money"]["amount"] for each in self._live() if each["payment_id"] == wish.payment_id
        )
        if not 0 < wish.amount_money.amount <= tender["amount_money"]["amount"] - given:
            detail = "The requested refund amount exceeds the amount available to refund."
            raise Refusal(400, "REFUND_AMOUNT_INVALID", detail, "amount_money.amount")
        amount = wish.amount_money.amount
        return dict(self._make(order, tender, amount, wish.reason or "", [custom(order, amount)], at))

    def _make(
        self, order: Json, tender: Json, amount: int, reason: str, lines: list[Json], at: datetime
    ) -> Json:
        payment, currency = tender["payment_id"], order["total_money"]["currency"]
        before = [each for each in self._made.values() if each["payment_id"] == payment]
        back = return_order(order, len(self.returns) + 1, lines, amount, at)
        made = {
            "id": f"{payment}_R{len(before) + 1}",
            "location_id": order["location_id"],
            "created_at": text(at),
            "amount_money": money(amount, currency),
        }
        back["refunds"] = [made | {"tender_id": tender["id"], "reason": reason, "status": "PENDING"}]
        about = {"payment_id": payment, "order_id": back["id"], "updated_at": text(at), "status": "PENDING"}
        self.returns[back["id"]] = back
        self._made[str(made["id"])] = kept = made | about | ({"reason": reason} if reason else {})
        return kept

    def _end(self, made: Json, status: str, at: datetime) -> None:
        made["status"], made["updated_at"] = status, max(text(at), made["updated_at"])
        back = self.returns[made["order_id"]]
        back["refunds"][0]["status"] = "APPROVED" if status == "COMPLETED" else status
        back["updated_at"] = max(text(at), back["updated_at"])

    def _paid(self, payment_id: str) -> tuple[Json, Json]:
        for order in self._orders.values():
            for tender in order.get("tenders", []):
                if tender["payment_id"] == payment_id:
                    return order, tender
        raise Refusal(404, "NOT_FOUND", "The payment was not found.", "payment_id")

    def _live(self) -> list[Json]:
        """Those that went back, or still may."""
        return [each for each in self._made.values() if each["status"] != "FAILED"]


def _key(refund: Json) -> tuple[str, ...]:
    return refund["updated_at"], refund["id"]


def _is_between(moment: str, since: str, until: str) -> bool:
    at = datetime.fromisoformat(moment)
    begun = not since or at >= datetime.fromisoformat(since)
    return begun and (not until or at < datetime.fromisoformat(until))

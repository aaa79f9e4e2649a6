"""The orders of the simulated shop: sold, canceled, completed, deleted; each change is told."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import msgspec
from msgspec import Struct

from connectors.woocommerce.shop.answers import no_such, order_json
from connectors.woocommerce.shop.goods import Goods, Tell
from connectors.woocommerce.shop.queries import Call, orders_asked, paged
from connectors.woocommerce.shop.things import FREE, Coins, Ids, Line, Order, second
from hub.model.incoming import Person
from hub.spec.testing import Profile, SimReply, sim_json

OPEN_STATES = {"pending", "processing", "on-hold"}
_SHIPPING = Decimal("4.90")
_COUPON = Decimal("0.10")


class Meta(Struct, frozen=True):
    key: str
    value: Any


class OrderFields(Struct, frozen=True):
    """What a client may write of an order; the rest is ignored."""

    status: str | None = None
    meta_data: list[Meta] = []


class Orders:
    """The order book."""

    def __init__(self, goods: Goods, ids: Ids, tell: Tell, coins: Coins, profile: Profile) -> None:
        self.by_id: dict[int, Order] = {}
        self._goods = goods
        self._ids = ids
        self._tell = tell
        self._coins = coins
        self._profile = profile

    def sell(self, basket: Mapping[str, int], at: datetime, buyer: Person) -> Order | None:
        """Refuse as the checkout does, when one line is short; else take the stock and tell."""
        bought = {sku: units for sku, units in basket.items() if units > 0}
        short = any((self._goods.by_sku[sku].stock or 0) < units for sku, units in bought.items())
        if short and not self._profile.below_zero:
            return None
        order = self._new(bought, second(at), buyer)
        self.by_id[order.id] = order
        self._move_stock(order, -1, at)
        if self._profile.offline_s:
            order.arrives = order.modified = second(at + timedelta(seconds=self._profile.offline_s))
        else:
            self._tell("order.created", order.id, at)
        return order

    def set_status(self, order: Order, status: str, at: datetime) -> None:
        """Change the state; canceling an open order puts its stock back."""
        if status == "cancelled" and order.status in OPEN_STATES:
            self._move_stock(order, 1, at)
        order.status = status
        if status == "completed":
            order.completed, order.paid = second(at), order.paid or second(at)
        self.touch(order, at)

    def touch(self, order: Order, at: datetime) -> None:
        """It changed now."""
        order.modified = second(max(at, order.arrives or at))
        self._tell("order.updated", order.id, at)

    def list(self, call: Call) -> SimReply:
        found = orders_asked([each for each in self.by_id.values() if each.is_known(call.at)], call.query)
        return paged(found, call.query, order_json, page_max=self._profile.page_max)

    def get(self, call: Call, number: int) -> SimReply:
        order = self.by_id.get(number)
        known = order is not None and order.is_known(call.at)
        return sim_json(order_json(order)) if order and known else no_such("shop_order")

    def put(self, call: Call, number: int) -> SimReply:
        order = self.by_id.get(number)
        if order is None:
            return no_such("shop_order")
        fields = msgspec.json.decode(call.body, type=OrderFields)
        order.meta |= {each.key: each.value for each in fields.meta_data}
        if fields.status and fields.status != order.status:
            self.set_status(order, fields.status, call.at)
        return sim_json(order_json(order))

    def delete(self, call: Call, number: int) -> SimReply:
        """To the trash, or, with `force`, for good; both are told as `order.deleted`."""
        order = self.by_id.get(number)
        if order is None:
            return no_such("shop_order")
        if call.query.get("force") == "true":
            del self.by_id[number]
        else:
            order.status, order.modified = "trash", second(call.at)
        self._tell("order.deleted", number, call.at)
        return sim_json(order_json(order))

    def _new(self, bought: Mapping[str, int], at: datetime, buyer: Person) -> Order:
        """Every fifth number has a coupon, every third free shipping, every fourth pays on delivery."""
        number = self._ids.take()
        off = _COUPON if number % 5 == 0 else FREE
        lines = [self._line(sku, units, off) for sku, units in bought.items()]
        cash = number % 4 == 0
        return Order(
            id=number,
            status="processing",
            created=at,
            modified=at,
            buyer=buyer,
            lines=lines,
            shipping=FREE if number % 3 == 0 else self._coins.round(_SHIPPING),
            coupon=sum((line.subtotal - line.total for line in lines), FREE),
            cash_on_delivery=cash,
            paid=None if cash else at,
            coins=self._coins,
        )

    def _line(self, sku: str, units: int, off: Decimal) -> Line:
        product = self._goods.by_sku[sku]
        subtotal = self._coins.round(product.price * units)
        total = subtotal - self._coins.round(subtotal * off)
        return Line(self._ids.take(), product, units, subtotal, total, self._coins)

    def _move_stock(self, order: Order, sign: int, at: datetime) -> None:
        for line in order.lines:
            self._goods.set_level(line.product, (line.product.stock or 0) + sign * line.quantity, at)

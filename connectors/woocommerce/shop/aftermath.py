"""What becomes of an order of the simulated shop after the sale: its fulfillments and its refunds, as REST v3 has them.

Source: REST index of WooCommerce 11.0.1. The shop counts nothing of what is fulfilled, and moves no order for it.
"""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal, InvalidOperation

import msgspec
from msgspec import Struct

from connectors.woocommerce.shop.answers import (
    Json,
    error,
    fulfillment_json,
    listed_refund_json,
    no_such,
    refund_json,
)
from connectors.woocommerce.shop.orders import Meta, Orders
from connectors.woocommerce.shop.queries import Call, paged, refunds_asked
from connectors.woocommerce.shop.things import FREE, Ids, Order, Refund, Sent, second
from hub.spec.testing import SimReply, sim_json


class FulfillmentFields(Struct, frozen=True):
    meta_data: list[Meta]
    status: str = "unfulfilled"
    is_fulfilled: bool = False
    notify_customer: bool = False


class RefundFields(Struct, frozen=True):
    amount: str = ""
    reason: str = ""
    api_refund: bool = True
    api_restock: bool = True


class Aftermath:
    """`one_by_one`: the feature of order fulfillments is on.

    `gateway_hangs`: a refund stands there and no answer comes, until the gateway is heard.
    """

    def __init__(self, orders: Orders, ids: Ids) -> None:
        self.one_by_one = True
        self.gateway_hangs = False
        self._orders = orders
        self._ids = ids

    def list_sent(self, call: Call, number: int) -> SimReply:
        order = self._orders.by_id.get(number)
        if not self.one_by_one:
            return error(404, "rest_no_route", "No route was found matching the URL and request method.")
        if order is None or not order.is_known(call.at):
            return error(404, "woocommerce_rest_order_invalid_id", "Invalid order ID.")
        return sim_json([fulfillment_json(order, each) for each in order.sent])

    def send(self, call: Call, number: int) -> SimReply:
        found = self.list_sent(call, number)
        if found.status != 200:
            return found
        order, fields = self._orders.by_id[number], msgspec.json.decode(call.body, type=FulfillmentFields)
        if fields.status not in {"unfulfilled", "fulfilled"}:
            return error(400, "0", "Invalid fulfillment status.")
        meta = {each.key: each.value for each in fields.meta_data}
        if not meta.get("_items"):
            return error(400, "0", "The fulfillment should contain at least one item.")
        made = Sent(self._ids.take(), second(call.at), meta, fulfilled=fields.is_fulfilled)
        order.sent.append(made)
        self._orders.touch(order, call.at)
        return sim_json(fulfillment_json(order, made), 201)

    def change_sent(self, call: Call, number: int, sent_id: int) -> SimReply:
        """Fields that are not named are taken out."""
        found = self.list_sent(call, number)
        if found.status != 200:
            return found
        order, fields = self._orders.by_id[number], msgspec.json.decode(call.body, type=FulfillmentFields)
        made = next((each for each in order.sent if each.id == sent_id), None)
        if made is None:
            return error(404, "woocommerce_rest_fulfillment_invalid_id", "Invalid fulfillment ID.")
        made.meta = {each.key: each.value for each in fields.meta_data}
        self._orders.touch(order, call.at)
        return sim_json(fulfillment_json(order, made))

    def list_refunds(self, call: Call, number: int) -> SimReply:
        order = self._orders.by_id.get(number)
        if order is None or not order.is_known(call.at):
            return no_such("shop_order")
        return sim_json([refund_json(each) for each in order.refunds])

    def list_all_refunds(self, call: Call, *, page_max: int) -> SimReply:
        """Those of every order, each with the order it belongs to."""
        known = [order for order in self._orders.by_id.values() if order.is_known(call.at)]
        order_of = {each.id: order for order in known for each in order.refunds}
        found = refunds_asked([each for order in known for each in order.refunds], call.query)

        def written(refund: Refund) -> Json:
            return listed_refund_json(order_of[refund.id], refund)

        return paged(found, call.query, written, page_max=page_max)

    def give_back(self, number: int, amount: Decimal, units: Mapping[int, int], *, at: datetime) -> str:
        """A person there gives money back by the gateway, for these units by line where they say so."""
        order = self._orders.by_id[number]
        lines = [(self._ids.take(), line, units[line.id]) for line in order.lines if line.id in units]
        made = Refund(self._ids.take(), second(at), amount, lines=lines)
        order.refunds.append(made)
        self._settle(order, made, at)
        return str(made.id)

    def delete_refund(self, number: int, refund_id: int, *, at: datetime) -> None:
        """A person there deletes it; a gateway keeps what it has paid."""
        order = self._orders.by_id[number]
        order.refunds = [each for each in order.refunds if each.id != refund_id]
        self._orders.touch(order, at)

    def refund(self, call: Call, number: int) -> SimReply:
        order = self._orders.by_id.get(number)
        if order is None or not order.is_known(call.at):
            return no_such("shop_order")
        fields = msgspec.json.decode(call.body, type=RefundFields)
        amount = _amount(fields.amount)
        if not FREE < amount <= order.total - order.refunded:
            return error(500, "woocommerce_rest_cannot_create_order_refund", "Invalid refund amount.")
        made = Refund(self._ids.take(), second(call.at), amount, fields.reason)
        order.refunds.append(made)
        if self.gateway_hangs:
            return SimReply(504)
        self._settle(order, made, call.at)
        return sim_json(refund_json(made), 201)

    def hear_gateway(self, number: int, *, paid: bool, at: datetime) -> None:
        """Its word on the last refund; one that it refuses is deleted again."""
        order = self._orders.by_id[number]
        if paid:
            self._settle(order, order.refunds[-1], at)
        else:
            order.refunds.pop()

    def _settle(self, order: Order, made: Refund, at: datetime) -> None:
        made.paid = True
        if order.refunded < order.total:
            self._orders.touch(order, at)
        else:
            self._orders.set_status(order, "refunded", at)


def _amount(text: str) -> Decimal:
    try:
        return Decimal(text)
    except InvalidOperation:
        return FREE

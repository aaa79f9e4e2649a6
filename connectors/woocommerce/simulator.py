"""A WooCommerce shop in memory: REST v3 with its paging, filters, refusals and signed webhooks.

Webhook bodies are built when they are taken, not when they are queued, as WooCommerce does: an `order.created` may
describe an order that is canceled already. A sale of a till offline, which some shops have beside their pages, arrives
late, with the time it was made, and no webhook tells of it.
"""

import hashlib
import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from urllib.parse import urlsplit

import msgspec

from connectors.woocommerce.shop.aftermath import Aftermath
from connectors.woocommerce.shop.answers import (
    Json,
    error,
    error_json,
    no_such_text,
    order_json,
    product_json,
)
from connectors.woocommerce.shop.door import Door
from connectors.woocommerce.shop.goods import Goods
from connectors.woocommerce.shop.hooks import Hooks
from connectors.woocommerce.shop.orders import OPEN_STATES, Orders
from connectors.woocommerce.shop.queries import Call, InvalidQueryError
from connectors.woocommerce.shop.things import Coins, Ids
from hub.model.incoming import Person
from hub.model.money import minor_digits
from hub.spec.testing import (
    Delivery,
    Paging,
    Profile,
    SimItem,
    SimReply,
    SimRequest,
    SimSale,
    SimWritten,
    sim_json,
)

ROOT = "/wp-json/wc/v3"
HABITS = Profile(paging=Paging.NUMBERED, page_max=100, whole_seconds=True, late_bodies=True)
Route = tuple[str, str, Callable[..., SimReply]]


class WooCommerceSimulator:
    """One shop with one REST key, made up from its SKUs."""

    kind = "woocommerce"
    plays = frozenset(
        {"currency", "page_max", "offline_s", "lag_s", "refused_skus", "below_zero"}
        | {"calls_max", "calls_window_s"}
    )

    def __init__(self, items: Sequence[SimItem], profile: Profile = HABITS) -> None:
        self.profile = profile
        ids, coins = Ids(), Coins(profile.currency, minor_digits(profile.currency))
        self._keys = {name: _made_up(name, items) for name in ("ck_", "cs_", "wh_")}
        self._door = Door(self._keys["ck_"], self._keys["cs_"])
        self._hooks = Hooks(ids, self._keys["cs_"])
        self._goods = Goods(items, ids, self._hooks.tell, profile)
        self._orders = Orders(self._goods, ids, self._hooks.tell, coins, profile)
        self.aftermath = Aftermath(self._orders, ids)
        self._base_url = "http://localhost"

    def settings(self, base_url: str) -> dict[str, str]:
        self._base_url = base_url.rstrip("/")
        return {
            "base_url": base_url,
            "consumer_key": self._keys["ck_"],
            "consumer_secret": self._keys["cs_"],
            "webhook_secret": self._keys["wh_"],
        }

    def answer(self, request: SimRequest, *, at: datetime) -> SimReply:
        """Ask the doorkeeper, then the route; the index is open to everybody."""
        if request.path.rstrip("/") == ROOT:
            return sim_json({"namespace": "wc/v3", "routes": {}})
        refusal = self._door.refuse(request, self._url_of(request), request.sent_at or at)
        if refusal:
            return refusal
        try:
            return self._route(request, at)
        except InvalidQueryError as wrong:
            return wrong.reply
        except msgspec.DecodeError:
            return error(400, "rest_invalid_json", "Invalid JSON body passed.")

    def sell(self, basket: Mapping[str, int], *, at: datetime, buyer: Person) -> str | None:
        order = self._orders.sell(basket, at, buyer)
        return str(order.id) if order else None

    def cancel(self, channel_order_id: str, *, at: datetime) -> None:
        """Cancel an open order and put its stock back; an order that is closed stays as it is."""
        order = self._orders.by_id[int(channel_order_id)]
        if order.status in OPEN_STATES:
            self._orders.set_status(order, "cancelled", at)

    def collect(self, channel_order_id: str, *, at: datetime) -> None:
        order = self._orders.by_id[int(channel_order_id)]
        order.collected = True
        self._orders.set_status(order, order.status, at)

    def send_away(self, channel_order_id: str, numbers: Sequence[str], *, at: datetime) -> None:
        order = self._orders.by_id[int(channel_order_id)]
        order.parcels = tuple(numbers)
        self._orders.set_status(order, "completed", at)

    def refund(self, channel_order_id: str, amount: Decimal, *, at: datetime) -> str:
        return self.aftermath.give_back(int(channel_order_id), amount, {}, at=at)

    def delete_order(self, channel_order_id: str, *, at: datetime) -> None:
        """For good, past the trash."""
        self._orders.delete(Call({"force": "true"}, b"", at), int(channel_order_id))

    def set_stock(self, levels: Mapping[str, int], *, at: datetime) -> None:
        """Show these numbers, as if somebody had typed them into the shop."""
        for sku, units in levels.items():
            self._goods.set_level(self._goods.by_sku[sku], units, at)

    def take_deliveries(self) -> list[Delivery]:
        return self._hooks.take(self._base_url, self._payload)

    def stock(self) -> dict[str, int]:
        return self._goods.levels()

    def order_ids(self) -> list[str]:
        return [str(number) for number in self._orders.by_id]

    def sale(self, channel_order_id: str) -> SimSale:
        order = self._orders.by_id[int(channel_order_id)]
        units: Counter[str] = Counter()
        for line in order.lines:
            units[line.product.sku] += line.quantity
        canceled = order.status in {"cancelled", "trash"}
        total, currency = order.total, order.coins.currency
        return SimSale(
            channel_order_id,
            order.created,
            currency,
            total,
            units,
            canceled=canceled,
            collected=order.collected,
            at_the_door=order.cash_on_delivery,
            parcels=order.parcels,
            paid=order.paid is not None,
            tax=order.tax,
        )

    def written(self, channel_order_id: str) -> SimWritten:
        order = self._orders.by_id[int(channel_order_id)]
        numbers = [each.meta["_tracking_number"] for each in order.sent if "_tracking_number" in each.meta]
        numbers += [each["tracking_number"] for each in order.meta.get("_wc_shipment_tracking_items", [])]
        left = {str(line): units for line, units in order.left.items()}
        return SimWritten(left, (*order.parcels, *numbers), order.status == "cancelled", order.refunded)

    def switch_off_webhooks(self) -> None:
        self._hooks.switch_off()

    def _url_of(self, request: SimRequest) -> str:
        """Return the address without its query: what WooCommerce signs over, port included."""
        if not request.url:
            return self._base_url + request.path
        return urlsplit(request.url)._replace(query="", fragment="").geturl()

    def _route(self, request: SimRequest, at: datetime) -> SimReply:
        path, call = request.path.removeprefix(ROOT), Call(request.query, request.body, at)
        for pattern, method, answer in self._routes():
            found = re.fullmatch(pattern, path)
            if found and method == request.method:
                return answer(call, *map(int, found.groups()))
        return error(404, "rest_no_route", "No route was found matching the URL and request method.")

    def _routes(self) -> list[Route]:
        return [
            (r"/orders", "GET", self._orders.list),
            (r"/orders/(\d+)", "GET", self._orders.get),
            (r"/orders/(\d+)", "PUT", self._orders.put),
            (r"/orders/(\d+)", "DELETE", self._orders.delete),
            (r"/orders/(\d+)/fulfillments", "GET", self.aftermath.list_sent),
            (r"/orders/(\d+)/fulfillments", "POST", self.aftermath.send),
            (r"/orders/(\d+)/fulfillments/(\d+)", "PUT", self.aftermath.change_sent),
            (r"/orders/(\d+)/refunds", "GET", self.aftermath.list_refunds),
            (r"/orders/(\d+)/refunds", "POST", self.aftermath.refund),
            (r"/refunds", "GET", self._list_refunds),
            (r"/products", "GET", self._goods.list),
            (r"/products/batch", "POST", self._goods.batch),
            (r"/products/(\d+)/variations", "GET", self._goods.list_variations),
            (r"/products/(\d+)/variations/batch", "POST", self._goods.batch),
            (r"/webhooks", "GET", self._hooks.list),
            (r"/webhooks", "POST", self._hooks.create),
            (r"/webhooks/(\d+)", "PUT", self._hooks.put),
            (r"/webhooks/(\d+)", "DELETE", self._hooks.delete),
        ]

    def _list_refunds(self, call: Call) -> SimReply:
        return self.aftermath.list_all_refunds(call, page_max=self.profile.page_max)

    def _payload(self, topic: str, number: int) -> Json:
        """Build a webhook's body; an order deleted since is told as the API's own error, validly signed."""
        if topic.startswith("product."):
            return product_json(self._goods.by_id[number])
        if topic == "order.deleted":
            return {"id": number}
        order = self._orders.by_id.get(number)
        return order_json(order) if order else error_json(404, *no_such_text("shop_order"))


def _made_up(prefix: str, items: Sequence[SimItem]) -> str:
    """Make a key that is the same for the same shop."""
    seed = "\n".join([prefix, *(item.sku for item in items)])
    return prefix + hashlib.sha256(seed.encode()).hexdigest()[:40]


def new_simulator(items: Sequence[SimItem], profile: Profile | None = None) -> WooCommerceSimulator:
    """What hub.sim asks for: this kind of channel, offering these items."""
    return WooCommerceSimulator(items, profile or HABITS)

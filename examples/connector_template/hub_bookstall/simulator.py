"""Bookstall in memory: what its API answers, over the hub's simulator kit."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from hub.spec import testing
from hub.spec.signing import hmac_sha256_base64
from hub.spec.testing import SimCall, SimReply, sim_json

STATES = {"open": "open", "sent": "sent", "canceled": "void"}


class BookstallSimulator(testing.SimChannel):
    kind = "bookstall"
    habits = testing.Profile(page_max=20, whole_seconds=True)

    def settings(self, base_url: str) -> dict[str, str]:
        return {"base_url": base_url, "token": self.made_up("token"), "secret": self.made_up("secret")}

    def refuse(self, call: SimCall) -> SimReply | None:
        known = call.headers.get("authorization") == f"Token {self.made_up('token')}"
        return None if known else sim_json({"error": "this token is not known"}, 401)

    def routes(self) -> Mapping[str, testing.Route]:
        return {
            "GET /v1/ping": lambda _: sim_json({}),
            "GET /v1/orders": self._orders,
            "GET /v1/items": self._items,
            "PUT /v1/stock": lambda call: sim_json(self.write_stock(call.read(dict[str, int]), call.at)),
            "GET /v1/stock": self._stock,
            "PUT /v1/hook": self._hook,
            "DELETE /v1/hook": lambda call: sim_json({"removed": self.hooks.remove(call.query["url"])}),
        }

    def webhook(
        self, hook: testing.SimHook, topic: str, order: testing.SimOrder, at: datetime
    ) -> testing.Delivery:
        del topic, at
        body = sim_json(order_json(order)).body
        headers = {"content-type": "application/json", "x-signature": hmac_sha256_base64(hook.secret, body)}
        return testing.Delivery(hook.url, headers, body)

    def _orders(self, call: SimCall) -> SimReply:
        if numbers := call.query.get("numbers"):
            found = [self.orders[each] for each in numbers.split(",") if each in self.orders]
            return sim_json({"orders": list(map(order_json, found)), "cursor": "", "more": False})
        until = datetime.fromisoformat(call.query["until"])
        page = self.page_of_orders(self.changed(call.at, until=until), call.query.get("cursor", ""))
        return sim_json(
            {"orders": list(map(order_json, page.items)), "cursor": page.position, "more": page.more}
        )

    def _items(self, call: SimCall) -> SimReply:
        page = self.page_of_goods(call.query.get("cursor", ""))
        items = [
            {"item": each.listing_id, "code": each.sku, "title": each.title, "copies": each.level}
            for each in page.items
        ]
        return sim_json({"items": items, "cursor": page.position, "more": page.more})

    def _stock(self, call: SimCall) -> SimReply:
        wanted = call.query.get("items", "").split(",")
        shown = {each: self.shown(each, call.at) for each in wanted}
        return sim_json({each: copies for each, copies in shown.items() if copies is not None})

    def _hook(self, call: SimCall) -> SimReply:
        wish = call.read(dict[str, str])
        was = self.hooks.put(wish["url"], ["order.created", "order.updated"], wish["secret"])
        return sim_json({"was": was})


def order_json(order: testing.SimOrder) -> dict[str, object]:
    return {
        "number": order.number,
        "state": STATES[order.state],
        "bought_at": order.bought_at,
        "changed_at": order.changed_at,
        "currency": order.currency,
        "paid": True,
        "buyer": order.buyer.name,
        "lines": [
            {
                "id": line.id,
                "item": line.good.listing_id,
                "title": line.good.title,
                "copies": line.units,
                "price": line.good.price,
            }
            for line in order.lines
        ],
        "postage": order.shipping,
        "total": order.total,
    }


def new_simulator(
    items: Sequence[testing.SimItem], profile: testing.Profile | None = None
) -> BookstallSimulator:
    return BookstallSimulator(items, profile)

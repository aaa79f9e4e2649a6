"""Quayside in memory: what its API answers, over the hub's simulator kit."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from msgspec import Struct
from msgspec.structs import replace

from hub.model.money import Money, to_minor
from hub.spec import testing
from hub.spec.moments import utc
from hub.spec.signing import hmac_sha256_hex
from hub.spec.testing import SimCall, SimReply, sim_json
from hub_quayside.translate import local

ZONE = ZoneInfo("Europe/Berlin")
SIGNED_S_MAX = 300
STATES = {"open": "paid", "sent": "shipped", "canceled": "canceled"}


class StockRow(Struct, frozen=True):
    sku: str
    qty: int


class StockRows(Struct, frozen=True):
    rows: list[StockRow]


class QuaysideSimulator(testing.SimChannel):
    kind = "quayside"
    skus_only = True
    habits = testing.Profile(paging=testing.Paging.NUMBERED, page_max=50, whole_seconds=True)
    plays = testing.SimChannel.plays - {
        "paging",
        "empty_pages",
        "whole_seconds",
        "late_bodies",
        "signed_max_s",
    }

    def settings(self, base_url: str) -> dict[str, str]:
        key, secret = self.made_up("key"), self.made_up("secret")
        return {"base_url": base_url, "key": key, "secret": secret, "time_zone": ZONE.key}

    def sale(self, channel_order_id: str) -> testing.SimSale:
        """What the kit does not know: the money of an order came, unless the order is void."""
        order = self.orders[channel_order_id]
        return replace(order.sale(), paid=order.state != "canceled")

    def refuse(self, call: SimCall) -> SimReply | None:
        at = call.headers.get("x-quay-time", "0")
        signed = f"{call.request.method}\n{call.request.path}\n{at}".encode()
        right = hmac_sha256_hex(self.made_up("secret"), signed)
        if call.headers.get("x-quay-key") != self.made_up("key") or call.headers.get("x-quay-sign") != right:
            return sim_json({"error": "the key or the signature is wrong"}, 401)
        off_s = abs(int(at) - (call.request.sent_at or call.at).timestamp())
        return sim_json({"error": "the time is off"}, 401) if off_s > SIGNED_S_MAX else None

    def routes(self) -> Mapping[str, testing.Route]:
        return {
            "GET /api/shop": lambda _: sim_json({"name": "Quayside", "zone": ZONE.key}),
            "GET /api/orders": self._orders,
            "POST /api/stock": self._stock,
        }

    def _orders(self, call: SimCall) -> SimReply:
        if ids := call.query.get("ids"):
            found = [self.orders[each] for each in ids.split(",") if each in self.orders]
            return sim_json({"rows": list(map(order_json, found)), "page": 1, "pages": 1})
        since = call.query.get("changed_from")
        changed = self.changed(call.at, since=utc(datetime.fromisoformat(since), ZONE) if since else None)
        number = call.number("page", 1)
        page = self.page_of_orders(changed, str(number))
        pages = max(1, -(-page.total // self.profile.page_max))
        return sim_json({"rows": list(map(order_json, page.items)), "page": number, "pages": pages})

    def _stock(self, call: SimCall) -> SimReply:
        levels = {row.sku: row.qty for row in call.read(StockRows).rows}
        refused = self.write_stock(levels, call.at)
        failed = [{"sku": sku, "why": why} for sku, why in refused.items()]
        return sim_json({"done": [sku for sku in levels if sku not in refused], "failed": failed})


def order_json(order: testing.SimOrder) -> dict[str, object]:
    def coins(amount: Decimal) -> int:
        return to_minor(Money(amount, order.currency))

    return {
        "id": order.number,
        "status": STATES[order.state],
        "created": local(order.bought_at, ZONE),
        "changed": local(order.changed_at, ZONE),
        "currency": order.currency,
        "customer": {"name": order.buyer.name, "mail": order.buyer.email},
        "positions": [
            {
                "pos": line.id,
                "sku": line.good.sku,
                "text": line.good.title,
                "qty": line.units,
                "unit": coins(line.good.price),
                "vat": coins(line.total) * 19 // 119,
            }
            for line in order.lines
        ],
        "shipping": coins(order.shipping),
        "sum": coins(order.total),
    }


def new_simulator(
    items: Sequence[testing.SimItem], profile: testing.Profile | None = None
) -> QuaysideSimulator:
    return QuaysideSimulator(items, profile)

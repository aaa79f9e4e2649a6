"""A fake channel written with the kit, as short as they come: orders by page, stock by PUT, one webhook a sale."""

from collections.abc import Mapping
from datetime import datetime

from typing_extensions import override

from hub.spec.testing import (
    Delivery,
    Route,
    SimCall,
    SimChannel,
    SimHook,
    SimOrder,
    SimReply,
    sim_json,
)

URL = "https://hub.test/in"


class Corner(SimChannel):
    kind = "corner"

    @override
    def refuse(self, call: SimCall) -> SimReply | None:
        return sim_json({}, 401) if call.headers.get("key") == "wrong" else None

    @override
    def routes(self) -> Mapping[str, Route]:
        return {
            "GET /orders": self.list_orders,
            "GET /orders/{number}": lambda call: sim_json(self.orders[call.parts["number"]].state),
            "PUT /stock": lambda call: sim_json(self.write_stock(call.read(dict[str, int]), call.at)),
            "GET /stock/{item}": lambda call: sim_json(self.shown(call.parts["item"], call.at)),
        }

    def list_orders(self, call: SimCall) -> SimReply:
        page = self.page_of_orders(
            self.changed(call.at), call.query.get("after", ""), call.number("limit", 100)
        )
        return sim_json({"ids": [each.id for each in page.items], "next": page.position, "more": page.more})

    @override
    def webhook(self, hook: SimHook, topic: str, order: SimOrder, at: datetime) -> Delivery:
        del at
        return Delivery(hook.url, {"topic": topic}, f"{order.id} {order.state}".encode())

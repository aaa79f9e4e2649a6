"""The smallest shop that keeps the rules of Simulator, and a receiver that notes the webhooks it gets."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal

import msgspec

from hub.model.incoming import Address, Person
from hub.sim.listen import Linger
from hub.spec.testing import Delivery, SimItem, SimReply, SimRequest, sim_json

ADA = Person(name="Ada <b>Lovelace</b>", email="ada@example.com", shipping=Address(city="Köln", country="DE"))
GOODS = (
    SimItem("MUG", "Mug", Decimal("12.90"), 1000),
    SimItem("TEA", "Tea", Decimal("7.50"), 1000),
    SimItem("LAMP", "Lamp", Decimal("64.00"), 1),
)


class FakeShop:
    """GET /stock shows the stock, PUT /stock writes it; every sale and cancellation queues one webhook."""

    kind = "fake"

    def __init__(self, items: Sequence[SimItem] = GOODS, *, webhook_url: str = "") -> None:
        self.levels = {item.sku: item.stock for item in items}
        self.baskets: dict[str, Mapping[str, int]] = {}
        self.canceled: list[str] = []
        self.requests: list[SimRequest] = []
        self._webhook_url = webhook_url
        self._queued: list[Delivery] = []

    def settings(self, base_url: str) -> dict[str, str]:
        return {"base_url": base_url}

    def answer(self, request: SimRequest, *, at: datetime) -> SimReply:
        self.requests.append(request)
        if request.path != "/stock":
            return sim_json({"at": at, "unknown": request.path}, 404)
        if request.method == "PUT":
            self.set_stock(msgspec.json.decode(request.body, type=dict[str, int]), at=at)
        return sim_json(self.levels)

    def sell(self, basket: Mapping[str, int], *, at: datetime, buyer: Person) -> str | None:
        if not buyer.name or any(self.levels[sku] < units for sku, units in basket.items()):
            return None
        for sku, units in basket.items():
            self.levels[sku] -= units
        channel_order_id = str(len(self.baskets) + 1)
        self.baskets[channel_order_id] = basket
        self._queue(f"{channel_order_id} sold", at)
        return channel_order_id

    def cancel(self, channel_order_id: str, *, at: datetime) -> None:
        for sku, units in self.baskets[channel_order_id].items():
            self.levels[sku] += units
        self.canceled.append(channel_order_id)
        self._queue(f"{channel_order_id} canceled", at)

    def take_deliveries(self) -> list[Delivery]:
        queued, self._queued = self._queued, []
        return queued

    def set_stock(self, levels: Mapping[str, int], *, at: datetime) -> None:
        del at
        self.levels.update(levels)

    def stock(self) -> dict[str, int]:
        return dict(self.levels)

    def order_ids(self) -> list[str]:
        return list(self.baskets)

    def _queue(self, news: str, at: datetime) -> None:
        if self._webhook_url:
            headers = {"content-type": "text/plain", "x-at": at.isoformat()}
            self._queued.append(Delivery(self._webhook_url, headers, news.encode()))


class Receiver:
    """Notes the body of every webhook; refuses as long as `refusals` lasts."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.refusals = 0
        self.calls = 0
        self.news: list[str] = []

    async def answer(self, request: SimRequest, _linger: Linger) -> SimReply:
        self.calls += 1
        if self.calls <= self.refusals:
            return SimReply(503)
        self.news.append(request.body.decode())
        return SimReply(204)

"""A transport that ends in the simulated shop of the same process, and what tests need around it."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from itertools import count
from pathlib import Path
from typing import Any

import msgspec

from connectors.woocommerce.connector import WooCommerce, WooCommerceChannel, WooCommerceConfig
from connectors.woocommerce.simulator import ROOT, WooCommerceSimulator
from hub.model.incoming import Address, Person
from hub.spec import Message, Reply, RetryLaterError, Secret
from hub.spec.testing import SimItem, SimRequest

HTTP = "http://shop.test:8088"
HTTPS = "https://shop.test"
MORNING = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
ADA = Person(name="Ada Sample", email="ada@shop.example", billing=Address(city="Dublin", country="IE"))
PAYLOADS = Path(__file__).parent / "payloads"
SIX = tuple(SimItem(f"SKU-{n}", f"Thing {n}", Decimal("9.99") + n, 50) for n in range(6))


class ShopHttp:
    """`replies` are given, one a call, before the shop is asked; a RetryLaterError among them is raised.

    `lost` lets the shop carry out each call, and loses its answer.
    """

    def __init__(self, shop: WooCommerceSimulator, base_url: str = HTTP, at: datetime = MORNING) -> None:
        self.shop = shop
        self.base_url = base_url
        self.at = at
        self.asked: list[SimRequest] = []
        self.replies: list[Reply | RetryLaterError | None] = []
        self.lost = False
        self._count = count(1)

    def now(self) -> datetime:
        return self.at

    def nonce(self) -> str:
        return f"nonce{next(self._count)}"

    async def request(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        idempotency_key: str = "",
    ) -> Reply:
        del idempotency_key
        asked = SimRequest(
            method, path, dict(query or {}), dict(headers or {}), body or b"", self.base_url + path
        )
        self.asked.append(asked)
        planned = self.replies.pop(0) if self.replies else None
        if isinstance(planned, RetryLaterError):
            raise planned
        return planned or self._answer(asked)

    def _answer(self, asked: SimRequest) -> Reply:
        reply = self.shop.answer(asked, at=self.at)
        if self.lost:
            raise timeout()
        return Reply(reply.status, reply.headers, reply.body)


def timeout() -> RetryLaterError:
    return RetryLaterError("no answer within 10 s")


def woo_error(status: int, code: str, message: str = "No.") -> Reply:
    return Reply(status, {}, msgspec.json.encode({"code": code, "message": message}))


def opened(http: ShopHttp) -> WooCommerceChannel:
    settings = http.shop.settings(http.base_url)
    secrets = {name: Secret(value) for name, value in settings.items() if name != "base_url"}
    return WooCommerce().open(http, WooCommerceConfig(base_url=http.base_url, **secrets))


def shop_of(items: Sequence[SimItem] = SIX) -> tuple[WooCommerceSimulator, ShopHttp, WooCommerceChannel]:
    shop = WooCommerceSimulator(items)
    http = ShopHttp(shop)
    return shop, http, opened(http)


def payload(name: str, **changes: object) -> bytes:
    """Return a payload of the folder with some of its fields changed."""
    fields: dict[str, Any] = msgspec.json.decode((PAYLOADS / f"{name}.json").read_bytes())
    return msgspec.json.encode(fields | changes)


def message(body: bytes) -> Message:
    return Message("key", "order", "41", body)


def api(method: str, path: str, body: object = None, **query: str) -> SimRequest:
    """Build a request below REST v3, not signed."""
    return SimRequest(
        method,
        ROOT + path,
        query,
        {},
        b"" if body is None else msgspec.json.encode(body),
        HTTPS + ROOT + path,
    )

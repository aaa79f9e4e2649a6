"""An order of Bookstall becomes the hub's order; stock goes out as absolute numbers, with an outcome for each."""

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal

import msgspec
import pytest
from hub_bookstall import Bookstall, BookstallConfig

from hub.model.incoming import IncomingOrder, Payment
from hub.model.orders.taking import difference
from hub.spec import FetchesOrders, MalformedError, Outcome, OutcomeState, PushesStock, Reply, StockTarget

KIND = Bookstall()
CONFIG = BookstallConfig()
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
LINE = {"id": 1, "item": "B-7", "title": "Atlas of Small Islands", "copies": 2, "price": "9.50"}
ORDER = {
    "number": 1042,
    "state": "open",
    "bought_at": "2026-03-01T09:30:00Z",
    "changed_at": "2026-03-01T09:31:00Z",
    "currency": "EUR",
    "paid": True,
    "buyer": "Ada Example",
    "lines": [LINE],
    "postage": "3.00",
    "total": "22.00",
}


class FakeHttp:
    """Answers every call with one body, and remembers what was asked."""

    base_url = "https://bookstall.example"

    def __init__(self, body: object, status: int = 200) -> None:
        self.reply = Reply(status, {}, msgspec.json.encode(body))
        self.asked: list[tuple[str, str, object, bytes | None]] = []

    def now(self) -> datetime:
        return NOON

    def nonce(self) -> str:
        return "n1"

    async def request(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Reply:
        del headers
        self.asked.append((method, path, query, body))
        return self.reply


def taken(**fields: object) -> IncomingOrder:
    [message] = KIND.split_file(msgspec.json.encode(ORDER | fields))
    return KIND.to_incoming(message, CONFIG)


def test_the_total_is_the_sum_of_its_parts() -> None:
    order = taken()
    assert (order.total, difference(order), order.payment) == (Decimal("22.00"), 0, Payment.PAID)


def test_what_was_sent_has_left_and_what_is_void_is_canceled() -> None:
    assert [line.fulfilled for line in taken(state="sent").lines] == [2]
    assert taken(state="void").canceled


def test_a_wrong_field_is_named() -> None:
    with pytest.raises(MalformedError, match="lines"):
        taken(lines=[LINE | {"copies": 0}])


def test_it_can_do_what_it_declares() -> None:
    channel = KIND.open(FakeHttp({}), CONFIG)
    assert isinstance(channel, FetchesOrders)
    assert isinstance(channel, PushesStock)


def test_a_page_that_is_not_the_last_leads_on() -> None:
    channel = KIND.open(FakeHttp({"orders": [ORDER], "cursor": "c2", "more": True}), CONFIG)
    page = asyncio.run(channel.fetch_orders("c1", until=NOON))
    assert ([each.channel_order_id for each in page.items], page.next_cursor) == (["1042"], "c2")


def test_a_refused_item_is_rejected_and_the_others_are_applied() -> None:
    channel = KIND.open(FakeHttp({"B-9": "no such item"}), CONFIG)
    targets = [StockTarget(item, "", 4, version=1, at=NOON) for item in ("B-7", "B-9")]
    assert asyncio.run(channel.push_stock(targets)) == [
        Outcome("B-7", OutcomeState.APPLIED),
        Outcome("B-9", OutcomeState.REJECTED, "no such item"),
    ]


def test_a_dead_token_is_told_with_its_remedy() -> None:
    [probe] = asyncio.run(KIND.open(FakeHttp({}, status=401), CONFIG).check())
    assert (probe.name, probe.ok, probe.remedy) == ("token", False, "make a new token")

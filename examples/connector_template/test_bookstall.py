"""Bookstall is certified Silver, and an order of it becomes the hub's order, field by field."""

import asyncio
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import msgspec
import pytest
from hub_bookstall.connector import Bookstall, BookstallConfig

from hub.model.incoming import IncomingOrder, Payment
from hub.model.orders.taking import difference
from hub.sim.certify import Tier, certified
from hub.spec import MalformedError, Outcome, OutcomeState, Reply, Secret, StockTarget

KIND = Bookstall()
CONFIG = BookstallConfig(token=Secret("t"))
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


def test_it_is_certified() -> None:
    certified(KIND, Tier.SILVER)


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


class AnswersRefused:
    """A transport that refuses one item, without a network."""

    base_url = "https://bookstall.example"

    async def request(self, *_: object, **__: Any) -> Reply:
        return Reply(200, {}, b'{"B-9": "no such item"}')


def test_a_refused_item_is_rejected_and_the_others_are_applied() -> None:
    targets = [StockTarget(item, "", 4, version=1, at=NOON) for item in ("B-7", "B-9")]
    assert asyncio.run(KIND.open(AnswersRefused(), CONFIG).push_stock(targets)) == [
        Outcome("B-7", OutcomeState.APPLIED),
        Outcome("B-9", OutcomeState.REJECTED, "no such item"),
    ]

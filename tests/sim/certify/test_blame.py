"""Certification names the one that is at fault: a simulator that fails is not the connector's doing, nor a tool's."""

import asyncio
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from hub_bookstall.connector import Bookstall, BookstallConfig
from hub_bookstall.simulator import BookstallSimulator, new_simulator
from msgspec.structs import replace
from typing_extensions import override

from hub import spec
from hub.model.incoming import IncomingOrder, Payment
from hub.model.money import Money
from hub.sim.certify import Certificate, Tier, Wish, certify, subject_for
from hub.sim.certify.shop import Recording
from hub.spec.testing import NewSimulator, Profile, SimItem, SimSale


class Stumbles(BookstallSimulator):
    @override
    def routes(self) -> Mapping[str, Any]:
        return {**super().routes(), "GET /v1/orders": lambda _: self.no_such_thing}  # type: ignore[attr-defined]


MISSES = b"""{"number": 1042, "state": "open", "bought_at": "2026-03-01T09:30:00Z", "currency": "EUR", "paid": true,
"changed_at": "2026-03-01T09:31:00Z", "buyer": "Ada Example", "postage": "3.78", "total": "22.00",
"lines": [{"id": 1, "item": "B-7", "title": "Atlas", "copies": 2, "price": "9.50"}]}"""


def stumbling(items: Sequence[SimItem], profile: Profile | None = None) -> Stumbles:
    return Stumbles(items, profile)


class MoneyForAmount(Bookstall):
    @override
    def to_incoming(self, message: spec.Message, config: BookstallConfig) -> IncomingOrder:
        order = super().to_incoming(message, config)
        wrong: Any = Money(order.total, order.currency)
        return replace(order, total=wrong)


class Unpaid(Bookstall):
    @override
    def to_incoming(self, message: spec.Message, config: BookstallConfig) -> IncomingOrder:
        return replace(super().to_incoming(message, config), payment=Payment.PENDING)


class UntaxedAndPaid(BookstallSimulator):
    @override
    def sale(self, channel_order_id: str) -> SimSale:
        return replace(super().sale(channel_order_id), paid=True, tax=Decimal(0))


def tried(connector: Bookstall, only: str, simulator: NewSimulator) -> Certificate:
    subject = replace(subject_for(connector), new_simulator=simulator)
    return asyncio.run(certify(subject, Wish(tier=Tier.BRONZE, only=only)))


def test_a_simulator_that_fails_is_named_with_the_line_to_mend():
    certificate = tried(Bookstall(), "paging", stumbling)
    [flaw] = certificate.flaws
    assert flaw.name == "its simulator fails"
    assert "AttributeError at test_blame.py" in certificate.broken[0].seen


def test_a_value_of_a_wrong_type_is_named_by_its_field():
    certificate = tried(MoneyForAmount(), "malformed", new_simulator)
    assert {each.name for each in certificate.flaws} == {"unsound order"}
    assert "$.total" in certificate.broken[0].seen


def test_a_recording_whose_parts_miss_its_total_is_kept_and_said():
    recorded = replace(subject_for(Bookstall()), recordings=[Recording("order.json", MISSES)])
    [verdict] = asyncio.run(certify(recorded, Wish(only="recordings"))).remarks
    assert verdict.seen == "order '1042': its parts miss its total by -0.78"


def test_what_is_not_tried_says_why_and_how_often():
    certificate = asyncio.run(certify(subject_for(Bookstall()), Wish(only="shipping")))
    [(reason, count)] = certificate.untried
    assert (reason, count > 5) == ("the connector does not declare what they need", True)


def test_money_that_came_and_reads_as_pending_is_seen_where_the_simulator_says_that_it_came():
    assert tried(Bookstall(), "orders/basket-*", UntaxedAndPaid).broken == []
    certificate = tried(Unpaid(), "orders/basket-*", UntaxedAndPaid)
    assert "payment is pending" in certificate.broken[0].seen

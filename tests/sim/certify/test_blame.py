"""Certification names the one that is at fault: a simulator that fails is not the connector's doing, nor a tool's."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from hub_bookstall.connector import Bookstall, BookstallConfig
from hub_bookstall.simulator import BookstallSimulator, new_simulator
from msgspec.structs import replace
from typing_extensions import override

from hub import spec
from hub.model.incoming import IncomingOrder
from hub.model.money import Money
from hub.sim.certify import Certificate, Tier, Wish, certify, subject_for
from hub.spec.testing import NewSimulator, Profile, SimItem


class Stumbles(BookstallSimulator):
    @override
    def routes(self) -> Mapping[str, Any]:
        return {**super().routes(), "GET /v1/orders": lambda _: self.no_such_thing}  # type: ignore[attr-defined]


def stumbling(items: Sequence[SimItem], profile: Profile | None = None) -> Stumbles:
    return Stumbles(items, profile)


class MoneyForAmount(Bookstall):
    @override
    def to_incoming(self, message: spec.Message, config: BookstallConfig) -> IncomingOrder:
        order = super().to_incoming(message, config)
        wrong: Any = Money(order.total, order.currency)
        return replace(order, total=wrong)


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

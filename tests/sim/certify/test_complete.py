"""All there is can be certified, and each way to get write-back, log-in or records wrong is named as what it is."""

import asyncio
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

import pytest
from msgspec.structs import replace
from typing_extensions import override

from hub import spec
from hub.model.incoming import IncomingOrder, LineKind
from hub.sim.certify import Certificate, Tier, Wish, certify, subject_for
from tests.sim.certify.complete import Full, FullChannel, FullConfig, FullSimulator, new_simulator


def tried(connector: Full, only: str = "") -> Certificate:
    subject = replace(subject_for(connector), new_simulator=new_simulator)
    return asyncio.run(certify(subject, Wish(tier=Tier.GOLD, only=only)))


def test_a_connector_that_can_do_everything_is_gold():
    certificate = tried(Full())
    assert [each.name for each in certificate.flaws] == []
    assert certificate.tier is Tier.GOLD


class NewKeyEachTime(FullChannel):
    count = 0

    @override
    async def push_refund(self, refunds: Sequence[spec.Refund]) -> list[spec.WriteOutcome]:
        NewKeyEachTime.count += 1
        keyed = [replace(each, key=f"{each.key}/{self.count}") for each in refunds]
        outcomes = await super().push_refund(keyed)
        return [replace(each, key=each.key.partition("/")[0]) for each in outcomes]


class Optimist(FullChannel):
    @override
    async def push_fulfillment(self, fulfillments: Sequence[spec.Fulfillment]) -> list[spec.WriteOutcome]:
        outcomes = await super().push_fulfillment(fulfillments)
        unsure = spec.OutcomeState.UNKNOWN
        return [
            replace(each, state=spec.OutcomeState.APPLIED) if each.state is unsure else each
            for each in outcomes
        ]


class Pessimist(FullChannel):
    @override
    async def push_cancel(self, cancellations: Sequence[spec.Cancellation]) -> list[spec.WriteOutcome]:
        outcomes = await super().push_cancel(cancellations)
        unsure = spec.OutcomeState.UNKNOWN
        return [
            replace(each, state=spec.OutcomeState.REJECTED, reason="no answer")
            if each.state is unsure
            else each
            for each in outcomes
        ]


class AllAtOnce(FullChannel):
    @override
    async def push_fulfillment(self, fulfillments: Sequence[spec.Fulfillment]) -> list[spec.WriteOutcome]:
        more = [
            replace(each, lines=tuple(replace(line, quantity=2) for line in each.lines[:1]))
            for each in fulfillments
        ]
        return await super().push_fulfillment(more)


class Rounds(FullChannel):
    @override
    def to_refund(self, message: spec.Message) -> spec.IncomingRefund:
        refund = super().to_refund(message)
        return replace(refund, total=refund.total.quantize(Decimal(1)))


class Overwrites(FullChannel):
    @override
    async def push_stock(self, targets: Sequence[spec.StockTarget]) -> list[spec.Outcome]:
        return await super().push_stock([replace(each, expected=None) for each in targets])


class StaysSubscribed(FullChannel):
    @override
    async def remove_webhooks(self, url: str) -> None:
        await super().remove_webhooks(f"{url}/")


class SaysAllIsWell(FullChannel):
    @override
    async def ensure_webhooks(self, url: str) -> list[spec.Probe]:
        return [replace(each, mended=False) for each in await super().ensure_webhooks(url)]


class FirstPageOfPlaces(FullChannel):
    @override
    async def list_locations(self, cursor: str | None) -> spec.Page[spec.ChannelLocation]:
        return replace(await super().list_locations(cursor), next_cursor=None)


class OneRemedy(FullChannel):
    @override
    async def check(self) -> list[spec.Probe]:
        return [
            each if each.ok else spec.Probe("connection", ok=False, remedy="look at the settings")
            for each in await super().check()
        ]


class TriesElsewhere(FullChannel):
    @override
    async def list_listings(self, cursor: str | None) -> spec.Page[spec.ChannelListing]:
        try:
            return await super().list_listings(cursor)
        except spec.RetryLaterError:
            await self._call("GET", "/v1/ping")
            raise


class OneParcel(Full):
    @override
    def to_incoming(self, message: spec.Message, config: Any) -> IncomingOrder:
        order = super().to_incoming(message, config)
        return replace(order, parcels=order.parcels[:1])


class SendsAll(Full):
    @override
    def to_incoming(self, message: spec.Message, config: Any) -> IncomingOrder:
        return replace(super().to_incoming(message, config), pickup=None)


class BundleTwice(Full):
    @override
    def to_incoming(self, message: spec.Message, config: Any) -> IncomingOrder:
        order = super().to_incoming(message, config)
        return replace(order, lines=[replace(each, kind=LineKind.ITEM) for each in order.lines])


class ForgetsVersionOne(FullConfig, frozen=True, kw_only=True, forbid_unknown_fields=True):
    @classmethod
    @override
    def upgrade(cls, held: dict[str, Any], version: int) -> dict[str, Any]:
        del version
        return held


class Forgets(Full):
    config_type = ForgetsVersionOne


class TrustsAnybody(Full):
    @override
    async def auth_complete(
        self, http: spec.Http, config: FullConfig, answer: Mapping[str, str], *, redirect_url: str
    ) -> spec.Tokens:
        try:
            return await super().auth_complete(http, config, answer, redirect_url=redirect_url)
        except spec.UnauthorizedError:
            return spec.Tokens(access=spec.Secret("anybody"))


class KeepsNames(Full):
    @override
    def redact(self, payload: bytes) -> bytes:
        return payload


class CountsSome(Full):
    manifest = replace(
        Full.manifest,
        budgets=(spec.Budget(name="api", limit=9, window_s=1, costs=(spec.Cost("GET", "/v1/orders"),)),),
    )


def channel_of(kind: type[FullChannel]) -> Full:
    class WithFault(Full):
        channel_type = kind

    return WithFault()


PLANTED: dict[str, tuple[Any, str]] = {
    "acts twice": (channel_of(NewKeyEachTime), "refunding/again"),
    "tells unknown as applied": (channel_of(Optimist), "shipping/lost-answer-*"),
    "tells unknown as failed": (channel_of(Pessimist), "canceling/lost-answer-*"),
    "wrong write": (channel_of(AllAtOnce), "shipping/part-then-rest"),
    "wrong hand-over": (OneParcel(), "orders/parcels"),
    "wrong lines": (BundleTwice(), "orders/bundle"),
    "wrong listings": (channel_of(FirstPageOfPlaces), "discovery/locations*"),
    "probes cannot tell": (channel_of(OneRemedy), "check"),
    "config does not fit": (Forgets(), "config/old-versions"),
    "above the limit": (channel_of(TriesElsewhere), "budgets/stops*"),
    "goes on sending": (channel_of(StaysSubscribed), "webhooks/remove*"),
    "hides what was switched off": (channel_of(SaysAllIsWell), "webhooks/switched-off*"),
    "overwrites blindly": (channel_of(Overwrites), "stock"),
    "wrong money": (channel_of(Rounds), "refunds"),
    "logs in wrongly": (TrustsAnybody(), "login"),
    "leaks personal data": (KeepsNames(), "redaction"),
    "a call that costs nothing": (CountsSome(), "budgets"),
}


def test_who_collects_is_not_forgotten():
    assert [each.name for each in tried(SendsAll(), "orders/collected").flaws] == ["wrong hand-over"]


def test_a_budget_larger_than_what_the_channel_answers_is_found_in_simulation():
    class Strict(FullSimulator):
        habits = replace(FullSimulator.habits, calls_max=50, calls_window_s=10)

    subject = replace(subject_for(Full()), new_simulator=Strict)
    certificate = asyncio.run(certify(subject, Wish(tier=Tier.GOLD, only="budgets/never-above")))
    assert [each.name for each in certificate.flaws] == ["above the limit"]


@pytest.mark.parametrize("flaw", sorted(PLANTED))
def test_a_planted_fault_is_named_as_what_it_is(flaw: str):
    connector, only = PLANTED[flaw]
    assert [each.name for each in tried(connector, only).flaws] == [flaw]

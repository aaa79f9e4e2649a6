"""What goes wrong, and when: decided from a seed, so that a run can be repeated.

Calls and webhooks draw from two streams of their own, and each decision takes a fixed number of draws. So the
fate of the n-th call depends on the seed, n and the rates alone, never on timing or on the webhooks between.
"""

from collections.abc import Mapping
from enum import StrEnum
from random import Random
from typing import Annotated

from msgspec import Meta, Struct

Rate = Annotated[float, Meta(ge=0, le=1)]
Wait = Annotated[float, Meta(ge=0, le=3600)]


class CallFault(StrEnum):
    NONE = "none"
    TOO_MANY = "too many"
    BROKEN = "broken"
    HANG = "hang"
    LOST = "lost"
    WROTE = "wrote"
    SLOW = "slow"


class FaultPlan(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Rates are shares of all calls (or webhooks); those of calls exclude each other: at most 1 together."""

    seed: Annotated[int, Meta(description="the same seed: the same fate for the n-th call")] = 1
    call_too_many: Annotated[Rate, Meta(description="answered 429, with Retry-After")] = 0.0
    call_broken: Annotated[Rate, Meta(description="not carried out, and answered 500")] = 0.0
    call_hang: Annotated[Rate, Meta(description="not carried out; no answer, then the connection drops")] = (
        0.0
    )
    call_lost: Annotated[Rate, Meta(description="carried out; the connection drops before the answer")] = 0.0
    call_wrote: Annotated[Rate, Meta(description="carried out, and answered 500")] = 0.0
    call_slow: Annotated[Rate, Meta(description="carried out, and answered late")] = 0.0
    retry_after_s: Annotated[Wait, Meta(description="what Retry-After says")] = 1.0
    call_hang_s: Annotated[Wait, Meta(description="how long one hangs")] = 30.0
    call_slow_max_s: Annotated[Wait, Meta(description="how late an answer is, at most")] = 2.0
    webhook_drop: Annotated[Rate, Meta(description="never sent")] = 0.0
    webhook_repeat: Annotated[Rate, Meta(description="sent twice")] = 0.0
    webhook_reorder: Annotated[Rate, Meta(description="overtaken by the next one")] = 0.0
    webhook_reorder_max_s: Annotated[Wait, Meta(description="sent after so long where no other follows")] = (
        5.0
    )
    webhook_delay_min_s: Annotated[Wait, Meta(description="how late each is, at least")] = 0.0
    webhook_delay_max_s: Annotated[Wait, Meta(description="how late each is, at most")] = 0.0

    def __post_init__(self) -> None:
        if sum(self.call_rates().values()) > 1:
            msg = "the call_ rates add up to more than 1: lower one of them"
            raise ValueError(msg)
        if self.webhook_delay_min_s > self.webhook_delay_max_s:
            msg = "webhook_delay_min_s is above webhook_delay_max_s: swap them"
            raise ValueError(msg)

    def call_rates(self) -> dict[CallFault, float]:
        return {
            CallFault.TOO_MANY: self.call_too_many,
            CallFault.BROKEN: self.call_broken,
            CallFault.HANG: self.call_hang,
            CallFault.LOST: self.call_lost,
            CallFault.WROTE: self.call_wrote,
            CallFault.SLOW: self.call_slow,
        }


CALM = FaultPlan()
STORM = FaultPlan(
    call_too_many=0.05,
    call_broken=0.03,
    call_hang=0.01,
    call_lost=0.02,
    call_wrote=0.02,
    call_slow=0.1,
    webhook_drop=0.05,
    webhook_repeat=0.1,
    webhook_reorder=0.1,
    webhook_delay_max_s=3.0,
)


class CallFate(Struct, frozen=True):
    """`wait_s`: how long a slow or hanging call waits, or what Retry-After says."""

    fault: CallFault = CallFault.NONE
    wait_s: float = 0.0


class WebhookFate(Struct, frozen=True):
    """`overtaken_max_s`: how long it waits to be overtaken, 0 where it is not held back."""

    dropped: bool
    copies: int
    overtaken_max_s: float
    delay_s: float


class Faults:
    """Hands out fates in order; two of them made from one plan hand out the same."""

    def __init__(self, plan: FaultPlan) -> None:
        self.plan = plan
        self._calls = _stream(plan, "calls")
        self._webhooks = _stream(plan, "webhooks")

    def next_call(self) -> CallFate:
        fault = _pick(self.plan.call_rates(), self._calls.random())
        slow_s = self._calls.random() * self.plan.call_slow_max_s
        return CallFate(fault, _waits(self.plan, slow_s).get(fault, 0.0))

    def next_webhook(self) -> WebhookFate:
        plan, draw = self.plan, self._webhooks.random
        return WebhookFate(
            dropped=draw() < plan.webhook_drop,
            copies=2 if draw() < plan.webhook_repeat else 1,
            overtaken_max_s=plan.webhook_reorder_max_s if draw() < plan.webhook_reorder else 0.0,
            delay_s=_between(plan.webhook_delay_min_s, plan.webhook_delay_max_s, draw()),
        )


def _stream(plan: FaultPlan, name: str) -> Random:
    return Random(f"{plan.seed}/{name}")


def _between(low: float, high: float, share: float) -> float:
    return low + share * (high - low)


def _waits(plan: FaultPlan, slow_s: float) -> dict[CallFault, float]:
    return {
        CallFault.TOO_MANY: plan.retry_after_s,
        CallFault.HANG: plan.call_hang_s,
        CallFault.SLOW: slow_s,
    }


def _pick(rates: Mapping[CallFault, float], point: float) -> CallFault:
    """Return the fault whose slice of 0 to 1 holds `point`; what is left over is no fault."""
    for fault, rate in rates.items():
        if point < rate:
            return fault
        point -= rate
    return CallFault.NONE

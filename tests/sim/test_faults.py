"""What goes wrong is decided by the seed and the rates, and by nothing else."""

from collections import Counter

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.sim.faults import CALM, STORM, CallFate, CallFault, FaultPlan, Faults, WebhookFate


def fates(plan: FaultPlan, count: int = 50) -> list[tuple[CallFate, WebhookFate]]:
    faults = Faults(plan)
    return [(faults.next_call(), faults.next_webhook()) for _ in range(count)]


@given(seed=st.integers(0, 2**32))
def test_one_seed_decides_the_same_every_time(seed):
    plan = msgspec.structs.replace(STORM, seed=seed)
    assert fates(plan) == fates(plan)


def test_another_seed_decides_otherwise():
    assert fates(STORM) != fates(msgspec.structs.replace(STORM, seed=2))


def test_webhooks_between_calls_do_not_change_what_befalls_the_calls():
    alone, mixed = Faults(STORM), fates(STORM)
    assert [alone.next_call() for _ in mixed] == [call for call, _ in mixed]


def test_a_calm_plan_breaks_nothing():
    assert set(fates_of_calls(CALM)) == {CallFault.NONE}
    assert {webhook for _, webhook in fates(CALM)} == {WebhookFate(False, 1, 0.0, 0.0)}


def test_every_rate_is_kept_in_the_long_run():
    count = Counter(fates_of_calls(STORM, 20_000))
    shares = {fault: round(count[fault] / 20_000, 2) for fault in CallFault if fault != CallFault.NONE}
    assert shares == {
        "too many": 0.05,
        "broken": 0.03,
        "hang": 0.01,
        "lost": 0.02,
        "wrote": 0.02,
        "slow": 0.1,
    }


@given(seed=st.integers(0, 2**32))
def test_delays_stay_within_their_range(seed):
    plan = FaultPlan(seed=seed, webhook_delay_min_s=2, webhook_delay_max_s=5)
    assert all(2 <= webhook.delay_s <= 5 for _, webhook in fates(plan))


def test_rates_of_calls_that_exceed_one_together_are_refused():
    with pytest.raises(ValueError, match="lower one of them"):
        FaultPlan(call_broken=0.6, call_slow=0.5)


@pytest.mark.parametrize("text", [b'{"webhook_drop": 2}', b'{"webhook_delay_min_s": 3}', b'{"drop": 0.1}'])
def test_a_plan_from_outside_is_checked(text):
    with pytest.raises(msgspec.ValidationError):
        msgspec.json.decode(text, type=FaultPlan)


def fates_of_calls(plan: FaultPlan, count: int = 50) -> list[CallFault]:
    return [call.fault for call, _ in fates(plan, count)]

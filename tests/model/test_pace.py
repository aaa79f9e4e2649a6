"""Stages are counted into buckets that lose nothing, and who is told first is who would be oversold soonest."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.model.errors import InputError
from hub.model.histogram import within
from hub.model.sync.pace import refuse_bad_goal
from hub.model.sync.risk import MUST_GO, risk_of
from hub.model.sync.stages import BUCKETS_S, spread

SECONDS = st.lists(st.floats(0, 1000), max_size=30)


@given(SECONDS)
def test_every_second_is_counted_once_and_added_up(seconds: list[float]):
    buckets = spread(seconds)
    assert sum(count for count, _ in buckets.values()) == len(seconds)
    assert sum(total for _, total in buckets.values()) == pytest.approx(sum(seconds))


@given(SECONDS, st.sampled_from([0.5, 0.99, 1.0]))
def test_at_least_the_share_stayed_within_the_bound(seconds: list[float], share: float):
    bound = within({bound: count for bound, (count, _) in spread(seconds).items()}, share)
    if bound is None:
        assert seconds == []
    else:
        assert bound in BUCKETS_S
        assert sum(each <= bound for each in seconds) >= share * len(seconds)


def test_what_must_go_to_none_comes_first_then_low_and_fast_and_rises_last():
    falls = [
        risk_of(shows=10, would=would, sold=sold)
        for would, sold in ((0, 0), (1, 50), (9, 50), (1, 0), (9, 0))
    ]
    assert falls == sorted(falls, reverse=True)
    assert falls[0] == risk_of(shows=None, would=0, sold=0) == MUST_GO
    assert 0.0 < risk_of(shows=None, would=1, sold=99) < 1 < risk_of(shows=10, would=9, sold=0)
    assert {risk_of(shows=5, would=9, sold=99), risk_of(shows=0, would=0, sold=9)} == {0.0}


@pytest.mark.parametrize("goal_s", [0, -1, 86_401])
def test_a_goal_that_cannot_be_is_refused(goal_s: int):
    with pytest.raises(InputError, match="goal"):
        refuse_bad_goal(goal_s)

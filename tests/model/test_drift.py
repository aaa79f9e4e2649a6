"""Drift has one probable cause, and what becomes of it follows from the cause and the channel's policy."""

from datetime import UTC, datetime, timedelta

import pytest

from hub.model.sync.drift import Cause, Deed, Difference, Policy, cause_of, deed_of, is_believed

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


@pytest.mark.parametrize(
    ("difference", "cause"),
    [
        (Difference(10, None, 12, 10), Cause.NOT_THERE),
        (Difference(10, 12, 12, 10), Cause.LOST_WRITE),
        (Difference(10, 7, 12, 10), Cause.EDITED),
        (Difference(10, 7, 12, 7), Cause.OUR_FAULT),
        (Difference(10, 7, 12, 10, shared=True), Cause.MAPPING),
        (Difference(10, 7, 12, 10, heals=3), Cause.CONTESTED),
        (Difference(10, None, 12, 7, shared=True, heals=9), Cause.NOT_THERE),
    ],
)
def test_the_probable_cause(difference: Difference, cause: Cause):
    assert cause_of(difference) is cause


def test_a_policy_decides_about_what_somebody_changed_there_and_about_nothing_else():
    table = {
        cause: [deed_of(cause, policy) for policy in Policy] for cause in Cause if cause != Cause.IN_FLIGHT
    }
    asked, healed = [None] * 3, [Deed.HEALED, Deed.HEALED, None]
    assert table == {
        Cause.LOST_WRITE: healed,
        Cause.OUR_FAULT: healed,
        Cause.EDITED: [Deed.HEALED, Deed.ADOPTED, None],
        **dict.fromkeys((Cause.MAPPING, Cause.NOT_THERE, Cause.CONTESTED), asked),
    }


@pytest.mark.parametrize(
    ("minutes", "pulled", "believed"), [(1, None, False), (2, None, True), (9, -1, False), (9, 1, True)]
)
def test_a_second_look_counts_once_orders_were_pulled_after_the_first(
    minutes: int, pulled: int | None, *, believed: bool
):
    pulled_at = None if pulled is None else NOON + pulled * MINUTE
    assert is_believed(found_at=NOON, at=NOON + minutes * MINUTE, pulled_at=pulled_at) is believed

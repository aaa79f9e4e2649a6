"""The clock of an order runs on the days and at the hours of its channel, and stands still on the others."""

from datetime import UTC, datetime, time, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hub.model.errors import InputError
from hub.model.fulfillment.ship_by import HOURS_MAX, WEEK, Handling, refuse_bad

BERLIN = "Europe/Berlin"
BY_TWO = Handling(4, time(14), (1, 2, 3, 4, 5), BERLIN)
A_DAY = Handling(24, None, (1, 2, 3, 4, 5), BERLIN)


def moment(written: str) -> datetime:
    return datetime.strptime(written, "%d %b %Y %H:%M").replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("handling", "placed", "leaves"),
    [
        (BY_TWO, "26 Nov 2026 12:59", "26 Nov 2026 17:00"),  # a Thursday, one minute before two in Berlin
        (BY_TWO, "26 Nov 2026 13:01", "27 Nov 2026 17:00"),
        (BY_TWO, "27 Nov 2026 13:01", "30 Nov 2026 17:00"),  # over the week-end
        (BY_TWO, "28 Nov 2026 09:00", "30 Nov 2026 17:00"),
        (A_DAY, "26 Nov 2026 09:00", "27 Nov 2026 09:00"),
        (A_DAY, "27 Nov 2026 09:00", "30 Nov 2026 09:00"),
        (A_DAY, "28 Nov 2026 09:00", "30 Nov 2026 23:00"),  # all of Monday is left
        (A_DAY, "25 Jun 2026 22:30", "28 Jun 2026 22:30"),  # Friday has begun in Berlin
        (Handling(48, None, tuple(WEEK), BERLIN), "23 Oct 2026 10:00", "25 Oct 2026 11:00"),  # winter comes
    ],
)
def test_an_order_leaves_by(handling: Handling, placed: str, leaves: str):
    assert handling.ship_by(moment(placed)) == moment(leaves)


@settings(max_examples=60)
@given(
    st.integers(1, HOURS_MAX),
    st.sets(st.integers(1, 7), min_size=1),
    st.none() | st.times(),
    st.integers(0, 10 * 365 * 24 * 60),
)
def test_it_ends_on_a_working_day_and_never_before_its_hours_are_over(
    hours: int, days: set[int], cutoff: time | None, minutes: int
):
    at = moment("01 Jan 2020 00:00") + timedelta(minutes=minutes)
    leaves = Handling(hours, cutoff, tuple(days)).ship_by(at)
    assert leaves is not None
    assert leaves >= at + timedelta(hours=hours)
    assert (leaves - timedelta(microseconds=1)).isoweekday() in days


def test_without_hours_nothing_is_promised():
    assert Handling().ship_by(moment("26 Nov 2026 09:00")) is None


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        (Handling(0), "hours"),
        (Handling(HOURS_MAX + 1), "hours"),
        (Handling(1, days=()), "days"),
        (Handling(1, days=(0,)), "days"),
        (Handling(1, time(14, tzinfo=UTC)), "cutoff"),
    ],
)
def test_what_cannot_be_is_refused_by_its_field(wrong: Handling, field: str):
    with pytest.raises(InputError) as refused:
        refuse_bad(wrong)
    assert refused.value.field == field

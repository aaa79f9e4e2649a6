"""An adaptive buffer is the least that keeps to the risk; it says what it was worked out of, and where that is thin."""

import sys
from collections import deque
from collections.abc import Iterator, Mapping
from itertools import accumulate
from random import Random
from types import FrameType

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from hub.model.stock import buffers
from hub.model.stock.buffers import BUFFER_MAX, Asked, Sales, mixed, sentence, told_after, work_out

DAY = 86_400.0
MONTH = 28 * DAY
AT_ONCE = {1.0: 100.0}
SOME = Sales(MONTH, {1: 60, 2: 20}, own_units=50, run_outs=2)

sold = st.builds(
    Sales,
    st.just(MONTH),
    st.dictionaries(st.integers(1, 6), st.integers(3, 3_000), min_size=1, max_size=3),
    st.integers(0, 2_000),
)
told = st.dictionaries(st.sampled_from([0.5, 5.0, 60.0, 900.0]), st.integers(1, 50), min_size=1).map(dict)
risks = st.floats(0.01, 50)
Sold = tuple[float, int, bool]


def buffer_of(risk: float, sales: Sales, took: dict[float, float], units: int = 1) -> int:
    worked = work_out(Asked(risk), sales, took, units=units)
    assert worked.buffer is not None
    return worked.buffer


@settings(max_examples=30)
@given(sold, told, risks, risks)
def test_more_risk_allowed_is_never_a_larger_buffer(
    sales: Sales, took: dict[float, float], one: float, other: float
):
    assert buffer_of(max(one, other), sales, took) <= buffer_of(min(one, other), sales, took)


@settings(max_examples=30)
@given(sold, told, risks, st.floats(1, 20))
def test_a_slower_channel_never_has_a_smaller_one(
    sales: Sales, took: dict[float, float], risk: float, times: float
):
    slower = {seconds * times: count for seconds, count in took.items()}
    assert buffer_of(risk, sales, slower) >= buffer_of(risk, sales, took)


@settings(max_examples=30)
@given(sold, told, risks)
def test_no_smaller_buffer_would_keep_to_the_risk(sales: Sales, took: dict[float, float], risk: float):
    worked = work_out(Asked(risk), sales, took)
    less = work_out(Asked(risk, max(0, (worked.buffer or 0) - 1)), sales, took)
    assert worked.chance_percent <= risk or worked.buffer == BUFFER_MAX
    assert worked.buffer == 0 or less.chance_percent > risk


FULL = {0.1 * 1.066**step: 1.066**-step for step in range(219)}
HEAVY: list[Mapping[int, int]] = [
    {1: 60, 2: 29, 20: 1},
    {1: 90, 500: 10},
    {1: 20_000, 2: 8_000, 5: 2_000},
    dict.fromkeys(range(1, 900), 3),
    {1: 5, 1_000_000: 2},
]
CALLS_MAX = 150_000


class TooManyCallsError(Exception):
    """It would take seconds."""


class Calls:
    """Counts the calls of a block, and stops it beyond the most."""

    def __init__(self) -> None:
        self.count = 0

    def __call__(self, _frame: FrameType, kind: str, _called: object) -> None:
        self.count += kind in {"call", "c_call"}
        if self.count > CALLS_MAX:
            sys.setprofile(None)
            raise TooManyCallsError

    def __enter__(self) -> None:
        sys.setprofile(self)

    def __exit__(self, *_: object) -> None:
        sys.setprofile(None)


@pytest.mark.parametrize("units", [1, 500])
@pytest.mark.parametrize("sizes", HEAVY)
def test_no_listing_takes_longer_than_a_moment(sizes: Mapping[int, int], units: int):
    slow = {seconds * 100: count for seconds, count in FULL.items()}
    for told in (FULL, slow):
        with Calls():
            worked = work_out(Asked(0.01), Sales(MONTH, sizes), told, units=units)
        assert (worked.buffer is None) == (worked.thin == buffers.TOO_LARGE)


@settings(max_examples=20)
@given(
    st.dictionaries(st.integers(1, 60), st.integers(1, 100), min_size=3, max_size=6),
    st.dictionaries(st.floats(1, 20_000), st.integers(1, 50), min_size=15, max_size=25).map(dict),
    st.sampled_from([0.01, 1, 20]),
)
def test_what_is_rounded_never_keeps_back_less(sizes: dict[int, int], took: dict[float, float], risk: float):
    asked, sales = Asked(risk, 100), Sales(MONTH, sizes)
    with pytest.MonkeyPatch.context() as exact:
        exact.setattr(buffers, "PARTS_MAX", 1_000)
        exact.setattr(buffers, "OPERATIONS_MAX", 10**9)
        least = work_out(asked, sales, took)
    rounded = work_out(asked, sales, took)
    assert (rounded.buffer or 0, rounded.told_s) >= (least.buffer or 0, least.told_s)


@pytest.mark.parametrize(
    ("sales", "took", "thin"),
    [
        (replace(SOME, seconds=3 * DAY), AT_ONCE, "sold for 3.0 days, fewer than 7"),
        (replace(SOME, sizes={1: 2}), AT_ONCE, "2 orders in 28 days, fewer than 3"),
        (SOME, {}, "fewer than 20 numbers told in a week say how soon the channel is told"),
    ],
)
def test_where_too_little_is_known_there_is_none_and_it_says_why(
    sales: Sales, took: dict[float, float], thin: str
):
    worked = work_out(Asked(1), sales, took)
    assert (worked.buffer, worked.thin, sentence(worked)) == (None, thin, thin)


def test_it_counts_packs_where_the_listing_sells_packs():
    assert buffer_of(1, Sales(MONTH, {6: 5_000}), {900.0: 1}, units=6) == buffer_of(
        1, Sales(MONTH, {1: 5_000}), {900.0: 1}
    )


def test_the_most_there_may_be_is_kept_to_and_says_what_chance_is_left():
    worked = work_out(Asked(1, 1), Sales(MONTH, {1: 5_000}, own_units=2_500, run_outs=4), {900.0: 1})
    assert sentence(worked) == (
        "sells 180 a day, told within 900 s of a sale (99 %), chance to oversell 55 % instead of 1 %, keeps back at"
        " most 1, costs about 0.5 sales a week"
    )


def test_a_sale_must_be_known_before_it_is_told_each_channel_by_its_share():
    known = mixed({"till": {0.0: 4.0}, "polled": {300.0: 9.0}}, {"till": 3, "polled": 1, "new": 5})
    assert known == {0.0: 3, 300.0: 1}
    assert told_after(known, {2.0: 20.0}, {0.5: 20.0}) == {2.5: 1_200, 310.0: 400}
    assert told_after(known, {2.0: 19.0}, {0.5: 20.0}) == told_after({}, {2.0: 20.0}, {0.5: 20.0}) == {}


def run_outs(
    chance: Random, *, a_second: float, bursts: float, sizes: dict[int, int], here: float
) -> Iterator[list[Sold]]:
    """What sells one after the other until hundred units are gone: when, how much, and whether here."""
    units = [size for size, count in sizes.items() for _ in range(count)]
    while True:
        rush = chance.gammavariate(1 / bursts + 1, bursts) if bursts else 1  # rather then do they run out
        moments = accumulate(chance.expovariate(rush * a_second) for _ in range(60))
        yield [(at, chance.choice(units), chance.random() < here) for at in moments]


def is_oversold(orders: list[Sold], buffer: int, told_s: float) -> bool:
    """Whether the channel sells, before it is told, what others took of the last thirty units."""
    left, unseen = 30, deque[tuple[float, int]]()
    for at, units, here in orders:
        while unseen and unseen[0][0] < at - told_s:
            unseen.popleft()
        shown = left + sum(took for _, took in unseen) - buffer
        if here and left < units <= shown:
            return True
        took = min(left, units) if not here or units <= shown else 0
        left -= took
        unseen.extend([] if here else [(at, took)])
    return False


@pytest.mark.parametrize(
    ("sizes", "bursts", "here"), [({1: 1}, 0.0, 0.5), ({1: 4, 3: 1}, 0.0, 0.2), ({1: 1}, 2.0, 0.5)]
)
def test_the_promised_chance_holds_where_it_is_tried(sizes: dict[int, int], bursts: float, here: float):
    counts = {size: 2_800 * count for size, count in sizes.items()}
    mean, slots = sum(counts.values()) / 4_032, 4_032
    sales = Sales(MONTH, counts, round(slots * (mean * mean * (1 + bursts) + mean)))
    buffer = buffer_of(5, sales, {120.0: 1.0})
    tries = run_outs(Random(7), a_second=sales.orders / MONTH, bursts=bursts, sizes=sizes, here=here)
    oversold = [is_oversold(next(tries), buffer, 120.0) for _ in range(2_000)]
    assert buffer > 0
    assert sum(oversold) / len(oversold) <= 0.05

"""No account is ever called more often than its budgets allow, by however many processes, with Redis or without it."""

from collections.abc import Sequence
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from redis.asyncio import Redis

from hub.channels.buckets import Ask, Bucket, take_all
from hub.channels.budgets import Budgets, BudgetSpentError, asks_of
from hub.channels.lanes import RULES, Lane
from hub.spec import Budget, Cost, Reply

TEN = Budget(name="api", limit=10, window_s=60, burst=4)
BUCKET = Budget(name="api", limit=2, window_s=1, burst=40, is_bucket=True)
CALLS = st.lists(st.tuples(st.floats(0, 20), st.integers(0, 2)), max_size=60)
ASKS = st.lists(st.tuples(st.floats(0, 20), st.integers(0, 2), st.sampled_from("ab")), max_size=60)
shared = settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow], max_examples=25
)


class Clock:
    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


class Processes:
    """Several processes of one hub with one clock; `redis` may be one that nobody answers."""

    def __init__(self, redis: Redis, count: int = 1) -> None:
        self.clock = Clock()
        self.each = [Budgets(redis, clock=self.clock) for _ in range(count)]
        self.granted: list[float] = []

    async def ask(
        self,
        budget: Budget = TEN,
        process: int = 0,
        *,
        lane: Lane = Lane.STOCK_DOWN,
        path: str = "/",
        channel: str = "",
    ) -> float:
        """Return 0 where the call went out, else how long it would have to wait."""
        wait = await self.each[process]._try(asks_of("account", [budget], "GET", path, lane, channel))
        if wait == 0:
            self.granted.append(self.clock.now)
        return wait

    async def drain(self, budget: Budget = TEN, process: int = 0, **more: Lane | str) -> int:
        """Call as often as it is allowed now."""
        count = 0
        while not await self.ask(budget, process, **more):  # type: ignore[arg-type]
            count += 1
        return count


def nobody() -> Redis:
    return Redis(host="127.0.0.1", port=1)


def most_in(window_s: float, times: Sequence[float]) -> int:
    return max((sum(begin <= each < begin + window_s for each in times) for begin in times), default=0)


@given(CALLS)
@shared
async def test_no_window_holds_more_calls_than_the_limit_however_many_ask(
    valkey: Redis, calls: list[tuple[float, int]]
):
    await valkey.flushall()
    hub = Processes(valkey, 3)
    for pause_s, process in calls:
        hub.clock.now += pause_s
        await hub.drain(process=process)
    assert most_in(TEN.window_s, hub.granted) <= TEN.limit


@given(ASKS, st.sampled_from([TEN, BUCKET, Budget(name="api", limit=1, window_s=60)]))
@shared
async def test_redis_counts_as_one_process_does(
    valkey: Redis, calls: list[tuple[float, int, str]], budget: Budget
):
    await valkey.flushall()
    hub, own = Processes(valkey), Bucket(budget.capacity, 1_000.0)
    for pause_s, number, channel in calls:
        hub.clock.now += pause_s
        lane = (Lane.STOCK_DOWN, Lane.INTAKE, Lane.BULK)[number]
        asks = asks_of("account", [budget], "GET", "/", lane, channel)
        ours = take_all([own], asks, hub.clock.now)
        # Redis keeps a level to the millionth, and a minute may pass for each unit: a little for each call.
        assert await hub.each[0]._try(asks) == pytest.approx(ours, abs=0.01)


@given(CALLS)
@shared
async def test_without_redis_four_processes_together_stay_within_the_limit(
    valkey: Redis, calls: list[tuple[float, int]]
):
    await valkey.flushall()
    hub = Processes(valkey, 4)
    for process in range(4):
        await hub.ask(process=process)
    hub.granted.clear()
    away = Budgets(nobody())
    for each in hub.each:
        each._take, each._heed = away._take, away._heed
    for pause_s, process in calls:
        hub.clock.now += pause_s
        await hub.drain(process=process)
        await hub.drain(process=3)
    assert most_in(TEN.window_s, hub.granted) <= TEN.limit


async def test_a_process_alone_goes_on_without_redis():
    hub = Processes(nobody())
    assert await hub.drain() == 0  # of a bucket it never saw it takes nothing at once
    hub.clock.now += 60
    assert await hub.drain() == 1


async def test_what_was_spent_without_redis_is_not_given_again_when_it_is_back(valkey: Redis):
    hub = Processes(valkey)
    await hub.ask()
    [budgets] = hub.each
    with_redis, away = (budgets._take, budgets._heed), Budgets(nobody())
    budgets._take, budgets._heed = away._take, away._heed
    hub.clock.now += 120
    assert await hub.drain() == 1
    budgets._take, budgets._heed = with_redis
    hub.clock.now += 2
    assert await hub.drain() == 0


async def test_a_flushed_redis_gives_no_second_burst(valkey: Redis):
    hub = Processes(valkey)
    assert await hub.drain() == 4
    await valkey.flushall()
    assert await hub.drain() == 0


async def test_accounts_and_budgets_do_not_share(valkey: Redis):
    budgets = Budgets(valkey, clock=Clock())
    for account in ("one", "two"):
        assert await budgets._try(asks_of(account, [TEN], "GET", "/", Lane.STOCK_DOWN)) == 0
    daily = Budget(name="daily", limit=1, window_s=86_400)
    assert await budgets._try(asks_of("one", [TEN, daily], "GET", "/", Lane.STOCK_DOWN)) == 0
    assert await budgets._try(asks_of("one", [TEN, daily], "GET", "/", Lane.STOCK_DOWN)) == pytest.approx(
        86_400
    )


async def test_a_call_that_is_refused_by_one_budget_spends_of_none(valkey: Redis):
    hub = Processes(valkey)
    spent = Budget(name="daily", limit=1, window_s=86_400)
    both = asks_of("account", [TEN, spent], "GET", "/", Lane.STOCK_DOWN)
    for _ in range(9):
        await hub.each[0]._try(both)
    assert await hub.drain() == 3


async def test_calls_cost_what_their_pattern_says(valkey: Redis):
    costs = (Cost("POST", "*", 9), Cost("*", "/free/*", 0), Cost("*", "*", 2))
    budget = Budget(name="points", limit=100, window_s=1, burst=10, costs=costs)
    assert [budget.weight_of(*call) for call in (("POST", "/a"), ("GET", "/free/a"), ("GET", "/a"))] == [
        9,
        0,
        2,
    ]
    hub = Processes(valkey)
    assert (await hub.drain(budget), await hub.ask(budget, path="/free/a")) == (5, 0)


async def test_a_lane_leaves_something_to_those_before_it(valkey: Redis):
    hub = Processes(valkey)
    given = [await hub.drain(lane=each) for each in (Lane.BULK, Lane.INTAKE, Lane.STOCK_DOWN)]
    assert given == [2, 1, 1]


@given(st.integers(4, 40), st.floats(0.1, 20), st.integers(1, 2))
@settings(max_examples=5, deadline=None)
def test_however_hard_those_before_it_ask_each_lane_has_its_share_and_the_first_has_the_rest(
    capacity: int, rate: float, weight: int
):
    own, given_to = Bucket(capacity, 0.0), dict.fromkeys(Lane, 0)
    for tick in range(300):
        for lane, rules in RULES.items():
            ask = Ask("b", capacity, rate, weight, rules.leaves, lane)
            while not take_all([own], [ask], tick / rate / 3):
                given_to[lane] += weight
    assert min(given_to.values()) >= 7  # of the ten that are a tenth of 100
    assert max(given_to, key=given_to.__getitem__) is Lane.PROMPT


class Flood:
    """One account, refilled with a unit a second, of which `greedy` channels take whatever they get."""

    def __init__(self, capacity: int, weight: int = 1, greedy: int = 1) -> None:
        self.own, self.capacity, self.now = Bucket(capacity, 0.0), capacity, 0.0
        self.weights = {f"greedy-{n}": weight for n in range(greedy)}
        self.given = dict.fromkeys(self.weights, 0)

    def ask(self, channel: str, weight: int) -> bool:
        return not take_all(
            [self.own], [Ask("b", self.capacity, 1.0, weight, 0.1, Lane.INTAKE, channel)], self.now
        )

    def tick(self) -> None:
        self.now += 0.05
        for channel, weight in self.weights.items():
            while self.ask(channel, weight):
                self.given[channel] += weight

    def wait_of(self, channel: str) -> float:
        began = self.now
        while not self.ask(channel, 1) and self.now < began + 100:
            self.tick()
        return self.now - began


@given(st.integers(1, 40), st.integers(1, 9), st.integers(1, 3), st.lists(st.floats(0, 30), max_size=4))
@settings(max_examples=10, deadline=None)
def test_a_channel_that_asks_now_and_then_waits_for_nobody_but_those_whose_turn_it_is(
    capacity: int, weight: int, greedy: int, pauses: list[float]
):
    flood = Flood(capacity, min(weight, capacity), greedy)
    theirs = greedy * min(weight, capacity)
    for pause_s in pauses:
        for _ in range(round(pause_s * 20)):
            flood.tick()
        assert flood.wait_of("now and then") <= 1.06 + (theirs if pause_s < theirs else 0)


@given(st.integers(1, 40), st.integers(1, 9), st.integers(2, 4))
@settings(max_examples=5, deadline=None)
def test_channels_that_all_take_what_they_get_have_equal_parts_however_much_a_call_of_each_costs(
    capacity: int, weight: int, channels: int
):
    flood = Flood(capacity, 1, channels)
    flood.weights["greedy-0"] = min(weight, capacity)
    flood.tick()
    flood.given = dict.fromkeys(flood.weights, 0)
    for _ in range(20 * 30 * channels):
        flood.tick()
    assert max(flood.given.values()) - min(flood.given.values()) <= 10


async def test_what_is_reserved_for_a_sell_out_is_there_while_all_others_take_what_they_may(valkey: Redis):
    budget = Budget(name="api", limit=1, window_s=60, burst=40, is_bucket=True)
    hub = Processes(valkey)
    before = (Lane.BULK, Lane.INTAKE, Lane.STOCK_UP)
    assert [await hub.drain(budget, lane=lane) for lane in before] == [20, 8, 8]
    assert await hub.drain(budget) == 4


async def test_retry_after_is_heard_by_every_process(valkey: Redis):
    hub = Processes(valkey, 2)
    await hub.each[0].heed("account", [TEN], "GET", "/", Reply(429, {"retry-after": "30"}, b""))
    assert await hub.ask(process=1) == pytest.approx(30, abs=0.001)
    hub.clock.now += 30.001
    assert await hub.ask(process=1) == 0


@pytest.mark.parametrize(
    ("headers", "left"),
    [
        ({"x-left": "1"}, 1),
        ({"x-left": "39/40"}, 1),
        ({"x-left": "0"}, 0),
        ({"x-left": "soon"}, 3),
        ({"x-left": "nan"}, 3),
        ({"x-left": "-inf"}, 3),
        ({}, 3),
        ({"x-left": "9999"}, 3),
    ],
)
async def test_what_the_channel_says_is_left_is_never_exceeded(
    valkey: Redis, headers: dict[str, str], left: int
):
    budget = Budget(name="api", limit=10, window_s=60, burst=4, left_header="x-left")
    hub = Processes(valkey)
    await hub.ask(budget)
    await hub.each[0].heed("account", [budget], "GET", "/", Reply(200, headers, b""))
    assert await hub.drain(budget) == left


async def test_a_limit_the_channel_lowers_slows_the_hub_down_and_a_raised_one_no_further_than_declared(
    valkey: Redis,
):
    budget = Budget(name="api", limit=60, window_s=60, burst=10, is_bucket=True, limit_header="x-limit")
    hub = Processes(valkey)
    for told, wait in (("6", 10.0), ("600", 1.0)):
        await hub.each[0].heed("account", [budget], "GET", "/", Reply(200, {"x-limit": told}, b""))
        await hub.drain(budget)
        assert await hub.ask(budget) == pytest.approx(wait, rel=0.01)


async def test_a_window_that_is_spent_is_waited_for(valkey: Redis):
    budget = Budget(name="api", limit=10, window_s=60, burst=4, left_header="x-left", reset_header="x-reset")
    hub = Processes(valkey)
    await hub.each[0].heed("account", [budget], "GET", "/", Reply(200, {"x-left": "0", "x-reset": "45"}, b""))
    assert await hub.ask(budget) == pytest.approx(45, abs=0.001)


async def test_a_call_waits_as_long_as_its_lane_may_and_is_put_off_beyond(valkey: Redis):
    quick = Budget(name="quick", limit=20, window_s=1, burst=1)
    slow = Budget(name="slow", limit=1, window_s=60)
    budgets = Budgets(valkey)
    for _ in range(3):
        await budgets.spend("account", [quick], "GET", "/", lane=Lane.PROMPT)
    await budgets.spend("account", [slow], "GET", "/orders", lane=Lane.PROMPT)
    with pytest.raises(BudgetSpentError, match=r"GET /orders waits for its budget \(slow\)") as put_off:
        await budgets.spend("account", [slow], "GET", "/orders", lane=Lane.PROMPT)
    assert put_off.value.after_s == pytest.approx(55, abs=5)  # of the minute since the call before
    assert put_off.value.sent is False


@given(st.integers(1, 50), st.floats(0.1, 100), st.integers(1, 50))
def test_a_full_bucket_and_its_refill_fit_into_any_window(limit: int, window_s: float, burst: int):
    budget = Budget(name="api", limit=limit, window_s=window_s, burst=min(burst, limit))
    ask, own = Ask("b", budget.capacity, budget.refill_per_s, 1), Bucket(budget.capacity, 0.0)
    now = 0.0
    times: list[float] = []
    while len(times) < 3 * limit:
        wait = take_all([own], [ask], now)
        now += wait
        times += [] if wait else [now]
    assert all(
        later - earlier >= window_s * 0.999 for earlier, later in zip(times, times[limit:], strict=False)
    )
    assert all(later >= earlier for earlier, later in pairwise(times))

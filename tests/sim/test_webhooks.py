"""Webhooks travel as the plan says: dropped never arrive, repeated arrive twice, reordered in another order."""

import httpx
import pytest

from hub.kit.clock import now
from hub.sim.faults import CALM, FaultPlan
from hub.sim.serve import serve
from hub.sim.server import SimServer
from tests.sim.fake_shop import ADA, FakeShop, Receiver

pytestmark = pytest.mark.anyio
HASTY = (0.01, 0.01)


async def sell_many(sim: SimServer, count: int = 12) -> None:
    for _ in range(count):
        await sim.sell({"MUG": 1}, ADA)
    await sim.settle()


async def news_under(receiver: Receiver, plan: FaultPlan) -> list[str]:
    """Return what twelve sales brought to the receiver, in order of arrival."""
    receiver.news = []
    async with serve([FakeShop(webhook_url=receiver.url)], faults=plan, webhooks_at_once=1) as [sim]:
        await sell_many(sim)
    return receiver.news


IN_ORDER = [f"{n} sold" for n in range(1, 13)]


async def test_without_faults_one_at_a_time_they_arrive_in_order(receiver):
    assert await news_under(receiver, CALM) == IN_ORDER


async def test_all_arrive_when_several_travel_at_once(receiver, shop):
    async with serve([shop]) as [sim]:
        await sell_many(sim)
        assert (sorted(receiver.news), sim.state().webhooks.delivered) == (sorted(IN_ORDER), 12)


async def test_dropped_ones_never_arrive(receiver, shop):
    async with serve([shop], faults=FaultPlan(webhook_drop=1)) as [sim]:
        await sell_many(sim, 3)
        assert (receiver.news, sim.state().webhooks.dropped, sim.state().orders) == ([], 3, 3)


async def test_repeated_ones_arrive_twice(receiver, shop):
    async with serve([shop], faults=FaultPlan(webhook_repeat=1)) as [sim]:
        await sell_many(sim, 3)
        assert sorted(receiver.news) == sorted(2 * IN_ORDER[:3])
        assert (sim.state().webhooks.delivered, sim.state().webhooks.repeated) == (6, 3)


async def test_reordered_ones_arrive_in_another_order_and_none_is_lost(receiver):
    news = await news_under(receiver, FaultPlan(seed=3, webhook_reorder=0.4, webhook_reorder_max_s=60))
    assert news != IN_ORDER
    assert sorted(news) == sorted(IN_ORDER)


async def test_a_reordered_one_comes_after_the_one_that_follows_it(receiver, shop):
    async with serve([shop], faults=FaultPlan(webhook_reorder=1)) as [sim]:
        await sim.sell({"MUG": 1}, ADA)
        sim.set_faults(CALM)
        await sim.sell({"MUG": 1}, ADA)
        await sim.settle()
    assert receiver.news == ["2 sold", "1 sold"]


async def test_one_that_nothing_follows_leaves_by_itself(receiver, shop):
    async with serve([shop], faults=FaultPlan(webhook_reorder=1, webhook_reorder_max_s=0.02)) as [sim]:
        await sell_many(sim, 1)
    assert receiver.news == ["1 sold"]


async def test_one_seed_drops_repeats_and_reorders_alike_every_time(receiver):
    plan = FaultPlan(
        seed=1, webhook_drop=0.3, webhook_repeat=0.3, webhook_reorder=0.3, webhook_reorder_max_s=60
    )
    first = await news_under(receiver, plan)
    assert first == await news_under(receiver, plan)
    assert first != await news_under(receiver, FaultPlan())


async def test_a_delayed_one_is_on_its_way_until_it_arrives(receiver, shop):
    plan = FaultPlan(webhook_delay_min_s=0.3, webhook_delay_max_s=0.3)
    async with serve([shop], faults=plan) as [sim]:
        await sim.sell({"MUG": 1}, ADA)
        assert (sim.state().webhooks_waiting, receiver.news) == (1, [])
        await sim.settle()
        assert (sim.state().webhooks_waiting, receiver.news) == (0, ["1 sold"])


async def test_a_refused_one_is_sent_again_until_it_is_taken(receiver, shop):
    receiver.refusals = 2
    async with serve([shop], retry_waits_s=HASTY) as [sim]:
        await sell_many(sim, 1)
        tally = sim.state().webhooks
    assert (receiver.news, tally.retried, tally.delivered, tally.failed) == (["1 sold"], 2, 1, 0)


async def test_one_that_is_always_refused_is_given_up_after_the_last_try(receiver, shop):
    receiver.refusals = 99
    async with serve([shop], retry_waits_s=HASTY) as [sim]:
        await sell_many(sim, 1)
        assert (receiver.calls, sim.state().webhooks.failed) == (3, 1)


@pytest.mark.parametrize("url", ["http://127.0.0.1:9", "http://no\x00host", "ftp://127.0.0.1/x"])
async def test_an_address_where_nobody_listens_counts_as_failed(url):
    async with serve([FakeShop(webhook_url=url)], retry_waits_s=()) as [sim]:
        await sell_many(sim, 1)
        assert (sim.state().webhooks.failed, sim.state().sold) == (1, 1)


async def test_a_change_through_the_api_sends_its_webhooks_too(receiver, shop, client: httpx.AsyncClient):
    async with serve([shop]) as [sim]:
        shop.sell({"MUG": 1}, at=now(), buyer=ADA)
        await client.get(f"{sim.url}/stock")
        await sim.settle()
    assert receiver.news == ["1 sold"]


async def test_whatever_is_on_its_way_is_given_up_at_the_end(receiver, shop):
    plan = FaultPlan(webhook_delay_min_s=600, webhook_delay_max_s=600)
    async with serve([shop], faults=plan) as [sim]:
        await sim.sell({"MUG": 1}, ADA)
    assert (sim.state().webhooks_waiting, receiver.news) == (0, [])

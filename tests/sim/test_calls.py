"""A simulated channel answers over real HTTP, and every fault of a call does what it says."""

from datetime import UTC, datetime

import httpx
import pytest

from hub.sim.faults import FaultPlan
from hub.sim.serve import serve
from tests.sim.fake_shop import FakeShop

pytestmark = pytest.mark.anyio


async def test_a_call_reaches_the_simulator_as_the_client_wrote_it(client):
    shop = FakeShop()
    async with serve([shop]) as [sim]:
        await client.put(f"{sim.url}/stock/a%20b?x=1&y=%C3%A4&z=", content=b"raw", headers={"X-Key": "k"})
        [request] = shop.requests
        assert (request.method, request.path, request.body) == ("PUT", "/stock/a b", b"raw")
        assert request.query == {"x": "1", "y": "ä", "z": ""}
        assert request.headers["x-key"] == "k"
        assert request.url == f"{sim.url}/stock/a%20b?x=1&y=%C3%A4&z="


async def test_the_time_is_the_one_handed_in(client):
    async with serve([FakeShop()], clock=lambda: datetime(2030, 1, 2, tzinfo=UTC)) as [sim]:
        reply = await client.get(f"{sim.url}/nothing")
        assert (reply.status_code, reply.json()["at"]) == (404, "2030-01-02T00:00:00Z")


async def test_too_many_says_when_to_come_back_and_carries_out_nothing(client):
    shop = FakeShop()
    async with serve([shop], faults=FaultPlan(call_too_many=1, retry_after_s=7)) as [sim]:
        reply = await client.put(f"{sim.url}/stock", json={"MUG": 3})
        assert (reply.status_code, reply.headers["retry-after"]) == (429, "7")
        assert shop.levels["MUG"] == 1000


async def test_broken_answers_500_and_carries_out_nothing(client):
    shop = FakeShop()
    async with serve([shop], faults=FaultPlan(call_broken=1)) as [sim]:
        reply = await client.put(f"{sim.url}/stock", json={"MUG": 3})
        assert (reply.status_code, shop.levels["MUG"]) == (500, 1000)


async def test_a_hang_is_a_time_out_for_the_client_and_carries_out_nothing(client):
    shop = FakeShop()
    async with serve([shop], faults=FaultPlan(call_hang=1)) as [sim]:
        with pytest.raises(httpx.ReadTimeout):
            await client.put(f"{sim.url}/stock", json={"MUG": 3}, timeout=httpx.Timeout(60, read=0.1))
        assert shop.levels["MUG"] == 1000


async def test_who_waits_out_a_hang_sees_the_connection_drop(client):
    async with serve([FakeShop()], faults=FaultPlan(call_hang=1, call_hang_s=0.05)) as [sim]:
        with pytest.raises((httpx.RemoteProtocolError, httpx.ReadError)):
            await client.get(f"{sim.url}/stock")


async def test_a_lost_answer_drops_after_the_call_was_carried_out(client):
    shop = FakeShop()
    async with serve([shop], faults=FaultPlan(call_lost=1)) as [sim]:
        with pytest.raises((httpx.RemoteProtocolError, httpx.ReadError)):
            await client.put(f"{sim.url}/stock", json={"MUG": 3})
        assert shop.levels["MUG"] == 3


async def test_a_slow_call_is_answered_late(client):
    async with serve([FakeShop()], faults=FaultPlan(seed=3, call_slow=1, call_slow_max_s=0.4)) as [sim]:
        reply = await client.get(f"{sim.url}/stock")
        assert (reply.status_code, reply.elapsed.total_seconds() > 0.1) == (200, True)


async def test_one_seed_answers_alike_every_time(client):
    plan = FaultPlan(seed=5, call_too_many=0.3, call_broken=0.3)
    runs = []
    for _ in range(2):
        async with serve([FakeShop()], faults=plan) as [sim]:
            runs.append([(await client.get(f"{sim.url}/stock")).status_code for _ in range(30)])
    assert runs[0] == runs[1]
    assert set(runs[0]) == {200, 429, 500}


async def test_two_channels_under_one_plan_fail_at_different_moments(client):
    async with serve([FakeShop(), FakeShop()], faults=FaultPlan(call_broken=0.5)) as sims:
        runs = [[(await client.get(f"{sim.url}/stock")).status_code for _ in range(20)] for sim in sims]
    assert runs[0] != runs[1]


async def test_the_state_counts_what_befell_the_calls(client):
    async with serve([FakeShop()], faults=FaultPlan(call_broken=1)) as [sim]:
        await client.get(f"{sim.url}/stock")
        sim.set_faults(FaultPlan())
        await client.get(f"{sim.url}/stock")
        assert sim.state().calls == {"broken": 1, "none": 1}


async def test_nothing_listens_after_the_end(client):
    async with serve([FakeShop(), FakeShop()]) as sims:
        assert [(await client.get(f"{sim.url}/stock")).status_code for sim in sims] == [200, 200]
    for sim in sims:
        with pytest.raises(httpx.ConnectError):
            await client.get(f"{sim.url}/stock")


async def test_a_port_can_be_chosen_and_is_free_again_afterwards(client):
    async with serve([FakeShop()]) as [sim]:
        port = httpx.URL(sim.url).port
        assert port
    async with serve([FakeShop()], [port]) as [again]:
        assert again.url == sim.url
        assert (await client.get(f"{again.url}/stock")).is_success

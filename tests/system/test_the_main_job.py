"""The main job over real HTTP: every order once, stock promised once, every channel told what is left."""

import asyncio
from pathlib import Path

import pytest

from hub.jobs.sweep import GRACE_S
from hub.kit.clock import now
from hub.model.incoming import Person
from hub.sim.faults import FaultPlan
from hub.sim.load import Load, LoadPlan, run_loads
from hub.store.checks import Verdict, one_moment, run_checks
from tests.system.town import Town, goods, open_town, until

BUYER = Person(name="Ada L", email="ada@example.com")
pytestmark = pytest.mark.usefixtures("valkey")  # emptied before each
UNRELIABLE = FaultPlan(seed=7, webhook_drop=0.3, webhook_repeat=0.2, webhook_reorder=0.2)


async def every_channel_shows_what_is_left(town: Town) -> bool:
    left = await town.left()
    return all(sim.simulator.stock() == left for sim in town.sims)


async def every_order_is_here(town: Town) -> bool:
    (counted,) = await town.query("SELECT count(*) FROM orders")
    return counted == (sum(len(sim.simulator.order_ids()) for sim in town.sims),)


async def every_channel_is_told(town: Town) -> bool:
    told = await town.query("SELECT bool_and(confirmed_version = version) FROM publications")
    return told == [(True,)]


async def orders_here(town: Town) -> int:
    return int(str((await town.query("SELECT count(*) FROM orders"))[0][0]))


async def test_a_sale_on_any_channel_is_on_every_other_within_a_second(
    fresh_db_url: str, valkey_url: str, tmp_path: Path
) -> None:
    opened = open_town(fresh_db_url, valkey_url, tmp_path, goods(5, 100), pull_every_s=3600)
    async with opened as town, town.process("work"):
        await until(lambda: every_channel_is_told(town), "the channels are told at the start")
        took = [await sell_one(town, number % 3, leaves=99 - number) for number in range(9)]
    assert min(took) < GRACE_S, (
        took
    )  # on a busy machine a few take longer; the sweep alone would be slower each time


async def sell_one(town: Town, stand: int, *, leaves: int) -> float:
    """Sell one unit at this stand; return how long it took until every channel showed what it leaves."""
    await town.sims[stand].sell({"SKU-000": 1}, BUYER)
    return await until(lambda: _all_show(town, "SKU-000", leaves), "all channels show the sale")


async def _all_show(town: Town, sku: str, units: int) -> bool:
    return all(sim.simulator.stock()[sku] == units for sim in town.sims)


async def test_a_thousand_orders_survive_lost_webhooks_and_killed_workers(
    fresh_db_url: str, valkey_url: str, tmp_path: Path
) -> None:
    async with open_town(fresh_db_url, valkey_url, tmp_path, goods(40, 5_000), UNRELIABLE) as town:
        plans = [
            LoadPlan(seed=n, visits=visits, per_minute=2_000) for n, visits in enumerate((334, 333, 333))
        ]
        skus = [f"SKU-{n:03}" for n in range(40)]
        selling = asyncio.create_task(
            run_loads([(Load(plan, skus), sim) for plan, sim in zip(plans, town.sims, strict=True)])
        )
        for _ in range(2):
            await _work_until_killed(town, orders=100)
        async with town.process("work"):
            assert sum(report.sold for report in await selling) == 1_000
            await until(lambda: every_order_is_here(town), "every order is here")
            await until(lambda: every_channel_shows_what_is_left(town), "every channel shows what is left")
        assert min(mishaps(town)) > 150  # of more than 1,000 webhooks
        async with one_moment(town.ctx.db) as tx:
            findings = await run_checks(tx, at=now(), late_s=5)
        assert [finding for finding in findings if finding.verdict is not Verdict.KEPT] == []


async def _work_until_killed(town: Town, *, orders: int) -> None:
    """Kill a worker in the midst of its work: when it has taken so many, and more come in."""
    before = await orders_here(town)
    async with town.process("work") as worker:

        async def at_work() -> bool:
            return await orders_here(town) >= before + orders

        await until(at_work, f"a worker has taken {orders} orders")
        worker.kill()


def mishaps(town: Town) -> tuple[int, int, int]:
    """How many webhooks were dropped, repeated and reordered."""
    tallies = [sim.state().webhooks for sim in town.sims]
    return (
        sum(each.dropped for each in tallies),
        sum(each.repeated for each in tallies),
        sum(each.reordered for each in tallies),
    )

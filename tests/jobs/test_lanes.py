"""A backfill and a bulk listing take what is idle; a sell-out still leaves at once, by slots and budget of its own."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from msgspec.structs import replace
from redis.asyncio import Redis
from typing_extensions import override

from hub.channels.context import HubContext
from hub.channels.lanes import JOBS, RULES, SLOTS, Lane, queue_of
from hub.flows.stock.adjust_stock import Adjustment, adjust_stock
from hub.jobs import worker
from hub.jobs.pull_listings import pull_listings
from hub.jobs.push_stock import push_rises, push_stock
from hub.kit.clock import now
from hub.kit.ids import uuid7
from hub.spec import Budget, ChannelListing, Message, Outcome, Page, StockTarget
from hub.store.db import Database
from tests.builders import MAIN, line, order
from tests.fake_channel import FakeChannel, FakeConnector, FakeHub, message_of, open_fake_hub

BUDGET = Budget(name="api", limit=1, window_s=3600, burst=10, is_bucket=True)
SHOPS = [f"shop-{n}" for n in range(SLOTS)]


class Metered(FakeChannel):
    """Its account may be called ten times, and then once an hour."""

    http: Any

    @override
    async def list_listings(self, cursor: str | None) -> Page[ChannelListing]:
        await self._spend()
        return await super().list_listings(cursor)

    @override
    async def push_stock(self, targets: Sequence[StockTarget]) -> list[Outcome]:
        await self._spend()
        return await super().push_stock(targets)

    async def _spend(self) -> None:
        await self.http._outside.budgets.spend("till", [BUDGET], "GET", "/", lane=self.http._lane)


class MeteredConnector(FakeConnector):
    @override
    def open(self, http: object, config: object) -> FakeChannel:
        del config
        self.channel.http = http  # type: ignore[attr-defined]
        return self.channel


class Backfilled(FakeChannel):
    """Has orders of many years, and takes its time for each page."""

    @override
    async def fetch_orders(self, cursor: str | None, *, until: datetime) -> Page[Message]:
        del until
        number = int(cursor or 0) + 1
        self.asked.append(cursor)
        await asyncio.sleep(0.4)
        return Page([message_of(order(str(number), line("TEA", 0)))], str(number))


@pytest.fixture
async def hub(
    database: Database, db_url: str, valkey: Redis, valkey_url: str, tmp_path: Path
) -> AsyncIterator[FakeHub]:
    """A till whose account may be called ten times, and more shops with a past than a worker has slots."""
    del database, valkey  # emptied after and before each test
    own, goods = Database(db_url, pool_size=20), {"MUG": 10, "TEA": 10}  # as a worker has
    async with open_fake_hub(own, valkey_url, tmp_path, goods, slugs=("till", *SHOPS)) as opened:
        kinds: Any = opened.ctx.registry.kinds
        kinds["till"] = MeteredConnector("till")
        kinds["till"].channel = opened.channels["till"] = Metered()
        for shop in SHOPS:
            kinds[shop].channel = opened.channels[shop] = Backfilled()
        await opened.run("UPDATE publications SET sent_version = version, confirmed_version = version")
        yield opened
    await own.close()


async def add(hub: FakeHub, **changes: int) -> None:
    what = [Adjustment(sku, MAIN, change, "counted", str(uuid7())) for sku, change in changes.items()]
    async with hub.ctx.db.transaction() as tx:
        await adjust_stock(tx, what, actor="a", at=now())


async def push(hub: FakeHub, job: Callable[[HubContext, UUID], Awaitable[int]]) -> list[tuple[str, int]]:
    """What the till is told by this job."""
    before = len(hub.channels["till"].pushed)
    await job(hub.ctx, hub.rows["till"].id)
    return hub.channels["till"].pushed[before:]


async def all_slots_are_taken(hub: FakeHub) -> None:
    async with asyncio.timeout(60):
        while not all(hub.channels[shop].asked for shop in SHOPS):  # noqa: ASYNC110 -- a channel rings nobody
            await asyncio.sleep(0.05)


async def is_told(hub: FakeHub, within_s: float) -> bool:
    for _ in range(round(within_s / 0.05)):
        if ("MUG", 0) in hub.channels["till"].pushed:
            return True
        await asyncio.sleep(0.05)
    return False


@pytest.mark.parametrize(
    ("without", "within_s", "leaves"),
    [
        ({}, 60.0, True),
        ({Lane.STOCK_DOWN: {"slots": 0}}, 1.0, False),
        ({Lane.BULK: {"leaves": 0.0}}, 1.0, False),
    ],
)
async def test_c68_neither_a_backfill_nor_a_bulk_listing_delays_a_sell_out_for_what_is_reserved(
    hub: FakeHub, monkeypatch: pytest.MonkeyPatch, *, without: Any, within_s: float, leaves: bool
) -> None:
    for lane, rules in without.items():
        monkeypatch.setitem(RULES, lane, replace(RULES[lane], **rules))
    hub.channels["till"].offers = [f"SKU-{n}" for n in range(2_000)]
    await pull_listings(hub.ctx, hub.rows["till"].id)  # until the budget allows no more
    stop = asyncio.Event()
    working = asyncio.create_task(worker.run_worker(hub.ctx, stop))
    await asyncio.gather(*(hub.ctx.bell.ring("pull_orders", hub.rows[shop].id) for shop in SHOPS))
    await all_slots_are_taken(hub)
    await add(hub, MUG=-10)
    await hub.ctx.bell.ring("push_stock", hub.rows["till"].id)
    told = await is_told(hub, within_s)
    stop.set()
    await working
    assert told is leaves


async def test_what_falls_leaves_while_what_rises_waits_for_its_budget(hub: FakeHub) -> None:
    told = []
    for _ in range(10):
        await add(hub, TEA=1)
        told += await push(hub, push_stock)
    await add(hub, MUG=-10)
    assert (len(told), ("MUG", 0) in await push(hub, push_stock)) == (9, True)
    assert await hub.query("SELECT paused_until FROM channels WHERE slug = 'till'") == [(None,)]


async def test_more_rises_than_one_call_holds_are_left_to_their_own_lane(hub: FakeHub) -> None:
    kind: Any = hub.ctx.registry.kinds["till"]
    kind.manifest = replace(kind.manifest, stock_batch_max=1)
    await add(hub, MUG=1, TEA=1)
    assert len(await push(hub, push_stock)) == 1
    assert await hub.ctx.bell.redis.zcard(queue_of("push_rises")) == 1
    await add(hub, MUG=-11)
    assert await push(hub, push_rises) == [("MUG", 0), ("TEA", 11)]


async def test_rises_that_their_budget_leaves_are_looked_at_again(hub: FakeHub) -> None:
    for _ in range(10):
        await add(hub, TEA=1)
        await push(hub, push_rises)
    assert await hub.ctx.bell.redis.zcard(queue_of("push_rises")) == 1


def test_every_job_has_its_lane() -> None:
    assert worker.JOBS.keys() == JOBS.keys()

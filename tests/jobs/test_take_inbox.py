"""What waits in the inbox is taken whatever happens to the bell, and what comes in while it is taken is taken too."""

import asyncio
from typing import Any
from uuid import UUID

import pytest
from msgspec.structs import replace
from structlog.testing import capture_logs

from hub.channels.intake import SOLD_THERE_S, take_waiting
from hub.channels.joining import probe_settings
from hub.channels.lanes import queue_of
from hub.channels.opening import open_channel
from hub.jobs import sweep as sweep_job
from hub.jobs.sweep import sweep
from hub.jobs.take_inbox import take_inbox
from hub.jobs.worker import run_worker
from hub.kit.clock import now
from hub.kit.queue import Doorbell, connect, wake_key
from hub.model.errors import InputError
from hub.spec import UnauthorizedError
from tests.builders import line, order
from tests.fake_channel import FakeHub

LATE = "UPDATE inbox SET received_at = received_at - interval '5 seconds'"
NO_POLL = "UPDATE channels SET next_pull_at = now() + interval '1 hour'"
NO_PUSH = "UPDATE publications SET sent_version = version, confirmed_version = version"


async def take(hub: FakeHub) -> int:
    return await take_inbox(hub.ctx, hub.rows["shop"].id)


async def quiet(hub: FakeHub) -> None:
    """Nothing else is due."""
    for each in (NO_POLL, NO_PUSH):
        await hub.run(each)


async def test_more_than_one_batch_is_taken_in_one_go(hub: FakeHub) -> None:
    await hub.arrive(*(order(str(n)) for n in range(450)))
    assert await take(hub) == 450


async def test_a_batch_says_whether_there_may_be_more(hub: FakeHub) -> None:
    await hub.arrive(*(order(str(n)) for n in range(3)))
    opened = open_channel(hub.ctx, hub.rows["shop"])
    rounds = [await take_waiting(hub.ctx, opened, at=now(), limit=2) for _ in range(2)]
    assert [(each.messages, each.is_full) for each in rounds] == [(2, True), (1, False)]


async def test_takers_at_once_take_each_order_once(hub: FakeHub) -> None:
    await hub.arrive(*(order(str(n)) for n in range(300)))
    assert sum(await asyncio.gather(*(take(hub) for _ in range(6)))) == 300


async def rung(hub: FakeHub, job: str) -> dict[str, float]:
    """The channels this job is rung for, and in how many seconds."""
    redis, queue = hub.ctx.bell.redis, queue_of(job)
    jobs = {each.job_id: each for each in await redis.queued_jobs(queue_name=queue)}
    at = {row.id: slug for slug, row in hub.rows.items()}
    begun = {each.job_id: each.enqueue_time.timestamp() for each in jobs.values()}
    return {at[UUID(each.args[0])]: (each.score or 0) / 1000 - begun[each.job_id] for each in jobs.values()}


async def test_the_channel_that_sold_is_told_a_moment_after_the_others(hub: FakeHub) -> None:
    await hub.arrive(order("1"))
    await take(hub)
    assert {*await rung(hub, "push_stock")} == {"other"}
    assert await rung(hub, "push_rises") == {"shop": pytest.approx(SOLD_THERE_S, abs=0.01)}


async def test_news_that_moves_no_stock_rings_nobody(hub: FakeHub) -> None:
    await hub.arrive(order("1"))
    await take(hub)
    await hub.ctx.bell.redis.flushall()
    await hub.arrive(order("1", minute=1, payment="refunded"))
    assert (await take(hub), await rung(hub, "push_stock"), await rung(hub, "push_rises")) == (1, {}, {})


async def test_the_sweep_rings_for_messages_a_flushed_redis_forgot(hub: FakeHub) -> None:
    await quiet(hub)
    await hub.arrive(order("1"))
    await hub.ctx.bell.redis.flushall()
    await hub.run(LATE)
    assert await sweep(hub.ctx) == 1


async def test_a_ring_while_redis_is_away_loses_nothing_but_time(hub: FakeHub) -> None:
    await quiet(hub)
    deaf = replace(hub, ctx=replace(hub.ctx, bell=Doorbell(connect("redis://127.0.0.1:1"), queue_of)))
    await deaf.arrive(order("1"))
    await hub.run(LATE)
    assert (deaf.ctx.bell.lost, await sweep(hub.ctx), await take(hub)) == (1, 1, 1)


async def test_a_channel_that_needs_a_login_still_has_its_messages_taken(hub: FakeHub) -> None:
    hub.channels["shop"].fails = UnauthorizedError("reconnect it")
    await hub.run("UPDATE accounts SET state = 'needs login' WHERE name = 'shop'")
    await hub.arrive(order("1"))
    assert await take(hub) == 1


async def test_an_order_that_waits_although_it_could_be_filled_is_filled_by_the_sweep(hub: FakeHub) -> None:
    await hub.arrive(order("1", line("MUG", 12)))
    await take(hub)
    await hub.run("UPDATE levels SET on_hand = 20 WHERE sku = 'MUG'")
    await sweep(hub.ctx)
    assert await hub.query("SELECT holds, allocated FROM orders o JOIN order_lines ON order_id = o.id") == [
        ([], 12)
    ]


@pytest.mark.parametrize("step", ["imports_due", "expire", "expire_lots"])
async def test_a_step_of_the_sweep_that_fails_is_named_in_the_log_and_orders_are_filled_all_the_same(
    hub: FakeHub, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    await hub.arrive(order("1", line("MUG", 12)))
    await take(hub)
    await hub.run("UPDATE levels SET on_hand = 20 WHERE sku = 'MUG'")
    monkeypatch.setattr(sweep_job, step, choke)
    with capture_logs() as logs, pytest.raises(LookupError):
        await sweep(hub.ctx)
    failed = [(each["error"], "Ada Lovelace" in str(each)) for each in logs if "step" in each]
    filled = await hub.query("SELECT holds, allocated FROM orders o JOIN order_lines ON order_id = o.id")
    assert (failed, filled) == ([("LookupError", False)], [([], 12)])


async def choke(*_: object, **__: object) -> None:
    msg = "Ada Lovelace"
    raise LookupError(msg)


async def test_a_connector_that_fails_to_open_is_named_on_its_channel_and_costs_no_other(
    hub: FakeHub,
) -> None:
    kind: Any = hub.ctx.registry.kinds["shop"]
    kind.open = choked
    await sweep(hub.ctx)
    await sweep(hub.ctx)
    said = await hub.query("SELECT failures, problem FROM channels ORDER BY slug DESC")
    shop = "it cannot be opened: the shop connector failed with LookupError when it was opened: check"
    assert [(times, str(problem)[: len(shop)]) for times, problem in said] == [(1, shop), (0, "")]
    pulls = [wake_key("pull_orders", hub.rows[slug].id) for slug in ("shop", "other")]
    assert [await hub.ctx.bell.redis.exists(each) for each in pulls] == [0, 1]


def choked(*_: object) -> None:
    raise LookupError


async def test_a_connector_that_fails_while_it_is_tried_says_so_and_quotes_nothing(hub: FakeHub) -> None:
    kind: Any = hub.ctx.registry.kinds["shop"]
    channel: Any = hub.channels["shop"]
    channel.check = choke
    (said,) = await probe_settings(hub.ctx, kind, {})
    kind.open = choked
    with pytest.raises(InputError, match="check these settings") as refused:
        await probe_settings(hub.ctx, kind, {})
    assert not said.ok
    assert said.detail == "the shop connector failed with LookupError: report it to its author"
    assert "Ada" not in str(refused.value)


async def test_a_worker_does_all_of_it_and_stops(hub: FakeHub) -> None:
    stop = asyncio.Event()
    working = asyncio.create_task(run_worker(hub.ctx, stop))
    await hub.arrive(order("1", line("MUG", 4)))
    async with asyncio.timeout(60):
        while hub.channels["other"].shown.get("listing-MUG") != 6:  # noqa: ASYNC110 -- a channel rings nobody
            await asyncio.sleep(0.02)
    stop.set()
    async with asyncio.timeout(60):
        await working

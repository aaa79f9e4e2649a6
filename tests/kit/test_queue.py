"""The bell loses latency and nothing else, and a worker that is told to stop waits for nothing that may never end."""

import asyncio
import os
import signal
from collections.abc import Awaitable, Callable
from contextlib import suppress
from functools import partial

import msgspec
import pytest
from arq.worker import func
from redis.asyncio import Redis

from hub.kit.ids import uuid7
from hub.kit.queue import BellWorker, Doorbell, Slots, connect, new_worker, run_forever, wake_key

SHOP = uuid7()
QUEUE = "queue"
SOON_S = 10  # on a busy machine; here it takes a second or two
pytestmark = pytest.mark.usefixtures("valkey")


async def nothing(*_: object) -> None:
    return


def bell_at(url: str) -> Doorbell:
    return Doorbell(connect(url), lambda _: QUEUE)


def worker_of(url: str, job: Callable[..., Awaitable[object]]) -> BellWorker:
    return new_worker(connect(url), QUEUE, [func(job, name="job")], [], Slots(4, {QUEUE: 0}))  # type: ignore[arg-type]


async def stop_after(
    url: str,
    job: Callable[..., Awaitable[object]],
    *,
    begun: int = 1,
    then: Callable[..., Awaitable[None]] = nothing,
) -> float:
    """Run a worker until its job has begun so often and more has happened; return how long it took to stop."""
    loop, stop, begins = asyncio.get_running_loop(), asyncio.Event(), asyncio.Semaphore(0)

    async def begin(*_: object) -> None:
        begins.release()
        await job()

    running = asyncio.create_task(run_forever(partial(worker_of, url, begin), stop))
    bell = bell_at(url)
    await bell.ring("job", SHOP)
    async with asyncio.timeout(60):
        for _ in range(begun):
            await begins.acquire()
        await then()
        told = loop.time()
        stop.set()
        await running
    took = loop.time() - told
    await bell.redis.aclose(close_connection_pool=True)
    return took


async def test_an_idle_worker_stops_at_once(valkey_url: str) -> None:
    assert await stop_after(valkey_url, nothing) < SOON_S


async def test_a_short_job_ends_before_its_worker(valkey_url: str) -> None:
    ended: list[bool] = []

    async def short(*_: object) -> None:
        await asyncio.sleep(0.1)
        ended.append(True)

    assert (await stop_after(valkey_url, short) < SOON_S, ended) == (True, [True])


async def test_a_job_that_never_ends_is_cut_off(valkey_url: str) -> None:
    async def endless(*_: object) -> None:
        await asyncio.sleep(600)

    assert await stop_after(valkey_url, endless) < SOON_S


async def test_a_job_that_ignores_its_end_holds_nobody_up(valkey_url: str) -> None:
    over = asyncio.Event()

    async def stubborn(*_: object) -> None:
        while not over.is_set():
            with suppress(asyncio.CancelledError):
                await over.wait()

    assert await stop_after(valkey_url, stubborn) < SOON_S
    over.set()


async def test_a_worker_stops_although_redis_is_away() -> None:
    assert await stop_after("redis://127.0.0.1:1", nothing, begun=0, then=partial(asyncio.sleep, 1)) < SOON_S


async def test_a_worker_stops_although_redis_answers_nothing(valkey: Redis, valkey_url: str) -> None:
    server = int((await valkey.info("server"))["process_id"])

    async def fall_silent() -> None:
        while await valkey.zcard(QUEUE):  # noqa: ASYNC110 -- the job ends first, and tells nobody
            await asyncio.sleep(0.01)
        os.kill(server, signal.SIGSTOP)

    try:
        assert await stop_after(valkey_url, nothing, then=fall_silent) < SOON_S
    finally:
        os.kill(server, signal.SIGCONT)


async def test_a_job_that_was_cut_off_runs_again(valkey_url: str) -> None:
    runs: list[bool] = []

    async def first_hangs(*_: object) -> None:
        runs.append(True)
        await asyncio.sleep(600 if len(runs) == 1 else 0)

    for _ in range(2):
        await stop_after(valkey_url, first_hangs)
    assert len(runs) >= 2


async def test_c63_a_job_that_rings_itself_runs_again(valkey_url: str) -> None:
    bell, runs = bell_at(valkey_url), list[bool]()

    async def rings_itself(*_: object) -> None:
        await bell.answered("job", SHOP)
        runs.append(True)
        if len(runs) < 3:
            await bell.ring("job", SHOP)

    await stop_after(valkey_url, rings_itself, begun=3)
    await bell.redis.aclose(close_connection_pool=True)
    assert len(runs) == 3


async def test_a_ring_is_written_as_arq_writes_a_job(valkey: Redis, valkey_url: str) -> None:
    async def written(queue: str) -> tuple[object, ...]:
        ((job_id, due_at),) = await valkey.zrange(queue, 0, -1, withscores=True)
        key = "arq:job:" + job_id.decode()
        job = msgspec.msgpack.decode(await valkey.get(key))
        return job | {"et": 0}, due_at - job["et"], round(await valkey.pttl(key), -3)

    bell = bell_at(valkey_url)
    await bell.ring("job", SHOP, in_s=5)
    await bell.redis.enqueue_job("job", str(SHOP), _queue_name="arq", _defer_by=5)
    assert await written(QUEUE) == await written("arq")
    await bell.redis.aclose(close_connection_pool=True)


async def test_of_two_workers_one_begins_a_job(valkey_url: str) -> None:
    runs, stop = list[bool](), asyncio.Event()

    async def slow(*_: object) -> None:
        runs.append(True)
        await asyncio.sleep(1)
        stop.set()

    workers = [run_forever(partial(worker_of, valkey_url, slow), stop) for _ in range(2)]
    bell = bell_at(valkey_url)
    await bell.ring("job", SHOP)
    async with asyncio.timeout(60):
        await asyncio.gather(*workers)
    await bell.redis.aclose(close_connection_pool=True)
    assert runs == [True]


async def test_a_full_redis_cuts_off_no_job_that_runs(valkey: Redis, valkey_url: str) -> None:
    over, cut = asyncio.Event(), list[bool]()

    async def waits(*_: object) -> None:
        try:
            await over.wait()
        except asyncio.CancelledError:
            cut.append(True)

    async def fill() -> None:
        bell = bell_at(valkey_url)
        await bell.ring("job", uuid7(), in_s=0.2)
        await valkey.config_set("maxmemory", 1)
        await asyncio.sleep(2.5)
        await valkey.config_set("maxmemory", 0)
        over.set()
        await bell.redis.aclose(close_connection_pool=True)

    await stop_after(valkey_url, waits, then=fill)
    assert cut == []


async def test_rings_that_come_at_once_wake_one_worker(valkey: Redis, valkey_url: str) -> None:
    bell = bell_at(valkey_url)
    await asyncio.gather(*(bell.ring("job", SHOP) for _ in range(20)))
    assert await valkey.zcard(QUEUE) == 1
    await bell.answered("job", SHOP)
    await bell.ring("job", SHOP)
    assert await valkey.zcard(QUEUE) == 2
    await bell.redis.aclose(close_connection_pool=True)


async def test_a_ring_that_nobody_answers_can_be_rung_again_soon(valkey: Redis, valkey_url: str) -> None:
    bell = bell_at(valkey_url)
    await bell.ring("job", SHOP)
    assert 0 < await valkey.pttl(wake_key("job", SHOP)) <= 5_000
    await bell.redis.aclose(close_connection_pool=True)


async def test_a_ring_while_redis_is_away_is_counted_and_costs_no_error() -> None:
    bell = bell_at("redis://127.0.0.1:1")
    await bell.ring("job", SHOP)
    await bell.announce("orders")
    await bell.answered("job", SHOP)
    assert (bell.lost, await bell.is_up()) == (3, False)

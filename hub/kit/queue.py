"""Ring a worker. arq is a doorbell and nothing more: what is to be done stands in PostgreSQL (L3).

A ring that is lost costs latency, never correctness: a sweep finds what it left. arq's own `_job_id` is never used: a
job that is running or has just ended would swallow the new wish.

Jobs of a kind wait in a queue of their own, so that none stands behind what can wait. A process has a worker for each
queue, and its slots are shared among them.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from typing import Any
from uuid import UUID

import msgspec
import structlog
from arq import Worker
from arq.connections import ArqRedis
from arq.cron import CronJob
from arq.worker import Function
from msgspec import Struct
from redis.asyncio import ConnectionPool
from redis.exceptions import RedisError
from typing_extensions import override

BELL = "hub:bell"
CHANGED = "hub:changed"
WAKE_MS = 5_000
LOOK_EVERY_S = 0.5
RESTART_S_MAX = 5.0
STALL_S = 10.0  # a Redis that answers nothing for so long is gone, whatever its socket says
FINISH_S = 1.0  # for jobs that run when the worker stops; one cut off is done again, by what PostgreSQL says
CUT_S = 0.3
RING_S = 0.5

log = structlog.get_logger()
Job = Callable[..., Awaitable[object]]


def connect(url: str) -> ArqRedis:
    """Open a pool without socket_timeout: with one, redis-py 5 swallows cancellations on Python 3.11."""
    keepalive = {} if url.startswith("unix:") else {"socket_keepalive": True}
    pool = ConnectionPool.from_url(url, socket_connect_timeout=1, health_check_interval=15, **keepalive)
    return ArqRedis(pool, job_serializer=msgspec.msgpack.encode, job_deserializer=msgspec.msgpack.decode)


class Doorbell:
    """Rings workers and tells open pages that something changed; best effort, after commit.

    `queue_of` names the queue of each job.
    """

    def __init__(self, redis: ArqRedis, queue_of: Callable[[str], str]) -> None:
        self.redis = redis
        self.lost = 0
        self._queue_of = queue_of

    async def ring(self, job: str, channel_id: UUID, *, in_s: float = 0) -> None:
        """Wake one worker for this job and channel; rings that come while one is on its way are one.

        In so many seconds: then, or at the look after it; one that comes meanwhile waits for it.
        """
        with self._lossy():
            async with asyncio.timeout(RING_S):
                if await self.redis.set(wake_key(job, channel_id), 1, nx=True, px=WAKE_MS):
                    await self._enqueue(job, channel_id, in_s)

    async def _enqueue(self, job: str, channel_id: UUID, in_s: float) -> None:
        queue = self._queue_of(job)
        await self.redis.enqueue_job(job, str(channel_id), _queue_name=queue, _defer_by=in_s or None)
        if not in_s:
            await self.redis.publish(bell_of(queue), b"")

    async def announce(self, topic: str) -> None:
        """Tell every open page that its topic changed: "orders", "stock" or "channels"."""
        with self._lossy():
            async with asyncio.timeout(RING_S):
                await self.redis.publish(CHANGED, topic)

    async def answered(self, job: str, channel_id: UUID) -> None:
        """Call it first in the job: wishes from now on ring again."""
        with self._lossy():
            async with asyncio.timeout(RING_S):
                await self.redis.delete(wake_key(job, channel_id))

    async def is_up(self) -> bool:
        try:
            async with asyncio.timeout(RING_S):
                return bool(await self.redis.ping())
        except (RedisError, OSError, TimeoutError):
            return False

    @contextlib.contextmanager
    def _lossy(self) -> Any:
        try:
            yield
        except (RedisError, OSError, TimeoutError) as error:
            self.lost += 1
            log.warning("ring_lost", error=type(error).__name__, lost=self.lost)


def wake_key(job: str, channel_id: UUID) -> str:
    return f"hub:wake:{job}:{channel_id}"


def bell_of(queue: str) -> str:
    return f"{BELL}:{queue}"


class Slots(Struct):
    """So many jobs run at once in this process, of whichever queue; those `reserved` for a queue start all the same.

    What is lent is not taken back: a queue that needs what is its own starts its jobs beside those of the borrowers.
    `waiting` are the queues that found none free.
    """

    count: int
    reserved: Mapping[str, int]
    workers: dict[str, "BellWorker"] = {}
    waiting: set[str] = set()

    def is_free(self, queue: str) -> bool:
        running = {name: worker.job_counter for name, worker in self.workers.items()}
        return running[queue] < self.reserved[queue] or sum(running.values()) < self.count

    def look_again(self, queue: str) -> None:
        for name in {queue, *self.waiting}:
            self.workers[name].ctx["bell"].set()


class BellWorker(Worker):
    """arq looks for jobs twice a second; this one also looks at once when the bell rings or a job ends.

    It starts a job only where a slot is free for it: what waits stays in the queue, for any process that has one.
    """

    @override
    async def start_jobs(self, job_ids: list[bytes]) -> None:
        slots: Slots = self.ctx["slots"]
        slots.waiting.discard(self.queue_name)
        for job_id in job_ids:
            if job_id.decode() in self.tasks:  # runs here; super would ask Redis
                continue
            if not slots.is_free(self.queue_name):
                slots.waiting.add(self.queue_name)
                return
            await super().start_jobs([job_id])

    @override
    def _release_sem_dec_counter_on_complete(self) -> None:
        super()._release_sem_dec_counter_on_complete()
        self.ctx["slots"].look_again(self.queue_name)

    @override
    async def _poll_iteration(self) -> None:
        bell: asyncio.Event = self.ctx["bell"]
        bell.clear()
        async with asyncio.timeout(STALL_S):
            await super()._poll_iteration()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(LOOK_EVERY_S):
                await bell.wait()


def new_worker(
    redis: ArqRedis, queue: str, jobs: Sequence[Function], crons: Sequence[CronJob], slots: Slots
) -> BellWorker:
    """Make a worker on a connection pool of its own; it keeps no results and handles no signals."""

    async def begin(ctx: dict[Any, Any]) -> None:
        ctx["listener"] = asyncio.create_task(_listen(redis, bell_of(queue), ctx["bell"]))

    worker = slots.workers[queue] = BellWorker(
        jobs,
        redis_pool=redis,
        queue_name=queue,
        cron_jobs=list(crons),
        poll_delay=0.001,
        max_jobs=slots.count + slots.reserved[queue],
        keep_result=0,
        ctx={"slots": slots, "bell": asyncio.Event()},
        on_startup=begin,
        handle_signals=False,
        job_serializer=msgspec.msgpack.encode,
        job_deserializer=msgspec.msgpack.decode,
    )
    return worker


async def _listen(redis: ArqRedis, channel: str, bell: asyncio.Event) -> None:
    """A subscription that ends begins again: without it the worker hears nothing and only looks twice a second."""
    while True:
        with contextlib.suppress(RedisError, OSError):
            async for _ in subscribe(redis, channel):
                bell.set()
        await asyncio.sleep(LOOK_EVERY_S)


async def subscribe(redis: ArqRedis, channel: str) -> AsyncIterator[bytes]:
    """Yield every message published from now on; ends with the connection."""
    async with redis.pubsub() as pubsub:
        await pubsub.subscribe(channel)
        async for message in pubsub.listen():
            if message["type"] == "message":
                yield message["data"]


async def run_forever(make: Callable[[], BellWorker], stop: asyncio.Event) -> None:
    """Run a worker until told to stop. A worker dies with its Redis connection: then a new one takes its place."""
    pause_s = 0.1
    while not stop.is_set():
        worker = make()
        if await _run_one(worker, stop):
            pause_s = 0.1
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(pause_s):
                await stop.wait()
        pause_s = min(pause_s * 2, RESTART_S_MAX)


async def _run_one(worker: BellWorker, stop: asyncio.Event) -> bool:
    """Return True where the worker ran for a while, so that the next restart need not wait long."""
    started = asyncio.get_running_loop().time()
    running = asyncio.create_task(worker.async_run())
    told = asyncio.create_task(stop.wait())
    await asyncio.wait({running, told}, return_when=asyncio.FIRST_COMPLETED)
    await _finish(worker)
    await _cut_off([told, running, *worker.tasks.values()])
    if running.done() and not running.cancelled() and (lost := running.exception()):
        log.warning("worker_lost_its_queue", error=type(lost).__name__)
    await _close(worker)
    return asyncio.get_running_loop().time() - started > RESTART_S_MAX


async def _finish(worker: BellWorker) -> None:
    """Take no more jobs and let the running ones end."""
    worker.allow_pick_jobs = False
    if worker.tasks:
        await asyncio.wait(worker.tasks.values(), timeout=FINISH_S)


async def _cut_off(tasks: Sequence[asyncio.Task[Any]]) -> None:
    """Cancel, and wait a moment only: whoever waits for a Redis or a channel that is gone may wait for ever."""
    for task in tasks:
        task.cancel()
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(CUT_S):
            await asyncio.gather(*tasks, return_exceptions=True)


async def _close(worker: BellWorker) -> None:
    listener: asyncio.Task[None] | None = worker.ctx.get("listener")
    await _cut_off([listener] if listener is not None else [])
    with contextlib.suppress(RedisError, OSError, TimeoutError):
        async with asyncio.timeout(CUT_S):
            await worker.pool.aclose(close_connection_pool=True)

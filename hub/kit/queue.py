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
from arq.constants import in_progress_key_prefix, job_key_prefix
from arq.cron import CronJob
from arq.jobs import serialize_job
from arq.utils import timestamp_ms
from arq.worker import Function
from msgspec import Struct
from redis.asyncio import ConnectionPool
from redis.asyncio.client import Pipeline
from redis.exceptions import RedisError, ResponseError
from typing_extensions import override

from hub.kit.ids import uuid7

BELL = "hub:bell"
CHANGED = "hub:changed"
WAKE_MS = 5_000
LOOK_EVERY_S = 0.5
RESTART_S_MAX = 5.0
STALL_S = 10.0  # a Redis that answers nothing for so long is gone, whatever its socket says
FINISH_S = 1.0  # for jobs that run when the worker stops; one cut off is done again, by what PostgreSQL says
CUT_S = 0.3
RING_S = 0.5

# One call for arq's three, which ask first whether an id is new: ours always is.
_RING = """
if not redis.call('SET', KEYS[1], 1, 'NX', 'PX', ARGV[1]) then return end
redis.call('PSETEX', KEYS[2], ARGV[2], ARGV[3])
redis.call('ZADD', KEYS[3], ARGV[4], ARGV[5])
if ARGV[6] ~= '' then redis.call('PUBLISH', ARGV[6], '') end"""
# One call for arq's four: whether the job is due, and no other worker has it.
_BEGIN = """
local due = redis.call('ZSCORE', KEYS[1], ARGV[1])
if not due or tonumber(due) > tonumber(ARGV[2]) then return nil end
return redis.call('SET', KEYS[2], 1, 'NX', 'PX', ARGV[3]) and due"""

log = structlog.get_logger()
Job = Callable[..., Awaitable[object]]


def connect(url: str) -> ArqRedis:
    """Open a pool without socket_timeout: with one, redis-py 5 swallows cancellations on Python 3.11."""
    keepalive = {} if url.startswith("unix:") else {"socket_keepalive": True}
    pool = ConnectionPool.from_url(url, socket_connect_timeout=1, health_check_interval=15, **keepalive)
    return ArqRedis(pool, job_serializer=msgspec.msgpack.encode, job_deserializer=msgspec.msgpack.decode)


class Ring(Struct, frozen=True):
    """A job to wake a worker for, and whose it is: a channel's, or a follower's or notifier's. In so many seconds."""

    job: str
    whose: UUID
    in_s: float = 0


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
        await self.ring_each([Ring(job, channel_id, in_s)])

    async def announce(self, topic: str) -> None:
        """Tell every open page that its topic changed: "orders", "stock" or "channels"."""
        await self.ring_each([], [topic])

    async def ring_each(self, rings: Sequence[Ring], topics: Sequence[str] = ()) -> None:
        """As ring and announce, for all of them in one call; where it is lost, all are, and are counted as one."""
        pipe = self.redis.pipeline(transaction=False)
        for ring in rings:
            self._add(pipe, ring, queue=self._queue_of(ring.job))
        for topic in topics:
            pipe.publish(CHANGED, topic)
        with self._lossy():
            async with asyncio.timeout(RING_S), pipe:
                await pipe.execute()

    def _add(self, pipe: Pipeline, ring: Ring, *, queue: str) -> None:
        """The job as arq writes it; its clock is arq's, which compares with it."""
        job_id, at, defer_ms = uuid7().hex, timestamp_ms(), round(1000 * ring.in_s)
        job = serialize_job(ring.job, (str(ring.whose),), {}, None, at, serializer=self.redis.job_serializer)
        kept_ms = defer_ms + self.redis.expires_extra_ms
        keys = (wake_key(ring.job, ring.whose), job_key_prefix + job_id, queue)
        bell = "" if defer_ms else bell_of(queue)
        pipe.execute_command(
            "EVAL", _RING, len(keys), *keys, WAKE_MS, kept_ms, job, at + defer_ms, job_id, bell
        )

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
        for job_id in map(bytes.decode, job_ids):
            if job_id in self.tasks:
                continue
            if not slots.is_free(self.queue_name):
                slots.waiting.add(self.queue_name)
                return
            await self._start(job_id)

    async def _start(self, job_id: str) -> None:
        """Begin a job that is due and runs nowhere. The slots are the only limit: arq's own semaphore is not asked."""
        self.job_counter += 1  # the other queues of this process see the slot taken while Redis is asked
        due_at: bytes | None = None
        try:
            due_at = await self._begin(job_id)
        except ResponseError as error:  # it is full, or read-only: what runs goes on
            log.warning("job_not_begun", error=type(error).__name__)
        finally:
            if due_at is None:
                self.job_counter -= 1
        if due_at is not None:
            task = self.tasks[job_id] = self.loop.create_task(self.run_job(job_id, int(due_at)))
            task.add_done_callback(self._free_slot)

    async def _begin(self, job_id: str) -> bytes | None:
        keys = (self.queue_name, in_progress_key_prefix + job_id)
        kept_ms = int(self.in_progress_timeout_s * 1000)
        due_at: bytes | None = await self.pool.execute_command(  # type: ignore[no-untyped-call]
            "EVAL", _BEGIN, len(keys), *keys, job_id, timestamp_ms(), kept_ms
        )
        return due_at

    def _free_slot(self, _: asyncio.Task[None]) -> None:
        self.job_counter -= 1
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

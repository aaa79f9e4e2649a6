"""The worker: arq's jobs and crons around the doorbell, a queue for each lane, until told to stop."""

import asyncio
import contextlib
import signal
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any
from uuid import UUID

import structlog
from arq import cron
from arq.cron import CronJob
from arq.worker import Function, func

from hub.channels import lanes
from hub.channels.context import HubContext
from hub.channels.files.keeping import run_import
from hub.channels.lanes import RULES, SLOTS, Lane, queue_of, queue_of_lane
from hub.jobs.keep_time import keep_time
from hub.jobs.keep_webhooks import keep_webhooks
from hub.jobs.pull_listings import pull_listings
from hub.jobs.pull_orders import pull_orders
from hub.jobs.push_stock import push_rises, push_stock
from hub.jobs.read_shown import read_shown
from hub.jobs.reconcile import reconcile
from hub.jobs.run_exporter import run_exporter
from hub.jobs.sweep import sweep
from hub.jobs.take_inbox import take_inbox
from hub.jobs.tell_notices import tell_notices
from hub.jobs.tell_observer import tell_observer
from hub.jobs.turns import TURN_S, Turns
from hub.jobs.watch_stock import watch_stock
from hub.jobs.work_out_buffers import work_out_buffers
from hub.jobs.write_back import write_back
from hub.kit.log import place_of
from hub.kit.memory import settle_memory
from hub.kit.queue import BellWorker, Job, Slots, connect, new_worker, run_forever

JOBS: dict[str, Job] = {
    "take_inbox": take_inbox,
    "pull_orders": pull_orders,
    "push_stock": push_stock,
    "push_rises": push_rises,
    "write_back": write_back,
    "tell_notices": tell_notices,
    "tell_observer": tell_observer,
    "run_exporter": run_exporter,
    "pull_listings": pull_listings,
    "run_import": run_import,
    "read_shown": read_shown,
    "reconcile": reconcile,
    "keep_webhooks": keep_webhooks,
}
JOB_S_MAX = 3 * TURN_S  # a look may begin late in a turn, take one of its own, and end with a call that hangs
CUTS_MAX = 5  # a job that was cut off runs again; one that failed does not: the sweep rings for it
SWEEP_EVERY_S = 2
WATCH_EVERY_S = 5
BUFFERS_AT_S = {20, 50}  # of every minute
TIME_AT_S = 35

log = structlog.get_logger()


async def run_worker(ctx: HubContext, stop: asyncio.Event | None = None) -> None:
    """Work until `stop` is set, or until SIGTERM or SIGINT where none is given; running jobs end first."""
    stop = stop or _stop_on_signal()
    settle_memory()
    log.info("worker_started")
    slots = Slots(SLOTS, {queue_of(job): RULES[lane].slots for job, lane in lanes.JOBS.items()})
    async with asyncio.TaskGroup() as group:
        for queue in slots.reserved:
            group.create_task(run_forever(partial(make_worker, ctx, queue, slots), stop))
    log.info("worker_stopped")


def make_worker(hub: HubContext, queue: str, slots: Slots) -> BellWorker:
    jobs = [_job(hub, name, job) for name, job in JOBS.items() if queue_of(name) == queue]
    crons = [tick for lane, tick in _ticks(hub) if queue_of_lane(lane) == queue]
    return new_worker(connect(hub.endpoints.redis_url), queue, jobs, crons, slots)


def _ticks(hub: HubContext) -> list[tuple[Lane, CronJob]]:
    """The sweep is what a lost ring waits for: it goes with what falls."""

    def tick(
        work: Callable[[HubContext], Awaitable[object]], seconds: set[int], timeout_s: float | None = None
    ) -> CronJob:
        async def run(ctx: dict[Any, Any], *_: object) -> None:  # noqa: ARG001 -- arq hands it over
            await _tried(work.__name__, partial(work, hub))

        return cron(run, name=work.__name__, second=seconds, unique=True, timeout=timeout_s)

    return [
        (Lane.STOCK_DOWN, tick(sweep, set(range(0, 60, SWEEP_EVERY_S)))),
        (Lane.STOCK_DOWN, tick(watch_stock, set(range(1, 60, WATCH_EVERY_S)))),
        (Lane.BULK, tick(work_out_buffers, BUFFERS_AT_S, JOB_S_MAX)),
        (Lane.BULK, tick(keep_time, {TIME_AT_S}, JOB_S_MAX)),
    ]


def _job(hub: HubContext, name: str, job: Job) -> Function:
    turns = Turns()

    async def run(ctx: dict[Any, Any], channel_id: str, *_: object) -> None:  # noqa: ARG001 -- arq hands it over
        look = partial(_tried, name, partial(job, hub, UUID(channel_id)), channel=channel_id)
        if await turns.take(channel_id, look):
            await hub.bell.answered(name, UUID(channel_id))
            await hub.bell.ring(name, UUID(channel_id))

    return func(run, name=name, timeout=JOB_S_MAX, max_tries=CUTS_MAX, keep_result=0)


async def _tried(name: str, work: Callable[[], Awaitable[object]], **whose: str) -> None:
    with structlog.contextvars.bound_contextvars(job=name):
        (outcome,) = await asyncio.gather(work(), return_exceptions=True)
        if isinstance(outcome, Exception):
            log.error("job_failed", error=type(outcome).__name__, at=place_of(outcome), **whose)


def _stop_on_signal() -> asyncio.Event:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        with contextlib.suppress(NotImplementedError):  # no signal handlers on Windows
            loop.add_signal_handler(number, stop.set)
    return stop

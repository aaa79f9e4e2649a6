"""The worker: arq's jobs and crons around the doorbell, a queue for each lane, until told to stop."""

import asyncio
import contextlib
import signal
import traceback
from functools import partial
from pathlib import Path
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

    async def sweep_job(ctx: dict[Any, Any], *_: object) -> None:  # noqa: ARG001 -- arq hands it over
        await sweep(hub)

    async def watch_job(ctx: dict[Any, Any], *_: object) -> None:  # noqa: ARG001 -- arq hands it over
        await watch_stock(hub)

    async def buffers_job(ctx: dict[Any, Any], *_: object) -> None:  # noqa: ARG001 -- arq hands it over
        await work_out_buffers(hub)

    async def time_job(ctx: dict[Any, Any], *_: object) -> None:  # noqa: ARG001 -- arq hands it over
        await keep_time(hub)

    sweeps = cron(sweep_job, name="sweep", second=set(range(0, 60, SWEEP_EVERY_S)), unique=True)
    watches = cron(watch_job, name="watch_stock", second=set(range(1, 60, WATCH_EVERY_S)), unique=True)
    buffers = cron(buffers_job, name="work_out_buffers", second=BUFFERS_AT_S, unique=True, timeout=JOB_S_MAX)
    times = cron(time_job, name="keep_time", second=TIME_AT_S, unique=True, timeout=JOB_S_MAX)
    return [
        (Lane.STOCK_DOWN, sweeps),
        (Lane.STOCK_DOWN, watches),
        (Lane.BULK, buffers),
        (Lane.BULK, times),
    ]


def _job(hub: HubContext, name: str, job: Job) -> Function:
    turns = Turns()

    async def run(ctx: dict[Any, Any], channel_id: str, *_: object) -> None:  # noqa: ARG001 -- arq hands it over
        if await turns.take(channel_id, partial(_run, hub, name, job, UUID(channel_id))):
            await hub.bell.answered(name, UUID(channel_id))
            await hub.bell.ring(name, UUID(channel_id))

    return func(run, name=name, timeout=JOB_S_MAX, max_tries=CUTS_MAX, keep_result=0)


async def _run(hub: HubContext, name: str, job: Job, channel_id: UUID) -> None:
    with structlog.contextvars.bound_contextvars(job=name):
        (outcome,) = await asyncio.gather(job(hub, channel_id), return_exceptions=True)
        if isinstance(outcome, Exception):
            error = type(outcome).__name__
            log.error("job_failed", channel=str(channel_id), error=error, at=_place_of(outcome))


def _place_of(error: Exception) -> str:
    """Where it was raised. What it says stays out of the log: it may quote an order, and orders name people (L17)."""
    frames = traceback.extract_tb(error.__traceback__)
    return f"{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""


def _stop_on_signal() -> asyncio.Event:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        with contextlib.suppress(NotImplementedError):  # no signal handlers on Windows
            loop.add_signal_handler(number, stop.set)
    return stop

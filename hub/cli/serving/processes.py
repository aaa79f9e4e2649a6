"""Runs the web and the worker as processes of their own, starts anew the one that dies, and ends them all together."""

import asyncio
import os
import sys
import threading
from collections.abc import Mapping, MutableMapping, Sequence
from pathlib import Path
from signal import SIGTERM
from typing import BinaryIO

from msgspec import Struct

from hub.kit.config import Config
from hub.kit.embedded import Endpoints, running_endpoints
from hub.kit.log import get_logger
from hub.model.errors import InputError

PAUSE_S_MAX = 10.0
STEADY_S = 5.0
END_S = 15.0
LOG_BYTES_MAX = 20_000_000
TIED = "HUB_TIED"  # set where a process must end with the one that started it

log = get_logger(__name__)


class Part(Struct, frozen=True):
    """One process of the hub: `hub <words>`, its log in `<name>.log`."""

    name: str
    words: tuple[str, ...]
    module: str = "hub"


Pids = MutableMapping[str, int]
"""The process of each part, by its name."""


async def keep_running(
    parts: Sequence[Part],
    environment: Mapping[str, str],
    folder: Path,
    stop: asyncio.Event,
    pids: Pids | None = None,
) -> None:
    """Run all parts until `stop`, then end them; a part that dies is back at once, slower if it keeps dying.

    `pids` is kept up to date for whoever wants to know the process of each part.
    """
    pids = {} if pids is None else pids
    async with asyncio.TaskGroup() as group:
        for part in parts:
            log_file = folder / f"{part.name}.log"
            group.create_task(_keep_one(part, {**environment, TIED: "1"}, log_file, stop, pids))


async def _keep_one(
    part: Part, environment: Mapping[str, str], log_file: Path, stop: asyncio.Event, pids: Pids
) -> None:
    pause_s = 0.2
    loop = asyncio.get_running_loop()
    while not stop.is_set():
        started = loop.time()
        code = await _run(part, environment, log_file, stop, pids)
        if stop.is_set():
            return
        log.warning("process_died", process=part.name, code=code, log=str(log_file))
        pause_s = 0.2 if loop.time() - started > STEADY_S else min(pause_s * 2, PAUSE_S_MAX)
        await _wait_at_most(stop, pause_s)


async def _run(
    part: Part, environment: Mapping[str, str], log_file: Path, stop: asyncio.Event, pids: Pids
) -> int:
    with _open_log(log_file) as output:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", part.module, *part.words),
            env=dict(environment),
            stdin=asyncio.subprocess.PIPE,
            stdout=output,
            stderr=output,
            start_new_session=True,  # Ctrl-C reaches us alone; we end the others in order
        )
    pids[part.name] = process.pid
    ended, told = asyncio.create_task(process.wait()), asyncio.create_task(stop.wait())
    await asyncio.wait({ended, told}, return_when=asyncio.FIRST_COMPLETED)
    told.cancel()
    if not ended.done():
        await _end(process)
    return await ended


async def _end(process: asyncio.subprocess.Process) -> None:
    process.send_signal(SIGTERM)
    try:
        async with asyncio.timeout(END_S):
            await process.wait()
    except TimeoutError:
        process.kill()


async def _wait_at_most(event: asyncio.Event, wait_s: float) -> None:
    try:
        async with asyncio.timeout(wait_s):
            await event.wait()
    except TimeoutError:
        return


def _open_log(log_file: Path) -> BinaryIO:
    """Append to the log; one that has grown large starts over, the old one beside it."""
    log_file.parent.mkdir(parents=True, exist_ok=True)
    if log_file.exists() and log_file.stat().st_size > LOG_BYTES_MAX:
        log_file.replace(log_file.with_suffix(".log.1"))
    return log_file.open("ab")


def endpoints_of(config: Config) -> Endpoints:
    found = running_endpoints(config)
    if found is None:
        msg = f"no hub runs on {config.folder}: start one with `hub up`, or set DATABASE_URL and REDIS_URL"
        raise InputError(msg)
    return found


def end_with_parent() -> None:
    """In a tied process: when the one that started it is gone, even by kill -9, end as if told to."""
    if os.environ.get(TIED):
        threading.Thread(target=_watch_parent, name="parent", daemon=True).start()


def _watch_parent() -> None:
    while os.read(0, 1024):  # nothing is ever written: it ends with the parent
        continue
    os.kill(os.getpid(), SIGTERM)

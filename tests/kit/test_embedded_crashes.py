"""kill -9 of PostgreSQL, of Valkey or of the hub itself costs a second or two, and no row."""

import asyncio
import os
import signal
import subprocess
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import psycopg
import redis

from hub.kit.config import Config
from hub.kit.embedded import Endpoints, embedded_servers, running_endpoints
from tests.kit.conftest import ask, postgres_pid, served


async def test_a_killed_postgres_is_back_with_its_rows(config: Config):
    async with embedded_servers(config) as endpoints:
        ask(endpoints, "CREATE TABLE mugs AS SELECT 7 AS on_hand")
        os.kill(postgres_pid(config), signal.SIGKILL)
        assert await soon(lambda: ask(endpoints, "SELECT on_hand FROM mugs") == [(7,)])


async def test_a_killed_valkey_is_back(config: Config):
    async with embedded_servers(config) as endpoints:
        first = valkey_pid(endpoints)
        os.kill(first, signal.SIGKILL)
        assert await soon(lambda: valkey_pid(endpoints) != first)


async def test_a_server_is_killed_again_and_again_and_always_comes_back(config: Config):
    async with embedded_servers(config, durable=False) as endpoints:
        for _ in range(3):
            os.kill(postgres_pid(config), signal.SIGKILL)
            os.kill(valkey_pid(endpoints), signal.SIGKILL)
            assert await soon(lambda: ask(endpoints, "SELECT 1") == [(1,)] and valkey_pid(endpoints) > 0)


def test_what_a_killed_hub_left_running_is_taken_over(config: Config, hub_process: subprocess.Popen[str]):
    left = running_endpoints(config)
    assert left is not None
    ask(left, "CREATE TABLE mugs AS SELECT 7 AS on_hand")
    hub_process.kill()
    hub_process.wait()
    with served(config) as endpoints:
        assert ask(endpoints, "SELECT on_hand FROM mugs") == [(7,)]
        assert redis.Redis.from_url(endpoints.redis_url).ping()


def test_nothing_of_a_killed_hub_is_left_after_the_next_one(
    config: Config, hub_process: subprocess.Popen[str]
):
    left = running_endpoints(config)
    assert left is not None
    pids = [postgres_pid(config), valkey_pid(left)]
    hub_process.kill()
    hub_process.wait()
    with served(config):
        pass
    assert [pid for pid in pids if is_running(pid)] == []


def test_a_hub_that_is_told_to_end_stops_its_servers(config: Config, hub_process: subprocess.Popen[str]):
    pid = postgres_pid(config)
    hub_process.send_signal(signal.SIGINT)
    hub_process.wait()
    assert (is_running(pid), running_endpoints(config)) == (False, None)


async def soon(true: Callable[[], bool]) -> bool:
    """Look again for as long as the server is away, at most a minute: crash recovery on a busy machine."""
    async with asyncio.timeout(60):
        found = await asyncio.to_thread(holds, true)
        while not found:
            await asyncio.sleep(0.05)
            found = await asyncio.to_thread(holds, true)
    return found


def holds(true: Callable[[], bool]) -> bool:
    try:
        return true()
    except (psycopg.OperationalError, redis.ConnectionError, FileNotFoundError):
        return False


def valkey_pid(endpoints: Endpoints) -> int:
    with redis.Redis.from_url(endpoints.redis_url) as client:
        return int(client.info("server")["process_id"])


def is_running(pid: int) -> bool:
    """Tell a program that runs from one that is gone, or has ended and waits to be collected."""
    stat = Path(f"/proc/{pid}/stat")
    with suppress(ProcessLookupError, FileNotFoundError):
        os.kill(pid, 0)
        return not Path("/proc/self").exists() or stat.read_text().rpartition(")")[2].split()[0] != "Z"
    return False

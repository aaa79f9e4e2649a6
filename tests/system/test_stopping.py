"""A worker that is told to stop is soon gone, whatever it is doing and whoever does not answer it."""

import asyncio
import time
from pathlib import Path
from statistics import median

import pytest

from hub.channels.transport import ANSWER_S
from hub.model.incoming import Person
from tests.system.town import goods, open_town

BUYER = Person(name="Ada L")
pytestmark = pytest.mark.usefixtures("valkey")


async def test_a_worker_under_load_stops_although_its_channels_fall_silent(
    fresh_db_url: str, valkey_url: str, tmp_path: Path
) -> None:
    took: list[float] = []
    async with open_town(fresh_db_url, valkey_url, tmp_path, goods(20, 1_000)) as town:
        for _ in range(5):
            async with town.process("work") as worker:
                await asyncio.sleep(1.5)
                await asyncio.gather(*(town.sims[n % 3].sell({f"SKU-{n:03}": 1}, BUYER) for n in range(20)))
                await asyncio.sleep(0.05 + 0.02 * len(took))  # so that some calls are under way
                worker.terminate()
                started = time.monotonic()
                worker.wait(60)  # blocks the loop the channels answer on: they fall silent
                took.append(time.monotonic() - started)
    assert median(took) < ANSWER_S, took  # a second and a half here; who waits for the channels takes longer

"""Of one kind of job, one runs at a time for each channel of a process, and nobody who rings is forgotten."""

import asyncio
from collections import Counter
from functools import partial

import pytest

from hub.jobs import turns
from hub.jobs.turns import Turns

pytestmark = pytest.mark.anyio


async def test_whoever_rings_while_a_job_looks_is_answered_by_one_more_look():
    taken, running, looks = Turns(), Counter[str](), []

    async def look(name: str) -> None:
        running[name] += 1
        looks.append((name, running[name]))
        await asyncio.sleep(0.01)
        running[name] -= 1

    calls = [taken.take(name, partial(look, name)) for name in ("shop", "shop", "other", "shop")]
    assert await asyncio.gather(*calls) == [False] * 4
    assert sorted(looks) == [("other", 1), ("shop", 1), ("shop", 1)]


async def test_a_turn_that_is_over_says_who_still_waits(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(turns, "TURN_S", 0.01)
    taken, looks = Turns(), []

    async def look() -> None:
        looks.append(await taken.take("shop", look))  # rings while it looks
        await asyncio.sleep(0.02)

    assert await taken.take("shop", look)
    assert not await taken.take("none", lambda: asyncio.sleep(0))
    assert looks == [False]


async def test_a_job_that_is_cut_off_gives_its_turn_back():
    taken, looks = Turns(), []
    cut = asyncio.create_task(taken.take("shop", lambda: asyncio.sleep(60)))
    await asyncio.sleep(0)
    cut.cancel()
    await asyncio.gather(cut, return_exceptions=True)

    async def look() -> None:
        looks.append("again")

    await taken.take("shop", look)
    assert looks == ["again"]

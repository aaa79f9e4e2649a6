"""A shop, and somebody who receives its webhooks, both over real HTTP."""

from collections.abc import AsyncIterator

import httpx
import pytest

from hub.sim.listen import bind, listen
from tests.sim.fake_shop import FakeShop, Receiver


@pytest.fixture
def anyio_backend():
    return "asyncio"


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    bound = bind(0)
    receiver = Receiver(f"{bound.url}/hook")
    async with listen(bound, receiver.answer):
        yield receiver


@pytest.fixture
def shop(receiver: Receiver) -> FakeShop:
    return FakeShop(webhook_url=receiver.url)


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(trust_env=False, timeout=60) as client:
        yield client

"""A hub whose channels are fake, over real PostgreSQL and Valkey: ten mugs and ten teas on two channels."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from redis.asyncio import Redis

from hub.store.db import Database
from tests.fake_channel import FakeHub, open_fake_hub


@pytest.fixture
async def hub(database: Database, valkey: Redis, valkey_url: str, tmp_path: Path) -> AsyncIterator[FakeHub]:
    del valkey  # emptied before each test
    async with open_fake_hub(database, valkey_url, tmp_path, {"MUG": 10, "TEA": 10}) as opened:
        yield opened

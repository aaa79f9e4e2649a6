"""The database of the run, with a connection for each of many workers."""

from collections.abc import AsyncIterator

import pytest

from hub.store.db import Database


@pytest.fixture
async def many(emptied_db_url: str) -> AsyncIterator[Database]:
    database = Database(emptied_db_url, pool_size=40, wait_s=300)
    yield database
    await database.close()

"""A connection that the server has ended meanwhile costs nobody an error, and none is left planning otherwise."""

import asyncio

import pytest
from sqlalchemy import text

from hub.store.db import PLANNED_ONCE, Database

pytestmark = pytest.mark.anyio
END = text("SELECT pg_terminate_backend(:pid, 60000)")  # returns when it is gone


async def who(database: Database) -> int:
    async with database.transaction() as tx:
        return int(await tx.scalar(text("SELECT pg_backend_pid() FROM pg_sleep(0.01)")) or 0)


async def test_whoever_comes_after_the_server_has_ended_all_connections_gets_new_ones(db_url: str):
    database, other = Database(db_url), Database(db_url)
    before = set(await asyncio.gather(*(who(database) for _ in range(3))))
    async with other.transaction() as tx:
        for pid in before:
            await tx.execute(END, {"pid": pid})
    after = {await who(database), *await asyncio.gather(*(who(database) for _ in range(3)))}
    await database.close()
    await other.close()
    assert (len(before), len(after), before & after) == (3, 3, set())


async def test_one_after_the_other_they_share_a_connection(db_url: str):
    database = Database(db_url)
    await asyncio.gather(*(who(database) for _ in range(3)))
    assert len({await who(database) for _ in range(5)}) == 1
    await database.close()


async def test_a_transaction_that_is_planned_once_leaves_its_connection_as_it_was(db_url: str):
    database, modes = Database(db_url), []
    async with database.engine.connect() as connection:
        for first in (PLANNED_ONCE, "1"):
            async with connection.begin():
                await connection.execute(text(f"SELECT {first}"))
                modes.append(await connection.scalar(text("SHOW plan_cache_mode")))
    await database.close()
    assert modes == ["force_generic_plan", "auto"]

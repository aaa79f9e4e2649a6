"""Advisory locks of a session: one worker at a time per channel and task, freed by the server if the worker dies."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID

from sqlalchemy import text

from hub.store.db import Database

_TRY = text("SELECT pg_try_advisory_lock(hashtextextended(:name, 0))")
_WAIT = text("SELECT pg_advisory_lock(hashtextextended(:name, 0))")
_FREE = text("SELECT pg_advisory_unlock(hashtextextended(:name, 0))")


@asynccontextmanager
async def only_worker(db: Database, task: str, channel_id: UUID) -> AsyncIterator[bool]:
    """Yield True to the one holder, False to everybody else."""
    name = f"{task} {channel_id}"
    async with db.session() as session:
        held = bool(await session.scalar(_TRY, {"name": name}))
        try:
            yield held
        finally:
            if held:
                await session.execute(_FREE, {"name": name})


@asynccontextmanager
async def in_turn(db: Database, task: str, owner_id: UUID, *, wait_s: float) -> AsyncIterator[None]:
    """Hold the lock for the length of the block, after everybody who came before; TimeoutError after `wait_s`."""
    name = f"{task} {owner_id}"
    async with db.session() as session:
        async with asyncio.timeout(wait_s):
            await session.execute(_WAIT, {"name": name})
        try:
            yield
        finally:
            await session.execute(_FREE, {"name": name})

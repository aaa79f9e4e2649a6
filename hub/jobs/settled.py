"""Up to which event everything can be seen. Ids are drawn before the commit, so a lower one may appear later."""

import asyncio

from hub.store import events
from hub.store.db import Database

LOOK_S = 0.02
PATIENCE_S = 10.0


async def settled_event(db: Database) -> int | None:
    """The newest event below which none is missing; None where somebody has been writing for too long."""
    async with db.transaction() as tx:
        newest = await events.newest_event(tx)
        writing = await events.event_writers(tx)
    for _ in range(round(PATIENCE_S / LOOK_S)):
        if not writing:
            return newest
        await asyncio.sleep(LOOK_S)
        async with db.transaction() as tx:
            writing &= await events.event_writers(tx)
    return None

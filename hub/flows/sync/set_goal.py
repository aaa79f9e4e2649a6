"""Set a channel's goal: a change that waits longer than it is late."""

from datetime import datetime
from uuid import UUID

from hub.model.sync.pace import refuse_bad_goal
from hub.store.db import Tx
from hub.store.events import Event, add_events
from hub.store.sync import pace


async def set_goal(tx: Tx, channel_id: UUID, goal_s: int, *, actor: str, at: datetime) -> None:
    """Raises InputError."""
    refuse_bad_goal(goal_s)
    await pace.set_goal(tx, channel_id, goal_s)
    await add_events(
        tx, [Event("freshness goal", actor, channel_id=channel_id, facts={"goal_s": goal_s})], at=at
    )

"""Pause groups of SKUs on a channel, and go on: nothing is told of them meanwhile, and nothing is lost."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from hub.flows.stock.known import refuse_empty_groups
from hub.model.errors import WrongStateError
from hub.store.db import Tx
from hub.store.events import Event, add_events
from hub.store.sync import pausing as store


async def pause_groups(tx: Tx, channel_id: UUID, groups: Sequence[str], *, actor: str, at: datetime) -> int:
    """Return how many listings stop; "" are those without a group. The sweep follows where a SKU's group changes.

    Raises NotFoundError for a group that no SKU is in.
    """
    await refuse_empty_groups(tx, groups)
    paused = await store.lock_paused_groups(tx, channel_id)
    return await _set(tx, channel_id, sorted({*paused, *groups}), actor, at)


async def resume_groups(tx: Tx, channel_id: UUID, groups: Sequence[str], *, actor: str, at: datetime) -> int:
    """Return how many listings go on; they are told what is left then. Raises WrongStateError where none is paused."""
    paused = await store.lock_paused_groups(tx, channel_id)
    left = [each for each in paused if each not in groups]
    if left == paused:
        msg = f"none of these groups is paused there: {', '.join(map(repr, paused)) or 'no group'} is"
        raise WrongStateError(msg)
    return await _set(tx, channel_id, left, actor, at)


async def _set(tx: Tx, channel_id: UUID, groups: Sequence[str], actor: str, at: datetime) -> int:
    await store.set_paused_groups(tx, channel_id, groups)
    listings = await store.follow_pauses(tx, channel_id=channel_id, at=at)
    facts = {"groups": list(groups), "listings": listings}
    await add_events(tx, [Event("groups paused", actor, channel_id=channel_id, facts=facts)], at=at)
    return listings

"""Put a channel in shadow, and switch it on: as a whole, or one group of SKUs after the other."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from hub.flows.stock.known import refuse_empty_groups
from hub.model.errors import InputError
from hub.model.stock.shadow import Readiness
from hub.store import shadow
from hub.store.db import Tx
from hub.store.events import Event, add_events
from hub.store.shadow import Switched

GROUPS_MAX = 1000


async def set_shadow(
    tx: Tx, channel_id: UUID, *, on: bool, live_groups: Sequence[str], actor: str, at: datetime
) -> Switched:
    """Say whether the channel is in shadow, and which groups are told all the same.

    A listing is told, or not, by the group of its SKU; the sweep follows where that changes. Raises NotFoundError for a
    group that is not live yet and that no SKU is in.
    """
    if len(live_groups) > GROUPS_MAX:
        msg = f"{len(live_groups)} groups are more than {GROUPS_MAX}: switch the whole channel on"
        raise InputError(msg, field="live_groups")
    groups = sorted(set(live_groups)) if on else []
    live = (await shadow.shadow_of(tx, channel_id)).live_groups
    await refuse_empty_groups(tx, {*groups} - {*live})
    switched = await shadow.set_shadow(tx, channel_id, shadow=on, live_groups=groups, at=at)
    facts = {"on": on, "live_groups": groups, "live": switched.live, "shadowed": switched.shadowed}
    await add_events(tx, [Event("shadow", actor, channel_id=channel_id, facts=facts)], at=at)
    return switched


async def readiness(tx: Tx, channel_id: UUID) -> Readiness:
    """How far what the channel shows is from what the hub would write; two statements for any number of listings."""
    return Readiness(await shadow.count_offered(tx, channel_id), await shadow.count_beside(tx, channel_id))

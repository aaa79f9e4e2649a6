"""Set sourcing: a person says in which order locations fill the orders of a channel, or of all others."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from hub.kit.ids import uuid7
from hub.model.errors import NotFoundError
from hub.model.stock.policies import Policy, refuse_bad, sentence
from hub.store import channels
from hub.store.db import Tx
from hub.store.events import Event, add_events
from hub.store.stock import policies
from hub.store.stock.policies import NewPolicy


async def set_policies(tx: Tx, wanted: Mapping[str | None, Policy], *, actor: str, at: datetime) -> None:
    """Set the policy of each of these channels, by slug; None is for all that have none of their own.

    What is promised already stays where it is; what waits is filled by it, at the latest with the next sweep. Raises
    InputError or NotFoundError before anything is written.
    """
    for policy in wanted.values():
        refuse_bad(policy)
    ids = await _ids_of(tx, wanted)
    rows = [
        NewPolicy(uuid7(), ids[slug], policy.strategies, policy.split_max, policy.keep_whole)
        for slug, policy in wanted.items()
    ]
    await policies.put_policies(tx, rows, at=at)
    says = [f"{slug or 'all channels'}: {sentence(policy)}" for slug, policy in wanted.items()]
    await add_events(tx, [Event("sourcing set", actor, facts={"says": says[:20]})], at=at)


async def clear_policy(tx: Tx, channel: str | None, *, actor: str, at: datetime) -> None:
    """Take a policy back: the one for all channels decides again, or the usual one. Raises NotFoundError."""
    ids = await _ids_of(tx, {channel: Policy()})
    if not await policies.drop_policy(tx, ids[channel]):
        msg = f"{channel or 'every channel'} has no policy of its own: see hub sourcing list"
        raise NotFoundError(msg)
    await add_events(tx, [Event("sourcing cleared", actor, facts={"channel": channel or ""})], at=at)


async def _ids_of(tx: Tx, wanted: Mapping[str | None, Policy]) -> dict[str | None, UUID | None]:
    known = {row.slug: row.id for row in await channels.all_channels(tx)}
    strange = sorted(slug for slug in wanted if slug is not None and slug not in known)
    if strange:
        msg = f"there is no channel {strange[0]}: see hub channel list; nothing was changed"
        raise NotFoundError(msg)
    return {slug: known[slug] if slug is not None else None for slug in wanted}

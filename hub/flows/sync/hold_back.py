"""Hold back: what would empty most of a channel, or move its numbers tenfold, waits for a person (L12)."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from msgspec import Struct

from hub.flows.post_notices import NewNotice, post_notices
from hub.model.errors import WrongStateError
from hub.model.sync.seatbelt import Limits, headline, is_drastic, must_wait, refuse_bad
from hub.model.telling.kinds import Kind
from hub.spec import Severity
from hub.store.db import Tx
from hub.store.events import Event, add_events
from hub.store.sync import suspended as store
from hub.store.sync.suspended import Moved, Tally

TOPIC = "channel.suspended"
COUNTS_FOR = timedelta(
    minutes=15
)  # so long what was let go counts with what comes after: a slip comes in pieces too


class Held(Struct, frozen=True):
    """The listings that must not be told now; `notifiers` are to be rung after commit."""

    listing_ids: frozenset[UUID] = frozenset()
    notifiers: frozenset[UUID] = frozenset()


async def hold_back(
    tx: Tx, channel_id: UUID, *, slug: str, url: str, at: datetime, reads: bool = True
) -> Held:
    """Look at all that is due on the channel: suspend what is drastic beyond the limits, let go of what is not.

    A number of statements that does not grow with what is due. `url` is where the desk stands. A first number on a
    channel that `reads` is judged by what is read before it leaves, on another by what it may empty.
    """
    limits = await store.limits_of(tx, channel_id)
    drastic = [
        each for each in await store.moved(tx, channel_id, reads=reads) if is_drastic(each.change, limits)
    ]
    if not drastic:
        return Held()
    tally = await store.tally(tx, channel_id, since=at - COUNTS_FOR)
    if not must_wait(limits, drastic=len(drastic) + tally.standing, of=tally.sells):
        await store.let_go(tx, drastic, at=at)
        return Held()
    await store.suspend(tx, drastic, at=at)
    notifiers = await _ask(tx, channel_id, slug, drastic, tally, url, at)
    return Held(frozenset(each.listing_id for each in drastic), frozenset(notifiers))


async def _ask(
    tx: Tx, channel_id: UUID, slug: str, drastic: Sequence[Moved], tally: Tally, url: str, at: datetime
) -> set[UUID]:
    """Tell people once, until they have answered; whoever dismissed a listing is not asked about it again."""
    new = [each for each in drastic if not each.dismissed]
    if not new or tally.asked:
        return set()
    to_none = sum(each.change.would == 0 for each in new)
    facts = {"listings": len(new), "to_none": to_none, "of": tally.sells}
    await add_events(tx, [Event("suspended", "hub", channel_id=channel_id, facts=facts)], at=at)
    words = f"{slug} keeps what it shows until you approve or dismiss them: hub sync suspended {slug}"
    title = headline(slug, len(new), tally.sells, to_none)
    link = f"{url}/channels/{slug}/sync"
    key = f"suspended/{channel_id}/{at.isoformat()}"
    return await post_notices(tx, [NewNotice(key, TOPIC, Severity.CRITICAL, title, words, link)], at=at)


async def approve(tx: Tx, channel_id: UUID, *, until: datetime, actor: str, at: datetime) -> int:
    """Tell the channel what was suspended until then, as a person has seen it; return how many listings.

    Raises WrongStateError where nothing was. The job is to be rung after commit.
    """
    count = await store.approve(tx, channel_id, until=until, at=at)
    return await _decided(tx, channel_id, "suspended approved", count, actor, at)


async def dismiss(tx: Tx, channel_id: UUID, *, until: datetime, actor: str, at: datetime) -> int:
    """Let the channel keep what it shows of what was suspended until then; return how many listings.

    A number that changes to one that is not drastic is told all the same. Raises WrongStateError.
    """
    count = await store.dismiss(tx, channel_id, until=until, actor=actor, at=at)
    return await _decided(tx, channel_id, "suspended dismissed", count, actor, at)


async def _decided(tx: Tx, channel_id: UUID, kind: Kind, count: int, actor: str, at: datetime) -> int:
    if not count:
        msg = "nothing is suspended there that waits for this: see hub sync suspended"
        raise WrongStateError(msg)
    await add_events(tx, [Event(kind, actor, channel_id=channel_id, facts={"listings": count})], at=at)
    return count


async def set_limits(tx: Tx, channel_id: UUID, limits: Limits, *, actor: str, at: datetime) -> None:
    """Say beyond what a channel's changes wait for a person. Raises InputError."""
    refuse_bad(limits)
    await store.set_limits(tx, channel_id, limits)
    facts = {name: getattr(limits, name) for name in Limits.__struct_fields__}
    await add_events(tx, [Event("seatbelt", actor, channel_id=channel_id, facts=facts)], at=at)

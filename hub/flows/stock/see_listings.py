"""See: take over what a channel offers today, a page at a time, and mark what two whole looks in a row did not find.

Nothing is matched and no SKU is made here: both are a person's decision (C57).
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from msgspec import Struct

from hub.model.stock.gone import is_believable
from hub.model.telling.kinds import Kind
from hub.store import publications
from hub.store.channels import count
from hub.store.db import Tx
from hub.store.events import Event, add_events
from hub.store.stock import listings, looks
from hub.store.stock.listings import NewListing

ACTOR = "hub"
NAMED_MAX = 20  # of one event; it says how many there were


class Seen(Struct, frozen=True):
    """One page: `new` to the hub, `back` after they had been gone, and the channels to be told."""

    new: int
    back: int
    touched: set[UUID]


async def see_page(
    tx: Tx, channel_id: UUID, rows: Sequence[NewListing], *, began_at: datetime, at: datetime
) -> Seen:
    """A listing that is back is told its number again."""
    new = await listings.add_listings(tx, channel_id, rows, at=at)
    back = await looks.see_listings(tx, channel_id, rows, began_at=began_at)
    touched = await publications.open_publications(tx, [each.sku for each in back if each.sku], at=at)
    if back:
        await add_events(tx, [_event("listings back", channel_id, back)], at=at)
    return Seen(len(new), len(back), touched)


class Ended(Struct, frozen=True):
    """What a whole look says: `missed` for the first time, `gone` for the second; or `doubted` known ones not shown."""

    missed: int = 0
    gone: int = 0
    doubted: int = 0


async def end_look(
    tx: Tx, channel_id: UUID, *, began_at: datetime, next_at: datetime, believe: bool, at: datetime
) -> Ended:
    """Mark what was not seen. Where that is most of the shop nobody is believed without a person (L12): `believe`."""
    tally = await looks.tally_look(tx, channel_id, began_at=began_at)
    await looks.end_look(tx, channel_id, next_at=next_at, at=at)
    if not (believe or is_believable(seen=tally.seen, missing=tally.missing)):
        await count(tx, channel_id, "looks doubted", at=at)
        facts = {"seen": tally.seen, "missing": tally.missing}
        await add_events(tx, [Event("listings doubted", ACTOR, channel_id=channel_id, facts=facts)], at=at)
        return Ended(doubted=tally.missing)
    missed = await looks.miss_listings(tx, channel_id, began_at=began_at, at=at)
    gone = [each for each in missed if each.gone]
    await publications.stop_publications(tx, [each.id for each in gone], at=at)
    if gone:
        await add_events(tx, [_event("listings gone", channel_id, gone)], at=at)
    return Ended(len(missed) - len(gone), len(gone))


def _event(kind: Kind, channel_id: UUID, changed: Sequence[looks.Back | looks.Missed]) -> Event:
    named = {each.channel_listing_id: each.sku for each in changed[:NAMED_MAX]}
    return Event(kind, ACTOR, channel_id=channel_id, facts={"count": len(changed), "listings": named})

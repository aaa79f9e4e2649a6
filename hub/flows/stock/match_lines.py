"""Match: give each line the SKU its listing stands for; what is unknown becomes a listing that waits for a person."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from hub.flows.stock.allocate import fill_short, lock_lacking
from hub.kit.ids import uuid7
from hub.model.errors import NotFoundError
from hub.model.incoming import IncomingLine, IncomingOrder, LineKind
from hub.model.telling.kinds import Kind
from hub.store import orders, publications
from hub.store.db import Tx
from hub.store.events import Event, add_events
from hub.store.stock import listings
from hub.store.stock import skus as sku_store
from hub.store.stock.listings import Matches

NAMED_MAX = 20  # of one event; it says how many there were


def items_of(incoming: Sequence[IncomingOrder]) -> list[IncomingLine]:
    return [line for order in incoming for line in order.lines if line.kind is LineKind.ITEM]


async def find_matches(
    tx: Tx, channel_id: UUID, incoming: Sequence[IncomingOrder], *, names_our_skus: bool
) -> Matches:
    """Look up every line of a batch at once; an order written in the hub names our own SKUs."""
    lines = items_of(incoming)
    skus = [line.channel_sku for line in lines if line.channel_sku]
    if names_our_skus:
        return await listings.own_skus(tx, skus)
    ids = [line.channel_listing_id for line in lines if line.channel_listing_id]
    return await listings.find_matches(tx, channel_id, ids, skus)


async def remember_unmatched(
    tx: Tx, channel_id: UUID, lines: Sequence[IncomingLine], *, at: datetime
) -> None:
    """Add the listings nobody has matched yet, so that a person finds them on one page."""
    rows = [
        listings.NewListing(
            uuid7(), line.channel_listing_id or line.channel_sku, line.channel_sku, line.title
        )
        for line in lines
        if line.channel_listing_id or line.channel_sku
    ]
    await listings.add_listings(tx, channel_id, rows, at=at)


async def match_listings(
    tx: Tx, channel_id: UUID, chosen: Sequence[listings.Chosen], *, actor: str, at: datetime
) -> set[UUID]:
    """Match listings by a person's word: orders that waited for it go on by themselves (L5).

    The SKU it stood for until now is told anew as well: what was allotted to this listing its others may show again.
    Returns the channels to be told. Raises NotFoundError naming the listings or SKUs that do not exist.
    """
    matched = await listings.set_skus(tx, channel_id, chosen)
    found = {match.channel_listing_id for match in matched}
    lost = [each for each in chosen if each.channel_listing_id not in found]
    if lost:
        pairs = ", ".join(f"{each.channel_listing_id} → {each.sku}" for each in lost[:5])
        msg = f"cannot match {pairs}: no such listing on this channel, or no such SKU in the hub; nothing was changed"
        raise NotFoundError(msg)
    waited = await listings.match_lines(tx, channel_id, matched)
    skus = [match.sku for match in matched]
    # Only the orders that are locked already: those that lack a SKU for another reason are the sweep's.
    short = await orders.lock_open(tx, sorted(waited))
    await lock_lacking(tx, short, skus)
    await sku_store.lock_counting(
        tx
    )  # who counts a SKU now for the first time sees this match, or is seen by it
    opened = await publications.open_publications(tx, skus, at=at)
    left = [match.old_sku for match in matched if match.old_sku and match.old_sku != match.sku]
    await add_events(tx, [_event("listings matched", channel_id, matched, actor)], at=at)
    marked = await fill_short(tx, short, actor=actor, at=at, moved=[*skus, *left])
    await publications.stop_uncounted(tx, skus, at=at)  # of what is marked: all are locked in one order
    return opened | marked


async def unmatch_listings(
    tx: Tx, channel_id: UUID, channel_listing_ids: Sequence[str], *, actor: str, at: datetime
) -> set[UUID]:
    """Take matches back: the listings wait for a person again, and nothing is told of them. Orders keep their SKUs.

    What was allotted to these listings, others may show again: returns the channels to be told. Raises NotFoundError.
    """
    unmatched = await listings.take_skus_off(tx, channel_id, channel_listing_ids)
    lost = sorted(set(channel_listing_ids) - {each.channel_listing_id for each in unmatched})
    if lost:
        named = ", ".join(lost[:5])
        msg = (
            f"cannot unmatch {named}: no such listing on this channel, or it has no SKU; nothing was changed"
        )
        raise NotFoundError(msg)
    left, ids = [each.sku for each in unmatched], [each.id for each in unmatched]
    await publications.lock_publications(tx, left, ids)
    await publications.stop_publications(tx, ids, at=at)
    await add_events(tx, [_event("listings unmatched", channel_id, unmatched, actor)], at=at)
    return await publications.mark(tx, left, at=at)


def _event(
    kind: Kind, channel_id: UUID, changed: Sequence[listings.Matched | listings.Unmatched], actor: str
) -> Event:
    facts = {
        "count": len(changed),
        "listings": {each.channel_listing_id: each.sku for each in changed[:NAMED_MAX]},
    }
    return Event(kind, actor, channel_id=channel_id, facts=facts)

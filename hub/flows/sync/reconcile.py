"""Reconcile: compare what a channel was read to show with what it confirmed; put right, take over, or ask (L11)."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from hub.flows.post_notices import NewNotice, post_notices
from hub.flows.stock.adjust_stock import Adjustment, adjust_stock
from hub.model.errors import WrongStateError
from hub.model.stock.lines import UNITS_MAX
from hub.model.sync.drift import (
    HEALS_IN,
    PARKED_COUNTS,
    Cause,
    Deed,
    Difference,
    Policy,
    cause_of,
    deed_of,
    is_believed,
)
from hub.model.sync.seatbelt import must_wait
from hub.spec import Severity
from hub.store import inbox, publications
from hub.store.db import Tx
from hub.store.events import Event, add_events
from hub.store.stock.shown import shown_of
from hub.store.sync import drift as store
from hub.store.sync import suspended
from hub.store.sync.drift import Found, Judged, OpenDrift

ACTOR = "hub"
TOPIC = "channel.drift"
REASON = "taken over from what the channel shows"


class Reader(Struct, frozen=True):
    """Who was read: all its orders until `pulled_at` were asked for; None where they cannot be."""

    id: UUID
    slug: str
    pulled_at: datetime | None = None


class Reading(Struct, frozen=True):
    """What was read from a moment on: None of a listing the channel does not know; `unread` could not be read."""

    began_at: datetime
    shows: Mapping[str, int | None]
    unread: Sequence[str] = ()


class Compared(Struct, frozen=True):
    """What one reading came to, and what is left to transactions of their own: each locks something else first.

    `adopt` are drifts to take over; where a listing was `missed`, a look at all the channel offers says if it is gone.
    """

    found: int = 0
    healed: int = 0
    asked: int = 0
    adopt: tuple[UUID, ...] = ()
    notifiers: frozenset[UUID] = frozenset()
    missed: bool = False


async def compare(tx: Tx, reader: Reader, reading: Reading, *, url: str = "", at: datetime) -> Compared:
    """A number of statements that does not grow with what was read. What differs is believed on the second look."""
    found = await store.record_read(tx, reader.id, reading.shows, reading.unread, began_at=reading.began_at)
    differ = [each for each in found if each.shows != each.expected]
    await store.open_drifts(tx, reader.id, [each for each in differ if not _is_seen_again(each)], at=at)
    agree = [each for each in found if each.shows == each.expected]
    over = [Judged(each, each.cause or Cause.IN_FLIGHT, Deed.OVER) for each in agree]
    await store.judge_drifts(tx, over, actor=ACTOR, at=at)
    ripe = [each for each in differ if _is_ripe(each, reader, reading)]
    if not ripe or await _is_behind(tx, reader, reading):
        return Compared(len(differ))
    judged = await _judge(tx, reader, ripe, at)
    return await _act(tx, reader, judged, url, at)


def _is_seen_again(each: Found) -> bool:
    return each.drift is not None and (each.drift_version, each.drift_shows) == (each.version, each.shows)


def _is_ripe(each: Found, reader: Reader, reading: Reading) -> bool:
    if each.found_at is None or not _is_seen_again(each) or each.cause is not Cause.IN_FLIGHT:
        return False
    return is_believed(found_at=each.found_at, at=reading.began_at, pulled_at=reader.pulled_at)


async def _is_behind(tx: Tx, reader: Reader, reading: Reading) -> bool:
    """Whether an order that explains what was read may have been heard of, and not been taken."""
    began_at = reading.began_at
    return await inbox.is_behind(tx, reader.id, before=began_at, parked_since=began_at - PARKED_COUNTS)


async def _judge(tx: Tx, reader: Reader, ripe: Sequence[Found], at: datetime) -> list[Judged]:
    would = await shown_of(tx, [each.listing_id for each in ripe])
    facts = await store.facts_of(tx, ripe, since=at - HEALS_IN)
    policy = await store.policy_of(tx, reader.id)
    judged = []
    for each in ripe:
        known, computed = facts[each.listing_id], would[each.listing_id].quantity
        difference = Difference(each.expected, each.shows, each.before, computed, known.shared, known.heals)
        cause = cause_of(difference)
        judged.append(Judged(each, cause, deed_of(cause, policy)))
    return await _without_many(tx, reader, await _without_others(tx, judged), at)


async def _without_others(tx: Tx, judged: list[Judged]) -> list[Judged]:
    """A person is asked about what cannot be taken over."""
    ids = [each.found.drift for each in judged if each.deed is Deed.ADOPTED and each.found.drift]
    can = {each.id for each in await store.open_ones(tx, ids) if can_adopt(each)} if ids else set()
    return [_asked(each) if each.found.drift not in can else each for each in judged]


def _asked(each: Judged) -> Judged:
    return replace(each, deed=None) if each.deed is Deed.ADOPTED else each


async def _without_many(tx: Tx, reader: Reader, judged: list[Judged], at: datetime) -> list[Judged]:
    """Most of a shop is not taken over without a person: a slip over there would be ours (L12)."""
    adopted = sum(each.deed is Deed.ADOPTED for each in judged)
    if not adopted:
        return judged
    lately = await store.count_adopted(tx, reader.id, since=at - HEALS_IN)
    tally = await suspended.tally(tx, reader.id, since=at)
    limits = await suspended.limits_of(tx, reader.id)
    if not must_wait(limits, drastic=adopted + lately, of=tally.sells):
        return judged
    return [_asked(each) for each in judged]


async def _act(tx: Tx, reader: Reader, judged: list[Judged], url: str, at: datetime) -> Compared:
    """What is to be taken over stays open until stock is locked for it, and with a person where it cannot be."""
    adopt = [each for each in judged if each.deed is Deed.ADOPTED]
    heal = [each.found.listing_id for each in judged if each.deed is Deed.HEALED]
    asked = sum(each.deed is None for each in judged)
    notifiers = await _ask(tx, reader, asked, url, at)
    await store.judge_drifts(tx, [_asked(each) for each in judged], actor=ACTOR, at=at)
    await publications.mark_listings(tx, heal, at=at)
    facts = {"listings": len(judged), "causes": dict(Counter(str(each.cause) for each in judged))}
    await add_events(tx, [Event("drift", ACTOR, channel_id=reader.id, facts=facts)], at=at)
    drifts = tuple(each.found.drift for each in adopt if each.found.drift)
    missed = any(each.cause is Cause.NOT_THERE for each in judged)
    return Compared(len(judged), len(heal), asked, drifts, frozenset(notifiers), missed)


async def _ask(tx: Tx, reader: Reader, asked: int, url: str, at: datetime) -> set[UUID]:
    """Each drift is told of once, when it is judged."""
    if not asked:
        return set()
    what = "listing differs" if asked == 1 else "listings differ"
    title = f"{reader.slug}: {asked:,} {what} from what was confirmed; a person is asked"
    words = f"See what each shows, and why that probably is: hub sync drift {reader.slug}"
    key, link = f"drift/{reader.id}/{at.isoformat()}", f"{url}/channels/{reader.slug}/sync"
    return await post_notices(tx, [NewNotice(key, TOPIC, Severity.WARNING, title, words, link)], at=at)


class Settled(Struct, frozen=True):
    """How many drifts ended, and the channels to be told after commit."""

    drifts: int
    touched: set[UUID]


async def settle(tx: Tx, ids: Sequence[UUID], deed: Deed, *, actor: str, at: datetime) -> Settled:
    """End drifts by a word: tell our number again, take theirs into the books, or leave it as it is there.

    Raises WrongStateError where none of them is open any more, or none can be taken over.
    """
    ones = await store.open_ones(tx, ids)
    if deed is Deed.ADOPTED:
        ones = [each for each in ones if each.judged and can_adopt(each)]
    if not ones:
        why = ", seen twice, and about stock that can be taken over" if deed is Deed.ADOPTED else ""
        msg = f"none of these drifts is open{why}: see hub sync drift"
        raise WrongStateError(msg)
    if deed is Deed.ADOPTED:
        touched = await adjust_stock(tx, [_adjustment(each) for each in ones], actor=actor, at=at)
    else:
        told = ones if deed is Deed.HEALED else []
        touched = await publications.mark_listings(tx, [each.listing_id for each in told], at=at)
    await store.end_drifts(tx, [each.id for each in ones], deed, actor=actor, at=at)
    facts = {"drifts": len(ones), "deed": deed}
    await add_events(tx, [Event("drift settled", actor, channel_id=ones[0].channel_id, facts=facts)], at=at)
    return Settled(len(ones), touched)


def can_adopt(each: OpenDrift) -> bool:
    """Whether the difference can be taken over where it lies: of a bundle, a lot, or an empty shelf it cannot, nor can
    a number that nobody would enter.
    """
    if each.shows is None or not each.plain or each.location is None:
        return False
    change = (each.shows - each.expected) * each.units
    return abs(change) <= UNITS_MAX and each.on_hand + change >= 0


def _adjustment(each: OpenDrift) -> Adjustment:
    assert each.shows is not None
    assert each.location is not None
    change = (each.shows - each.expected) * each.units
    return Adjustment(each.sku, each.location, change, REASON, str(each.id))


async def set_policy(tx: Tx, channel_id: UUID, policy: Policy, *, actor: str, at: datetime) -> None:
    """Say what a channel's drift leads to from now on."""
    await store.set_policy(tx, channel_id, policy)
    await add_events(
        tx, [Event("drift policy", actor, channel_id=channel_id, facts={"policy": policy})], at=at
    )

"""Explain a number: the steps from what is on hand to what a listing should show, and why it waits (L16). Pure."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from enum import StrEnum

from msgspec import Struct

from hub.model.states import Freshness


class Does(StrEnum):
    """What a step does with the number before it; a ladder begins at 0."""

    ADD = "add"
    SUBTRACT = "subtract"
    DIVIDE = "divide, rounded down"
    AT_LEAST = "at least"
    AT_MOST = "at most"
    BECOMES = "becomes"


_DO: Mapping[Does, Callable[[int, int], int]] = {
    Does.ADD: lambda before, number: before + number,
    Does.SUBTRACT: lambda before, number: before - number,
    Does.DIVIDE: lambda before, number: before // number,
    Does.AT_LEAST: max,
    Does.AT_MOST: min,
    Does.BECOMES: lambda _before, number: number,
}


class Step(Struct, frozen=True):
    """One rung: `after` is what stands once `number` was added, subtracted, … and `says` is for a person."""

    name: str
    does: Does
    number: int
    after: int
    says: str


class Moved(Struct, frozen=True):
    """One movement; `order_number` where an order caused it."""

    at: datetime
    kind: str
    location: str
    on_hand_change: int
    allocated_change: int
    cause: str
    cause_id: str
    actor: str
    reason: str
    order_number: int | None = None


class Books(Struct, frozen=True):
    """The level at one location, and what all of its `movements` in the ledger add up to: `moved_…`."""

    location: str
    name: str
    sellable: bool
    on_hand: int = 0
    allocated: int = 0
    reserved: int = 0
    safety_stock: int = 0
    movements: int = 0
    moved_on_hand: int = 0
    moved_allocated: int = 0


class Offer(Struct, frozen=True):
    """A listing with its publication and its channel; `version` 0 where nothing was ever to be published.

    An unmatched one carries the SKU as its channel's own word only.
    """

    channel: str
    channel_listing_id: str
    channel_sku: str = ""
    matched: bool = True
    units: int = 1
    buffer: int = 0
    cap: int | None = None
    version: int = 0
    sent_version: int = 0
    sent_quantity: int | None = None
    sent_at: datetime | None = None
    confirmed_version: int = 0
    confirmed_quantity: int | None = None
    confirmed_at: datetime | None = None
    dirty_since: datetime | None = None
    next_try_at: datetime | None = None
    outcome: str = ""
    problem: str = ""
    freshness: Freshness = Freshness.NOT_SENT
    channel_state: str = "active"
    account_state: str = "ok"
    paused_until: datetime | None = None
    channel_problem: str = ""


class Grounds(Struct, frozen=True):
    """All that is known of one SKU at one moment; `movements` are the last ones, newest first."""

    sku: str
    name: str
    books: Sequence[Books]
    offers: Sequence[Offer] = ()
    movements: Sequence[Moved] = ()


class PlaceLadder(Struct, frozen=True):
    """What a location gives: its steps, and what the movements not listed by themselves have added to its level."""

    location: str
    name: str
    sellable: bool
    counts: int
    steps: list[Step]
    earlier_on_hand: int
    earlier_allocated: int
    agrees_with_ledger: bool


class Telling(Struct, frozen=True):
    """A number that went to the channel: its version, and how long ago."""

    version: int
    quantity: int | None
    at: datetime
    age_s: int


class Reason(Struct, frozen=True):
    """Why the channel does not show the right number yet, and what ends it."""

    name: str
    says: str


class ListingLadder(Struct, frozen=True):
    """From what is available to what one listing should show; null and without steps where it has no SKU."""

    channel: str
    channel_listing_id: str
    should_show: int | None
    steps: list[Step]
    version: int
    freshness: Freshness
    sent: Telling | None
    confirmed: Telling | None
    waits: list[Reason]


class Explanation(Struct, frozen=True):
    """The whole chain: locations, their sum, each listing, and the last movements, newest first."""

    sku: str
    name: str
    available: int
    places: list[PlaceLadder]
    steps: list[Step]
    listings: list[ListingLadder]
    movements: list[Moved]


def explain(grounds: Grounds, *, at: datetime) -> Explanation:
    """Unfold every number of one SKU; `recompute` folds it again."""
    places = [_place(each, grounds.movements) for each in grounds.books]
    steps = _total(places)
    listings = [_listing(each, fold(steps), grounds.sku, at) for each in grounds.offers]
    return Explanation(
        grounds.sku, grounds.name, fold(steps), places, steps, listings, list(grounds.movements)
    )


def fold(steps: Sequence[Step]) -> int:
    """The number the steps lead to, by what each one does alone; `after` is not looked at."""
    number = 0
    for step in steps:
        number = _DO[step.does](number, step.number)
    return number


def recompute(explanation: Explanation) -> list[int | None]:
    """What each listing should show, from the first units on hand on; raises ValueError where the chain is broken."""
    available = fold(explanation.steps)
    counted = [fold(place.steps) for place in explanation.places]
    if counted != [step.number for step in explanation.steps[:-1]]:
        msg = f"the locations of {explanation.sku} give {counted}, which is not what is added up"
        raise ValueError(msg)
    if any(listing.steps and listing.steps[0].number != available for listing in explanation.listings):
        msg = f"a listing of {explanation.sku} does not begin with the {available} available"
        raise ValueError(msg)
    return [fold(listing.steps) if listing.steps else None for listing in explanation.listings]


_Rung = tuple[str, Does, int, str]


def _ladder(rungs: Sequence[_Rung]) -> list[Step]:
    steps: list[Step] = []
    for name, does, number, says in rungs:
        before = steps[-1].after if steps else 0
        steps.append(Step(name, does, number, _DO[does](before, number), says))
    return steps


def _place(books: Books, movements: Sequence[Moved]) -> PlaceLadder:
    agrees = (books.on_hand, books.allocated) == (books.moved_on_hand, books.moved_allocated)
    here = [each for each in movements if each.location == books.location]
    steps = _ladder(_rungs_of(books, agrees=agrees))
    return PlaceLadder(
        books.location,
        books.name,
        books.sellable,
        steps[-1].after,
        steps,
        books.moved_on_hand - sum(each.on_hand_change for each in here),
        books.moved_allocated - sum(each.allocated_change for each in here),
        agrees,
    )


def _rungs_of(books: Books, *, agrees: bool) -> list[_Rung]:
    where = books.location
    ledger = "" if agrees else f"; these add up to {books.moved_on_hand}: run hub check"
    rungs = [
        (
            "on hand",
            Does.ADD,
            books.on_hand,
            f"units at {where}, the sum of its movements ({books.movements}){ledger}",
        ),
        ("allocated", Does.SUBTRACT, books.allocated, _promised(books, agrees=agrees)),
        ("reserved", Does.SUBTRACT, books.reserved, "promised for a while: drafts, unpaid orders, quotes"),
        ("safety stock", Does.SUBTRACT, books.safety_stock, "kept back from all channels"),
    ]
    if not books.sellable:
        rungs.append(("does not sell", Does.BECOMES, 0, f"{where} keeps stock and sells none of it"))
    return rungs


def _promised(books: Books, *, agrees: bool) -> str:
    if agrees:
        return "promised to open order lines"
    return f"promised to open order lines; the movements add up to {books.moved_allocated}: run hub check"


def _total(places: Sequence[PlaceLadder]) -> list[Step]:
    rungs = [
        (place.location, Does.ADD, place.counts, f"what {place.location} gives, as unfolded above")
        for place in places
    ]
    short = sum(place.counts for place in places) < 0
    says = "more is promised or sold than there is: a channel shows 0" if short else "never below 0"
    return _ladder([*rungs, ("floor", Does.AT_LEAST, 0, says)])


def _listing(offer: Offer, available: int, sku: str, at: datetime) -> ListingLadder:
    steps = _ladder(_rungs_to(offer, available)) if offer.matched else []
    shows = steps[-1].after if steps else None
    return ListingLadder(
        offer.channel,
        offer.channel_listing_id,
        shows,
        steps,
        offer.version,
        offer.freshness,
        _telling(offer.sent_version, offer.sent_quantity, offer.sent_at, at),
        _telling(offer.confirmed_version, offer.confirmed_quantity, offer.confirmed_at, at),
        _waits(offer, shows, sku, at),
    )


def _rungs_to(offer: Offer, available: int) -> list[_Rung]:
    rungs = [
        ("available to sell", Does.ADD, available, "over all locations that sell"),
        (
            "units",
            Does.DIVIDE,
            offer.units,
            f"stock units in one {offer.channel_listing_id}, whole ones only",
        ),
        ("buffer", Does.SUBTRACT, offer.buffer, f"kept back from this listing on {offer.channel}"),
        ("floor", Does.AT_LEAST, 0, "never below 0"),
    ]
    if offer.cap is not None:
        rungs.append(("cap", Does.AT_MOST, offer.cap, f"the most this listing shows on {offer.channel}"))
    return rungs


def _telling(version: int, quantity: int | None, sent_at: datetime | None, at: datetime) -> Telling | None:
    if version == 0 or sent_at is None:
        return None
    return Telling(version, quantity, sent_at, max(0, int((at - sent_at).total_seconds())))


_Holds = Callable[[Offer, datetime], bool]

# What keeps a newer number from the channel. All that hold are named: the first must be ended first.
_WAITS: tuple[tuple[str, _Holds, str], ...] = (
    (
        "channel paused",
        lambda o, _at: o.channel_state == "paused",
        "{o.channel} is paused by a person: hub channel resume {o.channel}",
    ),
    (
        "needs login",
        lambda o, _at: o.account_state == "needs login",
        "{o.channel} refuses the hub's keys{because}: hub channel set {o.channel}, then hub channel test {o.channel}",
    ),
    (
        "account paused",
        lambda o, _at: o.account_state == "paused",
        "the account of {o.channel} is paused by a person",
    ),
    (
        "backing off",
        lambda o, at: o.paused_until is not None and o.paused_until > at,
        "{o.channel} does not answer{because}: it is tried again at {o.paused_until:%Y-%m-%d %H:%M:%S} UTC",
    ),
    (
        "rejected",
        lambda o, _at: o.outcome == "rejected",
        "{o.channel} refused the last number{problem}: correct the listing there; tried again {again}",
    ),
    (
        "unknown",
        lambda o, _at: o.outcome == "unknown",
        "nobody knows whether the last number arrived{problem}: tried again {again}",
    ),
    (
        "answer awaited",
        lambda o, _at: o.sent_version == o.version and o.next_try_at is None,
        "version {o.version} was sent, and {o.channel} has not answered yet",
    ),
    (
        "to be sent",
        lambda o, _at: o.sent_version < o.version,
        "version {o.version} is not sent yet{since}",
    ),
)


def _waits(offer: Offer, shows: int | None, sku: str, at: datetime) -> list[Reason]:
    match = f"hub listing match {offer.channel} {offer.channel_listing_id} {sku}"
    if not offer.matched:
        return [
            Reason("unmatched", f"the listing has no SKU, so nothing is sent: if it is this one, {match}")
        ]
    if offer.version == 0:
        count = f"hub stock adjust {sku} LOCATION --count UNITS --reason counted"
        return [
            Reason(
                "not published", f"no number is to be sent yet: count it, {count}, or match it again, {match}"
            )
        ]
    if offer.confirmed_version < offer.version:
        return [Reason(name, _say(says, offer)) for name, holds, says in _WAITS if holds(offer, at)]
    if offer.confirmed_quantity != shows:
        return [
            Reason("differs", f"{offer.confirmed_quantity} was confirmed, and nothing waits: run hub check")
        ]
    return []


def _say(says: str, offer: Offer) -> str:
    return says.format(
        o=offer,
        because=f" ({offer.channel_problem})" if offer.channel_problem else "",
        problem=f" ({offer.problem})" if offer.problem else "",
        again=f"at {offer.next_try_at:%Y-%m-%d %H:%M:%S} UTC" if offer.next_try_at else "at once",
        since=f"; it waits since {offer.dirty_since:%Y-%m-%d %H:%M:%S} UTC" if offer.dirty_since else "",
    )

"""Explain a number: the steps from what is on hand to what a listing should show, and why it waits (L16). Pure."""

from collections.abc import Callable, Sequence
from datetime import datetime

from msgspec import Struct

from hub.model.freshness import Freshness
from hub.model.stock.grounds import Books, Grounds, Moved, Offer
from hub.model.stock.ladder import Does, Rung, Step, fold, ladder
from hub.model.stock.reserving import Lasting


class PlaceLadder(Struct, frozen=True):
    """What a location gives: its steps, what movements not listed have added, and which promises end at a moment."""

    location: str
    name: str
    sellable: bool
    counts: int
    steps: list[Step]
    earlier_on_hand: int
    earlier_allocated: int
    agrees_with_ledger: bool
    lasting: Sequence[Lasting] = ()


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
    """From what is available to what one listing should show; null and without steps where it has no SKU.

    `locations` are those that count where not all do: then the steps begin with them.
    """

    channel: str
    channel_listing_id: str
    locations: Sequence[str] | None
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
    places = [_place(each, grounds) for each in grounds.books]
    steps = _total(places)
    listings = [_listing(each, places, grounds, at) for each in grounds.offers]
    return Explanation(
        grounds.sku, grounds.name, fold(steps), places, steps, listings, list(grounds.movements)
    )


def recompute(explanation: Explanation) -> list[int | None]:
    """What each listing should show, from the first units on hand on; raises ValueError where the chain is broken."""
    available = fold(explanation.steps)
    counted = [fold(place.steps) for place in explanation.places]
    added = [step.number for step in explanation.steps[:-1]]
    if not counted == added == [place.counts for place in explanation.places]:
        msg = f"the locations of {explanation.sku} give {counted}, which is not what is added up"
        raise ValueError(msg)
    for listing in explanation.listings:
        begin = [each[:3] for each in _begin(listing.locations, explanation.places)] if listing.steps else []
        if [(each.name, each.does, each.number) for each in listing.steps[: len(begin)]] != begin:
            msg = f"a listing of {explanation.sku} does not begin with what its locations give: {available} in all"
            raise ValueError(msg)
    return [fold(listing.steps) if listing.steps else None for listing in explanation.listings]


def _place(books: Books, grounds: Grounds) -> PlaceLadder:
    agrees = (books.on_hand, books.allocated) == (books.moved_on_hand, books.moved_allocated)
    here = [each for each in grounds.movements if each.location == books.location]
    steps = ladder(_rungs_of(books, agrees=agrees))
    return PlaceLadder(
        books.location,
        books.name,
        books.sellable,
        steps[-1].after,
        steps,
        books.moved_on_hand - sum(each.on_hand_change for each in here),
        books.moved_allocated - sum(each.allocated_change for each in here),
        agrees,
        [each for each in grounds.lasting if each.location == books.location],
    )


def _rungs_of(books: Books, *, agrees: bool) -> list[Rung]:
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
        ("reserved", Does.SUBTRACT, books.reserved, "promised to drafts until a moment"),
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
    return ladder([*rungs, ("floor", Does.AT_LEAST, 0, says)])


def _listing(offer: Offer, places: Sequence[PlaceLadder], grounds: Grounds, at: datetime) -> ListingLadder:
    begin = _begin(offer.places, places, _why_not_all(offer))
    rungs = [*begin, *_rungs_left_by_others(offer, begin), *_rungs_to(offer)]
    steps = ladder(rungs) if offer.matched else []
    shows = steps[-1].after if steps else None
    return ListingLadder(
        offer.channel,
        offer.channel_listing_id,
        offer.places if offer.matched else None,
        shows,
        steps,
        offer.version,
        offer.freshness,
        _telling(offer.sent_version, offer.sent_quantity, offer.sent_at, at),
        _telling(offer.confirmed_version, offer.confirmed_quantity, offer.confirmed_at, at),
        _waits(offer, shows, grounds, at),
    )


_BY_RULE = ", by a rule: hub visibility list"


def _why_not_all(offer: Offer) -> str:
    """By a rule, by what the locations serve, or by both."""
    serving = f", for what serves {offer.channel}: hub location list"
    if offer.rule.locations is None:
        return serving
    by_both = set(offer.places or ()) != set(offer.rule.locations)
    return f"{_BY_RULE}{serving if by_both else ''}"


def _begin(locations: Sequence[str] | None, places: Sequence[PlaceLadder], why: str = "") -> list[Rung]:
    if locations is None:
        return [("available to sell", Does.ADD, fold(_total(places)), "over all locations that sell")]
    names = ", ".join(locations) or "no location"
    counting: list[Rung] = [
        (place.location, Does.ADD, place.counts, f"counts: only {names} may count for this listing{why}")
        for place in places
        if place.location in locations
    ]
    return [*counting, ("free", Does.AT_LEAST, 0, f"never below 0; only {names} may count{why}")]


def _rungs_left_by_others(offer: Offer, begin: Sequence[Rung]) -> list[Rung]:
    """What other channels have to themselves is not seen here; too little for all is parted in proportion."""
    own, others = offer.allotted.own, offer.allotted.others
    if others == 0:
        return []
    if ladder(begin)[-1].after >= own + others:
        return [
            ("allotted to others", Does.SUBTRACT, others, f"other channels have them to themselves{_BY_RULE}")
        ]
    short = f"too little for all allotments, so it is parted: {own} of {own + others} are for {offer.channel}"
    return [
        ("allotted here", Does.MULTIPLY, own, f"{short}{_BY_RULE}"),
        ("all allotments", Does.DIVIDE, own + others, f"{short}; whole units only"),
    ]


def _rungs_to(offer: Offer) -> list[Rung]:
    rule, own = offer.rule, offer.own
    it = offer.channel_listing_id
    rungs = [("units", Does.DIVIDE, offer.units, f"stock units in one {it}, whole ones only"), _buffer(offer)]
    rungs.append(("floor", Does.AT_LEAST, 0, "never below 0"))
    if rule.minimum is not None:
        says = f"fewer than {rule.minimum} are shown as 0 on {offer.channel}{_BY_RULE}"
        rungs.append(("minimum", Does.NONE_BELOW, rule.minimum, says))
    if rule.cap is not None:
        by = "" if rule.cap == own.cap else _BY_RULE
        rungs.append(("cap", Does.AT_MOST, rule.cap, f"the most this listing shows on {offer.channel}{by}"))
    return rungs


def _buffer(offer: Offer) -> Rung:
    says = f"kept back from this listing on {offer.channel}"
    if offer.rule.buffer_percent is not None:
        percent = offer.rule.buffer_percent
        return ("buffer", Does.LESS_PERCENT, percent, f"{percent} % {says}, rounded up{_BY_RULE}")
    buffer = offer.rule.buffer or 0
    by = "" if buffer == (offer.own.buffer or 0) else _BY_RULE
    return ("buffer", Does.SUBTRACT, buffer, f"{says}{by}")


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


def _waits(offer: Offer, shows: int | None, grounds: Grounds, at: datetime) -> list[Reason]:
    if not offer.matched or offer.version == 0 or offer.stopped:
        return [_never(offer, grounds)]
    if offer.confirmed_version < offer.version:
        return [Reason(name, _say(says, offer)) for name, holds, says in _WAITS if holds(offer, at)]
    if offer.confirmed_quantity != shows:
        return [
            Reason("differs", f"{offer.confirmed_quantity} was confirmed, and nothing waits: run hub check")
        ]
    return []


def _never(offer: Offer, grounds: Grounds) -> Reason:
    """Why no number is to be sent at all, and how to begin."""
    if offer.gone_at is not None:
        says = (
            f"{offer.channel} has not offered it since {offer.gone_at:%Y-%m-%d %H:%M} UTC, so nothing is sent"
        )
        return Reason("gone", f"{says}: if it is back there, hub channel pull {offer.channel} --listings")
    match = f"hub listing match {offer.channel} {offer.channel_listing_id} {grounds.sku}"
    if not offer.matched:
        return Reason("unmatched", f"the listing has no SKU, so nothing is sent: if it is this one, {match}")
    where = grounds.books[0].location if grounds.books else "main"
    count = f"hub stock adjust {grounds.sku} {where} --count N"
    if not grounds.counted:
        says = f"nobody has counted it, so nothing is sent: say how many there are: {count} --reason 'opening stock'"
        return Reason("not counted", says)
    says = f"no number is to be sent yet: count it, {count} --reason counted, or match it again, {match}"
    return Reason("not published", says)


def _say(says: str, offer: Offer) -> str:
    return says.format(
        o=offer,
        because=f" ({offer.channel_problem})" if offer.channel_problem else "",
        problem=f" ({offer.problem})" if offer.problem else "",
        again=f"at {offer.next_try_at:%Y-%m-%d %H:%M:%S} UTC" if offer.next_try_at else "at once",
        since=f"; it waits since {offer.dirty_since:%Y-%m-%d %H:%M:%S} UTC" if offer.dirty_since else "",
    )

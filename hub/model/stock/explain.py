"""Explain a number: the steps from what is on hand to what a listing should show, and why it waits (L16). Pure."""

from collections.abc import Sequence
from datetime import datetime

from msgspec import Struct

from hub.model.freshness import Freshness
from hub.model.stock import buffers
from hub.model.stock.grounds import Books, Grounds, Moved, Offer, PartBooks
from hub.model.stock.ladder import ADAPTIVE, Does, Rung, Step, fold, ladder
from hub.model.stock.reserving import Lasting
from hub.model.stock.visibility import SHOWN_MAX, Share
from hub.model.stock.waits import Reason, waits_of


class PlaceLadder(Struct, frozen=True):
    """What a location gives: its steps, what movements not listed have added, and which promises end at a moment.

    Of a bundle: how many it could give whole, by each of their parts.
    """

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


class ListingLadder(Struct, frozen=True):
    """From what is available to what one listing should show; null and without steps where it has no SKU.

    `locations` are those that count where not all do: then the steps begin with them, as they do for a bundle. Each
    sold takes `units` of the SKU. Nobody can say what was `sent` before a number that is suspended. `unchanged_at`:
    then a change left the confirmed number as it is, and nothing was sent.
    """

    channel: str
    channel_listing_id: str
    units: int
    locations: Sequence[str] | None
    should_show: int | None
    steps: list[Step]
    version: int
    freshness: Freshness
    sent: Telling | None
    confirmed: Telling | None
    unchanged_at: datetime | None
    waits: list[Reason]


class PartLadder(Struct, frozen=True):
    """What there is of one part of a bundle: its chain, and how many bundles it `allows`, `units` being in each."""

    sku: str
    name: str
    units: int
    available: int
    allows: int
    places: list[PlaceLadder]
    steps: list[Step]


class Explanation(Struct, frozen=True):
    """The whole chain: locations, their sum, each listing, and the last movements, newest first.

    A bundle has `parts`, and is `limited_by` the one that allows the fewest.
    """

    sku: str
    name: str
    available: int
    places: list[PlaceLadder]
    steps: list[Step]
    listings: list[ListingLadder]
    movements: list[Moved]
    parts: list[PartLadder] = []
    limited_by: str | None = None


def explain(grounds: Grounds, *, at: datetime) -> Explanation:
    """Unfold every number of one SKU; `recompute` folds it again."""
    parts = [_part(each) for each in grounds.parts]
    places = _places_of(parts) if parts else [_place(each, grounds) for each in grounds.books]
    steps = _total(places, parts)
    listings = [_listing(each, places, grounds, at) for each in grounds.offers]
    return Explanation(
        grounds.sku,
        grounds.name,
        fold(steps),
        places,
        steps,
        listings,
        list(grounds.movements),
        parts,
        min(parts, key=lambda each: (each.allows, each.sku)).sku if parts else None,
    )


def recompute(explanation: Explanation) -> list[int | None]:
    """What each listing should show, from the first units on hand on; raises ValueError where the chain is broken."""
    available = fold(explanation.steps)
    for part in explanation.parts:
        _refuse_other(part.sku, part.places, part.steps)
    _refuse_other(explanation.sku, explanation.places, explanation.steps)
    if explanation.parts and not _agree(explanation.steps, _total(explanation.places, explanation.parts)):
        msg = f"the parts of bundle {explanation.sku} do not allow the {available} that are said to be available"
        raise ValueError(msg)
    for listing in explanation.listings:
        begin = ladder(_begin_of(listing, explanation)) if listing.steps else []
        if not _agree(listing.steps[: len(begin)], begin):
            msg = f"a listing of {explanation.sku} does not begin with what its locations give: {available} in all"
            raise ValueError(msg)
    return [fold(listing.steps) if listing.steps else None for listing in explanation.listings]


def _refuse_other(sku: str, places: Sequence[PlaceLadder], steps: Sequence[Step]) -> None:
    counted = [fold(place.steps) for place in places]
    added = [step.number for step in steps if step.does is Does.ADD]
    if not counted == added == [place.counts for place in places]:
        msg = f"the locations of {sku} give {counted}, which is not what is added up"
        raise ValueError(msg)


def _begin_of(listing: ListingLadder, explanation: Explanation) -> list[Rung]:
    if explanation.parts:
        return _begin_whole(listing.locations, explanation.places, listing.units)
    return _begin(listing.locations, explanation.places)


def _agree(some: Sequence[Step], others: Sequence[Step]) -> bool:
    return [(s.name, s.does, s.number) for s in some] == [(o.name, o.does, o.number) for o in others]


def _part(books: PartBooks) -> PartLadder:
    places = [_place(each, Grounds(books.sku, books.name, books.books)) for each in books.books]
    steps = _total(places)
    available = fold(steps)
    return PartLadder(books.sku, books.name, books.units, available, available // books.units, places, steps)


def _places_of(parts: Sequence[PartLadder]) -> list[PlaceLadder]:
    """How many bundles each location could give whole."""
    named = {place.location: place for part in parts for place in part.places}
    return [_whole_at(place, parts) for place in named.values()]


def _whole_at(place: PlaceLadder, parts: Sequence[PartLadder]) -> PlaceLadder:
    rungs: list[Rung] = []
    for part in parts:
        there = sum(each.counts for each in part.places if each.location == place.location)
        says = f"{there} of {part.sku} at {place.location}, {part.units} in each"
        rungs.append((part.sku, Does.AT_MOST if rungs else Does.ADD, there // part.units, says))
    steps = ladder([*rungs, ("floor", Does.AT_LEAST, 0, "never below 0")])
    return PlaceLadder(place.location, place.name, place.sellable, steps[-1].after, steps, 0, 0, True)


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


def _total(places: Sequence[PlaceLadder], parts: Sequence[PartLadder] = ()) -> list[Step]:
    rungs = [
        (place.location, Does.ADD, place.counts, f"what {place.location} gives, as unfolded above")
        for place in places
    ]
    for part in parts:
        says = f"{part.available} of {part.sku} in all, {part.units} in each"
        rungs.append((part.sku, Does.AT_MOST, part.allows, says))
    short = sum(place.counts for place in places) < 0
    says = "more is promised or sold than there is: a channel shows 0" if short else "never below 0"
    return ladder([*rungs, ("floor", Does.AT_LEAST, 0, says)])


def _listing(offer: Offer, places: Sequence[PlaceLadder], grounds: Grounds, at: datetime) -> ListingLadder:
    rungs = [*(_rungs_of_bundle if offer.shares else _rungs_of_units)(offer, places), *_rungs_to(offer)]
    steps = ladder(rungs) if offer.matched else []
    if steps and steps[-1].after > SHOWN_MAX:
        steps = ladder(
            [*rungs, ("most", Does.AT_MOST, SHOWN_MAX, "the greatest number that is told to a channel")]
        )
    shows = steps[-1].after if steps else None
    return ListingLadder(
        offer.channel,
        offer.channel_listing_id,
        offer.units,
        offer.places if offer.matched else None,
        shows,
        steps,
        offer.version,
        offer.freshness,
        None if offer.suspended else _telling(offer.sent_version, offer.sent_quantity, offer.sent_at, at),
        _telling(offer.confirmed_version, offer.confirmed_quantity, offer.confirmed_at, at),
        _unchanged_at(offer),
        waits_of(offer, shows, grounds, at),
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
        for place in _counting(locations, places)
    ]
    return [*counting, ("free", Does.AT_LEAST, 0, f"never below 0; only {names} may count{why}")]


def _rungs_of_units(offer: Offer, places: Sequence[PlaceLadder]) -> list[Rung]:
    """What is left for it, in what it sells: packs are filled from one location each."""
    begin = _begin(offer.places, places, _why_not_all(offer))
    it = offer.channel_listing_id
    units = ("units", Does.DIVIDE, offer.units, f"stock units in one {it}, whole ones only")
    rungs = [*begin, *_rungs_left_by_others(offer, begin), units]
    if offer.units > 1:
        whole = sum(max(0, each.counts) // offer.units for each in _counting(offer.places, places))
        rungs.append(("whole", Does.AT_MOST, whole, f"{it} is filled from one location each, never from two"))
    return rungs


def _rungs_of_bundle(offer: Offer, places: Sequence[PlaceLadder]) -> list[Rung]:
    """What the locations could give whole, and no more than each part allows."""
    why = "" if offer.places is None else _why_not_all(offer)
    return [
        *_begin_whole(offer.places, places, offer.units, why),
        *((share.sku, Does.AT_MOST, share.sets, _says_of(share, offer)) for share in offer.shares),
    ]


def _says_of(share: Share, offer: Offer) -> str:
    said = f"{share.free} of {share.sku} free, {share.units} in each"
    if share.allotted.others == 0:
        return said
    own, all_of_them = share.allotted.own, share.allotted.own + share.allotted.others
    if share.free >= all_of_them:
        return f"{said}; {share.allotted.others} other channels have to themselves{_BY_RULE}"
    return f"{said}; too little for all allotments, so {own} of {all_of_them} parts are for {offer.channel}{_BY_RULE}"


def _begin_whole(
    locations: Sequence[str] | None, places: Sequence[PlaceLadder], units: int, why: str = ""
) -> list[Rung]:
    says = "whole ones that {} could give" if units == 1 else f"times {units} whole ones that {{}} could give"
    return [
        (each.location, Does.ADD, each.counts // units, f"{says.format(each.location)}{why}")
        for each in _counting(locations, places)
    ]


def _counting(locations: Sequence[str] | None, places: Sequence[PlaceLadder]) -> list[PlaceLadder]:
    return [each for each in places if locations is None or each.location in locations]


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
    rungs = [_buffer(offer), ("floor", Does.AT_LEAST, 0, "never below 0")]
    if rule.minimum is not None:
        says = f"fewer than {rule.minimum} are shown as 0 on {offer.channel}{_BY_RULE}"
        rungs.append(("minimum", Does.NONE_BELOW, rule.minimum, says))
    if rule.cap is not None:
        by = "" if rule.cap == own.cap else _BY_RULE
        rungs.append(("cap", Does.AT_MOST, rule.cap, f"the most this listing shows on {offer.channel}{by}"))
    return rungs


def _buffer(offer: Offer) -> Rung:
    says = f"kept back from this listing on {offer.channel}"
    if offer.rule.risk_percent is None:
        return _fixed("buffer", offer, says)
    found = offer.adaptive
    if found is None or found.buffer is None:
        why = "nobody has looked yet" if found is None else found.thin
        return _fixed(ADAPTIVE, offer, f"{says}, the fixed one, since it is not worked out: {why}")
    return (ADAPTIVE, Does.SUBTRACT, found.buffer, f"{says}: {buffers.sentence(found)}{_BY_RULE}")


def _fixed(name: str, offer: Offer, says: str) -> Rung:
    if offer.rule.buffer_percent is not None:
        percent = offer.rule.buffer_percent
        return (name, Does.LESS_PERCENT, percent, f"{percent} % {says}, rounded up{_BY_RULE}")
    buffer = offer.rule.buffer or 0
    by = "" if buffer == (offer.own.buffer or 0) else _BY_RULE
    return (name, Does.SUBTRACT, buffer, f"{says}{by}")


def _unchanged_at(offer: Offer) -> datetime | None:
    unchanged, confirmed = offer.unchanged_at, offer.confirmed_at
    return unchanged if unchanged and confirmed and unchanged > confirmed else None


def _telling(version: int, quantity: int | None, sent_at: datetime | None, at: datetime) -> Telling | None:
    if version == 0 or sent_at is None:
        return None
    return Telling(version, quantity, sent_at, max(0, int((at - sent_at).total_seconds())))

"""Sourcing: which locations fill an order, and why each of them. Pure; what is given is counted in units sold.

The first strategy of the policy ranks the locations, the next one decides where it leaves a tie, and in the end the
lowest priority does, then the code.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import chain, combinations, islice
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from hub.model.incoming import Pickup
from hub.model.stock.locations import Location, collecting
from hub.model.stock.nearness import Destination, Nearness, nearness
from hub.model.stock.policies import Policy, Strategy
from hub.model.stock.shelf import Shelf
from hub.model.stock.wants import Want

TRIES_MAX = 300  # groups of locations that are tried for one order; then the one that grew step by step


class Sourcing(Struct, frozen=True):
    """What decides for one order, beside the stock: the policy, the slug of its channel, if known, and where it goes.

    `used` are the locations that hold units for it already: they count as parts of a split. `fixed_because` is why it
    comes from one place alone, where its lines name one. `pickup`: the customer collects it, at one of `collected_at`
    where that is said.
    """

    policy: Policy = Policy()
    channel: str = ""
    to: Destination | None = None
    used: tuple[str, ...] = ()
    fixed_because: str = "the channel's own place"
    pickup: Pickup | None = None
    collected_at: tuple[str, ...] | None = None

    def with_rules(self, policy: Policy, locations: Sequence[Location]) -> "Sourcing":
        """As the retailer has it: by this policy, over these locations."""
        return replace(self, policy=policy, collected_at=collecting(locations, self.pickup))

    @property
    def decides_who_gives(self) -> tuple[object, ...]:
        """All that `left_out` and `only_source` look at: orders that are alike in it are asked about once."""
        return self.channel, self.used, self.to is None, self.pickup is None, self.collected_at


USUAL = Sourcing()
ONLY = "the only location that has it"


class Pick(Struct, frozen=True):
    """So many units sold of a line from one location, and why from there."""

    want: Want
    location: str
    units: int
    reason: str


class Sourced(Struct, frozen=True):
    """What an order gets. `lacking` could not be had; `elsewhere` are those lines of which a location has some that may
    not give it. `withheld` could be had, and waits for the rest of the order.
    """

    picks: list[Pick]
    lacking: dict[UUID, int]
    elsewhere: set[UUID]
    withheld: dict[UUID, int]


def source(wants: Sequence[Want], shelf: Shelf, locations: Sequence[Location], how: Sourcing) -> Sourced:
    """Choose the locations for one order and take what they give off the shelf; the usual one is listed first."""
    asking = [want for want in wants if want.allocate > 0]
    able = _able(locations, how)
    only = _only(asking, able, how)
    picks = _picks(_Frame(asking, shelf, able, how)) if only is None else _from_one(asking, shelf, only)
    if sum([pick.units for pick in picks]) == sum([want.allocate for want in asking]):
        return Sourced(picks, {}, set(), {})
    granted = _by_line(picks)
    lacking = {
        want.line_id: lack for want in wants if (lack := want.allocate - granted.get(want.line_id, 0)) > 0
    }
    elsewhere = {
        want.line_id for want in wants if want.line_id in lacking and shelf.free_in_all(want.parts) > 0
    }
    if lacking and how.policy.keep_whole:
        _give_back(picks, shelf)
        return Sourced([], lacking, elsewhere, granted)
    return Sourced(picks, lacking, elsewhere, {})


def only_source(
    wants: Sequence[Want], locations: Sequence[Location], how: Mapping[UUID, Sourcing]
) -> str | None:
    """The one location that may give to all these orders, where nothing is to be ranked for any of them."""
    said = {each.decides_who_gives: each for each in [how.get(want.order_id, USUAL) for want in wants]}
    places = {_only(wants, _able(locations, each), each) for each in said.values()}
    return places.pop() if len(places) == 1 else None


def _only(wants: Sequence[Want], able: Sequence[Location], how: Sourcing) -> str | None:
    if len(able) == 1 and not how.used and not [want for want in wants if want.place is not None]:
        return able[0].code
    return None


def _able(locations: Sequence[Location], how: Sourcing) -> list[Location]:
    return [each for each in locations if left_out(each, how) is None]


def _from_one(wants: Sequence[Want], shelf: Shelf, location: str) -> list[Pick]:
    """As most retailers have it, one place may give: nothing is ranked, and every unit has one reason."""
    picks = []
    for want in wants:
        given = min(want.allocate, shelf.free_in_all(want.parts), shelf.free_at(want.parts, location))
        if given > 0:
            picks.append(Pick(want, location, given, ONLY))
            shelf.change(want.parts, location, -given)
    return picks


def left_out(location: Location, how: Sourcing) -> str | None:
    """Why a location gives nothing to this order, whatever lies there; None where it may."""
    if not location.sellable:
        return "keeps its stock: it does not sell"
    if how.channel and location.channels and how.channel not in location.channels:
        return f"does not serve {how.channel}"
    if how.collected_at is not None:
        return None if location.code in how.collected_at else "is not where the customer collects it"
    if how.to is not None and how.pickup is None and not location.ships:
        return "sends no parcels"
    return None


Free = Mapping[str, int]
"""How many units sold of one line each location could give, by its code."""


class _Frame:
    """One order before anything is taken: who may give, and what the strategies look at."""

    def __init__(self, wants: Sequence[Want], shelf: Shelf, able: Sequence[Location], how: Sourcing) -> None:
        self.wants = wants
        self.shelf = shelf
        self.policy = how.policy
        self.used = set(how.used)
        self.fixed_because = how.fixed_because
        self.able = able
        self.lacks_some = False
        self.whole = self._whole() if Strategy.SINGLE in self.policy.strategies else set()
        self.near: Mapping[str, Nearness] = {}
        if Strategy.NEAREST in self.policy.strategies:
            self.near = nearness(self.able, how.to)
        self.stock = {}
        if Strategy.MOST_STOCK in self.policy.strategies:
            self.stock = {each.code: self._stock(each.code) for each in self.able}

    def _needs(self) -> Mapping[str, int]:
        needs: dict[str, int] = {}
        for want in self.wants:
            for sku, units in want.parts.items():
                needs[sku] = needs.get(sku, 0) + units * want.allocate
        return needs

    def _whole(self) -> set[str]:
        """The locations that have everything the order asks for, as far as there is any to be had."""
        needs = self._needs()
        whole = self._having(needs)
        if whole:
            return whole
        there = {sku: min(units, self._stock_of(sku)) for sku, units in needs.items()}
        self.lacks_some = there != needs
        return self._having(there)

    def _having(self, needs: Mapping[str, int]) -> set[str]:
        wanted = needs.items()
        at = self.shelf.units_at
        return {each.code for each in self.able if all(at(sku, each.code) >= units for sku, units in wanted)}

    def _stock_of(self, sku: str) -> int:
        return sum(max(0, self.shelf.units_at(sku, each.code)) for each in self.able)

    def _stock(self, code: str) -> int:
        return sum(max(0, self.shelf.units_at(sku, code)) for sku in self._needs())

    def has_any(self, location: Location) -> bool:
        return any(self.shelf.free_at(want.parts, location.code) > 0 for want in self.wants)

    def free_for(self, want: Want, group: Sequence[Location]) -> Free:
        return {each.code: max(0, self.shelf.free_at(want.parts, each.code)) for each in group}


def _ranked(
    frame: _Frame, want: Want, group: Sequence[Location], free: Free, *, by: Sequence[Strategy]
) -> Sequence[Location]:
    """The locations as the policy asks them for this line."""
    if len(group) < 2:
        return group
    keys = [_KEYS[each] for each in by]
    return sorted(group, key=lambda each: [key(frame, each, want, free) for key in keys])


Group = tuple[Location, ...]


def _picks(frame: _Frame) -> list[Pick]:
    """Take what the order gets, from no more locations than the policy lets."""
    most = frame.policy.split_max
    picks = _walk(frame, frame.able)
    if most is None or len({*frame.used, *(pick.location for pick in picks)}) <= most:
        return picks
    _give_back(picks, frame.shelf)
    return _walk(frame, _best_group(frame, most, sum(pick.units for pick in picks)))


def _walk(frame: _Frame, group: Sequence[Location]) -> list[Pick]:
    """Fill line by line from the locations of the group, each line by its own ranking of them."""
    picks = []
    for want in frame.wants:
        left = had = min(want.allocate, frame.shelf.free_in_all(want.parts))
        if left == 0:
            continue
        places = [Location(want.place, want.place)] if want.place is not None else group
        free = frame.free_for(want, places)
        having = [each for each in places if free[each.code]]
        asked = _ranked(frame, want, having, free, by=frame.policy.strategies)
        for index, location in enumerate(asked):
            granted = min(left, free[location.code])
            words = _reason(frame, want, asked[index:], free)
            reason = words if left == had else f"the rest: {words}"
            picks.append(Pick(want, location.code, granted, reason))
            frame.shelf.change(want.parts, location.code, -granted)
            left -= granted
            if not left:
                break
    return picks


def _best_group(frame: _Frame, most: int, wished: int) -> Group:
    """The group of at most so many locations that gives most; of equal ones the smallest, then the best ranked."""
    best: Group = ()
    given = -1
    for group in _groups(frame, most):
        units = _units_of(frame, group)
        if units > given:
            best, given = group, units
        if given == wished:
            break
    return best


def _groups(frame: _Frame, most: int) -> Iterator[Group]:
    """What is used already, and as many others as the split still lets."""
    useful = [each for each in frame.able if frame.has_any(each)]
    order_wide = [by for by in frame.policy.strategies if by is not Strategy.WHOLE_LINE]
    ranked = _ranked(frame, frame.wants[0], useful, {}, by=order_wide)
    used = tuple(each for each in ranked if each.code in frame.used)
    others = [each for each in ranked if each not in used]
    room = max(0, most - len(frame.used))
    sizes = (combinations(others, size) for size in range(room + 1))
    yield from ((*used, *more) for more in islice(chain.from_iterable(sizes), TRIES_MAX))
    yield _step_by_step(frame, used, others, room)


def _step_by_step(frame: _Frame, group: Group, others: Sequence[Location], room: int) -> Group:
    """Again and again the location that adds most: good where there are too many groups to try them all."""
    for _ in range(room):
        wider = [(*group, each) for each in others if each not in group]
        group = max(wider, key=lambda one: _units_of(frame, one), default=group)
    return group


def _units_of(frame: _Frame, group: Sequence[Location]) -> int:
    picks = _walk(frame, group)
    _give_back(picks, frame.shelf)
    return sum(pick.units for pick in picks)


def _give_back(picks: Sequence[Pick], shelf: Shelf) -> None:
    for pick in picks:
        shelf.change(pick.want.parts, pick.location, pick.units)


def _by_line(picks: Sequence[Pick]) -> dict[UUID, int]:
    granted: dict[UUID, int] = {}
    for pick in picks:
        granted[pick.want.line_id] = granted.get(pick.want.line_id, 0) + pick.units
    return granted


_Key = Callable[[_Frame, Location, Want, Free], tuple[float, ...] | float]

_KEYS: Mapping[Strategy, _Key] = {
    Strategy.SINGLE: lambda frame, each, _want, _free: each.code not in frame.whole,
    Strategy.WHOLE_LINE: lambda _frame, each, want, free: free[each.code] < want.allocate,
    Strategy.NEAREST: lambda frame, each, _want, _free: frame.near[each.code].key,
    Strategy.PRIORITY: lambda _frame, each, _want, _free: each.priority,
    Strategy.MOST_STOCK: lambda frame, each, _want, _free: -frame.stock[each.code],
}


def _reason(frame: _Frame, want: Want, rivals: Sequence[Location], free: Free) -> str:
    """What sets the first of the rivals, which all have some, apart from the others."""
    if want.place is not None:
        return frame.fixed_because
    if len(rivals) == 1:
        return ONLY
    said = []
    chosen = rivals[0]
    for by in (*frame.policy.strategies, Strategy.PRIORITY):
        keys = [_KEYS[by](frame, each, want, free) for each in rivals]
        alike = [each for each, key in zip(rivals, keys, strict=True) if key == keys[0]]
        if len(alike) < len(rivals):
            said.append(_words(frame, by, chosen, is_only=len(alike) == 1))
        if len(alike) == 1:
            return ", ".join(said)
        rivals = alike
    return ", ".join([*said, "first by its code"])


def _words(frame: _Frame, by: Strategy, chosen: Location, *, is_only: bool) -> str:
    lines = len(frame.wants)
    has = "the only location with" if is_only else "has"
    match by:
        case Strategy.SINGLE if frame.lacks_some:
            return f"{has} all there is"
        case Strategy.SINGLE:
            return f"{has} all {lines} lines" if lines > 1 else f"{has} all of it"
        case Strategy.WHOLE_LINE:
            return f"{has} the whole line"
        case Strategy.NEAREST:
            return f"nearest: {frame.near[chosen.code].says}"
        case Strategy.PRIORITY:
            return f"priority {chosen.priority}"
        case Strategy.MOST_STOCK:
            return f"most stock: {frame.stock[chosen.code]} free"

"""A dry run: what a plan would do for one order, and why, line by line and location by location. Pure."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from msgspec import Struct

from hub.model.stock.allocation import Plan, plan_allocation
from hub.model.stock.backorders import NONE_AHEAD, Ahead, Backordered, in_words
from hub.model.stock.levels import Level
from hub.model.stock.locations import Location
from hub.model.stock.policies import sentence
from hub.model.stock.shelf import Shelf
from hub.model.stock.sourcing import Sourcing, left_out
from hub.model.stock.wants import Want


class Given(Struct, frozen=True):
    """So many units sold from one location, and why from there."""

    location: str
    units: int
    reason: str


class LineForecast(Struct, frozen=True):
    """What would become of one line. `given`, `backordered`, `short` and `withheld` add up to what is `wanted`.

    `withheld` could be had, and waits for the rest of the order.
    """

    sku: str
    wanted: int
    given: list[Given]
    backordered: int
    expected: date | None
    short: int
    withheld: int
    says: str


class LocationForecast(Struct, frozen=True):
    """What a location could give of each SKU, what it would give, and why no more: nothing where it does not sell."""

    location: str
    name: str
    sells: bool
    could_give: dict[str, int]
    gives: dict[str, int]
    says: str


class Forecast(Struct, frozen=True):
    """`policy` is the one that decides, as a sentence; `complete`: nothing would be short."""

    policy: str
    complete: bool
    lines: list[LineForecast]
    locations: list[LocationForecast]


def forecast(
    wants: Sequence[Want],
    levels: Sequence[Level],
    locations: Sequence[Location],
    how: Sourcing,
    ahead: Mapping[str, Ahead] = NONE_AHEAD,
    *,
    at: datetime,
) -> Forecast:
    """Plan the wants, which are one order's, as they would be planned now."""
    plan = plan_allocation(wants, levels, locations, how={want.order_id: how for want in wants}, ahead=ahead)
    lines = [_line(want, plan, at) for want in wants]
    shelf = _shelf(wants, levels, locations)
    asked = sorted(locations, key=lambda each: (each.priority, each.code))
    return Forecast(
        sentence(how.policy),
        not plan.short,
        lines,
        [_location(each, lines, wants, shelf, how) for each in asked],
    )


def _shelf(wants: Sequence[Want], levels: Sequence[Level], locations: Sequence[Location]) -> Shelf:
    """What is free once the order has given back what it holds."""
    shelf = Shelf(levels, [each.code for each in locations if each.sellable])
    for want in wants:
        for code, units in want.held.items() if want.release else ():
            shelf.change(want.parts, code, units)
    return shelf


def _line(want: Want, plan: Plan, at: datetime) -> LineForecast:
    given = [
        Given(move.location, move.allocated_change, move.reason)
        for move in plan.moves
        if move.line_id == want.line_id and move.kind == "allocation"
    ]
    late = plan.backordered.get(want.line_id, Backordered(0))
    short, withheld = plan.short.get(want.line_id, 0), plan.withheld.get(want.line_id, 0)
    says = [f"{each.units} from {each.location}" for each in given]
    says += [in_words(late, at=at)] if late.units else []
    says += [f"{withheld} wait for the rest of the order"] if withheld else []
    says += [_short(short, elsewhere=want.line_id in plan.unsourced)] if short else []
    return LineForecast(
        want.sku,
        want.allocate,
        given,
        late.units,
        late.expected,
        short,
        withheld,
        ", ".join(says) or "nothing",
    )


def _short(units: int, *, elsewhere: bool) -> str:
    return f"{units} short: what there is may not be given" if elsewhere else f"{units} short"


def _location(
    location: Location, lines: Sequence[LineForecast], wants: Sequence[Want], shelf: Shelf, how: Sourcing
) -> LocationForecast:
    free = {want.sku: max(0, shelf.free_at(want.parts, location.code)) for want in wants}
    could: dict[str, int] = {}
    for want in wants:
        left = free[want.sku] - could.get(want.sku, 0)
        could[want.sku] = could.get(want.sku, 0) + min(want.allocate, left)
    gives: dict[str, int] = {}
    reasons: list[str] = []
    for line in lines:
        for each in line.given:
            if each.location == location.code:
                gives[line.sku] = gives.get(line.sku, 0) + each.units
                reasons.append(each.reason)
    places = {want.place for want in wants if want.place is not None}
    says = "; ".join(dict.fromkeys(reasons)) or _why_not(location, could, lines, how, places)
    able = {sku: units for sku, units in could.items() if units}
    return LocationForecast(location.code, location.name, location.sellable, able, gives, says)


def _why_not(
    location: Location,
    could: Mapping[str, int],
    lines: Sequence[LineForecast],
    how: Sourcing,
    places: set[str],
) -> str:
    """The first of the reasons that holds."""
    out = None if places else left_out(location, how)
    most = how.policy.split_max or len(lines)
    used = {each.location for line in lines for each in line.given}
    lacking = {line.sku for line in lines if line.short or line.backordered}
    reasons = (
        (
            bool(places) and location.code not in places,
            f"the order comes from {', '.join(sorted(places))} alone",
        ),
        (out is not None, out or ""),
        (not any(could.values()), "has none of it"),
        (any(line.withheld for line in lines), "the order goes whole or waits whole"),
        (not any(units for sku, units in could.items() if sku in lacking), "not needed"),
        (
            how.policy.split_max is not None and len(used) >= most,
            f"at most {most} {'location fills' if most == 1 else 'locations fill'} an order",
        ),
    )
    return next((words for holds, words in reasons if holds), "needed where more is promised than there is")

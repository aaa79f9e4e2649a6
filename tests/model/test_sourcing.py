"""A policy ranks the locations of an order, says why, and keeps to its limits; it never makes units or loses any."""

from collections import Counter
from collections.abc import Mapping, Sequence
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from hub.model.errors import InputError
from hub.model.stock.allocation import Plan, plan_allocation
from hub.model.stock.levels import Level
from hub.model.stock.locations import Location
from hub.model.stock.nearness import Destination
from hub.model.stock.policies import Policy, Strategy, refuse_bad, sentence
from hub.model.stock.sourcing import Sourcing, only_source
from hub.model.stock.wants import Want
from hub.model.telling.phrases import recall_reason

SKUS, CODES = ("MUG", "TEA", "LAMP"), ("main", "shop", "depot")
ORDER = UUID(int=1000)
SINGLE, WHOLE, NEAREST = Strategy.SINGLE, Strategy.WHOLE_LINE, Strategy.NEAREST
PRIORITY, MOST = Strategy.PRIORITY, Strategy.MOST_STOCK
MAIN, SHOP, DEPOT = (
    Location(code, code.title(), rank) for rank, code in zip((10, 20, 30), CODES, strict=True)
)
BERLIN = Destination("DE", "BE", "10")

policies = st.builds(
    Policy,
    st.permutations(list(Strategy)).flatmap(lambda every: st.integers(1, 5).map(lambda n: tuple(every[:n]))),
    st.sampled_from((None, 1, 2)),
    st.booleans(),
)
shelves = st.fixed_dictionaries({(sku, code): st.integers(-3, 9) for sku in SKUS for code in CODES}).map(
    lambda free: [Level(sku, code, units) for (sku, code), units in free.items()]
)


@st.composite
def baskets(draw: st.DrawFn) -> list[Want]:
    """Lines of up to three orders."""
    lines = draw(st.lists(st.tuples(st.integers(0, 2), st.sampled_from(SKUS), st.integers(1, 6)), max_size=6))
    return [ask(number, sku, units, order=order) for number, (order, sku, units) in enumerate(lines)]


def ask(number: int, sku: str, units: int, *, order: int = 0, backordered: int = 0) -> Want:
    order_id = UUID(int=1000 + order)
    return Want(UUID(int=number), order_id, {sku: 1}, allocate=units, sku=sku, backordered=backordered)


def shelf(**free: tuple[int, ...]) -> list[Level]:
    """Units of each SKU at main, shop and depot."""
    return [
        Level(sku, code, units)
        for sku, counts in free.items()
        for code, units in zip(CODES, counts, strict=False)
    ]


def plan(
    wants: Sequence[Want],
    levels: Sequence[Level],
    policy: Policy,
    *,
    locations: Sequence[Location] = (MAIN, SHOP, DEPOT),
    to: Destination | None = None,
) -> Plan:
    how = {want.order_id: Sourcing(policy, "web", to) for want in wants}
    return plan_allocation(wants, levels, locations, how=how)


def given_by(plan: Plan) -> list[tuple[str, str, int]]:
    return [(next(iter(move.parts)), move.location, move.allocated_change) for move in plan.moves]


def reasons(plan: Plan) -> list[str]:
    return [move.reason for move in plan.moves]


def by_line(plan: Plan) -> Mapping[UUID, int]:
    granted: Counter[UUID] = Counter()
    for move in plan.moves:
        granted[move.line_id] += move.allocated_change
    return granted


def places_of(plan: Plan, wants: Sequence[Want]) -> Mapping[UUID, set[str]]:
    order_of = {want.line_id: want.order_id for want in wants}
    places: dict[UUID, set[str]] = {}
    for move in plan.moves:
        places.setdefault(order_of[move.line_id], set()).add(move.location)
    return places


@given(baskets(), shelves, policies)
def test_what_is_given_withheld_and_short_is_what_was_asked(
    wants: list[Want], levels: list[Level], policy: Policy
) -> None:
    made = plan(wants, levels, policy)
    got = by_line(made)
    assert all(
        got[w.line_id] + made.short.get(w.line_id, 0) + made.withheld.get(w.line_id, 0) == w.allocate
        for w in wants
    )


@given(baskets(), shelves, policies)
def test_no_policy_promises_what_is_not_free_there_or_in_all(
    wants: list[Want], levels: list[Level], policy: Policy
) -> None:
    free = Counter({(level.sku, level.location): level.free for level in levels})
    for sku, location, units in given_by(plan(wants, levels, policy)):
        free[sku, location] -= units
        assert free[sku, location] >= 0
        assert sum(free[sku, code] for code in CODES) >= 0


@given(baskets(), shelves, policies)
def test_a_split_limit_is_never_exceeded(wants: list[Want], levels: list[Level], policy: Policy) -> None:
    places = places_of(plan(wants, levels, policy), wants)
    assert all(len(each) <= (policy.split_max or len(CODES)) for each in places.values())


@given(baskets(), shelves, policies)
def test_an_order_that_is_kept_whole_gets_all_or_nothing(
    wants: list[Want], levels: list[Level], policy: Policy
) -> None:
    made = plan(wants, levels, replace(policy, keep_whole=True))
    got = by_line(made)
    for order_id in {want.order_id for want in wants}:
        lines = [want for want in wants if want.order_id == order_id]
        assert sum(got[w.line_id] for w in lines) in {0, sum(w.allocate for w in lines)}


@given(baskets(), shelves, policies)
def test_the_same_policy_makes_the_same_plan(wants: list[Want], levels: list[Level], policy: Policy) -> None:
    backwards = plan(wants, levels[::-1], policy, locations=(DEPOT, SHOP, MAIN))
    assert plan(wants, levels, policy) == backwards


@given(baskets(), shelves, policies.map(lambda each: Policy(each.strategies)))
def test_the_order_of_lines_does_not_change_how_much_is_given(
    wants: list[Want], levels: list[Level], policy: Policy
) -> None:
    def sums(lines: Sequence[Want]) -> Counter[str]:
        totals: Counter[str] = Counter()
        for sku, _, units in given_by(plan(lines, levels, policy)):
            totals[sku] += units
        return totals

    assert sums(wants) == sums(wants[::-1])


@given(baskets(), shelves, policies)
def test_every_unit_that_is_given_says_why_in_words_that_every_language_knows(
    wants: list[Want], levels: list[Level], policy: Policy
) -> None:
    assert [
        each for each in reasons(plan(wants, levels, policy)) if isinstance(recall_reason(each), str)
    ] == []


def test_the_usual_policy_asks_for_the_whole_line_and_then_by_priority() -> None:
    made = plan([ask(1, "MUG", 3), ask(2, "TEA", 1)], shelf(MUG=(2, 5, 5), TEA=(1, 1, 1)), Policy())
    assert given_by(made) == [("MUG", "shop", 3), ("TEA", "main", 1)]
    assert reasons(made) == ["has the whole line, priority 20", "priority 10"]


def test_a_single_location_comes_before_a_split_although_another_is_asked_first() -> None:
    made = plan([ask(1, "MUG", 1), ask(2, "TEA", 1)], shelf(MUG=(9, 0, 1), TEA=(0, 9, 1)), Policy((SINGLE,)))
    assert given_by(made) == [("MUG", "depot", 1), ("TEA", "depot", 1)]
    assert set(reasons(made)) == {"the only location with all 2 lines"}


def test_what_is_nowhere_does_not_keep_the_rest_from_a_single_location() -> None:
    made = plan([ask(1, "MUG", 3), ask(2, "TEA", 1)], shelf(MUG=(2, 5), TEA=(0, 0)), Policy((SINGLE,)))
    assert (given_by(made), reasons(made)) == ([("MUG", "shop", 3)], ["the only location with all there is"])


def test_the_nearest_is_told_by_country_region_and_postcode() -> None:
    places = [
        replace(MAIN, country="AT", postcode="1010"),
        replace(SHOP, country="DE", region="BE", postcode="10999"),
        replace(DEPOT, country="DE", region="BY", postcode="10115"),
    ]
    made = plan([ask(1, "MUG", 4)], shelf(MUG=(9, 1, 1)), Policy((NEAREST,)), locations=places, to=BERLIN)
    assert given_by(made) == [("MUG", "shop", 1), ("MUG", "depot", 1), ("MUG", "main", 2)]
    assert reasons(made)[0] == "nearest: same country, region BE, postcode 10…"
    assert reasons(made)[1] == "the rest: nearest: same country, postcode 10…"


def test_the_nearest_is_told_by_distance_where_every_side_has_a_position() -> None:
    places = [
        replace(MAIN, country="DE", postcode="10", latitude=48.1, longitude=11.6),
        replace(SHOP, country="PL", latitude=52.4, longitude=14.5),
    ]
    berlin = Destination("DE", "", "10", 52.5, 13.4)
    made = plan([ask(1, "MUG", 1)], shelf(MUG=(9, 9)), Policy((NEAREST,)), locations=places, to=berlin)
    assert (given_by(made), reasons(made)) == ([("MUG", "shop", 1)], ["nearest: 75 km"])


def test_the_most_stock_counts_all_the_order_asks_for() -> None:
    made = plan([ask(1, "MUG", 1), ask(2, "TEA", 1)], shelf(MUG=(9, 5), TEA=(1, 40)), Policy((MOST,)))
    assert given_by(made) == [("MUG", "shop", 1), ("TEA", "shop", 1)]
    assert reasons(made)[0] == "most stock: 45 free"


def test_under_a_split_limit_the_group_is_chosen_that_gives_most() -> None:
    wants = [ask(1, "MUG", 1), ask(2, "TEA", 1), ask(3, "LAMP", 1)]
    levels = shelf(MUG=(1, 1, 0), TEA=(1, 0, 1), LAMP=(0, 0, 1))
    made = plan(wants, levels, Policy((PRIORITY,), split_max=2))
    assert (places_of(made, wants)[ORDER], made.short) == ({"main", "depot"}, {})
    alone = plan(wants, levels, Policy((PRIORITY,), split_max=1))
    assert (places_of(alone, wants)[ORDER], alone.short) == ({"main"}, {UUID(int=3): 1})
    assert alone.unsourced == {UUID(int=3)}


def test_what_holds_units_for_an_order_already_counts_as_part_of_its_split() -> None:
    how = {ORDER: Sourcing(Policy((PRIORITY,), split_max=1), "web", used=("shop",))}
    made = plan_allocation([ask(1, "MUG", 2)], shelf(MUG=(9, 1)), [MAIN, SHOP], how=how)
    assert (given_by(made), made.short) == ([("MUG", "shop", 1)], {UUID(int=1): 1})


def test_an_order_kept_whole_waits_although_some_of_it_could_be_had() -> None:
    made = plan([ask(1, "MUG", 2), ask(2, "TEA", 2)], shelf(MUG=(5,), TEA=(1,)), Policy(keep_whole=True))
    assert (made.moves, made.short) == ([], {UUID(int=2): 1})
    assert made.withheld == {UUID(int=1): 2, UUID(int=2): 1}


def test_what_one_order_waits_for_whole_the_next_one_may_have() -> None:
    wants = [ask(1, "MUG", 5, order=0), ask(2, "MUG", 2, order=1)]
    assert given_by(plan(wants, shelf(MUG=(3,)), Policy(keep_whole=True))) == [("MUG", "main", 2)]


@pytest.mark.parametrize(
    ("location", "to"),
    [
        (replace(MAIN, sellable=False), None),
        (replace(MAIN, channels=("till",)), None),
        (replace(MAIN, ships=False), BERLIN),
    ],
    ids=["does not sell", "does not serve the channel", "sends no parcels"],
)
def test_a_location_that_may_not_give_is_left_out_whatever_lies_there(
    location: Location, to: Destination | None
) -> None:
    made = plan([ask(1, "MUG", 3)], shelf(MUG=(9, 1)), Policy(), locations=(location, SHOP), to=to)
    assert (given_by(made), made.short) == ([("MUG", "shop", 1)], {UUID(int=1): 2})


def test_a_location_without_parcels_fills_what_goes_nowhere() -> None:
    counter = replace(MAIN, ships=False)
    assert given_by(plan([ask(1, "MUG", 1)], shelf(MUG=(1,)), Policy(), locations=[counter])) != []


def test_a_hundred_shops_and_a_split_limit_are_planned_in_no_time() -> None:
    shops = [Location(f"shop-{n:03}", "Shop", n) for n in range(100)]
    levels = [Level(sku, each.code, 1) for sku, each in zip(SKUS * 40, shops, strict=False)]
    wants = [ask(1, "MUG", 1), ask(2, "TEA", 1), ask(3, "LAMP", 1)]
    made = plan(wants, levels, Policy((PRIORITY,), split_max=3), locations=shops)
    assert (sum(by_line(made).values()), len(places_of(made, wants)[ORDER])) == (3, 3)


def test_a_policy_reads_as_a_sentence() -> None:
    assert sentence(Policy((SINGLE, NEAREST, WHOLE), split_max=2, keep_whole=True)) == (
        "first a location with the whole order, then the nearest, then a location with the whole line; "
        "at most 2 locations for an order; an order goes whole or waits whole"
    )


@pytest.mark.parametrize(
    "policy", [Policy(()), Policy((SINGLE, SINGLE)), Policy(split_max=0), Policy(split_max=101)]
)
def test_a_policy_that_makes_no_sense_is_refused(policy: Policy) -> None:
    with pytest.raises(InputError):
        refuse_bad(policy)


@given(baskets(), shelves, policies, st.sets(st.sampled_from(CODES)))
def test_no_location_gives_to_a_channel_it_does_not_serve_or_what_it_does_not_sell(
    wants: list[Want], levels: list[Level], policy: Policy, shut: set[str]
) -> None:
    """Shop serves the till alone; of the others, those that are `shut` do not sell."""
    places = [replace(each, sellable=each.code not in shut) for each in (MAIN, DEPOT)]
    places.append(replace(SHOP, channels=("till",)))
    made = plan(wants, levels, policy, locations=places)
    assert {location for _, location, _ in given_by(made)} <= {"main", "depot"} - shut


@given(baskets(), shelves, policies)
def test_an_empty_location_beside_the_only_one_changes_nothing(
    wants: list[Want], levels: list[Level], policy: Policy
) -> None:
    there = [each for each in levels if each.location == MAIN.code]
    how = {want.order_id: Sourcing(policy) for want in wants}
    plans = [plan_allocation(wants, there, places, how=how) for places in ([MAIN], [MAIN, SHOP])]
    one, two = (replace(each, moves=sorted(each.moves, key=lambda move: move.line_id)) for each in plans)
    assert one == two


PLACES = (replace(MAIN, channels=("web",)), replace(SHOP, ships=False), DEPOT)
HOWS = st.dictionaries(
    st.sampled_from([UUID(int=1000 + number) for number in range(3)]),
    st.builds(
        Sourcing,
        st.just(Policy()),
        st.sampled_from(("web", "till")),
        st.sampled_from((None, BERLIN)),
        st.sampled_from(((), ("main",))),
    ),
)


@given(baskets(), HOWS, st.lists(st.sampled_from(PLACES), unique=True))
def test_a_batch_has_one_source_where_each_of_its_orders_has_the_same(
    wants: list[Want], how: Mapping[UUID, Sourcing], places: list[Location]
) -> None:
    each = {only_source([want], places, how) for want in wants}
    assert only_source(wants, places, how) == (each.pop() if len(each) == 1 else None)

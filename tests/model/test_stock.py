"""A plan never promises what is not free, hands packs and bundles out whole, and its moves say what it did."""

from collections import Counter
from collections.abc import Mapping, Sequence
from random import Random
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from hub.model.stock.allocation import Plan, plan_allocation
from hub.model.stock.levels import Level, available_to_sell, show
from hub.model.stock.locations import Location
from hub.model.stock.visibility import NO_RULE
from hub.model.stock.wants import Parts, Want

SKUS, CODES = ("MUG", "TEA", "TIN"), ("main", "shop", "depot")
PLACES = [Location(code, code, rank) for rank, code in enumerate(CODES)]
SOLD = ({"MUG": 1}, {"TEA": 1}, {"MUG": 6}, {"MUG": 1, "TEA": 2}, {"TEA": 1, "TIN": 3})
counts = st.integers(0, 12)


@st.composite
def shelves(draw: st.DrawFn) -> list[Level]:
    """Levels as the books may stand: also below zero, and with units kept back."""
    pairs = [(sku, code) for sku in SKUS for code in CODES if draw(st.booleans())]
    return [
        Level(
            sku,
            code,
            draw(st.integers(-5, 30)),
            draw(counts),
            draw(st.integers(0, 3)),
            draw(st.integers(0, 3)),
        )
        for sku, code in pairs
    ]


@st.composite
def lines(draw: st.DrawFn) -> list[Want]:
    """Single units, packs and bundles that share parts; no line releases more than it then still holds."""
    return [_line(draw, number) for number in range(draw(st.integers(1, 6)))]


def _line(draw: st.DrawFn, number: int) -> Want:
    held = {code: draw(st.integers(1, 3)) for code in CODES if draw(st.booleans())}
    ship = draw(st.integers(0, 4))
    kept = max(0, sum(held.values()) - ship)
    release, place = draw(st.integers(0, kept)), draw(st.sampled_from((None, None, "shop")))
    asked, parts = draw(st.integers(0, 5)), draw(st.sampled_from(SOLD))
    return Want(UUID(int=number + 1), UUID(int=number % 2), parts, ship, asked, release, held, place)


def want(number: int, parts: Parts, *, ship: int = 0, allocate: int = 0) -> Want:
    return Want(UUID(int=number), UUID(int=99), parts, ship, allocate)


def asked_in_turn(asked: Sequence[tuple[Parts, int]]) -> list[Want]:
    return [want(number, parts, allocate=units) for number, (parts, units) in enumerate(asked)]


def sums(plan: Plan, kind: str, field: str = "allocated_change") -> Mapping[UUID, int]:
    totals: Counter[UUID] = Counter()
    for move in plan.moves:
        if move.kind == kind:
            totals[move.line_id] += getattr(move, field)
    return totals


@given(lines(), shelves())
def test_what_is_granted_and_what_is_short_is_what_was_wanted(wants: list[Want], levels: list[Level]) -> None:
    plan = plan_allocation(wants, levels, PLACES)
    granted = sums(plan, "allocation")
    assert all(granted[w.line_id] + plan.short.get(w.line_id, 0) == w.allocate for w in wants)


@given(lines(), shelves())
def test_no_promise_is_above_what_is_free_anywhere_or_in_all(wants: list[Want], levels: list[Level]) -> None:
    plan = plan_allocation(wants, levels, PLACES)
    free = Counter({(level.sku, level.location): level.free for level in levels})
    promised: set[tuple[str, str]] = set()
    for move in plan.moves:
        for sku, units in move.parts.items():
            free[sku, move.location] += (move.on_hand_change - move.allocated_change) * units
            promised |= {(sku, move.location)} if move.kind == "allocation" else set()
    assert all(free[each] >= 0 for each in promised)
    assert all(sum(free[sku, code] for code in CODES) >= 0 for sku, _ in promised)


@given(lines(), shelves())
def test_what_has_left_is_booked_whole_and_what_is_given_back_was_held(
    wants: list[Want], levels: list[Level]
) -> None:
    plan = plan_allocation(wants, levels, PLACES)
    left, back = sums(plan, "shipment", "on_hand_change"), sums(plan, "release")
    assert all((-left[w.line_id], -back[w.line_id]) == (w.ship, w.release) for w in wants)
    holds = Counter({(w.line_id, code): held for w in wants for code, held in w.held.items()})
    for move in plan.moves:
        holds[move.line_id, move.location] += move.allocated_change
    assert min(holds.values(), default=0) >= 0


@given(lines(), shelves())
def test_a_line_with_a_place_is_never_promised_from_another(wants: list[Want], levels: list[Level]) -> None:
    fixed = {want.line_id: want.place for want in wants if want.place}
    plan = plan_allocation(wants, levels, PLACES)
    assert {move.location for move in plan.moves if move.kind == "allocation" and move.line_id in fixed} <= {
        "shop"
    }


@given(st.lists(st.tuples(st.sampled_from(SOLD), st.integers(1, 4)), max_size=5), shelves())
def test_whether_all_lines_are_filled_depends_on_what_they_ask_of_each_sku_together(
    asked: list[tuple[Parts, int]], levels: list[Level]
) -> None:
    shelf = [level for level in levels if level.location == "main"]
    wants = asked_in_turn(asked)
    demand: Counter[str] = Counter()
    for parts, units in asked:
        demand.update({sku: each * units for sku, each in parts.items()})
    free = {level.sku: level.free for level in shelf}
    enough = all(units <= free.get(sku, 0) for sku, units in demand.items())
    for order in (wants, wants[::-1]):
        assert (plan_allocation(order, shelf, PLACES).short == {}) == enough


@given(st.lists(st.tuples(st.sampled_from(SOLD), st.integers(1, 4)), max_size=5), shelves(), st.randoms())
def test_the_sequence_of_lines_changes_nothing_of_what_they_get(
    asked: list[tuple[Parts, int]], levels: list[Level], chance: Random
) -> None:
    shuffled = chance.sample(asked, len(asked))
    got = [
        Counter((tuple(move.parts), move.location, move.allocated_change) for move in plan.moves)
        for plan in (plan_allocation(asked_in_turn(each), levels, PLACES) for each in (asked, shuffled))
    ]
    assert got[0] == got[1]


@given(st.sampled_from(SOLD), shelves())
def test_what_a_channel_is_shown_can_be_promised_and_nothing_more(parts: Parts, levels: list[Level]) -> None:
    plan = plan_allocation([want(1, parts, allocate=1_000)], levels, PLACES)
    assert show(levels, parts, NO_RULE, {}).shown == sum(sums(plan, "allocation").values())


def test_safety_stock_is_never_promised() -> None:
    plan = plan_allocation(
        [want(1, {"MUG": 1}, allocate=5)], [Level("MUG", "main", 5, safety_stock=2)], PLACES
    )
    assert (sums(plan, "allocation"), plan.short) == ({UUID(int=1): 3}, {UUID(int=1): 2})


def test_two_lines_that_share_a_component_never_get_the_same_unit() -> None:
    wants = [want(1, {"MUG": 1, "TEA": 2}, allocate=2), want(2, {"MUG": 1}, allocate=2)]
    plan = plan_allocation(wants, [Level("MUG", "main", 3), Level("TEA", "main", 9)], PLACES)
    assert (sums(plan, "allocation"), plan.short) == ({UUID(int=1): 1, UUID(int=2): 2}, {UUID(int=1): 1})


def test_a_pack_or_a_bundle_is_never_filled_from_two_places() -> None:
    levels = [Level("MUG", "main", 4), Level("MUG", "shop", 4), Level("TEA", "shop", 1)]
    plan = plan_allocation(
        [want(1, {"MUG": 6}, allocate=1), want(2, {"MUG": 3, "TEA": 1}, allocate=2)], levels, PLACES
    )
    assert plan.short == {UUID(int=1): 1, UUID(int=2): 1}
    assert [(move.location, move.allocated_change) for move in plan.moves] == [("shop", 1)]


def test_a_fact_is_booked_although_no_place_may_sell() -> None:
    plan = plan_allocation([want(1, {"MUG": 1}, ship=2)], [Level("MUG", "main", 5)], [])
    assert plan.exceeded | set(plan.short) | {move.line_id for move in plan.moves} == {UUID(int=1)}


def test_a_listing_shows_what_is_free_in_packs_less_its_buffer_and_at_most_its_cap() -> None:
    levels = [Level("MUG", "main", 20, 3), Level("MUG", "shop", -2)]
    shown = [
        available_to_sell(levels),
        available_to_sell(levels, units=6, buffer=1),
        available_to_sell(levels, cap=4),
    ]
    assert shown == [15, 1, 4]

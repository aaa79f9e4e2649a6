"""What a listing shows never exceeds what is free, and each field of a rule does its one thing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.model.errors import InputError
from hub.model.stock.levels import Level, available_to_sell
from hub.model.stock.visibility import Allotted, Rule, Scope, refuse_bad, sentence, together, unfold, without

COUNTS = st.integers(0, 40)
ALLOTTED = st.builds(Allotted, COUNTS, COUNTS)
RULES = st.builds(
    Rule,
    buffer=st.none() | COUNTS,
    cap=st.none() | COUNTS,
    allotment=st.none() | COUNTS,
    minimum=st.none() | COUNTS,
    locations=st.none() | st.sampled_from([("main",), ("shop",), ("main", "shop")]),
) | st.builds(Rule, buffer_percent=st.integers(0, 100))


@pytest.mark.parametrize(
    ("rule", "shown"),
    [
        (Rule(), 10),
        (Rule(buffer=3), 7),
        (Rule(buffer=30), 0),
        (Rule(buffer_percent=25), 7),
        (Rule(buffer_percent=100), 0),
        (Rule(cap=4), 4),
        (Rule(minimum=10), 10),
        (Rule(minimum=11), 0),
        (Rule(buffer=1, minimum=10), 0),
        (Rule(cap=4, minimum=5), 4),
        (Rule(allotment=4), 10),
    ],
)
def test_each_field_does_its_one_thing_to_ten_free_units(rule: Rule, shown: int):
    assert unfold(10, rule).shown == shown


@pytest.mark.parametrize(
    ("locations", "shown"), [(None, 7), (("main",), 9), (("shop",), 0), (("main", "shop"), 7), (("moon",), 0)]
)
def test_only_the_locations_that_count_are_added_up(locations: tuple[str, ...] | None, shown: int):
    levels = [Level("MUG", "main", 12, 2, safety_stock=1), Level("MUG", "shop", -2)]
    assert available_to_sell(levels, Rule(locations=locations)) == shown


def test_a_buffer_a_cap_and_a_minimum_count_packs():
    rules = [Rule(buffer=1), Rule(cap=3), Rule(minimum=5), Rule(buffer_percent=10)]
    assert [unfold(26, rule, units=6).shown for rule in rules] == [3, 3, 0, 3]


def test_an_allotment_is_hidden_from_the_others_and_seen_by_its_channel():
    assert [unfold(10, allotted=Allotted(*each)).shown for each in ((4, 0), (0, 4), (0, 12))] == [10, 6, 0]


def test_too_little_for_all_allotments_is_parted_in_their_proportion():
    parts = [Allotted(10, 5), Allotted(5, 10), Allotted(0, 15)]
    assert [unfold(9, allotted=each).shown for each in parts] == [6, 3, 0]


@given(st.integers(-20, 100), RULES, st.integers(1, 12), ALLOTTED)
def test_no_step_shows_more_than_the_one_before(free: int, rule: Rule, units: int, allotted: Allotted):
    steps = unfold(free, rule, units=units, allotted=allotted)
    assert steps.free >= steps.unallotted >= steps.packs >= steps.after_buffer >= steps.after_minimum
    assert max(0, free) // units >= steps.after_minimum >= steps.shown >= 0


@given(st.integers(0, 100), st.lists(COUNTS, min_size=1, max_size=5))
def test_ring_fenced_parts_never_add_up_to_more_than_there_is(free: int, claims: list[int]):
    seen = [unfold(free, allotted=Allotted(claim, sum(claims) - claim)).unallotted for claim in claims]
    assert all(
        each >= min(claim, free * claim // max(1, sum(claims)))
        for each, claim in zip(seen, claims, strict=True)
    )
    assert sum(claims) < free or sum(seen) <= free


@given(st.lists(RULES, max_size=5))
def test_of_several_rules_the_first_that_says_a_field_is_heard(rules: list[Rule]):
    one = together(rules)
    for field in ("cap", "allotment", "minimum", "locations"):
        said = [getattr(rule, field) for rule in rules if getattr(rule, field) is not None]
        assert getattr(one, field) == (said[0] if said else None)
    buffers = [(r.buffer, r.buffer_percent) for r in rules if (r.buffer, r.buffer_percent) != (None, None)]
    assert (one.buffer, one.buffer_percent) == (buffers[0] if buffers else (None, None))


def test_a_buffer_in_percent_gives_way_to_a_more_specific_one_in_units():
    assert together([Rule(buffer=0), Rule(buffer_percent=20, cap=5)]) == Rule(buffer=0, cap=5)


def test_a_rule_forgets_what_is_cleared_and_a_buffer_in_either_unit():
    rule = Rule(buffer_percent=20, cap=5, minimum=2)
    assert (without(rule, ["buffer", "cap"]), without(rule, [])) == (Rule(minimum=2), Rule())


@pytest.mark.parametrize(
    ("scope", "rule", "field"),
    [
        (Scope("web"), Rule(), ""),
        (Scope("web"), Rule(buffer=-1), "buffer"),
        (Scope("web"), Rule(buffer_percent=101), "buffer_percent"),
        (Scope("web"), Rule(buffer=1, buffer_percent=1), "buffer"),
        (Scope("web"), Rule(cap=1_000_001), "cap"),
        (Scope("web"), Rule(locations=()), "locations"),
        (Scope(group="fragile"), Rule(allotment=1), "allotment"),
        (Scope(listing="4711"), Rule(cap=1), "listing"),
        (Scope("web", "fragile", "4711"), Rule(cap=1), "listing"),
        (Scope("web", ""), Rule(cap=1), "group"),
    ],
)
def test_a_rule_that_cannot_be_is_refused_by_its_field(scope: Scope, rule: Rule, field: str):
    with pytest.raises(InputError) as refused:
        refuse_bad(scope, rule)
    assert refused.value.field == field


@pytest.mark.parametrize(
    ("scope", "rule", "said"),
    [
        (Scope(), Rule(buffer=2), "Every channel keeps back 2"),
        (Scope("web"), Rule(buffer_percent=20, cap=5), "Channel web keeps back 20 % and shows at most 5"),
        (Scope(group="fragile"), Rule(minimum=3), "Group fragile on every channel shows 0 below 3"),
        (
            Scope("web", None, "4711"),
            Rule(None, None, None, 4, 2, ("main", "shop")),
            "Listing 4711 on web counts only main, shop, has 4 of each SKU to itself and shows 0 below 2",
        ),
    ],
)
def test_a_rule_reads_as_a_sentence(scope: Scope, rule: Rule, said: str):
    assert sentence(scope, rule) == said

"""A number explains itself: its steps lead to what may be sold, and what keeps it from a channel has a name (L16)."""

from datetime import timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.model.stock.explain import Explanation, explain, recompute
from hub.model.stock.grounds import Books, Grounds, Moved, Offer, PartBooks
from hub.model.stock.ladder import Does, Step, fold, ladder, written
from hub.model.stock.levels import Level, available_to_sell
from hub.model.stock.visibility import Allotted, Rule, Share
from tests.builders import NOON

MAIN = Books("main", "Main", True, on_hand=12, allocated=2, safety_stock=1, movements=4, moved_on_hand=12)
SENT = Offer("web", "mug", version=3, sent_version=3, sent_quantity=9, sent_at=NOON - timedelta(minutes=4))

counts = st.integers(0, 10_000)
rules = st.builds(
    Rule,
    st.none() | st.integers(0, 60),
    st.none() | st.integers(0, 100),
    st.none() | counts,
    st.none(),
    st.none() | st.integers(0, 60),
    st.none() | st.sampled_from([("a",), ("a", "b"), ("c",)]),
)
books = st.lists(
    st.builds(
        Books, st.sampled_from(["a", "b", "c"]), st.just(""), st.booleans(), st.integers(-500, 10_000), counts
    ),
    max_size=3,
    unique_by=lambda each: each.location,
)
offers = st.lists(
    st.builds(
        Offer,
        st.just("web"),
        st.just("1"),
        units=st.integers(1, 50),
        rule=rules,
        allotted=st.builds(Allotted, counts, counts),
        places=st.none() | st.sampled_from([(), ("a",), ("a", "b"), ("c",)]),
    ),
    max_size=3,
)


def explained(*offers: Offer, books: Books = MAIN) -> Explanation:
    return explain(Grounds("MUG", "Mug", [books], offers), at=NOON)


def waits(offer: Offer) -> list[str]:
    return [each.name for each in explained(offer).listings[0].waits]


@given(books, counts, counts, offers)
def test_the_steps_lead_to_what_may_be_sold(
    given_books: list[Books], reserved: int, safety_stock: int, given_offers: list[Offer]
):
    held = [
        msgspec.structs.replace(each, reserved=reserved, safety_stock=safety_stock) for each in given_books
    ]
    levels = [
        Level("MUG", each.location, each.on_hand, each.allocated, reserved, safety_stock)
        for each in held
        if each.sellable
    ]
    may_show = [shown(each, levels) for each in given_offers]
    found = explain(Grounds("MUG", "Mug", held, given_offers), at=NOON)
    assert (found.available, recompute(found)) == (available_to_sell(levels), may_show)
    assert [each.should_show for each in found.listings] == may_show


def shown(offer: Offer, levels: list[Level]) -> int:
    rule = msgspec.structs.replace(offer.rule, locations=offer.places)
    return available_to_sell(levels, rule, units=offer.units, allotted=offer.allotted)


@given(books, offers)
def test_after_each_step_stands_what_the_steps_so_far_lead_to(given_books: list[Books], offers: list[Offer]):
    found = explain(Grounds("MUG", "Mug", given_books, offers), at=NOON)
    ladders = [each.steps for each in found.places] + [each.steps for each in found.listings]
    for steps in [found.steps, *ladders]:
        assert [step.after for step in steps] == [fold(steps[: n + 1]) for n in range(len(steps))]
        assert all(step.name and step.says for step in steps)


def test_a_pack_of_three_with_a_buffer_and_a_cap_is_unfolded_step_by_step():
    own = Rule(buffer=1, cap=5)
    (listing,) = explained(Offer("web", "mug", units=3, own=own, rule=own)).listings
    assert [(step.name, step.number, step.after) for step in listing.steps] == [
        ("available to sell", 9, 9),
        ("units", 3, 3),
        ("whole", 3, 3),
        ("buffer", 1, 2),
        ("floor", 0, 2),
        ("cap", 5, 2),
    ]
    assert not any("rule" in step.says for step in listing.steps)


def test_rules_are_unfolded_step_by_step_and_named_as_rules():
    rule = Rule(buffer_percent=10, minimum=3, cap=4, locations=("main",))
    offer = Offer("web", "mug", own=Rule(cap=9), rule=rule, allotted=Allotted(0, 2), places=("main",))
    (listing,) = explained(offer).listings
    assert [(step.name, step.number, step.after) for step in listing.steps] == [
        ("main", 9, 9),
        ("free", 0, 9),
        ("allotted to others", 2, 7),
        ("units", 1, 7),
        ("buffer", 10, 6),
        ("floor", 0, 6),
        ("minimum", 3, 6),
        ("cap", 4, 4),
    ]
    named = [step.name for step in listing.steps if step.says.endswith("by a rule: hub visibility list")]
    assert named == ["main", "free", "allotted to others", "buffer", "minimum", "cap"]


def test_a_location_that_does_not_serve_the_channel_is_said_not_to_count():
    (listing,) = explained(Offer("web", "mug", places=())).listings
    says = "never below 0; only no location may count, for what serves web: hub location list"
    assert (listing.should_show, listing.steps[0].says) == (0, says)


def test_too_little_for_all_allotments_is_parted_in_their_proportion():
    (listing,) = explained(Offer("web", "mug", allotted=Allotted(4, 8))).listings
    assert [(step.does, step.number, step.after) for step in listing.steps[1:3]] == [
        (Does.MULTIPLY, 4, 36),
        (Does.DIVIDE, 12, 3),
    ]


def test_a_listing_that_counts_other_units_at_its_locations_is_refused():
    found = explained(Offer("web", "mug", rule=Rule(locations=("main",)), places=("main",)))
    (listing,) = found.listings
    other = msgspec.structs.replace(listing, locations=["depot"])
    with pytest.raises(ValueError, match="does not begin with"):
        recompute(msgspec.structs.replace(found, listings=[other]))


def test_a_location_that_keeps_stock_gives_none_of_it():
    found = explained(books=Books("depot", "Depot", False, on_hand=40))
    assert found.places[0].steps[-1] == Step(
        "does not sell", Does.BECOMES, 0, 0, "depot keeps stock and sells none of it"
    )
    assert found.available == 0


def test_what_is_lacking_at_one_location_is_taken_from_another():
    shelf, short = Books("a", "A", True, on_hand=10), Books("b", "B", True, on_hand=-3)
    assert explain(Grounds("MUG", "Mug", [shelf, short]), at=NOON).available == 7


def gift(*books_of_tea: Books, offer: Offer = SENT) -> Explanation:
    """A bundle of one mug, of which nine are free, and two teas."""
    parts = [PartBooks("MUG", "Mug", 1, [MAIN]), PartBooks("TEA", "Tea", 2, books_of_tea)]
    return explain(Grounds("GIFT", "Gift", [], [offer], parts=parts), at=NOON)


def test_a_bundle_is_unfolded_to_its_parts_and_names_the_one_that_limits_it():
    shares = [Share("MUG", 1, 9), Share("TEA", 2, 7, Allotted(0, 3))]
    offer = msgspec.structs.replace(SENT, shares=shares)
    found = gift(Books("main", "Main", True, on_hand=7), offer=offer)
    assert [(each.sku, each.available, each.allows) for each in found.parts] == [("MUG", 9, 9), ("TEA", 7, 3)]
    assert (found.available, found.limited_by, recompute(found)) == (3, "TEA", [2])
    assert "3 other channels have to themselves" in found.listings[0].steps[2].says


def test_parts_that_lie_apart_make_no_bundle():
    found = gift(Books("depot", "Depot", True, on_hand=7))
    assert ([place.counts for place in found.places], found.available) == ([0, 0], 0)


def test_a_bundle_whose_parts_do_not_allow_it_is_refused():
    found = gift(Books("main", "Main", True, on_hand=7))
    other = gift(Books("main", "Main", True, on_hand=2))
    with pytest.raises(ValueError, match="do not allow the 3"):
        recompute(msgspec.structs.replace(found, parts=other.parts))


def test_a_bundle_with_a_part_nobody_has_counted_says_which():
    parts = [PartBooks("MUG", "Mug", 1, [MAIN]), PartBooks("TEA", "Tea", 2, [], counted=False)]
    grounds = Grounds("GIFT", "Gift", [], [Offer("web", "gift")], counted=False, parts=parts)
    (why,) = explain(grounds, at=NOON).listings[0].waits
    assert (why.name, "hub stock adjust TEA main --count N" in why.says) == ("not counted", True)


def test_a_chain_whose_locations_give_something_else_is_refused():
    found = explained()
    forged = msgspec.structs.replace(found, places=[])
    with pytest.raises(ValueError, match="not what is added up"):
        recompute(forged)


def test_a_listing_that_begins_with_another_number_is_refused():
    found = explained(SENT)
    other = explained(SENT, books=Books("main", "Main", True, on_hand=5))
    with pytest.raises(ValueError, match="does not begin with"):
        recompute(msgspec.structs.replace(found, listings=other.listings))


def test_a_level_is_its_listed_movements_and_the_earlier_ones():
    moved = [Moved(NOON, "receipt", "main", 5, 0, "receipt", "1", "test", "opening")]
    (main,) = explain(Grounds("MUG", "Mug", [MAIN], movements=moved), at=NOON).places
    assert main.earlier_on_hand + 5 == MAIN.moved_on_hand


def test_a_level_that_is_not_its_movements_says_so():
    tampered = msgspec.structs.replace(MAIN, on_hand=13)
    (main,) = explained(books=tampered).places
    assert not main.agrees_with_ledger
    assert "these add up to 12: run hub check" in main.steps[0].says


def test_a_sku_nobody_has_counted_says_how_to_count_it():
    grounds = Grounds("MUG", "Mug", [], [Offer("web", "mug")], counted=False)
    (why,) = explain(grounds, at=NOON).listings[0].waits
    assert why.name == "not counted"
    assert why.says.endswith("hub stock adjust MUG main --count N --reason 'opening stock'")


def test_what_was_sent_and_what_is_confirmed_have_their_age():
    offer = msgspec.structs.replace(
        SENT, confirmed_version=2, confirmed_quantity=11, confirmed_at=NOON - timedelta(hours=2)
    )
    (listing,) = explained(offer).listings
    assert listing.sent is not None
    assert listing.confirmed is not None
    assert (listing.sent.version, listing.sent.quantity, listing.sent.age_s) == (3, 9, 240)
    assert (listing.confirmed.version, listing.confirmed.quantity, listing.confirmed.age_s) == (2, 11, 7200)


def test_a_number_that_is_suspended_is_not_said_to_be_sent():
    held = msgspec.structs.replace(SENT, suspended=True, confirmed_version=2, confirmed_at=NOON)
    assert explained(held).listings[0].sent is None


@pytest.mark.parametrize(
    ("change", "names"),
    [
        ({"confirmed_version": 3, "confirmed_quantity": 9}, []),
        ({"confirmed_version": 3, "confirmed_quantity": 8}, ["differs"]),
        ({}, ["answer awaited"]),
        ({"version": 4}, ["to be sent"]),
        ({"version": 4, "channel_state": "paused"}, ["channel paused", "to be sent"]),
        ({"version": 4, "reopened_at": NOON}, ["catching up", "to be sent"]),
        ({"version": 4, "account_state": "needs login"}, ["needs login", "to be sent"]),
        ({"version": 4, "account_state": "paused"}, ["account paused", "to be sent"]),
        ({"version": 4, "paused_until": NOON + timedelta(seconds=1)}, ["backing off", "to be sent"]),
        ({"version": 4, "paused_until": NOON}, ["to be sent"]),
        ({"outcome": "rejected", "next_try_at": NOON}, ["rejected"]),
        ({"outcome": "unknown", "next_try_at": NOON}, ["unknown"]),
        ({"version": 0, "sent_version": 0}, ["not published"]),
        ({"matched": False}, ["unmatched"]),
    ],
)
def test_what_keeps_a_number_from_its_channel_has_a_name(change: dict[str, object], names: list[str]):
    assert waits(msgspec.structs.replace(SENT, **change)) == names


def test_a_refusal_says_what_the_channel_said_and_when_it_is_tried_again():
    offer = msgspec.structs.replace(SENT, outcome="rejected", problem="no such item", next_try_at=NOON)
    (why,) = explained(offer).listings[0].waits
    assert why.says == (
        "web refused the last number (no such item): correct the listing there; "
        "tried again at 2026-11-23 12:00:00 UTC"
    )


def test_words_of_a_channel_are_never_read_as_a_template():
    offer = msgspec.structs.replace(SENT, outcome="rejected", problem="{o.problem} {0}", next_try_at=NOON)
    assert "({o.problem} {0})" in explained(offer).listings[0].waits[0].says


def test_an_unmatched_listing_shows_nothing_and_says_how_to_match_it():
    (listing,) = explained(Offer("web", "mug", "MUG", matched=False)).listings
    assert (listing.should_show, listing.steps) == (None, [])
    assert "hub listing match web mug MUG" in listing.waits[0].says


def test_a_step_that_goes_down_is_written_with_a_minus_whatever_it_does() -> None:
    rungs = [
        ("on hand", Does.ADD, -14, ""),
        ("allocated", Does.SUBTRACT, 2, ""),
        ("floor", Does.AT_LEAST, 0, ""),
    ]
    signs = [written(each) for each in ladder([*rungs, ("undone", Does.SUBTRACT, -3, "")])]
    assert signs == [("−", 14), ("−", 2), ("→", 0), ("+", 3)]

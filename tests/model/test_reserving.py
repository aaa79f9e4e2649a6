"""A draft has what it asks for, as far as it goes; its own units stay its own, and no unit is reserved twice."""

from collections.abc import Mapping
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from hub.kit.ids import uuid7
from hub.model.stock.allocation import Move, Plan
from hub.model.stock.backorders import Ahead, Terms
from hub.model.stock.levels import Level
from hub.model.stock.locations import Location
from hub.model.stock.policies import Policy, Strategy
from hub.model.stock.reserving import (
    Ask,
    Basket,
    Kept,
    Reserving,
    given_back,
    left_over,
    plan_reservations,
)
from hub.model.stock.sourcing import Sourcing

UNTIL = datetime(2026, 11, 23, 12, 15, tzinfo=UTC)
PLACES = [Location("main", "Main", 1), Location("shop", "Shop", 2)]
COUNTS = st.dictionaries(st.sampled_from(["main", "shop"]), st.integers(1, 9))
ASKS = st.lists(st.integers(0, 9), max_size=3)


def kept(units: Mapping[str, int], draft_id: str = "d") -> list[Kept]:
    return [Kept(draft_id, "MUG", code, count) for code, count in units.items()]


def basket(*quantities: int, draft_id: str = "d", place: str | None = None) -> Basket:
    return Basket(draft_id, [Ask({"MUG": 1}, each) for each in quantities], UNTIL, place)


def plan(*baskets: Basket, has: list[Kept], on_hand: Mapping[str, int]) -> Reserving:
    own = {code: sum(each.units for each in has if each.location == code) for code in on_hand}
    levels = [Level("MUG", code, count, reserved=own[code]) for code, count in on_hand.items()]
    return plan_reservations(baskets, has, levels, PLACES, uuid7)


@given(COUNTS, COUNTS, ASKS, st.sampled_from([None, "main", "shop"]))
def test_a_draft_has_what_it_asks_for_as_far_as_it_goes(
    own: Mapping[str, int], free: Mapping[str, int], asked: list[int], place: str | None
):
    on_hand = {code: own.get(code, 0) + free.get(code, 0) for code in {**own, **free}}
    after = plan(basket(*asked, place=place), has=kept(own), on_hand=on_hand)
    there = sum(count for code, count in on_hand.items() if place in {None, code})
    assert sum(after.units.values()) == min(sum(asked), there)
    assert sum(after.short.values()) == sum(asked) - min(sum(asked), there)
    assert all(units <= on_hand[location] for (_, _, location), units in after.units.items())


@given(COUNTS, ASKS, ASKS)
def test_what_one_draft_gets_another_of_the_same_batch_does_not(
    on_hand: Mapping[str, int], one: list[int], two: list[int]
):
    after = plan(basket(*one), basket(*two, draft_id="e"), has=[], on_hand=on_hand)
    assert sum(after.units.values()) == min(sum(on_hand.values()), sum(one) + sum(two))


def test_no_draft_of_a_batch_gets_what_another_one_has():
    after = plan(basket(9), basket(2, draft_id="e"), has=kept({"main": 2}, "e"), on_hand={"main": 5})
    assert after.units == {("d", "MUG", "main"): 3, ("e", "MUG", "main"): 2}
    assert after.short == {("d", 0): 6}


def test_a_bundle_is_reserved_whole_or_not_at_all():
    bundle = Basket("d", [Ask({"MUG": 2, "TEA": 1}, 2)], UNTIL)
    levels = [Level("MUG", "main", 3), Level("TEA", "main", 9), Level("MUG", "shop", 9)]
    after = plan_reservations([bundle], [], levels, PLACES, uuid7)
    assert after == Reserving({("d", "MUG", "main"): 2, ("d", "TEA", "main"): 1}, {("d", 0): 1})


def test_units_where_a_draft_may_not_take_them_are_given_back():
    after = plan(basket(2, place="shop"), has=kept({"main": 2}), on_hand={"main": 2})
    assert after == Reserving({("d", "MUG", "main"): 0}, {("d", 0): 2})


def test_what_may_be_sold_ahead_is_late_and_not_short():
    ahead = {"MUG": Ahead(Terms(limit=3))}
    asked = Basket("d", [Ask({"MUG": 1}, 7, "MUG")], UNTIL)
    after = plan_reservations([asked], [], [Level("MUG", "main", 2)], PLACES, uuid7, ahead)
    assert (after.short, after.late[("d", 0)].units) == ({("d", 0): 2}, 3)


def test_a_short_line_keeps_no_other_from_being_reserved_where_orders_go_whole():
    whole = Sourcing(Policy(keep_whole=True))
    asked = Basket("d", [Ask({"MUG": 1}, 2), Ask({"TEA": 1}, 1)], UNTIL, how=whole)
    after = plan_reservations([asked], [], [Level("MUG", "main", 2)], PLACES, uuid7)
    assert after == Reserving({("d", "MUG", "main"): 2}, {("d", 1): 1}, {})


def test_a_draft_reserves_where_its_order_may_come_from():
    nearest = Sourcing(Policy(strategies=(Strategy.MOST_STOCK,)))
    asked = Basket("d", [Ask({"MUG": 1}, 2)], UNTIL, how=nearest)
    levels = [Level("MUG", "main", 2), Level("MUG", "shop", 9)]
    after = plan_reservations([asked], [], levels, PLACES, uuid7)
    assert after.units == {("d", "MUG", "shop"): 2}


def test_given_back_units_are_free_again_and_only_where_they_were():
    levels = [Level("MUG", "main", 5, reserved=3), Level("MUG", "shop", 5, reserved=3)]
    assert [level.free for level in given_back(levels, kept({"shop": 2}))] == [2, 4]


def test_what_was_reserved_and_is_not_promised_now_is_left_over():
    promised = Plan([Move("allocation", uuid7(), {"MUG": 1}, "main", 0, 2)], {}, set())
    assert left_over(kept({"main": 2}), promised) == set()
    assert left_over(kept({"main": 2, "shop": 1}), promised) == {"MUG"}

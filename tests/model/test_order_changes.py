"""One table says what each change of an order does to stock, money and work, before picking, being picked, shipped."""

from decimal import Decimal
from itertools import product

import pytest

from hub.model.incoming import Address, IncomingOrder, Payment, Person
from hub.model.orders.changes import (
    RULES,
    Effect,
    Kind,
    Money,
    OrderChange,
    Progress,
    Stage,
    Stock,
    Todo,
    Work,
    changes_between,
    less,
    work_of,
)
from tests.builders import line, order

MORE = {Kind.LINE_ADDED, Kind.MORE}
FEWER = {Kind.LINE_REMOVED, Kind.FEWER}


def test_every_change_has_its_rule_at_every_stage():
    assert set(RULES) == set(product(Kind, Stage))


@pytest.mark.parametrize("kind", Kind)
def test_what_has_left_moves_no_stock_and_is_called_back_at_most(kind: Kind):
    effect = RULES[kind, Stage.SHIPPED]
    promises = {Stock.PROMISE} if kind in MORE else {Stock.STAYS}
    assert effect.stock in promises
    assert effect.work in {Work.NOTHING, Work.CALL_BACK, Work.SEND_MORE}


@pytest.mark.parametrize(
    ("kinds", "stock", "money", "work"),
    [
        (MORE, Stock.PROMISE, Money.TOTALS, Work.PICK_MORE),
        (FEWER, Stock.RELEASE, Money.TOTALS, Work.PUT_BACK),
        ({Kind.CANCEL}, Stock.RELEASE, Money.STAYS, Work.PUT_BACK),
        ({Kind.REOPEN}, Stock.PROMISE, Money.STAYS, Work.NOTHING),
        ({Kind.PRICE}, Stock.STAYS, Money.TOTALS, Work.NOTHING),
        ({Kind.ADDRESS}, Stock.STAYS, Money.STAYS, Work.RELABEL),
        ({Kind.SHIPPING}, Stock.STAYS, Money.TOTALS, Work.RELABEL),
        ({Kind.PAYMENT}, Stock.STAYS, Money.STAYS, Work.NOTHING),
        ({Kind.REFUND}, Stock.STAYS, Money.BACK, Work.NOTHING),
    ],
)
def test_before_picking_only_the_books_follow_and_in_hand_somebody_has_work(
    kinds: set[Kind], stock: Stock, money: Money, work: Work
):
    for kind in kinds:
        assert RULES[kind, Stage.BEFORE] == Effect(stock, money)
        assert RULES[kind, Stage.PICKING] == Effect(stock, money, work)


@pytest.mark.parametrize(
    ("units", "in_hand"),
    [(2, Progress()), (3, Progress(1)), (6, Progress(4)), (7, Progress(4, 1)), (9, Progress(4, 3))],
)
def test_what_nobody_has_touched_goes_first_then_what_is_picked_then_what_has_left(
    units: int, in_hand: Progress
):
    assert less(units, 9, Progress(picking=4, shipped=3)) == in_hand


def between(before: IncomingOrder, after: IncomingOrder, *, canceled: bool = False) -> list[OrderChange]:
    return changes_between(before, after, was_canceled=False, is_canceled=canceled)


def test_every_difference_of_two_versions_is_named_with_what_it_was_and_is():
    before = order("1", line("MUG", 2), line("TEA", 1), payment=Payment.PENDING, shipping_method="Parcel")
    after = order(
        "1",
        line("MUG", 3, unit_price=Decimal(9)),
        line("CUP", 1),
        person=Person(shipping=Address(city="Berlin")),
        shipping_method="Courier",
    )
    found = [(each.kind, each.name, each.before, each.after) for each in between(before, after)]
    assert found == [
        (Kind.LINE_REMOVED, "TEA", 1, 0),
        (Kind.MORE, "MUG", 2, 3),
        (Kind.PRICE, "MUG", "9.99", "9"),
        (Kind.LINE_ADDED, "CUP", 0, 1),
        (Kind.ADDRESS, "", None, None),
        (Kind.SHIPPING, "", ["Parcel", "0"], ["Courier", "0"]),
        (Kind.PAYMENT, "", "pending", "paid"),
    ]


def test_of_a_cancel_the_lines_say_nothing_more_and_the_same_again_says_nothing():
    before, after = order("1", line("MUG", 2)), order("1", line("MUG", 2, canceled=2))
    assert [each.kind for each in between(before, after, canceled=True)] == [Kind.CANCEL]
    assert between(before, before) == []


def test_the_work_names_the_units_that_are_in_hand():
    lines = {"MUG": Progress(picking=2, shipped=1), "TEA": Progress()}
    fewer = OrderChange(Kind.FEWER, "MUG", "MUG", 3, 0)
    assert work_of([fewer], lines) == [Todo(Work.PUT_BACK, "MUG", 2), Todo(Work.CALL_BACK, "MUG", 1)]
    assert work_of([OrderChange(Kind.CANCEL)], lines) == work_of([fewer], lines)
    assert work_of([OrderChange(Kind.MORE, "TEA", "TEA", 1, 3)], lines) == [Todo(Work.PICK_MORE, "TEA", 2)]
    assert work_of([OrderChange(Kind.ADDRESS)], lines) == [Todo(Work.RELABEL)]
    assert work_of([OrderChange(Kind.ADDRESS)], {"MUG": Progress()}) == []

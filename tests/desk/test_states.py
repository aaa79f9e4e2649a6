"""The words of an order follow from its numbers alone: the first rule that holds names the state."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.model.orders.states import Counts, Fulfillment, add_up, count_line, fulfillment_of, waits_for

counts = st.builds(
    count_line,
    ordered=st.integers(0, 5),
    canceled=st.integers(0, 5),
    allocated=st.integers(0, 5),
    shipped=st.integers(0, 5),
    returned=st.integers(0, 5),
)


def line(
    ordered: int = 3, canceled: int = 0, allocated: int = 0, shipped: int = 0, returned: int = 0
) -> Counts:
    return count_line(
        ordered=ordered, canceled=canceled, allocated=allocated, shipped=shipped, returned=returned
    )


@pytest.mark.parametrize(
    ("numbers", "state"),
    [
        (line(0), Fulfillment.NOTHING),
        (line(3), Fulfillment.OPEN),
        (line(3, allocated=1), Fulfillment.PARTLY_ALLOCATED),
        (line(3, allocated=3), Fulfillment.ALLOCATED),
        (line(3, canceled=1, allocated=2), Fulfillment.ALLOCATED),
        (line(3, canceled=3), Fulfillment.CANCELED),
        (line(3, shipped=1, allocated=2), Fulfillment.PARTLY_SHIPPED),
        (line(3, shipped=3), Fulfillment.SHIPPED),
        (line(3, canceled=1, shipped=2), Fulfillment.SHIPPED),
        (line(3, shipped=3, returned=1), Fulfillment.PARTLY_RETURNED),
        (line(3, shipped=3, returned=3), Fulfillment.RETURNED),
    ],
)
def test_numbers_name_one_state(numbers: Counts, state: Fulfillment):
    assert fulfillment_of(numbers) is state


def test_a_surplus_on_one_line_never_hides_a_lack_on_another():
    assert add_up([line(1, allocated=3), line(2)]).short == 2


@given(st.lists(counts, max_size=4))
def test_an_order_is_short_exactly_where_a_line_is(lines: list[Counts]):
    assert (add_up(lines).short > 0) is any(each.short for each in lines)


def test_an_allocated_order_waits_for_its_parcel_only():
    assert [wait.need for wait in waits_for(line(2, allocated=2), [], canceled=False)] == ["shipment"]


def test_a_short_order_waits_for_stock_and_says_how_much():
    assert [(wait.reason, wait.units) for wait in waits_for(line(3, allocated=1), [], canceled=False)] == [
        ("short", 2)
    ]


def test_a_hold_is_named_with_what_ends_it():
    assert [wait.need for wait in waits_for(line(1), ["payment"], canceled=False)] == ["the payment"]


@pytest.mark.parametrize("numbers", [line(2, shipped=2), line(2, canceled=2)])
def test_a_finished_order_waits_for_nothing(numbers: Counts):
    assert waits_for(numbers, [], canceled=False) == []

"""What was found is held against the books of that moment; riskier SKUs come first, each factor in its measure."""

from datetime import timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.kit.ids import uuid7
from hub.model.errors import InputError
from hub.model.stock.counts import Entry, Line, Risk, entered, read_units, refuse_undecided
from tests.builders import NOON

LATER = NOON + timedelta(minutes=5)


def said(units: int, *, adds: bool = False) -> Entry:
    return Entry(UUID(int=units % 97), "MUG", units, adds, "ada")


@pytest.mark.parametrize(
    ("written", "means"),
    [
        ("", (1, True)),
        ("12", (12, False)),
        ("+3", (3, True)),
        ("-2", (-2, True)),
        ("−2", (-2, True)),
        ("0", (0, False)),
    ],
)
def test_a_number_is_all_of_them_a_sign_is_more_or_less_and_nothing_is_one_more(
    written: str, means: tuple[int, bool]
):
    assert read_units(written) == means


@pytest.mark.parametrize("written", ["x", "1.5", "--1", "+-1", "1 2", "99999999999", "\uff14"])
def test_what_is_no_number_is_refused(written: str):
    with pytest.raises(InputError, match="is no number of units"):
        read_units(written)


def test_scans_add_up_and_the_books_are_those_of_the_last_one():
    line = entered(Line("MUG"), [said(1, adds=True), said(1, adds=True)], on_hand=10, at=NOON)
    line = entered(line, [said(5, adds=True)], on_hand=9, at=LATER)
    assert (line.counted, line.expected, line.difference) == (7, 9, -2)
    assert (line.first_at, line.counted_at, line.counted_by) == (NOON, LATER, "ada")


def test_a_number_in_all_begins_anew_and_takes_back_what_was_decided():
    line = Line("MUG", 7, 9, NOON, NOON, "bob", "stolen")
    assert entered(line, [said(9)], on_hand=9, at=LATER) == Line("MUG", 9, 9, LATER, LATER, "ada")


@given(st.lists(st.tuples(st.integers(0, 50), st.booleans()), min_size=1))
def test_entries_at_once_are_as_entries_one_after_the_other(entries: list[tuple[int, bool]]):
    told = [Entry(uuid7(), "MUG", units, adds) for units, adds in entries]
    one_by_one = Line("MUG")
    for entry in told:
        one_by_one = entered(one_by_one, [entry], on_hand=5, at=NOON)
    assert entered(Line("MUG"), told, on_hand=5, at=NOON) == one_by_one


@pytest.mark.parametrize("entry", [said(-1, adds=True), said(1_000_001)])
def test_nobody_finds_fewer_than_none_or_more_than_there_can_be(entry: Entry):
    with pytest.raises(InputError, match="of MUG cannot lie anywhere"):
        entered(Line("MUG"), [entry], on_hand=5, at=NOON)


def test_differences_without_a_reason_are_named():
    fine = [Line("TEA", 3, 3, NOON, NOON), Line("CUP", 1, 2, NOON, NOON, "", "broken"), Line("LAMP")]
    refuse_undecided(7, fine)
    with pytest.raises(InputError, match=r"1 difference of count sheet 7 has no reason yet \(MUG -2\)"):
        refuse_undecided(7, [*fine, Line("MUG", 1, 3, NOON, NOON)])


@given(st.lists(st.integers(0, 10_000), min_size=4, max_size=4), st.integers(0, 3))
def test_more_of_any_factor_is_more_risk(factors: list[int], which: int):
    def risk(value: int, moved: int, days: int, differed: int) -> float:
        return Risk(Decimal(value), moved, days, differed).score

    more = [factor * 2 + 2 if place == which else factor for place, factor in enumerate(factors)]
    assert risk(*more) > risk(*factors)


def test_a_price_below_zero_makes_nothing_less_risky():
    assert Risk(Decimal(-5), 0, 0, 0).score == 0

"""What moved since somebody looked is refused with both values; what they did not see, or did not move, is not."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from hub.model.edits.editing import Edited
from hub.model.edits.owners import Owned
from hub.model.edits.seen import both_in_words, refuse_stale, shown_fields
from hub.model.errors import InputError, StaleError
from hub.model.incoming import Address, Person
from tests.builders import line, order


def edited(units: int, *, city: str = "", remark: str = "") -> Edited:
    person = Person(name="Ada L", shipping=Address(city=city) if city else None)
    return Edited(order("1", line("MUG", units), person=person), remark=remark)


@given(
    st.integers(1, 3),
    st.integers(1, 3),
    st.sampled_from(["", "Berlin", "Paris"]),
    st.sampled_from(["", "Paris"]),
)
def test_an_edit_is_refused_exactly_where_a_field_that_was_seen_has_moved(
    was: int, now: int, there: str, here: str
):
    then = shown_fields(edited(was, city=there))
    moved = {name for name, value in shown_fields(edited(now, city=here)).items() if value != then[name]}
    refused: set[str] = set()
    try:
        refuse_stale(edited(now, city=here), then)
    except StaleError as error:
        refused = {*error.changed}
    assert refused == moved


@pytest.mark.parametrize(
    "seen",
    [
        {},
        {"line/MUG": {"quantity": 3}},
        {"line/MUG": {"unit_price": "9.990"}, "address": {"city": "", "street": ""}},
        {"remark": "", "priority": 100},
    ],
)
def test_what_was_not_shown_may_move_and_a_price_is_the_same_however_it_is_written(seen: dict[str, Any]):
    refuse_stale(edited(3), seen)


def test_the_sentence_names_the_fields_and_the_values_stand_beside_it():
    with pytest.raises(StaleError, match="A MUG, the address changed since you looked") as refused:
        refuse_stale(
            edited(5, city="Berlin"), {"line/MUG": {"quantity": 3, "title": "A MUG"}, "address": None}
        )
    assert list(both_in_words(refused.value)) == ["quantity: 3, now 5", "nothing, now Berlin"]
    assert "Berlin" not in str(refused.value)


@pytest.mark.parametrize("was", [{"line/MUG": {"unit_price": "sNaN"}}, {"remark": []}, {"remark": [{}]}])
def test_whatever_somebody_says_they_saw_is_compared_and_put_in_words(was: dict[str, Any]):
    with pytest.raises(StaleError) as refused:
        refuse_stale(edited(3), was)
    assert len(list(both_in_words(refused.value))) == 1


def test_the_channels_word_in_a_conflict_moves_too():
    asks = replace(edited(3), owners={"remark": Owned('"ours"', '"newer"', asks=True)})
    with pytest.raises(StaleError):
        refuse_stale(asks, {"theirs/remark": "older"})
    with pytest.raises(InputError, match="no field 'house'"):
        refuse_stale(asks, {"house": None})

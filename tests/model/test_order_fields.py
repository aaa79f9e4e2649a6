"""A value of a field of the retailer's own has one form of its kind, or is refused with what belongs there."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.model.errors import InputError
from hub.model.orders.fields import Field, Kind, filled, known_values, refuse_bad, sound

PO = Field("po_number", "PO number", required=True)
TIER = Field("tier", "Tier", Kind.CHOICE, ("gold", "blue"))
WEIGHT = Field("weight", "Weight", Kind.NUMBER)
WISHED = Field("wished", "Wished for", Kind.DATE)
FIELDS = [PO, TIER, WEIGHT, WISHED]


@given(
    st.sampled_from(FIELDS),
    st.text(max_size=20) | st.decimals(allow_nan=False).map(str) | st.dates().map(str),
)
def test_a_value_that_is_sound_stays_as_it_is(field: Field, value: str):
    once = known_values([field], {field.key: value})
    assert known_values([field], once) == once


@pytest.mark.parametrize("written", ["12.5", "12,50", " 12.500 ", "0012.5", "125e-1"])
def test_the_same_number_is_written_alike(written: str):
    assert sound(WEIGHT, written) == "12.5"


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"tier": "red"}, "tier"),
        ({"weight": "heavy"}, "weight"),
        ({"weight": "1e15"}, "weight"),
        ({"wished": "24.12.2026"}, "wished"),
        ({"po_number": "a\0b"}, "po_number"),
        ({"house": "1"}, "house"),
        ({"tier": "gold"}, "po_number"),
        ({"po_number": None}, "po_number"),
    ],
)
def test_what_does_not_fit_or_is_lacking_is_named(values: dict[str, str | None], field: str):
    with pytest.raises(InputError) as refused:
        filled(FIELDS, {}, values)
    assert refused.value.field == field


def test_a_field_is_emptied_and_what_a_channel_tells_is_never_refused():
    assert filled(FIELDS, {"po_number": "7", "tier": "gold"}, {"tier": None}) == {"po_number": "7"}
    assert known_values(FIELDS, {"tier": "red", "weight": "1,0", "house": "1"}) == {"weight": "1"}


@pytest.mark.parametrize(
    "field",
    [
        Field("PO", "PO"),
        Field("po", ""),
        Field("tier", "Tier", Kind.CHOICE),
        Field("tier", "Tier", choices=("gold",)),
        Field("tier", "Tier", Kind.CHOICE, ("gold", "gold")),
        Field("tier", "Tier", Kind.CHOICE, ("",)),
    ],
)
def test_a_field_that_cannot_be_is_refused(field: Field):
    with pytest.raises(InputError):
        refuse_bad(field)

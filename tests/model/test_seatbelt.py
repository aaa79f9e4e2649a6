"""A change is drastic where it goes to none or leaps, and orders do not say why; few of them never wait."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.model.errors import InputError
from hub.model.sync.seatbelt import Change, Limits, is_drastic, may_be_drastic, must_wait, refuse_bad

USUAL = Limits()
NUMBERS = st.integers(0, 5000)


@pytest.mark.parametrize(
    ("change", "drastic"),
    [
        (Change(10, 0), True),
        (Change(10, 0, sold=10), False),
        (Change(10, 0, sold=9), True),
        (Change(10, 1), False),
        (Change(1000, 100), True),
        (Change(10, 100), True),
        (Change(1, 12), False),
        (Change(0, 5000), False),
        (Change(None, 0), True),
        (Change(None, 500), False),
        (Change(0, 0), False),
    ],
)
def test_what_is_drastic(change: Change, *, drastic: bool):
    assert is_drastic(change, USUAL) is drastic


@given(shown=NUMBERS, would=NUMBERS, sold=NUMBERS, factor=st.integers(2, 1000))
def test_what_cannot_be_drastic_never_is(shown: int, would: int, sold: int, factor: int):
    if is_drastic(Change(shown, would, sold), Limits(factor=factor)):
        assert may_be_drastic(shown, would)


@pytest.mark.parametrize(
    ("drastic", "of", "waits"),
    [(9, 9, False), (10, 10, True), (10, 50, False), (11, 50, True), (499, 9000, False), (500, 9000, True)],
)
def test_few_never_wait_and_more_than_the_share_do(drastic: int, of: int, *, waits: bool):
    assert must_wait(USUAL, drastic=drastic, of=of) is waits


@pytest.mark.parametrize("field", Limits.__struct_fields__)
def test_a_limit_that_cannot_be_is_refused_by_its_name(field: str):
    with pytest.raises(InputError) as refused:
        refuse_bad(Limits(**{field: 0}))
    assert refused.value.field == field

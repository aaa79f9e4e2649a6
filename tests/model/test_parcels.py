"""Every pair of states of a parcel: what the table does not list is refused."""

import itertools

import pytest

from hub.model.errors import InputError, WrongStateError
from hub.model.orders.parcels import ParcelState, after, read_state

SHIPPED, DELIVERED, LOST, SENT_BACK = ParcelState
ALLOWED = {
    (SHIPPED, DELIVERED),
    (SHIPPED, LOST),
    (SHIPPED, SENT_BACK),
    (LOST, DELIVERED),
    (LOST, SENT_BACK),
}


@pytest.mark.parametrize(("state", "told"), [*itertools.product(ParcelState, repeat=2)])
def test_a_parcel_goes_where_the_table_says_and_nowhere_else(state: ParcelState, told: ParcelState):
    if state == told or (state, told) in ALLOWED:
        assert after(state, told) == told
    else:
        with pytest.raises(WrongStateError, match="can follow"):
            after(state, told)


def test_c47_a_word_nobody_knows_is_no_failure_of_the_parcel():
    assert read_state(" Delivered ") == DELIVERED
    with pytest.raises(InputError, match="no state of a parcel"):
        read_state("in transit (EXC-7)")

"""An order at the counter is made ready, collected or given back: one table of states says what can follow."""

from datetime import timedelta
from itertools import product
from uuid import UUID

import pytest
from msgspec.structs import replace

from hub.model.errors import InputError, WrongStateError
from hub.model.fulfillment.pickup import NEXT, HandOver, Kept, Ready, State, after, place_of
from hub.model.incoming import Pickup
from hub.model.orders.taking import HeldLine
from tests.builders import NOON

SOMEBODY = UUID(int=1)
KEPT = Kept(SOMEBODY, "shop", State.READY, NOON + timedelta(days=7), "0417")
WANTED = Ready(1001, "0417", NOON)


def line(**picks: int) -> HeldLine:
    units = sum(picks.values())
    return HeldLine(SOMEBODY, "1", "MUG", 1, "item", 3, 0, units, 0, 0, 0, {"MUG": 1}, picks)


@pytest.mark.parametrize(("state", "told"), list(product(State, State)))
def test_every_pair_that_the_table_does_not_list_is_refused(state: State, told: State):
    if told == state or told in NEXT[state]:
        assert after(1001, state, told) is told
        return
    with pytest.raises(WrongStateError, match="can follow"):
        after(1001, state, told)


def test_it_waits_where_its_goods_lie():
    assert place_of(WANTED, Pickup(), [line(shop=2)], []) == "shop"
    assert place_of(replace(WANTED, location="main"), Pickup(), [line(shop=2, main=1)], []) == "main"


@pytest.mark.parametrize(
    ("pickup", "lines", "holds", "why"),
    [
        (None, [line(shop=1)], [], "is sent, not collected"),
        (Pickup(), [line(shop=1, main=1)], [], "lies at main, shop"),
        (Pickup(), [line()], [], "nothing of order 1001 is promised"),
        (Pickup(), [line(shop=1)], ["payment"], "is held"),
    ],
)
def test_what_cannot_wait_there_is_refused(
    pickup: Pickup | None, lines: list[HeldLine], holds: list[str], why: str
):
    with pytest.raises((InputError, WrongStateError), match=why):
        place_of(WANTED, pickup, lines, holds)


def test_the_code_is_compared_where_it_is_given():
    assert KEPT.checked(HandOver(SOMEBODY, 1001, code=" 0417 ")).location == "shop"
    assert KEPT.checked(HandOver(SOMEBODY, 1001)).collected
    for wrong in (HandOver(SOMEBODY, 1001, code="0418"), HandOver(SOMEBODY, 1001, by="A\nB")):
        with pytest.raises(InputError):
            KEPT.checked(wrong)

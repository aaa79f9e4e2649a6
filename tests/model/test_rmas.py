"""An RMA goes through its table of states and nothing else; what it may ask for is what is out."""

from itertools import product
from uuid import UUID

import pytest

from hub.model.errors import InputError, NotFoundError, WrongStateError
from hub.model.orders.returns import ShippedLine
from hub.model.orders.rmas import (
    NEXT,
    OPEN,
    Arrival,
    Asked,
    Request,
    Rma,
    RmaLine,
    State,
    Step,
    Wish,
    after,
    refuse_bad_request,
    refuse_unexpected,
)

ORDER, MUG, TEA, FEE, OTHER = (UUID(int=number) for number in range(5))
LINES = {
    MUG: ShippedLine(MUG, ORDER, "MUG", "item", 3, 1, {"MUG": 1}),
    TEA: ShippedLine(TEA, ORDER, "TEA", "item", 3, 0, {"TEA": 1}),
    FEE: ShippedLine(FEE, ORDER, "FEE", "fee", 1, 0, {}),
    OTHER: ShippedLine(OTHER, OTHER, "MUG", "item", 3, 0, {"MUG": 1}),
}
ENDS = {State.DECLINED, State.CANCELED}


@pytest.mark.parametrize(("state", "step"), list(product(State, Step)))
def test_every_pair_of_the_table_is_allowed_and_every_other_is_refused(state: State, step: Step):
    if (state, step) in NEXT:
        assert after(1001, state, step) is NEXT[state, step]
        return
    with pytest.raises(WrongStateError, match=f"RMA 1001 is {state}"):
        after(1001, state, step)


def test_every_state_is_reached_and_left_but_for_the_ends():
    assert {*NEXT.values()} | {State.REQUESTED} == {*State}
    assert {was for was, _ in NEXT} == {*State} - ENDS == OPEN | {State.SETTLED}


def test_goods_that_arrived_are_never_called_off():
    assert [was for was, step in NEXT if step is Step.CANCEL] == [State.REQUESTED, State.APPROVED]


@pytest.mark.parametrize(
    "lines",
    [
        [],
        [Asked(MUG, 3)],
        [Asked(MUG, 0)],
        [Asked(TEA, 2)],
        [Asked(FEE, 1)],
        [Asked(MUG, 1), Asked(MUG, 1)],
        [Asked(MUG, 1), Asked(OTHER, 1)],
        [Asked(UUID(int=9), 1)],
        [Asked(MUG, 1, reason="x" * 501)],
    ],
)
def test_what_cannot_come_back_is_not_asked_for(lines: list[Asked]):
    """One mug is back already, and two of the tea are expected by another RMA."""
    refuse_bad_request(Request(ORDER, [Asked(MUG, 2, Wish.EXCHANGE), Asked(TEA, 1)]), LINES, {TEA: 2})
    with pytest.raises((InputError, NotFoundError)):
        refuse_bad_request(Request(ORDER, lines), LINES, {TEA: 2})


def test_no_more_arrives_than_was_asked_for():
    line = RmaLine(UUID(int=7), MUG, "MUG", 3, Wish.REFUND, "chipped", received=1)
    held = {1001: Rma(UUID(int=8), 1001, ORDER, 1042, State.APPROVED, [line])}
    one = Arrival(UUID(int=9), 1001, MUG, 1)
    assert one.comeback(held[1001]).reason == "chipped"
    refuse_unexpected([one, one], held)
    for wrong in ([one] * 3, [Arrival(UUID(int=9), 1001, TEA, 1)]):
        with pytest.raises(InputError):
            refuse_unexpected(wrong, held)

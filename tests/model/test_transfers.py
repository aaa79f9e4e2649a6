"""A transfer goes from draft to sent to received; what comes of it is parted so that every sent unit has its end."""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.model.errors import InputError, WrongStateError
from hub.model.stock.transfers import DONE_ALREADY, NEXT, Arrival, Line, State, Step, arrive, step

counts = st.integers(0, 50)


@st.composite
def sent_lines(draw: st.DrawFn) -> list[Line]:
    lines = []
    for sku in ("MUG", "TEA"):
        received, lost, left = draw(counts), draw(counts), draw(counts)
        sent = received + lost + left
        lines.append(Line(sku, max(1, sent), sent, received, lost, draw(counts)))
    return lines


@pytest.mark.parametrize(("state", "what"), [*product(State, Step)])
def test_every_step_that_no_table_lists_is_refused(state: State, what: Step):
    if (state, what) in NEXT | dict.fromkeys(DONE_ALREADY):
        assert step(7, state, what) is NEXT.get((state, what), state)
    else:
        with pytest.raises(WrongStateError, match=f"transfer 7 is {state}"):
            step(7, state, what)


@given(lines=sent_lines(), came=st.dictionaries(st.sampled_from(["MUG", "TEA"]), counts), close=st.booleans())
def test_no_more_is_received_and_lost_than_is_in_transit(
    *, lines: list[Line], came: dict[str, int], close: bool
):
    if not any(came.values()) and not (close and any(line.in_transit for line in lines)):
        with pytest.raises(InputError, match="nothing has come"):
            arrive(lines, came, close=close)
        return
    arrivals = {each.sku: each for each in arrive(lines, came, close=close)}
    for line in lines:
        each = arrivals.get(line.sku, Arrival(line.sku))
        left = line.in_transit - each.received - each.lost
        assert each.received + each.found == came.get(line.sku, 0)
        assert left == 0 if close else (left >= 0 and each.lost == 0)
        assert each.found == 0 or left == 0


def test_all_of_it_comes_where_nothing_else_is_said():
    lines = [Line("MUG", 5, 5, 2, 1), Line("TEA", 3, 3, 3)]
    assert arrive(lines, None, close=False) == [Arrival("MUG", 2)]


@pytest.mark.parametrize(
    ("came", "says"), [({"CUP": 1}, "CUP is not on this transfer"), ({"MUG": -1}, "-1 of MUG")]
)
def test_what_cannot_come_is_refused(came: dict[str, int], says: str):
    with pytest.raises(InputError, match=says):
        arrive([Line("MUG", 5, 5)], came, close=False)

"""The first to expire goes first; the shares of a movement add up to it, and a lot promises no more than it has."""

from datetime import date
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.kit.ids import uuid7
from hub.model.errors import InputError
from hub.model.stock.lots import UNNAMED, Batch, LotLevel, Moved, Spot, Tracking, refuse_bad, spread

LINE = UUID(int=1)


def lot(code: str, on_hand: int, allocated: int = 0, expires: int | None = None) -> LotLevel:
    day = date(2027, 1, expires) if expires else None
    return LotLevel("MILK", "main", code, day, on_hand, allocated)


def move(kind: str, on_hand: int = 0, allocated: int = 0, line: UUID | None = None, **brings: int) -> Moved:
    return Moved(uuid7(), "MILK", "main", kind, on_hand, allocated, line, brings)


def shares(
    moved: list[Moved], levels: list[LotLevel], holds: dict[str, tuple[int, int]] | None = None
) -> dict[str, int]:
    """Units by lot, signed."""
    held = {LINE: {Spot("MILK", "main", code): counts for code, counts in (holds or {}).items()}}
    found: dict[str, int] = {}
    for each in spread(moved, levels, held):
        found[each.lot] = found.get(each.lot, 0) + (each.on_hand_change or each.allocated_change)
    return found


SHELF = [lot("old", 3, 1, expires=5), lot("new", 10, expires=20), lot("ever", 5)]


def test_a_promise_takes_what_expires_first():
    assert shares([move("allocation", allocated=4, line=LINE)], SHELF) == {"old": 2, "new": 2}


def test_two_promises_of_one_batch_never_get_the_same_unit():
    both = [move("allocation", allocated=7, line=LINE), move("allocation", allocated=7)]
    assert shares(both, SHELF) == {"old": 2, "new": 10, "ever": 2}


def test_what_is_shipped_is_what_was_promised():
    held = {"new": (2, 0)}
    assert shares([move("shipment", -2, -2, LINE)], SHELF, held) == {"new": -2}


def test_what_is_given_back_is_what_expires_last():
    held = {"old": (1, 0), "new": (2, 0)}
    assert shares([move("release", allocated=-2, line=LINE)], SHELF, held) == {"new": -2}


def test_what_comes_back_is_of_the_lot_that_left_and_no_more_of_it():
    back = move("return", 3, line=LINE)
    assert shares([back], SHELF, {"new": (0, 2)}) == {"new": 2, "": 1}


def test_what_arrives_is_of_the_lots_it_names():
    assert shares([move("receipt", 9, L1=4, L2=3)], []) == {"L1": 4, "L2": 3, "": 2}


def test_a_sale_beyond_the_books_is_of_no_named_lot():
    assert shares([move("shipment", -20)], SHELF) == {"old": -2, "new": -10, "ever": -5, "": -3}


def test_a_loss_names_its_lot_or_is_of_the_first_to_expire():
    named = shares([move("adjustment", -4, new=4)], SHELF)
    assert (named, shares([move("adjustment", -1)], SHELF)) == ({"new": -4}, {"old": -1})


LEVELS = st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), max_size=5)
CHANGES = st.lists(st.sampled_from(["allocation", "shipment", "receipt", "adjustment"]), max_size=8)


@given(LEVELS, CHANGES, st.data())
def test_shares_add_up_to_their_movement_and_no_named_lot_goes_below_zero(levels, kinds, data):
    books = [lot(f"L{n}", on_hand, min(on_hand, taken), n + 1) for n, (on_hand, taken) in enumerate(levels)]
    moved = [_any(kind, data.draw(st.integers(1, 12))) for kind in kinds]
    found = spread(moved, books, {})
    for each in moved:
        own = [share for share in found if share.movement_id == each.id]
        assert sum(share.on_hand_change for share in own) == each.on_hand_change
        assert sum(share.allocated_change for share in own) == each.allocated_change
    for level in books:
        own = [share for share in found if share.lot == level.lot]
        on_hand = level.on_hand + sum(share.on_hand_change for share in own)
        assert 0 <= level.allocated + sum(share.allocated_change for share in own) <= on_hand


@given(LEVELS, st.lists(st.integers(1, 12), max_size=6))
def test_no_promise_takes_a_later_lot_while_one_that_expires_sooner_has_any(levels, asked):
    books = [lot(f"L{n}", on_hand, min(on_hand, taken), n + 1) for n, (on_hand, taken) in enumerate(levels)]
    found = spread([move("allocation", allocated=units) for units in asked], books, {})
    given_out = {each.lot: 0 for each in books} | {UNNAMED: 0}
    for share in found:
        given_out[share.lot] += share.allocated_change
    left = [each.on_hand - each.allocated - given_out[each.lot] for each in books]
    touched = [place for place, each in enumerate(books) if given_out[each.lot]]
    assert not any(left[: max(touched, default=0)])
    assert not (given_out[UNNAMED] and any(left))


def _any(kind: str, units: int) -> Moved:
    if kind == "allocation":
        return move(kind, allocated=units)
    return move(kind, units if kind == "receipt" else -units)


BAD = {
    "not tracked": Batch("MUG", "L1"),
    "no code": Batch("MILK", " "),
    "a NUL": Batch("MILK", "L\0"),
    "no units": Batch("MILK", "L1", 0),
    "two of one serial": Batch("PHONE", "SN1", 2),
}


@pytest.mark.parametrize("bad", BAD)
def test_a_batch_that_cannot_be_received_is_refused(bad: str):
    with pytest.raises(InputError):
        refuse_bad([BAD[bad]], {"MILK": Tracking.LOT, "PHONE": Tracking.SERIAL})


def test_one_lot_twice_is_refused():
    with pytest.raises(InputError, match="twice"):
        refuse_bad([Batch("MILK", "L1"), Batch("MILK", "L1")], {"MILK": Tracking.LOT})

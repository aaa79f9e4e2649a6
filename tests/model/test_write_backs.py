"""A write-back has a table of states; what an edit means to the channel, and whether it is there, is decided purely."""

from decimal import Decimal
from itertools import product
from uuid import UUID

import pytest
from msgspec.structs import replace

from hub.kit.ids import uuid7
from hub.model.edits.deeds import Cancel, Deed, Refund, SetRemark
from hub.model.errors import WrongStateError
from hub.model.incoming import IncomingParcel
from hub.model.sync.write_backs import NEXT, Effect, Kind, State, Step, Wish, after, effects_of, is_there
from tests.builders import NOON, line, order

ORDER, EDIT = uuid7(), uuid7()


@pytest.mark.parametrize("pair", [*product(State, Step)], ids=" ".join)
def test_what_is_not_in_the_table_is_refused(pair: tuple[State, Step]) -> None:
    if pair in NEXT:
        assert after(*pair) is NEXT[pair]
    else:
        with pytest.raises(WrongStateError, match=f"is {pair[0]}, and cannot {pair[1]}"):
            after(*pair)


def test_nothing_leads_away_from_what_the_channel_has() -> None:
    assert {state for state, _ in NEXT} & {State.APPLIED, State.WITHDRAWN} == set()


def test_what_may_have_been_sent_is_never_taken_for_what_was_not() -> None:
    assert NEXT[State.UNKNOWN, Step.CLAIM] is State.CLAIMED
    assert {step for state, step in NEXT if state is State.UNKNOWN} == {Step.CLAIM}


@pytest.mark.parametrize(
    ("deeds", "effects"),
    [
        ([SetRemark("call her")], []),
        ([Cancel()], [Effect(Kind.CANCELLATION, ORDER, EDIT)]),
        ([Cancel({"MUG": 1}), Cancel({"MUG": 1})], [Effect(Kind.CANCELLATION, ORDER, EDIT, {"MUG": 2})]),
        ([Cancel({"hub:1": 1})], []),
        (
            [Refund(Decimal("2.50"), "MUG"), Refund(Decimal(1))],
            [Effect(Kind.REFUND, ORDER, EDIT, {"MUG": "2.50"}, Decimal("3.50"))],
        ),
        (
            [Refund(Decimal(1)), Cancel()],
            [Effect(Kind.CANCELLATION, ORDER, EDIT), Effect(Kind.REFUND, ORDER, EDIT, {}, Decimal(1))],
        ),
    ],
)
def test_an_edit_tells_of_one_cancellation_then_of_one_refund(
    deeds: list[Deed], effects: list[Effect]
) -> None:
    assert list(effects_of(ORDER, EDIT, deeds)) == effects


def parcel(**more: object) -> Wish:
    given = {"units": {"MUG": 1}, "left": {"MUG": 2}, "tracking": "0034"}
    return replace(wish(Kind.FULFILLMENT), **{**given, **more})


def wish(kind: Kind) -> Wish:
    return Wish(
        id=UUID(int=7),
        kind=kind,
        order_id=ORDER,
        number=1001,
        channel_order_id="1",
        currency="EUR",
        attempts=1,
        at=NOON,
    )


def test_a_parcel_is_there_by_its_number_by_our_name_for_it_or_with_all_that_left() -> None:
    two = line("MUG", 3, fulfilled=2)
    assert is_there(parcel(), order("1", two))
    assert not is_there(parcel(), order("1", replace(two, fulfilled=1)))
    assert is_there(parcel(), order("1", line("MUG"), parcels=(IncomingParcel("x", tracking="0034"),)))
    assert is_there(parcel(), order("1", line("MUG"), parcels=(IncomingParcel(str(UUID(int=7))),)))
    assert not is_there(parcel(tracking=""), order("1", line("MUG"), parcels=(IncomingParcel("x"),)))


@pytest.mark.parametrize(("carrier", "there"), [("dhl", True), ("UPS", False)])
def test_a_corrected_label_is_there_by_its_number_and_its_carrier(carrier: str, *, there: bool) -> None:
    right = parcel(corrects=EDIT, carrier="DHL")
    assert is_there(right, order("1", parcels=(IncomingParcel("x", carrier, "0034"),))) is there


def test_a_cancel_is_there_and_money_never_is() -> None:
    canceled = order("1", canceled=True)
    assert is_there(wish(Kind.CANCELLATION), canceled)
    assert not is_there(wish(Kind.CANCELLATION), order("1"))
    assert not is_there(wish(Kind.REFUND), canceled)

"""Splitting and merging make and lose nothing: units, amounts, and what was paid are the same before and after."""

from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from hub.model.edits.deeds import Reopen
from hub.model.edits.editing import Edited, all_fields, apply, with_all_fields
from hub.model.edits.parting import Sums, joined, parted, taken_from
from hub.model.edits.splitting import InHand, merged, split
from hub.model.errors import InputError, WrongStateError
from hub.model.incoming import Payment
from hub.model.orders.payments import Account
from tests.builders import line, order

EUROS = st.integers(0, 9_999).map(lambda cents: Decimal(cents).scaleb(-2))
PRICES = st.tuples(st.integers(2_000, 99_999), st.sampled_from([2, 2, 3])).map(
    lambda price: Decimal(price[0]).scaleb(-price[1])
)


@st.composite
def orders(draw: st.DrawFn) -> tuple[Edited, dict[str, int]]:
    """An order paid somehow, or not, and units that are split off it."""
    sold = [
        line(str(each), draw(st.integers(2, 9)), total=draw(PRICES), tax=draw(PRICES)) for each in range(3)
    ]
    paid = draw(st.sampled_from([Decimal(0), Decimal("0.5"), Decimal(1), Decimal(2)]))
    total = sum((each.total + each.tax for each in sold), Decimal(0))
    at_hand = (total * paid).quantize(Decimal("0.01"))
    collected = draw(st.sampled_from([Decimal(0), at_hand]))
    word = Payment.PAID if collected else Payment.PENDING
    there = Edited(
        order("1", *sold, payment=word),
        captured=draw(st.sampled_from([Decimal(0), at_hand])),
        authorized=draw(EUROS),
        channel_payment=word,
        collected=collected,
    )
    return there, {each.channel_line_id: draw(st.integers(1, each.quantity - 1)) for each in sold[1:]}


def sums(*parts: Edited) -> tuple[Decimal, ...]:
    accounts = [each.account for each in parts]
    lines = [each for part in parts for each in part.order.lines]
    return (
        sum((each.total for each in accounts), Decimal(0)),
        sum((each.held for each in accounts), Decimal(0)),
        sum((each.due for each in accounts), Decimal(0)),
        sum((each.captured for each in accounts), Decimal(0)),
        sum((each.authorized for each in accounts), Decimal(0)),
        Decimal(sum(each.quantity for each in lines)),
        sum((each.total + each.tax - each.discount for each in lines), Decimal(0)),
    )


@settings(max_examples=40)
@given(orders())
def test_a_split_a_merge_and_their_undo_keep_every_sum(given: tuple[Edited, dict[str, int]]):
    before, units = given
    stays, goes = split(before, units, in_hand=InHand(), order_id="2")
    assert sums(stays, goes) == sums(before)
    assert sums(merged(stays, [goes], key="k")) == sums(before)
    assert sums(with_all_fields(stays, all_fields(before))) == sums(before)


def test_a_refusal_names_an_order_by_the_number_of_the_hub():
    phoned = order("1", line("MUG"), channel_order_number="01a21d04-94bf")
    into, other = Edited(phoned, number=1042), Edited(phoned, number=1043, canceled=True)
    with pytest.raises(WrongStateError, match="order 1043 cannot be merged"):
        merged(into, [other], key="k")
    with pytest.raises(WrongStateError, match="order 1042 is not canceled"):
        apply(into, [Reopen()], edit_id=UUID(int=1))


def account(total: str, **more: object) -> Account:
    return Account(1042, "EUR", Decimal(total), "pending", **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("paid", "stays", "goes"),
    [("100", "60", "40"), ("70", "60", "10"), ("50", "50", "0"), ("130", "90", "40")],
)
def test_what_was_paid_stays_as_far_as_the_first_order_costs_it(paid: str, stays: str, goes: str):
    both = parted(account("100", captured=Decimal(paid)), Decimal(60), Decimal(40))
    assert [each.captured for each in both] == [Decimal(stays), Decimal(goes)]


def test_what_goes_back_stays_with_the_first_order_or_nothing_is_parted():
    paid = account("100", captured=Decimal(100), to_go_back=Decimal(50))
    assert parted(paid, Decimal(60), Decimal(40))[1] == Sums(captured=Decimal(40))
    with pytest.raises(InputError, match="50 EUR of order 1042 goes back: leave on it what costs"):
        parted(paid, Decimal(40), Decimal(60))


def test_no_coin_is_made_out_of_fractions_of_one():
    paid = account("10.01", captured=Decimal("10.01"))
    with pytest.raises(InputError, match="fractions of the smallest coin"):
        parted(paid, Decimal("5.005"), Decimal("5.005"))


@pytest.mark.parametrize("word", ["partly refunded", "refunded"])
def test_what_a_channel_gave_back_by_its_word_alone_is_not_parted(word: str):
    vague = replace(account("10", collected=Decimal(10)), word=word)
    for deed in (lambda: parted(vague, Decimal(5), Decimal(5)), lambda: joined([vague, vague], Decimal(20))):
        with pytest.raises(WrongStateError, match="nobody knows what is left"):
            deed()


def test_few_tenders_are_parted():
    tenders = [("cash", Decimal(30)), ("card", Decimal(70))]
    assert taken_from(tenders, Decimal(80)) == [("card", Decimal(70)), ("cash", Decimal(10))]

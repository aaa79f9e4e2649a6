"""Refunds by line are exact: what each unit was charged for goes back once, and all of them together are the total."""

from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from hub.model.errors import InputError
from hub.model.money import payable
from hub.model.orders.payments import Account
from hub.model.orders.refunds import (
    Bill,
    Charged,
    Settled,
    Swap,
    Worth,
    refuse_unpaid,
    refuse_vague,
    settle_up,
    worth_of,
)

MUG, TEA = UUID(int=1), UUID(int=2)


def bill(*lines: tuple[int, str], total: str = "0", shipping: str = "0", currency: str = "EUR") -> Bill:
    """Lines of so many units for so much, tax included."""
    charged = [
        Charged(UUID(int=row), f"line {row}", units, Decimal(each))
        for row, (units, each) in enumerate(lines, 1)
    ]
    return Bill(1042, currency, Decimal(total), {each.id: each for each in charged}, Decimal(shipping))


def after(bill: Bill, worth: Worth) -> Bill:
    """The bill once this has gone back."""
    lines = {
        line.id: replace(
            line,
            refunded=line.refunded + worth.units.get(line.id, 0),
            given=line.given + worth.by_line.get(line.id, Decimal(0)),
        )
        for line in bill.lines.values()
    }
    return replace(bill, lines=lines, shipping_refunded=bill.shipping_refunded + worth.shipping)


LINES = st.lists(st.tuples(st.integers(1, 4), st.decimals(0, 500, places=6)), min_size=1, max_size=4)


@given(
    st.sampled_from(["JPY", "EUR", "KWD"]),
    LINES,
    st.decimals(0, 20, places=4),
    st.randoms(use_true_random=False),
)
@settings(max_examples=60)
def test_c50_all_lines_one_unit_at_a_time_leave_nothing_pending(currency, lines, shipping, random):
    """Whatever fractions of a coin the taxes have, and whatever the channel's own total makes of them."""
    whole = bill(*((units, str(each)) for units, each in lines), shipping=str(shipping), currency=currency)
    whole = replace(whole, total=sum((line.amount for line in whole.lines.values()), shipping))
    parts = [line.id for line in whole.lines.values() for _ in range(line.units)]
    random.shuffle(parts)
    left, gone = whole, Decimal(0)
    for row, line_id in enumerate(parts):
        last = row == len(parts) - 1
        worth = worth_of(left, {line_id: 1}, left.shipping_left if last else Decimal(0))
        left, gone = after(left, worth), gone + worth.amount
    account = Account(
        1042, currency, whole.total, "paid", refunded=gone, collected=payable(whole.total, currency)
    )
    assert (account.refundable, str(account.payment)) == (Decimal(0), "refunded" if gone else "paid")


def test_c51_a_line_is_worth_what_was_charged_for_it_whatever_a_rate_says():
    """The tax of the whole order stands on the first line; the channel's own figures count, not a rate."""
    whole = bill((2, "30.00"), (1, "10.00"), total="40.00")
    assert worth_of(whole, {MUG: 1}).amount == Decimal("15.00")
    assert worth_of(whole, {TEA: 1}).amount == Decimal("10.00")


def test_c52_a_discount_that_only_the_total_knows_of_is_given_back_by_nobody():
    """Lines of 100.00 less 10.00 on the whole order: 90.00 go back in all."""
    whole = bill((1, "60.00"), (1, "40.00"), total="90.00")
    first = worth_of(whole, {MUG: 1})
    rest = worth_of(after(whole, first), {TEA: 1})
    assert (first.amount, rest.amount) == (Decimal("60.00"), Decimal("30.00"))


@pytest.mark.parametrize(
    ("mugs", "units", "amount"),
    [
        (Charged(MUG, "MUG", 1, Decimal(10), canceled=2, refunded=2, given=Decimal(20)), 1, "10"),
        (Charged(MUG, "MUG", 3, Decimal(24), refunded=1, given=Decimal(10)), 2, "14"),
        (Charged(MUG, "MUG", 3, Decimal(15), refunded=2, given=Decimal(20)), 1, "0"),
        (Charged(MUG, "MUG", 1, Decimal(10), flat=Decimal(10)), 1, "0"),
    ],
    ids=[
        "two of three refunded, then canceled",
        "one refunded, then cheaper",
        "two refunded, then cheaper than that",
        "all of it as an amount",
    ],
)
def test_what_has_gone_is_what_was_given_then_and_no_other_line_pays_for_it(
    mugs: Charged, units: int, amount: str
):
    lines = {MUG: mugs, TEA: Charged(TEA, "TEA", 1, Decimal(10))}
    whole = Bill(1042, "EUR", mugs.amount + 10, lines)
    assert worth_of(whole, {TEA: 1}).amount == Decimal(10)
    assert worth_of(whole, {MUG: units, TEA: 1}).by_line == {MUG: Decimal(amount), TEA: Decimal(10)}


def test_a_line_says_its_part_and_the_parts_are_the_whole():
    worth = worth_of(
        bill((3, "10.00"), (3, "0.05"), total="20.05", shipping="10.00"), {MUG: 1, TEA: 1}, Decimal(4)
    )
    assert worth.by_line == {MUG: Decimal("3.33"), TEA: Decimal("0.02")}
    assert worth.amount == Decimal("7.35") == sum(worth.by_line.values()) + worth.shipping


@pytest.mark.parametrize(
    ("units", "shipping", "field"),
    [
        ({MUG: 3}, "0", "lines"),
        ({MUG: 0}, "0", "lines"),
        ({UUID(int=9): 1}, "0", "lines"),
        ({MUG: 1}, "5.01", "shipping"),
        ({MUG: 1}, "-1", "shipping"),
        ({MUG: 1}, "0.001", "shipping"),
        ({MUG: 1}, "NaN", "shipping"),
    ],
)
def test_more_than_was_charged_does_not_go_back(units: dict[UUID, int], shipping: str, field: str):
    with pytest.raises(InputError) as refused:
        worth_of(bill((2, "10.00"), total="15.00", shipping="5.00"), units, Decimal(shipping))
    assert refused.value.field == field


@pytest.mark.parametrize("amount", ["10.01", "-1", "0.001", "NaN"])
def test_what_was_not_paid_or_is_owed_already_does_not_go_back(amount: str):
    account = Account(1042, "EUR", Decimal(20), "pending", captured=Decimal(15), to_go_back=Decimal(5))
    refuse_unpaid(1042, account, Decimal(10))
    with pytest.raises(InputError):
        refuse_unpaid(1042, account, Decimal(amount))


def test_where_the_channel_gave_back_a_part_that_nobody_knows_no_worth_is_taken_for_granted():
    vague = Account(1042, "EUR", Decimal(20), "partly refunded", collected=Decimal(20))
    with pytest.raises(InputError, match="does not say how much"):
        refuse_vague(1042, vague)
    refuse_vague(1042, replace(vague, to_go_back=Decimal(5)))


@pytest.mark.parametrize(
    ("worth", "even"), [(Worth(Decimal(20), {MUG: 1}, {MUG: Decimal(20)}), [TEA]), (Worth(Decimal(0)), [])]
)
def test_nothing_goes_out_even_for_goods_that_are_not_settled(worth: Worth, even: list[UUID]):
    with pytest.raises(InputError, match="say what each of the goods that go out costs"):
        settle_up(worth, [Swap("C", 1)], even=even)


WORTH = Worth(Decimal(30), {MUG: 1, TEA: 1}, {MUG: Decimal(20), TEA: Decimal(10)})
DEAR, CHEAP, EVEN = Swap("A", 1, Decimal(35)), Swap("B", 2, Decimal(5)), Swap("C", 1)


@pytest.mark.parametrize(
    ("swaps", "amount", "settled"),
    [
        ([], None, (30, 0, [])),
        ([], 12, (12, 0, [])),
        ([CHEAP], None, (20, 10, [10])),
        ([DEAR], None, (0, 30, [30])),
        ([EVEN], None, (10, 20, [0])),
        ([EVEN, CHEAP], None, (0, 30, [0, 10])),
        ([CHEAP], 25, (25, 5, [5])),
    ],
)
def test_what_came_back_pays_for_what_goes_out_and_the_rest_goes_back(
    swaps: list[Swap], amount: int | None, settled: tuple[int, int, list[int]]
):
    """The mug was to be exchanged, the tea was not."""
    given = None if amount is None else Decimal(amount)
    assert settle_up(WORTH, swaps, even=[MUG], amount=given) == Settled(
        Decimal(settled[0]), Decimal(settled[1]), [Decimal(each) for each in settled[2]]
    )

"""Money of an order is exact: tenders add up, nothing is refunded that was not paid, and the word follows the sums."""

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from hub.kit.ids import uuid7
from hub.model.errors import InputError
from hub.model.orders.payments import Account, Entry, Step, Tender, after_all, word_of
from tests.builders import order

AUTHORIZED, CAPTURED, REFUNDED, UNDONE = Step


def account(total: str = "50.00", word: str = "pending", currency: str = "EUR") -> Account:
    collected = Decimal(total) if word in {"paid", "partly refunded", "refunded"} else Decimal(0)
    return Account(1042, currency, Decimal(total), word, collected=collected)


def entry(amount: str, step: Step = CAPTURED, tender: Tender = Tender.CASH) -> Entry:
    return Entry(uuid7(), 1042, tender, step, Decimal(amount))


@pytest.mark.parametrize(
    ("entries", "word", "due", "over"),
    [
        ([], "pending", "50.00", "0"),
        ([entry("50", AUTHORIZED)], "authorized", "50.00", "0"),
        ([entry("20"), entry("29.99", tender=Tender.GIFT_CARD)], "pending", "0.01", "0"),
        ([entry("20"), entry("30", tender=Tender.GIFT_CARD)], "paid", "0", "0"),
        ([entry("20"), entry("30", AUTHORIZED)], "authorized", "30.00", "0"),
        ([entry("60")], "paid", "0", "10.00"),
        ([entry("60"), entry("10", REFUNDED)], "partly refunded", "0", "0.00"),
        ([entry("50"), entry("50", REFUNDED)], "refunded", "0", "0"),
    ],
)
def test_the_word_and_what_is_due_follow_the_sums(entries: list[Entry], word: str, due: str, over: str):
    then = after_all(account(), entries)
    assert (str(then.payment), then.due, then.over) == (word, Decimal(due), Decimal(over))


def test_what_a_channel_calls_paid_was_captured_there_and_can_be_refunded():
    paid = account(word="paid")
    assert (paid.there, paid.due, str(paid.payment)) == (Decimal("50.00"), Decimal(0), "paid")
    assert paid.after(entry("20", REFUNDED)).payment == "partly refunded"


def test_what_was_paid_here_before_is_part_of_what_the_channel_calls_paid():
    assert replace(account(word="paid"), captured=Decimal(10)).there == Decimal(40)


@pytest.mark.parametrize(
    ("total", "captured", "due", "over", "word"),
    [
        ("60", "0", "10", "0", "pending"),
        ("60", "10", "0", "0", "paid"),
        ("30", "0", "0", "20", "paid"),
        ("30", "5", "0", "20", "paid"),
    ],
)
def test_what_the_channel_collected_stays_whatever_the_order_costs_since(
    total: str, captured: str, due: str, over: str, word: str
):
    then = replace(account(word="paid"), total=Decimal(total), captured=Decimal(captured))
    assert (then.due, then.over, str(then.payment)) == (Decimal(due), Decimal(over), word)


def test_what_the_channel_gave_back_itself_is_not_given_back_again():
    assert account(word="refunded").refundable == 0
    assert account(word="refunded").payment == "refunded"


def test_what_a_channel_tells_is_a_part_of_what_it_calls_refunded_and_no_money_paid_here_is():
    """20 in cash beside the 50 that the channel had, and gave back in two refunds."""
    told = [replace(entry(amount, REFUNDED), channel_refund_id=amount) for amount in ("20", "30")]
    dearer = replace(account(word="refunded"), total=Decimal(70), captured=Decimal(20))
    for then in (dearer, dearer.after(told[0]), after_all(dearer, told)):
        assert (then.back, then.refundable) == (Decimal(50), Decimal(20))


def test_what_went_back_before_it_was_paid_leaves_the_order_unpaid():
    then = account().after(replace(entry("1", REFUNDED), channel_refund_id="R1"))
    assert (str(then.payment), then.owed, then.due) == ("pending", Decimal(0), Decimal(50))


def test_what_the_channel_gave_back_is_owed_no_more():
    assert replace(account(word="paid"), to_go_back=Decimal(20)).owed == Decimal(20)
    assert replace(account(word="refunded"), to_go_back=Decimal(20)).owed == Decimal(0)


def test_money_that_went_back_before_anybody_said_so_is_no_part_of_a_later_refund():
    """20 in cash, then 30 that somebody says: 30 are owed, and 50 go back in all."""
    handed = account(word="paid").after(entry("20", REFUNDED))
    assert replace(handed, to_go_back=handed.to_go_back + 30).owed == Decimal(30)
    said = replace(account(word="paid"), to_go_back=Decimal(30)).after(entry("20", REFUNDED))
    assert (said.to_go_back, said.owed) == (Decimal(30), Decimal(10))


def test_c43_a_part_refunded_of_a_part_captured_reads_partly_refunded_and_the_rest_stays_due():
    then = after_all(account(), [entry("20"), entry("5", REFUNDED)])
    assert (str(then.payment), then.due, then.refundable) == ("partly refunded", Decimal(30), Decimal(15))


@pytest.mark.parametrize(
    ("amount", "currency"), [("0", "EUR"), ("-1", "EUR"), ("NaN", "EUR"), ("1.005", "EUR"), ("1.5", "JPY")]
)
def test_an_amount_nobody_can_pay_is_refused(amount: str, currency: str):
    with pytest.raises(InputError):
        account(currency=currency).after(entry(amount))


@pytest.mark.parametrize(("total", "paid"), [("9.995", "10.00"), ("9.9949", "9.99"), ("0.004", "0")])
def test_c50_no_fraction_of_a_coin_is_ever_due_or_too_much(total: str, paid: str):
    collected = account(total, "paid")
    then = replace(account(total), captured=Decimal(paid), collected=Decimal(0))
    assert (then.due, then.over) == (Decimal(0), Decimal(0))
    assert replace(collected, collected=word_of(order(total=Decimal(total))).collected).refundable == Decimal(
        paid
    )


def test_three_decimals_are_exact_where_the_currency_has_them():
    assert account("10.000", currency="KWD").after(entry("9.999")).due == Decimal("0.001")


@given(st.lists(st.tuples(st.sampled_from(Step), st.integers(1, 9000)), max_size=12))
@settings(max_examples=60)
def test_never_more_is_refunded_than_was_captured(steps: list[tuple[Step, int]]):
    """C40: whatever is tried, in any order, the money of the order adds up."""
    then = account()
    for step, cents in steps:
        try:
            then = then.after(entry(str(Decimal(cents) / 100), step))
        except InputError:
            assert step in {REFUNDED, UNDONE}
    assert then.refunded <= then.captured
    assert then.captured - then.refunded + then.due - then.over >= then.total - then.refunded - then.over


def test_what_came_by_a_bank_transfer_is_taken_back_with_its_match_alone():
    then = replace(account(), captured=Decimal(50), matched=Decimal(30))
    assert then.after(entry("20", UNDONE)).captured == 30
    with pytest.raises(InputError, match="undo that match"):
        then.after(entry("20.01", UNDONE))

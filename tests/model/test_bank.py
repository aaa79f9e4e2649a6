"""A transfer is matched by a person, helped by reasons; one table says what it may become; no currency pays another."""

from datetime import date
from decimal import Decimal
from itertools import product
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hub.model.bank.matching import Money, Suggestion, Unpaid, suggest
from hub.model.bank.transfers import (
    MAY,
    Deed,
    Held,
    Match,
    Payer,
    State,
    Transfer,
    refuse_bad,
    refuse_mismatch,
)
from hub.model.errors import HubError, InputError, WrongStateError
from hub.model.imports.bank import read_date

DAY, SOME = date(2026, 11, 25), UUID(int=1)
ADA = Unpaid(1042, "shop-7001", "EUR", Decimal("49.50"), "Ada Lovelace")
BOB = Unpaid(1043, "shop-7002", "EUR", Decimal("12.90"), "Bob Ada")

OURS = (1042, 1043, 2026)  # the last is paid


def paid(amount: str, reference: str = "", payer: str = "", currency: str = "EUR") -> list[Suggestion]:
    return suggest(Money(Decimal(amount), currency, payer, reference), [ADA, BOB], OURS)


def held(matched: str = "0", *, aside: bool = False) -> Held:
    return Held(SOME, DAY, Decimal(50), "EUR", Decimal(matched), aside)


STATES = {
    State.OPEN: held(),
    State.PARTLY: held("20"),
    State.MATCHED: held("50"),
    State.SET_ASIDE: held("20", aside=True),
}


@pytest.mark.parametrize(("state", "deed"), list(product(State, Deed)))
def test_every_deed_that_the_table_does_not_list_is_refused(state: State, deed: Deed):
    transfer = STATES[state]
    assert transfer.state is state
    if deed in MAY[state]:
        transfer.refuse(deed)
        return
    with pytest.raises(WrongStateError, match=f"is {state}: you can"):
        transfer.refuse(deed)


@pytest.mark.parametrize(
    ("reference", "payer", "found"),
    [
        ("Order 1042", "", (1042, True)),
        ("RE1042/Danke", "", (1042, True)),
        ("order 10421", "", (1042, False)),
        ("SHOP 7001", "", (1042, False)),
        ("", "LOVELACE, ADA", (1042, False)),
        ("1042 and 1043", "", (1042, False)),
        ("1042 and 2026", "", (1042, False)),
        ("1042 and 7", "", (1042, True)),
    ],
)
def test_the_likeliest_order_stands_first(reference: str, payer: str, found: tuple[int, bool]):
    first = paid("49.50", reference, payer)[0]
    assert (first.order, first.is_sure) == found


def test_each_suggestion_says_why():
    assert paid("49.50", "1042", "A. Lovelace")[0].reasons == (
        "the reference names order 1042",
        "exactly what is due",
        "a part of the customer's name",
    )


@pytest.mark.parametrize(("given_", "suggested"), [("20", "20"), ("60", "49.50")])
def test_a_part_pays_a_part_and_too_much_pays_what_is_due(given_: str, suggested: str):
    first = paid(given_, "1042")[0]
    assert (first.amount, first.is_sure) == (Decimal(suggested), False)


def test_c53_a_transfer_in_another_currency_never_matches():
    assert paid("49.50", "1042", "Ada Lovelace", "USD") == []
    with pytest.raises(InputError, match="is in USD and the transfer in EUR"):
        refuse_mismatch(Match(SOME, SOME, 1042, Decimal(1)), held(), "USD")


@pytest.mark.parametrize("day", ["27.11.1042", "27/11/1042", "1042-11-27"])
def test_the_year_of_a_day_names_no_order(day: str):
    assert [(each.is_sure, each.reasons) for each in paid("49.50", f"invoice of {day}")] == [
        (False, ("exactly what is due",))
    ]


def test_no_more_is_given_than_is_left():
    with pytest.raises(InputError, match="more than is left"):
        refuse_mismatch(Match(SOME, SOME, 1042, Decimal("30.01")), held("20"), "EUR")


@settings(max_examples=60)
@given(
    st.decimals(allow_nan=True, allow_infinity=True),
    st.sampled_from(["EUR", "JPY", "KWD", "XXX"]),
    st.text(max_size=20),
)
def test_garbage_is_refused_and_all_else_can_be_paid(amount: Decimal, currency: str, text: str):
    transfer = Transfer(SOME, DAY, amount, currency, Payer(text, text), text)
    try:
        refuse_bad(transfer)
    except HubError:
        return
    assert (amount > 0, currency != "XXX", text.isprintable()) == (True, True, True)
    assert transfer.key_text == transfer.key_text.strip("\0")


def test_a_transfer_is_the_same_whatever_zeros_its_amount_has():
    one, other = (Transfer(SOME, DAY, Decimal(each), "EUR") for each in ("12.5", "12.50"))
    assert one.key_text == other.key_text


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2026-11-25", DAY),
        ("25.11.2026", DAY),
        ("25.11.26", None),
        ("11/25/2026", None),
        ("31.02.2026", None),
    ],
)
def test_a_day_that_could_be_two_is_refused(text: str, day: date | None):
    if day is not None:
        assert read_date(text) == day
        return
    with pytest.raises(InputError, match="is no day"):
        read_date(text)

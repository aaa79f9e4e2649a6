"""Money is exact, never rounded, and never without its currency."""

from decimal import Decimal

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.model.errors import InputError
from hub.model.money import _DIGITS, CURRENCIES, Money, from_minor, minor_digits, refuse_strange, to_minor
from hub.model.orders.taking import difference
from tests.builders import line, order

amounts = st.decimals(min_value=-(10**15), max_value=10**15, places=6)


@given(amounts, amounts)
def test_what_is_added_and_taken_away_again_is_what_it_was(one: Decimal, other: Decimal) -> None:
    money, more = Money(one, "EUR"), Money(other, "EUR")
    assert (money + more - more).amount == one


@pytest.mark.parametrize("strange", ["XYZ", "XXX", "DEM", "eur", "EURO", "", "XAU"])
def test_three_letters_that_are_nobodys_money_are_refused(strange: str) -> None:
    refuse_strange("EUR")
    with pytest.raises(InputError, match="is no currency of ISO 4217"):
        refuse_strange(strange)


def test_every_currency_whose_coins_are_known_is_one() -> None:
    assert {*_DIGITS} <= CURRENCIES


@given(st.integers(-(10**20), 10**20), st.sampled_from(("EUR", "JPY", "KWD", "CLF")))
def test_minor_units_round_trip_in_every_currency(units: int, currency: str) -> None:
    assert to_minor(from_minor(units, currency)) == units


@pytest.mark.parametrize(
    ("currency", "digits", "amount"), [("EUR", 2, "15.99"), ("JPY", 0, "1599"), ("KWD", 3, "1.599")]
)
def test_a_currency_has_its_own_decimals(currency: str, digits: int, amount: str) -> None:
    assert (minor_digits(currency), str(from_minor(1599, currency).amount)) == (digits, amount)


def test_two_currencies_are_never_added() -> None:
    with pytest.raises(ValueError, match="convert one of them first"):
        Money(Decimal(1), "EUR") + Money(Decimal(1), "USD")


def test_a_fraction_of_the_smallest_coin_is_refused_and_not_rounded() -> None:
    with pytest.raises(ValueError, match="fraction of the smallest coin"):
        to_minor(Money(Decimal("1.005"), "EUR"))


def test_an_amount_is_kept_as_it_was_written() -> None:
    assert msgspec.json.encode(Money(Decimal("2.990000"), "EUR")) == b'{"amount":"2.990000","currency":"EUR"}'


@given(st.lists(st.tuples(amounts, amounts), min_size=1, max_size=50), amounts, amounts)
def test_the_parts_of_an_order_and_its_difference_are_its_total(
    parts: list[tuple[Decimal, Decimal]], shipping: Decimal, total: Decimal
) -> None:
    lines = [line("MUG", total=net, tax=tax, channel_line_id=str(n)) for n, (net, tax) in enumerate(parts)]
    taken = order("1", *lines, shipping_total=shipping, total=total)
    assert difference(taken) + sum(net + tax for net, tax in parts) + shipping == total

"""A check finds what is missing or unlikely, says what, which and what to do, and holds only where it is told to."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from hub.model.errors import InputError
from hub.model.incoming import Address, IncomingOrder, Person
from hub.model.review.checks import ABOUT, USUAL, Check, Does, Setting, find, refuse_bad
from hub.model.review.facts import ChannelFacts, Facts, Line, Past, Price, Shelves, facts_of
from hub.model.telling.phrases import recall_finding
from hub.model.telling.sayings import Sentence
from tests.builders import line, order

BERLIN = Address("Ada L", street="Linden 1", city="Berlin", postcode="10115", country="DE")
PRICES = Shelves({"MUG": Price(Decimal("9.99"), "EUR")}, {"MUG": 5})
FINE = Person("Ada", "ada@example.com", "+49 30 5550101", BERLIN, BERLIN)


def facts(one: IncomingOrder, past: Past | None = None) -> Facts:
    lines = [Line(each, each.channel_sku, {each.channel_sku: 1}) for each in one.lines]
    return facts_of(one, lines, ChannelFacts("web"), PRICES, past or Past(orders=1))


def found(check: Check, one: IncomingOrder, figure: int | None = None, past: Past | None = None) -> list[str]:
    chosen = ABOUT[check].figure if figure is None else Decimal(figure)
    return [each.says for each in find(facts(one, past), [Setting(check, Does.NOTE, chosen)])]


def to(**changed: str) -> IncomingOrder:
    return order("1", person=Person(shipping=replace(BERLIN, **changed)))


CHEAP = line("MUG", unit_price=Decimal(4), total=Decimal(4))
ABROAD = Person(
    billing=BERLIN, shipping=Address("Ada", street="x", city="Wien", postcode="1010", country="AT")
)
FINDS = [
    (Check.ITEMS, order("1", line("MUG", 0)), "no item is ordered"),
    (Check.PRICE, order("1", CHEAP), "MUG sells at 4.00, its list price is 9.99"),
    (Check.QUANTITY, order("1", line("MUG", 101)), "101 × MUG: more than 100 units of a line"),
    (Check.ADDRESS, to(street="", postcode=""), "the address has no street and no postcode"),
    (Check.ADDRESS, to(country="US", postcode="94105"), "the address has no region"),
    (Check.ADDRESS, to(country="Germany"), "the address has no country"),
    (Check.PHONE, order("1", person=Person(phone="123")), "no phone number that could be dialed"),
    (Check.EMAIL, order("1", person=Person(email="ada@")), "no e-mail address that could be written to"),
    (
        Check.TOTALS,
        order("1", total=Decimal("10.50")),
        "the total is 10.50 EUR, +0.51 beyond the sum of its parts",
    ),
    (Check.COUNTRIES, order("1", person=ABROAD), "billed to DE, shipped to AT"),
]


@pytest.mark.parametrize(("check", "odd", "says"), FINDS)
def test_a_check_says_what_it_found_in_words_that_every_language_knows(
    check: Check, odd: IncomingOrder, says: str
):
    assert found(check, odd) == [says]
    assert isinstance(recall_finding(says), Sentence)


def test_the_same_basket_and_a_high_first_order_are_found_by_what_was_ordered_before():
    dear = order("1", line("MUG", total=Decimal(1001)))
    assert found(Check.FIRST_ORDER, dear, past=Past(orders=0)) == ["a first order of 1001 EUR, above 1000"]
    assert found(Check.FIRST_ORDER, dear, past=Past(orders=1)) == []
    assert found(Check.DUPLICATE, dear, past=Past(1, ("1001",))) == [
        "the same person ordered the same goods moments before: 1001"
    ]


@pytest.mark.parametrize("check", list(Check))
def test_a_sound_order_passes_every_check(check: Check):
    assert found(check, order("1", person=FINE)) == []


def test_a_country_without_postcodes_needs_none_and_what_is_collected_needs_no_address():
    assert found(Check.ADDRESS, to(country="HK", postcode="")) == []
    assert found(Check.ADDRESS, order("1", person=Person())) == []


@pytest.mark.parametrize(("does", "holds"), [(Does.OFF, []), (Does.NOTE, [""]), (Does.HOLD, ["address"])])
def test_a_finding_holds_only_where_its_check_is_set_to(does: Does, holds: list[str]):
    assert [each.hold for each in find(facts(to(street="")), [Setting(Check.ADDRESS, does)])] == holds


def test_nothing_holds_an_order_until_the_retailer_says_so_or_blocks_its_customer():
    assert [each.check for each in USUAL.values() if each.does is Does.HOLD] == [Check.BLOCKED]
    assert found(Check.BLOCKED, order("1"), past=Past(blocked=True)) == [
        "the customer is on the blocked list"
    ]


@pytest.mark.parametrize(
    "bad",
    [
        Setting(Check.PRICE, Does.NOTE),
        Setting(Check.PHONE, Does.NOTE, Decimal(1)),
        Setting(Check.PRICE, Does.NOTE, Decimal(-1)),
        Setting(Check.PRICE, Does.NOTE, Decimal("NaN")),
        Setting(Check.DUPLICATE, Does.NOTE, Decimal(60 * 24 * 7 + 1)),
    ],
)
def test_a_figure_that_cannot_be_is_refused(bad: Setting):
    with pytest.raises(InputError) as refused:
        refuse_bad(bad)
    assert refused.value.field == "figure"


@given(st.text(max_size=20), st.decimals(-100, 100), st.integers(0, 1000))
def test_whatever_an_order_says_no_check_fails_on_it(words: str, amount: Decimal, units: int):
    odd = Address(words, words, words, words, words, words, words, words, words)
    who, what = Person(words, words, words, odd, odd), line("MUG", units, total=amount, channel_sku=words)
    strange = order("1", what, total=amount, person=who)
    on = [Setting(each.check, Does.HOLD, each.figure) for each in USUAL.values()]
    assert all(each.says and each.remedy and each.hold for each in find(facts(strange), on))

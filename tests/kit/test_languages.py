"""Every sentence of the hub can be read in every language, with the same places, and no translation lies idle."""

import re
from datetime import UTC, datetime
from decimal import Decimal
from typing import get_args

import pytest
from babel.messages import Catalog, Message
from sqlalchemy import CheckConstraint, Table

from hub.kit.language import LANGUAGES, Language, locale_of
from hub.model.money import Money
from hub.model.orders.payments import Tender
from hub.model.telling.kinds import Kind
from hub.model.telling.movements import MESSAGES, MOVEMENTS
from hub.model.telling.sayings import Sentence, counted, places_in, said
from hub.model.telling.tell import EVENTS
from hub.model.telling.words import WORDS
from hub.store.tables.channels import inbox
from hub.store.tables.stock import movements
from tests.docs.languages import catalogs, template

CHINESE = [tag for tag in LANGUAGES if tag != "en"]
PAID = Sentence(
    said("Paid: {amount} by {tender}"),
    {"amount": Money(Decimal("1234.5"), "EUR"), "tender": Sentence(WORDS["tender"]["card"])},
)


def texts(text: str | tuple[str, ...] | list[str] | None) -> tuple[str, ...]:
    return (text,) if isinstance(text, str) else tuple(text or ())


def keys(catalog: Catalog) -> set[object]:
    return {(each.context, each.id) for each in catalog if each.id}


def places(message: Message) -> set[frozenset[str]]:
    """Of each form that is written, the English ones among them."""
    return {frozenset(places_in(text)) for text in (*texts(message.id), *texts(message.string))}


def named(table: Table, column: str) -> list[str]:
    """What the table allows in the column."""
    rules = (each for each in table.constraints if isinstance(each, CheckConstraint))
    return next(
        re.findall("'(.+?)'", str(each.sqltext)) for each in rules if f"{column} IN" in str(each.sqltext)
    )


def test_every_kind_of_event_that_can_be_written_has_its_sentence():
    """After a new kind: give it a saying in hub/model/telling, run python -m tests.docs.languages, and translate."""
    assert set(get_args(Kind)) == set(EVENTS)


def test_whatever_the_books_can_hold_has_its_word():
    assert set(WORDS["tender"]) == set(Tender)
    assert {*MOVEMENTS} == {*named(movements, "kind")}
    assert {*MESSAGES} == {*named(inbox, "state")}
    assert {*WORDS["source"]} == {*named(inbox, "source")}


@pytest.mark.parametrize("tag", CHINESE)
def test_a_language_has_each_sentence_and_no_other(tag: str):
    assert keys(catalogs()[tag]) ^ keys(template()) == set()


@pytest.mark.parametrize("tag", CHINESE)
def test_every_sentence_is_translated_with_the_same_places(tag: str):
    messages = [each for each in catalogs()[tag] if each.id]
    assert [each.id for each in messages if each.fuzzy or "" in texts(each.string)] == []
    assert [each.id for each in messages if len(places(each)) > 1] == []


@pytest.mark.parametrize(
    ("tag", "says"),
    [
        ("en", "Paid: €1,234.50 by card"),
        ("de", "Paid: 1.234,50\xa0€ by card"),
        ("zh-CN", "已付款 €1,234.50\uff08银行卡\uff09"),
        ("zh-Hant-HK", "已付款 €1,234.50\uff08信用卡\uff09"),
    ],
)
def test_a_sentence_is_said_in_the_language_with_the_numbers_of_the_reader(tag: str, says: str):
    assert Language(locale_of(tag)).say(PAID) == says


def test_a_number_chooses_its_form_and_a_list_its_ends():
    english = Language(locale_of("en"))
    units = counted("units", "{units} unit: {skus}", "{units} units: {skus}")
    assert [english.say(Sentence(units, {"units": each, "skus": ["A", "B"]})) for each in (1, 2000)] == [
        "1 unit: A and B",
        "2,000 units: A and B",
    ]


def test_a_moment_is_written_in_the_order_of_its_language():
    moment = datetime(2026, 11, 3, 4, 5, tzinfo=UTC)
    assert [Language(locale_of(tag)).moment(moment) for tag in ("en", "zh-TW")] == [
        "3 Nov, 04:05 UTC",
        "11月3日 04:05 UTC",
    ]

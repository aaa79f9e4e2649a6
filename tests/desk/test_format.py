"""Money is never rounded, ages are short, and each reader gets the numbers of their own locale."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from babel import Locale

from hub.kit.language import locale_of
from hub.web.desk.format import Format

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


def fmt(tag: str = "en") -> Format:
    return Format(Locale.parse(tag, sep="-"), NOON)


@pytest.mark.parametrize(
    ("tag", "amount", "currency", "shown"),
    [
        ("en", "1234.5", "EUR", "€1,234.50"),
        ("de", "1234.5", "EUR", "1.234,50\xa0€"),
        ("en", "1200", "JPY", "¥1,200"),
        ("en", "1.5", "KWD", "KWD1.500"),
        ("en", "0.123456", "USD", "$0.123456"),
    ],
)
def test_money_is_written_for_the_reader_and_never_rounded(tag: str, amount: str, currency: str, shown: str):
    assert fmt(tag).money(Decimal(amount), currency) == shown


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        (0, "now"),
        (9, "now"),
        (10, "10 s"),
        (60, "1 min"),
        (3600, "1 h"),
        (47 * 3600, "47 h"),
        (48 * 3600, "2 d"),
    ],
)
def test_an_age_has_one_number_and_one_unit(seconds: int, shown: str):
    assert fmt().age(NOON - timedelta(seconds=seconds)) == shown


def test_an_old_age_is_a_date():
    assert fmt().age(NOON - timedelta(days=30)) == "24 Oct"


@pytest.mark.parametrize(
    ("header", "tag"),
    [
        ("", "en"),
        ("de-DE,de;q=0.9", "de"),
        ("fr;q=0.4, nl;q=0.8", "nl"),
        ("zh-TW", "zh_Hant_TW"),
        ("xx, *;q=junk", "en"),
    ],
)
def test_the_reader_s_languages_choose_the_locale(header: str, tag: str):
    assert str(locale_of(header)) == tag


@pytest.mark.parametrize(
    ("name", "shown"),
    [("Web shop DE", "DE"), ("Phone desk", "PD"), ("Till 3", "3"), ("till", "T"), ("网店", "网"), ("", "")],
)
def test_initials_tell_channels_of_one_kind_apart(name: str, shown: str):
    assert fmt().initials(name) == shown

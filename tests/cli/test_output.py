"""What commands print: aligned, exact, plain where no terminal is, and one JSON document for programs."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from hub.cli.output import age, count_of, money, print_table
from tests.cli.conftest import Hub

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


def test_numbers_are_aligned_right_and_no_line_is_cut_or_colored(capsys: pytest.CaptureFixture[str]):
    print_table(["Name", ">Units", "Why"], [["mug", 5, "x" * 200], ["teapot", 1200, None]])
    assert capsys.readouterr().out.splitlines() == [
        "Name    Units  Why",
        f"mug         5  {'x' * 200}",
        "teapot   1200",
    ]


@pytest.mark.parametrize(
    ("amount", "currency", "written"),
    [("5", "EUR", "5.00"), ("2.990000", "EUR", "2.990000"), ("1599", "JPY", "1599"), ("0", "KWD", "0.000")],
)
def test_money_is_never_rounded_and_has_at_least_its_coins(amount: str, currency: str, written: str):
    assert money(Decimal(amount), currency) == written


@pytest.mark.parametrize(
    ("gone", "said"),
    [(3, "now"), (12, "12 s"), (240, "4 min"), (7300, "2 h"), (400_000, "4 d"), (2_000_000, "2026-10-31")],
)
def test_an_age_is_coarse_and_old_things_have_a_date(gone: int, said: str):
    assert age(NOON - timedelta(seconds=gone), NOON) == said


def test_one_is_not_many():
    assert [count_of(1, "file"), count_of(2, "file"), count_of(0, "match", "matches")] == [
        "1 file",
        "2 files",
        "0 matches",
    ]


@pytest.mark.parametrize(
    "words",
    ["channel list", "listing list", "order list", "inbox list", "stock show", "listing list --unmatched"],
)
def test_every_list_is_one_json_document_even_when_it_is_empty(hub: Hub, words: str):
    assert hub(*words.split(), "--json").json == {"items": []}

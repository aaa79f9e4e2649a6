"""Counts on the command line: begun, entered by hand and by scanner, reviewed, posted once."""

import pytest

from tests.cli.conftest import Hub


def on_hand(hub: Hub) -> dict[object, object]:
    return dict(hub.sql("SELECT sku, on_hand FROM levels ORDER BY sku"))


def begin(hub: Hub, *words: str) -> str:
    said = hub("count", "new", "main", *words)
    assert said.code == 0, said.error
    return said.out.split()[2]


def test_a_count_is_entered_reviewed_and_posted_once(phone: Hub):
    number = begin(phone)
    phone("count", "enter", number, "mug:+3", "MUG:+4", "LAMP:0")
    (line,) = phone("count", "review", number, "--json").json["items"]
    assert (line["sku"], line["expected"], line["counted"], line["value"]) == ("MUG", 10, 7, "-37.5")
    assert "1 difference of count sheet" in phone("count", "post", number).error
    phone("count", "review", number, "--accept", "MUG", "--reason", "stolen")
    assert phone("count", "post", number).out == "2 SKUs counted, 1 of them changed\n"
    assert "was posted before" in phone("count", "post", number).out
    assert on_hand(phone) == {"LAMP": 0, "MUG": 7}


def test_a_blind_sheet_says_nothing_of_what_is_expected(phone: Hub):
    number = begin(phone, "--blind")
    phone("count", "enter", number, "MUG:7")
    shown = phone("count", "show", number, "--json").json
    assert (shown["items"][0]["expected"], shown["items"][0]["difference"], shown["sheet"]["differing"]) == (
        None,
    ) * 3
    assert phone("count", "review", number, "--json").json["items"][0]["expected"] == 10


def test_what_should_be_counted_first_is_listed_with_why(phone: Hub):
    (mug,) = phone("count", "risk", "main", "--json").json["items"]
    assert (mug["sku"], mug["value"], mug["moved"], mug["days"], mug["differed"]) == (
        "MUG",
        125.0,
        10,
        365,
        0,
    )
    assert begin(phone, "--riskiest", "5") == "1"
    assert "Nothing lies at main that is not being counted already" in phone("count", "risk", "main").out


def test_what_nobody_found_is_none_only_when_somebody_says_so(phone: Hub):
    number = begin(phone)
    phone("count", "new", "main", "MUG")
    phone("count", "enter", number, "--none-left")
    phone("count", "post", number, "--reason", "burned")
    assert on_hand(phone) == {"MUG": 0}


def test_a_dropped_sheet_moves_nothing_and_is_listed_so(phone: Hub):
    number = begin(phone, "MUG")
    phone("count", "enter", number, "MUG:1")
    phone("count", "drop", number)
    assert "is dropped" in phone("count", "enter", number, "MUG:1").error
    (sheet,) = phone("count", "list", "--json").json["items"]
    assert (sheet["state"], sheet["scope"], on_hand(phone)) == ("dropped", "chosen", {"MUG": 10})


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("4711",), "no SKU or barcode is 4711"),
        (("MUG:x",), "is no number of units"),
        (("MUG:-1",), "-1 of MUG cannot lie anywhere"),
        ((), "say which SKU was counted"),
    ],
)
def test_what_cannot_be_entered_is_said_and_nothing_is_kept(phone: Hub, words: tuple[str, ...], says: str):
    number = begin(phone)
    assert says in phone("count", "enter", number, *words).error
    assert phone.sql("SELECT count(*) FROM count_entries") == [(0,)]

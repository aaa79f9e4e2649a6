"""Bank transfers on the command line: a statement is taken once, and matched order by order."""

from pathlib import Path

from tests.cli.conftest import Hub

STATEMENT = """date;amount;currency;payer;reference;bank id
25.11.2026;25,00;EUR;Ada Lovelace;Bestellung 1001;7
25.11.2026;-9,99;EUR;Stadtwerke;Strom;8
26.11.2026;25,00;EUR;Ada Lovelace;nochmal;9
26.11.2026;25,00;EUR;Ada Lovelace;nochmal;9
31.02.2026;1,00;EUR;;;10
27.11.2026;1.000,00;EUR;;;11
27.11.2026;3,00;XXX;;;12
28.11.2026;3,00;EUR;Bob;same;
28.11.2026;3,00;EUR;Bob;same;
"""


def test_a_statement_is_taken_once_and_matched(phone: Hub, tmp_path: Path):
    phone("order", "new", "--line", "MUG:2:12.50")
    (tmp_path / "bank.csv").write_text(STATEMENT)
    words = ("import", "bank", str(tmp_path / "bank.csv"), "--decimal-comma", "--apply", "--json")
    first, again = (phone(*words).json["counts"] for _ in range(2))
    assert "one that says the same was recorded before" in phone(*words[:-2]).out
    assert first == {"new": 3, "changed": 0, "unchanged": 2, "refused": 4}
    assert again["new"] == 0
    listed = phone("payment", "transfer", "list", "--json").items
    (named,) = [each for each in listed if each["suggestions"] and each["suggestions"][0]["is_sure"]]
    assert "of order 1001" in phone("payment", "transfer", "match", named["id"], "1001").out
    assert "order 1001 is paid" in phone("payment", "list", "1001").out
    assert "open" in phone("payment", "transfer", "undo", named["id"]).out
    assert "set aside" in phone("payment", "transfer", "aside", named["id"]).out
    assert "is set aside" in phone("payment", "transfer", "match", named["id"], "1001").error


def test_a_transfer_is_typed_in_and_the_rule_books_what_is_sure(phone: Hub):
    phone("order", "new", "--line", "MUG:2:12.50")
    assert "are not matched by themselves" in phone("payment", "transfer", "rule").out
    phone("payment", "transfer", "rule", "on")
    typed = ("payment", "transfer", "add", "25.00", "EUR", "--on", "2026-11-25", "--reference", "1001")
    assert "pays 25.00 of order 1001" in phone(*typed).out
    assert "say --another" in phone(*typed).out
    assert "open" in phone(*typed, "--another").out
    assert "is no amount" in phone("payment", "transfer", "add", "much", "EUR", "--on", "2026-11-25").error

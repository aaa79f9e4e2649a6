"""hub import and hub export: a look comes first, the exit code tells, and what the handbook shows is so."""

import re
from decimal import Decimal
from pathlib import Path

import pytest

from tests.cli.conftest import ROOT, Hub


def example() -> str:
    found = re.search(r"```csv\n(.*?)```", (ROOT / "docs/retailer.md").read_text(), re.DOTALL)
    assert found
    return found[1]


def on_hand(hub: Hub) -> dict[object, object]:
    return dict(hub.sql("SELECT sku, on_hand FROM levels"))


@pytest.fixture
def goods(phone: Hub, tmp_path: Path) -> Hub:
    phone("import", "template", "catalog", "-o", str(tmp_path / "catalog.xlsx"), "--format", "xlsx")
    assert phone("import", "catalog", str(tmp_path / "catalog.xlsx"), "--apply").code == 0
    return phone


def test_the_example_of_the_handbook_is_looked_at_applied_and_mended(goods: Hub, tmp_path: Path):
    file = tmp_path / "opening.csv"
    file.write_text(example())
    looked = goods("import", "stock", str(file))
    assert (looked.code, on_hand(goods)) == (3, {"MUG": 10})
    assert "2 new, 0 changed, 0 unchanged, 1 refused. Nothing is written yet; --apply does it." in looked.out
    applied = goods("import", "stock", str(file), "--apply", "--reason", "opening stock")
    assert (applied.code, on_hand(goods)) == (3, {"MUG": 10, "MUG-BLUE": 25, "TEA-GREEN": 140})
    refused = tmp_path / "opening-refused.csv"
    assert "TEA-GREN;main;3;sku: there is no SKU TEA-GREN" in refused.read_text()
    refused.write_text(refused.read_text().replace("TEA-GREN;main", "MUG;main"))
    assert goods("import", "stock", str(refused), "--apply").code == 0
    assert (goods("import", "stock", str(file)).code, on_hand(goods)["MUG"]) == (3, 3)


@pytest.mark.parametrize("kind", ["stock", "catalog", "prices", "listings"])
def test_what_is_exported_has_nothing_to_import(goods: Hub, tmp_path: Path, kind: str):
    file = str(tmp_path / "all.xlsx")
    assert goods("export", kind, "-o", file).code == 0
    answer = goods("import", kind, file, "--apply", "--json").json
    assert (answer["counts"]["unchanged"], answer["counts"]["changed"]) == (len(answer["lines"]), 0)


def test_a_file_that_cannot_be_read_is_one_sentence_and_exit_code_1(goods: Hub, tmp_path: Path):
    (tmp_path / "scan.csv").write_bytes(b"%PDF-1.7")
    for file, says in (("scan.csv", "the file is a PDF"), ("none.csv", "No such file")):
        answer = goods("import", "stock", str(tmp_path / file))
        assert (answer.code, says in answer.error) == (1, True)


def test_a_price_is_what_the_form_for_phone_orders_proposes(goods: Hub):
    given = "SKU;Preis;Währung\nMUG;13,90;eur\n".encode("cp1252")
    words = ("import", "prices", "-", "--apply", "--encoding", "cp1252", "--decimal-comma")
    assert "price 12.5 EUR → 13.90 EUR" in goods(*words, stdin=given).out
    (mug,) = [each for each in goods("sku", "list", "--json").items if each["sku"] == "MUG"]
    assert (mug["price"], mug["currency"]) == ("13.90", "EUR")


def test_orders_and_channels_hear_of_stock_that_was_imported(goods: Hub):
    goods("import", "stock", "-", "--apply", stdin=b"sku,location,on hand\nMUG,main,0\n")
    (moved,) = goods.sql("SELECT reason, actor, on_hand_change FROM movements WHERE kind = 'count'")
    assert moved == ("import of input", "command line", -10)


def test_a_price_that_moves_tenfold_wants_a_second_word(goods: Hub):
    slip = b"sku,price,currency\nMUG,1250,EUR\n"
    refused = goods("import", "prices", "-", "--apply", stdin=slip)
    assert (refused.code, "1 of 1 rows say a price that is ten times as high" in refused.error) == (1, True)
    assert goods.sql("SELECT price FROM skus WHERE sku = 'MUG'")[0][0] == Decimal("12.5")
    assert goods("import", "prices", "-", "--apply", "--sure", stdin=slip).code == 0

"""Bundles and kits by command: said as typed, listed for people and programs, refused with what to do."""

import pytest

from tests.cli.conftest import Hub


@pytest.fixture
def gifts(phone: Hub) -> Hub:
    """Ten mugs; GIFT is a bundle of two, HAMPER a kit of three."""
    for sku in ("GIFT", "HAMPER"):
        assert phone("sku", "add", sku, sku.title()).code == 0
    assert phone("bundle", "set", "gift", "--part", "mug:2").out == "GIFT is a bundle of 2 × MUG\n"
    assert phone("kit", "set", "HAMPER", "--part", "MUG:3").out == "HAMPER is a kit of 3 × MUG\n"
    return phone


def test_bundles_and_kits_are_listed_each_by_their_command(gifts: Hub):
    (gift,), (hamper,) = gifts("bundle", "list", "--json").items, gifts("kit", "list", "--json").items
    assert (gift["sku"], gift["components"], gift["parts"]) == ("GIFT", {"MUG": 2}, {"MUG": 2})
    assert (hamper["sku"], hamper["kind"], hamper["components"]) == ("HAMPER", "kit", {"MUG": 3})
    assert gifts("bundle", "list").out.splitlines()[-1].split() == ["GIFT", "Gift", "2", "×", "MUG"]


def test_nested_bundles_say_what_is_in_them_in_the_end(gifts: Hub):
    gifts("sku", "add", "BOX", "Box")
    gifts("bundle", "set", "BOX", "--part", "GIFT:2")
    assert gifts("bundle", "list", "--json").items[0]["parts"] == {"MUG": 4}
    assert "2 × GIFT  4 × MUG" in gifts("bundle", "list").out


def test_kits_are_assembled_and_taken_apart(gifts: Hub):
    assert gifts("kit", "assemble", "HAMPER", "main", "2").out == "2 × HAMPER assembled at main\n"
    assert gifts("kit", "apart", "HAMPER", "main", "1").out == "1 × HAMPER taken apart at main\n"
    levels = gifts.sql("SELECT sku, on_hand FROM levels WHERE sku <> 'LAMP' ORDER BY sku")
    assert levels == [("HAMPER", 1), ("MUG", 7)]


def test_a_bundle_becomes_an_item_again(gifts: Hub):
    assert gifts("bundle", "clear", "GIFT").out == "GIFT is an item\n"
    assert "No bundles yet" in gifts("bundle", "list").out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("bundle", "set", "GIFT", "--part", "GIFT:1"), "nothing can be made of itself: GIFT → GIFT"),
        (("bundle", "set", "GIFT", "--part", "CUP:1"), "no SKU or barcode is CUP"),
        (("bundle", "set", "GIFT", "--part", "MUG"), "write it as MUG-BLUE:12"),
        (("bundle", "set", "MUG", "--part", "LAMP:1"), "MUG has had stock of its own"),
        (("bundle", "clear", "MUG"), "MUG is no bundle"),
        (("kit", "assemble", "HAMPER", "main", "4"), "2 more of MUG would have to be free"),
        (("kit", "assemble", "GIFT", "main", "1"), "GIFT is no kit"),
        (
            ("stock", "adjust", "GIFT", "main", "1", "--reason", "found"),
            "no stock of its own: take its parts, MUG",
        ),
    ],
)
def test_what_cannot_be_is_refused_in_a_sentence(gifts: Hub, words: tuple[str, ...], said: str):
    refused = gifts(*words)
    assert refused.code == 1
    assert said in refused.error


def test_a_bundle_is_explained_by_its_parts(gifts: Hub):
    said = [" ".join(line.split()) for line in gifts("stock", "explain", "GIFT").out.splitlines()]
    assert "MUG 2 in each 10 available enough for 5 limits it" in said
    assert "+ 5 MUG 10 of MUG at main, 2 in each" in said
    found = gifts("stock", "explain", "GIFT", "--json").json
    assert (found["available"], found["limited_by"]) == (5, "MUG")

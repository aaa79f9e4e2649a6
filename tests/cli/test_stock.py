"""Stock on the command line: shown by location and channel, changed with a reason, counted."""

import pytest

from tests.cli.conftest import Hub


def level(hub: Hub) -> list[tuple[int, int]]:
    return hub.sql("SELECT on_hand, allocated FROM levels WHERE sku = 'MUG' AND location = 'main'")


@pytest.mark.parametrize(("change", "left"), [("5", 15), ("-3", 7)])
def test_a_change_moves_what_is_on_hand_with_its_reason(phone: Hub, change: str, left: int):
    said = phone("stock", "adjust", "MUG", "main", change, "--reason", "found behind the shelf")
    assert (said.code, level(phone)) == (0, [(left, 0)])
    assert phone.sql("SELECT reason, actor FROM movements WHERE kind = 'adjustment'") == [
        ("found behind the shelf", "command line")
    ]


def test_a_count_sets_what_is_on_hand_and_promises_stay(phone: Hub):
    phone("order", "new", "--line", "MUG:2")
    phone("stock", "adjust", "MUG", "main", "--count", "7", "--reason", "inventory")
    assert level(phone) == [(7, 2)]
    assert phone.sql("SELECT kind, on_hand_change FROM movements WHERE kind = 'count'") == [("count", -3)]


def test_a_count_that_agrees_changes_nothing(phone: Hub):
    phone("stock", "adjust", "MUG", "main", "--count", "10", "--reason", "inventory")
    assert phone.sql("SELECT count(*) FROM movements") == [(1,)]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("MUG", "main"), "say by how much"),
        (("MUG", "main", "2", "--count", "3"), "say by how much"),
        (("MUG", "main", "0"), "changes nothing"),
        (("CUP", "main", "1"), "there is no SKU CUP"),
        (("MUG", "moon", "1"), "there is no location moon: the hub knows main, shop"),
        (("MUG", "moon", "--count", "1"), "there is no location moon"),
    ],
)
def test_what_cannot_be_done_is_said_and_nothing_changes(phone: Hub, words: tuple[str, ...], said: str):
    answer = phone("stock", "adjust", *words, "--reason", "why not")
    assert (answer.code, level(phone)) == (1, [(10, 0)])
    assert said in answer.error


def test_stock_shows_locations_and_what_is_available(phone: Hub):
    phone("order", "new", "--line", "MUG:2")
    (mug,) = phone("stock", "show", "MUG", "--json").items
    assert (mug["available"], mug["levels"][0]["location"], mug["levels"][0]["allocated"]) == (8, "main", 2)
    assert "8 available to sell" in phone("stock", "show", "MUG").out


def test_an_unknown_sku_is_named(phone: Hub):
    assert phone("stock", "show", "MUG", "CUP").error == "hub: there is no SKU CUP: see hub stock show"


def test_without_skus_the_way_to_add_them_is_named(hub: Hub):
    assert "hub sku add KEY NAME" in hub("stock", "show").out

"""Picking on the command line: begun, scanned, told short, put back, given up; a wrong word changes nothing."""

import pytest

from tests.cli.conftest import Hub


def begun(phone: Hub) -> str:
    phone("order", "new", "--line", "MUG:3:9.90")
    said = phone("pick", "new", "main")
    assert said.out == "pick list 1 asks for 3 units for 1 order: hub pick show 1\n", said.error
    return "1"


def test_a_list_is_picked_and_what_is_missing_told_short(phone: Hub):
    number = begun(phone)
    phone("stock", "shelf", "main", "mug:A-03-2")
    assert phone("pick", "enter", number, "MUG:3", "MUG:-1").out == "pick list 1: 2 of 3 units in hand\n"
    assert phone("pick", "short", number, "MUG", "--reason", "broken", "--only-missing").out.startswith(
        "1 of MUG missing; the books changed by -1"
    )
    (row,) = phone("pick", "show", number, "--json").items
    assert (row["shelf"], row["needed"], row["picked"], row["short"]) == ("A-03-2", 2, 2, 1)
    assert "asks for no more of MUG" in phone("pick", "short", number, "MUG", "--reason", "broken").out


def test_what_is_in_hand_for_nothing_is_put_back_and_a_list_given_up(phone: Hub):
    number = begun(phone)
    phone("pick", "enter", number, "MUG")
    assert phone("pick", "back", number).out == "0 units put back\n"
    assert phone("pick", "drop", number).out == "pick list 1 is dropped\n"
    assert phone("pick", "list", "--json").items[0]["state"] == "dropped"
    assert "is dropped: begin another one" in phone("pick", "enter", number, "MUG").error


@pytest.mark.parametrize(
    ("word", "says"),
    [("NOTHING", "no SKU or barcode"), ("MUG:x", "MUG-BLUE:3"), ("MUG:9", "more than"), ("LAMP", "not on")],
)
def test_a_wrong_word_is_told_and_changes_nothing(phone: Hub, word: str, says: str):
    number = begun(phone)
    assert says in phone("pick", "enter", number, word).error
    assert phone.sql("SELECT picked FROM pick_parts") == [(0,)]


def test_a_place_on_the_shelf_needs_its_sku(phone: Hub):
    assert "SKU and its place" in phone("stock", "shelf", "main", "MUG").error
    assert "there is no SKU" in phone("stock", "shelf", "main", "NOTHING:A-1").error
    assert "Nobody has said" in phone("stock", "shelf", "main").out


def test_a_shop_whose_goods_lie_with_us_is_said_to_ship_here(shop: Hub):
    assert shop("channel", "ships", "web").out == "orders of web are picked and shipped here\n"
    assert shop.sql("SELECT ships_here FROM channels") == [(True,)]
    assert shop("channel", "add", "manual", "phone").code == 0
    assert "the hub's own" in shop("channel", "ships", "phone", "--there").error

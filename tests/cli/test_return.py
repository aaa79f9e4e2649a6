"""hub return: goods come back by SKU, are put aside unless told otherwise, and are listed until somebody decides."""

from tests.cli.conftest import Hub

SHIP = "UPDATE order_lines SET allocated = 0, shipped = quantity; UPDATE levels SET allocated = 0"


def sold(phone: Hub) -> str:
    assert phone("order", "new", "--line", "MUG:3", "--customer", "Ada").code == 0
    phone.sql(SHIP)
    ((number,),) = phone.sql("SELECT number FROM orders")
    return str(number)


def test_goods_put_aside_are_listed_until_somebody_decides(phone: Hub):
    number = sold(phone)
    assert phone("return", "take", number, "--line", "MUG:2", "--reason", "dented").code == 0
    (aside,) = phone("return", "list", "--to-inspect", "--json").items
    assert (aside["sku"], aside["quantity"], aside["reason"]) == ("MUG", 2, "dented")
    assert phone("return", "inspect", aside["id"], "restock", "--to", "main").code == 0
    assert phone("return", "list", "--to-inspect").out == "Nothing waits to be looked at.\n"
    assert phone.sql("SELECT sum(on_hand) FROM levels") == [(12,)]


def test_what_is_not_in_the_order_is_named_with_what_is(phone: Hub):
    refused = phone("return", "take", sold(phone), "--line", "LAMP:1")
    assert (refused.code, "has no line of LAMP: it has MUG" in refused.error) == (1, True)


def test_more_than_has_left_cannot_come_back(phone: Hub):
    refused = phone("return", "take", sold(phone), "--line", "MUG:9", "--disposition", "scrap")
    assert (refused.code, "9 of MUG cannot come back: 3 are out" in refused.error) == (1, True)

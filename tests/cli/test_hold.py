"""Holds by command: put, listed with what is known of them, assigned, and resolved after a look."""

from tests.cli.conftest import Hub


def test_orders_are_held_listed_and_resolved(phone: Hub):
    phone("order", "new", "--line", "MUG:2")
    put = phone("hold", "put", "1001", "--reason", "fraud", "--note", "abroad", "--due", "24", "--release")
    assigned = phone("hold", "assign", "1001", "--reason", "fraud", "--owner", "ada")
    (listed,) = phone("hold", "list", "--json").items
    look = phone("hold", "resolve", "1001", "7", "--reason", "fraud", "--preview")
    assert put.out == "1 order held for fraud; its stock is given back\n"
    assert assigned.out == "1 order of 1 held for fraud: noted\n"
    assert (listed["owner"], listed["note"], listed["stock"]) == ("ada", "abroad", "released")
    assert "nothing was changed" in look.out
    assert phone("hold", "resolve", "1001", "--reason", "fraud").out.startswith("fraud resolved for 1 order")
    assert phone("hold", "list").out.startswith("No order is held")


def test_what_cannot_be_held_says_why(phone: Hub):
    assert "no order 7" in phone("hold", "put", "7", "--reason", "review").error
    phone("order", "new", "--line", "MUG:2")
    assert "put by the hub itself" in phone("hold", "put", "1001", "--reason", "payment").error
    assert phone.sql("SELECT holds FROM orders") == [([],)]

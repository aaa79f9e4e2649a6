"""Drafts and what they hold on the command line: whose units are missing, until when, and how to let them go."""

from hub.store.db import Tx
from hub.web.desk.orders.draft import Draft, DraftLine
from tests.builders import draft, keep
from tests.cli.conftest import Hub


async def two_drafts(tx: Tx) -> None:
    """One of Ada's, as the desk writes it, and one that nothing can be read of."""
    await keep(tx, draft("unreadable", MUG=1))
    typed = Draft("ada-1", {"name": "Ada L"}, [DraftLine("MUG", "3")])
    await keep(tx, draft("ada-1", MUG=3), typed=typed)


def test_drafts_are_listed_with_customer_items_and_what_is_reserved(phone: Hub):
    phone.arrange(two_drafts)
    first, second = sorted(phone("order", "drafts", "--json").items, key=lambda each: each["id"])
    assert (first["id"], first["customer"], first["items"], first["reserved"]) == (
        "ada-1",
        "Ada L",
        "3 × MUG",
        3,
    )
    assert (second["customer"], second["reserved"]) == ("sealed with another key", 1)
    assert "Ada L" in phone("order", "drafts").out


def test_without_drafts_the_list_says_where_to_begin_one(phone: Hub):
    assert "New order" in phone("order", "drafts").out
    assert "hub order drafts" in phone("stock", "reservations").out


def test_what_is_reserved_names_its_owner_and_can_be_asked_of_one_sku(phone: Hub):
    phone.arrange(two_drafts)
    found = phone("stock", "reservations", "MUG", "--json").items
    assert [(each["owner"], each["units"], each["location"]) for each in found] == [
        ("ada-1", 3, "main"),
        ("unreadable", 1, "main"),
    ]
    assert phone("stock", "reservations", "LAMP", "--json").items == []
    assert phone("stock", "reservations", "GHOST").error == "hub: there is no SKU GHOST: see hub stock show"


def test_the_chain_of_a_number_says_for_whom_units_are_kept(phone: Hub):
    phone.arrange(two_drafts)
    assert "3 for draft ada-1" in phone("stock", "explain", "MUG").out


def test_a_dropped_draft_gives_its_units_back_and_an_unknown_one_drops_nothing(phone: Hub):
    phone.arrange(two_drafts)
    assert "nothing was dropped" in phone("order", "drop", "ada-1", "ghost").error
    assert phone("order", "drop", "ada-1").out == "1 draft dropped; 3 units no longer reserved\n"
    assert phone.sql("SELECT sum(reserved) FROM levels") == [(1,)]


def test_check_finds_the_books_right_while_drafts_hold_units(phone: Hub):
    phone.arrange(two_drafts)
    said = phone("check", "--json", "--late-after", "9999999")
    assert (said.code, said.json["ok"]) == (0, True)

"""hub lot: a SKU is tracked, its lots received and listed by expiry, and a mistake is one sentence."""

from tests.cli.conftest import Hub


def test_lots_are_received_and_listed_with_their_day(phone: Hub):
    assert phone("lot", "track", "LAMP", "lot").code == 0
    received = phone("lot", "receive", "main", "DN-1", "LAMP", "L1:4", "L2:2", "--expires", "2099-01-31")
    assert received.out == "6 units of 2 lots received at main\n"
    listed = phone("lot", "list", "LAMP", "--json").items
    assert [(each["lot"], each["on_hand"], each["expires_on"]) for each in listed] == [
        ("L1", 4, "2099-01-31"),
        ("L2", 2, "2099-01-31"),
    ]
    assert phone("lot", "list", "--days", "30").out.startswith("No lot lies anywhere")


def test_a_lot_of_an_untracked_sku_says_how_to_track_it(phone: Hub):
    refused = phone("lot", "receive", "main", "DN-1", "MUG", "L1:4")
    assert (refused.code, "hub lot track MUG lot" in refused.error) == (1, True)
    assert phone.sql("SELECT sum(on_hand) FROM levels") == [(10,)]


def test_a_swap_for_a_lot_the_order_does_not_have_is_refused(phone: Hub):
    phone("lot", "track", "MUG", "serial")
    phone("order", "new", "--line", "MUG:1", "--customer", "Ada")
    ((number,),) = phone.sql("SELECT number FROM orders")
    refused = phone("lot", "swap", str(number), "MUG", "SN1", "SN2")
    assert (refused.code, "does not have 1 of lot SN1" in refused.error) == (1, True)

"""How long unpaid orders keep their stock, by command: for a channel, and for one order."""

from tests.cli.conftest import Hub


def test_a_channel_says_how_long_and_the_orders_that_are_open_follow(phone: Hub):
    phone("order", "new", "--line", "MUG:2")
    said = phone("channel", "unpaid", "phone", "--hours", "48")
    assert (
        said.out
        == "unpaid orders of phone keep their stock for 48 h, but not those paid by cod, cash on delivery\n"
    )
    assert phone.sql("SELECT pay_by = placed_at + interval '48 hours' FROM orders") == [(True,)]
    assert "order 1001" in phone("stock", "reservations").out


def test_for_ever_takes_the_end_back(phone: Hub):
    phone("channel", "unpaid", "phone", "--hours", "48")
    phone("order", "new", "--line", "MUG:2")
    assert "as long as they are open" in phone("channel", "unpaid", "phone", "--for-ever").out
    assert phone.sql("SELECT pay_by FROM orders") == [(None,)]


def test_one_order_is_kept_longer(phone: Hub):
    phone("channel", "unpaid", "phone", "--hours", "1")
    phone("order", "new", "--line", "MUG:2")
    assert phone("order", "keep", "1001", "--hours", "72").out.startswith("1 order: unpaid or not")
    assert phone.sql("SELECT pay_by > now() + interval '70 hours' FROM orders") == [(True,)]


def test_what_is_left_out_or_unknown_says_what_to_write(phone: Hub):
    assert "--hours 48" in phone("channel", "unpaid", "phone").error
    assert (
        "from 1" in phone("channel", "unpaid", "phone", "--hours", "0").error
        or "1 to" in phone("channel", "unpaid", "phone", "--hours", "0").error
    )
    assert phone("order", "keep", "7", "--for-ever").error.startswith("hub: there is no order 7")

"""How fast orders leave, set on the command line: what is late stands in the list, what cannot be is said."""

from tests.cli.conftest import Hub


def test_orders_that_take_longer_than_they_may_are_late(phone: Hub):
    phone("order", "new", "--line", "MUG:2:12.50")
    said = phone(
        "channel", "handling", "phone", "--hours", "24", "--days", "1234567", "--cutoff", "14:00"
    ).out
    assert said == "orders of phone leave within 24 h; 1 open order got a time to leave by\n"
    assert phone("order", "list", "--late").out == "No order is late.\n"
    assert (
        "is no hour of the day"
        in phone("channel", "handling", "phone", "--hours", "4", "--cutoff", "2").error
    )
    assert "say how long" in phone("channel", "handling", "phone").error
    assert "keep it" in phone("channel", "handling", "phone", "--none").out

"""Payments on the command line: tenders add up, refunds never exceed what was paid."""

from tests.cli.conftest import Hub


def test_an_order_is_paid_by_two_tenders_and_partly_refunded(phone: Hub):
    phone("order", "new", "--line", "MUG:2:12.50")
    assert "25.00 still to pay" in phone("payment", "list", "1001").out
    paid = [phone("payment", "add", "1001", amount, "--tender", "cash").out for amount in ("10", "15.00")]
    assert paid == ["order 1001 is pending, 15.00 still to pay\n", "order 1001 is paid\n"]
    given_back = phone("payment", "refund", "1001", "5", "--tender", "cash", "--reference", "chipped")
    assert given_back.out == "order 1001 is partly refunded\n"
    assert "cannot be refunded" in phone("payment", "refund", "1001", "25", "--tender", "cash").error
    assert "is no amount" in phone("payment", "add", "1001", "ten", "--tender", "cash").error
    told = phone("payment", "list", "1001", "--json").json
    assert ([each["step"] for each in told["items"]], told["account"]["refunded"]) == (
        ["captured", "captured", "refunded"],
        "5",
    )

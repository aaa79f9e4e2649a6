"""hub rma: a return is asked for, approved, received in parts, looked at and settled; each step says the next one."""

import pytest

from tests.cli.conftest import Hub

SHIP = "UPDATE order_lines SET allocated = 0, shipped = quantity; UPDATE levels SET allocated = 0"


@pytest.fixture
def sold(phone: Hub) -> Hub:
    """Order 1001 of three mugs at 10.00 has left and is paid."""
    phone("order", "new", "--line", "MUG:3:10.00", "--customer", "Ada")
    phone("payment", "add", "1001", "30.00", "--tender", "cash")
    phone.sql(SHIP)
    return phone


def test_a_return_goes_from_the_wish_to_the_money_step_by_step(sold: Hub):
    said = [
        sold("rma", "ask", "1001", "--line", "MUG:2", "--reason", "chipped"),
        sold("rma", "approve", "1001"),
        sold("rma", "receive", "1001", "--line", "MUG:1", "--disposition", "scrap"),
        sold("rma", "receive", "1001"),
        sold("rma", "inspect", "1001", "restock", "--to", "main"),
        sold("rma", "settle", "1001", "--tender", "cash"),
    ]
    states = [each.out.split(" is ")[1].split(":")[0] for each in said]
    assert states == ["requested", "approved", "inspected", "received", "inspected", "settled"]
    assert said[-1].out.endswith("order 1001: 20.00 of 30.00 EUR went back\n")
    assert sold.sql("SELECT sum(on_hand) FROM levels") == [(11,)]


def test_an_exchange_sends_new_goods_and_says_what_is_to_pay(sold: Hub):
    sold("rma", "ask", "1001", "--line", "MUG", "--exchange", "--approved")
    sold("rma", "receive", "1001", "--disposition", "restock", "--to", "main")
    settled = sold("rma", "settle", "1001", "--exchange", "MUG:1:12.50")
    assert "2.50 still to pay" in settled.out
    (listed,) = sold("rma", "list", "--order", "1001", "--json").items
    shown = sold("rma", "show", "1001", "--json").json
    assert (listed["state"], shown["rma"]["lines"][0]["wish"], len(shown["goods"])) == (
        "settled",
        "exchange",
        1,
    )


WRONG = {
    "ask 1001 --line LAMP": "has no line 'LAMP': it has MUG",
    "ask 1001 --line MUG:2": "at most 1 can, and 2 are expected back already",
    "ask 7 --line MUG": "there is no order 7",
    "approve 7": "there is no RMA 7",
    "settle 1001": "RMA 1001 is requested, so settle cannot be: what can is approve, decline, cancel",
    "settle 1001 --exchange MUG": "write it as MUG:1",
    "settle 1001 --amount much": "write it as 12.50",
    "inspect 1001 scrap": "nothing of RMA 1001 lies aside",
    "receive 1001 --line MUG:3": "so receive cannot be",
}


def test_what_cannot_be_says_what_can(sold: Hub):
    sold("rma", "ask", "1001", "--line", "MUG:2")
    refused = {words: sold("rma", *words.split()) for words in WRONG}
    assert [words for words, said in WRONG.items() if said not in refused[words].error] == []
    assert {each.code for each in refused.values()} == {1}


def test_a_refund_by_line_is_what_was_charged_and_by_amount_what_is_said(sold: Hub):
    assert sold("order", "refund", "1001", "--line", "MUG:1").out == (
        "order 1001: 10.00 of 30.00 EUR went back, 10.00 still to give back\n"
    )
    assert sold("order", "refund", "1001", "2.00", "--line", "MUG").out.startswith(
        "order 1001: 12.00 of 30.00"
    )
    assert "2 of 3 are left to refund" in sold("order", "refund", "1001", "--line", "MUG:3").error
    assert "say it alone" in sold("order", "refund", "1001", "2.00", "--tender", "cash").error

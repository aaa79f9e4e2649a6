"""Orders on the command line: typed in and promised whole or refused, listed, and shown with money that adds up."""

from decimal import Decimal
from pathlib import Path

import msgspec
import pytest

from hub.cli.orders.order import read_line
from hub.model.errors import InputError
from tests.cli.conftest import Hub


def test_a_typed_order_is_promised_and_its_number_printed(phone: Hub):
    said = phone("order", "new", "--line", "MUG:2:9.90", "--customer", "Ada L", "--currency", "EUR")
    assert (said.code, said.out.splitlines()[0]) == (0, "order 1001 is taken")
    assert phone.sql("SELECT allocated FROM levels WHERE sku = 'MUG'") == [(2,)]


def test_without_a_price_the_sku_s_own_is_taken(phone: Hub):
    phone("order", "new", "--line", "mug:2")
    order = phone("order", "show", "1001", "--json").json
    assert (order["total"], order["currency"], order["lines"][0]["unit_price"]) == ("25.0", "EUR", "12.5")


def test_an_order_is_shown_with_who_collects_it_and_who_pays_at_the_door(phone: Hub):
    form = {
        "command_id": "1",
        "placed_at": "2026-11-23T12:00:00Z",
        "currency": "EUR",
        "cash_on_delivery": True,
    }
    lines = [{"title": "Mug", "sku": "MUG", "quantity": 1, "unit_price": "12.5"}]
    body = msgspec.json.encode(form | {"lines": lines, "pickup": {"name": "Market"}})
    phone("order", "new", "--file", "-", stdin=body)
    page = phone("order", "show", "1001").out
    assert "paid by      at the door" in page
    assert "collected    by the customer, at Market" in page


def test_a_typed_order_says_where_it_is_collected(phone: Hub):
    phone("order", "new", "--line", "MUG:1", "--pickup", "Market")
    assert "collected    by the customer, at Market" in phone("order", "show", "1001").out


def test_an_order_that_cannot_be_promised_says_what_is_short_and_changes_nothing(phone: Hub):
    said = phone("order", "new", "--line", "MUG:12", "--line", "LAMP:1")
    assert (said.code, said.error) == (
        1,
        "hub: not enough stock: MUG lacks 2, LAMP lacks 1; take fewer, or add stock first",
    )
    assert phone.sql("SELECT count(*) FROM orders") == [(0,)]


def test_the_same_id_again_is_the_same_order(phone: Hub):
    words = ("order", "new", "--line", "MUG:1", "--id", "click-1", "--json")
    form = {"command_id": "click-1", "placed_at": "2026-11-23T12:00:00Z", "currency": "EUR"}
    body = msgspec.json.encode(
        form | {"lines": [{"title": "Mug", "sku": "MUG", "quantity": 1, "unit_price": "12.5"}]}
    )
    first, second = (phone("order", "new", "--file", "-", "--json", stdin=body) for _ in range(2))
    assert first.json["number"] == second.json["number"] == 1001
    assert phone(*words).code == 0
    assert phone.sql("SELECT count(*) FROM orders") == [(1,)]


def test_a_file_with_a_wrong_field_names_it(phone: Hub, tmp_path: Path):
    file = tmp_path / "order.json"
    file.write_bytes(
        b'{"command_id": "1", "placed_at": "2026-11-23T12:00:00Z", "currency": "EUR", "lines": []}'
    )
    said = phone("order", "new", "--file", str(file))
    assert (said.code, said.error) == (1, "hub: lines must have at least one line")


def test_without_a_form_channel_the_way_to_one_is_named(shop: Hub):
    said = shop("order", "new", "--line", "MUG:1:5")
    assert said.error.endswith("add one with: hub channel add manual phone")


@pytest.mark.parametrize("text", ["MUG", "MUG:0:5", "MUG:x", ":2:5", "MUG:2:-5", "MUG:2:five"])
def test_a_line_that_is_not_sku_quantity_price_is_refused(text: str):
    with pytest.raises(InputError, match="for example MUG-BLUE:2:"):
        read_line(text)


def test_a_sku_may_hold_colons_itself():
    wanted = [read_line("A:B:2:12.50"), read_line("A:B:2")]
    assert [(each.sku, each.quantity, each.price) for each in wanted] == [
        ("A:B", 2, "12.50"),
        ("A:B", 2, None),
    ]


def test_one_order_is_shown_with_every_part_of_its_money_and_where_its_stock_comes_from(phone: Hub):
    phone("order", "new", "--line", "MUG:2:9.90", "--customer", "Ada L")
    page = phone("order", "show", "1001").out
    assert [
        line.split() for line in page.splitlines() if line.startswith(("lines", "difference", "total"))
    ] == [
        ["lines", "19.80"],
        ["difference", "0.00"],
        ["total", "19.80"],
    ]
    assert "Ada L" in page
    assert "main 2" in page
    assert "Allocated 2 × MUG (Main)" in page


def test_the_json_of_an_order_adds_up_and_holds_no_sealed_bytes(phone: Hub):
    phone("order", "new", "--line", "MUG:2:9.90", "--customer", "Ada L")
    order = phone("order", "show", "1001", "--json").json
    parts = [Decimal(line["total"]) + Decimal(line["tax"]) for line in order["lines"]]
    others = [Decimal(order[name]) for name in ("shipping_total", "shipping_tax", "difference")]
    assert sum(parts + others) == Decimal(order["total"])
    assert ("personal" in order, order["customer"]["name"]) == (False, "Ada L")


def test_held_orders_are_listed_alone(phone: Hub):
    phone("order", "new", "--line", "MUG:1")
    phone("order", "new", "--line", "MUG:2")
    phone.sql("UPDATE orders SET holds = '{address}' WHERE number = 1001")
    held = phone("order", "list", "--held", "--json").items
    assert [(each["number"], each["holds"]) for each in held] == [(1001, ["address"])]
    assert [each["number"] for each in phone("order", "list", "--json").items] == [1002, 1001]


def test_a_list_that_is_cut_says_so(phone: Hub):
    phone("order", "new", "--line", "MUG:1")
    phone("order", "new", "--line", "MUG:1")
    assert "There are more; these are the newest 1." in phone("order", "list", "--limit", "1").out


def test_an_order_that_is_not_there_is_named(phone: Hub):
    assert phone("order", "show", "9").error == "hub: there is no order 9: see hub order list"

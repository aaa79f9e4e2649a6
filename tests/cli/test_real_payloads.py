"""Payloads that real channels sent go in as they are, and every line, amount, tax, address and time comes out again.

What came out is compared with the payload by readers of their own, which share no code with the connectors.
"""

from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
import pytest

from tests.cli.conftest import ROOT, Hub, sets

PAYLOADS = ROOT.parent / "shared" / "channels"
WOO, SQUARE = PAYLOADS / "woocommerce" / "recorded_orders.json", PAYLOADS / "square" / "samples.json"
MINOR = {"USD": 2, "CAD": 2}
ABOUT_ORDERS = {"order", "orders", "order_entries", "event_id"}
Facts = dict[str, Any]

pytestmark = pytest.mark.skipif(not PAYLOADS.exists(), reason=f"the recorded payloads are not at {PAYLOADS}")


def raw(path: Path) -> Any:
    return msgspec.json.decode(path.read_bytes())


def test_every_recorded_woocommerce_order_is_in_the_hub_as_it_was_sent(shop: Hub):
    said = shop("inbox", "add", "web", str(WOO), "--json")
    assert {each["state"] for each in said.items} == {"taken"}
    for order, added in zip(raw(WOO), said.items, strict=True):
        assert facts_of(shop, added["number"]) == read_woo(order)


def test_every_complete_square_order_is_in_the_hub_as_it_was_sent(till: Hub, tmp_path: Path):
    for name, order in complete_square_orders():
        file = write(tmp_path, name, {"order": order})
        till("channel", "add", "square", name.lower(), *sets("access_token=x", "base_url=http://127.0.0.1:9"))
        (added,) = till("inbox", "add", name.lower(), file, "--json").items
        assert (name, added["state"]) == (name, "taken")
        assert facts_of(till, added["number"]) == read_square(order)


def test_the_rest_of_square_s_samples_is_kept_with_a_reason_a_person_can_read(till: Hub, tmp_path: Path):
    items = till("inbox", "add", "till", *square_files(tmp_path), "--json").items
    others = [each for each in items if each["state"] not in {"taken", "older"}]
    assert {each["state"] for each in others} == {"parked", "ignored"}
    assert [each for each in others if len(each["reason"].split()) < 4 or "`" in each["reason"]] == []
    orders = [each for each in others if each["state"] == "parked"]
    assert all(each["channel_order_id"] for each in orders)


@pytest.mark.parametrize("channel", ["web", "till"])
def test_a_second_run_changes_nothing(shop: Hub, tmp_path: Path, channel: str):
    add_till(shop)
    files = [str(WOO)] if channel == "web" else square_files(tmp_path)
    shop("inbox", "add", channel, *files)
    before = everything(shop)
    again = shop("inbox", "add", channel, *files)
    assert (again.code, "Nothing changed" in again.out) == (0, True)
    assert everything(shop) == before


def test_no_law_is_broken_by_any_of_it(shop: Hub, tmp_path: Path):
    add_till(shop)
    shop("inbox", "add", "web", str(WOO))
    shop("inbox", "add", "till", *square_files(tmp_path))
    assert [
        each["name"] for each in shop("check", "--json").json["checks"] if each["verdict"] != "kept"
    ] == []


@pytest.fixture
def till(hub: Hub) -> Hub:
    add_till(hub)
    return hub


def add_till(hub: Hub) -> None:
    closed = ("access_token=x", "base_url=http://127.0.0.1:9", "location_ids=A")
    assert hub("channel", "add", "square", "till", *sets(*closed)).code == 0


def square_files(folder: Path) -> list[str]:
    """Every order and every event among the samples, each in a file of its own."""
    samples = {name: each for name, each in raw(SQUARE).items() if ABOUT_ORDERS & set(each)}
    assert len(samples) > 25
    return [write(folder, name, each) for name, each in samples.items()]


def complete_square_orders() -> list[tuple[str, Facts]]:
    """Those that carry all that an order must have, and are no draft."""
    needed = {"id", "created_at", "updated_at", "total_money"}
    samples = raw(SQUARE).items()
    found = [(name, each["order"]) for name, each in samples if needed <= set(each.get("order", {}))]
    orders = [(name, order) for name, order in found if order["state"] != "DRAFT"]
    assert len(orders) >= 4
    return orders


def write(folder: Path, name: str, content: Any) -> str:
    (folder / f"{name}.json").write_bytes(msgspec.json.encode(content))
    return str(folder / f"{name}.json")


def everything(hub: Hub) -> list[list[tuple[Any, ...]]]:
    tables = ("inbox", "orders", "order_lines", "listings", "movements", "levels", "events", "customers")
    return [hub.sql(f"SELECT * FROM {table} ORDER BY 1, 2") for table in tables]


def facts_of(hub: Hub, number: int) -> Facts:
    """What the hub says of an order, in the words of the readers below."""
    order = hub("order", "show", str(number), "--json").json
    person = order["customer"]
    return {
        "id": order["channel_order_id"],
        "placed": datetime.fromisoformat(order["placed_at"]),
        "currency": order["currency"],
        **{name: Decimal(order[name]) for name in ("total", "tax_total", "shipping_total", "discount_total")},
        "difference": Decimal(order["difference"]),
        "lines": [line_facts(each) for each in order["lines"]],
        "email": person.get("email", ""),
        "billing": person.get("billing") or {},
        "shipping": person.get("shipping") or {},
    }


def line_facts(line: Facts) -> Facts:
    amounts = {name: Decimal(line[name]) for name in ("unit_price", "discount", "total", "tax")}
    return {"title": line["title"], "quantity": line["quantity"]} | amounts


def read_woo(order: Facts) -> Facts:
    lines = [
        {
            "title": each["name"],
            "quantity": each["quantity"],
            "unit_price": Decimal(each["subtotal"]) / each["quantity"],
            "discount": Decimal(each["subtotal"]) - Decimal(each["total"]),
            "total": Decimal(each["total"]),
            "tax": Decimal(each["total_tax"]),
        }
        for each in order["line_items"]
    ]
    shipping = Decimal(order["shipping_total"]) + Decimal(order["shipping_tax"])
    return {
        "id": str(order["id"]),
        "placed": datetime.fromisoformat(order["date_created_gmt"] + "+00:00"),
        "currency": order["currency"],
        "total": Decimal(order["total"]),
        "tax_total": Decimal(order["total_tax"]),
        "shipping_total": Decimal(order["shipping_total"]),
        "discount_total": Decimal(order["discount_total"]),
        "difference": Decimal(order["total"]) - sum(each["total"] + each["tax"] for each in lines) - shipping,
        "lines": lines,
        "email": order["billing"]["email"],
        "billing": woo_address(order["billing"]),
        "shipping": woo_address(order["shipping"]),
    }


def woo_address(wire: Facts) -> Facts:
    names = {"company": "company", "street": "address_1", "street2": "address_2", "city": "city"}
    names |= {"region": "state", "postcode": "postcode", "country": "country", "phone": "phone"}
    found = {ours: wire[theirs] for ours, theirs in names.items() if wire[theirs]}
    return {"name": f"{wire['first_name']} {wire['last_name']}"} | found


def read_square(order: Facts) -> Facts:
    lines = [square_line(each) for each in order["line_items"]]
    return {
        "id": order["id"],
        "placed": datetime.fromisoformat(order["created_at"]),
        "currency": order["total_money"]["currency"],
        "total": minor(order["total_money"]),
        "tax_total": sum((each["tax"] for each in lines), Decimal(0)),
        "shipping_total": Decimal(0),
        "discount_total": minor(order["total_discount_money"]),
        "difference": minor(order["total_money"]) - sum(each["total"] + each["tax"] for each in lines),
        "lines": lines,
        "email": "",
        "billing": {},
        "shipping": {},
    }


def square_line(line: Facts) -> Facts:
    extras = sum((minor(each["base_price_money"]) for each in line.get("modifiers", [])), Decimal(0))
    modifiers = ", ".join(each["name"] for each in line.get("modifiers", []))
    variation = f" - {line['variation_name']}" if line.get("variation_name") else ""
    return {
        "title": line["name"] + variation + (f" ({modifiers})" if modifiers else ""),
        "quantity": int(line["quantity"]),
        "unit_price": minor(line["base_price_money"]) + extras,
        "discount": minor(line["total_discount_money"]),
        "total": minor(line["total_money"]) - minor(line["total_tax_money"]),
        "tax": minor(line["total_tax_money"]),
    }


def minor(money: Facts) -> Decimal:
    return Decimal(money["amount"]).scaleb(-MINOR[money["currency"]])

"""The counter on the command line: ready, collected or back, and what is still to come."""

import json

from tests.cli.conftest import Hub

ORDER = {
    "command_id": "a",
    "placed_at": "2026-03-01T09:30:00Z",
    "currency": "EUR",
    "lines": [{"title": "Mug", "sku": "MUG", "quantity": 1, "unit_price": "12.50"}],
    "pickup": {"name": "main"},
}


def test_orders_are_collected_or_given_back(phone: Hub):
    assert "Nobody collects anything" in phone("pickup", "list").out
    for each in ("a", "b"):
        typed = json.dumps(ORDER | {"command_id": each}).encode()
        phone("order", "new", "--file", "-", stdin=typed)
    assert "2 orders ready to be collected, for 7 days" in phone("pickup", "ready", "1001", "1002").out
    assert "not the code" in phone("pickup", "collected", "1001", "--code", "none").error
    assert phone("pickup", "collected", "1001", "--by", "Ada").out == "order 1001 is collected\n"
    (left,) = phone("pickup", "list", "main", "--json").json["items"]
    assert (left["number"], left["state"]) == (1002, "ready")
    assert "the stock is free again" in phone("pickup", "back", "1002").out

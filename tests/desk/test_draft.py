"""A typed order says everything that is wrong with it at once, and is read as it was meant."""

from datetime import UTC, datetime
from decimal import Decimal

import msgspec
import pytest

from hub.store.desk.stock import Suggestion
from hub.web.desk.orders.draft import (
    Draft,
    check_draft,
    read_amount,
    read_draft,
    read_quantity,
    to_manual_order,
    total_of,
)

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
MUG = Suggestion("MUG", "Blue mug", Decimal("12.50"), "EUR", 12)
FOUND = {"MUG": MUG, "mug": MUG}
GOOD = {"command_id": "a", "channel": "phone", "currency": "eur", "name": "Ada"}


def draft(item: str = "mug", quantity: str = "2", price: str = "", **fields: str) -> Draft:
    return read_draft(GOOD | fields, [item], [quantity], [price], fresh_id="fresh")


def test_a_good_draft_has_no_problems_and_costs_what_it_should():
    assert check_draft(draft(), FOUND, ["phone"]) == {}
    assert total_of(draft(shipping_price="4,90"), FOUND) == Decimal("29.90")


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        (draft(channel="till"), "channel"),
        (draft(currency="EU", price="9"), "currency"),
        (draft(name=""), "name"),
        (draft(email="ada"), "email"),
        (draft(country="Germany"), "country"),
        (draft(shipping_price="free"), "shipping_price"),
        (draft(name="x" * 501), "name"),
        (draft(item="CUP"), "item-0"),
        (draft(item="", price=""), "item-0"),
        (draft(quantity="0"), "quantity-0"),
        (draft(price="1,250"), "price-0"),
        (draft(currency="USD"), "price-0"),
    ],
)
def test_each_problem_is_named_at_its_field(wrong: Draft, field: str):
    assert list(check_draft(wrong, FOUND, ["phone"])) == [field]


@pytest.mark.parametrize(
    ("text", "amount"),
    [("12.50", "12.50"), ("12,5", "12.5"), ("0", "0"), ("0.123456", "0.123456")],
)
def test_an_amount_is_read_exactly(text: str, amount: str):
    assert str(read_amount(text)) == amount


@pytest.mark.parametrize("text", ["1,250", "-1", "1e9", "٣", "1.", "12.50 EUR", "1.0000001"])
def test_an_amount_that_could_mean_two_things_is_asked_again(text: str):
    assert read_amount(text) is None


def test_no_quantity_is_one_and_a_strange_digit_is_none():
    assert (read_quantity(""), read_quantity("3"), read_quantity("٣")) == (1, 3, None)


def test_the_form_becomes_a_manual_order_with_the_sku_that_was_meant():
    order = msgspec.json.decode(to_manual_order(draft(quantity="", city="Berlin"), FOUND, at=NOON))
    meant = {"sku": "MUG", "title": "Blue mug", "quantity": 1, "unit_price": "12.50", "fields": {}}
    assert order["lines"] == [meant]
    assert order["customer"]["shipping"] == {"name": "Ada", "city": "Berlin"}

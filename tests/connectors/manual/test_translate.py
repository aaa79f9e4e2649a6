"""A typed order becomes the hub's order: our own SKUs, exact totals, and a sentence for every mistake."""

import json
from decimal import Decimal
from typing import Any

import msgspec
import pytest

from connectors.manual.connector import ManualConnector
from hub.model.incoming import IncomingOrder, LineKind, Payment, Pickup
from hub.model.orders.taking import difference
from hub.spec import FetchesOrders, MalformedError, PushesStock, ReceivesWebhooks

MANUAL = ManualConnector()
MUG = {"sku": "MUG-BLUE", "title": "Mug, blue", "quantity": 2, "unit_price": "12.50"}


def form(**fields: Any) -> dict[str, Any]:
    plain = {"command_id": "c1", "placed_at": "2026-03-01T09:30:00+01:00", "currency": "EUR", "lines": [MUG]}
    return {key: value for key, value in (plain | fields).items() if value is not None}


def taken(order: dict[str, Any]) -> IncomingOrder:
    [message] = MANUAL.split_file(json.dumps(order).encode())
    return MANUAL.to_incoming(message, None)


def test_the_command_id_is_the_orders_key():
    order = taken(form(order_number="P-17", revision=2))
    assert (order.channel_order_id, order.channel_order_number, order.revision) == ("c1", "P-17", 2)


def test_the_same_form_has_the_same_key_and_a_corrected_one_another():
    first, again, corrected = (
        MANUAL.split_file(json.dumps(each).encode())[0] for each in (form(), form(), form(revision=1))
    )
    assert first.delivery_key == again.delivery_key != corrected.delivery_key
    assert first.channel_order_id == corrected.channel_order_id


def test_a_line_names_our_own_sku_and_one_without_takes_no_stock():
    wrapping = {"title": "Gift wrapping", "quantity": 1, "unit_price": "2"}
    lines = taken(form(lines=[MUG, wrapping])).lines
    assert [(line.kind, line.channel_sku) for line in lines] == [
        (LineKind.ITEM, "MUG-BLUE"),
        (LineKind.CUSTOM, ""),
    ]


def test_taxes_come_on_top_unless_the_prices_include_them():
    line = MUG | {"tax": "4.56", "discount": "1.00"}
    shipping = {"method": "Parcel", "price": "4.90", "tax": "0.93"}
    on_top = taken(form(lines=[line], shipping=shipping))
    within = taken(form(lines=[line], shipping=shipping, taxes_included=True))
    assert (on_top.total, on_top.lines[0].total, on_top.shipping_total) == (
        Decimal("34.39"),
        Decimal("24.00"),
        Decimal("4.90"),
    )
    assert (within.total, within.lines[0].total, within.shipping_total) == (
        Decimal("28.90"),
        Decimal("19.44"),
        Decimal("3.97"),
    )


@pytest.mark.parametrize("included", [True, False])
@pytest.mark.parametrize("price", ["0", "12.5", "0.000001", "999999999.99"])
def test_lines_and_shipping_add_up_without_a_difference(price, included):
    line = MUG | {"unit_price": price, "tax": "0.19", "quantity": 3}
    order = taken(form(lines=[line, MUG], shipping={"price": "4.9", "tax": "0.78"}, taxes_included=included))
    assert difference(order) == 0


def test_an_amount_keeps_its_digits_and_a_number_is_as_good_as_a_text():
    assert taken(form(lines=[MUG | {"unit_price": "2.990000"}])).lines[0].unit_price.as_tuple().exponent == -6
    order = json.dumps(form()).replace('"12.50"', "1.10").encode()
    [message] = MANUAL.split_file(order)
    assert MANUAL.to_incoming(message, None).total == Decimal("2.20")


def test_a_clerk_says_who_collects_and_who_pays_at_the_door():
    order = taken(form(pickup={"name": "Market Street"}, cash_on_delivery=True))
    assert (order.pickup, order.cash_on_delivery) == (Pickup(name="Market Street"), True)
    assert (taken(form()).pickup, taken(form()).cash_on_delivery) == (None, False)


def test_the_clerks_note_is_sealed_with_the_person():
    order = taken(form(customer={"name": "Ada", "note": "deaf"}, note="rings twice", payment="paid"))
    assert (order.person.name, order.person.note) == ("Ada", "deaf\nrings twice")
    assert (order.notes, order.payment) == ((), Payment.PAID)


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"command_id": None}, "command_id is missing: fill it in"),
        ({"command_id": ""}, "command_id must be 1 to 200 characters on one line"),
        (
            {"placed_at": "2026-03-01T09:30:00"},
            "placed_at needs its time zone, such as 2026-03-01T09:30:00+01:00",
        ),
        ({"placed_at": None}, "placed_at is missing: fill it in"),
        ({"currency": None}, "currency is missing: fill it in"),
        ({"currency": "euro"}, "currency must be a currency code of three capital letters, such as EUR"),
        ({"lines": []}, "lines must have at least one line"),
        ({"lines": [MUG, MUG | {"quantity": 0}]}, "lines[1].quantity must be a whole number, 1 or more"),
        ({"lines": [MUG | {"quantity": -1}]}, "lines[0].quantity must be a whole number, 1 or more"),
        ({"lines": [MUG | {"quantity": 1.5}]}, "lines[0].quantity must be a whole number, such as 2"),
        ({"lines": [MUG | {"unit_price": "cheap"}]}, "lines[0].unit_price must be an amount, such as 12.50"),
        ({"lines": [MUG | {"qty": 2}]}, "lines[0].qty is not a field of a manual order"),
        ({"lines": [MUG | {"title": ""}]}, "lines[0].title must not be empty"),
        ({"note": "\0"}, "The order has a NUL character in a text, which cannot be stored: remove it"),
    ],
)
def test_a_mistake_is_named_by_its_field_in_a_sentence(wrong, sentence):
    with pytest.raises(MalformedError) as told:
        taken(form(**wrong))
    assert str(told.value) == sentence


@pytest.mark.parametrize("amount", ["-1", "NaN", "Infinity", "1e999999", "1000000000000", "0.0000001"])
def test_an_amount_that_no_order_has_is_refused(amount):
    with pytest.raises(MalformedError, match=r"lines\[0\].unit_price must be an amount of 0 or more"):
        taken(form(lines=[MUG | {"unit_price": amount}]))


def test_a_discount_beyond_the_price_is_refused():
    with pytest.raises(
        MalformedError, match=r"lines\[0\].discount must not exceed what the line costs: 25.00"
    ):
        taken(form(lines=[MUG | {"discount": "25.01"}]))


def test_a_file_may_hold_many_forms_and_one_bad_one_is_found_when_it_is_read():
    forms = [form(command_id="a"), form(command_id="b", currency="?"), form(command_id="c")]
    messages = MANUAL.split_file(json.dumps(forms).encode())
    assert [each.channel_order_id for each in messages] == ["a", "b", "c"]
    with pytest.raises(MalformedError, match="currency"):
        MANUAL.to_incoming(messages[1], None)


def test_a_form_without_its_key_is_named_by_its_place_in_the_file():
    with pytest.raises(MalformedError, match=r"^\[1\].command_id is missing: fill it in$"):
        MANUAL.split_file(json.dumps([form(), form(command_id=None)]).encode())


@pytest.mark.parametrize(
    "raw", [b"", b"x", b"7", b"[1]", b"[{}]", b"\xff", b"[" * 100_000, b'{"a":' * 100_000]
)
def test_bytes_that_are_no_form_are_refused(raw):
    with pytest.raises(MalformedError):
        [MANUAL.to_incoming(each, None) for each in MANUAL.split_file(raw)]


def test_what_is_taken_keeps_to_the_borders_limits():
    order = taken(form(customer={"name": "Ada"}, shipping={"method": "Parcel"}))
    assert msgspec.json.decode(msgspec.json.encode(order), type=IncomingOrder) == order


@pytest.mark.anyio
async def test_there_is_nothing_to_connect():
    channel = MANUAL.open(None, MANUAL.config_type())
    assert not isinstance(channel, FetchesOrders | ReceivesWebhooks | PushesStock)
    assert [probe.ok for probe in await channel.check()] == [True]


def test_a_manual_order_is_a_promise_and_not_a_fact():
    assert not MANUAL.manifest.orders_are_facts

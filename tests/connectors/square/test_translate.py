"""A Square order becomes the hub's order: amounts exact, units whole, and what did not happen is not taken.

The payloads were written for these rules, after the schema Order of Square's OpenAPI document 2025-08-20.
"""

import json
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from connectors.square.connector import SquareConnector
from hub.model.incoming import IncomingOrder, LineKind, Payment, Pickup
from hub.model.orders.taking import difference
from hub.spec import MalformedError, RejectedError

PAYLOADS = Path(__file__).parent / "payloads"
NAMES = sorted(path.stem for path in PAYLOADS.glob("*.json"))
SQUARE = SquareConnector()


def payload(name: str) -> dict[str, Any]:
    return dict(json.loads((PAYLOADS / f"{name}.json").read_text()))


def taken(order: dict[str, Any]) -> IncomingOrder:
    [message] = SQUARE.split_file(json.dumps(order).encode())
    return SQUARE.to_incoming(message, None)


def changed(name: str, **fields: object) -> dict[str, Any]:
    return payload(name) | fields


@pytest.mark.parametrize("name", [name for name in NAMES if name != "draft"])
def test_lines_and_taxes_add_up_to_the_total_without_a_difference(name):
    assert difference(taken(payload(name))) == 0


def test_what_a_line_costs_is_after_discount_and_without_tax():
    mug = taken(payload("till_sale")).lines[0]
    assert (mug.quantity, mug.unit_price, mug.discount) == (2, Decimal("12.50"), Decimal("2.50"))
    assert (mug.total, mug.tax) == (Decimal("22.50"), Decimal("1.86"))


def test_a_tax_within_the_price_is_taken_out_of_the_line():
    order = taken(payload("inclusive_tax"))
    [kettle] = order.lines
    assert (kettle.total, kettle.tax, order.total) == (Decimal(10), Decimal(1), Decimal(11))
    assert order.tax_included


def test_an_amount_in_yen_has_no_decimals():
    order = taken(payload("yen"))
    assert (order.currency, order.total, order.lines[0].total) == ("JPY", Decimal(1500), Decimal(1364))


def test_a_line_in_another_currency_is_not_added_up():
    order = payload("till_sale")
    order["line_items"][0]["total_money"]["currency"] = "EUR"
    with pytest.raises(MalformedError, match="EUR in an order of USD"):
        taken(order)


def test_charges_rounding_and_tip_carry_money_and_no_stock():
    fees = [line for line in taken(payload("till_sale")).lines if line.kind is LineKind.FEE]
    assert [(line.title, line.total) for line in fees] == [
        ("Packing", Decimal("2.00")),
        ("Cash rounding", Decimal("0.02")),
        ("Tip", Decimal("2.60")),
    ]


def test_a_tip_that_the_total_does_not_contain_makes_no_line():
    order = changed("till_sale", total_money={"amount": 2955, "currency": "USD"})
    assert "Tip" not in [line.title for line in taken(order).lines]
    assert difference(taken(order)) == 0


def test_an_apportioned_charge_is_part_of_the_lines_already():
    order = payload("till_sale")
    order["service_charges"][0]["treatment_type"] = "APPORTIONED_TREATMENT"
    assert "Packing" not in [line.title for line in taken(order).lines]


def test_a_line_from_the_catalog_names_its_listing_and_others_take_no_stock():
    mug, card, *_ = taken(payload("till_sale")).lines
    assert (mug.kind, mug.channel_listing_id, mug.channel_sku) == (LineKind.ITEM, "VAR1", "")
    assert (card.kind, card.channel_listing_id) == (LineKind.CUSTOM, "")


def test_the_title_tells_variation_and_modifiers():
    assert taken(payload("till_sale")).lines[0].title == "Mug - Blue (Engraved)"


def test_modifiers_are_part_of_the_unit_price():
    order = payload("till_sale")
    order["line_items"][0]["modifiers"][0] |= {
        "quantity": "2",
        "base_price_money": {"amount": 75, "currency": "USD"},
    }
    assert taken(order).lines[0].unit_price == Decimal("14.00")


def test_goods_by_weight_are_one_custom_line_with_a_note():
    order = taken(payload("by_weight"))
    [beans] = order.lines
    assert (beans.quantity, beans.kind, beans.unit_price) == (1, LineKind.CUSTOM, Decimal("4.995"))
    assert order.notes == ("'Coffee beans' was sold by measure (1.5): one custom line, no stock moves",)


def test_a_whole_quantity_of_goods_by_weight_takes_no_stock_either():
    order = payload("by_weight")
    order["line_items"][0]["quantity"] = "2.000"
    assert taken(order).lines[0].kind is LineKind.CUSTOM


def test_a_completed_sale_is_paid_and_has_left_the_shop():
    order = taken(payload("till_sale"))
    assert (order.payment, order.payment_method, order.channel_state) == (Payment.PAID, "cash", "COMPLETED")
    assert [line.fulfilled for line in order.lines] == [line.quantity for line in order.lines]


def test_an_open_order_has_handed_over_what_completed_fulfillments_say():
    order = taken(payload("pickup_open"))
    assert [(line.quantity, line.fulfilled, line.canceled) for line in order.lines] == [(2, 1, 0), (1, 0, 0)]


def test_a_completed_order_loses_the_units_of_a_failed_fulfillment():
    order = changed("pickup_open", state="COMPLETED")
    order["fulfillments"][1]["state"] = "FAILED"
    lines = taken(order).lines
    assert [(line.fulfilled, line.canceled) for line in lines] == [(1, 1), (1, 0)]


def test_a_canceled_order_hands_over_nothing():
    order = taken(payload("canceled"))
    assert (order.canceled, order.payment) == (True, Payment.PENDING)
    assert [(line.quantity, line.canceled, line.fulfilled) for line in order.lines] == [(2, 2, 0)]


def test_a_draft_is_refused_for_what_it_is():
    with pytest.raises(RejectedError, match="'DRAFT1' is a draft, not an order yet"):
        taken(payload("draft"))


CARD = {"type": "CARD", "amount_money": {"amount": 3000, "currency": "USD"}}
CASH = {"type": "CASH", "amount_money": {"amount": 1000, "currency": "USD"}}


@pytest.mark.parametrize(
    ("tenders", "payment"),
    [
        ([], Payment.PENDING),
        ([CASH], Payment.PENDING),
        ([CARD | {"card_details": {"status": "AUTHORIZED"}}], Payment.AUTHORIZED),
        ([CARD | {"card_details": {"status": "CAPTURED"}}], Payment.PAID),
        ([CARD | {"card_details": {"status": "VOIDED"}}], Payment.FAILED),
        ([CASH, CASH, CASH], Payment.PAID),
    ],
)
def test_an_open_order_is_paid_as_far_as_its_tenders_say(tenders, payment):
    assert taken(changed("pickup_open", tenders=tenders)).payment is payment


def test_a_part_payment_is_noted():
    assert taken(changed("pickup_open", tenders=[CASH])).notes[0] == "10.00 USD of 30.00 is paid"


@pytest.mark.parametrize(
    ("cents", "status", "payment"),
    [
        (3215, "APPROVED", Payment.REFUNDED),
        (100, "APPROVED", Payment.PARTLY_REFUNDED),
        (3215, "PENDING", Payment.PAID),
        (3215, "REJECTED", Payment.PAID),
    ],
)
def test_only_an_approved_refund_gives_money_back(cents, status, payment):
    refund = {"amount_money": {"amount": cents, "currency": "USD"}, "status": status}
    assert taken(changed("till_sale", refunds=[refund])).payment is payment


def test_a_return_is_negative_money_without_stock():
    order = taken(payload("returned"))
    mug, tip = order.lines
    assert (order.total, order.payment) == (Decimal("-13.18"), Payment.REFUNDED)
    assert (mug.title, mug.kind, mug.quantity, mug.total) == (
        "Returned: Mug - Blue",
        LineKind.CUSTOM,
        1,
        Decimal("-11.25"),
    )
    assert tip.total == Decimal("-1.00")
    assert order.notes == ("A return of order TILL1: goods that Square names lie there, to be looked at",)


def test_an_exchange_sells_and_takes_back_in_one_order():
    order = taken(payload("exchange"))
    assert order.total == Decimal("7.50")
    assert [(line.kind, line.total) for line in order.lines] == [
        (LineKind.ITEM, Decimal("20.00")),
        (LineKind.CUSTOM, Decimal("-12.50")),
    ]


def test_the_version_is_the_revision_and_the_tills_own_sales_have_none():
    assert (taken(payload("pickup_open")).revision, taken(payload("till_sale")).revision) == (3, 0)


def test_an_offline_sale_keeps_the_moment_it_was_made():
    order = taken(changed("till_sale", created_at="2026-02-28T18:00:00Z"))
    assert (order.placed_at.isoformat(), order.updated_at.isoformat()) == (
        "2026-02-28T18:00:00+00:00",
        "2026-03-02T09:05:00+00:00",
    )


def test_all_that_names_a_person_is_in_one_place():
    order = taken(payload("pickup_open"))
    person = order.person
    assert (person.name, person.email, person.phone) == ("Ada Pickup", "ada@example.test", "+1555010")
    assert person.note == "Ticket: Ada\nrings twice\nTea: loose, please"
    assert "Ada" not in f"{order.channel_order_number} {order.notes} {order.lines}"


def test_a_shipment_without_a_pickup_has_its_address():
    order = payload("pickup_open")
    del order["fulfillments"][0]
    there = taken(order)
    place = there.person.shipping
    assert there.shipping_method == "shipment: USPS"
    assert place is not None
    assert (place.street2, place.city, place.country) == ("Floor 2", "Springfield", "US")


def sent(**fields: object) -> dict[str, Any]:
    """A second fulfillment that has been given to the carrier."""
    order = payload("pickup_open")
    details = order["fulfillments"][1]["shipment_details"] | {"tracking_number": "9400", **fields}
    order["fulfillments"][1] |= {"state": "COMPLETED", "shipment_details": details}
    return order


def test_a_shipment_given_to_its_carrier_is_a_parcel_with_its_units():
    [parcel] = taken(sent(shipped_at="2026-03-03T08:00:00Z")).parcels
    assert (parcel.channel_parcel_id, parcel.carrier, parcel.tracking) == ("f2", "USPS", "9400")
    assert [(each.channel_line_id, each.quantity) for each in parcel.lines] == [("l1", 1)]
    assert parcel.left_at == datetime(2026, 3, 3, 8, tzinfo=UTC)


def test_two_shipments_are_two_parcels_and_hold_no_more_than_was_sold():
    order = sent(shipped_at="soon")
    order["fulfillments"] = [order["fulfillments"][1] | {"uid": uid, "entries": None} for uid in ("a", "b")]
    first, second = taken(order).parcels
    assert [each.quantity for each in first.lines] == [2, 1]
    assert (second.lines, second.tracking, second.left_at) == ((), "9400", None)


def test_what_is_proposed_or_handed_over_the_counter_is_no_parcel():
    assert taken(payload("pickup_open")).parcels == ()


def test_an_order_that_is_collected_names_the_place_and_a_part_of_one_is_a_note():
    order = payload("pickup_open")
    partly = taken(order)
    del order["fulfillments"][1]
    assert (partly.pickup, partly.notes) == (None, ("the customer collects a part of it",))
    assert taken(order).pickup == Pickup("LOC1")
    assert taken(payload("till_sale")).pickup is None


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"created_at": None}, "created_at is wrong"),
        ({"created_at": "2026-03-02T09:00:00"}, "created_at is wrong"),
        ({"total_money": {"amount": 1}}, "total_money.currency is missing"),
        ({"total_money": {"amount": 1.5, "currency": "USD"}}, "total_money.amount is wrong"),
        ({"total_money": {"amount": 1, "currency": "dollar"}}, "'dollar' is no ISO 4217 code"),
        ({"line_items": [{"quantity": "1"}]}, r"line_items\[0\].total_money is missing"),
    ],
)
def test_what_cannot_be_read_names_its_field(change, problem):
    with pytest.raises(MalformedError, match=problem):
        taken(changed("till_sale", **change))


@pytest.mark.parametrize("quantity", ["many", "-1", "NaN", "1e9"])
def test_a_quantity_that_is_no_count_names_its_line(quantity):
    order = payload("till_sale")
    order["line_items"][0]["quantity"] = quantity
    with pytest.raises(MalformedError, match=r"line_items\[0\].quantity"):
        taken(order)


def test_a_missing_time_is_named():
    order = payload("till_sale")
    del order["created_at"]
    with pytest.raises(MalformedError, match="an order that cannot be read: created_at is missing"):
        taken(order)

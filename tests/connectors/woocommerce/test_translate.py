"""A WooCommerce order becomes an incoming order: every amount as written, every state read from the right field."""

from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import msgspec
import pytest

from connectors.woocommerce.connector import WooCommerce
from hub.model.incoming import IncomingOrder, LineKind, Payment, Pickup
from hub.spec import MalformedError
from tests.connectors.woocommerce.shop_http import message, payload

PAID = {"date_paid_gmt": "2026-03-02T09:00:05"}
UNPAID = {"date_paid_gmt": None}
OURS = "late 01936f5e-7c00-7abc-8def-0123456789ab"
DONE = {"status": "completed", "date_completed_gmt": "2026-03-04T09:00:00"}


def read(name: str = "order", **changes: Any) -> IncomingOrder:
    order = WooCommerce().to_incoming(message(payload(name, **changes)), None)
    return msgspec.convert(msgspec.to_builtins(order), IncomingOrder)  # as the hub's own border will see it


def difference(order: IncomingOrder) -> Decimal:
    lines = sum((line.total + line.tax for line in order.lines), Decimal(0))
    return order.total - (lines + order.shipping_total + order.shipping_tax)


def refunds(*totals: str) -> Sequence[dict[str, object]]:
    return [{"id": number, "total": total} for number, total in enumerate(totals, 1)]


def refusal(**changes: Any) -> str:
    with pytest.raises(MalformedError) as caught:
        read(**changes)
    return str(caught.value)


def line(**changes: object) -> list[dict[str, object]]:
    return [{"id": 7, "quantity": 3, "subtotal": "30.00", "total": "27.00", "product_id": 11, **changes}]


def test_a_line_keeps_the_shops_own_amounts_and_the_discount_between_them():
    mug = read().lines[0]
    assert (mug.total, mug.tax, mug.discount) == (Decimal("27.00"), Decimal("5.40"), Decimal("3.00"))
    assert (mug.unit_price, mug.quantity, mug.channel_sku) == (Decimal("10.00"), 3, "MUG-BLUE")


def test_a_fee_is_a_line_that_takes_no_stock():
    fee = read().lines[1]
    assert (fee.channel_line_id, fee.kind, fee.total, fee.tax) == (
        "fee-10",
        LineKind.FEE,
        Decimal("2.00"),
        Decimal("0.40"),
    )


@pytest.mark.parametrize("name", ["order", "order_yen"])
def test_lines_shipping_and_taxes_add_up_to_the_total(name):
    assert difference(read(name)) == 0


def test_what_the_shops_rounding_leaves_over_stays_visible():
    order = read("order_dinar")
    assert (order.lines[0].tax, order.tax_total) == (Decimal("0.187500"), Decimal("0.187"))
    assert difference(order) == Decimal("-0.000500")


@pytest.mark.parametrize(
    ("name", "currency", "total"),
    [("order", "EUR", "40.68"), ("order_yen", "JPY", "1650"), ("order_dinar", "KWD", "3.937")],
)
def test_amounts_keep_as_many_decimals_as_the_shop_wrote(name, currency, total):
    order = read(name)
    assert (order.currency, str(order.total)) == (currency, total)


def test_prices_with_tax_are_marked_while_line_totals_stay_without():
    order = read("order_yen")
    assert order.tax_included
    assert (order.lines[0].total, order.lines[0].tax) == (Decimal(1000), Decimal(100))


def test_a_unit_price_that_does_not_end_is_rounded_to_six_decimals():
    assert read(line_items=line(subtotal="10.00")).lines[0].unit_price == Decimal("3.333333")


def test_times_without_a_zone_are_utc():
    order = read()
    assert order.placed_at == datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
    assert order.updated_at == datetime(2026, 3, 2, 9, 0, 7, tzinfo=UTC)


def test_a_variation_is_its_own_listing():
    assert [read(name).lines[0].channel_listing_id for name in ("order", "order_yen")] == ["11", "15/17"]


def test_a_line_whose_product_was_deleted_stays_goods_and_says_so():
    order = read(line_items=line(product_id=0, sku=None))
    assert (order.lines[0].kind, order.lines[0].channel_listing_id) == (LineKind.ITEM, "")
    assert "line 7: its product has been deleted in WooCommerce" in order.notes


def test_the_buyer_is_read_and_a_blank_shipping_address_is_none():
    person = read().person
    assert (person.name, person.email, person.note) == ("Ada Sample", "ada@shop.example", "Ring twice")
    assert (person.billing and person.billing.city, person.shipping) == ("Dublin", None)


def test_an_order_without_addresses_is_still_an_order():
    assert read(billing=None, shipping=None).person.billing is None


def test_payment_method_shipping_method_and_coupon_are_kept():
    order = read()
    assert (order.payment_method, order.shipping_method) == ("Card", "Parcel")
    assert order.notes == ("coupon spring: 3.00 EUR off",)


@pytest.mark.parametrize(
    ("changes", "payment"),
    [
        ({"status": "pending", **UNPAID}, Payment.PENDING),
        ({"status": "processing", **PAID}, Payment.PAID),
        ({"status": "processing", "payment_method": "cod", **UNPAID}, Payment.PENDING),
        ({"status": "on-hold", **UNPAID}, Payment.PENDING),
        ({"status": "on-hold", **PAID}, Payment.PAID),
        ({"status": "completed", **PAID}, Payment.PAID),
        ({"status": "cancelled", **UNPAID}, Payment.PENDING),
        ({"status": "refunded", **PAID}, Payment.REFUNDED),
        ({"status": "failed", **UNPAID}, Payment.FAILED),
        ({"status": "trash", **PAID}, Payment.PAID),
        ({"status": "checkout-draft", **UNPAID}, Payment.PENDING),
        ({"status": "picked-by-a-plugin", **PAID}, Payment.PAID),
    ],
)
def test_the_date_of_payment_decides_what_is_paid(changes, payment):
    assert read(**changes).payment is payment


@pytest.mark.parametrize(
    ("totals", "paid", "payment"),
    [
        (["-1.00"], PAID, Payment.PARTLY_REFUNDED),
        (["-20.68", "-20.00"], PAID, Payment.REFUNDED),
        (["-1.00"], UNPAID, Payment.PENDING),
        (["-40.68"], UNPAID, Payment.REFUNDED),
    ],
)
def test_refunds_are_summed_against_the_total(totals, paid, payment):
    assert read(refunds=refunds(*totals), **paid).payment is payment


@pytest.mark.parametrize(
    ("changes", "canceled"),
    [
        ({"status": "cancelled"}, True),
        ({"status": "trash"}, True),
        ({"status": "refunded"}, True),
        ({"status": "refunded", "refunds": [{"id": 9, "total": "-40.68", "reason": OURS}]}, False),
        ({**DONE, "status": "refunded"}, False),
        ({"status": "failed"}, False),
        (DONE, False),
    ],
)
def test_what_will_never_be_sent_is_canceled(changes, canceled):
    assert read(**changes).canceled is canceled


@pytest.mark.parametrize(
    ("changes", "fulfilled"),
    [({}, 0), (DONE, 3), ({**DONE, "status": "refunded"}, 3), ({"status": "refunded"}, 0)],
)
def test_a_completed_order_has_left_and_stays_gone(changes, fulfilled):
    assert read(**changes).lines[0].fulfilled == fulfilled


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"currency": ""}, "currency"),
        ({"currency": "euro"}, "currency"),
        ({"date_created_gmt": None}, "date_created_gmt"),
        ({"date_modified_gmt": None}, "date_modified_gmt"),
        ({"line_items": line(quantity=-1)}, "line_items[0].quantity"),
        ({"line_items": line(total="NaN")}, "line_items[0].total"),
        ({"total": "1e99"}, "total"),
        ({"fee_lines": [{"id": 1, "total": "Infinity"}]}, "fee_lines[0].total"),
    ],
)
def test_a_refusal_names_order_field_and_remedy(changes, path):
    text = refusal(**changes)
    assert text.startswith(f"order 41 from WooCommerce cannot be read at {path}: ")
    assert "WooCommerce" in text.removeprefix("order 41 from WooCommerce")


def test_a_field_of_the_wrong_type_is_named_with_its_place():
    assert "at line_items[0].quantity: Expected a whole number, got a number with a fraction" in refusal(
        line_items=line(quantity=1.5)
    )
    assert "order 41 from WooCommerce cannot be read at total: Expected an amount" in refusal(total=None)


def test_a_field_that_is_missing_is_named():
    body = b'{"id": 41, "status": "processing", "total": "1.00"}'
    with pytest.raises(MalformedError, match=r"order 41 .* missing required field line_items; correct it"):
        WooCommerce().to_incoming(message(body), None)


def test_an_order_cut_short_is_refused():
    with pytest.raises(MalformedError, match="not complete JSON"):
        WooCommerce().to_incoming(message(payload("order")[:-20]), None)


def test_a_refusal_never_repeats_what_the_buyer_wrote():
    assert "canary" not in refusal(billing={"first_name": ["canary"]}, customer_note="canary")


def test_long_texts_are_cut_to_what_the_hub_holds():
    order = read(line_items=line(name="x" * 900), customer_note="y" * 9000)
    assert (len(order.lines[0].title), len(order.person.note)) == (500, 5000)


def tracked(value: object) -> dict[str, Any]:
    return {"meta_data": [{"id": 1, "key": "_wc_shipment_tracking_items", "value": value}]}


def test_c45_each_number_that_a_tracking_plugin_keeps_is_a_parcel():
    dhl = {"tracking_number": "0034", "tracking_provider": "dhl-de", "date_shipped": "1772496000"}
    own = {"tracking_number": 77, "tracking_provider": "", "custom_tracking_provider": "Our van"}
    first, second = read(**tracked([dhl, own, dhl])).parcels
    assert (first.carrier, first.tracking, first.lines) == ("dhl-de", "0034", ())
    assert first.left_at == datetime(2026, 3, 3, tzinfo=UTC)
    assert (second.carrier, second.tracking, second.left_at) == ("Our van", "77", None)


@pytest.mark.parametrize("value", ["", None, [], [{"tracking_number": ""}]])
def test_an_order_without_a_number_has_no_parcel(value):
    order = read(**tracked(value))
    assert (order.parcels, [each for each in order.notes if "parcels" in each]) == ((), [])


def test_a_plugin_that_writes_nonsense_costs_the_order_a_note_and_no_more():
    order = read(**tracked({"a": 1}))
    assert (order.parcels, "report the plugin" in order.notes[-1]) == ((), True)


def collected(**more: object) -> dict[str, object]:
    return {"id": 1, "method_title": "Local pickup", "method_id": "local_pickup", **more}


def test_an_order_that_is_collected_says_where_if_the_checkout_does():
    place = {"id": 1, "key": "pickup_location", "value": "Market Street"}
    new = collected(method_id="pickup_location", meta_data=[place])
    assert read(shipping_lines=[collected()]).pickup == Pickup()
    assert read(shipping_lines=[new]).pickup == Pickup(name="Market Street")
    assert read().pickup is None


def test_an_order_of_which_a_part_is_collected_is_sent_and_says_so():
    order = read(shipping_lines=[collected(), collected(method_id="flat_rate")])
    assert (order.pickup, order.notes[-1]) == (None, "the customer collects a part of it")


def test_cash_on_delivery_is_known_by_the_method_and_not_by_its_title():
    assert read(payment_method="cod", payment_method_title="Nachnahme").cash_on_delivery
    assert not read(payment_method="bacs", payment_method_title="cod").cash_on_delivery

"""The simulated shop answers as a running WooCommerce does: by its schemas, its arithmetic, its refusals, its webhooks.

The vendor's schemas and recordings lie beside the repository, in ../shared, on some machines only.
"""

from collections.abc import Iterable
from datetime import timedelta
from decimal import Decimal
from functools import reduce
from pathlib import Path
from typing import Any

import msgspec
import pytest
from jsonschema import Draft4Validator, validators
from msgspec.structs import replace

from connectors.woocommerce.connector import WooCommerce
from connectors.woocommerce.simulator import WooCommerceSimulator
from hub.model.incoming import IncomingOrder
from hub.spec.auth import basic
from hub.spec.testing import SimItem, Simulator
from tests.connectors.woocommerce.shop_http import ADA, HTTPS, MORNING, PAYLOADS, SIX, api, message, shop_of

RECORDED = Path(__file__).parents[4] / "shared" / "channels" / "woocommerce"
SCHEMAS = RECORDED / "recorded_json_schemas_wc11.0.1.json"
recorded = pytest.mark.skipif(not SCHEMAS.exists(), reason=f"the vendor's recordings are not at {RECORDED}")
MANY = [SimItem(f"SKU-{n}", f"Thing {n}", Decimal("3.33") * (n + 1), 500) for n in range(120)]


def loose(checker: Any, kind: str) -> Any:
    """WooCommerce's schemas invent types, and null stands for every value that is not set."""
    known = {"date-time": str, "string": str, "integer": int}
    return checker.redefine(kind, lambda _, value: value is None or isinstance(value, known[kind]))


TYPES = reduce(loose, ("date-time", "string", "integer"), Draft4Validator.TYPE_CHECKER)
TYPES = TYPES.redefine("mixed", lambda *_: True)
WooValidator = validators.extend(Draft4Validator, type_checker=TYPES)


def complaints(schema: str, things: Iterable[Any]) -> set[str]:
    """Return where these break the vendor's schema, list positions left out."""
    rules = WooValidator(msgspec.json.decode(SCHEMAS.read_bytes())[schema])
    wrong = (one for each in things for one in rules.iter_errors(each))
    return {".".join(part for part in one.path if isinstance(part, str)) for one in wrong}


def recording(name: str) -> Any:
    return msgspec.json.decode((RECORDED / f"recorded_{name}.json").read_bytes())


async def ask(channel: Any, path: str, **query: str) -> Any:
    return msgspec.json.decode((await channel._api.get(path, query)).body)


def sold(shop: WooCommerceSimulator, count: int) -> list[str | None]:
    return [shop.sell({f"SKU-{n % 6}": n % 3 + 1, "SKU-3": 1}, at=MORNING, buyer=ADA) for n in range(count)]


@recorded
async def test_orders_products_and_webhooks_follow_the_vendors_schemas():
    shop, _, channel = shop_of()
    sold(shop, 20)
    await channel.ensure_webhooks("https://hub.test/in")
    orders, products = await ask(channel, "/orders", per_page="100"), await ask(channel, "/products")
    theirs = complaints("orders", recording("orders"))  # WooCommerce breaks its own rules: image.id
    assert complaints("orders", orders) <= theirs
    assert complaints("products", products) == set()
    assert complaints("webhooks", await ask(channel, "/webhooks")) == set()


@recorded
async def test_an_order_has_the_fields_a_recorded_one_has():
    shop, _, channel = shop_of()
    sold(shop, 1)
    (order,) = await ask(channel, "/orders")
    real = recording("orders")[0]
    unimportant = {"_links", "cart_hash", "customer_ip_address", "customer_user_agent", "payment_url"}
    assert real.keys() - order.keys() == unimportant
    assert real["line_items"][0].keys() == order["line_items"][0].keys()


@recorded
def test_recorded_orders_are_read_without_a_difference():
    messages = WooCommerce().split_file((RECORDED / "recorded_orders.json").read_bytes())
    orders = [WooCommerce().to_incoming(each, None) for each in messages]
    assert [order.channel_order_id for order in orders] == ["23", "22", "20", "18"]
    assert [difference(order) for order in orders] == [0, 0, 0, 0]


@recorded
def test_the_payloads_written_here_follow_the_vendors_schemas():
    assert complaints("orders", map(written, PAYLOADS.glob("*.json"))) == set()


def written(path: Path) -> Any:
    return msgspec.json.decode(path.read_bytes())


async def test_an_order_has_the_fields_of_the_payload_written_here():
    shop, _, channel = shop_of()
    sold(shop, 1)
    (order,) = await ask(channel, "/orders")
    expected = written(PAYLOADS / "order.json")
    assert expected.keys() <= order.keys()
    assert expected["line_items"][0].keys() <= order["line_items"][0].keys()


async def test_amounts_add_up_with_coupons_shipping_and_taxes():
    shop, _, channel = shop_of(MANY)
    sold(shop, 60)
    orders = [incoming(raw) for raw in await ask(channel, "/orders", per_page="100")]
    assert {difference(order) for order in orders} == {0}
    assert (
        len({order.discount_total > 0 for order in orders})
        == len({order.shipping_total for order in orders})
        == 2
    )


def incoming(raw: Any) -> IncomingOrder:
    return WooCommerce().to_incoming(message(msgspec.json.encode(raw)), None)


def difference(order: IncomingOrder) -> Decimal:
    lines = sum((line.total + line.tax for line in order.lines), Decimal(0))
    return order.total - (lines + order.shipping_total + order.shipping_tax)


def test_it_fulfills_the_contract_of_simulators():
    shop: Simulator = WooCommerceSimulator(SIX)
    assert shop.kind == "woocommerce"


def test_the_same_calls_give_the_same_shop():
    one, two = WooCommerceSimulator(MANY), WooCommerceSimulator(MANY)
    assert (sold(one, 9), one.settings(HTTPS)) == (sold(two, 9), two.settings(HTTPS))
    assert one.stock() == two.stock()


def test_other_shops_have_other_keys():
    assert WooCommerceSimulator(SIX).settings("") != WooCommerceSimulator(MANY).settings("")


def test_a_sale_takes_stock_and_a_cancellation_puts_it_back_once():
    shop = WooCommerceSimulator(SIX)
    number = shop.sell({"SKU-0": 2, "SKU-3": 1}, at=MORNING, buyer=ADA)
    assert (number, shop.stock()["SKU-0"], shop.stock()["SKU-3"]) == ("18", 48, 49)
    for _ in range(2):
        shop.cancel("18", at=MORNING)
    assert set(shop.stock().values()) == {50}


def test_a_basket_that_is_short_is_refused_whole():
    shop = WooCommerceSimulator(SIX)
    assert shop.sell({"SKU-0": 1, "SKU-1": 51}, at=MORNING, buyer=ADA) is None
    assert (shop.order_ids(), set(shop.stock().values())) == ([], {50})


async def test_times_are_whole_seconds_and_the_shops_clock_is_an_hour_ahead():
    shop, _, channel = shop_of()
    shop.sell({"SKU-0": 1}, at=MORNING + timedelta(microseconds=900_000), buyer=ADA)
    (order,) = await ask(channel, "/orders")
    assert (order["date_created_gmt"], order["date_created"]) == (
        "2026-03-02T09:00:00",
        "2026-03-02T10:00:00",
    )


@pytest.mark.parametrize(("gmt", "found"), [("true", 1), ("false", 0)])
async def test_without_dates_are_gmt_a_time_is_the_shops_own(gmt, found):
    shop, _, channel = shop_of()
    sold(shop, 1)
    query = {"modified_before": "2026-03-02T09:00:01", "dates_are_gmt": gmt}
    assert len(await ask(channel, "/orders", **query)) == found


async def test_bounds_are_exclusive():
    shop, _, channel = shop_of()
    sold(shop, 1)
    for bound in ("modified_after", "modified_before"):
        assert await ask(channel, "/orders", dates_are_gmt="true", **{bound: "2026-03-02T09:00:00"}) == []


async def test_a_page_names_how_many_there_are():
    shop, http, channel = shop_of()
    sold(shop, 25)
    reply = await channel._api.get("/orders", {"page": "3", "order": "asc", "orderby": "id"})
    assert (reply.headers["x-wp-total"], reply.headers["x-wp-totalpages"]) == ("25", "3")
    assert len(msgspec.json.decode(reply.body)) == 5
    assert http.asked


@pytest.mark.parametrize(
    "query",
    [
        {"per_page": "101"},
        {"page": "0"},
        {"status": "open"},
        {"orderby": "color"},
        {"modified_after": "noon"},
    ],
)
async def test_parameters_the_schema_forbids_answer_400(query):
    _, _, channel = shop_of()
    reply = await channel._api.call("GET", "/orders", query=query)
    assert (reply.status, msgspec.json.decode(reply.body)["code"]) == (400, "rest_invalid_param")


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/nothing", 404),
        ("GET", "/orders/9", 404),
        ("PUT", "/webhooks/9", 404),
        ("PATCH", "/orders", 404),
    ],
)
async def test_what_is_not_there_answers_as_the_vendor_does(method, path, status):
    _, _, channel = shop_of()
    reply = await channel._api.call(method, path)
    assert reply.status == msgspec.json.decode(reply.body)["data"]["status"] == status


async def test_a_body_that_is_no_json_answers_400():
    shop, _, _ = shop_of()
    keys = shop.settings(HTTPS)
    headers = basic(keys["consumer_key"], keys["consumer_secret"])
    request = replace(api("POST", "/products/batch"), headers=headers, body=b"{")
    assert shop.answer(request, at=MORNING).status == 400


async def test_a_webhook_describes_the_order_as_it_is_when_it_goes():
    shop, _, channel = shop_of()
    await channel.ensure_webhooks("https://hub.test/in")
    shop.take_deliveries()
    shop.sell({"SKU-0": 1}, at=MORNING, buyer=ADA)
    shop.cancel("22", at=MORNING)
    created, updated = shop.take_deliveries()
    assert created.headers["x-wc-webhook-topic"] == "order.created"
    assert created.body == updated.body
    assert msgspec.json.decode(created.body)["status"] == "cancelled"


async def test_two_orders_of_one_second_share_a_delivery_id():
    shop, _, channel = shop_of()
    await channel.ensure_webhooks("https://hub.test/in")
    shop.take_deliveries()
    sold(shop, 2)
    assert len({each.headers["x-wc-webhook-delivery-id"] for each in shop.take_deliveries()}) == 1


async def test_a_new_webhook_is_pinged_unsigned():
    shop, _, channel = shop_of()
    await channel.ensure_webhooks("https://hub.test/in")
    ping = shop.take_deliveries()[0]
    assert (ping.url, ping.body) == ("https://hub.test/in", b"webhook_id=18")
    assert "x-wc-webhook-signature" not in ping.headers


async def test_a_completed_order_is_completed_and_paid():
    shop, _, channel = shop_of()
    (number,) = sold(shop, 1)
    await channel._api.call("PUT", f"/orders/{number}", payload={"status": "completed"})
    order = incoming(await ask(channel, f"/orders/{number}"))
    assert (order.channel_state, order.payment, order.lines[0].fulfilled) == ("completed", "paid", 1)

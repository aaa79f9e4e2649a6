"""The simulated Square answers as the vendor's own API description says, and as a till behaves.

The description is not part of this repository; where it lies beside it (../shared), every request of the connector
and every answer of the simulator is checked against it.
"""

import functools
import json
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from connectors.square.connector import SquareConnector
from connectors.square.simulator import SHOP, TOKEN, SquareSimulator
from connectors.square.till.hooks import SIGNATURE_KEY
from connectors.square.webhooks import SIGNATURE_HEADER
from hub.model.incoming import Person
from hub.model.orders.taking import difference
from hub.spec import Cancellation, Fulfillment, LineUnits, Refund, RejectedError, StockTarget
from hub.spec.testing import SetsStock, SimReply, SimRequest
from tests.connectors.square.conftest import MORNING, WARES
from tests.connectors.square.tiny_http import TinyHttp, config_for, opened

SQUARE_FILES = Path(__file__).parents[4] / "shared" / "channels" / "square"
jsonschema = pytest.importorskip("jsonschema", reason="jsonschema, of the extra [dev], is not installed")
needs_description = pytest.mark.skipif(
    not (SQUARE_FILES / "api.json").exists(), reason=f"Square's API description is not at {SQUARE_FILES}"
)
ADA = Person(name="Ada Buyer", email="ada@example.test", phone="+15550100")
HOOK = "https://hub.test/hook"
SQUARE = SquareConnector()


@functools.cache
def schemas() -> dict[str, Any]:
    """The vendor's schemas with its two faults stubbed (see SOURCE.md there) and its `nullable` read as null."""
    found: dict[str, Any] = json.loads((SQUARE_FILES / "api.json").read_text())["components"]["schemas"]
    return dict(mended(found)) | {"CatalogModifierToggleOverrideType": {"type": "string"}}


def mended(node: Any) -> Any:
    """Turn OpenAPI 3.0 into JSON Schema; an object takes no field that its schema does not name."""
    if isinstance(node, list):
        return [mended(each) for each in node]
    if not isinstance(node, dict):
        return node
    if "$ref" in node:
        return {"$ref": node["$ref"]} if node["$ref"].startswith("#") else {}
    kept = {key: mended(each) for key, each in node.items() if key != "example"}
    if kept.get("type") == "object" and kept.get("properties") and "additionalProperties" not in kept:
        kept["additionalProperties"] = False
    if kept.pop("nullable", False) and "type" in kept:
        kept["type"] = [kept["type"], "null"]
    return kept


def faults(name: str, value: Any) -> list[str]:
    schema = {"$ref": f"#/components/schemas/{name}", "components": {"schemas": schemas()}}
    return [
        f"{each.json_path}: {each.message}"
        for each in jsonschema.Draft202012Validator(schema).iter_errors(value)
    ]


NAMES = {
    ("POST", "/v2/orders/search"): ("SearchOrdersRequest", "SearchOrdersResponse"),
    ("POST", "/v2/orders/batch-retrieve"): ("BatchRetrieveOrdersRequest", "BatchRetrieveOrdersResponse"),
    ("POST", "/v2/inventory/changes/batch-create"): (
        "BatchChangeInventoryRequest",
        "BatchChangeInventoryResponse",
    ),
    ("POST", "/v2/inventory/counts/batch-retrieve"): (
        "BatchRetrieveInventoryCountsRequest",
        "BatchRetrieveInventoryCountsResponse",
    ),
    ("PUT", "/v2/orders/SIMORDER00000013"): ("UpdateOrderRequest", "UpdateOrderResponse"),
    ("GET", "/v2/refunds"): ("", "ListPaymentRefundsResponse"),
    ("POST", "/v2/refunds"): ("RefundPaymentRequest", "RefundPaymentResponse"),
    ("GET", "/v2/refunds/SIMPAYMENT00000001_R1"): ("", "GetPaymentRefundResponse"),
    ("GET", "/v2/catalog/list"): ("", "ListCatalogResponse"),
    ("GET", "/v2/locations"): ("", "ListLocationsResponse"),
    ("GET", "/v2/webhooks/subscriptions"): ("", "ListWebhookSubscriptionsResponse"),
    ("POST", "/v2/webhooks/subscriptions"): (
        "CreateWebhookSubscriptionRequest",
        "CreateWebhookSubscriptionResponse",
    ),
    ("PUT", "/v2/webhooks/subscriptions/wbhk_sim0001"): (
        "UpdateWebhookSubscriptionRequest",
        "UpdateWebhookSubscriptionResponse",
    ),
}
EVENTS = {
    "order.created": "OrderCreatedEvent",
    "order.updated": "OrderUpdatedEvent",
    "order.fulfillment.updated": "OrderFulfillmentUpdatedEvent",
    "payment.updated": "PaymentUpdatedEvent",
    "inventory.count.updated": "InventoryCountUpdatedEvent",
    "refund.updated": "RefundUpdatedEvent",
}


async def a_day(http: TinyHttp, simulator: SquareSimulator) -> None:
    """Everything the connector can do, once."""
    channel = opened(http)
    await channel.ensure_webhooks(HOOK)
    next(iter(simulator.hooks.subscriptions.values()))["enabled"] = False
    await channel.ensure_webhooks(HOOK)
    await channel.check()
    sold = [simulator.sell({"MUG-BLUE": 1, "TEA-MINT": 3}, at=MORNING, buyer=ADA) or "" for _ in range(12)]
    simulator.cancel(sold[3], at=MORNING + timedelta(minutes=1))
    await channel.push_refund([Refund(key="k1", channel_order_id=sold[0], amount=Decimal(2), currency="EUR")])
    ordered = simulator.order({"MUG-BLUE": 2}, at=MORNING, buyer=ADA) or ""
    line = (LineUnits("line1", 1),)
    sent: dict[str, Any] = {"carrier": "ups", "tracking_number": "1Z9", "shipped_at": MORNING}
    await channel.push_fulfillment([Fulfillment(key="k2", channel_order_id=ordered, lines=line, **sent)])
    await channel.push_cancel([Cancellation(key="k3", channel_order_id=ordered)])
    simulator.profile = replace(simulator.profile, page_max=5)
    page = await channel.fetch_orders(None, until=MORNING + timedelta(hours=1))
    await channel.fetch_orders(page.next_cursor, until=MORNING + timedelta(hours=1))
    await channel.fetch_order_batch(sold)
    simulator.ask_return(sold[1], {"line1": 1}, at=MORNING + timedelta(minutes=2))
    await channel.fetch_refunds(None, until=MORNING + timedelta(hours=1))
    await channel.fetch_returns(None, until=MORNING + timedelta(hours=1))
    await channel.list_locations(None)
    await channel.list_listings(None)
    await channel.push_stock([StockTarget("SIMVARIATION00001", "", 4, 1, MORNING + timedelta(hours=1))])


@needs_description
@pytest.mark.anyio
async def test_every_request_and_every_answer_is_as_square_describes_it(http, simulator):
    await a_day(http, simulator)
    found = []
    for asked, answered in zip(http.asked, http.answered, strict=True):
        request, response = NAMES[asked.method, asked.path]
        found += faults(request, json.loads(asked.body)) if request else []
        found += faults(response, json.loads(answered.body))
    assert (found, {(each.method, each.path) for each in http.asked}) == ([], set(NAMES))


@needs_description
@pytest.mark.anyio
async def test_every_webhook_is_as_square_describes_it(http, simulator):
    await a_day(http, simulator)
    events = [json.loads(each.body) for each in simulator.take_deliveries()]
    found = [fault for each in events for fault in faults(EVENTS[each["type"]], each)]
    assert (found, {each["type"] for each in events}) == ([], set(EVENTS))


@needs_description
def test_an_error_is_as_square_describes_it(simulator):
    refused = json.loads(call(simulator, "GET", "/v2/locations", token="wrong").body)["errors"]
    assert [faults("Error", each) for each in refused] == [[]]


@needs_description
def test_every_order_among_squares_samples_adds_up_or_is_refused_with_a_reason():
    samples = json.loads((SQUARE_FILES / "samples.json").read_text())
    found = {name: verdict(each) for name, each in samples.items() if {"order", "orders"} & set(each)}
    assert found == {
        "BatchRetrieveOrdersResponse": "created_at is missing",
        "CalculateOrderRequest": "total_money is missing",  # a proposal, not an order
        "CalculateOrderResponse": "id is missing",  # an estimate
        "CloneOrderResponse": "a draft",
        "CreateOrderRequest": "total_money is missing",
        "CreateOrderResponse": 0,
        "PayOrderResponse": 0,
        "RetrieveOrderResponse": 0,
        "UpdateOrderRequest": "total_money is missing",
        "UpdateOrderResponse": 0,
    }


def verdict(sample: dict[str, Any]) -> object:
    [message] = SQUARE.split_file(json.dumps(sample).encode())
    try:
        return difference(SQUARE.to_incoming(message, None))
    except RejectedError:
        return "a draft"
    except Exception as error:  # noqa: BLE001 - the reason is what is looked at
        return str(error).rsplit(": ", 1)[-1].removeprefix("line_items[0].")


def call(
    simulator: SquareSimulator, method: str, path: str, body: object = None, *, token: str = TOKEN
) -> SimReply:
    headers = {"authorization": f"Bearer {token}"}
    raw = b"" if body is None else json.dumps(body).encode()
    request = SimRequest(method, path, {}, headers, raw)
    return simulator.answer(request, at=MORNING + timedelta(hours=1))


def error_of(reply) -> dict[str, str]:
    return dict(json.loads(reply.body)["errors"][0])


def count_of(quantity: str, *, key: str = "k1", **changes: Any) -> dict[str, Any]:
    count = {
        "catalog_object_id": "SIMVARIATION00001",
        "location_id": SHOP,
        "state": "IN_STOCK",
        "quantity": quantity,
        "occurred_at": (MORNING + timedelta(hours=1)).isoformat(),
    }
    return {
        "idempotency_key": key,
        "changes": [{"type": "PHYSICAL_COUNT", "physical_count": count}],
        **changes,
    }


CHANGES = "/v2/inventory/changes/batch-create"


def test_a_wrong_token_is_refused_in_squares_words(simulator):
    reply = call(simulator, "GET", "/v2/locations", token="wrong")
    assert (reply.status, error_of(reply)["category"]) == (401, "AUTHENTICATION_ERROR")


def test_an_unknown_path_is_not_found(simulator):
    assert (reply := call(simulator, "GET", "/v2/nothing")).status == 404
    assert error_of(reply)["code"] == "NOT_FOUND"


def test_an_unknown_field_is_refused_by_name(simulator):
    reply = call(simulator, "POST", "/v2/orders/search", {"location_ids": [SHOP], "sorting": {}})
    assert (reply.status, error_of(reply)["code"]) == (400, "UNKNOWN_BODY_PARAMETER")


def test_a_search_must_sort_by_the_field_it_filters_by(simulator):
    window = {"updated_at": {"start_at": "2026-01-01T00:00:00Z"}}
    query = {"filter": {"date_time_filter": window}, "sort": {"sort_field": "CREATED_AT"}}
    reply = call(simulator, "POST", "/v2/orders/search", {"location_ids": [SHOP], "query": query})
    assert (reply.status, error_of(reply)["field"]) == (400, "query.sort.sort_field")


def test_an_idempotency_key_is_remembered_with_its_request(simulator):
    first = call(simulator, "POST", CHANGES, count_of("4"))
    simulator.sell({"MUG-BLUE": 1}, at=MORNING + timedelta(hours=2), buyer=ADA)
    again = call(simulator, "POST", CHANGES, count_of("4"))
    other = call(simulator, "POST", CHANGES, count_of("5"))
    assert (again.body, error_of(other)["code"]) == (first.body, "IDEMPOTENCY_KEY_REUSED")
    assert simulator.stock()["MUG-BLUE"] == 3


def test_left_at_its_default_an_unchanged_count_is_ignored_although_goods_were_sold(simulator):
    simulator.sell({"MUG-BLUE": 2}, at=MORNING, buyer=ADA)
    call(simulator, "POST", CHANGES, count_of("10"))
    assert simulator.stock()["MUG-BLUE"] == 8
    call(simulator, "POST", CHANGES, count_of("10", key="k2", ignore_unchanged_counts=False))
    assert simulator.stock()["MUG-BLUE"] == 10


def test_a_till_sells_what_its_own_count_no_longer_has(simulator):
    assert simulator.sell({"MUG-RED": 7}, at=MORNING, buyer=ADA) is not None
    assert simulator.stock()["MUG-RED"] == -2


def test_a_cancellation_puts_the_stock_back_once(simulator):
    sold = simulator.sell({"MUG-RED": 2}, at=MORNING, buyer=ADA)
    for _ in range(2):
        simulator.cancel(sold, at=MORNING)
    assert simulator.stock()["MUG-RED"] == 5


def topics(simulator: SquareSimulator) -> list[str]:
    return [json.loads(each.body)["type"] for each in simulator.take_deliveries()]


@pytest.mark.anyio
async def test_a_sale_at_the_till_sends_no_order_created_and_one_by_an_app_does(channel, simulator):
    await channel.ensure_webhooks(HOOK)
    by_number = [
        simulator.sell({"TEA-MINT": 1}, at=MORNING, buyer=ADA) and topics(simulator) for _ in range(4)
    ]
    assert by_number[0] == ["inventory.count.updated", "payment.updated", "order.updated"]
    assert "order.created" in by_number[3]


@pytest.mark.anyio
async def test_a_delivery_is_signed_as_the_connector_verifies(channel, simulator):
    await channel.ensure_webhooks(HOOK)
    simulator.sell({"TEA-MINT": 1}, at=MORNING, buyer=ADA)
    for each in simulator.take_deliveries():
        assert channel.verify_webhook(each.headers, each.body, url=HOOK, now=MORNING)
    assert (SIGNATURE_HEADER in each.headers, SIGNATURE_KEY in str(each.headers)) == (True, False)


@pytest.mark.anyio
async def test_every_sale_of_a_long_day_adds_up(channel, simulator):
    sold = [simulator.sell({"MUG-RED": 1, "TEA-MINT": 7}, at=MORNING, buyer=ADA) for _ in range(90)]
    orders = [SQUARE.to_incoming(each, config_for()) for each in await channel.fetch_order_batch(sold)]
    assert {difference(order) for order in orders} == {0}
    assert {order.tax_included for order in orders} == {True, False}
    assert any(order.discount_total for order in orders)


@pytest.mark.anyio
async def test_a_canceled_sale_is_canceled_for_the_hub(channel, simulator):
    sold = simulator.sell({"MUG-RED": 2}, at=MORNING, buyer=ADA)
    simulator.cancel(sold, at=MORNING)
    [message] = await channel.fetch_order_batch([sold])
    order = SQUARE.to_incoming(message, config_for())
    assert (order.canceled, order.lines[0].canceled, difference(order)) == (True, 2, Decimal(0))


def one_day() -> bytes:
    till = SquareSimulator(WARES)
    sold = [till.sell({"TEA-MINT": 2}, at=MORNING, buyer=ADA) for _ in range(12)]
    return call(till, "POST", "/v2/orders/batch-retrieve", {"order_ids": sold}).body


def test_two_simulations_of_the_same_day_are_the_same():
    assert one_day() == one_day()


def test_stock_can_be_tampered_with(simulator):
    simulator.set_stock({"MUG-RED": 99}, at=MORNING)
    assert (simulator.stock()["MUG-RED"], isinstance(simulator, SetsStock)) == (99, True)

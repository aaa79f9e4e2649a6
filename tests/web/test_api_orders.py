"""Orders over the API: typed in once, whatever is repeated; listed by key; shown with all that made them."""

import httpx
import pytest

from connectors.manual.wire import ManualLine, ManualOrder, ManualShipping
from hub.channels.context import HubContext
from hub.web.api.forms import OrderIn, OrderLineIn, ShippingIn
from tests.web.conftest import rows, typed_order

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("phone")]


async def test_a_typed_order_is_taken_and_promised(web: httpx.AsyncClient):
    taken = await web.post("/api/v1/orders", json=typed_order(quantity=3))
    (level,) = (await web.get("/api/v1/stock?sku=MUG")).json()["items"][0]["levels"]
    assert (taken.status_code, taken.json()["holds"]) == (201, [])
    assert (level["on_hand"], level["allocated"], level["free"]) == (12, 3, 9)


async def test_the_same_command_is_the_same_order(hub: HubContext, web: httpx.AsyncClient):
    replies = [await web.post("/api/v1/orders", json=typed_order()) for _ in range(3)]
    assert len({reply.json()["number"] for reply in replies}) == 1
    assert await rows(hub, "SELECT sum(allocated) FROM levels") == [(2,)]


async def test_what_is_short_is_refused_and_nothing_is_promised(hub: HubContext, web: httpx.AsyncClient):
    reply = await web.post("/api/v1/orders", json=typed_order(quantity=13))
    assert (reply.status_code, await rows(hub, "SELECT count(*) FROM orders")) == (409, [(0,)])
    assert await rows(hub, "SELECT sum(allocated) FROM levels") == [(0,)]


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"channel": "nobody"}, 404),
        ({"lines": []}, 400),
        ({"placed_at": "2026-03-01T09:30:00"}, 400),
        ({"currency": "euro"}, 400),
        ({"currency": "XYZ"}, 422),
        ({"discount": "1"}, 400),
        ({"lines": [{"title": "Cup", "sku": "CUP", "quantity": 1, "unit_price": "1"}]}, 422),
        ({"lines": [{"title": "Mug", "quantity": 1, "unit_price": "-1"}]}, 422),
    ],
)
async def test_what_is_wrong_with_a_form_is_said(
    web: httpx.AsyncClient, change: dict[str, object], status: int
):
    reply = await web.post("/api/v1/orders", json=typed_order() | change)
    assert (reply.status_code, reply.headers["content-type"]) == (status, "application/problem+json")
    assert len(reply.json()["detail"]) > 10
    assert (await web.get("/api/v1/orders")).json()["items"] == []


async def test_an_order_shows_its_money_exactly(web: httpx.AsyncClient):
    typed = typed_order(quantity=3, shipping={"method": "Parcel", "price": "4.90"})
    taken = (await web.post("/api/v1/orders", json=typed)).json()
    order = (await web.get(f"/api/v1/orders/{taken['id']}")).json()
    charges = {name: each["amount"] for name, each in order["charges"].items() if name != "tax_included"}
    assert (charges["total"], charges["shipping"], float(charges["difference"])) == ("42.40", "4.90", 0)
    assert order["charges"]["total"] == {"amount": "42.40", "currency": "EUR"}
    assert order["lines"][0]["unit_price"] == {"amount": "12.50", "currency": "EUR"}


async def test_an_order_shows_its_customer_and_its_story(web: httpx.AsyncClient):
    taken = (await web.post("/api/v1/orders", json=typed_order())).json()
    order = (await web.get(f"/api/v1/orders/{taken['id']}")).json()
    assert (order["customer"]["name"], order["fulfillment"], order["number"]) == (
        "Ada L",
        "allocated",
        taken["number"],
    )
    assert order["waits_for"] == [{"reason": "allocated", "need": "shipment", "units": 2}]
    allocations = [each["facts"] for each in order["timeline"] if each["kind"] == "allocation"]
    why = "the only location that has it"
    assert allocations == [{"sku": "MUG", "location": "main", "allocated_change": 2, "reason": why}]


async def test_an_order_says_that_it_is_collected_and_paid_at_the_door(web: httpx.AsyncClient):
    typed = typed_order(pickup={"name": "Market Street"}, cash_on_delivery=True)
    taken = (await web.post("/api/v1/orders", json=typed)).json()
    order = (await web.get(f"/api/v1/orders/{taken['id']}")).json()
    page = (await web.get(f"/orders/{taken['number']}")).text
    assert (order["pickup"], order["cash_on_delivery"]) == ({"name": "Market Street"}, True)
    assert [each in page for each in ("Customer collects", "Market Street", "at the door")] == [True] * 3


async def test_pages_follow_one_another_without_gap_or_repeat(web: httpx.AsyncClient):
    numbers = {
        (await web.post("/api/v1/orders", json=typed_order(name, 1))).json()["number"] for name in "abcdefg"
    }
    seen: list[int] = []
    cursor: dict[str, str] = {}
    while True:
        page = (await web.get("/api/v1/orders", params={"limit": 3, **cursor})).json()
        seen += [each["number"] for each in page["items"]]
        if page["next_cursor"] is None:
            break
        cursor = {"cursor": page["next_cursor"]}
    assert (len(seen), set(seen)) == (7, numbers)


async def test_the_list_is_filtered_by_channel_hold_and_time(web: httpx.AsyncClient):
    await web.post("/api/v1/orders", json=typed_order())
    asked = [
        "channel=phone",
        "channel=other",
        "held=true",
        "held=false",
        "since=2026-02-01T00:00:00Z",
        "since=2027-01-01T00:00:00Z",
    ]
    found = [len((await web.get(f"/api/v1/orders?{each}")).json()["items"]) for each in asked]
    assert found == [1, 0, 0, 1, 1, 0]


async def test_the_form_of_the_api_is_the_form_of_the_connector():
    assert set(OrderIn.__struct_fields__) - {"channel"} == set(ManualOrder.__struct_fields__)
    assert OrderLineIn.__struct_fields__ == ManualLine.__struct_fields__
    assert ShippingIn.__struct_fields__ == ManualShipping.__struct_fields__

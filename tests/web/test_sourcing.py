"""Backorders, policies, dry runs and moves over the API and on the desk: once, whole, and with what is wrong named."""

from typing import Any

import httpx
import pytest

from hub.channels.context import HubContext
from hub.kit.ids import uuid7
from tests.builders import SHOP, put_stock
from tests.web.conftest import rows, statements, typed_order

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("phone", "two")]
HELD = "SELECT location, allocated FROM levels WHERE allocated > 0"
NOBODY = "0195c6a8-0000-7000-8000-000000000000"
HTML = {"accept": "text/html"}
SOON = {"sku": "MUG", "limit": 5, "expected": "2099-12-10"}


@pytest.fixture
async def two(hub: HubContext, web: httpx.AsyncClient) -> None:
    """Twelve mugs at main, six at the shop; a channel for typed orders."""
    await web.post("/api/v1/locations", json={"locations": [{"code": SHOP, "name": "Shop", "priority": 200}]})
    async with hub.db.transaction() as tx:
        await put_stock(tx, {"MUG": 6}, SHOP)


async def take(web: httpx.AsyncClient, quantity: int = 2) -> dict[str, Any]:
    taken: dict[str, Any] = (await web.post("/api/v1/orders", json=typed_order(quantity=quantity))).json()
    return taken


async def test_a_line_beyond_the_stock_goes_on_backorder_with_its_day(web: httpx.AsyncClient):
    put = await web.post("/api/v1/backorders", json={"backorders": [SOON]})
    taken = await take(web, 20)
    order = (await web.get(f"/api/v1/orders/{taken['id']}")).json()
    (line,) = order["lines"]
    assert put.json()["backorders"][0]["left"] == 5
    assert taken["backordered"] == [
        {"position": 0, "sku": "MUG", "units": 2, "kind": "backorder", "expected": "2099-12-10"}
    ]
    assert (line["allocated"], line["backordered"], line["expected"]) == (18, 2, "2099-12-10")
    assert [(each["location"], each["allocated"]) for each in line["stock"]] == [("main", 12), ("shop", 6)]
    assert order["waits_for"][0]["need"] == "stock on backorder, expected 2099-12-10"


async def test_backorders_are_listed_in_pages_and_ended(web: httpx.AsyncClient):
    await web.post("/api/v1/skus", json={"skus": [{"sku": "CUP", "name": "Cup"}]})
    await web.post(
        "/api/v1/backorders", json={"backorders": [SOON, {"sku": "CUP", "limit": 1, "kind": "preorder"}]}
    )
    first = (await web.get("/api/v1/backorders?limit=1")).json()
    second = (await web.get("/api/v1/backorders", params={"limit": 1, "cursor": first["next_cursor"]})).json()
    assert [each["sku"] for page in (first, second) for each in page["items"]] == ["CUP", "MUG"]
    await web.post("/api/v1/backorders/end", json={"skus": ["CUP"]})
    assert len((await web.get("/api/v1/backorders")).json()["items"]) == 1


async def test_policies_are_set_for_all_channels_and_for_one_and_cleared(web: httpx.AsyncClient):
    policies = [{"strategies": ["single"]}, {"channel": "phone", "strategies": ["nearest"], "split_max": 1}]
    put = (await web.post("/api/v1/sourcing", json={"policies": policies})).json()["items"]
    left = (await web.post("/api/v1/sourcing/clear", json={"channel": "phone"})).json()["items"]
    assert [each["says"] for each in put] == [
        "first a location with the whole order",
        "first the nearest; at most 1 location for an order",
    ]
    assert [each["channel"] for each in left] == [None]


async def test_a_dry_run_tells_of_every_location_and_writes_nothing(hub: HubContext, web: httpx.AsyncClient):
    body = {"lines": [{"sku": "MUG", "quantity": 14}], "channel": "phone", "to": {"country": "de"}}
    told = (await web.post("/api/v1/stock/plan", json=body)).json()
    assert [(each["location"], each["gives"]) for each in told["locations"]] == [
        ("main", {"MUG": 12}),
        (SHOP, {"MUG": 2}),
    ]
    assert (told["complete"], await rows(hub, HELD)) == (True, [])


async def test_a_dry_run_asks_as_little_of_the_database_for_many_lines_as_for_one(
    hub: HubContext, web: httpx.AsyncClient
):
    counts = []
    for lines in (1, 60):
        body = {"lines": [{"sku": "MUG", "quantity": 1}] * lines, "channel": "phone"}
        with statements(hub) as asked:
            await web.post("/api/v1/stock/plan", json=body)
        counts.append(len(asked))
    assert counts[0] == counts[1] <= 8


async def test_an_order_is_moved_once_for_one_id(hub: HubContext, web: httpx.AsyncClient):
    taken = await take(web)
    body = {"id": str(uuid7()), "location": SHOP}
    path = f"/api/v1/orders/{taken['id']}/reallocate"
    first, again = [(await web.post(path, json=body)).json()["moves"] for _ in range(2)]
    assert [(each["location"], each["units"]) for each in first] == [
        ("main", {"MUG": -2}),
        (SHOP, {"MUG": 2}),
    ]
    assert (again, await rows(hub, HELD)) == ([], [(SHOP, 2)])


async def test_a_priority_is_set_and_told(web: httpx.AsyncClient):
    taken = await take(web)
    await web.post(f"/api/v1/orders/{taken['id']}/priority", json={"priority": 5})
    assert (await web.get(f"/api/v1/orders/{taken['id']}")).json()["priority"] == 5


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("backorders", {"backorders": [SOON, {"sku": "CUP", "limit": 1}]}, 404),
        ("backorders", {"backorders": [SOON | {"limit": -1}]}, 400),
        ("backorders", {"backorders": [SOON | {"expected": "soon"}]}, 400),
        ("backorders", {"backorders": [SOON | {"expected": "2020-01-01"}]}, 422),
        ("backorders/end", {"skus": ["MUG"]}, 404),
        (
            "sourcing",
            {"policies": [{"strategies": ["single"]}, {"channel": "moon", "strategies": ["single"]}]},
            404,
        ),
        ("sourcing", {"policies": [{"strategies": ["luck"]}]}, 400),
        ("sourcing", {"policies": [{"strategies": ["single", "single"]}]}, 422),
        ("sourcing/clear", {}, 404),
        ("stock/plan", {"lines": []}, 400),
        ("stock/plan", {"lines": [{"sku": "CUP", "quantity": 1}]}, 404),
        ("stock/plan", {"lines": [{"sku": "MUG", "quantity": 0}]}, 400),
        (f"orders/{NOBODY}/reallocate", {"id": NOBODY}, 404),
        (f"orders/{NOBODY}/priority", {"priority": 10_001}, 400),
    ],
)
async def test_what_cannot_be_is_refused_and_nothing_is_kept(
    hub: HubContext, web: httpx.AsyncClient, path: str, body: dict[str, object], status: int
):
    reply = await web.post(f"/api/v1/{path}", json=body)
    kept = await rows(hub, "SELECT 1 FROM sourcing_policies UNION ALL SELECT 1 FROM backorder_terms")
    assert (reply.status_code, kept) == (status, [])


async def test_the_page_of_an_order_says_what_is_on_backorder_and_why_from_where(web: httpx.AsyncClient):
    await web.post("/api/v1/backorders", json={"backorders": [SOON]})
    taken = await take(web, 20)
    page = (await web.get(f"/orders/{taken['number']}", headers=HTML)).text
    words = (
        "2 on backorder, expected 2099-12-10",
        "Where its stock comes from",
        "the rest: the only location",
    )
    assert [each for each in words if each not in page] == []


async def test_a_button_moves_an_order_and_says_why_it_cannot(hub: HubContext, web: httpx.AsyncClient):
    taken = await take(web, 7)
    page = (await web.get(f"/orders/{taken['number']}", headers=HTML)).text
    path = f"/orders/{taken['number']}/reallocate"
    refused = await web.post(path, data={"location": SHOP, "command_id": "a"}, headers=HTML)
    moved = await web.post(path, data={"location": "main", "command_id": "b"}, headers=HTML)
    assert ("Take from here" in page, refused.status_code, moved.status_code) == (False, 422, 303)
    assert "shop has too little: MUG would lose 1; nothing was changed" in refused.text
    assert await rows(hub, HELD) == [("main", 7)]


async def test_a_sku_is_sold_ahead_by_a_form_that_keeps_what_was_typed(
    hub: HubContext, web: httpx.AsyncClient
):
    wrong = await web.post(
        "/stock/backorder", data={"sku": "MUG", "limit": "many", "page": "sku"}, headers=HTML
    )
    right = await web.post("/stock/backorder", data={"sku": "MUG", "limit": "3", "page": "sku"}, headers=HTML)
    assert (wrong.status_code, 'value="many"' in wrong.text, right.status_code) == (422, True, 303)
    assert await rows(hub, "SELECT sku, unit_limit FROM backorder_terms") == [("MUG", 3)]


async def test_the_form_for_orders_tells_what_lies_where_and_what_may_be_sold_ahead(web: httpx.AsyncClient):
    await web.post("/api/v1/backorders", json={"backorders": [SOON]})
    (found,) = (await web.get("/stock/suggest?q=mug")).json()
    assert (found["available"], found["where"]) == (18, "Main 12, Shop 6")
    assert (found["ahead"], found["expected"]) == (5, "2099-12-10")

"""The reference of the API is whole, is served from here alone, and no list asks the database more as it grows."""

import re

import httpx
import pytest

from hub.channels.context import HubContext
from tests.web.conftest import statements, typed_order

pytestmark = pytest.mark.anyio

LISTS = ("orders", "stock", "channels", "inbox", "listings", "locations")


async def test_the_page_loads_nothing_from_elsewhere(web: httpx.AsyncClient):
    page = (await web.get("/api/v1/docs")).text
    wanted = re.findall(r'(?:src|href)="([^"]*)"', page)
    replies = [await web.get(path) for path in wanted]
    assert all(path.startswith("/") for path in wanted)
    assert [reply.status_code for reply in replies] == [200] * len(wanted) == [200] * 4
    assert "<script>" not in page


async def test_neither_the_schema_nor_the_script_names_another_host(web: httpx.AsyncClient):
    for path in ("/api/v1/openapi.json", "/api/v1/docs.js"):
        assert re.findall(r"https?://", (await web.get(path)).text) == []


async def test_every_operation_says_what_it_does_and_how_it_refuses(web: httpx.AsyncClient):
    paths = (await web.get("/api/v1/openapi.json")).json()["paths"]
    operations = [each for methods in paths.values() for each in methods.values()]
    refusals = [
        reply
        for each in operations
        for status, reply in each["responses"].items()
        if not status.startswith("2")
    ]
    assert len(operations) >= 13
    assert all(each["summary"] and each["description"] and each["tags"] for each in operations)
    assert {tuple(reply["content"]) for reply in refusals} == {("application/problem+json",)}


async def test_every_body_has_an_example_the_hub_would_read(web: httpx.AsyncClient):
    paths = (await web.get("/api/v1/openapi.json")).json()["paths"]
    bodies = {
        path: each["post"]["requestBody"]
        for path, each in paths.items()
        if "requestBody" in each.get("post", {})
    }
    for path, body in bodies.items():
        (example,) = body["content"]["application/json"]["schema"]["examples"]
        reply = await web.post(path, json=example)
        assert reply.status_code != 400, (path, reply.text)
    assert len(bodies) >= 13


async def test_money_is_declared_as_text(web: httpx.AsyncClient):
    schemas = (await web.get("/api/v1/openapi.json")).json()["components"]["schemas"]
    assert schemas["Money"]["properties"]["amount"]["type"] == "string"
    assert schemas["PriceIn"]["properties"]["amount"]["type"] == "string"


@pytest.mark.usefixtures("phone")
@pytest.mark.parametrize("name", LISTS)
async def test_a_list_asks_one_statement_however_long_it_is(
    hub: HubContext, web: httpx.AsyncClient, name: str
):
    with statements(hub) as short:
        await web.get(f"/api/v1/{name}")
    await web.post(
        "/api/v1/skus", json={"skus": [{"sku": f"S{number}", "name": "S"} for number in range(20)]}
    )
    for command_id in "abcde":
        await web.post("/api/v1/orders", json=typed_order(command_id, 1))
    with statements(hub) as long:
        await web.get(f"/api/v1/{name}")
    assert (len(short), len(long)) == (1, 1)


@pytest.mark.usefixtures("phone")
async def test_one_order_is_three_statements(hub: HubContext, web: httpx.AsyncClient):
    taken = (await web.post("/api/v1/orders", json=typed_order())).json()
    with statements(hub) as asked:
        await web.get(f"/api/v1/orders/{taken['id']}")
    assert len(asked) == 3

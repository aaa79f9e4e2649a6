"""Bundles and kits over the API: all or none, once, refused with a problem that names what to change."""

from typing import Any

import httpx
import pytest

from hub.channels.context import HubContext
from hub.store.channels import ChannelRow
from tests.web.conftest import rows, typed_order

pytestmark = pytest.mark.anyio


def recipe(sku: str, kind: str = "bundle", **parts: int) -> dict[str, object]:
    return {"sku": sku, "kind": kind, "parts": [{"sku": part, "units": n} for part, n in parts.items()]}


@pytest.fixture
async def shop(phone: ChannelRow, web: httpx.AsyncClient) -> httpx.AsyncClient:
    assert phone.slug
    skus = [{"sku": sku, "name": sku.title()} for sku in ("GIFT", "BOX", "HAMPER")]
    await post(web, "skus", {"skus": skus})
    return web


async def post(web: httpx.AsyncClient, path: str, body: object, status: int = 200) -> Any:
    reply = await web.post(f"/api/v1/{path}", json=body)
    assert reply.status_code == status, reply.text
    return reply.json()


async def test_recipes_are_set_together_and_listed_with_their_parts(shop: httpx.AsyncClient):
    both = [recipe("BOX", GIFT=2), recipe("GIFT", MUG=1)]
    assert (await post(shop, "recipes", {"recipes": both}))["done"] == 2
    found = (await shop.get("/api/v1/recipes", params={"kind": "bundle"})).json()["items"]
    assert [(each["sku"], each["components"], each["parts"]) for each in found] == [
        ("BOX", {"GIFT": 2}, {"MUG": 2}),
        ("GIFT", {"MUG": 1}, {"MUG": 1}),
    ]


async def test_kits_are_assembled_once(hub: HubContext, shop: httpx.AsyncClient):
    await post(shop, "recipes", {"recipes": [recipe("HAMPER", "kit", MUG=2)]})
    work = {"id": "00000000-0000-7000-8000-000000000001", "kit": "HAMPER", "location": "main", "count": 3}
    for _ in range(2):
        assert (await post(shop, "assemblies", {"assemblies": [work]}))["done"] == 1
    assert await rows(hub, "SELECT sku, on_hand FROM levels ORDER BY sku") == [("HAMPER", 3), ("MUG", 6)]
    other = work | {"id": "00000000-0000-7000-8000-000000000002", "count": 4}
    assert (await post(shop, "assemblies", {"assemblies": [other]}, 409))["short"] == {"0": 2}


async def test_an_order_shows_what_its_bundle_takes_whatever_the_recipe_is_now(shop: httpx.AsyncClient):
    await post(shop, "recipes", {"recipes": [recipe("GIFT", MUG=2)]})
    lines = [{"title": "Gift", "sku": "GIFT", "quantity": 3, "unit_price": "12.50"}]
    taken = await post(shop, "orders", typed_order(lines=lines), 201)
    await post(shop, "recipes", {"recipes": [recipe("GIFT", MUG=1)]})
    (line,) = (await shop.get(f"/api/v1/orders/{taken['id']}")).json()["lines"]
    assert (line["sku"], line["allocated"], line["parts"]) == ("GIFT", 3, {"MUG": 2})
    (gift,) = (await shop.get("/api/v1/stock", params={"sku": "GIFT"})).json()["items"]
    assert (gift["kind"], gift["available"], gift["made_of"], gift["levels"]) == ("bundle", 6, {"MUG": 1}, [])


@pytest.mark.parametrize(
    ("recipes", "status", "field"),
    [
        ([recipe("GIFT", GIFT=1)], 422, "parts"),
        ([recipe("GIFT", BOX=1), recipe("BOX", GIFT=1)], 422, "parts"),
        ([recipe("GIFT")], 422, "parts"),
        ([recipe("GIFT", MUG=20_000)], 422, "units"),
        ([recipe("GIFT", CUP=1)], 404, None),
        ([recipe("MUG", BOX=1)], 409, None),
        ([recipe("GIFT", MUG=0)], 400, None),
        ([recipe("GIFT", MUG=-1)], 400, None),
        ([recipe("GIFT", "thing", MUG=1)], 400, None),
        ([], 400, None),
    ],
)
async def test_a_recipe_that_cannot_be_is_refused_and_nothing_is_kept(
    hub: HubContext, shop: httpx.AsyncClient, recipes: list[object], status: int, field: str | None
):
    problem = await post(shop, "recipes", {"recipes": recipes}, status)
    assert problem.get("field") == field
    assert await rows(hub, "SELECT count(*) FROM components") == [(0,)]


async def test_a_bundle_is_suggested_with_the_places_that_have_all_its_parts(shop: httpx.AsyncClient):
    await post(shop, "locations", {"locations": [{"code": "shop", "name": "Shop"}]})
    await post(
        shop, "stock/receipts", {"receipts": [receipt("1", MUG=5, BOX=9), receipt("2", "main", BOX=1)]}
    )
    await post(shop, "recipes", {"recipes": [recipe("GIFT", MUG=2, BOX=1)]})
    (found,) = (await shop.get("/stock/suggest?q=gift")).json()
    assert (found["available"], found["where"]) == (3, "Main 1, Shop 2")


def receipt(reference: str, location: str = "shop", **units: int) -> dict[str, object]:
    lines = [{"sku": sku, "units": count} for sku, count in units.items()]
    return {"reference": reference, "location": location, "lines": lines}

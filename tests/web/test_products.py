"""Products over the API and on the desk: all or none, the same list again changes nothing, siblings stand together."""

from typing import Any

import httpx
import pytest

from hub.channels.context import HubContext
from hub.store.channels import ChannelRow
from tests.web.conftest import rows, statements

pytestmark = pytest.mark.anyio
BROWSER = {"accept": "text/html", "sec-fetch-site": "same-origin"}


def shirt(*skus: str, **more: object) -> dict[str, object]:
    variants = [{"sku": sku, "values": {"size": sku[-1]}} for sku in skus]
    return {"code": "SHIRT", "title": "T-shirt", "options": ["size"], "variants": variants} | more


def thing(number: int) -> dict[str, object]:
    return {"code": f"P{number}", "title": "A thing"}


@pytest.fixture
async def shop(phone: ChannelRow, web: httpx.AsyncClient) -> httpx.AsyncClient:
    """Twelve mugs and no shirt."""
    assert phone.slug
    await web.post("/api/v1/skus", json={"skus": [{"sku": f"SHIRT-{size}", "name": size} for size in "SML"]})
    return web


async def post(web: httpx.AsyncClient, status: int, *products: dict[str, object]) -> Any:
    reply = await web.post("/api/v1/products", json={"products": list(products)})
    assert reply.status_code == status, reply.text
    return reply.json()


async def test_products_are_kept_with_their_variants_and_sending_them_again_changes_nothing(
    shop: httpx.AsyncClient,
):
    for _ in range(2):
        assert await post(shop, 200, shirt("SHIRT-S", "SHIRT-M")) == {"kept": 1}
    (item,) = (await shop.get("/api/v1/products")).json()["items"]
    assert [(each["sku"], each["values"]) for each in item["variants"]] == [
        ("SHIRT-M", {"size": "M"}),
        ("SHIRT-S", {"size": "S"}),
    ]


async def test_one_bad_variant_keeps_all_products_from_being_written(
    shop: httpx.AsyncClient, hub: HubContext
):
    problem = await post(shop, 404, {"code": "CAP", "title": "Cap"}, shirt("SHIRT-S", "SHIRT-X"))
    assert "there is no SKU SHIRT-X" in problem["detail"]
    assert await rows(hub, "SELECT count(*) FROM products") == [(0,)]


async def test_a_sku_stands_beside_its_siblings_with_what_is_left_of_each(shop: httpx.AsyncClient):
    await post(shop, 200, shirt("SHIRT-S", title="Cups", variants=[]))
    both = [{"sku": "MUG", "values": {"size": "big"}}, {"sku": "SHIRT-S", "values": {"size": "small"}}]
    await post(shop, 200, shirt(title="Cups", variants=both))
    for path in ("/stock/SHIRT-S", "/products"):
        page = (await shop.get(path, headers=BROWSER)).text
        assert 'href="/stock/MUG">big</a>' in page
        assert "12 available" in page
    assert "· this one" in (await shop.get("/stock/MUG", headers=BROWSER)).text


async def asked_for(shop: httpx.AsyncClient, hub: HubContext) -> tuple[int, str]:
    """How often the page of products asks the database, and what it says."""
    with statements(hub) as asked:
        page = await shop.get("/products", headers=BROWSER)
    return len(asked), page.text


async def test_the_page_of_products_asks_as_often_for_many_as_for_one(
    shop: httpx.AsyncClient, hub: HubContext
):
    await post(shop, 200, shirt("SHIRT-S", "SHIRT-M"))
    once, _ = await asked_for(shop, hub)
    await post(shop, 200, *(thing(n) for n in range(30)))
    again, page = await asked_for(shop, hub)
    assert (once, "/products?after=P4" in page) == (again, True)


async def test_a_variant_is_taken_out(shop: httpx.AsyncClient):
    await post(shop, 200, shirt("SHIRT-S"))
    out = {"skus": ["SHIRT-S"]}
    assert (await shop.post("/api/v1/products/remove-variants", json=out)).json() == {"kept": 1}
    assert (await shop.post("/api/v1/products/remove-variants", json=out)).status_code == 404


async def test_all_variants_of_a_product_are_put_into_a_group_at_once(
    shop: httpx.AsyncClient, hub: HubContext
):
    await post(shop, 200, shirt("SHIRT-S", "SHIRT-M"))
    for body, status in (({"products": ["SHIRT"]}, 200), ({"products": ["CAP"]}, 404), ({}, 422)):
        reply = await shop.post("/api/v1/visibility/groups", json={"group": "soft"} | body)
        assert reply.status_code == status, reply.text
    found = await rows(hub, "SELECT sku FROM skus WHERE sku_group = 'soft' ORDER BY 1")
    assert found == [("SHIRT-M",), ("SHIRT-S",)]


async def test_products_are_paged_and_found_by_their_code(shop: httpx.AsyncClient):
    await post(shop, 200, *(thing(n) for n in range(3)))
    first = (await shop.get("/api/v1/products", params={"limit": 2})).json()
    rest = (await shop.get("/api/v1/products", params={"cursor": first["next_cursor"]})).json()
    assert [each["code"] for each in [*first["items"], *rest["items"]]] == ["P0", "P1", "P2"]
    named = (await shop.get("/api/v1/products", params={"code": "P1"})).json()["items"]
    assert [each["code"] for each in named] == ["P1"]

"""Picking over the API: each list, scan and shortage once; what cannot be is said with its field."""

from typing import Any

import httpx
import pytest

from hub.channels.context import HubContext
from tests.web.conftest import Shop, rows, typed_order

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("phone")]


def made(number: int) -> str:
    return f"00000000-0000-7000-8000-{number:012}"


async def post(web: httpx.AsyncClient, path: str, body: object = None, status: int = 200) -> Any:
    reply = await web.post(f"/api/v1{path}", json=body)
    assert reply.status_code == status, reply.text
    return reply.json()


async def begun(web: httpx.AsyncClient, status: int = 200, **more: object) -> Any:
    return await post(web, "/picks", {"id": made(1), "location": "main"} | more, status)


async def test_a_list_goes_from_scans_to_a_parcel(hub: HubContext, web: httpx.AsyncClient):
    order = await post(web, "/orders", typed_order(quantity=3), 201)
    await post(web, "/shelves", {"shelves": [{"sku": "MUG", "location": "main", "shelf": "A-1"}]})
    number = (await begun(web))["number"]
    scan = {"entries": [{"id": made(2), "code": "MUG", "units": 2}]}
    assert [(await post(web, f"/picks/{number}/entries", scan))["picked"] for _ in range(2)] == [2, 2]
    short = {"id": made(3), "sku": "MUG", "reason": "damaged", "shelf_is_empty": False}
    assert await post(web, f"/picks/{number}/short", short) == {
        "missing": 1,
        "change": -1,
        "channels_to_tell": 0,
    }
    (row,) = (await web.get(f"/api/v1/picks/{number}")).json()["items"]
    assert (row["shelf"], row["needed"], row["picked"], row["short"]) == ("A-1", 2, 2, 1)
    await post(web, f"/orders/{order['id']}/shipments", {"id": made(4), "location": "main"})
    assert (await web.get("/api/v1/picks?state=done")).json()["items"][0]["number"] == number
    assert await rows(hub, "SELECT on_hand, allocated FROM levels") == [(8, 0)]


async def test_what_cannot_be_picked_is_refused(web: httpx.AsyncClient):
    assert "nothing is to be picked" in (await begun(web, 409))["detail"]
    await post(web, "/orders", typed_order(), 201)
    await begun(web, 404, location="nowhere")
    await begun(web, 404, orders=[9])
    number = (await begun(web))["number"]
    wrong = {"entries": [{"id": made(2), "code": "MUG", "units": 5}]}
    assert (await post(web, f"/picks/{number}/entries", wrong, 422))["field"] == "units"
    await post(web, f"/picks/{number}/short", {"id": made(3), "sku": "TEA", "reason": "x"}, 422)
    await post(web, "/picks/99/back", None, 404)


async def test_a_list_given_up_keeps_the_promise(hub: HubContext, web: httpx.AsyncClient):
    await post(web, "/orders", typed_order(), 201)
    number = (await begun(web))["number"]
    assert await post(web, f"/picks/{number}/back") == {"units": 0}
    assert (await post(web, f"/picks/{number}/drop"))["state"] == "dropped"
    assert await rows(hub, "SELECT allocated FROM levels") == [(2,)]


async def test_a_shop_ships_there_until_somebody_says_here(web: httpx.AsyncClient, shop: Shop):
    assert await post(web, f"/channels/{shop.row.slug}/ships", {"here": True}) == {"here": True}
    assert (await post(web, "/channels/phone/ships", {"here": False}, 422))["field"] == "here"

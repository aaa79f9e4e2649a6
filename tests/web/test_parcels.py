"""Many parcels leave in one call, over the API and on the desk; each is followed; what cannot be is said."""

from typing import Any

import httpx
import pytest

from hub.channels.context import HubContext
from tests.web.conftest import rows, typed_order

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("phone")]
SHELF = "SELECT on_hand, allocated FROM levels"


def made(number: int) -> str:
    return f"00000000-0000-7000-8000-{number:012}"


async def post(web: httpx.AsyncClient, path: str, body: object, status: int = 200) -> Any:
    reply = await web.post(f"/api/v1{path}", json=body)
    assert reply.status_code == status, reply.text
    return reply.json()


async def taken(web: httpx.AsyncClient, *orders: str) -> list[int]:
    return [(await post(web, "/orders", typed_order(each), 201))["number"] for each in orders]


async def test_many_leave_and_one_that_cannot_is_named(hub: HubContext, web: httpx.AsyncClient):
    first, second = await taken(web, "a", "b")
    parcels = [{"id": made(at), "order": each} for at, each in enumerate((first, second, 99))]
    left, again = [await post(web, "/parcels", {"parcels": parcels}) for _ in range(2)]
    assert (sorted(left["left"]), left["refused"][0]["order"], again["left"]) == ([made(0), made(1)], 99, [])
    assert await rows(hub, SHELF) == [(8, 0)]


async def test_a_parcel_gets_its_label_and_comes_back_to_its_sender(hub: HubContext, web: httpx.AsyncClient):
    (number,) = await taken(web, "a")
    await post(web, "/parcels", {"parcels": [{"id": made(1), "order": number}]})
    label = {"carrier": "DHL", "tracking": "00340434161094042557"}
    assert (await post(web, f"/parcels/{made(1)}/label", label))["url"].startswith("https://")
    told = await post(web, f"/parcels/{made(1)}/state", {"state": "returned to sender"})
    await post(web, f"/parcels/{made(1)}/state", {"state": "lost"}, 409)
    await post(web, f"/parcels/{made(9)}/state", {"state": "lost"}, 404)
    await post(web, f"/parcels/{made(1)}/state", {"state": "in transit"}, 400)
    found = (await web.get("/api/v1/parcels?state=returned%20to%20sender")).json()["items"]
    assert ([told], await rows(hub, "SELECT disposition FROM returns")) == (found, [("inspect",)])


async def test_a_list_of_orders_leaves_by_the_form_and_is_followed(hub: HubContext, web: httpx.AsyncClient):
    first, second = await taken(web, "a", "b")
    form = {"orders": f"{first} 0034\n{second}; 0035\n99\nabc", "carrier": "DHL"}
    refused = await web.post("/parcels/ship", data=form)
    assert (refused.status_code, "2 parcels left" in refused.text) == (422, True)
    assert all(words in refused.text for words in ("there is no order 99", "abc&#39; names no order"))
    ((parcel,),) = await rows(hub, "SELECT id FROM shipments WHERE tracking = '0035'")
    told = await web.post(f"/parcels/{parcel}", data={"state": "lost", "order": str(second)})
    assert told.headers["location"] == f"/orders/{second}"
    assert "A parcel was lost" in (await web.get(f"/orders/{second}")).text
    assert "0035" in (await web.get("/parcels", params={"show": "lost"})).text


async def test_a_word_that_is_no_order_or_no_state_is_refused(web: httpx.AsyncClient):
    assert "names no order" in (await web.post("/parcels/ship", data={"orders": "mug"})).text
    assert "no state of a parcel" in (await web.post(f"/parcels/{made(1)}", data={"state": "x"})).text
    assert "there is no parcel" in (await web.post(f"/parcels/{made(1)}", data={"carrier": "UPS"})).text
    assert "No parcel has this number" in (await web.get("/parcels?tracking=7")).text


async def test_an_order_is_found_by_the_tracking_number_of_its_parcel(web: httpx.AsyncClient):
    first, second = await taken(web, "a", "b")
    await web.post("/parcels/ship", data={"orders": f"{first} T1086\n{second} T1087", "carrier": "DHL"})
    page = (await web.get("/orders", params={"q": "t1087"})).text
    assert [f'id="order-{each}"' in page for each in (first, second)] == [False, True]

"""The page of a counter, and its routes: ready, collected or given back, each once, and why it cannot be."""

from typing import Any

import httpx
import pytest

from hub.channels.context import HubContext
from tests.web.conftest import rows, typed_order

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("phone")]

HANDED: dict[str, Any] = {"id": "00000000-0000-7000-8000-000000000001", "by": "Ada Lovelace"}


async def ordered(web: httpx.AsyncClient) -> Any:
    return (await web.post("/api/v1/orders", json=typed_order(pickup={"name": "main"}))).json()


async def post(web: httpx.AsyncClient, order: Any, deed: str, status: int = 200, **body: Any) -> Any:
    reply = await web.post(f"/api/v1/orders/{order['id']}/{deed}", json=body)
    assert reply.status_code == status, reply.text
    return reply.json()


async def test_an_order_is_ready_then_collected_by_somebody(hub: HubContext, web: httpx.AsyncClient):
    order = await ordered(web)
    (waits,) = (await web.get("/api/v1/pickups", params={"location": "main"})).json()["items"]
    assert (waits["state"], waits["customer"], waits["items"][0]["quantity"]) == (
        "to be made ready",
        "Ada L",
        2,
    )
    ready = await post(web, order, "ready", location="main", days=3)
    assert (ready["state"], len(ready["code"])) == ("ready", 4)
    wrong = await post(web, order, "collected", 422, code="none", **HANDED)
    assert wrong["field"] == "code"
    done = [await post(web, order, "collected", **HANDED, code=ready["code"]) for _ in range(2)]
    assert [each["collected_by"] for each in done] == ["Ada Lovelace"] * 2
    assert await rows(hub, "SELECT on_hand, allocated FROM levels") == [(10, 0)]


async def test_the_new_order_form_asks_where_it_is_collected(hub: HubContext, web: httpx.AsyncClient):
    before = (await web.get("/orders/new")).text
    await web.post(
        "/api/v1/locations", json={"locations": [{"code": "main", "name": "Market", "pickup": True}]}
    )
    typed = {
        "channel": "phone",
        "currency": "EUR",
        "name": "Ada",
        "item": "MUG",
        "price": "5",
        "quantity": "1",
    }
    await web.post("/orders/new", data=typed | {"command_id": "a", "pickup": "Market"})
    assert ["Market</option>" in each for each in (before, (await web.get("/orders/new")).text)] == [
        False,
        True,
    ]
    assert await rows(hub, "SELECT pickup FROM orders") == [({"name": "Market"},)]


async def test_what_is_not_collected_is_given_back_and_held(hub: HubContext, web: httpx.AsyncClient):
    order = await ordered(web)
    await post(web, order, "not-collected", 409)
    await post(web, order, "ready")
    assert (await post(web, order, "not-collected"))["state"] == "not collected"
    assert await rows(hub, "SELECT holds FROM orders") == [(["not collected"],)]
    assert (await web.get(f"/api/v1/orders/{order['id']}/pickup")).json()["state"] == "not collected"


async def test_the_counter_does_it_with_a_thumb(web: httpx.AsyncClient):
    assert "Nobody is to come" in (await web.get("/pickups")).text
    number = (await ordered(web))["number"]
    path, here = f"/pickups/{number}", {"location": "main"}
    refused = await web.post(f"{path}/collected", data=here | {"command_id": HANDED["id"]})
    assert (refused.status_code, "is to be made ready" in refused.text) == (422, True)
    assert (await web.post(f"{path}/ready", data=here | {"at": "main"})).headers[
        "location"
    ] == "/pickups?location=main"
    assert "Hand over" in (await web.get("/pickups", params=here)).text
    assert "Ready at Main" in (await web.get(f"/orders/{number}")).text
    form = here | {"command_id": HANDED["id"], "by": "Ada", "code": ""}
    assert [(await web.post(f"{path}/collected", data=form)).status_code for _ in range(2)] == [303, 303]
    assert "Collected by the customer" in (await web.get(f"/orders/{number}")).text
    assert (await web.post(f"{path}/eat", data=here)).status_code == 422

"""Who is not paid in time is said on the order, in the API and among what lasts a while; a button keeps it longer."""

from datetime import timedelta

import httpx
import pytest

from hub.channels.context import HubContext
from hub.flows.orders.end_unpaid import end_unpaid
from hub.kit.clock import now
from tests.web.conftest import rows, typed_order

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("phone")]
BROWSER = {"accept": "text/html", "sec-fetch-site": "same-origin"}
HELD = "SELECT holds, (SELECT allocated FROM order_lines LIMIT 1) FROM orders"


async def sell_unpaid(web: httpx.AsyncClient) -> int:
    placed = now().isoformat().replace("+00:00", "Z")
    await web.post("/api/v1/channels/phone/unpaid", json={"hours": 24})
    taken = await web.post("/api/v1/orders", json=typed_order() | {"placed_at": placed})
    return int(taken.json()["number"])


async def test_an_unpaid_order_is_listed_among_what_lasts_a_while(web: httpx.AsyncClient):
    number = await sell_unpaid(web)
    listed = (await web.get("/api/v1/stock/reservations")).json()["items"]
    assert [(each["owner_kind"], each["owner"], each["units"]) for each in listed] == [
        ("order", str(number), 2)
    ]
    page = (await web.get(f"/orders/{number}", headers=BROWSER)).text
    assert "Not paid." in page
    assert "data-until" in page


async def test_a_button_promises_again_what_was_given_back(hub: HubContext, web: httpx.AsyncClient):
    number = await sell_unpaid(web)
    async with hub.db.transaction() as tx:
        await end_unpaid(tx, at=now() + timedelta(hours=25))
    before = await rows(hub, HELD)
    await web.post(f"/orders/{number}/keep", headers=BROWSER)
    assert (before, await rows(hub, HELD)) == ([(["payment"], 0)], [([], 2)])
    page = (await web.get(f"/orders/{number}", headers=BROWSER)).text
    assert ("Not paid in time" in page, "is kept for 24 hours more" in page) == (True, True)


@pytest.mark.parametrize(
    ("body", "status"),
    [({"hours": 0}, 400), ({"hours": 10**7}, 400), ({}, 400), ({"hours": 5, "but": [""]}, 422)],
)
async def test_bad_patience_is_refused(
    hub: HubContext, web: httpx.AsyncClient, body: dict[str, object], status: int
):
    answer = await web.post("/api/v1/channels/phone/unpaid", json=body)
    assert (answer.status_code, await rows(hub, "SELECT unpaid_hours FROM channels")) == (status, [(None,)])


async def test_an_unknown_channel_or_order_is_not_found(web: httpx.AsyncClient):
    one = await web.post("/api/v1/channels/ghost/unpaid", json={"hours": 5})
    other = await web.post("/api/v1/orders/999/keep", json={"hours": 5})
    assert (one.status_code, other.status_code) == (404, 404)

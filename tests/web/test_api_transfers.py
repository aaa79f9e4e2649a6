"""Deliveries and transfers over the API: once by their own key, in pages, refused with the reason."""

from typing import Any

import httpx
import pytest

from hub.channels.context import HubContext
from hub.store.channels import ChannelRow
from tests.web.conftest import rows, statements, typed_order

pytestmark = pytest.mark.anyio


def made(number: int) -> str:
    return f"00000000-0000-7000-8000-{number:012}"


@pytest.fixture(autouse=True)
async def shop_floor(phone: ChannelRow, web: httpx.AsyncClient) -> None:
    place = {"code": "shop", "name": "Shop", "kind": "shop floor", "channels": [phone.slug]}
    await web.post("/api/v1/locations", json={"locations": [place]})


async def post(web: httpx.AsyncClient, path: str, body: object = None, status: int = 200) -> Any:
    reply = await web.post(f"/api/v1/{path}", json=body)
    assert reply.status_code == status, reply.text
    return reply.json()


async def drafted(web: httpx.AsyncClient, units: int = 5, number: int = 1) -> int:
    lines = [{"sku": "MUG", "units": units}]
    new = {"id": made(number), "source": "main", "target": "shop", "lines": lines}
    return int((await post(web, "transfers", new))["number"])


async def test_a_delivery_sent_again_is_received_once(hub: HubContext, web: httpx.AsyncClient):
    delivery = {"reference": "DN-1", "location": "main", "lines": [{"sku": "MUG", "units": 5}]}
    assert await post(web, "stock/receipts", {"receipts": [delivery]}) == {
        "received": 1,
        "repeated": [],
        "channels_to_tell": 0,
    }
    assert (await post(web, "stock/receipts", {"receipts": [delivery]}))["repeated"] == ["DN-1"]
    assert await rows(hub, "SELECT on_hand FROM levels") == [(17,)]
    other = delivery | {"lines": [{"sku": "MUG", "units": 6}]}
    refused = await post(web, "stock/receipts", {"receipts": [other]}, 422)
    assert refused["field"] == "reference"


async def test_a_transfer_goes_from_draft_to_received(web: httpx.AsyncClient):
    number = await drafted(web)
    assert await drafted(web) == number
    assert (await post(web, f"transfers/{number}/send"))["in_transit"] == 5
    parcel = {"id": made(2), "lines": [{"sku": "MUG", "units": 4}]}
    for _ in range(2):
        assert (await post(web, f"transfers/{number}/receive", parcel))["in_transit"] == 1
    missing = {"id": made(3), "lines": [], "close": True}
    assert (await post(web, f"transfers/{number}/receive", missing, 422))["field"] == "reason"
    done = await post(web, f"transfers/{number}/receive", missing | {"reason": "broken"})
    assert (done["state"], [each["lines"][0]["lost"] for each in done["arrivals"]]) == ("received", [0, 1])


async def test_promised_units_are_refused_by_their_line(web: httpx.AsyncClient):
    await post(web, "orders", typed_order(quantity=9), 201)
    number = await drafted(web)
    assert (await post(web, f"transfers/{number}/send", status=409))["short"] == {"0": 2}
    await post(web, f"transfers/{number}/lines", {"lines": [{"sku": "MUG", "units": 3}]})
    assert (await post(web, f"transfers/{number}/send"))["state"] == "sent"
    assert "nobody can cancel" in (await post(web, f"transfers/{number}/cancel", status=409))["detail"]


async def test_transfers_and_receipts_come_in_pages(web: httpx.AsyncClient):
    numbers = [await drafted(web, number=number) for number in range(1, 4)]
    page = (await web.get("/api/v1/transfers", params={"limit": 2})).json()
    rest = (await web.get("/api/v1/transfers", params={"limit": 2, "cursor": page["next_cursor"]})).json()
    assert [each["number"] for each in page["items"] + rest["items"]] == numbers[::-1]
    assert rest["next_cursor"] is None


@pytest.mark.parametrize("name", ["transfers", "stock/receipts"])
async def test_a_list_asks_one_statement_whatever_is_in_it(
    hub: HubContext, web: httpx.AsyncClient, name: str
):
    for number in range(1, 6):
        await drafted(web, number=number)
    with statements(hub) as asked:
        await web.get(f"/api/v1/{name}")
    assert len(asked) == 1


async def test_a_transfer_nobody_drafted_is_not_found(web: httpx.AsyncClient):
    for path in ("send", "cancel"):
        await post(web, f"transfers/99/{path}", status=404)
    assert (await web.get("/api/v1/transfers/99999999999999999999")).status_code == 404


async def test_locations_keep_what_is_not_said(web: httpx.AsyncClient):
    await post(web, "locations", {"locations": [{"code": "shop", "pickup": True}]})
    found = {each["code"]: each for each in (await web.get("/api/v1/locations")).json()["items"]}
    shop = found["shop"]
    assert (shop["name"], shop["kind"], shop["pickup"], shop["channels"]) == (
        "Shop",
        "shop floor",
        True,
        ["phone"],
    )


@pytest.mark.parametrize(
    ("wrong", "status"),
    [
        ({"channels": ["moon"]}, 404),
        ({"latitude": 1.0}, 422),
        ({"country": "de"}, 400),
        ({"kind": "cave"}, 400),
    ],
)
async def test_a_location_that_cannot_be_changes_nothing(
    web: httpx.AsyncClient, wrong: dict[str, Any], status: int
):
    await post(
        web, "locations", {"locations": [{"code": "shop", "name": "Other"}, {"code": "main"} | wrong]}, status
    )
    found = (await web.get("/api/v1/locations")).json()["items"]
    assert "Other" not in [each["name"] for each in found]

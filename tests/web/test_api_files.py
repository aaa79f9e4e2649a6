"""Files over the API: handed over once, looked at before they are applied, exported as they can come back."""

import httpx
import pytest

from hub.channels.context import HubContext
from hub.kit.ids import uuid7
from tests.web.conftest import rows

STOCK = "sku,location,on hand\nMUG,main,25\nTAE,main,3\n"
ON_HAND = "SELECT on_hand FROM levels"

pytestmark = pytest.mark.usefixtures("phone")


async def send(web: httpx.AsyncClient, **more: object) -> httpx.Response:
    given = {"id": "0199a1b2-7c3d-7e4f-8a5b-6c7d8e9f0a1e", "kind": "stock", "csv": STOCK}
    return await web.post("/api/v1/imports", json=given | more)


async def test_a_file_is_looked_at_and_applied_by_a_second_word(web: httpx.AsyncClient, hub: HubContext):
    held = (await send(web)).json()
    assert (held["state"], held["changed"], held["refused"]) == ("looked at", 1, 1)
    assert await rows(hub, ON_HAND) == [(12,)]
    address = f"/api/v1/imports/{held['id']}"
    assert [(await web.post(f"{address}/apply")).json()["state"] for _ in range(2)] == ["done", "done"]
    assert (await web.get(address)).json()["rows_done"] == 2
    assert await rows(hub, ON_HAND) == [(25,)]


async def test_what_becomes_of_each_row_comes_in_pages(web: httpx.AsyncClient):
    address = f"/api/v1/imports/{(await send(web)).json()['id']}/lines"
    first = (await web.get(address, params={"limit": 1})).json()
    assert first["items"][0]["changes"] == [{"what": "on hand", "old": "12", "new": "25"}]
    second = (await web.get(address, params={"cursor": first["next_cursor"]})).json()
    assert [(each["row"], each["column"]) for each in second["items"]] == [(3, "sku")]
    assert (await web.get(address, params={"outcome": "new"})).json()["items"] == []


async def test_with_apply_it_is_done_at_once_and_only_once(web: httpx.AsyncClient, hub: HubContext):
    answers = [await send(web, apply=True, reason="opening stock") for _ in range(2)]
    assert [each.json()["state"] for each in answers] == ["done", "done"]
    assert await rows(hub, "SELECT reason FROM movements WHERE kind = 'count'") == [("opening stock",)]


async def test_another_file_under_the_same_id_is_refused(web: httpx.AsyncClient, hub: HubContext):
    await send(web)
    other = await send(web, csv=STOCK.replace("25", "26"), apply=True)
    assert (other.status_code, other.json()["field"]) == (422, "id")
    assert await rows(hub, ON_HAND) == [(12,)]


async def test_a_file_that_cannot_be_read_says_why_and_cannot_be_applied(web: httpx.AsyncClient):
    held = (await send(web, csv="name\nMug\n", apply=True)).json()
    assert (held["state"], "lacks the column sku" in held["problem"]) == ("unread", True)
    refused = await web.post(f"/api/v1/imports/{held['id']}/apply")
    assert (refused.status_code, "cannot be read" in refused.json()["detail"]) == (409, True)


async def test_what_nobody_would_send_is_a_problem_with_its_field(web: httpx.AsyncClient):
    for wrong in ({"kind": "orders"}, {"csv": ""}, {"sku": "MUG"}):
        assert (await send(web, **wrong)).status_code == 400
    assert (await web.get(f"/api/v1/imports/{uuid7()}/refused")).status_code == 404
    assert (await web.get("/api/v1/exports/orders")).status_code in {400, 404}


async def test_an_export_handed_over_changes_nothing(web: httpx.AsyncClient):
    for kind in ("stock", "catalog", "prices", "listings"):
        exported = (await web.get(f"/api/v1/exports/{kind}")).text
        held = (await send(web, id=str(uuid7()), kind=kind, csv=exported)).json()
        assert (held["state"], held["unchanged"]) == ("looked at", held["row_count"])
    page = (await web.get("/api/v1/imports", params={"limit": 3})).json()
    rest = (await web.get("/api/v1/imports", params={"cursor": page["next_cursor"]})).json()
    assert [each["kind"] for each in page["items"] + rest["items"]] == [
        "listings",
        "prices",
        "catalog",
        "stock",
    ]


async def test_a_file_that_empties_the_shop_is_not_applied_at_once(web: httpx.AsyncClient):
    skus = [f"S{number}" for number in range(12)]
    await web.post("/api/v1/skus", json={"skus": [{"sku": each, "name": each} for each in skus]})
    files = [
        "sku,location,on hand\n" + "".join(f"{each},main,{units}\n" for each in skus) for units in (5, 0)
    ]
    full, none = [(await send(web, id=str(uuid7()), csv=file, apply=True)).json() for file in files]
    assert [(each["state"], each["drastic"]) for each in (full, none)] == [("done", 0), ("looked at", 12)]
    assert "Look twice" in (await web.get(f"/import/{none['id']}")).text
    assert (await web.post(f"/api/v1/imports/{none['id']}/apply")).json()["state"] == "done"


async def test_a_channel_without_a_catalog_gets_its_listings_from_a_file(
    web: httpx.AsyncClient, hub: HubContext
):
    csv = "channel,listing,title,sku,units\nphone,CAT-1,Six mugs,MUG,6\n"
    states = [
        (await send(web, id=str(uuid7()), kind="listings", csv=csv, apply=True)).json() for _ in range(2)
    ]
    assert [(each["new"], each["unchanged"]) for each in states] == [(1, 0), (0, 1)]
    made = await rows(hub, "SELECT channel_listing_id, title, sku, units FROM listings")
    assert made == [("CAT-1", "Six mugs", "MUG", 6)]

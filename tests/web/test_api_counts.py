"""Counts over the API: from many devices, each entry once, in pages, blind to who counts."""

from typing import Any

import httpx
import pytest

from hub.channels.context import HubContext
from tests.web.conftest import rows, statements

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("phone")]


def made(number: int) -> str:
    return f"00000000-0000-7000-8000-{number:012}"


async def post(web: httpx.AsyncClient, path: str, body: object = None, status: int = 200) -> Any:
    reply = await web.post(f"/api/v1/counts{path}", json=body)
    assert reply.status_code == status, reply.text
    return reply.json()


async def begun(web: httpx.AsyncClient, number: int = 1, **more: object) -> str:
    return f"/{(await post(web, '', {'id': made(number), 'location': 'main'} | more))['number']}"


def found(number: int, units: int, *, adds: bool = False, code: str = "MUG") -> dict[str, object]:
    return {"id": made(number), "code": code, "units": units, "adds": adds, "by": "Ada"}


async def test_a_count_goes_from_sheet_to_movements(hub: HubContext, web: httpx.AsyncClient):
    sheet = await begun(web)
    assert await begun(web) == sheet
    entries = {"entries": [found(1, 4), found(2, 5, adds=True)]}
    await post(web, f"{sheet}/entries", entries)
    told = await post(web, f"{sheet}/entries", entries)
    assert (told["lines"], told["counted"], told["differing"], told["undecided"]) == (1, 1, 1, 1)
    assert (await post(web, f"{sheet}/post", {}, 422))["field"] == "reason"
    assert (await post(web, f"{sheet}/accept", {"skus": ["MUG"], "reason": "broken"}))["undecided"] == 0
    assert (await post(web, f"{sheet}/post", {}))["changed"] == 1
    assert (await post(web, f"{sheet}/post", {}))["counted"] == 0
    assert await rows(hub, "SELECT on_hand FROM levels") == [(9,)]


async def test_a_blind_sheet_tells_what_it_expects_to_its_review_only(web: httpx.AsyncClient):
    sheet = await begun(web, blind=True)
    told = await post(web, f"{sheet}/entries", {"entries": [found(1, 4)]})
    seen = (await web.get(f"/api/v1/counts{sheet}")).json()
    assert (told["differing"], seen["items"][0]["expected"], seen["items"][0]["counted"]) == (None, None, 4)
    assert (await web.get(f"/api/v1/counts{sheet}", params={"lines": "differing"})).status_code == 400
    reviewed = (await web.get(f"/api/v1/counts{sheet}/review")).json()["items"][0]
    assert (reviewed["expected"], reviewed["difference"], reviewed["counted_by"]) == (12, -8, "Ada")


async def test_one_wrong_entry_keeps_all_of_them_out(hub: HubContext, web: httpx.AsyncClient):
    sheet = await begun(web)
    wrong = await post(web, f"{sheet}/entries", {"entries": [found(1, 4), found(2, 1, code="4711")]}, 422)
    assert wrong["detail"].startswith("no SKU or barcode is 4711")
    await post(web, f"{sheet}/entries", {"entries": [found(1, 10**7)]}, 400)
    assert await rows(hub, "SELECT count(*) FROM count_entries") == [(0,)]


async def test_a_sku_is_looked_at_again_and_a_sheet_is_dropped(web: httpx.AsyncClient):
    sheet = await begun(web, skus=["MUG"])
    await post(web, f"{sheet}/entries", {"entries": [found(1, 4)]})
    assert (await post(web, f"{sheet}/again", {"skus": ["MUG"]}))["counted"] == 0
    assert (await post(web, f"{sheet}/drop"))["state"] == "dropped"
    assert "is dropped" in (await post(web, f"{sheet}/entries", {"entries": [found(2, 4)]}, 409))["detail"]


@pytest.mark.parametrize("path", ["", "/risk?location=main"])
async def test_lists_of_counts_ask_one_statement(hub: HubContext, web: httpx.AsyncClient, path: str):
    for number in range(1, 4):
        await begun(web, number, skus=["MUG"])
    with statements(hub) as asked:
        assert (await web.get(f"/api/v1/counts{path}")).status_code == 200
    assert len(asked) == 1


async def test_sheets_and_lines_come_in_pages(web: httpx.AsyncClient):
    await web.post("/api/v1/skus", json={"skus": [{"sku": f"S{n}", "name": "S"} for n in range(3)]})
    sheet = await begun(web, skus=["S0", "S1", "S2"])
    page = (await web.get(f"/api/v1/counts{sheet}", params={"limit": 2})).json()
    rest = (await web.get(f"/api/v1/counts{sheet}", params={"cursor": page["next_cursor"]})).json()
    assert [each["sku"] for each in page["items"] + rest["items"]] == ["S0", "S1", "S2"]
    assert rest["next_cursor"] is None


async def test_a_sheet_nobody_began_is_not_found(web: httpx.AsyncClient):
    assert (await web.get("/api/v1/counts/99")).status_code == 404
    await post(web, "/99/post", {}, 404)

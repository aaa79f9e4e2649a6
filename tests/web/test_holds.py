"""Holds over the API and on the desk: put, assigned, resolved in bulk after a look; bad input changes nothing."""

from typing import Any

import httpx
import pytest

from hub.channels.context import HubContext
from tests.web.conftest import rows, typed_order

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("phone")]
HELD = "SELECT holds, allocated FROM orders o JOIN order_lines l ON l.order_id = o.id ORDER BY o.number"


async def taken(web: httpx.AsyncClient, count: int = 1) -> list[int]:
    made = [
        (await web.post("/api/v1/orders", json=typed_order(quantity=2, command_id=f"order {each}"))).json()
        for each in range(count)
    ]
    return [each["number"] for each in made]


async def put(web: httpx.AsyncClient, *numbers: int, **more: Any) -> httpx.Response:
    wanted = [{"order": number, "reason": "fraud", **more} for number in numbers]
    return await web.post("/api/v1/holds", json={"holds": wanted})


async def test_a_hold_gives_stock_back_and_resolving_promises_it_again(
    hub: HubContext, web: httpx.AsyncClient
):
    numbers = await taken(web, 2)
    placed = await put(web, *numbers, stock="released", owner="ada", due_at="2026-01-01T00:00:00Z")
    held = [tuple(row) for row in await rows(hub, HELD)]
    body = {"orders": numbers, "reason": "fraud", "preview": True}
    looked = await web.post("/api/v1/holds/resolve", json=body)
    done = await web.post("/api/v1/holds/resolve", json={**body, "preview": False})
    assert (placed.json()["new"], held) == (2, [(["fraud"], 0)] * 2)
    assert looked.json() == done.json() == {"orders": numbers, "promised_again": numbers}
    assert [tuple(row) for row in await rows(hub, HELD)] == [([], 2)] * 2


async def test_holds_are_listed_in_pages_and_by_owner(web: httpx.AsyncClient):
    first, second = await taken(web, 2)
    await put(web, first, second, note="abroad")
    said = {"orders": [second], "reason": "fraud", "owner": "bob"}
    assert (await web.post("/api/v1/holds/assign", json=said)).json() == {"orders": [second]}
    page = (await web.get("/api/v1/holds?limit=1")).json()
    rest = (await web.get("/api/v1/holds", params={"cursor": page["next_cursor"]})).json()
    mine = (await web.get("/api/v1/holds?owner=bob&reason=fraud")).json()
    assert [each["order"] for each in page["items"] + rest["items"]] == [first, second]
    assert [(each["order"], each["note"]) for each in mine["items"]] == [(second, "abroad")]


async def test_the_desk_shows_what_resolving_would_do_and_then_does_it(
    hub: HubContext, web: httpx.AsyncClient
):
    numbers = await taken(web, 2)
    await put(web, *numbers, stock="released", note="another country")
    page = await web.get("/holds?reason=fraud")
    form = {"reason": "fraud", "pick": [str(number) for number in numbers]}
    looked = await web.post("/holds/resolve", data=form)
    done = await web.post("/holds/resolve", data={**form, "sure": "yes"})
    assert ("another country" in page.text, "Resolve fraud of 2 orders?" in looked.text) == (True, True)
    assert (done.status_code, [tuple(row) for row in await rows(hub, HELD)]) == (303, [([], 2)] * 2)


async def test_the_page_of_an_order_puts_it_on_hold_and_says_whose_it_is(web: httpx.AsyncClient):
    (number,) = await taken(web)
    form = {"reason": "Gift wrap", "owner": "ada", "due": "24", "stock": "kept"}
    answer = await web.post(f"/orders/{number}/hold", data=form)
    page = (await web.get(f"/orders/{number}")).text
    assert answer.status_code == 303
    assert all(words in page for words in ("Gift wrap", "Put on hold: gift wrap", "left", "ada"))


async def test_what_cannot_be_is_said_where_it_was_asked(web: httpx.AsyncClient):
    (number,) = await taken(web)
    refused = await web.post(f"/orders/{number}/hold", data={"reason": "oversold"})
    hours = await web.post(f"/orders/{number}/hold", data={"reason": "review", "due": "soon"})
    nothing = await web.post("/holds/resolve", data={"reason": "fraud"})
    nobody = await web.post("/holds/assign", data={"reason": "fraud", "pick": str(number)})
    api = [
        await put(web, 7),
        await put(web, number, reason="payment"),
        await put(web, number, note="x" * 501),
    ]
    assert [each.status_code for each in (refused, hours, nothing, nobody)] == [422] * 4
    assert [each.status_code for each in api] == [404, 409, 400]
    assert "Tick the orders" in nothing.text

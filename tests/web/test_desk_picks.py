"""Picking and packing on the desk, without script: each form once, what cannot be is said where it was typed."""

import re

import httpx
import pytest

from hub.channels.context import HubContext
from tests.web.conftest import rows, typed_order

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("phone")]


def made(number: int) -> str:
    return f"00000000-0000-7000-8000-{number:012}"


async def begun(web: httpx.AsyncClient, quantity: int = 3) -> tuple[str, int]:
    """Where a list for one order of mugs is, and the order's number."""
    address = {"name": "Ada L", "street": "Hauptstr. 1", "city": "Berlin", "country": "DE"}
    customer = {"name": "Ada L", "shipping": address}
    order = await web.post("/api/v1/orders", json=typed_order(quantity=quantity, customer=customer))
    began = await web.post(
        "/picks/new", data={"id": made(1), "location": "main", "limit": "20", "numbers": ""}
    )
    return began.headers["location"], order.json()["number"]


async def press(web: httpx.AsyncClient, path: str, says: str = "", **fields: str) -> httpx.Response:
    """Send a form; refused where it says something, else it goes on."""
    reply = await web.post(path, data=fields)
    assert reply.status_code == (422 if says else 303), reply.text
    assert says in reply.text
    return reply


async def test_a_list_begins_once_and_says_why_it_cannot(web: httpx.AsyncClient):
    form = {"id": made(1), "location": "main", "limit": "20", "numbers": ""}
    await press(web, "/picks/new", "nothing is to be picked", **form)
    await press(web, "/picks/new", "Order numbers, such as", **form | {"numbers": "abc"})
    await begun(web)
    await press(web, "/picks/new", **form)
    assert "1 order" in (await web.get("/picks")).text


async def test_scans_go_into_the_hand_and_what_is_not_there_is_told(hub: HubContext, web: httpx.AsyncClient):
    sheet, _ = await begun(web)
    for _ in range(2):
        await press(web, f"{sheet}/enter", id=made(2), code="MUG", count="2")
    await press(web, f"{sheet}/enter", "more than the list asks for", id=made(3), code="MUG", count="2")
    await press(web, f"{sheet}/short", "say why", id=made(4), sku="MUG", reason="", empty="yes")
    await press(web, f"{sheet}/short", id=made(4), sku="MUG", reason="Not found", empty="yes")
    page = (await web.get(f"{sheet}?last=MUG&added=2")).text
    assert ("1 not there" in page, await rows(hub, "SELECT on_hand, allocated FROM levels")) == (
        True,
        [(2, 2)],
    )


async def test_not_there_says_how_much_each_choice_takes_and_the_safe_one_is_chosen(web: httpx.AsyncClient):
    sheet, _ = await begun(web)
    await press(web, f"{sheet}/enter", id=made(2), code="MUG", count="1")
    page = (await web.get(sheet)).text
    assert re.findall(r'name="empty" value="(\w*)"( checked)?>.*?takes (\d+ of \d+) here', page) == [
        ("", " checked", "2 of 12"),
        ("yes", "", "11 of 12"),
    ]


async def test_a_parcel_is_packed_unit_by_unit_and_the_rest_in_another(
    hub: HubContext, web: httpx.AsyncClient
):
    sheet, number = await begun(web)
    found = await web.get("/picks/pack", params={"order": number})
    path = found.headers["location"]
    form = {
        "id": made(5),
        "at": "main",
        "list": sheet.rpartition("/")[2],
        "sku": "MUG",
        "carrier": "DHL",
        "tracking": "1",
    }
    scanned = await web.post(path, data={**form, "units": "1", "code": "MUG", "count": "1", "do": "add"})
    assert 'value="2"' in scanned.text
    await press(web, path, "and no more", **form, units="3", code="MUG", count="1", do="add")
    await press(web, path, "nothing is in the parcel", **form, units="", do="ship")
    again = [await press(web, path, **form, units="2", do="ship") for _ in range(2)]
    assert again[1].headers["location"].startswith(path)
    last = await press(web, path, **form | {"id": made(6)}, units="1", do="ship")
    assert last.headers["location"] == sheet
    assert await rows(hub, "SELECT quantity FROM shipment_lines ORDER BY 1") == [(1,), (2,)]


async def test_a_list_and_its_slips_are_printed(web: httpx.AsyncClient):
    sheet, number = await begun(web)
    paper, slips = [(await web.get(f"{sheet}/{what}")).text for what in ("print", "slips")]
    slip = (await web.get(f"/orders/{number}/slip", params={"at": "main"})).text
    assert (f"3 × {number}" in paper, "Barcode MUG" in paper) == (True, True)
    for each in (slips, slip):
        assert ("Hauptstr. 1" in each, f"Barcode {number}" in each) == (True, True)


async def test_a_list_given_up_and_units_put_back_leave_it_to_be_read(
    hub: HubContext, web: httpx.AsyncClient
):
    sheet, _ = await begun(web)
    await press(web, f"{sheet}/back")
    await press(web, f"{sheet}/drop")
    await press(web, f"{sheet}/enter", "is dropped", id=made(2), code="MUG", count="")
    assert "Dropped" in (await web.get(sheet)).text
    assert await rows(hub, "SELECT allocated FROM levels") == [(3,)]


async def test_an_order_that_is_held_or_unknown_is_not_packed(hub: HubContext, web: httpx.AsyncClient):
    _, number = await begun(web)
    await rows(hub, "UPDATE orders SET holds = '{fraud}' RETURNING id")
    form = {"id": made(5), "at": "main", "list": "", "sku": "MUG", "units": "3", "do": "ship"}
    await press(web, f"/orders/{number}/pack", "resolve that first", **form)
    assert (await web.get("/picks/pack", params={"order": "x"})).status_code == 404
    assert (await web.get("/orders/99/pack")).status_code == 404


async def test_a_shelf_is_typed_on_the_page_of_its_sku(hub: HubContext, web: httpx.AsyncClient):
    await press(web, "/stock/shelves", **{"sku": "MUG", "shelf-main": "A-03-2"})
    assert 'value="A-03-2"' in (await web.get("/stock/MUG")).text
    sheet, _ = await begun(web)
    assert "A-03-2" in (await web.get(sheet)).text
    await press(web, "/stock/shelves", "printable", **{"sku": "MUG", "shelf-main": "A\0"})
    await press(web, "/stock/shelves", **{"sku": "MUG", "shelf-main": ""})
    assert await rows(hub, "SELECT shelf FROM levels") == [("",)]

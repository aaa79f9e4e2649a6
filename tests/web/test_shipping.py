"""Goods leave over the API and by the form on the order's page; what cannot leave is said where it was asked."""

from typing import Any

import httpx
import pytest

from hub.channels.context import HubContext
from hub.kit.ids import uuid7
from hub.model.incoming import IncomingParcel, ParcelLine
from tests.builders import line, open_shop, order, take
from tests.web.conftest import rows, typed_order

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("phone")]
SHELF = "SELECT on_hand, allocated FROM levels"


async def taken(web: httpx.AsyncClient) -> dict[str, Any]:
    made: dict[str, Any] = (await web.post("/api/v1/orders", json=typed_order(quantity=3))).json()
    return made


async def test_a_parcel_leaves_once_and_can_be_followed(hub: HubContext, web: httpx.AsyncClient):
    order = await taken(web)
    parcel = {"id": str(uuid7()), "carrier": "DHL", "tracking": "00340434161094042557"}
    answers = [await web.post(f"/api/v1/orders/{order['id']}/shipments", json=parcel) for _ in range(2)]
    (sent,) = answers[1].json()["items"]
    page = await web.get(f"/orders/{order['number']}")
    assert [tuple(row) for row in await rows(hub, SHELF)] == [(9, 0)]
    assert sent["url"].startswith("https://")
    assert sent["url"].replace("&", "&amp;") in page.text
    assert "Left in a parcel by DHL, 00340434161094042557" in page.text


async def test_the_form_ships_what_it_says_and_keeps_the_page_where_it_cannot(
    hub: HubContext, web: httpx.AsyncClient
):
    order = await taken(web)
    number = order["number"]
    ((line_id,),) = await rows(hub, "SELECT id FROM order_lines")
    form = {"command_id": str(uuid7()), f"units-{line_id}": "9"}
    refused = await web.post(f"/orders/{number}/ship", data=form)
    shipped = await web.post(f"/orders/{number}/ship", data={**form, f"units-{line_id}": "2"})
    assert (refused.status_code, shipped.status_code) == (422, 303)
    assert "3 are promised" in refused.text
    assert [tuple(row) for row in await rows(hub, SHELF)] == [(10, 1)]


async def asked_by_ada(web: httpx.AsyncClient, street: str) -> int:
    address = {"street": street, "postcode": "10969", "city": "Berlin", "country": "DE"}
    ada = {"name": "Ada L", "email": "ada@example.com", "shipping": address}
    made = await web.post("/api/v1/orders", json=typed_order(street, customer=ada))
    return int(made.json()["number"])


async def test_orders_of_one_person_to_one_address_leave_in_one_parcel(
    hub: HubContext, web: httpx.AsyncClient
):
    first, same, other = [await asked_by_ada(web, street) for street in ("Elm 1", "ELM  1", "Oak 2")]
    page = (await web.get(f"/orders/{first}")).text
    assert [f"with-{each}" in page for each in (same, other)] == [True, False]
    ((line_id,),) = await rows(
        hub, f"SELECT l.id FROM order_lines l JOIN orders o ON o.id = order_id WHERE number = {first}"
    )
    form = {"command_id": str(uuid7()), f"units-{line_id}": "1", f"with-{same}": "yes", "tracking": "0034"}
    for _ in range(2):
        assert (await web.post(f"/orders/{first}/ship", data=form)).status_code == 303
    left = await rows(hub, "SELECT number FROM shipments s JOIN orders o ON o.id = order_id ORDER BY 1")
    assert (left, await rows(hub, SHELF)) == ([(first,), (same,)], [(9, 3)])


async def test_one_line_twice_or_an_order_nobody_knows_is_refused(hub: HubContext, web: httpx.AsyncClient):
    order = await taken(web)
    ((line_id,),) = await rows(hub, "SELECT id FROM order_lines")
    lines = [{"line_id": str(line_id), "quantity": 1}] * 2
    twice = await web.post(
        f"/api/v1/orders/{order['id']}/shipments", json={"id": str(uuid7()), "lines": lines}
    )
    unknown = await web.post(f"/api/v1/orders/{uuid7()}/shipments", json={"id": str(uuid7())})
    assert (twice.status_code, unknown.status_code) == (422, 404)
    assert [tuple(row) for row in await rows(hub, SHELF)] == [(12, 3)]


async def test_parcels_that_left_by_a_channels_word_are_followed_as_well(
    hub: HubContext, web: httpx.AsyncClient
):
    parcel = IncomingParcel("0034", "DHL", "00340434161094042557", (ParcelLine("MUG", 2),))
    there = order("1", line("MUG", 2, fulfilled=2), parcels=(parcel, IncomingParcel("2")))
    async with hub.db.transaction() as tx:
        [taken] = (await take(tx, await open_shop(tx, {"MUG": 9}), there)).orders
    page = (await web.get(f"/orders/{taken.number}")).text
    items = (await web.get(f"/api/v1/orders/{taken.order_id}/shipments")).json()["items"]
    assert {each["shipment"]["channel_parcel_id"]: each["url"][:8] for each in items} == {
        "0034": "https://",
        "2": "",
    }
    assert (items[0]["url"].replace("&", "&amp;") in page, "by web" in page, "Let goods leave" in page) == (
        True,
        True,
        False,
    )

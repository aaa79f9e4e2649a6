"""What a channel is told of orders is seen and decided on over the API and on the desk, and counted for machines."""

from typing import Any

import httpx
import pytest

from hub.channels.context import HubContext
from hub.jobs.take_inbox import take_inbox
from tests.web.conftest import Shop, rows

pytestmark = pytest.mark.anyio
REFUSED = "UPDATE write_backs SET state = 'rejected', reason = 'the order is completed already' RETURNING id"


async def canceled(hub: HubContext, web: httpx.AsyncClient, shop: Shop) -> tuple[int, Any]:
    """An order of a shop that is told of cancels and refuses this one; its number, and the write-back's id."""
    told = await web.put("/api/v1/channels/shop/tells", json={"told": ["cancellation", "refund"]})
    assert told.status_code == 200, told.text
    await web.post(shop.address, content=shop.order, headers=shop.signed(shop.order))
    ((order, number),) = await taken(hub, shop)
    made = {"id": "00000000-0000-7000-8000-000000000001", "changes": [{"do": "cancel"}]}
    reply = await web.post(f"/api/v1/orders/{order}/edits", json=made)
    assert reply.status_code < 300, reply.text
    ((write_back,),) = await rows(hub, REFUSED)
    return int(str(number)), write_back


async def taken(hub: HubContext, shop: Shop) -> list[tuple[object, ...]]:
    await take_inbox(hub, shop.row.id)
    return await rows(hub, "SELECT id, number FROM orders")


async def test_what_was_refused_is_listed_with_its_reason_and_sent_once_more(
    hub: HubContext, web: httpx.AsyncClient, shop: Shop
):
    number, write_back = await canceled(hub, web, shop)
    ((found,), rest) = (await web.get("/api/v1/write-backs?channel=shop")).json().values()
    assert (found["order_number"], found["state"], found["reason"]) == (
        number,
        "rejected",
        "the order is completed already",
    )
    assert rest is None
    assert (await web.post(f"/api/v1/write-backs/{write_back}/retry")).status_code == 204
    assert (await web.post(f"/api/v1/write-backs/{write_back}/retry")).status_code == 409
    assert await rows(hub, "SELECT state, settled_by FROM write_backs") == [("waiting", "api")]


async def test_the_pages_of_order_and_channel_show_it_with_its_buttons(
    hub: HubContext, web: httpx.AsyncClient, shop: Shop
):
    number, write_back = await canceled(hub, web, shop)
    for page in (f"/orders/{number}", "/channels/shop/sync"):
        text = (await web.get(page)).text
        assert ("Refused" in text, "the order is completed already" in text, "Try again" in text) == (
            True,
        ) * 3
    let_be = await web.post(f"/write-backs/{write_back}", data={"do": "dismiss", "channel": "shop"})
    assert let_be.headers["location"] == "/channels/shop/sync#refused"
    assert "Nothing waits" in (await web.get("/channels/shop/sync")).text
    assert "Let be" in (await web.get(f"/orders/{number}")).text
    assert "is not told of the cancellation any more" in (await web.get(f"/orders/{number}")).text


async def test_what_was_refused_waits_for_a_person(hub: HubContext, web: httpx.AsyncClient, shop: Shop):
    await canceled(hub, web, shop)
    waiting = (await web.get("/waiting")).text
    assert ("/channels/shop/sync#refused" in waiting, "1 change of orders was not taken" in waiting) == (
        True,
        True,
    )


async def test_of_what_a_channel_is_told_is_chosen_on_its_page(
    hub: HubContext, web: httpx.AsyncClient, shop: Shop
):
    del shop
    await web.post("/channels/shop/tells", data={"told": ["refund", "fulfillment"]})
    told = (await web.get("/api/v1/channels/shop/tells")).json()
    assert (sorted(told["told"]), told["able"]) == (
        ["fulfillment", "refund"],
        ["cancellation", "fulfillment", "refund"],
    )
    await web.post("/channels/shop/ships", data={"here": "no"})
    assert await rows(hub, "SELECT kind FROM write_back_switches") == [("refund",)]


async def test_machines_hear_how_many_wait_and_were_refused(
    hub: HubContext, web: httpx.AsyncClient, shop: Shop
):
    await canceled(hub, web, shop)
    text = (await web.get("/metrics")).text
    assert 'hub_channel_write_backs_refused{channel="shop"} 1.0' in text
    assert 'hub_channel_write_backs_waiting{channel="shop"} 0.0' in text

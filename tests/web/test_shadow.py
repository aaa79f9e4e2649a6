"""Shadow over the API and on the desk: how ready a channel is, what would change, and its switches."""

import httpx
import pytest

from hub.channels.context import HubContext
from hub.kit.clock import now
from hub.kit.ids import uuid7
from hub.store import publications, shadow
from hub.store.stock import listings
from tests.web.conftest import Shop, rows, statements

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("phone")]
PAGE = "/channels/shop/shadow"
API = f"/api/v1{PAGE}"


async def list_mugs(hub: HubContext, shop: Shop, shows: dict[str, int | None]) -> None:
    """Listings of the mug, of which there are twelve, and what the shop shows of each."""
    new = [listings.NewListing(uuid7(), each, "MUG", f"Mug {each}", "MUG") for each in shows]
    async with hub.db.transaction() as tx:
        await listings.add_listings(tx, shop.row.id, new, at=now())
        await publications.open_publications(tx, ["MUG"], at=now())
        await shadow.record_seen(tx, shop.row.id, shows, at=now())


async def test_the_api_tells_how_ready_a_channel_is_and_what_would_change(
    hub: HubContext, web: httpx.AsyncClient, shop: Shop
):
    await web.post(API, json={"on": True})
    await list_mugs(hub, shop, {"a": 12, "b": 30, "c": 0, "d": None})
    ready = (await web.get(API)).json()
    page = (await web.get(f"{API}/listings", params={"changes": True, "limit": 2})).json()
    rest = (await web.get(f"{API}/listings", params={"changes": True, "cursor": page["next_cursor"]})).json()
    assert (ready["percent"], ready["ready"], ready["groups"][0]["changes"]) == (25, 1, 2)
    assert [(each["shows"], each["would"], each["verdict"]) for each in page["items"] + rest["items"]] == [
        (30, 12, "lower"),
        (0, 12, "back in stock"),
        (None, 12, "not found there"),
    ]


async def test_a_group_is_switched_on_by_a_button_and_then_all(
    hub: HubContext, web: httpx.AsyncClient, shop: Shop
):
    await web.post(PAGE, data={"do": "on"})
    await list_mugs(hub, shop, {"a": 5})
    page = await web.get(PAGE)
    await web.post(PAGE, data={"do": "live", "group": ""})
    one = (await web.get(API)).json()
    await web.post(PAGE, data={"do": "off"})
    assert "0 % ready" in page.text
    assert "Mug a" in page.text
    assert (one["live_groups"], one["percent"]) == ([""], 100)
    assert (await web.get(API)).json()["since"] is None


async def test_the_page_asks_as_little_for_many_listings_as_for_one(
    hub: HubContext, web: httpx.AsyncClient, shop: Shop
):
    await web.post(API, json={"on": True})
    counts = []
    for shows in ({"a": 1}, {f"many-{number}": number for number in range(60)}):
        await list_mugs(hub, shop, dict(shows))
        with statements(hub) as asked:
            await web.get(PAGE)
        counts.append(len(asked))
    assert counts[0] == counts[1]


async def test_a_channel_nobody_knows_and_too_many_groups_change_nothing(
    hub: HubContext, web: httpx.AsyncClient, shop: Shop
):
    del shop
    unknown = await web.post("/api/v1/channels/nope/shadow", json={"on": True})
    many = await web.post(API, json={"on": True, "live_groups": [str(number) for number in range(1001)]})
    assert (unknown.status_code, many.status_code) == (404, 400)
    assert await rows(hub, "SELECT slug FROM channels WHERE shadow_since IS NOT NULL") == []

"""Stock, channels, inbox and catalog over the API: a change happens once, or not at all, and is seen at once."""

import httpx
import pytest

from hub.channels.context import HubContext
from hub.kit.ids import uuid7
from tests.web.conftest import Shop, adjustment, rows

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("phone")]

LISTING = """INSERT INTO listings (id, channel_id, channel_listing_id, channel_sku, title, created_at)
SELECT gen_random_uuid(), id, '{0}', 'MUG', 'Mug', now() FROM channels WHERE slug = 'shop' RETURNING 1"""


async def test_an_adjustment_sent_twice_happens_once(web: httpx.AsyncClient):
    body = {"adjustments": [adjustment(-2, 7)]}
    replies = [await web.post("/api/v1/stock/adjustments", json=body) for _ in range(2)]
    assert [reply.json()["stock"][0]["available"] for reply in replies] == [10, 10]


@pytest.mark.parametrize(
    ("change", "status"),
    [({"sku": "CUP"}, 404), ({"location": "moon"}, 404), ({"change": 0}, 422), ({"reason": ""}, 400)],
)
async def test_of_a_list_with_one_wrong_adjustment_nothing_is_kept(
    web: httpx.AsyncClient, change: dict[str, object], status: int
):
    body = {"adjustments": [adjustment(5, 8), adjustment(5, 9) | change]}
    reply = await web.post("/api/v1/stock/adjustments", json=body)
    (mug,) = (await web.get("/api/v1/stock?sku=MUG")).json()["items"]
    assert (reply.status_code, mug["available"]) == (status, 12)


async def test_skus_are_listed_in_pages(web: httpx.AsyncClient):
    await web.post("/api/v1/skus", json={"skus": [{"sku": f"S{number}", "name": "S"} for number in range(4)]})
    first = (await web.get("/api/v1/stock?limit=3")).json()
    second = (await web.get("/api/v1/stock", params={"limit": 3, "cursor": first["next_cursor"]})).json()
    skus = [each["sku"] for page in (first, second) for each in page["items"]]
    assert (skus, second["next_cursor"]) == (["MUG", "S0", "S1", "S2", "S3"], None)


async def test_a_matched_listing_is_published_with_its_age(
    hub: HubContext, web: httpx.AsyncClient, shop: Shop
):
    await rows(hub, LISTING.format("4711"))
    unmatched = (await web.get("/api/v1/listings?matched=false")).json()["items"]
    match = {"channel": "shop", "listings": [{"channel_listing_id": "4711", "sku": "MUG"}]}
    reply = await web.post("/api/v1/listings/match", json=match)
    (published,) = (await web.get("/api/v1/stock?sku=MUG")).json()["items"][0]["published"]
    assert ([each["channel_listing_id"] for each in unmatched], reply.json()) == (["4711"], {"kept": 1})
    assert (published["channel"], published["quantity"], published["age_s"]) == (shop.row.slug, None, None)
    assert published["waiting_s"] >= 0


async def test_of_matches_with_one_unknown_sku_none_is_kept(
    hub: HubContext, web: httpx.AsyncClient, shop: Shop
):
    await rows(hub, LISTING.format("1"))
    await rows(hub, LISTING.format("2"))
    chosen = [{"channel_listing_id": "1", "sku": "MUG"}, {"channel_listing_id": "2", "sku": "CUP"}]
    reply = await web.post("/api/v1/listings/match", json={"channel": shop.row.slug, "listings": chosen})
    unmatched = (await web.get("/api/v1/listings?matched=false")).json()["items"]
    assert (reply.status_code, len(unmatched)) == (404, 2)


async def test_a_parked_message_is_tried_again_once_asked(
    hub: HubContext, web: httpx.AsyncClient, shop: Shop
):
    body = b"[]"
    await web.post(shop.address, content=body, headers=shop.signed(body))
    (parked,) = (await web.get("/api/v1/inbox?channel=shop")).json()["items"]
    path = f"/api/v1/inbox/{parked['id']}/retry"
    replies = [await web.post(path), await web.post(path), await web.post(f"/api/v1/inbox/{uuid7()}/retry")]
    assert [reply.status_code for reply in replies] == [202, 409, 404]
    assert await rows(hub, "SELECT state, reason FROM inbox") == [("waiting", "")]


async def test_a_channel_shows_what_waits_and_what_was_counted(web: httpx.AsyncClient, shop: Shop):
    await web.post(shop.address, content=shop.order, headers=shop.signed(shop.order))
    await web.post(shop.address, content=shop.order)
    channels = {each["slug"]: each for each in (await web.get("/api/v1/channels")).json()["items"]}
    assert (channels["shop"]["kind"], channels["shop"]["state"], channels["shop"]["inbox_waiting"]) == (
        "woocommerce",
        "active",
        1,
    )
    assert channels["shop"]["counters"]["webhooks refused"] == 1


async def test_locations_come_in_the_order_they_are_asked(web: httpx.AsyncClient):
    more = [
        {"code": "till", "name": "Till", "priority": 5},
        {"code": "depot", "name": "Depot", "sellable": False},
    ]
    await web.post("/api/v1/locations", json={"locations": more})
    assert [each["code"] for each in (await web.get("/api/v1/locations")).json()["items"]] == [
        "till",
        "depot",
        "main",
    ]

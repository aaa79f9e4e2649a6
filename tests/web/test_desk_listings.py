"""The desk says what each listing may be; a person confirms one or many, makes a SKU of one, or takes a match back."""

import re

import httpx
import pytest

from hub.channels.context import HubContext
from hub.channels.opening import add_channel
from hub.flows.stock.see_listings import see_page
from hub.kit.ids import uuid7
from hub.store.stock import skus
from hub.store.stock.listings import NewListing
from tests.builders import NOON, line, open_shop, order, take
from tests.web.conftest import rows, statements
from tests.web.test_desk_pages import BROWSER, see, send

pytestmark = pytest.mark.anyio
STANDS = "SELECT channel_listing_id, sku, units FROM listings WHERE channel_listing_id ~ '^[0-9]' ORDER BY 1"


async def shop_with(hub: HubContext) -> None:
    """Three mugs known, and four listings of theirs that nobody has matched; an order waits for the last."""
    async with hub.db.transaction() as tx:
        shop = await open_shop(tx, {"MUG": 12})
        goods = [skus.Sku("MUG-RED", "Mug, red", "222"), skus.Sku("MUG-BLUE", "Mug, blue", "333")]
        await skus.put_skus(tx, goods, at=NOON)
        offers = [("1", "MUG-RED", "Becher", ""), ("2", "B", "Becher", "0333"), ("3", "C", "Mug blu", "")]
        new = [
            NewListing(uuid7(), at, sku, title, barcode=code)
            for at, sku, title, code in [*offers, ("4", "D", "Chair", "")]
        ]
        await see_page(tx, shop.id, new, began_at=NOON, at=NOON)
        await take(tx, shop, order("1", line("D", channel_listing_id="4")))


async def ids(hub: HubContext) -> dict[str, str]:
    return {
        str(key): str(value) for key, value in await rows(hub, "SELECT channel_listing_id, id FROM listings")
    }


async def test_each_listing_says_what_it_may_be_and_why(hub: HubContext, web: httpx.AsyncClient):
    await shop_with(hub)
    page = " ".join(re.sub(r"<[^>]+>", " ", await see(web, "/listings")).split())
    assert "MUG-RED Mug, red same SKU · 100 %" in page
    assert "MUG-BLUE Mug, blue same barcode · 99 %" in page
    assert "similar name · " in page
    assert "Nothing of yours is like it. 1 order waits" in page
    assert "Match all 1 with the same SKU" in page


async def test_what_is_ticked_is_matched_and_nothing_else(hub: HubContext, web: httpx.AsyncClient):
    await shop_with(hub)
    known = await ids(hub)
    picks = [f"{known['1']} MUG-RED", f"{known['2']} MUG-BLUE"]
    answer = await web.post("/listings/match", data={"pick": picks}, headers=BROWSER)
    assert (answer.status_code, answer.headers["location"]) == (303, "/listings")
    assert await rows(hub, STANDS) == [
        ("1", "MUG-RED", 1),
        ("2", "MUG-BLUE", 1),
        ("3", None, 1),
        ("4", None, 1),
    ]


async def test_the_button_of_one_suggestion_matches_that_one(hub: HubContext, web: httpx.AsyncClient):
    await shop_with(hub)
    known = await ids(hub)
    picked = {"pick": f"{known['1']} MUG-RED", "only": f"{known['3']} MUG-BLUE"}
    await web.post("/listings/match", data=picked, headers=BROWSER)
    assert (await rows(hub, STANDS))[:3] == [("1", None, 1), ("2", None, 1), ("3", "MUG-BLUE", 1)]


async def test_all_with_the_same_sku_are_matched_by_one_word(hub: HubContext, web: httpx.AsyncClient):
    await shop_with(hub)
    await send(web, "/listings/match-alike", channel="web", by="sku")
    assert [sku for _, sku, _ in await rows(hub, STANDS)] == ["MUG-RED", None, None, None]
    await send(web, "/listings/match-alike", channel="web", by="barcode")
    assert [sku for _, sku, _ in await rows(hub, STANDS)] == ["MUG-RED", "MUG-BLUE", None, None]


async def test_a_pack_is_matched_by_typing(hub: HubContext, web: httpx.AsyncClient):
    await shop_with(hub)
    path = f"/listings/{(await ids(hub))['4']}/match"
    refused = await send(web, path, sku="chair", units="6")
    assert (refused.status_code, "No SKU, barcode or name is “chair”" in refused.text) == (422, True)
    assert (await send(web, path, sku="mug", units="0")).status_code == 422
    await send(web, path, sku="mug", units="6")
    assert await rows(hub, "SELECT sku, units FROM order_lines") == [("MUG", 6)]


async def test_a_new_sku_is_an_explicit_choice(hub: HubContext, web: httpx.AsyncClient):
    await shop_with(hub)
    path = f"/listings/{(await ids(hub))['4']}/new-sku"
    refused = await send(web, path, sku="MUG", name="Chair")
    assert (refused.status_code, "there is a SKU MUG already" in refused.text) == (422, True)
    await send(web, path, sku="CHAIR", name="Chair")
    assert (await rows(hub, STANDS))[3] == ("4", "CHAIR", 1)


async def test_a_match_is_taken_back_and_a_second_press_is_harmless(hub: HubContext, web: httpx.AsyncClient):
    await shop_with(hub)
    for _ in range(2):
        answer = await send(
            web, f"/listings/{(await ids(hub))['listing-MUG']}/unmatch", show="matched", channel_shown="web"
        )
        assert answer.headers["location"] == "/listings?show=matched&channel=web"
    assert await rows(hub, "SELECT count(*) FROM listings WHERE sku IS NOT NULL") == [(0,)]


@pytest.mark.parametrize(
    ("show", "said"),
    [
        ("matched", "Undo the match"),
        ("unsent", "Not sent yet"),
        ("gone", "Nothing is gone"),
        ("unmatched&q=nothing", "No listing fits"),
    ],
)
async def test_each_view_shows_its_own(hub: HubContext, web: httpx.AsyncClient, show: str, said: str):
    await shop_with(hub)
    assert said in await see(web, f"/listings?show={show}")


async def test_an_empty_page_of_listings_teaches(web: httpx.AsyncClient):
    assert "What channels offer is matched here" in await see(web, "/listings")


async def test_the_page_asks_as_often_for_many_listings_as_for_one(hub: HubContext, web: httpx.AsyncClient):
    await shop_with(hub)
    with statements(hub) as asked:
        await see(web, "/listings")
    assert len(asked) == 4


async def test_a_look_is_asked_of_a_channel_that_can_be_looked_at(hub: HubContext, web: httpx.AsyncClient):
    for kind, slug in (("woocommerce", "shop"), ("manual", "phone")):
        settings = {"base_url": "http://shop.example"} if kind == "woocommerce" else {}
        await add_channel(hub, kind=kind, slug=slug, name=slug, settings=settings)
    asked = [await web.post(f"/api/v1/channels/{slug}/pull-listings") for slug in ("shop", "phone", "moon")]
    assert [each.status_code for each in asked] == [202, 409, 404]
    due = await rows(hub, "SELECT slug FROM channels WHERE next_listings_pull_at <= now()")
    assert due == [("shop",)]


async def test_a_tampered_form_is_refused_and_matches_nothing(hub: HubContext, web: httpx.AsyncClient):
    await shop_with(hub)
    assert (await send(web, "/listings/match", pick="nonsense")).status_code == 422
    unknown = f"{(await ids(hub))['1']} GHOST"
    assert (await send(web, "/listings/match", pick=unknown)).status_code == 404
    assert [sku for _, sku, _ in await rows(hub, STANDS)] == [None, None, None, None]


async def test_the_api_suggests_matches_unmatches_and_makes_skus(hub: HubContext, web: httpx.AsyncClient):
    await shop_with(hub)
    first = (await web.get("/api/v1/listings/suggestions?channel=web")).json()["items"][0]
    assert first["suggestions"] == [
        {"sku": "MUG-RED", "name": "Mug, red", "reasons": ["same SKU"], "score": "1.00"}
    ]
    alike = {"channel": "web", "by": "barcode"}
    assert (await web.post("/api/v1/listings/match-alike", json=alike)).json() == {"kept": 1}
    taken_back = {"channel": "web", "listings": ["2"]}
    assert (await web.post("/api/v1/listings/unmatch", json=taken_back)).json() == {"kept": 1}
    made = {"listings": [{"id": (await ids(hub))["4"], "sku": "CHAIR", "name": "Chair"}]}
    assert (await web.post("/api/v1/listings/new-skus", json=made)).json() == {"kept": 1}
    unsent = (await web.get("/api/v1/listings?unsent=true&channel=web")).json()["items"]
    assert {each["channel_listing_id"]: each["unsent"] for each in unsent}["4"] == "not counted"

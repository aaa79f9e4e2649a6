"""What is suspended, and what drifts, over the API and on the desk: a look at it, and a person's word."""

from datetime import timedelta

import httpx
import pytest
from sqlalchemy import text

from hub.channels.context import HubContext
from hub.flows.sync.hold_back import hold_back
from hub.flows.sync.reconcile import Reader, Reading, compare
from hub.kit.clock import now
from hub.kit.ids import uuid7
from hub.model.sync.stages import Stage
from hub.store import publications
from hub.store.inbox import note_round
from hub.store.publications import Told
from hub.store.stock import listings
from tests.builders import claim_due, record_told
from tests.web.conftest import Shop, adjustment, rows, statements

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("phone")]
PAGE = "/channels/shop/sync"
API = "/api/v1/channels/shop"
HELD = "SELECT count(*) FROM publications WHERE suspended_version = version"


async def list_mugs(hub: HubContext, shop: Shop, many: int) -> None:
    """So many listings of the mug, told that there are twelve."""
    new = [
        listings.NewListing(uuid7(), f"mug-{number}", "MUG", f"Mug {number}", "MUG") for number in range(many)
    ]
    async with hub.db.transaction() as tx:
        await listings.add_listings(tx, shop.row.id, new, at=now())
        await publications.open_publications(tx, ["MUG"], at=now())
        due = await claim_due(tx, shop.row.id, limit=many, at=now())
        told = [Told(each.listing_id, each.version, each.quantity, "applied") for each in due]
        await record_told(tx, told, at=now())


async def empty_the_shop(hub: HubContext, web: httpx.AsyncClient, shop: Shop, many: int = 12) -> int:
    """A slip says that there is none; return how often the look asked the database."""
    await list_mugs(hub, shop, many)
    await web.post("/api/v1/stock/adjustments", json={"adjustments": [adjustment(-12, 2)]})
    async with hub.db.transaction() as tx:
        with statements(hub) as asked:
            await hold_back(tx, shop.row.id, slug="shop", url="", at=now())
    return len(asked)


async def test_the_page_shows_what_would_change_and_a_button_tells_it(
    hub: HubContext, web: httpx.AsyncClient, shop: Shop
):
    await empty_the_shop(hub, web, shop)
    page, waiting = await web.get(PAGE), await web.get("/waiting")
    assert "12 listings would change drastically" in page.text
    assert "12 of them to 0" in waiting.text
    await web.post(PAGE, data={"do": "approve", "until": now().isoformat()})
    assert "Nothing is suspended" in (await web.get(PAGE)).text
    assert await rows(hub, HELD) == [(0,)]


async def test_the_api_decides_on_what_was_seen_and_on_nothing_else(
    hub: HubContext, web: httpx.AsyncClient, shop: Shop
):
    before = now().isoformat()
    await empty_the_shop(hub, web, shop)
    (first, *rest) = (await web.get("/api/v1/suspended", params={"channel": "shop"})).json()["items"]
    unseen = await web.post(f"{API}/suspended/approve", json={"until": before})
    kept = await web.post(f"{API}/suspended/dismiss", json={"until": now().isoformat()})
    assert (first["shows"], first["would"], len(rest)) == (12, 0, 11)
    assert (unseen.status_code, kept.json(), await rows(hub, HELD)) == (409, {"listings": 12}, [(12,)])
    assert "Kept back by api" in (await web.get(PAGE)).text


async def test_the_limits_of_a_channel_are_read_and_set(web: httpx.AsyncClient, shop: Shop):
    del shop
    assert (await web.get(f"{API}/limits")).json()["few"] == 10
    assert (await web.put(f"{API}/limits", json={"few": 3})).json()["few"] == 3
    assert (await web.put(f"{API}/limits", json={"few": 0})).status_code == 422
    assert (await web.get(f"{API}/limits")).json()["few"] == 3


async def test_a_word_nobody_knows_is_refused_and_decides_nothing(
    hub: HubContext, web: httpx.AsyncClient, shop: Shop
):
    await drift(hub, shop)
    sync, settling, pausing = PAGE, "/channels/shop/drift", "/channels/shop/pause"
    sent: list[tuple[str, dict[str, str]]] = [
        (settling, {"do": "heal", "id": "x"}),
        (settling, {"do": "zap", "id": str(uuid7())}),
        (settling, {"id": str(uuid7())}),
        (settling, {"policy": "zap"}),
        (sync, {"do": "zap", "until": now().isoformat()}),
        (pausing, {"do": "zap"}),
    ]
    assert {(await web.post(url, data=data)).status_code for url, data in sent} == {422}
    assert (await web.put(f"{API}/limits", json={"few": 3, "shaer_percent": 1})).status_code == 400


async def change(hub: HubContext, statement: str) -> None:
    async with hub.db.transaction() as tx:
        await tx.execute(text(statement))


async def drift(hub: HubContext, shop: Shop) -> None:
    """A listing of the mug that was told 12, and shows 9 on both looks."""
    await list_mugs(hub, shop, 1)
    await change(hub, "UPDATE publications SET confirmed_at = now() - interval '1 hour'")
    await change(hub, f"UPDATE channels SET drift_policy = 'ask' WHERE id = '{shop.row.id}'")
    for minutes in (9, 4):
        async with hub.db.transaction() as tx:
            at = now() - timedelta(minutes=minutes)
            await compare(tx, Reader(shop.row.id, "shop"), Reading(at, {"mug-0": 9}), at=at)


async def test_drift_is_shown_with_its_cause_and_a_button_takes_it_over(
    hub: HubContext, web: httpx.AsyncClient, shop: Shop
):
    await drift(hub, shop)
    page, waiting = await web.get(PAGE), await web.get("/waiting")
    (item,) = (await web.get("/api/v1/drift", params={"channel": "shop"})).json()["items"]
    await web.post("/channels/shop/drift", data={"do": "adopt", "id": item["id"]})
    assert "somebody changed it there" in page.text
    assert "1 listing shows another number" in waiting.text
    assert (item["expected"], item["shows"], item["cause"]) == (12, 9, "edited there")
    assert await rows(hub, "SELECT on_hand FROM levels") == [(9,)]


async def test_the_api_settles_drift_once_and_sets_what_it_leads_to(
    hub: HubContext, web: httpx.AsyncClient, shop: Shop
):
    await drift(hub, shop)
    ids = [str(each) for (each,) in await rows(hub, "SELECT id FROM drifts")]
    replies = [await web.post("/api/v1/drift/settle", json={"ids": ids, "deed": "heal"}) for _ in range(2)]
    await web.post("/channels/shop/drift", data={"policy": "adopt"})
    assert [each.status_code for each in replies] == [200, 409]
    assert (await web.get(f"{API}/drift-policy")).json() == {"policy": "adopt"}
    assert (await web.put(f"{API}/drift-policy", json={"policy": "ask"})).json() == {"policy": "ask"}
    assert await rows(hub, "SELECT confirmed_version < version FROM publications") == [(True,)]


async def test_the_look_asks_as_little_for_many_listings_as_for_few(
    hub: HubContext, web: httpx.AsyncClient, shop: Shop
):
    assert await empty_the_shop(hub, web, shop, 100) <= 7


async def test_the_page_says_how_the_channel_keeps_up_and_pauses_it(
    hub: HubContext, web: httpx.AsyncClient, shop: Shop
):
    await list_mugs(hub, shop, 3)
    await change(hub, "UPDATE skus SET sku_group = 'mugs' WHERE sku = 'MUG'")
    keeps_up = (await web.get(PAGE)).text
    await web.post("/channels/shop/pause", data={"do": "pause"})
    await web.post("/channels/shop/pause", data={"do": "pause", "group": "mugs"})
    paused = (await web.get(PAGE)).text
    await web.post("/channels/shop/pause", data={"do": "resume"})
    assert "Keeps up" in keeps_up
    assert "A person paused it" in paused
    assert "Resume mugs" in paused
    assert await rows(hub, "SELECT state, paused_groups FROM channels WHERE slug = 'shop'") == [
        ("active", ["mugs"])
    ]


async def test_the_page_of_a_channel_in_shadow_says_so_and_leads_to_what_it_would_be_told(
    hub: HubContext, web: httpx.AsyncClient, shop: Shop
):
    await list_mugs(hub, shop, 3)
    await web.post("/channels/shop/shadow", data={"do": "on"})
    page = (await web.get(PAGE)).text
    (found,) = (each for each in (await web.get("/api/v1/sync")).json()["channels"] if each["slug"] == "shop")
    assert "Keeps up" not in page
    assert '<a class="link" href="/channels/shop/shadow">3 listings in shadow' in page
    assert (found["listings"], found["shadowed"], found["shadow_since"] is None) == (0, 3, False)


async def test_the_page_says_how_long_a_sale_takes_until_it_is_marked(
    hub: HubContext, web: httpx.AsyncClient, shop: Shop
):
    async with hub.db.transaction() as tx:
        await note_round(tx, shop.row.id, {}, {Stage.MARKED: [0.2] * 98 + [4.0] * 2}, at=now())
    page = (await web.get(PAGE)).text
    row = '<th scope="row">Sale known to marked</th><td class="number">0.25 s</td><td class="number">5 s</td>'
    assert row in page


async def test_a_closed_channel_is_not_paused_and_so_never_resumed(
    hub: HubContext, web: httpx.AsyncClient, shop: Shop
):
    await list_mugs(hub, shop, 1)
    await web.post(f"{API}/close")
    page = (await web.get(PAGE)).text
    sent = [await web.post("/channels/shop/pause", data={"do": do}) for do in ("pause", "resume")]
    assert "/channels/shop/pause" not in page
    assert [each.status_code for each in sent] == [409, 409]
    assert (await web.post(f"{API}/open")).json()["state"] == "active"
    assert await rows(hub, "SELECT stopped_at FROM publications") == [(None,)]


async def test_what_is_late_stands_with_its_reason_on_the_page_and_in_the_api(
    hub: HubContext, web: httpx.AsyncClient, shop: Shop
):
    await list_mugs(hub, shop, 2)
    await web.put(f"{API}/freshness-goal", json={"goal_s": 5})
    await web.post("/api/v1/stock/adjustments", json={"adjustments": [adjustment(-1, 3)]})
    await change(hub, "UPDATE publications SET dirty_since = dirty_since - interval '1 minute'")
    first = (await web.get("/api/v1/late", params={"limit": 1})).json()
    rest = (await web.get("/api/v1/late", params={"cursor": first["next_cursor"]})).json()
    (kept_up,) = (
        each for each in (await web.get("/api/v1/sync")).json()["channels"] if each["slug"] == "shop"
    )
    assert [each["reasons"][0]["name"] for each in first["items"] + rest["items"]] == ["to be sent"] * 2
    assert (kept_up["late"], kept_up["goal_s"]) == (2, 5)
    assert "is not sent yet" in (await web.get(PAGE)).text
    assert 'hub_channel_late{channel="shop"} 2.0' in (await web.get("/metrics")).text


async def test_the_page_asks_as_little_for_many_late_listings_as_for_one(
    hub: HubContext, web: httpx.AsyncClient, shop: Shop
):
    counts = []
    for many in (1, 40):
        await list_mugs(hub, shop, many)
        await change(
            hub, "UPDATE publications SET version = version + 1, dirty_since = now() - interval '1 hour'"
        )
        with statements(hub) as asked:
            await web.get(PAGE)
        counts.append(len(asked))
    assert counts[0] == counts[1]

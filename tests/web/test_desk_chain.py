"""The desk unfolds a number into the same chain as `hub stock explain`, for every SKU, on a page that can be linked."""

import re
from html import unescape
from typing import Any

import httpx
import pytest

from hub.channels.context import HubContext
from hub.flows.stock.set_visibility import Wish, set_rules
from hub.model.stock.visibility import Rule, Scope
from hub.store.stock import skus
from tests.builders import NOON, open_shop, order, put_stock, take
from tests.web.conftest import rows, statements
from tests.web.test_desk_pages import see, send

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize("page", ["/stock/MUG", "/stock?open=MUG"])
async def test_the_desk_says_every_step_that_the_explanation_has(
    hub: HubContext, web: httpx.AsyncClient, page: str
):
    await shop_with_rules(hub)
    said = words_of(await see(web, page))
    explained = (await web.get("/api/v1/stock/MUG/explain")).json()
    steps = told(explained)
    assert {"on", "allocated", "shop", "buffer", "cap"} <= {each.split()[0] for each in steps}
    assert [each for each in steps if each not in said] == []


async def test_a_listing_says_what_was_sent_and_what_it_waits_for(hub: HubContext, web: httpx.AsyncClient):
    await shop_with_rules(hub)
    said = words_of(await see(web, "/stock/MUG"))
    assert "Sent never" in said
    assert "To be sent version 1 is not sent yet" in said


@pytest.mark.parametrize("sku", ["A/B", "50% wool", "Ü & Ö", "a?b#c"])
async def test_a_sku_of_any_spelling_has_its_page(hub: HubContext, web: httpx.AsyncClient, sku: str):
    async with hub.db.transaction() as tx:
        await skus.put_skus(tx, [skus.Sku(sku, "A strange one")], at=NOON)
    link = re.search(r'href="(/stock/[^"#]+)#available"', await see(web, "/stock"))
    assert link is not None
    assert "No channel lists it" in await see(web, unescape(link[1]))


async def test_an_unknown_sku_is_no_page(web: httpx.AsyncClient):
    assert "there is no SKU GHOST" in words_of(await see(web, "/stock/GHOST", 404)).replace("There", "there")


async def test_the_chain_is_asked_for_once_however_much_there_is(hub: HubContext, web: httpx.AsyncClient):
    await shop_with_rules(hub)
    with statements(hub) as asked:
        await see(web, "/stock/MUG")
    assert len(asked) <= 8


async def test_an_adjustment_on_the_page_of_a_sku_comes_back_to_it(hub: HubContext, web: httpx.AsyncClient):
    await shop_with_rules(hub)
    form = {"sku": "MUG", "cause_id": "a", "location": "main", "mode": "change", "units": "3", "page": "sku"}
    refused = await send(web, "/stock/adjust", **form)
    assert (refused.status_code, "Say why" in refused.text) == (422, True)
    answer = await send(web, "/stock/adjust", **form, reason="found")
    assert (answer.status_code, answer.headers["location"]) == (303, "/stock/MUG")
    assert (await rows(hub, "SELECT on_hand FROM levels WHERE location = 'main' AND sku = 'MUG'")) == [(15,)]


async def shop_with_rules(hub: HubContext) -> None:
    async with hub.db.transaction() as tx:
        seller = await open_shop(tx, {"MUG": 12, "TEE": 3})
        await put_stock(tx, {"MUG": 5}, "shop")
        await take(tx, seller, order("1"))
        rule = Rule(buffer=2, cap=8, minimum=1, locations=("main",))
        await set_rules(tx, [Wish(Scope("web"), rule)], actor="test", at=NOON)


def told(explained: dict[str, Any]) -> list[str]:
    """Every step that changes the number, as a person reads it."""
    ladders = [
        explained["steps"],
        *(each["steps"] for key in ("places", "listings") for each in explained[key]),
    ]
    return [
        f"{step['name']} {step['says']}"
        for steps in ladders
        for was, step in zip([{"after": None}, *steps], steps, strict=False)
        if step["after"] != was["after"]
    ]


def words_of(page: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page)).split())

"""What channels see of a SKU is changed on the desk: rules, a group, safety stock; what is wrong changes nothing."""

import httpx
import pytest

from hub.channels.context import HubContext
from tests.builders import open_shop
from tests.web.conftest import rows, statements
from tests.web.test_desk_pages import BROWSER, see, send

pytestmark = pytest.mark.anyio
MUG = "channel=web&listing=listing-MUG"
RULES = "SELECT sku_group, buffer, buffer_percent, cap, minimum, allotment FROM visibility_rules ORDER BY id"
KEPT = "SELECT location, safety_stock FROM levels WHERE sku = 'MUG' ORDER BY 1"


@pytest.fixture(autouse=True)
async def goods(hub: HubContext) -> None:
    async with hub.db.transaction() as tx:
        await open_shop(tx, {"MUG": 12, "TEE": 3})


async def test_a_rule_is_set_field_by_field_and_taken_back_whole(hub: HubContext, web: httpx.AsyncClient):
    await send(web, "/visibility/MUG", about=MUG, buffer="20 %", do="set")
    await send(web, "/visibility/MUG", about=MUG, cap="5", do="set")
    assert await rows(hub, RULES) == [(None, None, 20, 5, None, None)]
    assert "keeps back 20 % and shows at most 5" in await see(web, "/visibility/MUG")
    for _ in range(2):
        assert (await send(web, "/visibility/MUG", about=MUG, do="clear")).status_code == 303
    assert await rows(hub, RULES) == []


async def test_only_the_places_that_are_ticked_count_of_those_that_sell(web: httpx.AsyncClient):
    await web.post(
        "/api/v1/locations", json={"locations": [{"code": "bin", "name": "Bin", "sellable": False}]}
    )
    page = await see(web, "/visibility/MUG")
    await send(web, "/visibility/MUG", about=MUG, **{"count-shop": "yes"}, do="set")
    assert ('name="count-shop"' in page, 'name="count-bin"' in page) == (True, False)
    assert "counts only shop" in await see(web, "/visibility/MUG")


async def test_an_adaptive_buffer_is_asked_for_and_says_that_nobody_has_looked_yet(web: httpx.AsyncClient):
    await send(web, "/visibility/MUG", about=MUG, risk_percent="1 %", buffer_max="9", do="set")
    page = await see(web, "/visibility/MUG")
    assert "keeps the chance of overselling within 1 % and with a buffer of at most 9" in page
    assert "not worked out: nobody has looked yet" in page


async def test_a_group_gets_a_rule_for_all_its_skus(hub: HubContext, web: httpx.AsyncClient):
    await send(web, "/visibility/MUG", group="fragile", do="group")
    assert "Group fragile on every channel" in await see(web, "/visibility/MUG")
    await send(web, "/visibility/MUG", about="group=fragile", minimum="3", do="set")
    assert await rows(hub, RULES) == [("fragile", None, None, None, 3, None)]
    assert "shows 0 below 3" not in await see(web, "/visibility/TEE")


async def test_safety_stock_is_kept_at_each_location(hub: HubContext, web: httpx.AsyncClient):
    await send(web, "/visibility/MUG", **{"keep-main": "4", "keep-shop": "1"}, do="keep")
    assert await rows(hub, KEPT) == [("main", 4), ("shop", 1)]


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"about": MUG, "do": "set"}, "says nothing"),
        ({"about": MUG, "buffer": "some", "do": "set"}, "such as 2 or 20%"),
        ({"about": MUG, "buffer": "101%", "do": "set"}, "it must be from 0 to 100"),
        ({"about": MUG, "risk_percent": "0", "do": "set"}, "it must be from 0.01 to 50"),
        ({"about": MUG, "risk_percent": "much", "do": "set"}, "is no risk"),
        ({"about": MUG, "buffer_max": "3", "do": "set"}, "say its risk too"),
        ({"about": "group=ghosts", "cap": "1", "do": "set"}, "no SKU is in group ghosts"),
        ({"about": "listing=1", "cap": "1", "do": "set"}, "channel"),
        ({"about": "channel=web", "cap": "0", "do": "set"}, "Choose what the rule is about"),
        ({"keep-main": "-1", "do": "keep"}, "A number, such as 2"),
        ({"keep-ghost": "1", "do": "keep"}, "there is no location ghost"),
    ],
)
async def test_what_cannot_be_set_says_why_and_changes_nothing(
    hub: HubContext, web: httpx.AsyncClient, wrong: dict[str, str], said: str
):
    answer = await send(web, "/visibility/MUG", **wrong)
    assert (answer.status_code, said in answer.text) == (422, True)
    assert (await rows(hub, RULES), await rows(hub, KEPT)) == ([], [("main", 0)])
    assert (await web.get("/visibility/ghost", headers=BROWSER)).status_code == 404


@pytest.mark.parametrize("count", [1, 20])
async def test_the_page_asks_as_often_for_twenty_rules_as_for_one(
    hub: HubContext, web: httpx.AsyncClient, count: int
):
    await web.post("/api/v1/visibility/groups", json={"group": "fragile", "skus": ["MUG"]})
    rules = [
        {"channel": "web", "listing": "listing-MUG", "cap": 1},
        {"group": "fragile", "cap": 2},
        {"cap": 3},
    ]
    await web.post("/api/v1/visibility", json={"rules": rules[:count]})
    new = [{"code": f"shop-{each}", "name": "Shop"} for each in range(count)]
    await web.post("/api/v1/locations", json={"locations": new})
    with statements(hub) as asked:
        await see(web, "/visibility/MUG")
    assert len(asked) == 7

"""Sourcing on the desk: policies are set, changed and taken back, and a dry run writes nothing."""

import httpx
import pytest

from hub.channels.context import HubContext
from tests.builders import SHOP, open_shop, put_stock
from tests.web.conftest import rows, statements
from tests.web.test_desk_pages import see, send

pytestmark = pytest.mark.anyio
POLICIES = """SELECT coalesce(c.slug, ''), strategies, split_max, keep_whole
FROM sourcing_policies p LEFT JOIN channels c ON c.id = p.channel_id ORDER BY 1"""


@pytest.fixture(autouse=True)
async def goods(hub: HubContext) -> None:
    async with hub.db.transaction() as tx:
        await open_shop(tx, {"MUG": 2, "TEE": 3})
        await put_stock(tx, {"MUG": 5}, SHOP)


async def test_a_policy_is_set_and_taken_back(hub: HubContext, web: httpx.AsyncClient):
    ranks = {"rank-1": "nearest", "rank-2": "", "rank-3": "priority"}
    await send(web, "/sourcing", channel="web", split_max="2", keep_whole="yes", **ranks)
    assert await rows(hub, POLICIES) == [("web", ["nearest", "priority"], 2, True)]
    assert "First the nearest, then the lowest priority; at most 2 locations" in await see(web, "/sourcing")
    for _ in range(2):
        assert (await send(web, "/sourcing/clear", channel="web")).status_code == 303
    assert await rows(hub, POLICIES) == []


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"rank-1": ""}, "at least one"),
        ({"rank-2": "nearest"}, "each of its strategies once"),
        ({"split_max": "two"}, "A number, such as 2"),
        ({"split_max": "0"}, "it must be from 1 to 100"),
        ({"channel": "ghost"}, "there is no channel ghost"),
    ],
)
async def test_a_wrong_policy_says_which_field_and_sets_nothing(
    hub: HubContext, web: httpx.AsyncClient, wrong: dict[str, str], said: str
):
    answer = await send(web, "/sourcing", **({"channel": "web", "rank-1": "nearest"} | wrong))
    assert (answer.status_code, said in answer.text) == (422, True)
    assert await rows(hub, POLICIES) == []


async def test_a_dry_run_tells_for_each_location_what_it_gives_and_why(
    hub: HubContext, web: httpx.AsyncClient
):
    basket = {"sku": "MUG", "units": "4", "code": "tee", "count": "1", "do": "add"}
    told = (await send(web, "/sourcing/plan", **basket, channel="web", country="de")).text
    assert "It gets all of it" in told
    assert "4 from shop" in told
    assert "1 from main" in told
    assert await rows(hub, "SELECT count(*) FROM levels WHERE allocated > 0") == [(0,)]


async def test_what_is_collected_would_come_from_where_that_is(web: httpx.AsyncClient):
    await web.post("/api/v1/locations", json={"locations": [{"code": SHOP, "pickup": True}]})
    told = (await send(web, "/sourcing/plan", sku="MUG", units="2", pickup="Shop", do="show")).text
    assert ("2 from shop" in told, "<option selected>Shop</option>" in told) == (True, True)


async def test_a_dry_run_of_nonsense_says_so(web: httpx.AsyncClient):
    for wrong, said in (
        ({"sku": "GHOST", "units": "1"}, "There is no such SKU"),
        ({"sku": "MUG", "units": "lots"}, "1 or more"),
        ({"sku": "MUG", "units": "1", "channel": "ghost"}, "there is no channel ghost"),
    ):
        answer = await send(web, "/sourcing/plan", **wrong, do="show")
        assert (answer.status_code, said in answer.text) == (422, True)


@pytest.mark.parametrize("count", [1, 2])
async def test_a_dry_run_asks_as_often_for_two_skus_as_for_one(
    hub: HubContext, web: httpx.AsyncClient, count: int
):
    with statements(hub) as asked:
        await send(web, "/sourcing/plan", sku=["MUG", "TEE"][:count], units=["1"] * count, do="show")
    assert len(asked) == 10

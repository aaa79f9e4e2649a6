"""Locations are added and changed by a form that keeps what was typed; stock goes off sale by a person's word alone."""

import httpx
import pytest
from sqlalchemy import text

from hub.channels.context import HubContext
from hub.store.desk.locations import lying_at
from tests.builders import open_shop
from tests.web.conftest import rows, statements
from tests.web.test_desk_pages import BROWSER, see, send

pytestmark = pytest.mark.anyio
SHOP = {"name": "Shop Berlin", "kind": "shop floor", "priority": "20", "sellable": "yes", "pickup": "yes"}
MAIN = {"name": "Main", "kind": "warehouse", "priority": "1", "ships": "yes"}


@pytest.fixture(autouse=True)
async def goods(hub: HubContext) -> None:
    async with hub.db.transaction() as tx:
        await open_shop(tx, {"MUG": 12, "TEE": 3})


async def test_a_location_is_added_with_the_channels_it_serves(hub: HubContext, web: httpx.AsyncClient):
    answer = await send(web, "/locations", code="berlin", channels="web", country="de", **SHOP)
    assert answer.headers["location"] == "/locations"
    known = "SELECT name, kind, sellable, ships, pickup, country FROM locations WHERE code = 'berlin'"
    assert await rows(hub, known) == [("Shop Berlin", "shop floor", True, False, True, "DE")]
    assert "web only" in await see(web, "/locations")


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"code": "Shop Berlin"}, "small letters, digits and hyphens"),
        ({"code": "main"}, "There is a location main already"),
        ({"priority": "first"}, "the lowest is asked first"),
        ({"latitude": "north"}, "Degrees, such as 52.52"),
        ({"latitude": "nan", "longitude": "1"}, "nowhere on earth"),
        ({"channels": "ghost"}, "there is no channel ghost"),
        ({"time_zone": "Berlin"}, "write it as Europe/Berlin"),
        ({"name": " "}, "say what people call it"),
    ],
)
async def test_a_wrong_location_says_which_field_and_adds_nothing(
    hub: HubContext, web: httpx.AsyncClient, wrong: dict[str, str], said: str
):
    answer = await send(web, "/locations", **({"code": "berlin", **SHOP} | wrong))
    assert (answer.status_code, said in answer.text) == (422, True)
    assert await rows(hub, "SELECT count(*) FROM locations") == [(2,)]


async def test_stock_goes_off_sale_only_when_somebody_has_seen_how_much_it_is(
    hub: HubContext, web: httpx.AsyncClient
):
    sells = "SELECT sellable FROM locations WHERE code = 'main'"
    asked = await send(web, "/locations/main", **MAIN)
    assert (asked.status_code, "15 units that lie here" in asked.text) == (422, True)
    assert await rows(hub, sells) == [(True,)]
    assert (await send(web, "/locations/main", **MAIN, sure="yes")).status_code == 303
    assert await rows(hub, sells) == [(False,)]


async def test_a_location_shows_what_lies_there_most_first(web: httpx.AsyncClient):
    page = await see(web, "/locations/main")
    assert 0 < page.index('id="sku-MUG"') < page.index('id="sku-TEE"')
    assert (await web.get("/locations/ghost", headers=BROWSER)).status_code == 404


async def test_what_is_promised_is_not_free(hub: HubContext):
    async with hub.db.transaction() as tx:
        await tx.execute(text("UPDATE levels SET allocated = 1, reserved = 4 WHERE sku = 'MUG'"))
        (mug, _) = await lying_at(tx, "main", limit=9)
    assert (mug.on_hand, mug.promised, mug.free) == (12, 5, 7)


@pytest.mark.parametrize("count", [1, 30])
@pytest.mark.parametrize(("path", "asked_for"), [("/locations", 5), ("/locations/main", 6)])
async def test_locations_are_asked_for_as_often_for_thirty_as_for_one(
    hub: HubContext, web: httpx.AsyncClient, count: int, path: str, asked_for: int
):
    new = [{"code": f"shop-{each}", "name": "Shop"} for each in range(count)]
    await web.post("/api/v1/locations", json={"locations": new})
    with statements(hub) as asked:
        await see(web, path)
    assert len(asked) == asked_for

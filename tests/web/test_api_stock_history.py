"""Stock of a past moment and the grounds of a number over the API: as the command line says them, in one statement."""

import httpx
import pytest

from hub.channels.context import HubContext
from tests.web.conftest import Shop, adjustment, rows, statements, typed_order

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("phone")]

LISTING = """INSERT INTO listings (id, channel_id, channel_listing_id, sku, units, created_at)
SELECT gen_random_uuid(), id, '4711', 'MUG', 5, now() FROM channels WHERE slug = 'shop' RETURNING 1"""


async def test_the_levels_of_a_past_moment_are_listed_with_it(hub: HubContext, web: httpx.AsyncClient):
    await rows(hub, "UPDATE movements SET at = '2026-03-01T12:00Z' RETURNING 1")
    await web.post("/api/v1/stock/adjustments", json={"adjustments": [adjustment(5, 9)]})
    reply = (await web.get("/api/v1/stock", params={"at": "2026-03-01T13:00:00+01:00"})).json()
    assert (reply["at"], reply["next_cursor"]) == ("2026-03-01T12:00:00Z", None)
    assert [(each["sku"], each["on_hand"], each["allocated"]) for each in reply["items"]] == [("MUG", 12, 0)]


async def test_a_plus_that_an_address_made_a_space_is_read_as_a_plus(hub: HubContext, web: httpx.AsyncClient):
    await rows(hub, "UPDATE movements SET at = '2026-03-01T12:00Z' RETURNING 1")
    (mug,) = (await web.get("/api/v1/stock?at=2026-03-01T13:00:00+01:00")).json()["items"]
    assert mug["levels"] == [{"location": "main", "on_hand": 12, "allocated": 0}]


async def test_past_levels_are_listed_in_pages_by_one_statement_each(hub: HubContext, web: httpx.AsyncClient):
    await web.post("/api/v1/skus", json={"skus": [{"sku": f"S{number}", "name": "S"} for number in range(3)]})
    query = {"at": "2026-03-01T12:00:00Z", "limit": "2"}
    with statements(hub) as asked:
        first = (await web.get("/api/v1/stock", params=query)).json()
        second = (await web.get("/api/v1/stock", params=query | {"cursor": first["next_cursor"]})).json()
    assert [each["sku"] for page in (first, second) for each in page["items"]] == ["MUG", "S0", "S1", "S2"]
    assert len(asked) == 2


@pytest.mark.parametrize("at", ["2026-03-01T12:00:00", "2026-03-01", "9999-01-01T00:00:00Z", "soon"])
async def test_a_moment_nobody_can_be_sure_of_is_refused_by_its_field(web: httpx.AsyncClient, at: str):
    reply = await web.get("/api/v1/stock", params={"at": at})
    assert (reply.status_code, reply.json()["field"]) == (422, "at")


async def test_a_number_is_explained_with_its_steps_and_movements(
    hub: HubContext, web: httpx.AsyncClient, shop: Shop
):
    await rows(hub, LISTING)
    await web.post("/api/v1/orders", json=typed_order())
    found = (await web.get("/api/v1/stock/MUG/explain")).json()
    (listing,) = found["listings"]
    (main,) = found["places"]
    assert [step["after"] for step in main["steps"]] == [12, 10, 10, 10]
    assert (listing["channel"], listing["should_show"]) == (shop.row.slug, 2)
    assert [each["name"] for each in listing["waits"]] == ["not published"]
    assert [each["kind"] for each in found["movements"]] == ["allocation", "adjustment"]


async def test_an_explanation_is_one_statement_however_much_happened(hub: HubContext, web: httpx.AsyncClient):
    for command_id in "abcde":
        await web.post("/api/v1/orders", json=typed_order(command_id, 1))
    with statements(hub) as asked:
        await web.get("/api/v1/stock/MUG/explain?channel=phone")
    assert len(asked) == 1


@pytest.mark.parametrize("path", ["CUP/explain", "MUG/explain?channel=moon"])
async def test_what_is_not_there_is_not_explained(web: httpx.AsyncClient, path: str):
    assert (await web.get(f"/api/v1/stock/{path}")).status_code == 404

"""What channels may see, over the API and on the desk: rules are set whole, and the desk unfolds what they make."""

import httpx
import pytest

from hub.channels.context import HubContext
from tests.builders import open_shop
from tests.web.conftest import rows, statements

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("market")]
ALL = "SELECT id FROM visibility_rules"
API = "/api/v1/visibility"


@pytest.fixture
async def market(hub: HubContext) -> None:
    """Two channels that list ten mugs."""
    async with hub.db.transaction() as tx:
        await open_shop(tx, {"MUG": 10})
        await open_shop(tx, {"MUG": 0}, slug="till")


async def set_rules(web: httpx.AsyncClient, *rules: dict[str, object]) -> httpx.Response:
    return await web.post(API, json={"rules": list(rules)})


async def test_rules_are_set_listed_in_pages_and_cleared(web: httpx.AsyncClient):
    told = await set_rules(
        web, {"buffer": 1}, {"channel": "web", "cap": 5, "locations": ["shop", "main", "main"]}
    )
    first = (await web.get(f"{API}?limit=1")).json()
    second = (await web.get(API, params={"limit": 1, "cursor": first["next_cursor"]})).json()
    assert (told.json(), second["next_cursor"]) == ({"channels_to_tell": 2}, None)
    assert [each["says"] for page in (first, second) for each in page["items"]] == [
        "Every channel keeps back 1",
        "Channel web counts only main, shop and shows at most 5",
    ]
    await web.post(f"{API}/clear", json={"rules": [{"channel": "web", "fields": ["cap"]}, {}]})
    (left,) = (await web.get(API)).json()["items"]
    assert (left["channel"], left["cap"], left["locations"]) == ("web", None, ["main", "shop"])


async def test_an_adaptive_buffer_is_set_and_taken_back(web: httpx.AsyncClient):
    await set_rules(web, {"channel": "web", "risk_percent": 0.5, "buffer_max": 9, "buffer": 2})
    (rule,) = (await web.get(API)).json()["items"]
    assert (rule["risk_percent"], rule["buffer_max"], rule["buffer"]) == (0.5, 9, 2)
    await web.post(f"{API}/clear", json={"rules": [{"channel": "web", "fields": ["adaptive"]}]})
    (left,) = (await web.get(API)).json()["items"]
    assert (left["risk_percent"], left["buffer_max"], left["buffer"]) == (None, None, 2)


async def test_a_listing_is_named_by_its_channel_and_the_id_it_has_there(web: httpx.AsyncClient):
    await set_rules(web, {"channel": "web", "listing": "listing-MUG", "buffer_percent": 20})
    (rule,) = (await web.get(f"{API}?channel=web")).json()["items"]
    assert (rule["channel"], rule["listing"], rule["buffer_percent"]) == ("web", "listing-MUG", 20)
    assert (await web.get(f"{API}?channel=till")).json()["items"] == []


@pytest.mark.parametrize(
    ("wrong", "status"),
    [
        ({"channel": "moon", "cap": 1}, 404),
        ({"channel": "web", "listing": "1", "cap": 1}, 404),
        ({"locations": ["moon"]}, 404),
        ({"channel": "web"}, 422),
        ({"buffer": 1, "buffer_percent": 1}, 422),
        ({"allotment": 1}, 422),
        ({"buffer_percent": 101}, 400),
        ({"cap": -1}, 400),
        ({"risk_percent": 0}, 400),
        ({"risk_percent": 100}, 400),
        ({"risk_percent": -1}, 400),
        ({"buffer_max": 3}, 422),
        ({"locations": []}, 400),
        ({"capp": 1}, 400),
    ],
)
async def test_of_rules_with_a_wrong_one_none_is_kept(
    hub: HubContext, web: httpx.AsyncClient, wrong: dict[str, object], status: int
):
    reply = await set_rules(web, {"channel": "till", "cap": 1}, wrong)
    assert (reply.status_code, await rows(hub, ALL)) == (status, [])


async def test_safety_stock_and_groups_are_set(hub: HubContext, web: httpx.AsyncClient):
    kept = await web.post(
        f"{API}/safety-stock", json={"levels": [{"sku": "MUG", "location": "main", "units": 3}]}
    )
    grouped = await web.post(f"{API}/groups", json={"group": "fragile", "skus": ["MUG"]})
    (mug,) = (await web.get("/api/v1/stock?sku=MUG")).json()["items"]
    assert (kept.json(), grouped.status_code, mug["available"]) == ({"channels_to_tell": 2}, 200, 7)
    assert await rows(hub, "SELECT sku_group FROM skus") == [("fragile",)]


async def test_rules_are_listed_by_one_statement_however_many_there_are(
    hub: HubContext, web: httpx.AsyncClient
):
    counts = []
    different: list[dict[str, object]] = [{"cap": 1}, {"channel": "web", "cap": 1}]
    for rule in different:
        await set_rules(web, rule)
        with statements(hub) as asked:
            await web.get(API)
        counts.append(len(asked))
    assert counts == [1, 1]


async def test_the_desk_unfolds_every_step_to_the_number_that_is_pushed(web: httpx.AsyncClient):
    await set_rules(
        web,
        {"channel": "till", "allotment": 3},
        {"channel": "web", "buffer_percent": 50, "minimum": 2, "cap": 2, "locations": ["main"]},
    )
    page = " ".join((await web.get("/stock", headers={"accept": "text/html"})).text.split())
    steps = [
        "<dt>at main only</dt><dd>10</dd>",
        "<dt>− kept for other channels</dt><dd>7</dd>",
        "<dt>− buffer 50 %</dt><dd>3</dd>",
        "<dt>0 below 2</dt><dd>3</dd>",
        "<dt>at most 2</dt><dd>2</dd>",
        '<dt class="result">Should show now</dt><dd class="result">2</dd>',
    ]
    assert [step for step in steps if step not in page] == []

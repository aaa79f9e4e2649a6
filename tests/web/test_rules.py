"""Rules over the API and on the desk: tried on the past before they are saved, versioned, arranged, dropped."""

from typing import Any

import httpx
import pytest
from msgspec.structs import replace

from hub.channels.context import HubContext
from hub.kit.clock import now
from tests.builders import line, open_shop, order, take
from tests.web.conftest import rows, statements, typed_order
from tests.web.test_desk_pages import see, send

pytestmark = pytest.mark.anyio
BIG: dict[str, Any] = {
    "name": "big",
    "condition": "order.units > 2",
    "actions": [{"verb": "hold", "value": "wholesale"}, {"verb": "tag", "value": "big"}],
}
FORM = {"name": "big", "condition": "order.units > 2", "actions": "hold: wholesale\r\ntag: big\r\n"}
KEPT = "SELECT r.name, v.version, v.condition, r.is_on FROM rules r JOIN rule_versions v ON v.rule_id = r.id ORDER BY 2"
DIFFERENT = {"now": [], "then": ["hold: wholesale", "tag: big"]}


@pytest.fixture
async def past(hub: HubContext) -> list[int]:
    """An order of one mug, two of three, and a till sale of three, placed today."""
    async with hub.db.transaction() as tx:
        seller = await open_shop(tx, {"MUG": 50})
        at = now()
        orders = [order("1"), order("2", line("MUG", 3)), order("3", line("MUG", 3), currency="USD")]
        orders = [
            replace(each, placed_at=at) for each in (*orders, order("sold", line("MUG", 3, fulfilled=3)))
        ]
        taken = await take(tx, seller, *orders, at=at)
    return [each.number for each in taken.orders]


async def test_a_rule_is_tried_on_the_past_and_nothing_is_written(
    hub: HubContext, web: httpx.AsyncClient, past: list[int]
):
    said = (await web.post("/api/v1/rules/try", json={"rule": BIG})).json()
    assert (said["orders"], said["of"], said["next"], said["failed"]) == (3, 3, None, {})
    assert said["differs"] == [{"order": past[2], **DIFFERENT}, {"order": past[1], **DIFFERENT}]
    assert await rows(hub, KEPT) == []


async def test_a_changed_rule_is_held_against_the_one_there_is(web: httpx.AsyncClient, past: list[int]):
    await web.post("/api/v1/rules", json=BIG)
    changed = BIG | {"condition": 'order.units > 2 and order.currency == "USD"'}
    said = (await web.post("/api/v1/rules/try", json={"rule": changed})).json()
    assert said["differs"] == [{"order": past[1], "now": DIFFERENT["then"], "then": []}]


async def test_trying_five_hundred_orders_asks_as_often_as_trying_three(
    hub: HubContext, web: httpx.AsyncClient, past: list[int]
):
    asked = []
    for more in (0, 200):
        async with hub.db.transaction() as tx:
            seller = await open_shop(tx, {"TEE": 900}, slug=f"more-{more}")
            await take(
                tx, seller, *[order(f"m{each}", line("TEE", 3), placed_at=now()) for each in range(more)]
            )
        with statements(hub) as seen:
            said = (await web.post("/api/v1/rules/try", json={"rule": BIG})).json()
        asked.append((said["orders"], len(said["differs"]), len(seen)))
    assert asked == [(3, 2, asked[0][2]), (203, 202, asked[0][2])]
    assert past


async def test_rules_are_written_arranged_switched_and_dropped_over_the_api(
    hub: HubContext, web: httpx.AsyncClient
):
    for rule in (BIG, BIG | {"name": "other"}, BIG | {"condition": "order.units > 9"}):
        assert (await web.post("/api/v1/rules", json=rule)).status_code == 200
    arranged = (await web.post("/api/v1/rules/arrange", json={"names": ["other"]})).json()["items"]
    await web.post("/api/v1/rules/other/switch", json={"on": False})
    left = (await web.post("/api/v1/rules/big/drop")).json()["items"]
    assert [(each["name"], each["version"]) for each in arranged] == [("other", 1), ("big", 2)]
    assert [(each["name"], each["on"]) for each in left] == [("other", False)]
    assert len(await rows(hub, KEPT)) == 3
    assert (await web.get("/api/v1/rules/big")).status_code == 404


@pytest.mark.parametrize(
    ("wrong", "field", "says"),
    [
        ({"condition": "order.unit > 2"}, "condition", "at character 7"),
        ({"name": "No Spaces"}, "name", "cannot be"),
        ({"actions": [{"verb": "location", "value": "moon"}]}, "actions", "there is no location"),
    ],
)
async def test_a_wrong_rule_is_told_by_its_field_and_place(
    hub: HubContext, web: httpx.AsyncClient, wrong: dict[str, Any], field: str, says: str
):
    answer = await web.post("/api/v1/rules", json=BIG | wrong)
    assert (answer.status_code, field in answer.text, says in answer.text) == (422, True, True)
    assert await rows(hub, KEPT) == []


async def test_the_desk_tries_a_rule_beside_its_form_and_saves_it(
    hub: HubContext, web: httpx.AsyncClient, past: list[int]
):
    tried = await send(web, "/review/rule", **FORM, do="try")
    assert (tried.status_code, "2 of 3</span> orders would have been treated otherwise" in tried.text) == (
        200,
        True,
    )
    assert (f'href="/orders/{past[1]}"' in tried.text, await rows(hub, KEPT)) == (True, [])
    assert (await send(web, "/review/rule", **FORM, do="save")).status_code == 303
    page = await see(web, "/review")
    assert "order.units &gt; 2" in page
    assert "hold: wholesale, tag: big" in page


async def test_the_desk_says_what_is_wrong_and_keeps_what_was_typed(web: httpx.AsyncClient):
    wrong = await send(web, "/review/rule", **(FORM | {"condition": "order.unit > 2", "do": "try"}))
    assert wrong.status_code == 422
    assert "is &#39;units&#39; meant?" in wrong.text
    assert "order.unit &gt; 2</textarea>" in wrong.text


async def test_the_desk_switches_and_drops_a_rule(hub: HubContext, web: httpx.AsyncClient):
    await web.post("/api/v1/rules", json=BIG)
    await send(web, "/review/rules/big/off")
    assert await rows(hub, KEPT) == [("big", 1, "order.units > 2", False)]
    await send(web, "/review/rules/big/drop")
    assert "Write the first" in await see(web, "/review")


@pytest.mark.usefixtures("phone")
async def test_an_order_shows_which_rule_in_which_version_decided(web: httpx.AsyncClient):
    await web.post("/api/v1/rules", json=BIG)
    taken = (await web.post("/api/v1/orders", json=typed_order(quantity=4))).json()
    page = await see(web, f"/orders/{taken['number']}")
    full = (await web.get(f"/api/v1/orders/{taken['id']}")).json()
    assert (taken["holds"], full["tags"]) == (["wholesale"], ["big"])
    assert "Rule “big”, version 1: held: wholesale and tagged big" in page

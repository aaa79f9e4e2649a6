"""Edits over the API: made once, shown with both values, undone; conflicts are settled; bad input changes nothing."""

from typing import Any

import httpx
import pytest

from hub.channels.context import HubContext
from hub.kit.ids import uuid7
from tests.web.conftest import rows, typed_order

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("phone")]
LINES = "SELECT channel_sku, quantity, canceled, allocated FROM order_lines ORDER BY position"
Json = dict[str, Any]


async def taken(web: httpx.AsyncClient, **more: Any) -> str:
    """The address of the edits of a new order of three mugs."""
    made = (await web.post("/api/v1/orders", json=typed_order(quantity=3, **more))).json()
    return f"/api/v1/orders/{made['id']}/edits"


async def lines(hub: HubContext) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in await rows(hub, LINES)]


async def test_an_edit_happens_once_shows_both_values_and_is_undone(hub: HubContext, web: httpx.AsyncClient):
    path, edit_id = await taken(web), str(uuid7())
    changes = [{"do": "units", "line": "1", "quantity": 4}, {"do": "tags", "add": ["Gift"]}]
    made = [(await web.post(path, json={"id": edit_id, "changes": changes})).json() for _ in range(2)]
    listed = (await web.get(path)).json()
    line = next(each for each in listed["items"][0]["fields"] if each["field"] == "line/1")
    undone = [(await web.post(f"{path}/{edit_id}/undo")).json() for _ in range(2)]
    assert [each["new"] for each in made + undone] == [True, False, True, False]
    assert (line["before"]["quantity"], line["after"]["quantity"], listed["tags"]) == (3, 4, ["gift"])
    assert await lines(hub) == [("MUG", 3, 0, 3)]


async def test_the_channels_newer_word_is_shown_beside_ours_and_settled(
    hub: HubContext, web: httpx.AsyncClient
):
    path = await taken(web)
    await web.post(path, json={"id": str(uuid7()), "changes": [{"do": "units", "line": "1", "quantity": 5}]})
    await taken(web, revision=1)
    await web.post("/api/v1/orders", json=typed_order(quantity=2, revision=2))
    (owned,) = (await web.get(path)).json()["owned"]
    settle = {"id": str(uuid7()), "changes": [{"do": "settle", "field": "line/1", "follow": True}]}
    assert (await web.post(path, json=settle)).status_code == 200
    assert (owned["ours"]["quantity"], owned["theirs"]["quantity"], owned["conflict"]) == (5, 2, True)
    assert (await lines(hub), (await web.get(path)).json()["owned"]) == ([("MUG", 2, 0, 2)], [])


async def test_news_that_nobody_has_seen_is_shown_and_not_overwritten(
    hub: HubContext, web: httpx.AsyncClient
):
    path = await taken(web)
    seen = (await web.get(path)).json()["fields"]
    await taken(web, revision=1)
    await web.post("/api/v1/orders", json=typed_order(quantity=5, revision=2))
    edit = {"id": str(uuid7()), "changes": [{"do": "units", "line": "1", "quantity": 2}]}
    refused = await web.post(path, json={**edit, "was": {"line/1": seen["line/1"]}})
    unread = await web.post(path, json={**edit, "was": {"line/1": {"quantity": 5}}})
    moved = refused.json()["changed"]["line/1"]
    assert (refused.status_code, moved["was"]["quantity"], moved["now"]["quantity"]) == (409, 3, 5)
    assert (unread.json()["new"], await lines(hub)) == (True, [("MUG", 2, 0, 2)])


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"do": "units", "line": "1", "quantity": 99}, 409),
        ({"do": "reopen"}, 409),
        ({"do": "units", "line": "9", "quantity": 1}, 422),
        ({"do": "refund", "amount": "1000"}, 422),
        ({"do": "dance"}, 400),
        ({"do": "units", "line": "1", "quantity": "many"}, 400),
    ],
)
async def test_what_cannot_be_is_refused_and_nothing_changed(
    hub: HubContext, web: httpx.AsyncClient, change: Json, status: int
):
    path = await taken(web)
    answer = await web.post(path, json={"id": str(uuid7()), "changes": [change]})
    assert (answer.status_code, await lines(hub)) == (status, [("MUG", 3, 0, 3)])


async def test_an_edit_of_another_order_is_not_undone_here(web: httpx.AsyncClient):
    first, second = await taken(web), await taken(web, command_id="b")
    edit = {"id": str(uuid7()), "changes": [{"do": "priority", "priority": 5}]}
    await web.post(first, json=edit)
    elsewhere = await web.post(f"{second}/{edit['id']}/undo")
    unknown = await web.get(f"/api/v1/orders/{uuid7()}/edits")
    assert (elsewhere.status_code, unknown.status_code) == (404, 404)


async def test_an_order_is_duplicated_as_a_draft_once(web: httpx.AsyncClient):
    await web.put("/api/v1/order-fields/po", json={"label": "PO number"})
    order_id = (await taken(web, fields={"po": "4711"})).split("/")[4]
    first, kept = [await web.post(f"/api/v1/drafts/of/{order_id}", json={"id": "again"}) for _ in range(2)]
    one = (await web.get("/api/v1/drafts/again")).json()
    unknown = await web.post(f"/api/v1/drafts/of/{uuid7()}", json={"id": "other"})
    assert (first.json()["reserved"], kept.json()["reserved"], unknown.status_code) == (
        {"0": 3},
        {"0": 3},
        404,
    )
    assert (one["customer"]["name"], one["lines"][0]["sku"], one["fields"]) == (
        "Ada L",
        "MUG",
        {"po": "4711"},
    )


async def test_a_field_of_the_retailers_own_is_defined_filled_in_found_and_dropped(web: httpx.AsyncClient):
    tier = {"label": "Tier", "kind": "choice", "choices": ["gold", "blue"]}
    defined = await web.put("/api/v1/order-fields/tier", json=tier)
    path = await taken(web, fields={"tier": "blue"})
    edit = {"do": "fields", "values": {"tier": "gold"}}
    await web.post(path, json={"id": str(uuid7()), "changes": [edit], "was": {"own/tier": "blue"}})
    shown = (await web.get(path.removesuffix("/edits"))).json()["fields"]
    found = [
        len((await web.get(f"/api/v1/orders?field=tier={each}")).json()["items"]) for each in tier["choices"]
    ]
    bad = await web.post("/api/v1/orders", json=typed_order(command_id="b", fields={"tier": "red"}))
    dropped = [(await web.delete("/api/v1/order-fields/tier")).status_code for _ in range(2)]
    assert (defined.json()["items"][0]["key"], shown, found) == ("tier", {"tier": "gold"}, [1, 0])
    assert (bad.status_code, bad.json()["field"], dropped) == (422, "tier", [204, 404])


async def test_an_order_is_split_once_and_merged(web: httpx.AsyncClient):
    path = await taken(web, customer={"name": "Ada L", "email": "ada@example.com"})
    body = {"id": str(uuid7()), "units": {"1": 1}}
    made = [(await web.post(f"{path}/split", json=body)).json() for _ in range(2)]
    merged = await web.post(f"{path}/merge", json={"id": str(uuid7()), "orders": made[0]["orders"]})
    too_many = await web.post(f"{path}/split", json={"id": str(uuid7()), "units": {"1": 9}})
    assert ([each["new"] for each in made], merged.json()["new"], too_many.status_code) == (
        [True, False],
        True,
        422,
    )

"""Fields of the retailer's own on lines: typed with the order, shown, changed by the line, undone, carried, refused."""

import httpx
import pytest

from hub.channels.context import HubContext
from hub.kit.ids import uuid7
from tests.web.conftest import rows, typed_order

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("phone")]
BROWSER = {"accept": "text/html", "sec-fetch-site": "same-origin"}
OWN = "SELECT custom FROM order_lines ORDER BY id"


@pytest.fixture(autouse=True)
async def engraved(web: httpx.AsyncClient, phone: object) -> None:
    """A text of each line, and a color of some."""
    del phone
    color = {"label": "Color", "kind": "choice", "choices": ["red"], "of_lines": True}
    for key, field in (("text", {"label": "Engraving", "of_lines": True}), ("color", color)):
        assert (await web.put(f"/api/v1/order-fields/{key}", json=field)).status_code == 200


async def taken(web: httpx.AsyncClient, **own: str) -> dict[str, object]:
    line = {"title": "Mug", "sku": "MUG", "quantity": 2, "unit_price": "12.50", "fields": own}
    answer = await web.post("/api/v1/orders", json=typed_order(lines=[line]))
    return {"status": answer.status_code, **answer.json()}


async def change(web: httpx.AsyncClient, order: dict[str, object], **values: str | None) -> httpx.Response:
    deed = {"do": "fields", "line": "1", "values": values}
    body = {"id": str(uuid7()), "changes": [deed]}
    return await web.post(f"/api/v1/orders/{order['id']}/edits", json=body)


async def test_what_is_filled_in_of_a_line_is_shown_changed_and_undone(
    hub: HubContext, web: httpx.AsyncClient
):
    order = await taken(web, text="For Ada")
    path = f"/api/v1/orders/{order['id']}"
    await change(web, order, text="For Bob", color="red")
    shown = (await web.get(path)).json()
    assert (shown["lines"][0]["fields"], shown["fields"]) == ({"text": "For Bob", "color": "red"}, {})
    (made, *_) = (await web.get(f"{path}/edits")).json()["items"]
    assert [each["field"] for each in made["fields"]] == ["own-line/color/1", "own-line/text/1"]
    await web.post(f"{path}/edits/{made['id']}/undo")
    assert await rows(hub, OWN) == [({"text": "For Ada"},)]


async def test_what_is_no_field_of_lines_or_does_not_fit_is_refused(hub: HubContext, web: httpx.AsyncClient):
    await web.put("/api/v1/order-fields/po", json={"label": "PO number"})
    wrong = [await taken(web, color="blue"), await taken(web, po="4711")]
    order = await taken(web)
    refused = [await change(web, order, color="blue"), await change(web, order, po="4711")]
    assert [each["status"] for each in wrong] + [each.status_code for each in refused] == [422] * 4
    personal = {"label": "Secret", "personal": True, "of_lines": True}
    assert (await web.put("/api/v1/order-fields/secret", json=personal)).json()["field"] == "personal"
    other = {"label": "Engraving"}
    assert (await web.put("/api/v1/order-fields/text", json=other)).status_code == 409
    assert await rows(hub, OWN) == [({},)]


async def test_a_part_and_a_duplicate_carry_what_their_lines_had(hub: HubContext, web: httpx.AsyncClient):
    order = await taken(web, text="For Ada")
    split = {"id": str(uuid7()), "units": {"1": 1}}
    await web.post(f"/api/v1/orders/{order['id']}/edits/split", json=split)
    await web.post(f"/api/v1/drafts/of/{order['id']}", json={"id": "again"})
    (line,) = (await web.get("/api/v1/drafts/again")).json()["lines"]
    assert (await rows(hub, OWN), line["fields"]) == ([({"text": "For Ada"},)] * 2, {"text": "For Ada"})
    page = (await web.get("/orders/new?draft=again", headers=BROWSER)).text
    assert 'name="of-line-text" type="text" value="For Ada"' in page


async def test_the_desk_asks_for_them_beside_each_line(hub: HubContext, web: httpx.AsyncClient):
    typed = {"command_id": "a", "channel": "phone", "currency": "EUR", "name": "Ada", "price": "9"}
    typed |= {"item": "MUG", "quantity": "1", "of-line-text": "For Ada"}
    wrong = await web.post("/orders/new", data=typed | {"of-line-color": "blue"}, headers=BROWSER)
    made = await web.post("/orders/new", data=typed | {"of-line-color": ""}, headers=BROWSER)
    number = made.headers["location"].split("/")[2].partition("?")[0]
    assert ("no choice of: red" in wrong.text, await rows(hub, OWN)) == (True, [({"text": "For Ada"},)])
    form = {"line-0": "1", "of-line-0-text": "For Bob", "was-of-line-0-text": "For Ada"}
    done = await web.post(f"/orders/{number}/edit", data=form | {"command_id": str(uuid7())})
    stale = await web.post(f"/orders/{number}/edit", data=form | {"command_id": str(uuid7())})
    assert (done.status_code, stale.status_code, await rows(hub, OWN)) == (303, 409, [({"text": "For Bob"},)])
    assert "Engraving: For Bob" in (await web.get(f"/orders/{number}")).text

"""Goods that come back by the API and by the page of their order; the same form again is the same return."""

import httpx
import pytest

from hub.channels.context import HubContext
from tests.web.conftest import rows, typed_order

RETURN_ID = "00000000-0000-7000-8000-0000000000aa"
pytestmark = pytest.mark.usefixtures("phone")
LEFT = "SELECT sum(on_hand), (SELECT sum(returned) FROM order_lines) FROM levels"


async def shipped(hub: HubContext, web: httpx.AsyncClient) -> tuple[int, str]:
    """A phone order of two mugs that has left; its number and the id of its line."""
    taken = (await web.post("/api/v1/orders", json=typed_order())).json()
    async with hub.db.transaction() as tx:
        for table, change in (("order_lines", "allocated = 0, shipped = 2"), ("levels", "allocated = 0")):
            await tx.exec_driver_sql(f"UPDATE {table} SET {change}")
    (line,) = (await web.get(f"/api/v1/orders/{taken['id']}")).json()["lines"]
    return taken["number"], line["id"]


def comeback(line_id: str, **more: object) -> dict[str, object]:
    one = {"id": RETURN_ID, "line_id": line_id, "quantity": 1, "disposition": "restock", "location": "main"}
    return {"returns": [one | more]}


async def test_the_same_return_sent_twice_happens_once(hub: HubContext, web: httpx.AsyncClient):
    number, line = await shipped(hub, web)
    answers = [(await web.post("/api/v1/returns", json=comeback(line))).json()["new"] for _ in range(2)]
    listed = (await web.get("/api/v1/returns", params={"order": number})).json()["items"]
    assert (answers, await rows(hub, LEFT)) == ([[RETURN_ID], []], [(13, 1)])
    assert [(each["sku"], each["quantity"], each["location"]) for each in listed] == [("MUG", 1, "main")]


async def test_what_cannot_come_back_is_a_problem_that_names_the_field(
    hub: HubContext, web: httpx.AsyncClient
):
    _, line = await shipped(hub, web)
    refused = await web.post("/api/v1/returns", json=comeback(line, quantity=3))
    assert (refused.status_code, refused.json()["field"]) == (422, "quantity")
    assert await rows(hub, LEFT) == [(12, 0)]


async def test_goods_put_aside_on_the_desk_are_restocked_there(hub: HubContext, web: httpx.AsyncClient):
    number, line = await shipped(hub, web)
    form = {"command_id": RETURN_ID, f"units-{line}": "2", "disposition": "inspect", "reason": "dented"}
    for _ in range(2):
        await web.post(f"/orders/{number}/returns", data=form)
    ((goods,),) = await rows(hub, "SELECT id FROM returns")
    page = (await web.get(f"/orders/{number}")).text
    assert f'action="/orders/{number}/returns/{goods}"' in page
    decided = await web.post(
        f"/orders/{number}/returns/{goods}", data={"disposition": "restock", "location": "main"}
    )
    assert (decided.status_code, await rows(hub, LEFT)) == (303, [(14, 2)])


@pytest.mark.parametrize("form", ["returns", "ask"])
async def test_what_was_typed_stands_in_the_form_again_beside_what_was_wrong_with_it(
    hub: HubContext, web: httpx.AsyncClient, form: str
):
    number, line = await shipped(hub, web)
    typed = {f"units-{line}": "7", "disposition": "restock", "wish": "exchange", "reason": "dented"}
    refused = await web.post(f"/orders/{number}/{form}", data={"command_id": RETURN_ID, **typed})
    assert (refused.status_code, await rows(hub, LEFT)) == (422, [(12, 0)])
    chosen = "restock" if form == "returns" else "exchange"
    for kept in ('placeholder="0" value="7"', f'value="{chosen}" checked', 'value="dented"'):
        assert refused.text.count(kept) == 1


async def test_an_order_of_which_nothing_has_left_offers_no_return(web: httpx.AsyncClient):
    number = (await web.post("/api/v1/orders", json=typed_order())).json()["number"]
    assert "Take goods back" not in (await web.get(f"/orders/{number}")).text

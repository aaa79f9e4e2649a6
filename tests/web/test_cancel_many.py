"""Orders are canceled together over the API and on the desk: nothing before a look, and all of it can be undone."""

import re

import httpx
import pytest

from hub.channels.context import HubContext
from tests.web.conftest import rows, typed_order

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("phone")]
LINES = "SELECT allocated FROM order_lines ORDER BY id"
FREE, PROMISED = [(0,), (0,)], [(2,), (2,)]


async def taken(web: httpx.AsyncClient) -> list[int]:
    made = [await web.post("/api/v1/orders", json=typed_order(command_id=each)) for each in "ab"]
    return [each.json()["number"] for each in made]


async def test_a_preview_changes_nothing_and_the_edits_undo_the_cancel(
    hub: HubContext, web: httpx.AsyncClient
):
    wanted = {"orders": await taken(web), "reason": "the supplier is out"}
    seen = (await web.post("/api/v1/orders/cancel", json=wanted | {"preview": True})).json()
    assert (seen["units"], seen["edits"], await rows(hub, LINES)) == (4, [], PROMISED)
    done = (await web.post("/api/v1/orders/cancel", json=wanted)).json()
    assert (done["orders"], len(done["edits"]), await rows(hub, LINES)) == (wanted["orders"], 2, FREE)
    undone = await web.post("/api/v1/orders/undo", json={"edits": done["edits"]})
    assert (undone.json(), await rows(hub, LINES)) == ({"undone": 2}, PROMISED)


async def test_the_desk_asks_first_and_offers_to_undo(hub: HubContext, web: httpx.AsyncClient):
    words = " ".join(map(str, await taken(web)))
    asked = await web.post("/orders/cancel", data={"orders": words})
    assert ("Cancel 2 orders?" in asked.text, await rows(hub, LINES)) == (True, PROMISED)
    (command,) = re.findall(r'name="command_id" value="([^"]+)"', asked.text)
    sure = {"orders": words, "sure": "yes", "command_id": command}
    done = [(await web.post("/orders/cancel", data=sure)).text for _ in range(2)]
    assert (["2 orders canceled." in each for each in done], await rows(hub, LINES)) == ([True, True], FREE)
    (edits,) = {each for page in done for each in re.findall(r'name="edits" value="([^"]+)"', page)}
    back = await web.post("/orders/cancel/undo", data={"edits": edits})
    assert (back.status_code, await rows(hub, LINES)) == (303, PROMISED)


async def test_orders_that_are_ticked_in_their_list_are_canceled_after_a_look_or_shipped(
    hub: HubContext, web: httpx.AsyncClient
):
    numbers = await taken(web)
    listed = (await web.get("/orders")).text
    assert all(f'form="chosen" name="pick" value="{each}"' in listed for each in numbers)
    asked = await web.post("/orders/cancel", data={"pick": numbers})
    assert ("Cancel 2 orders?" in asked.text, await rows(hub, LINES)) == (True, PROMISED)
    ship = await web.get("/parcels", params={"pick": numbers})
    assert "{}\n{}</textarea>".format(*numbers) in ship.text
    assert (await web.get("/parcels", params={"pick": "mug"})).status_code == 400


@pytest.mark.parametrize("words", ["", "1042 mugs", "1042"])
async def test_what_names_no_order_is_refused_and_kept_in_the_form(web: httpx.AsyncClient, words: str):
    answer = await web.post("/orders/cancel", data={"orders": words})
    assert (answer.status_code, 'role="alert"' in answer.text) == (422, True)
    assert f">{words}</textarea>" in answer.text

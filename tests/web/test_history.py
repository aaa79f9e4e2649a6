"""The history of the hub is one list of what anybody did, newest first, page by page, in the reader's language."""

import httpx
import pytest

from hub.channels.context import HubContext
from hub.kit.clock import now
from hub.store.events import Event, add_events
from tests.web.conftest import typed_order

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("phone")]
PATH = "/api/v1/history"


async def happened(hub: HubContext, web: httpx.AsyncClient) -> int:
    """An order is typed, then a rule switched on at the desk; the number of the order."""
    number: int = (await web.post("/api/v1/orders", json=typed_order())).json()["number"]
    async with hub.db.transaction() as tx:
        await add_events(tx, [Event("rule on", "desk", facts={"rule": "big"})], at=now())
    return number


async def test_pages_lead_from_the_newest_to_the_oldest_with_their_order_and_channel(
    hub: HubContext, web: httpx.AsyncClient
):
    number = await happened(hub, web)
    first = (await web.get(PATH, params={"limit": 1, "lang": "zh-Hant"})).json()
    (rule,) = first["items"]
    assert (rule["entry"]["says"], rule["entry"]["by"], rule["order"]) == (
        "規則「big」已啟用",
        "工作檯人員",
        None,
    )
    (taken,) = (await web.get(PATH, params={"limit": 1, "cursor": first["next_cursor"]})).json()["items"]
    assert (taken["entry"]["kind"], taken["order"], taken["channel"]) == ("taken", number, "phone")


async def test_it_shows_what_one_did_alone(hub: HubContext, web: httpx.AsyncClient):
    await happened(hub, web)
    items = (await web.get(PATH, params={"actor": "desk"})).json()["items"]
    assert [each["entry"]["kind"] for each in items] == ["rule on"]


async def test_the_desk_shows_it_and_an_empty_one_says_what_will_come(
    hub: HubContext, web: httpx.AsyncClient
):
    empty = (await web.get("/history?before=1")).text
    number = await happened(hub, web)
    page = (await web.get("/history")).text
    assert "Nothing happened yet" in empty
    assert all(
        words in page for words in ("Rule “big” is on", f'href="/orders/{number}"', "a person at the desk")
    )

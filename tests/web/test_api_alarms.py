"""Alarms over the API: a list in pages with who was told, thresholds all or none, an alarm put aside."""

from typing import Any

import httpx
import pytest

from hub.channels.context import HubContext
from hub.flows.stock.watch_stock import watch_stock
from hub.kit.clock import now
from tests.web.conftest import rows

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("phone")]


async def send(
    web: httpx.AsyncClient, path: str, body: object = None, *, method: str = "POST", status: int = 200
) -> Any:
    reply = await web.request(method, f"/api/v1/alarms{path}", json=body)
    assert reply.status_code == status, reply.text
    return reply.json()


async def get(web: httpx.AsyncClient, path: str = "", **params: object) -> Any:
    return (await web.get(f"/api/v1/alarms{path}", params=params)).json()  # type: ignore[arg-type]


def low_at(units: int | None, sku: str = "MUG", location: str | None = None) -> dict[str, object]:
    return {"thresholds": [{"sku": sku, "units": units, "location": location}]}


async def test_a_threshold_opens_an_alarm_that_the_list_shows_and_a_page_cuts(web: httpx.AsyncClient):
    await send(web, "/thresholds", low_at(12))
    opened = (await send(web, "/thresholds", low_at(20, location="main")))["open"]
    assert [(each["location"], each["bound"]) for each in opened] == [("main", 20), (None, 12)]
    first = await get(web, limit=1)
    second = await get(web, limit=1, cursor=first["next_cursor"])
    assert first["items"] + second["items"] == opened
    assert (second["next_cursor"], opened[0]["says"]) == (None, "12 left at main, threshold 20")


async def test_an_alarm_says_who_was_told_once_the_worker_has_looked(hub: HubContext, web: httpx.AsyncClient):
    await send(web, "/thresholds", low_at(12))
    (before,) = (await get(web))["items"]
    async with hub.db.transaction() as tx:
        await watch_stock(tx, at=now())
    (after,) = (await get(web, kind="low_stock", sku="MUG"))["items"]
    assert (before["told_at"], after["told_at"] is not None, after["told"]) == (None, True, [])


async def test_a_dismissed_alarm_is_shown_with_all_only_and_cannot_be_dismissed_again(web: httpx.AsyncClient):
    (opened,) = (await send(web, "/thresholds", low_at(12)))["open"]
    assert await send(web, f"/{opened['id']}/dismiss") == {"dismissed": 1}
    await send(web, f"/{opened['id']}/dismiss", status=404)
    assert ((await get(web))["items"], len((await get(web, all=True))["items"])) == ([], 1)


async def test_what_holds_for_every_sku_is_set_and_read_with_the_thresholds(web: httpx.AsyncClient):
    bounds = {"low_stock": 5, "unmoved_days": 90, "expiry_days": 14}
    assert await send(web, "/defaults", bounds, method="PUT") == bounds
    await send(web, "/thresholds", low_at(12))
    shown = await get(web, "/thresholds")
    assert (shown["defaults"], shown["items"]) == (bounds, [{"sku": "MUG", "location": None, "units": 12}])
    await send(web, "/thresholds", low_at(None))
    assert (await get(web, "/thresholds"))["items"] == []


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (low_at(-1), 400),
        (low_at(10**7), 400),
        (low_at(1, "GHOST"), 404),
        (low_at(1, location="moon"), 404),
        ({"thresholds": []}, 400),
        ({"thresholds": [*low_at(1)["thresholds"], *low_at(2)["thresholds"]]}, 422),  # type: ignore[misc]
        ({"thresholds": [{"sku": "MUG", "units": "many"}]}, 400),
    ],
)
async def test_one_bad_threshold_keeps_all_of_them_out(
    hub: HubContext, web: httpx.AsyncClient, body: object, status: int
):
    await send(web, "/thresholds", body, status=status)
    assert await rows(hub, "SELECT count(*) FROM alarm_thresholds") == [(0,)]


async def test_a_kind_there_is_not_and_days_that_cannot_be_are_refused(web: httpx.AsyncClient):
    assert (await web.get("/api/v1/alarms", params={"kind": "fire"})).status_code == 400
    assert (await web.get("/api/v1/alarms", params={"cursor": "x"})).status_code == 422
    never = {"low_stock": 5, "unmoved_days": 0, "expiry_days": 14}
    await send(web, "/defaults", never, method="PUT", status=400)

"""How fast orders leave is set over the API and on the channel's page, and the list and the order count down."""

from typing import Any

import httpx
import pytest

from hub.channels.context import HubContext
from hub.kit.clock import now
from tests.web.conftest import rows, typed_order

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("phone")]

SET = "/api/v1/channels/phone/handling"


async def test_an_order_counts_down_and_then_is_late(hub: HubContext, web: httpx.AsyncClient):
    assert (await web.post(SET, json={"hours": 30, "days": [1, 2, 3, 4, 5, 6, 7]})).json() == {"promised": 0}
    placed = now().isoformat()
    order = (await web.post("/api/v1/orders", json=typed_order(placed_at=placed))).json()
    pages = [(await web.get(path)).text for path in ("/orders", f"/orders/{order['number']}")]
    assert ["It must leave by" in page for page in pages] == [True, True]
    await rows(hub, "UPDATE orders SET ship_by = now() - interval '3 hours' RETURNING 1")
    late = (await web.get("/api/v1/orders", params={"late": True})).json()["items"]
    assert [each["number"] for each in late] == [order["number"]]
    assert "Late" in (await web.get("/orders", params={"view": "late"})).text
    assert "hub_orders_late 1.0" in (await web.get("/metrics")).text


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"hours": 0}, 400),
        ({"hours": 4, "cutoff": "25:00"}, 400),
        ({"hours": 4, "days": [8]}, 422),
        ({"hours": 4, "time_zone": "Mars/Dune"}, 422),
    ],
)
async def test_what_cannot_be_is_refused(web: httpx.AsyncClient, body: Any, status: int):
    assert (await web.post(SET, json=body)).status_code == status
    assert (await web.get("/api/v1/channels")).json()["items"][0]["handling"] is None


async def test_the_form_sets_it_and_says_what_is_wrong(web: httpx.AsyncClient):
    form = {"hours": "4", "cutoff": "14:00", "day-1": "yes", "time_zone": "Europe/Berlin"}
    assert (await web.post("/channels/phone/handling", data=form)).status_code == 303
    kept = (await web.get("/api/v1/channels")).json()["items"][0]["handling"]
    assert kept == {"hours": 4, "cutoff": "14:00:00", "days": [1], "time_zone": "Europe/Berlin"}
    for wrong in ({"hours": "soon"}, {"cutoff": "noon"}, {"time_zone": "Mars"}, {"day-1": ""}):
        again = await web.post("/channels/phone/handling", data=form | wrong)
        assert (again.status_code, 'role="alert"' in again.text) == (422, True)
    assert 'value="14:00"' in (await web.get("/channels/phone")).text
    await web.post("/channels/phone/handling", data={"hours": ""})
    assert (await web.get("/api/v1/channels")).json()["items"][0]["handling"] is None

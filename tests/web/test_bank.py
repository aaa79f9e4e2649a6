"""Bank transfers over the API and on the page: kept once, matched by a person, in parts, undone, never in garbage."""

from typing import Any

import httpx
import pytest

from hub.channels.context import HubContext
from tests.web.conftest import rows, typed_order

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("phone")]

LINE = {"booked_on": "2026-11-25", "amount": "25.00", "currency": "EUR", "payer": "Ada Lovelace"}
PATH = "/api/v1/bank-transfers"


def made(number: int) -> str:
    return f"00000000-0000-7000-8000-{number:012}"


async def record(web: httpx.AsyncClient, number: int = 1, status: int = 200, **more: str) -> Any:
    line = LINE | {"id": made(number), "bank_id": str(number)} | more
    reply = await web.post(PATH, json={"transfers": [line]})
    assert reply.status_code == status, reply.text
    return reply.json()


async def unpaid(web: httpx.AsyncClient) -> int:
    """The number of an order of 25 euros that waits for its payment."""
    return int((await web.post("/api/v1/orders", json=typed_order(payment="pending"))).json()["number"])


async def test_a_transfer_is_suggested_matched_and_undone(web: httpx.AsyncClient):
    number = await unpaid(web)
    assert [await record(web, reference=f"order {number}") for _ in range(2)][1] == {
        "ids": [],
        "matched": 0,
        "alike": [],
    }
    (waits,) = (await web.get(PATH, params={"state": "open"})).json()["items"]
    assert (waits["suggestions"][0]["order"], waits["suggestions"][0]["is_sure"]) == (number, True)
    body = {"matches": [{"id": made(9), "order": number, "amount": "25.00"}]}
    done = (await web.post(f"{PATH}/{made(1)}/match", json=body)).json()
    assert (done["state"], done["left"]["amount"], done["suggestions"]) == ("matched", "0.00", [])
    undone = (await web.post(f"{PATH}/{made(1)}/undo", json={"match": made(9)})).json()
    assert (undone["state"], undone["matches"][0]["undone"]) == ("open", True)


@pytest.mark.parametrize(
    ("wrong", "status"),
    [
        ({"amount": "0"}, 422),
        ({"amount": "-5"}, 422),
        ({"amount": "1,000"}, 400),
        ({"amount": "1e9"}, 400),
        ({"amount": "1.001"}, 422),
        ({"currency": "XXX"}, 422),
        ({"currency": "euro"}, 400),
        ({"booked_on": "25.11."}, 400),
        ({"payer": "A\0B"}, 422),
    ],
)
async def test_garbage_is_refused_and_kept_nowhere(
    hub: HubContext, web: httpx.AsyncClient, wrong: dict[str, str], status: int
):
    await record(web, 1, status, **wrong)
    assert await rows(hub, "SELECT id FROM bank_transfers") == []


async def test_a_transfer_is_set_aside_and_the_rule_switched(web: httpx.AsyncClient):
    await record(web)
    for deed, state in (("set-aside", "set aside"), ("take-up", "open")):
        assert (await web.post(f"{PATH}/{made(1)}/{deed}")).json()["state"] == state
    assert (await web.get(f"{PATH}/rule")).json() == {"books_what_is_sure": False}
    await web.put(f"{PATH}/rule", json={"books_what_is_sure": True})
    assert (await record(web, 2, reference=f"order {await unpaid(web)}"))["matched"] == 1
    assert (await web.get(f"{PATH}/{made(7)}")).status_code == 404


async def test_another_that_says_the_same_is_asked_about_and_kept(hub: HubContext, web: httpx.AsyncClient):
    form = LINE | {"command_id": made(1)}
    assert (await web.post("/bank", data=form)).status_code == 303
    asked = await web.post("/bank", data=form | {"command_id": made(2)})
    assert (asked.status_code, "Record it all the same" in asked.text) == (422, True)
    assert (await record(web, 3, bank_id=""))["alike"] == [made(3)]
    again = await web.post("/bank", data=form | {"command_id": made(2), "another": "yes"})
    assert (again.status_code, await rows(hub, "SELECT count(*) FROM bank_transfers")) == (303, [(2,)])


async def test_the_page_does_it_with_buttons(web: httpx.AsyncClient):
    number = await unpaid(web)
    form = LINE | {"command_id": made(1), "reference": f"order {number}", "amount": "30,00"}
    assert [(await web.post("/bank", data=form)).status_code for _ in range(2)] == [303, 303]
    again = await web.post("/bank", data=form | {"amount": "much"})
    assert (again.status_code, "is no amount" in again.text, 'value="much"' in again.text) == (
        422,
        True,
        True,
    )
    assert "the reference names order" in (await web.get("/bank")).text
    pays = {"command_id": made(9), "order": str(number), "amount": "25.00", "show": "open"}
    path = f"/bank/{made(1)}"
    assert [(await web.post(f"{path}/match", data=pays)).status_code for _ in range(2)] == [303, 303]
    page = (await web.get("/bank", params={"show": "partly matched"})).text
    assert ("€5.00 left" in page, "Undo" in page) == (True, True)
    assert (await web.post(f"{path}/match", data=pays | {"order": "x"})).status_code == 422
    assert (await web.post(f"{path}/undo", data={"match": made(9), "show": "matched"})).status_code == 303
    assert (await web.post(f"{path}/aside", data={})).status_code == 303
    assert "Not paid after all" in (await web.get(f"/orders/{number}")).text


async def test_an_imported_statement_is_kept_sealed_and_taken_once(hub: HubContext, web: httpx.AsyncClient):
    csv = "date,amount,currency,payer,reference\n2026-11-25,25.00,EUR,Ada Lovelace,for mugs\n"
    given = {"id": made(5), "kind": "bank", "csv": csv, "apply": True}
    states = [(await web.post("/api/v1/imports", json=given)).json()["state"] for _ in range(2)]
    assert (states, await rows(hub, "SELECT count(*) FROM bank_transfers")) == (["done", "done"], [(1,)])
    other = await web.post("/api/v1/imports", json=given | {"csv": csv.replace("25.00", "26.00")})
    assert (other.status_code, other.json()["field"]) == (422, "id")
    named = "SELECT 1 FROM imports WHERE position('\\x416461'::bytea in body) > 0"
    assert await rows(hub, f"{named} UNION SELECT 2 FROM import_lines l WHERE l::text LIKE '%Ada%'") == []
    assert (await web.get("/export/bank")).status_code == 422

"""Returns as documents over the API and on the desk: every step, each with what cannot be tried as well."""

import re
from collections.abc import Sequence
from typing import Any
from uuid import UUID

import httpx
import pytest

from hub.channels.context import HubContext
from hub.web.desk.orders.returns import part_id
from tests.web.conftest import rows, typed_order

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("phone")]
STOCK = "SELECT sum(on_hand), sum(allocated) FROM levels"


def made(number: int) -> str:
    return f"00000000-0000-7000-8000-{number:012}"


async def sold(hub: HubContext, web: httpx.AsyncClient) -> tuple[Any, str]:
    """A phone order of two mugs at 12.50 that is paid and has left; the id of its line."""
    order = (await web.post("/api/v1/orders", json=typed_order(payment="paid"))).json()
    async with hub.db.transaction() as tx:
        await tx.exec_driver_sql("UPDATE order_lines SET allocated = 0, shipped = 2")
        await tx.exec_driver_sql("UPDATE levels SET allocated = 0")
    (line,) = (await web.get(f"/api/v1/orders/{order['id']}")).json()["lines"]
    return order, line["id"]


async def post(web: httpx.AsyncClient, path: str, status: int = 200, **body: object) -> Any:
    reply = await web.post(f"/api/v1/rmas{path}", json=body)
    assert reply.status_code == status, reply.text
    return reply.json()


async def asked(web: httpx.AsyncClient, line: str, **more: object) -> int:
    wanted = {"line_id": line, "quantity": 1} | more
    number: int = (await post(web, "", id=made(1), lines=[wanted]))["number"]
    return number


async def test_a_return_is_settled_step_by_step_and_each_step_sent_again_is_one(
    hub: HubContext, web: httpx.AsyncClient
):
    order, line = await sold(hub, web)
    number = await asked(web, line)
    assert await asked(web, line) == number
    await post(web, f"/{number}/approve")
    goods = {"id": made(2), "line_id": line, "quantity": 1}
    states = [(await post(web, f"/{number}/receive", lines=[goods]))["state"] for _ in range(2)]
    looked = {"id": made(2), "disposition": "restock", "location": "main"}
    await post(web, f"/{number}/inspect", goods=[looked])
    done = [(await post(web, f"/{number}/settle", id=made(3)))["state"] for _ in range(2)]
    (noted,) = (await web.get(f"/api/v1/orders/{order['id']}/refunds")).json()["items"]
    assert (states, done, noted["amount"], noted["rma"]) == (
        ["received"] * 2,
        ["settled"] * 2,
        "12.50",
        number,
    )
    assert await rows(hub, STOCK) == [(13, 0)]


async def test_rmas_are_listed_by_order_and_state(hub: HubContext, web: httpx.AsyncClient):
    order, line = await sold(hub, web)
    number = await asked(web, line, wish="exchange", reason="chipped")
    await post(web, f"/{number}/decline", reason="too late")
    found = (await web.get("/api/v1/rmas", params={"order": order["number"], "state": "declined"})).json()
    shown = (await web.get(f"/api/v1/rmas/{number}")).json()
    assert [(each["number"], each["note"]) for each in found["items"]] == [(number, "too late")]
    assert [(each["wish"], each["reason"]) for each in shown["lines"]] == [("exchange", "chipped")]
    assert (await web.get("/api/v1/rmas/9")).status_code == 404


WRONG: Sequence[tuple[str, int, dict[str, Any]]] = (
    ("", 404, {"id": made(9), "lines": [{"line_id": made(8), "quantity": 1}]}),
    ("", 400, {"id": made(9), "lines": []}),
    ("/{}/settle", 409, {"id": made(9)}),
    ("/{}/receive", 409, {"lines": [{"id": made(9), "line_id": "", "quantity": 1}]}),
    ("/{}/receive", 400, {"lines": [{"id": made(9), "line_id": "", "quantity": 0}]}),
    ("/{}/inspect", 409, {"goods": [{"id": made(9), "disposition": "scrap"}]}),
    ("/{}/inspect", 400, {"goods": [{"id": made(9), "disposition": "inspect"}]}),
    ("/9/cancel", 404, {}),
)


async def test_what_cannot_be_is_a_problem_of_its_own(hub: HubContext, web: httpx.AsyncClient):
    _, line = await sold(hub, web)
    number = await asked(web, line)
    for path, status, body in WRONG:
        lines = body.get("lines", [])
        named = [each | {"line_id": each["line_id"] or line} for each in lines]
        await post(web, path.format(number), status, **(body | ({"lines": named} if "lines" in body else {})))


async def test_the_desk_goes_from_the_wish_to_the_exchange_and_the_same_form_again_is_one(
    hub: HubContext, web: httpx.AsyncClient
):
    order, line = await sold(hub, web)
    asks = {"command_id": made(1), f"units-{line}": "1", "wish": "exchange", "approved": "yes"}
    page = [
        (await web.post(f"/orders/{order['number']}/ask", data=asks)).headers["location"] for _ in range(2)
    ][-1]
    back = {"command_id": made(2), f"units-{line}": "1", "disposition": "inspect"}
    await web.post(f"{page}/receive", data=back)
    goods = part_id(UUID(made(2)), UUID(line))
    await web.post(
        f"{page}/inspect", data={"goods": str(goods), "disposition": "restock", "location": "main"}
    )
    swap = {"command_id": made(3), "item-0": "MUG", "price-0": "15.00"}
    answers = [(await web.post(f"{page}/settle", data=swap)).status_code for _ in range(2)]
    shown = (await web.get(f"/orders/{order['number']}")).text
    assert "in exchange, <a" in shown
    assert (answers, "€2.50 to pay" in shown, await rows(hub, STOCK)) == ([303, 303], True, [(13, 1)])
    assert "Settled" in (await web.get("/returns", params={"show": "done"})).text


async def test_the_desk_says_what_cannot_be_and_keeps_the_return_as_it_was(
    hub: HubContext, web: httpx.AsyncClient
):
    order, line = await sold(hub, web)
    page = f"/returns/{await asked(web, line)}"
    nothing = await web.post(f"/orders/{order['number']}/ask", data={"command_id": made(2)})
    tries = [
        ("decide", {"step": "settle"}, "say approve, decline or cancel"),
        ("decide", {"step": "give"}, "say approve, decline or cancel"),
        (
            "receive",
            {"command_id": made(3), "disposition": "scrap", f"units-{line}": "x"},
            "is no number of units",
        ),
        ("inspect", {"goods": "", "disposition": "scrap"}, "has no id of its own"),
        ("settle", {"command_id": made(3), "amount": "much"}, "is no amount"),
        ("settle", {"command_id": made(3), "item-0": "NONE"}, "cannot go out"),
        ("settle", {"command_id": made(3)}, "so settle cannot be"),
    ]
    answers = [(await web.post(f"{page}/{path}", data=data), says) for path, data, says in tries]
    assert [(each.status_code, says in each.text) for each, says in answers] == [(422, True)] * len(tries)
    assert (nothing.status_code, "Requested" in (await web.get(page)).text) == (422, True)


async def test_what_was_typed_stands_in_the_form_again_beside_what_was_wrong_with_it(
    hub: HubContext, web: httpx.AsyncClient
):
    order, line = await sold(hub, web)
    page = f"/returns/{await asked(web, line)}"
    await web.post(f"{page}/decide", data={"step": "approve"})
    alone = await web.post(f"/orders/{order['number']}/returns", data={f"units-{line}": "1"})
    typed = {f"units-{line}": "77", "disposition": "scrap", "command_id": made(2)}
    refused = await web.post(f"{page}/receive", data=typed)
    assert [each.status_code for each in (alone, refused)] == [422, 422]
    assert "say what becomes of the goods" in alone.text
    assert re.findall(r'value="(?:77|scrap" checked)', refused.text) == ['value="77', 'value="scrap" checked']


async def test_lines_are_refunded_on_the_desk_once(hub: HubContext, web: httpx.AsyncClient):
    order, line = await sold(hub, web)
    form = {"command_id": made(1), f"units-{line}": "1", "tender": "cash", "reason": "scratched"}
    answers = [
        (await web.post(f"/orders/{order['number']}/refunds", data=form)).status_code for _ in range(2)
    ]
    wrong = await web.post(
        f"/orders/{order['number']}/refunds", data=form | {"command_id": made(2), "tender": "gold"}
    )
    assert (answers, wrong.status_code) == ([303, 303], 422)
    assert await rows(hub, "SELECT amount::text, reason FROM refunds") == [("12.50", "scratched")]


async def test_a_refund_by_line_or_amount_is_noted_once_and_never_more_than_was_paid(
    hub: HubContext, web: httpx.AsyncClient
):
    order, line = await sold(hub, web)
    path = f"/api/v1/orders/{order['id']}/refunds"
    one = {"id": made(1), "lines": [{"line_id": line, "quantity": 1}], "tender": "cash"}
    noted = [(await web.post(path, json=one)).json()["items"] for _ in range(2)]
    assert [[each["amount"] for each in items] for items in noted] == [["12.50"]] * 2
    refused = await web.post(path, json={"id": made(2), "amount": "12.51"})
    assert (refused.status_code, refused.json()["field"]) == (422, "amount")
    assert await rows(hub, "SELECT step, amount::text FROM payments") == [("refunded", "12.50")]

"""Payments over the API and by the form on the order's page: each once, exact, and refused where they cannot be."""

from typing import Any

import httpx
import pytest

from hub.channels.context import HubContext
from tests.web.conftest import rows, typed_order

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("phone")]


def made(number: int) -> str:
    return f"00000000-0000-7000-8000-{number:012}"


async def taken(web: httpx.AsyncClient) -> Any:
    """An order of 25 euros that waits for its payment."""
    return (await web.post("/api/v1/orders", json=typed_order(payment="pending"))).json()


async def pay(web: httpx.AsyncClient, order: Any, number: int, status: int = 200, **more: str) -> Any:
    fact = {"id": made(number), "tender": "cash", "step": "captured", "amount": "10.00"} | more
    reply = await web.post(f"/api/v1/orders/{order['id']}/payments", json=fact)
    assert reply.status_code == status, reply.text
    return reply.json()


async def test_tenders_add_up_until_the_order_is_paid(web: httpx.AsyncClient):
    order = await taken(web)
    _, part = [await pay(web, order, 1, tender="gift card") for _ in range(2)]
    assert (part["payment"], part["due"]["amount"]) == ("pending", "15.00")
    whole = await pay(web, order, 2, amount="15.00")
    assert (whole["payment"], [each["tender"] for each in whole["items"]]) == ("paid", ["gift card", "cash"])
    assert (await web.get(f"/api/v1/orders/{order['id']}/payments")).json() == whole


async def test_what_cannot_be_paid_or_refunded_is_refused(hub: HubContext, web: httpx.AsyncClient):
    order = await taken(web)
    assert (await pay(web, order, 1, 422, amount="1.005"))["field"] == "amount"
    assert (await pay(web, order, 1, 422, step="refunded"))["field"] == "amount"
    await pay(web, order, 1, 400, tender="gold")
    await pay(web, {"id": made(9)}, 1, 404)
    assert await rows(hub, "SELECT id FROM payments") == []


@pytest.mark.parametrize("amount", ["1e30", "1,250", "NaN", ""])
async def test_a_form_with_no_amount_is_shown_again(hub: HubContext, web: httpx.AsyncClient, amount: str):
    order = await taken(web)
    form = {"command_id": made(1), "amount": amount, "tender": "cash", "step": "captured"}
    again = await web.post(f"/orders/{order['number']}/payments", data=form)
    assert (again.status_code, "is no amount that was paid" in again.text) == (422, True)
    assert await rows(hub, "SELECT id FROM payments") == []


async def test_the_form_records_a_payment_once_and_says_what_is_too_much(
    hub: HubContext, web: httpx.AsyncClient
):
    order = await taken(web)
    path = f"/orders/{order['number']}"
    form = {"command_id": made(1), "amount": "30,00", "tender": "bank transfer", "step": "captured"}
    answers = [(await web.post(f"{path}/payments", data=form)).status_code for _ in range(2)]
    page = (await web.get(path)).text
    assert (answers, "€5.00 too much" in page, "Paid: €30.00 by bank transfer" in page) == (
        [303] * 2,
        True,
        True,
    )
    wrong = await web.post(f"{path}/payments", data=form | {"command_id": made(2), "amount": "much"})
    assert (wrong.status_code, "is no amount that was paid" in wrong.text) == (422, True)
    assert await rows(hub, "SELECT amount::text FROM payments") == [("30.00",)]

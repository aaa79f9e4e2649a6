"""A webhook is stored before it is answered; unsigned, it is refused and counted; unreadable, it is parked."""

import httpx
import pytest

from hub.channels.context import HubContext
from tests.web.conftest import Shop, rows

pytestmark = pytest.mark.anyio

INBOX = "SELECT state, source, channel_order_id FROM inbox ORDER BY received_at, id"
REFUSED = "SELECT count FROM counters WHERE name = 'webhooks refused'"


async def test_a_signed_order_is_in_the_inbox_when_it_is_answered(
    hub: HubContext, web: httpx.AsyncClient, shop: Shop
):
    reply = await web.post(shop.address, content=shop.order, headers=shop.signed(shop.order))
    assert (reply.status_code, reply.json()) == (200, {"new": 1, "repeated": 0, "parked": 0})
    assert await rows(hub, INBOX) == [("waiting", "webhook", "41")]


async def test_the_same_delivery_again_is_one_message(hub: HubContext, web: httpx.AsyncClient, shop: Shop):
    replies = [
        await web.post(shop.address, content=shop.order, headers=shop.signed(shop.order)) for _ in range(5)
    ]
    assert [reply.json()["new"] for reply in replies] == [1, 0, 0, 0, 0]
    assert {reply.status_code for reply in replies} == {200}
    assert await rows(hub, INBOX) == [("waiting", "webhook", "41")]


async def test_a_ping_is_answered_and_stores_nothing(hub: HubContext, web: httpx.AsyncClient, shop: Shop):
    headers = {"content-type": "application/x-www-form-urlencoded"}
    reply = await web.post(shop.address, content=b"webhook_id=7", headers=headers)
    assert (reply.status_code, reply.json()["new"], await rows(hub, INBOX)) == (200, 0, [])


@pytest.mark.parametrize("signature", ["", "wrong", "w\u00e9rong"])
async def test_an_unsigned_order_is_refused_and_counted(
    hub: HubContext, web: httpx.AsyncClient, shop: Shop, signature: str
):
    headers = {"x-wc-webhook-signature": signature, "x-wc-webhook-topic": "order.created"}
    raw = {name.encode(): value.encode() for name, value in headers.items()}
    reply = await web.post(shop.address, content=shop.order, headers=raw)
    assert (reply.status_code, reply.headers["content-type"]) == (401, "application/problem+json")
    assert (await rows(hub, INBOX), await rows(hub, REFUSED)) == ([], [(1,)])


async def test_a_tampered_byte_is_refused(hub: HubContext, web: httpx.AsyncClient, shop: Shop):
    headers = shop.signed(shop.order)
    reply = await web.post(shop.address, content=shop.order.replace(b"40.68", b"00.68"), headers=headers)
    assert (reply.status_code, await rows(hub, INBOX)) == (401, [])


async def test_a_signed_body_nobody_can_read_is_parked_and_answered_well(web: httpx.AsyncClient, shop: Shop):
    body = b'{"message": "no such order"}'
    replies = [await web.post(shop.address, content=body, headers=shop.signed(body)) for _ in range(2)]
    assert [(reply.status_code, reply.json()["parked"]) for reply in replies] == [(202, 1), (200, 0)]
    (parked,) = (await web.get("/api/v1/inbox")).json()["items"]
    assert (parked["state"], parked["channel"], bool(parked["reason"])) == ("parked", "shop", True)


async def test_a_body_that_names_its_order_with_a_nul_is_parked_too(
    hub: HubContext, web: httpx.AsyncClient, shop: Shop
):
    body = shop.order.replace(b"2026-03-02T09:00:07", b"2026\\u0000")
    reply = await web.post(shop.address, content=body, headers=shop.signed(body))
    assert (reply.status_code, [state for state, *_ in await rows(hub, INBOX)]) == (202, ["parked"])


@pytest.mark.parametrize("method", ["POST", "GET"])
async def test_an_unknown_address_tells_nothing(web: httpx.AsyncClient, method: str):
    reply = await web.request(method, "/in/nobody-has-this-token", content=b"{}")
    assert reply.status_code in {404, 405}
    assert "nobody-has-this-token" not in reply.text


async def test_a_body_beyond_5_mb_is_refused_with_a_word_on_what_to_do(
    hub: HubContext, web: httpx.AsyncClient, shop: Shop
):
    body = b" " * 5_000_001
    reply = await web.post(shop.address, content=body, headers=shop.signed(body))
    assert (reply.status_code, reply.json()["detail"]) == (
        413,
        "the body is larger than 5 MB: send less at once",
    )
    assert await rows(hub, INBOX) == []


async def test_a_webhook_needs_no_key_and_comes_under_any_name(
    hub: HubContext, web: httpx.AsyncClient, shop: Shop
):
    headers = shop.signed(shop.order) | {"host": "tunnel.example", "sec-fetch-site": "cross-site"}
    reply = await web.post(shop.address, content=shop.order, headers=headers)
    assert (reply.status_code, len(await rows(hub, INBOX))) == (200, 1)


async def test_deliveries_are_counted_by_channel_and_result(web: httpx.AsyncClient, shop: Shop):
    await web.post(shop.address, content=shop.order, headers=shop.signed(shop.order))
    await web.post(shop.address, content=shop.order)
    metrics = (await web.get("/metrics")).text
    assert 'hub_webhooks_total{channel="shop",result="taken"} 1.0' in metrics
    assert 'hub_webhooks_total{channel="shop",result="refused"} 1.0' in metrics
    assert 'hub_channel_inbox_waiting{channel="shop"} 1.0' in metrics

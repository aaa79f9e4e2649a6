"""Every refusal is problem details: what, which, what to do; of the unforeseen, an id and nothing else."""

from pathlib import Path

import httpx
import pytest
from litestar import get
from sqlalchemy import text

from hub.channels.context import HubContext
from hub.store.db import Database
from hub.web.app import create_app
from tests.web.conftest import Shop, client_of, client_over, hub_over, typed_order

pytestmark = pytest.mark.anyio


async def test_an_unknown_address_is_told_apart_for_programs_and_people(web: httpx.AsyncClient):
    program = await web.get("/api/v1/nothing")
    person = await web.get("/nothing", headers={"accept": "text/html"})
    assert (program.status_code, program.headers["content-type"]) == (404, "application/problem+json")
    assert (person.status_code, person.headers["content-type"]) == (404, "text/html; charset=utf-8")


async def test_a_wrong_field_is_named(web: httpx.AsyncClient):
    reply = await web.get("/api/v1/orders?limit=0")
    problem = reply.json()
    assert (reply.status_code, problem["type"]) == (400, "urn:problem-type:hub:invalid-request")
    assert problem["errors"] == [{"field": "limit", "message": "Expected `int` >= 1"}]


@pytest.mark.parametrize(
    "cursor", ["x", "W10", "WyJhIiwxXQ", "WyIyMDI2LTAxLTAxIiwgOTk5OTk5OTk5OTk5OTk5OTk5OTk5OV0"]
)
async def test_a_cursor_made_by_hand_is_refused(web: httpx.AsyncClient, cursor: str):
    reply = await web.get("/api/v1/orders", params={"cursor": cursor})
    assert reply.status_code == 422


async def test_a_time_without_its_zone_is_refused(web: httpx.AsyncClient):
    reply = await web.get("/api/v1/orders?since=2026-01-01T00:00:00")
    assert (reply.status_code, reply.json()["field"]) == (422, "since")


async def test_amounts_are_text_or_nothing(web: httpx.AsyncClient):
    prices = [12.5, "1e3", "NaN", "12,50"]
    replies = [
        await web.post(
            "/api/v1/skus",
            json={"skus": [{"sku": "X", "name": "X", "price": {"amount": price, "currency": "EUR"}}]},
        )
        for price in prices
    ]
    assert [reply.status_code for reply in replies] == [400] * 4


async def test_a_nul_in_a_text_is_the_callers_to_fix(web: httpx.AsyncClient):
    reply = await web.post("/api/v1/skus", json={"skus": [{"sku": "X\0", "name": "X"}]})
    assert (reply.status_code, reply.json()["type"]) == (422, "urn:problem-type:hub:refused-rows")


@pytest.mark.usefixtures("phone")
async def test_short_lines_are_named(web: httpx.AsyncClient):
    reply = await web.post("/api/v1/orders", json=typed_order(quantity=13))
    problem = reply.json()
    assert (reply.status_code, problem["type"]) == (409, "urn:problem-type:hub:out-of-stock")
    assert list(problem["short"].values()) == [1]


async def test_a_surprise_tells_its_id_and_nothing_else(hub: HubContext):
    @get("/api/v1/breaks", opt={"open": True})
    async def breaks() -> None:
        msg = "the secret inside"
        raise RuntimeError(msg)

    app = create_app(hub)
    app.register(breaks)
    async with client_over(app) as client:
        reply = await client.get("/api/v1/breaks")
    assert (reply.status_code, reply.json()["type"]) == (500, "urn:problem-type:hub:internal-server-error")
    assert reply.json()["id"] in reply.json()["detail"]
    assert "secret" not in reply.text


async def test_without_its_database_the_hub_asks_to_come_again(valkey_url: str, tmp_path: Path):
    gone = Database(f"postgresql+psycopg://nobody@/nothing?host={tmp_path}")
    async with hub_over(gone, valkey_url, tmp_path) as hub, client_of(hub) as client:
        replies = [await client.get(path) for path in ("/api/v1/orders", "/ready", "/health")]
        webhook = await client.post("/in/a-token", content=b"{}")
    await gone.close()
    assert [reply.status_code for reply in [*replies, webhook]] == [503, 503, 200, 503]
    assert (replies[1].json()["database"], webhook.headers["retry-after"]) == ("away", "5")


async def test_without_redis_the_hub_is_ready_and_takes_webhooks(
    database: Database, tmp_path: Path, shop: Shop
):
    async with hub_over(database, f"unix://{tmp_path}/none", tmp_path) as hub, client_of(hub) as client:
        ready = await client.get("/ready")
        taken = await client.post(shop.address, content=shop.order, headers=shop.signed(shop.order))
    assert (ready.status_code, ready.json()["status"], ready.json()["redis"]) == (200, "degraded", "away")
    assert (taken.status_code, taken.json()["new"]) == (200, 1)


async def test_a_database_without_its_migrations_is_not_ready(
    fresh_db_url: str, valkey_url: str, tmp_path: Path
):
    old = Database(fresh_db_url)
    async with old.transaction() as tx:
        await tx.execute(text("ALTER TABLE orders DROP COLUMN changes"))
    async with hub_over(old, valkey_url, tmp_path) as hub, client_of(hub) as client:
        ready = await client.get("/ready")
    await old.close()
    assert (ready.status_code, ready.json()["database"]) == (503, "not migrated: lacks orders.changes")


async def test_a_price_in_nobodys_money_is_refused_and_no_sku_is_kept(web: httpx.AsyncClient):
    good, bad = (
        {"sku": code, "name": code, "price": {"amount": "1", "currency": code}} for code in ("EUR", "XYZ")
    )
    reply = await web.post("/api/v1/skus", json={"skus": [good, bad]})
    assert (reply.status_code, reply.json()["field"]) == (422, "price.currency")
    assert (await web.get("/api/v1/stock")).json()["items"] == []

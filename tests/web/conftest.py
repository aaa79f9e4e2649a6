"""A hub over real PostgreSQL and Valkey, and a client that talks to its web in this process."""

import base64
import hashlib
import hmac
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from litestar import Litestar
from msgspec import Struct
from sqlalchemy import event, text

from hub.channels.context import HubContext
from hub.channels.lanes import queue_of
from hub.channels.opening import add_channel
from hub.channels.registry import load_registry
from hub.channels.transport import open_outside
from hub.kit.config import Config
from hub.kit.embedded import Endpoints
from hub.kit.queue import Doorbell, connect
from hub.spec import Secret
from hub.store.channels import ChannelRow
from hub.store.db import Database
from hub.web.app import attach, create_app
from tests.builders import VAULT

HOME = "http://127.0.0.1:8700"
SHOP_SECRET = "the shop signs with this"
_OPEN_APP: list[Litestar] = []
PAYLOADS = Path(__file__).parent.parent / "connectors" / "woocommerce" / "payloads"


class Shop(Struct, frozen=True):
    """A channel that sends webhooks, and what it would send."""

    row: ChannelRow
    order: bytes

    def signed(self, body: bytes, topic: str = "order.created") -> dict[str, str]:
        signature = hmac.new(SHOP_SECRET.encode(), body, hashlib.sha256).digest()
        return {"x-wc-webhook-signature": base64.b64encode(signature).decode(), "x-wc-webhook-topic": topic}

    @property
    def address(self) -> str:
        return f"/in/{self.row.webhook_token}"


@pytest.fixture
async def hub(database: Database, valkey_url: str, tmp_path: Path) -> AsyncIterator[HubContext]:
    async with hub_over(database, valkey_url, tmp_path) as ctx:
        yield ctx


@pytest.fixture
async def web(hub: HubContext) -> AsyncIterator[httpx.AsyncClient]:
    async with client_of(hub) as client:
        yield client


@pytest.fixture
async def shop(hub: HubContext) -> Shop:
    settings = {"base_url": "http://shop.example", "webhook_secret": SHOP_SECRET}
    row = await add_channel(hub, kind="woocommerce", slug="shop", name="Shop", settings=settings)
    return Shop(row, (PAYLOADS / "order.json").read_bytes())


@pytest.fixture
async def phone(hub: HubContext, web: httpx.AsyncClient) -> ChannelRow:
    """A channel for typed orders, and twelve mugs to sell."""
    row = await add_channel(hub, kind="manual", slug="phone", name="Phone", settings={})
    await web.post("/api/v1/locations", json={"locations": [{"code": "main", "name": "Main"}]})
    await web.post("/api/v1/skus", json={"skus": [{"sku": "MUG", "name": "Mug"}]})
    await web.post("/api/v1/stock/adjustments", json={"adjustments": [adjustment(12)]})
    return row


@asynccontextmanager
async def hub_over(database: Database, redis_url: str, folder: Path) -> AsyncIterator[HubContext]:
    redis = connect(redis_url)
    endpoints = Endpoints(database.engine.url.render_as_string(hide_password=False), redis_url)
    async with open_outside(redis) as outside:
        yield HubContext(
            Config(folder=folder),
            endpoints,
            database,
            VAULT,
            load_registry(),
            Doorbell(redis, queue_of),
            outside,
        )
    await redis.aclose(close_connection_pool=True)


@asynccontextmanager
async def client_of(
    hub: HubContext, *, api_key: str = "", url: str = HOME
) -> AsyncIterator[httpx.AsyncClient]:
    app = create_app(hub, api_key=Secret(api_key)) if api_key or url != HOME else open_app(hub)
    async with client_over(app, url=url) as client:
        yield client


def open_app(hub: HubContext) -> Litestar:
    """The app without a key over this hub; built once, since that takes longer than most tests."""
    if not _OPEN_APP:
        _OPEN_APP.append(create_app(hub))
    attach(_OPEN_APP[0], hub)
    return _OPEN_APP[0]


@asynccontextmanager
async def client_over(app: Litestar, *, url: str = HOME) -> AsyncIterator[httpx.AsyncClient]:
    asgi: Any = app  # Litestar and httpx type the same protocol in two ways
    async with app.lifespan(), httpx.AsyncClient(transport=httpx.ASGITransport(asgi), base_url=url) as client:
        yield client


@contextmanager
def statements(hub: HubContext) -> Iterator[list[str]]:
    """Collect what the database is asked."""
    asked: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        asked.append(statement)

    event.listen(hub.db.engine.sync_engine, "before_cursor_execute", note)
    try:
        yield asked
    finally:
        event.remove(hub.db.engine.sync_engine, "before_cursor_execute", note)


async def rows(hub: HubContext, query: str) -> list[tuple[object, ...]]:
    async with hub.db.transaction() as tx:
        return [tuple(row) for row in await tx.execute(text(query))]


def adjustment(change: int, number: int = 1) -> dict[str, object]:
    given = f"00000000-0000-7000-8000-{number:012}"
    return {"id": given, "sku": "MUG", "location": "main", "change": change, "reason": "counted"}


def typed_order(command_id: str = "a", quantity: int = 2, **more: object) -> dict[str, object]:
    lines = [{"title": "Mug", "sku": "MUG", "quantity": quantity, "unit_price": "12.50"}]
    placed_at = f"2026-03-01T09:30:00.{sum(command_id.encode()) % 1000:03}Z"
    order = {
        "channel": "phone",
        "command_id": command_id,
        "placed_at": placed_at,
        "currency": "EUR",
        "lines": lines,
    }
    return order | {"customer": {"name": "Ada L"}} | more

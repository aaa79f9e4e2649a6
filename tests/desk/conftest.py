"""A real app on a real port, and a real browser that looks at it."""

import asyncio
import os
import shutil
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import uvicorn
from litestar import Litestar
from msgspec import Struct
from playwright.async_api import Browser, BrowserContext, Page, Route, ViewportSize, async_playwright, expect
from typing_extensions import override

from hub.channels.context import HubContext
from hub.channels.opening import add_channel
from hub.kit.clock import now
from hub.store.db import Database
from hub.web.live import LiveFeed
from tests.builders import open_shop, order, put_stock, take
from tests.web.conftest import hub_over, open_app

PHONE_SCREEN = ViewportSize(width=390, height=844)
PATIENCE_MS = 60_000  # a busy machine is no broken page


class Desk(Struct, frozen=True):
    """The open hub, where it is served, and what the browser complained about."""

    ctx: HubContext
    url: str
    page: Page
    complaints: list[str]

    async def open(self, path: str) -> Page:
        await self.page.goto(self.url + path)
        return self.page

    async def stop_the_clock(self) -> None:
        """However long two keys take here, the page sees no time between them; its timers run on."""
        await self.page.clock.set_fixed_time(now())

    async def change_stock(self, sku: str, count: int) -> None:
        """Somebody else changes stock, and the bell says so."""
        async with self.ctx.db.transaction() as tx:
            await put_stock(tx, {sku: count})
        await self.ctx.bell.announce("stock")


@asynccontextmanager
async def on_its_way(page: Page, path: str, *, first_only: bool = False) -> AsyncIterator[asyncio.Event]:
    """Within the block the hub hears nothing of what the page asks at this path; the event says that it has asked."""
    asked, go_on = asyncio.Event(), asyncio.Event()

    async def hold_back(route: Route) -> None:
        if not (first_only and asked.is_set()):
            asked.set()
            await go_on.wait()
        await route.continue_()

    await page.route(path, hold_back)
    try:
        yield asked
    finally:
        go_on.set()


@pytest.fixture(scope="session")
async def chromium() -> AsyncIterator[Browser]:
    program = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    if program is None:
        pytest.skip("no browser here: install Chromium, or set CHROMIUM to its program")
    expect.set_options(timeout=PATIENCE_MS)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=program, args=["--no-sandbox"], timeout=PATIENCE_MS
        )
        yield browser
        await browser.close()


@pytest.fixture
async def served(
    database: Database, valkey_url: str, tmp_path: Path
) -> AsyncIterator[tuple[HubContext, str]]:
    async with hub_over(database, valkey_url, tmp_path) as ctx, serving(open_app(ctx)) as url:
        yield ctx, url


@pytest.fixture
async def desk(served: tuple[HubContext, str], chromium: Browser) -> AsyncIterator[Desk]:
    """A shop that sells mugs and tees, a phone, and one order; the browser is wide."""
    async with seeing(served, await chromium.new_context()) as desk:
        yield desk


@pytest.fixture
async def phone_desk(served: tuple[HubContext, str], chromium: Browser) -> AsyncIterator[Desk]:
    """The same on a phone."""
    screen = await chromium.new_context(viewport=PHONE_SCREEN, is_mobile=True, has_touch=True)
    async with seeing(served, screen) as desk:
        yield desk


@pytest.fixture
async def plain_desk(served: tuple[HubContext, str], chromium: Browser) -> AsyncIterator[Desk]:
    """The same in a browser without script."""
    async with seeing(served, await chromium.new_context(java_script_enabled=False)) as desk:
        yield desk


@asynccontextmanager
async def seeing(served: tuple[HubContext, str], browser: BrowserContext) -> AsyncIterator[Desk]:
    ctx, url = served
    await fill(ctx)
    browser.set_default_timeout(PATIENCE_MS)
    page = await browser.new_page()
    complaints: list[str] = []
    page.on(
        "console", lambda said: complaints.append(said.text) if said.type in {"error", "warning"} else None
    )
    page.on("pageerror", lambda error: complaints.append(str(error)))
    yield Desk(ctx, url, page, complaints)
    await browser.close()


async def fill(ctx: HubContext) -> None:
    async with ctx.db.transaction() as tx:
        seller = await open_shop(tx, {"MUG": 12, "TEE": 3})
        await take(tx, seller, order("first"))
    await add_channel(ctx, kind="manual", slug="phone", name="Phone", settings={})


@asynccontextmanager
async def serving(app: Litestar) -> AsyncIterator[str]:
    listener = socket.create_server(("127.0.0.1", 0))
    server = _Server(uvicorn.Config(app, log_config=None, timeout_graceful_shutdown=1))
    running = asyncio.create_task(server.serve(sockets=[listener]))
    await server.is_up.wait()
    yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    feed: LiveFeed = app.state.live
    await feed.stop()
    server.should_exit = True
    await running
    listener.close()


class _Server(uvicorn.Server):
    """Says when it is up."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.is_up = asyncio.Event()

    @override
    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.is_up.set()

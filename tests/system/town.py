"""A whole town for a test: real web and worker processes, two web shops and a till over real HTTP."""

import asyncio
import os
import socket
import subprocess
import sys
from base64 import b64encode
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from decimal import Decimal
from pathlib import Path

import httpx
from msgspec import Struct
from msgspec.structs import replace
from sqlalchemy import text

from hub.channels.catalog import match_alike, pull_listings
from hub.channels.context import HubContext, open_context
from hub.channels.opening import add_channel, open_channel, webhook_url
from hub.flows.stock.adjust_stock import Adjustment, adjust_stock
from hub.kit.clock import now
from hub.kit.config import Config, read_config
from hub.kit.embedded import Endpoints
from hub.model.stock.locations import Location
from hub.sim.faults import CALM, FaultPlan
from hub.sim.find import find_simulator
from hub.sim.serve import serve
from hub.sim.server import SimServer
from hub.spec import ReceivesWebhooks
from hub.spec.testing import SimItem
from hub.store.channels import ChannelRow
from hub.store.stock import locations, skus
from hub.store.stock.matching import Alike

STANDS = (("woocommerce", "web-one"), ("woocommerce", "web-two"), ("square", "till"))
KEY = b64encode(bytes(range(32))).decode()


class Town(Struct, frozen=True):
    ctx: HubContext
    sims: list[SimServer]
    rows: list[ChannelRow]
    environment: dict[str, str]

    async def query(self, statement: str) -> list[tuple[object, ...]]:
        async with self.ctx.db.transaction() as tx:
            return [tuple(row) for row in await tx.execute(text(statement))]

    async def left(self) -> dict[str, int]:
        """What the hub computes for each SKU."""
        found = await self.query("SELECT sku, greatest(0, sum(on_hand - allocated)) FROM levels GROUP BY sku")
        return {str(sku): int(str(units)) for sku, units in found}

    @asynccontextmanager
    async def process(self, *words: str) -> AsyncIterator[subprocess.Popen[bytes]]:
        """Run `hub <words>` for the length of the block; its output goes to a file in the town's folder."""
        process = await asyncio.to_thread(self._start, words)
        try:
            yield process
        finally:
            process.terminate()
            await asyncio.to_thread(process.wait, 60)  # the simulators go on answering meanwhile

    def _start(self, words: Sequence[str]) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "hub", *words]
        with (self.ctx.config.folder / f"{'-'.join(words)}.log").open("ab") as log:
            return subprocess.Popen(command, env=self.environment, stdout=log, stderr=log)


@asynccontextmanager
async def open_town(
    database_url: str,
    redis_url: str,
    folder: Path,
    items: Sequence[SimItem],
    faults: FaultPlan = CALM,
    *,
    pull_every_s: int = 2,
) -> AsyncIterator[Town]:
    """Everything but the worker, which the test starts, kills and starts again."""
    environment = {
        **os.environ,
        "DATABASE_URL": database_url,
        "REDIS_URL": redis_url,
        "HUB_DATA": str(folder),
        "HUB_PORT": str(_free_port()),
        "HUB_SECRET_KEY": KEY,
    }
    config = read_config(environment)
    async with AsyncExitStack() as stack:
        ctx = await stack.enter_async_context(open_context(config, Endpoints(database_url, redis_url)))
        await _put_goods(ctx, items)
        simulators = [find_simulator(kind)(items) for kind, _ in STANDS]
        sims = await stack.enter_async_context(serve(simulators))
        rows = [await _join(ctx, *stand, sim, pull_every_s) for stand, sim in zip(STANDS, sims, strict=True)]
        town = Town(ctx, sims, rows, environment)
        await stack.enter_async_context(town.process("web"))
        await _until_up(config)
        for n, sim in enumerate(sims):
            sim.set_faults(replace(faults, seed=faults.seed + n))
        yield town


async def until(holds: Callable[[], Awaitable[bool]], what: str, *, at_most_s: float = 300) -> float:
    """Wait until the coroutine function's answer is true; return how long it took. Fails saying what never came."""
    started = asyncio.get_running_loop().time()
    while True:
        answer = await holds()
        took = asyncio.get_running_loop().time() - started
        if answer:
            return took
        assert took < at_most_s, f"after {at_most_s} s still not true: {what}"
        await asyncio.sleep(0.01)


async def _put_goods(ctx: HubContext, items: Sequence[SimItem]) -> None:
    opening = [
        Adjustment(item.sku, "main", item.stock, "opening stock", f"opening/{item.sku}", "receipt")
        for item in items
    ]
    async with ctx.db.transaction() as tx:
        await locations.put_locations(tx, [Location("main", "Main", 1)])
        await skus.put_skus(tx, [skus.Sku(item.sku, item.title) for item in items], at=now())
        await adjust_stock(tx, opening, actor="test", at=now())


async def _join(ctx: HubContext, kind: str, slug: str, sim: SimServer, pull_every_s: int) -> ChannelRow:
    row = await add_channel(
        ctx, kind=kind, slug=slug, name=slug, settings=sim.settings(), pull_every_s=pull_every_s
    )
    opened = open_channel(ctx, row)
    await pull_listings(ctx, opened)
    await match_alike(ctx, row.id, Alike.SKU, actor="test", at=now())
    assert isinstance(opened.channel, ReceivesWebhooks)
    await opened.channel.ensure_webhooks(webhook_url(ctx, row))
    return row


async def _until_up(config: Config) -> None:
    async with httpx.AsyncClient(trust_env=False) as client:

        async def up() -> bool:
            try:
                return (await client.get(f"{config.url}/health")).is_success
            except httpx.HTTPError:
                return False

        await until(up, "the web answers")


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def goods(count: int, stock: int) -> list[SimItem]:
    return [SimItem(f"SKU-{n:03}", f"Thing {n}", Decimal("9.90"), stock) for n in range(count)]

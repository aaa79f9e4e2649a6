"""A street for the sync bench: simulated shops in this process, `hub web` and `hub work` in processes of their own."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from time import perf_counter
from typing import Any
from uuid import UUID

import msgspec
from msgspec import Struct
from msgspec.structs import replace
from sqlalchemy import text

from bench.load import free_port, wait_for
from bench.servers import Bed
from bench.singles import environment, process
from hub.channels.catalog import match_alike, pull_listings
from hub.channels.context import HubContext, open_context
from hub.channels.opening import add_channel, open_channel, webhook_url
from hub.flows.stock.adjust_stock import Adjustment, adjust_stock
from hub.kit.clock import now
from hub.kit.ids import uuid7
from hub.model.stock.locations import Location
from hub.sim.find import find_simulator
from hub.sim.serve import serve
from hub.sim.server import SimServer
from hub.spec import ReceivesWebhooks
from hub.spec.testing import SimItem, SimReply, SimRequest, Simulator
from hub.store.channels import ChannelRow
from hub.store.stock import locations, skus
from hub.store.stock.matching import Alike

KIND = "woocommerce"
STOCK = 100_000
LOOK_EVERY_S = 0.005


class Push(Struct, frozen=True):
    """One batched call as it reached the shop: when, by the clock of this process, and what it said."""

    at: float
    path: str
    body: bytes

    def quantities(self) -> dict[int, int]:
        """By product."""
        updates: list[dict[str, Any]] = msgspec.json.decode(self.body)["update"]
        return {each["id"]: each["stock_quantity"] for each in updates}


class Watched:
    """A simulator that notes each push before it answers."""

    def __init__(self, simulator: Simulator) -> None:
        self._simulator = simulator
        self.pushes: list[Push] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._simulator, name)

    def answer(self, request: SimRequest, *, at: datetime) -> SimReply:
        if request.path.endswith("/batch"):
            self.pushes.append(Push(perf_counter(), request.path, request.body))
        return self._simulator.answer(request, at=at)


class Street(Struct, frozen=True):
    """`products` are the shops' own ids by SKU, the same in each shop."""

    bed: Bed
    database: str
    ctx: HubContext
    rows: Sequence[ChannelRow]
    sims: Sequence[SimServer]
    watched: Sequence[Watched]
    products: Mapping[str, int]

    async def tell_again(self, rows: Sequence[ChannelRow]) -> float:
        """Tell every listing of these shops once more; return the seconds from the ring to the last confirmation."""
        for watched in self.watched:
            watched.pushes.clear()
        ids = [row.id for row in rows]
        async with self.ctx.db.transaction() as tx:
            await tx.execute(text(_MARK), {"ids": ids})
        begun = perf_counter()
        for each in ids:
            await self.ctx.bell.ring("push_stock", each)
        await self._until_called(ids)
        await self.until_told()
        return perf_counter() - begun

    async def _until_called(self, ids: Sequence[UUID]) -> None:
        """Nothing can be told before so many calls have come, and to count them costs nobody anything."""
        size = self.ctx.registry.connector(KIND).manifest.stock_batch_max
        called = [
            watched.pushes for row, watched in zip(self.rows, self.watched, strict=True) if row.id in ids
        ]
        while min(map(len, called)) * size < len(self.products):  # noqa: ASYNC110 -- another process calls
            await asyncio.sleep(LOOK_EVERY_S)

    async def all_is_told(self) -> bool:
        """Every sale of the shops is here, and every shop knows what is left."""
        sold = sum(len(sim.simulator.order_ids()) for sim in self.sims)
        async with self.ctx.db.transaction() as tx:
            return bool(await tx.scalar(text(_ALL_TOLD), {"sold": sold}))

    async def until_told(self) -> float:
        """Return how long it took."""
        begun = perf_counter()
        while not await self.all_is_told():  # noqa: ASYNC110 -- what is awaited happens in another process
            await asyncio.sleep(LOOK_EVERY_S)
        return perf_counter() - begun

    @asynccontextmanager
    async def web(self) -> AsyncIterator[None]:
        async with self._process("web"):
            await wait_for(self.ctx.config.port)
            yield

    @asynccontextmanager
    async def worker(self) -> AsyncIterator[None]:
        async with self._process("work") as log:
            while b"worker_started" not in log.read_bytes():  # noqa: ASYNC110 -- it says so in its log
                await asyncio.sleep(LOOK_EVERY_S)
            yield

    @asynccontextmanager
    async def _process(self, word: str) -> AsyncIterator[Path]:
        """`hub <word>` for the length of the block, and its log."""
        log = self.bed.config.folder / f"{word}-{uuid7()}.log"
        settings = environment(self.bed, self.database, self.ctx.config.port)
        async with process(["hub", word], settings, log):
            yield log


_MARK = """
UPDATE publications SET version = version + 1, dirty_since = now(), must_tell = true WHERE channel_id = ANY(:ids)"""
_ALL_TOLD = """
SELECT (SELECT count(*) FROM orders) = :sold
   AND (SELECT listing_id FROM publications WHERE confirmed_version < version
        ORDER BY channel_id, risk DESC, dirty_since, listing_id LIMIT 1) IS NULL"""


@asynccontextmanager
async def open_street(bed: Bed, database: str, *, shops: int, items: int) -> AsyncIterator[Street]:
    """Every shop lists the same items and sends webhooks to `hub web`; nobody is told anything yet."""
    bed.migrated(database)
    goods = [SimItem(f"SKU-{n:05}", f"Item {n}", Decimal("9.90"), STOCK) for n in range(items)]
    port = free_port()
    config = replace(bed.config, port=port, url=f"http://127.0.0.1:{port}")
    async with AsyncExitStack() as stack:
        ctx = await stack.enter_async_context(open_context(config, bed.at(database)))
        watched = [Watched(find_simulator(KIND)(goods)) for _ in range(shops)]
        sims = await stack.enter_async_context(serve(watched))
        rows = [await _join(ctx, f"shop-{n}", sim) for n, sim in enumerate(sims)]
        products = await _products(ctx)
        await _stock(ctx, list(products), rows)
        bed.run(database, "VACUUM (ANALYZE)")  # as autovacuum does in the first minute
        street = Street(bed, database, ctx, rows, sims, watched, products)
        yield street


async def _join(ctx: HubContext, slug: str, sim: SimServer) -> ChannelRow:
    row = await add_channel(ctx, kind=KIND, slug=slug, name=slug, settings=sim.settings())
    opened = open_channel(ctx, row)
    await pull_listings(ctx, opened)
    assert isinstance(opened.channel, ReceivesWebhooks)
    await opened.channel.ensure_webhooks(webhook_url(ctx, row))
    return row


async def _products(ctx: HubContext) -> dict[str, int]:
    """Variations are left out: they take a call for each of their products, and batches are what is measured."""
    async with ctx.db.transaction() as tx:
        found = await tx.execute(
            text("SELECT channel_sku, channel_listing_id AS id FROM listings ORDER BY 1")
        )
        return {row.channel_sku: int(row.id) for row in found if row.id.isdigit()}


async def _stock(ctx: HubContext, codes: Sequence[str], rows: Sequence[ChannelRow]) -> None:
    opening = [Adjustment(sku, "main", STOCK, "opening stock", sku, "receipt") for sku in codes]
    async with ctx.db.transaction() as tx:
        await locations.put_locations(tx, [Location("main", "Main")])
        await skus.put_skus(tx, [skus.Sku(sku, sku) for sku in codes], at=now())
        await adjust_stock(tx, opening, actor="bench", at=now())
    for row in rows:
        await match_alike(ctx, row.id, Alike.SKU, actor="bench", at=now())

"""hub demo: a hub with two simulated shops, a till and the phone desk; customers buy as you watch."""

import asyncio
import logging
import math
import os
import webbrowser
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Annotated

import click
import msgspec
from msgspec import Meta, Struct
from msgspec.structs import replace
from rich.console import Console
from rich.live import Live

from hub.channels.catalog import match_alike, pull_listings
from hub.channels.context import HubContext, open_context
from hub.channels.forms import take_form
from hub.channels.opening import add_channel, open_channel
from hub.channels.webhooks import ensure_webhooks
from hub.cli.serving.summary import summary
from hub.cli.serving.up import running_hub, stop_on_signal, with_free_port
from hub.flows.stock.adjust_stock import Adjustment, adjust_stock
from hub.kit.clock import now
from hub.kit.config import Config, read_config
from hub.kit.embedded import wipe
from hub.kit.ids import uuid7
from hub.kit.log import configure_logs
from hub.model.errors import InputError, OutOfStockError
from hub.model.incoming import Person
from hub.model.stock.locations import Location
from hub.sim.buyers import make_buyer
from hub.sim.catalog import CURRENCY, LOCATIONS, CatalogItem, demo_catalog, sim_items
from hub.sim.find import find_simulator
from hub.sim.load import Load, LoadPlan, Sells
from hub.sim.serve import serve
from hub.sim.server import SimServer
from hub.spec import ReceivesWebhooks
from hub.spec.testing import SimItem, Simulator
from hub.store.channels import ChannelRow
from hub.store.stock import locations, skus
from hub.store.stock.matching import Alike

FOLDER = Path(".demo")
PHONE = "phone"
MARGIN = 0.02
GIFT_BOX = SimItem("GIFT-BOX", "Gift box, assorted", Decimal("24.00"), 12)


class Stand(Struct, frozen=True):
    """One simulated channel of the demo. `stray`: what it sells although nobody made a SKU of it."""

    kind: str
    slug: str
    name: str
    per_minute: Annotated[float, Meta(ge=0)]
    location: str | None = None
    stray: SimItem | None = None
    pull_every_s: int = 15


STANDS = (
    Stand("woocommerce", "shop-berlin", "Web shop Berlin", 14),
    Stand("woocommerce", "outlet", "Outlet shop", 8, stray=GIFT_BOX),
    Stand("square", "till", "Till in town", 10, "shop"),
)


@click.command()
@click.option("--speed", default=1.0, show_default=True, help="How fast customers buy; 10 is a flash sale.")
@click.option("--seconds", default=0, help="Stop by itself after so long; 0 runs until Ctrl-C.")
@click.option("--browser/--no-browser", default=False, help="Open the desk in your browser.")
def demo(speed: float, seconds: int, *, browser: bool) -> None:
    """Start a hub with simulated channels in .demo/, not HUB_DATA, and watch orders flow. Each start begins afresh."""
    configure_logs(level=logging.ERROR)
    config = replace(read_config(os.environ), folder=FOLDER.absolute(), database_url=None, redis_url=None)
    wipe(config)
    asyncio.run(_demo(with_free_port(config), speed, seconds, browser=browser))


async def _demo(config: Config, speed: float, seconds: int, *, browser: bool) -> None:
    stop, console = stop_on_signal(), Console()
    items = demo_catalog()
    async with AsyncExitStack() as stack:
        with console.status("starting PostgreSQL, Valkey, the web and a worker"):
            endpoints = await stack.enter_async_context(running_hub(config, 1, stop))
            ctx = await stack.enter_async_context(open_context(config, endpoints))
        with console.status("opening two shops, a till and the phone desk"):
            await put_catalog(ctx, items)
            sims = await stack.enter_async_context(serve([_simulator(stand, items) for stand in STANDS]))
            for stand, sim in zip(STANDS, sims, strict=True):
                await join(ctx, stand, sim)
            phone = await add_channel(ctx, kind="manual", slug=PHONE, name="Phone desk", settings={})
        if browser:
            webbrowser.open(config.url)
        customers = asyncio.create_task(_customers(ctx, phone, sims, items, speed))
        await _watch(ctx, sims, stop, console, seconds)
        customers.cancel()
        await asyncio.gather(customers, return_exceptions=True)
        console.print("stopping …")
    console.print("stopped. Start your own hub with: [bold].venv/bin/hub up[/bold]")


def _simulator(stand: Stand, items: Sequence[CatalogItem]) -> Simulator:
    stray = [stand.stray] if stand.stray else []
    return find_simulator(stand.kind)([*sim_items(items), *stray])


async def put_catalog(ctx: HubContext, items: Sequence[CatalogItem]) -> None:
    """SKUs, two locations and their opening stock."""
    at = now()
    places = [Location(code, name, priority) for priority, (code, name) in enumerate(LOCATIONS.items(), 1)]
    opening = [
        Adjustment(item.sku, code, units, "opening stock", f"opening/{item.sku}/{code}", "receipt")
        for item in items
        for code, units in item.stock.items()
        if units
    ]
    async with ctx.db.transaction() as tx:
        await locations.put_locations(tx, places)
        goods = [skus.Sku(item.sku, item.title, item.barcode, item.price, CURRENCY) for item in items]
        await skus.put_skus(tx, goods, at=at)
        await adjust_stock(tx, opening, actor="demo", at=at)


async def join(ctx: HubContext, stand: Stand, sim: SimServer) -> ChannelRow:
    """Do what a retailer does: add the channel, pull and match its listings, let it send webhooks."""
    row = await add_channel(
        ctx,
        kind=stand.kind,
        slug=stand.slug,
        name=stand.name,
        settings=sim.settings(),
        location=stand.location,
        pull_every_s=stand.pull_every_s,
    )
    opened = open_channel(ctx, row)
    await pull_listings(ctx, opened)
    await match_alike(ctx, row.id, Alike.SKU, actor="demo", at=now())
    if isinstance(opened.channel, ReceivesWebhooks):
        await ensure_webhooks(ctx, opened, at=now())
    return row


class PhoneDesk:
    """Callers: what they want is typed into the phone desk's form, like a clerk would."""

    def __init__(self, ctx: HubContext, row: ChannelRow, items: Sequence[CatalogItem]) -> None:
        self._ctx = ctx
        self._row = row
        self._items = {item.sku: item for item in items}

    async def sell(self, basket: Mapping[str, int], buyer: Person) -> str | None:
        form = {
            "command_id": str(uuid7()),
            "placed_at": now(),
            "currency": CURRENCY,
            "customer": buyer,
            "payment_method": "bank transfer",
            "lines": [
                {
                    "sku": sku,
                    "title": self._items[sku].title,
                    "quantity": units,
                    "unit_price": self._items[sku].price,
                }
                for sku, units in basket.items()
            ],
        }
        try:
            taken = await take_form(self._ctx, self._row.slug, msgspec.json.encode(form), at=now())
        except (OutOfStockError, InputError):
            return None
        return str(taken.number)

    async def cancel(self, channel_order_id: str) -> None:
        """Callers of the demo never cancel."""


async def _customers(
    ctx: HubContext, phone: ChannelRow, sims: Sequence[SimServer], items: Sequence[CatalogItem], speed: float
) -> None:
    known = [item.sku for item in items]
    await _sell_strays(sims)
    channels: list[tuple[Sells, float]] = [
        (sim, stand.per_minute) for stand, sim in zip(STANDS, sims, strict=True)
    ]
    channels.append((PhoneDesk(ctx, phone, items), 4))
    async with asyncio.TaskGroup() as group:
        for seed, (channel, per_minute) in enumerate(channels, 1):
            plan = LoadPlan(seed=seed, per_minute=per_minute * speed, cancel=MARGIN)
            group.create_task(Load(plan, known).run(channel))


async def _sell_strays(sims: Sequence[SimServer]) -> None:
    """So that something waits for whoever looks: an order whose line has no SKU yet."""
    for stand, sim in zip(STANDS, sims, strict=True):
        if stand.stray:
            await sim.sell({stand.stray.sku: 1}, make_buyer(Random(stand.slug)))


async def _watch(
    ctx: HubContext, sims: Sequence[SimServer], stop: asyncio.Event, console: Console, seconds: int
) -> None:
    """Show the live summary until told to stop; a file or a pipe gets the first and the last one."""
    shows = {stand.slug: sim for stand, sim in zip(STANDS, sims, strict=True)}
    ends = asyncio.get_running_loop().time() + seconds if seconds else math.inf
    if not console.is_terminal:
        console.print(await summary(ctx, shows))
    with Live(await summary(ctx, shows), console=console, refresh_per_second=2, transient=False) as live:
        while not stop.is_set() and asyncio.get_running_loop().time() < ends:
            await asyncio.sleep(1)
            live.update(await summary(ctx, shows))

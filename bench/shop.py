"""The shop that is measured: 1,000 SKUs in deep stock, listed on three WooCommerce channels, and a phone."""

from hub.channels.context import HubContext
from hub.channels.opening import add_channel
from hub.flows.stock.adjust_stock import Adjustment, adjust_stock
from hub.kit.clock import now
from hub.kit.ids import uuid7
from hub.model.stock.locations import Location
from hub.store import channels, publications
from hub.store.channels import ChannelRow
from hub.store.db import Tx
from hub.store.events import Event
from hub.store.stock import listings, locations, skus
from hub.store.sync.answers import keep_answers

SKUS = 1_000
STOCK = 1_000_000
SLUGS = ("shop-de", "shop-fr", "shop-es")
MANUAL = "phone"
SECRET = "a secret of the bench"


async def open_shop(ctx: HubContext) -> list[ChannelRow]:
    """Everything but orders; every listing has been told and has confirmed what it shows."""
    codes = [sku_of(number) for number in range(SKUS)]
    settings = {"base_url": "https://shop.example", "webhook_secret": SECRET}
    async with ctx.db.transaction() as tx:
        await locations.put_locations(tx, [Location("main", "Main", 1), Location("store", "Store", 2)])
        await skus.put_skus(tx, [skus.Sku(code, f"Item {code}") for code in codes], at=now())
        opening = [
            Adjustment(code, "main", STOCK, "opening stock", str(uuid7()), "receipt") for code in codes
        ]
        await adjust_stock(tx, opening, actor="bench", at=now())
    rows = [
        await add_channel(ctx, kind="woocommerce", slug=slug, name=slug, settings=settings) for slug in SLUGS
    ]
    await add_channel(ctx, kind="manual", slug=MANUAL, name="Phone", settings={})
    async with ctx.db.transaction() as tx:
        for row in rows:
            await _list_all(tx, row)
    return rows


async def _list_all(tx: Tx, row: ChannelRow) -> None:
    new = [
        listings.NewListing(
            uuid7(), str(product_of(number)), sku_of(number), f"Item {number}", sku_of(number)
        )
        for number in range(SKUS)
    ]
    await listings.add_listings(tx, row.id, new, at=now())
    await publications.open_publications(tx, [each.channel_sku for each in new], at=now())
    locked = await publications.lock_due(tx, row.id, limit=SKUS, at=now())
    due = await publications.claim(tx, locked, at=now())
    told = [publications.Told(each.listing_id, each.version, each.quantity, "applied") for each in due]
    await keep_answers(tx, told, {}, Event("stock published", "bench", channel_id=row.id), at=now())


async def channel_rows(ctx: HubContext) -> list[ChannelRow]:
    async with ctx.db.transaction() as tx:
        return [row for row in await channels.all_channels(tx) if row.slug in SLUGS]


def sku_of(number: int) -> str:
    return f"SKU-{number:05d}"


def product_of(number: int) -> int:
    return 10_000 + number

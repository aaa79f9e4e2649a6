"""Stock targets for SKUs of a shop: which listing is which SKU is asked once, by the connector or by a sale."""

from collections.abc import Mapping

from hub.sim.certify.shop import Shop
from hub.spec import Capability, StockTarget


async def listings_of(shop: Shop) -> dict[str, str]:
    """{SKU: listing id}, the first where a SKU is offered twice. Without `list_listings` a sale of each tells it."""
    known, goods = shop.subject.listings, tuple(shop.simulator.stock())
    if goods not in known:
        known[goods] = await (_listed(shop) if shop.can(Capability.LIST_LISTINGS) else _sold(shop))
    return known[goods]


async def targets_for(shop: Shop, levels: Mapping[str, int]) -> list[StockTarget]:
    """A new version for each target, at the moment of the hub's clock."""
    known = await listings_of(shop)
    targets = []
    for sku, quantity in levels.items():
        shop.version += 1
        targets.append(StockTarget(known[sku], sku, quantity, shop.version, shop.at))
    return targets


async def _listed(shop: Shop) -> dict[str, str]:
    found: dict[str, str] = {}
    cursor = None
    while True:
        page = await shop.ask("list_listings", shop.channel.list_listings(cursor))
        for each in page.items:
            found.setdefault(each.channel_sku, each.channel_listing_id)
        cursor = page.next_cursor
        if cursor is None:
            return found


async def _sold(shop: Shop) -> dict[str, str]:
    """Sell one of each and read the orders: a line names its listing, or is known by its SKU alone."""
    found: dict[str, str] = {}
    for sku in shop.simulator.stock():
        [sold] = shop.sell({sku: 1}, every_s=0)
        [message] = await shop.ask("fetch_order_batch", shop.channel.fetch_order_batch([sold]))
        [line] = shop.translate(message).lines
        found[sku] = line.channel_listing_id or line.channel_sku
    return found

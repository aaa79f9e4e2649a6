"""What a channel echoes of our own numbers moves nothing, and joining a channel never empties it."""

from hub.channels import intake
from hub.channels.catalog import pull_listings
from hub.flows.stock.match_lines import match_listings
from hub.jobs.push_stock import push_stock
from hub.jobs.sweep import sweep
from hub.jobs.take_inbox import take_inbox
from hub.kit.clock import now
from hub.kit.ids import uuid7
from hub.spec import Message
from hub.store.stock import listings, skus
from hub.store.stock.listings import Chosen, NewListing
from tests.fake_channel import FakeHub

BOOKS = "SELECT (SELECT count(*) FROM movements), (SELECT sum(version) FROM publications)"


async def settle(hub: FakeHub) -> int:
    """Do all there is to do, twice; return how many numbers were told."""
    told = 0
    for _ in range(2):
        for row in hub.rows.values():
            await take_inbox(hub.ctx, row.id)
            told += await push_stock(hub.ctx, row.id)
        await sweep(hub.ctx)
    return told


async def test_two_channels_that_echo_our_numbers_start_no_loop(hub: FakeHub) -> None:
    await settle(hub)
    before = await hub.query(BOOKS)
    for slug, row in hub.rows.items():
        echo = Message(f"echo-{slug}", "inventory.count.updated", "", b'{"quantity": 10}')
        await intake.arrive(hub.ctx, row, [echo], source="webhook", at=now())
    assert (await settle(hub), await hub.query(BOOKS)) == (0, before)


async def test_goods_nobody_has_counted_keep_the_numbers_their_channel_shows(hub: FakeHub) -> None:
    await settle(hub)
    new = [f"NEW-{n}" for n in range(30)]
    async with hub.ctx.db.transaction() as tx:
        await skus.put_skus(tx, [skus.Sku(sku, sku) for sku in new], at=now())
        rows = [NewListing(uuid7(), f"listing-{sku}", sku, sku) for sku in new]
        await listings.add_listings(tx, hub.rows["shop"].id, rows, at=now())
        chosen = [Chosen(f"listing-{sku}", sku) for sku in new]
        await match_listings(tx, hub.rows["shop"].id, chosen, actor="ada", at=now())
    pushed = len(hub.channels["shop"].pushed)
    assert (await settle(hub), len(hub.channels["shop"].pushed)) == (0, pushed)


async def test_c24_a_channel_that_shows_none_of_anything_empties_no_shelf(
    hub: FakeHub,
) -> None:
    """A sync that wrote zeros over there is no count over here; the daily look is not believed either."""
    await settle(hub)
    shop, row = hub.channels["shop"], hub.rows["shop"]
    before, shop.shown, shop.offers = await hub.query(BOOKS), dict.fromkeys(shop.shown, 0), []
    zeros = [
        Message(f"zero-{sku}", "inventory.count.updated", "", b'{"quantity": 0}') for sku in ("MUG", "TEA")
    ]
    await intake.arrive(hub.ctx, row, zeros, source="webhook", at=now())
    assert (await pull_listings(hub.ctx, await hub.opened())).doubted == 2
    assert (await settle(hub), await hub.query(BOOKS)) == (0, before)
    assert await hub.query("SELECT sum(on_hand) FROM levels") == [(20,)]

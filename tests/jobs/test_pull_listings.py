"""Listings are pulled to the last page; what two whole looks in a row miss is gone, with an event, and told no more."""

import asyncio
from contextlib import suppress

import pytest

from hub.channels.catalog import Pulled, pull_listings
from hub.jobs.pull_listings import pull_listings as pull_job
from hub.jobs.push_stock import push_stock
from hub.jobs.sweep import sweep
from hub.kit.clock import now
from hub.spec import MalformedError, Page
from hub.store.stock import looks
from tests.builders import put_stock
from tests.fake_channel import FakeHub

pytestmark = pytest.mark.anyio
GONE = "SELECT channel_listing_id FROM listings WHERE gone_at IS NOT NULL ORDER BY 1"


async def look(hub: FakeHub, *offers: str, believe: bool = False) -> Pulled:
    hub.channels["shop"].offers = list(offers)
    return await pull_listings(hub.ctx, await hub.opened(), believe=believe)


async def test_a_channel_with_many_pages_is_read_to_the_end(hub: FakeHub):
    many = [f"SKU-{number:03}" for number in range(121)]
    pulled = await look(hub, "MUG", "TEA", *many)
    assert (pulled.seen, pulled.new, pulled.whole) == (123, 121, True)
    assert len(hub.channels["shop"].looked_at) == 62


async def test_what_is_pulled_has_no_sku_until_a_person_says_so(hub: FakeHub):
    await look(hub, "MUG", "TEA", "VASE")
    assert await hub.query("SELECT sku, barcode FROM listings WHERE channel_sku = 'VASE'") == [(None, "004")]
    assert await hub.query("SELECT count(*) FROM skus") == [(2,)]


async def test_a_product_deleted_on_the_channel_does_not_stay_selling_silently(hub: FakeHub):
    pulled = await look(hub, "MUG")
    assert (pulled.gone, await hub.query(GONE)) == (1, [("listing-TEA",)])
    ((facts,),) = await hub.query("SELECT facts FROM events WHERE kind = 'listings gone'")
    assert facts == {"count": 1, "listings": {"listing-TEA": "TEA"}}


async def test_what_moved_between_pages_while_they_were_read_is_not_gone(hub: FakeHub):
    hub.channels["shop"].offers_later = ["MUG", "TEA"]
    assert (await look(hub, "MUG")).gone == 0
    assert (await hub.query(GONE), len(hub.channels["shop"].looked_at)) == ([], 2)


async def test_nothing_is_told_of_a_listing_that_is_gone(hub: FakeHub):
    await look(hub, "MUG")
    async with hub.ctx.db.transaction() as tx:
        await put_stock(tx, {"TEA": 5})
    await push_stock(hub.ctx, hub.rows["shop"].id)
    assert hub.channels["shop"].pushed == [("MUG", 10)]


async def test_a_listing_that_is_back_is_told_its_number_again(hub: FakeHub):
    await push_stock(hub.ctx, hub.rows["shop"].id)
    await look(hub, "MUG")
    pulled = await look(hub, "MUG", "TEA")
    await push_stock(hub.ctx, hub.rows["shop"].id)
    assert (pulled.back, await hub.query(GONE)) == (1, [])
    assert hub.channels["shop"].pushed[-1] == ("TEA", 10)


@pytest.mark.parametrize(("believe", "gone"), [(False, 0), (True, 12)])
async def test_a_channel_that_shows_hardly_anything_is_not_believed_without_a_person(
    hub: FakeHub, *, believe: bool, gone: int
):
    await look(hub, "MUG", "TEA", *(f"SKU-{number}" for number in range(10)))
    pulled = await look(hub, believe=believe)
    assert (pulled.doubted, pulled.gone, len(await hub.query(GONE))) == (12 - gone, gone, gone)


async def test_a_look_that_was_cut_off_goes_on_where_it_was(hub: FakeHub):
    channel, channel_id = hub.channels["shop"], hub.rows["shop"].id
    channel.offers = ["MUG", "TEA", "CUP", "VASE", "BOWL"]
    channel.dies_at = "2"
    with suppress(asyncio.CancelledError):
        await pull_job(hub.ctx, channel_id)
    channel.dies_at = ""
    assert await pull_job(hub.ctx, channel_id) == 3
    assert channel.looked_at == [None, "2", "2", "4"]
    assert await hub.query(GONE) == []


async def test_a_channel_that_leads_in_a_circle_is_left(hub: FakeHub):
    async def round_and_round(cursor: str | None) -> Page[object]:
        return Page([], cursor or "1")

    hub.channels["shop"].list_listings = round_and_round  # type: ignore[method-assign, assignment]
    with pytest.raises(MalformedError, match="the same page again"):
        await pull_listings(hub.ctx, await hub.opened())


async def test_the_sweep_rings_for_a_look_that_is_due_and_each_is_due_once_a_day(hub: FakeHub):
    await hub.run(f"UPDATE channels SET next_listings_pull_at = '{now()}' WHERE slug = 'shop'")
    hub.channels["shop"].offers = ["MUG", "TEA"]
    before = await sweep(hub.ctx)
    await pull_job(hub.ctx, hub.rows["shop"].id)
    assert await sweep(hub.ctx) == before - 1


async def test_a_look_that_broke_off_is_known_until_one_comes_to_its_end(hub: FakeHub):
    async def is_whole() -> bool:
        async with hub.ctx.db.transaction() as tx:
            return await looks.is_whole(tx, hub.rows["shop"].id)

    await look(hub, "MUG", "TEA")
    known = [await is_whole()]
    await pull_listings(hub.ctx, await hub.opened(), may_go_on=lambda: False)
    known.append(await is_whole())
    await look(hub, "MUG", "TEA")
    assert [*known, await is_whole()] == [True, False, True]

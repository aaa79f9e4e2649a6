"""A channel in shadow is read and never written to; switched on, it is told everything, group by group."""

from collections.abc import Sequence

import pytest

from hub.flows.stock.adjust_stock import Adjustment, adjust_stock
from hub.flows.stock.set_visibility import put_in_group
from hub.flows.stock.shadow import readiness, set_shadow
from hub.jobs.push_stock import push_stock
from hub.jobs.read_shown import read_shown
from hub.jobs.sweep import sweep
from hub.kit.clock import now
from hub.kit.ids import uuid7
from hub.model.stock.shadow import Readiness, Verdict
from hub.spec import MalformedError
from hub.store import publications
from hub.store.checks import run_checks
from hub.store.checks.listings import STOCK_LATE
from hub.store.shadow import Switched
from hub.store.stock import listings
from tests.builders import MAIN
from tests.fake_channel import FakeHub

pytestmark = pytest.mark.anyio
VERDICTS = """SELECT l.sku, p.seen_quantity, p.shadowed FROM publications p JOIN listings l ON l.id = p.listing_id
JOIN channels c ON c.id = p.channel_id WHERE c.slug = 'shop' ORDER BY l.sku"""


async def switch(hub: FakeHub, *, on: bool, live: tuple[str, ...] = ()) -> Switched:
    async with hub.ctx.db.transaction() as tx:
        return await set_shadow(tx, hub.rows["shop"].id, on=on, live_groups=live, actor="a", at=now())


async def how_ready(hub: FakeHub) -> Readiness:
    async with hub.ctx.db.transaction() as tx:
        return await readiness(tx, hub.rows["shop"].id)


async def push(hub: FakeHub) -> list[tuple[str, int]]:
    """Push what is due and return what the shop was told now."""
    before = len(hub.channels["shop"].pushed)
    await push_stock(hub.ctx, hub.rows["shop"].id)
    return hub.channels["shop"].pushed[before:]


async def add(hub: FakeHub, sku: str, change: int) -> None:
    async with hub.ctx.db.transaction() as tx:
        what = Adjustment(sku, MAIN, change, "counted", str(uuid7()))
        await adjust_stock(tx, [what], actor="a", at=now())


async def test_nothing_is_written_and_what_would_be_stands_beside_what_is_there(hub: FakeHub) -> None:
    shop = hub.channels["shop"]
    shop.shown = {"listing-MUG": 999}
    await switch(hub, on=True)
    assert await push(hub) == []
    await read_shown(hub.ctx, hub.rows["shop"].id)
    ready = await how_ready(hub)
    assert (ready.count(Verdict.LOWER), ready.count(Verdict.MISSING)) == (1, 1)
    assert shop.pushed == []


async def test_who_comes_out_of_the_shadow_is_told_once_more_whatever_was_confirmed(hub: FakeHub) -> None:
    told = await push(hub)
    await switch(hub, on=True)
    assert await push(hub) == []
    assert await switch(hub, on=False) == Switched(len(told), 0)
    assert sorted(await push(hub)) == sorted(told)
    assert await push(hub) == []


async def test_a_group_that_is_switched_on_is_told_and_the_others_are_not(hub: FakeHub) -> None:
    async with hub.ctx.db.transaction() as tx:
        await put_in_group(tx, ["MUG"], "mugs", actor="a", at=now())
    await switch(hub, on=True)
    assert (await switch(hub, on=True, live=("mugs",))).live == 1
    assert [sku for sku, _ in await push(hub)] == ["MUG"]
    await add(hub, "MUG", -1)
    assert len(await push(hub)) == 1


async def test_what_is_listed_later_is_in_shadow_too(hub: FakeHub) -> None:
    await switch(hub, on=True)
    async with hub.ctx.db.transaction() as tx:
        new = listings.NewListing(uuid7(), "another-mug", "MUG", "Mug", "MUG")
        await listings.add_listings(tx, hub.rows["shop"].id, [new], at=now())
        await publications.open_publications(tx, ["MUG"], at=now())
    assert await push(hub) == []
    assert all(shadowed for _, _, shadowed in await hub.query(VERDICTS))


async def test_the_sweep_lets_a_worker_read_and_no_check_calls_the_silence_late(hub: FakeHub) -> None:
    await switch(hub, on=True)
    await hub.run(
        "UPDATE publications SET dirty_since = now() - interval '1 day' WHERE dirty_since IS NOT NULL"
    )
    await sweep(hub.ctx)
    assert await read_shown(hub.ctx, hub.rows["shop"].id) == len(await hub.query(VERDICTS))
    assert await read_shown(hub.ctx, hub.rows["shop"].id) == 0
    async with hub.ctx.db.transaction() as tx:
        (late,) = await run_checks(tx, at=now(), late_s=60, checks=[STOCK_LATE])
    assert {row["channel"] for row in late.rows} == {"other"}


async def test_one_listing_that_cannot_be_read_costs_one(
    hub: FakeHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop = hub.channels["shop"]
    shop.shown = {"listing-MUG": 10, "listing-TEA": 10}
    read = shop.read_stock

    async def chokes(ids: Sequence[str]) -> dict[str, int]:
        if "listing-TEA" in ids:
            msg = "the tea is no number"
            raise MalformedError(msg)
        return await read(ids)

    monkeypatch.setattr(shop, "read_stock", chokes)
    await switch(hub, on=True)
    await read_shown(hub.ctx, hub.rows["shop"].id)
    ready = await how_ready(hub)
    assert (ready.count(Verdict.SAME), ready.count(Verdict.MISSING)) == (1, 1)


@pytest.mark.parametrize("on", [True, False])
async def test_the_sweep_finds_what_was_opened_while_the_switch_was_turned(hub: FakeHub, *, on: bool) -> None:
    await switch(hub, on=on)
    await hub.run("UPDATE publications SET shadowed = NOT shadowed")
    await sweep(hub.ctx)
    assert {shadowed for _, _, shadowed in await hub.query(VERDICTS)} == {on}

"""A change that leaves a number as it was costs no call; but what a channel may have moved itself is always told."""

from collections.abc import Awaitable, Callable

import pytest
from msgspec.structs import replace

from hub.channels.opening import set_channel
from hub.flows.stock.adjust_stock import Adjustment, adjust_stock
from hub.flows.stock.set_visibility import Wish, set_rules
from hub.flows.sync.pausing import pause_groups, resume_groups
from hub.jobs.push_stock import push_stock
from hub.jobs.take_inbox import take_inbox
from hub.kit.clock import now
from hub.kit.ids import uuid7
from hub.model.stock.visibility import Rule, Scope
from hub.model.sync.seatbelt import Change
from hub.spec import OutcomeState
from hub.store import channels, publications
from hub.store.doubts import doubt_orders
from hub.store.sync import suspended
from tests.builders import MAIN, claim_due, line, order
from tests.fake_channel import FakeHub

CAP = 4
NEWEST = """SELECT p.version = p.confirmed_version, p.unchanged_at > p.confirmed_at FROM publications p
JOIN listings l ON l.id = p.listing_id JOIN channels c ON c.id = p.channel_id WHERE l.sku = 'MUG' AND c.slug = 'shop'"""


@pytest.fixture(autouse=True)
async def capped(hub: FakeHub) -> None:
    """Ten mugs of which every channel shows four, and has confirmed that it does."""
    async with hub.ctx.db.transaction() as tx:
        await set_rules(tx, [Wish(Scope(), Rule(cap=CAP))], actor="a", at=now())
    assert await told(hub) == await told(hub, "other") == [("MUG", CAP), ("TEA", CAP)]


async def told(hub: FakeHub, slug: str = "shop") -> list[tuple[str, int]]:
    """Push what is due; return what the channel was told now."""
    before = len(hub.channels[slug].pushed)
    await push_stock(hub.ctx, hub.rows[slug].id)
    return sorted(hub.channels[slug].pushed[before:])


async def add(hub: FakeHub, change: int) -> None:
    what = [Adjustment("MUG", MAIN, change, "counted", str(uuid7()))]
    async with hub.ctx.db.transaction() as tx:
        await adjust_stock(tx, what, actor="a", at=now())


async def sell(hub: FakeHub, slug: str, *, canceled: bool = False) -> None:
    await hub.arrive(order("1", line("MUG"), canceled=canceled), slug=slug)
    await take_inbox(hub.ctx, hub.rows[slug].id)


async def test_a_number_that_stays_as_it_is_is_not_sent_again(hub: FakeHub) -> None:
    await add(hub, -3)
    assert await told(hub) == []
    assert await hub.query(NEWEST) == [(True, True)]
    await add(hub, -4)
    assert await told(hub) == [("MUG", 3)]


async def test_a_sale_is_told_where_it_was_made_and_not_where_it_moves_no_number(hub: FakeHub) -> None:
    await sell(hub, "shop")
    assert (await told(hub), await told(hub, "other")) == ([("MUG", CAP)], [])


@pytest.mark.parametrize("key", ["login_key", "limits_key"])
async def test_channels_with_one_login_or_of_one_shop_may_share_a_shelf(hub: FakeHub, key: str) -> None:
    await hub.run(f"UPDATE accounts SET {key} = 'one'")
    await sell(hub, "shop")
    assert await told(hub, "other") == [("MUG", CAP)]


async def test_what_was_sold_there_while_the_last_number_was_on_its_way_is_told(hub: FakeHub) -> None:
    async def sell_meanwhile() -> None:
        hub.channels["shop"].during = _nothing
        await sell(hub, "shop")

    hub.channels["shop"].during = sell_meanwhile
    await add(hub, -7)
    assert await told(hub) == [("MUG", 2), ("MUG", 3)]
    await add(hub, 1)
    assert await told(hub) == [("MUG", 3)]


async def _nothing() -> None:
    return


async def test_what_a_channel_told_of_its_orders_is_doubt_enough_though_nothing_moves_here(
    hub: FakeHub,
) -> None:
    await sell(hub, "shop", canceled=True)
    await add(hub, -1)
    assert (await told(hub), await told(hub, "other")) == ([("MUG", CAP)], [])


async def test_an_answer_to_what_was_on_its_way_by_then_ends_no_doubt(hub: FakeHub) -> None:
    async def cancel_one_meanwhile() -> None:
        hub.channels["shop"].during = _nothing
        await sell(hub, "shop", canceled=True)

    hub.channels["shop"].during = cancel_one_meanwhile
    await add(hub, -7)
    assert await told(hub) == [("MUG", 3), ("MUG", 3)]


async def test_what_came_back_over_there_is_doubt_enough(hub: FakeHub) -> None:
    await sell(hub, "shop")
    await told(hub)
    async with hub.ctx.db.transaction() as tx:
        await doubt_orders(tx, hub.rows["shop"].id, ["1"])
    await add(hub, -1)
    assert await told(hub) == [("MUG", CAP)]


@pytest.mark.parametrize("lost", [OutcomeState.UNKNOWN, OutcomeState.REJECTED])
async def test_after_an_answer_that_is_no_yes_the_number_from_before_is_sent_again(
    hub: FakeHub, lost: OutcomeState
) -> None:
    hub.channels["shop"].answer, hub.channels["shop"].applies = lambda _: lost, False
    await add(hub, -9)
    await told(hub)
    hub.channels["shop"].answer = lambda _: OutcomeState.APPLIED
    await add(hub, 9)
    assert await told(hub) == [("MUG", CAP)]


async def test_after_a_worker_that_died_with_the_answer_the_number_from_before_is_sent_again(
    hub: FakeHub,
) -> None:
    await add(hub, -9)
    async with hub.ctx.db.transaction() as tx:
        assert await claim_due(tx, hub.rows["shop"].id, limit=9, at=now())
    await add(hub, 9)
    assert await told(hub) == [("MUG", CAP)]


async def ask_for_it(hub: FakeHub) -> None:
    async with hub.ctx.db.transaction() as tx:
        await publications.mark(tx, ["MUG"], at=now())


async def rest(hub: FakeHub) -> None:
    async with hub.ctx.db.transaction() as tx:
        await pause_groups(tx, hub.rows["shop"].id, [""], actor="a", at=now())
    await add(hub, -1)
    async with hub.ctx.db.transaction() as tx:
        await resume_groups(tx, hub.rows["shop"].id, [""], actor="a", at=now())


async def be_read_with_another_number(hub: FakeHub) -> None:
    await hub.run("UPDATE publications SET seen_at = now() + interval '1 minute', seen_quantity = 9")
    await add(hub, -1)


async def be_read_without_one(hub: FakeHub) -> None:
    await hub.run("UPDATE publications SET seen_at = now() + interval '1 minute', seen_quantity = NULL")
    await add(hub, -1)


async def be_told_long_ago(hub: FakeHub) -> None:
    await hub.run("UPDATE publications SET confirmed_at = now() - interval '7 hours'")
    await add(hub, -1)


async def go_on(hub: FakeHub) -> None:
    async with hub.ctx.db.transaction() as tx:
        await channels.resume(tx, hub.rows["shop"].id, at=now())
    await add(hub, -1)


async def be_set_anew(hub: FakeHub) -> None:
    await set_channel(hub.ctx, hub.rows["shop"], {})
    await add(hub, -1)


@pytest.mark.parametrize(
    "since",
    [
        ask_for_it,
        rest,
        be_read_with_another_number,
        be_read_without_one,
        be_told_long_ago,
        go_on,
        be_set_anew,
    ],
)
async def test_where_anybody_may_have_moved_it_the_same_number_is_told(
    hub: FakeHub, since: Callable[[FakeHub], Awaitable[None]]
) -> None:
    await since(hub)
    assert ("MUG", CAP) in await told(hub)


async def test_more_unchanged_than_a_claim_takes_keep_no_other_waiting(hub: FakeHub) -> None:
    kind = hub.ctx.registry.kinds["shop"]
    kind.manifest = replace(kind.manifest, stock_batch_max=1)  # type: ignore[misc]
    await add(hub, -8)
    async with hub.ctx.db.transaction() as tx:
        await publications.mark(tx, ["TEA"], at=now(), origin=publications.HERE, falls=True)
    assert await told(hub) == [("MUG", 2)]


async def test_a_number_read_as_it_was_confirmed_is_believed_as_long_again(hub: FakeHub) -> None:
    await hub.run("UPDATE publications SET confirmed_at = now() - interval '7 hours', seen_at = now()")
    await hub.run(f"UPDATE publications SET seen_quantity = {CAP}")
    await add(hub, -1)
    assert await told(hub) == []


async def test_what_orders_took_before_a_number_was_found_unchanged_explains_no_fall_after_it(
    hub: FakeHub,
) -> None:
    """Sales of weeks under a cap would let a broken import empty the shop (L12)."""
    await sell(hub, "other")
    await told(hub)
    await hub.run("UPDATE publications SET unchanged_at = unchanged_at + interval '2 minutes'")
    await add(hub, -9)
    async with hub.ctx.db.transaction() as tx:
        (found,) = await suspended.moved(tx, hub.rows["shop"].id, reads=True)
    assert found.change == Change(CAP, 0, sold=0)


async def test_a_channel_that_backs_off_is_not_well_again_by_a_push_that_asked_it_nothing(
    hub: FakeHub,
) -> None:
    await hub.run("UPDATE channels SET failures = 3")
    await add(hub, -1)
    assert await told(hub) == []
    assert await hub.query("SELECT failures FROM channels WHERE slug = 'shop'") == [(3,)]

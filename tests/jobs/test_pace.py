"""Every channel's freshness is known, late changes say why, the riskiest leave first, and groups can be paused."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
from msgspec.structs import replace
from redis.asyncio import Redis
from sqlalchemy import text
from structlog.testing import capture_logs

from hub.channels.budgets import BudgetSpentError
from hub.flows.stock.adjust_stock import Adjustment, adjust_stock
from hub.flows.stock.set_visibility import put_in_group
from hub.flows.sync.pausing import pause_groups, resume_groups
from hub.flows.sync.set_goal import set_goal
from hub.jobs import answers, claims
from hub.jobs.push_stock import push_rises, push_stock
from hub.jobs.sweep import sweep
from hub.jobs.take_inbox import take_inbox
from hub.kit.clock import now
from hub.kit.ids import uuid7
from hub.model.errors import WrongStateError
from hub.model.stock.waits import reasons
from hub.model.sync.stages import Stage
from hub.spec import Outcome, StockTarget
from hub.store import shadow
from hub.store.db import Database
from hub.store.sync import pace, risk, stages
from tests.builders import MAIN, line, order
from tests.fake_channel import FakeChannel, FakeHub, open_fake_hub

ON_THEIR_WAY = (
    "SELECT count(*) FROM publications WHERE confirmed_version < version AND sent_version = version"
)
GOODS = {"BOWL": 10, "LAMP": 10, "MUG": 10, "PEN": 10, "TEA": 10}


@pytest.fixture
async def hub(database: Database, valkey: Redis, valkey_url: str, tmp_path: Path) -> AsyncIterator[FakeHub]:
    """Five goods on one channel, ten of each, and all of them told."""
    del valkey
    async with open_fake_hub(database, valkey_url, tmp_path, GOODS, slugs=("shop",)) as opened:
        await push(opened)
        yield opened


async def push(hub: FakeHub) -> list[tuple[str, int]]:
    """Push what is due, and return what the shop was told now."""
    before = len(hub.channels["shop"].pushed)
    await push_stock(hub.ctx, hub.rows["shop"].id)
    return hub.channels["shop"].pushed[before:]


async def add(hub: FakeHub, **changes: int) -> None:
    for sku, change in changes.items():
        async with hub.ctx.db.transaction() as tx:
            what = [Adjustment(sku, MAIN, change, "counted", str(uuid7()))]
            await adjust_stock(tx, what, actor="a", at=now())


def one_a_call(hub: FakeHub) -> FakeChannel:
    connector = hub.ctx.registry.kinds["shop"]
    connector.manifest = replace(connector.manifest, stock_batch_max=1)  # type: ignore[misc]
    return hub.channels["shop"]


async def late(hub: FakeHub) -> list[tuple[str, str]]:
    """Each late SKU, and the first reason it is."""
    async with hub.ctx.db.transaction() as tx:
        found = await pace.late_listings(tx, limit=9, at=now())
    return [(each.sku, reasons(each.offer, now())[0].name) for each in found]


async def test_c32_a_channel_that_does_nothing_is_late_within_its_goal_and_says_why(hub: FakeHub) -> None:
    await hub.run("UPDATE accounts SET state = 'needs login'")
    await add(hub, MUG=-1)
    assert (await push(hub), await late(hub)) == ([], [])
    await hub.run("UPDATE publications SET dirty_since = dirty_since - interval '61 seconds'")
    assert await late(hub) == [("MUG", "needs login")]
    async with hub.ctx.db.transaction() as tx:
        (shop,) = await pace.paces(tx, at=now())
    assert (shop.waiting, shop.late, shop.account_state) == (1, 1, "needs login")


async def test_a_channel_has_its_own_goal(hub: FakeHub) -> None:
    async with hub.ctx.db.transaction() as tx:
        await set_goal(tx, hub.rows["shop"].id, 600, actor="a", at=now())
    await add(hub, MUG=-1)
    await hub.run("UPDATE publications SET dirty_since = dirty_since - interval '9 minutes'")
    assert await late(hub) == []
    await hub.run("UPDATE publications SET dirty_since = dirty_since - interval '2 minutes'")
    assert await late(hub) == [("MUG", "to be sent")]


async def test_c69_every_stage_of_every_number_is_in_a_histogram(hub: FakeHub) -> None:
    await hub.arrive(order("1", line("MUG", 2), line("TEA", 1)))
    await take_inbox(hub.ctx, hub.rows["shop"].id)
    await push(hub)
    async with hub.ctx.db.transaction() as tx:
        found = await stages.stage_times(tx)
    counted = {each.stage: sum(each.counts.values()) for each in found}
    assert counted == {Stage.MARKED: 1, Stage.SENT: 7, Stage.CONFIRMED: 7}


async def test_ages_count_from_when_a_number_was_last_known_to_be_right(hub: FakeHub) -> None:
    await hub.run("UPDATE publications SET confirmed_at = now() - interval '3 hours'")
    await hub.run("""UPDATE publications SET seen_at = now(), seen_quantity = 10
        WHERE listing_id IN (SELECT id FROM listings WHERE sku IN ('MUG', 'TEA'))""")
    async with hub.ctx.db.transaction() as tx:
        assert await pace.ages(tx, hub.rows["shop"].id, at=now()) == [2, 0, 0, 3, 0, 0, 0]


async def test_c68_what_would_be_oversold_soonest_leaves_before_all_that_was_there_first(
    hub: FakeHub,
) -> None:
    one_a_call(hub)
    await add(hub, BOWL=5, LAMP=-1, PEN=-8)
    await hub.arrive(order("1", line("TEA", 2)), order("2", line("MUG", 10)))
    await take_inbox(hub.ctx, hub.rows["shop"].id)
    assert await push(hub) == [("MUG", 0), ("PEN", 2), ("TEA", 8), ("LAMP", 9), ("BOWL", 15)]


async def test_what_is_claimed_together_leaves_in_batches_of_the_channels_size_the_riskiest_first(
    hub: FakeHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(claims, "MOMENT_S", 1e9)  # however slow this machine is
    connector, channel = hub.ctx.registry.kinds["shop"], hub.channels["shop"]
    connector.manifest = replace(connector.manifest, stock_batch_max=2)  # type: ignore[misc]
    sizes, send = [], channel.push_stock

    async def sized(targets: Sequence[StockTarget]) -> list[Outcome]:
        sizes.append(len(targets))
        return await send(targets)

    monkeypatch.setattr(channel, "push_stock", sized)
    await add(hub, BOWL=-1, LAMP=-1, MUG=-1, PEN=-1, TEA=-9)
    told = await push(hub)
    assert (sizes, ("TEA", 1) in told[:2]) == ([2, 2, 1], True)


async def ranked(hub: FakeHub) -> None:
    """All that is due is ranked, for an hour."""
    async with hub.ctx.db.transaction() as tx:
        await risk.rank(tx, await risk.all_due(tx, hub.rows["shop"].id), at=now())
        await risk.note_ranked(tx, hub.rows["shop"].id, until=now() + timedelta(hours=1))


async def test_what_sells_while_a_long_line_waits_leaves_before_all_that_rises_in_it(hub: FakeHub) -> None:
    channel = one_a_call(hub)
    await add(hub, BOWL=5, LAMP=5, MUG=5, PEN=5, TEA=5)

    async def sell_out_of_tea() -> None:
        if channel.pushed[-1] == ("BOWL", 15):
            await add(hub, TEA=-15)

    channel.during = sell_out_of_tea
    await ranked(hub)
    told = await push(hub)
    await push_rises(hub.ctx, hub.rows["shop"].id)
    assert [*told, *channel.pushed[-4:]] == [("BOWL", 15), ("TEA", 0), ("LAMP", 15), ("MUG", 15), ("PEN", 15)]


async def test_what_sells_leaves_before_what_was_counted_since_the_line_was_ranked(hub: FakeHub) -> None:
    one_a_call(hub)
    await add(hub, BOWL=5)
    await ranked(hub)
    await add(hub, LAMP=5, PEN=-1)
    await hub.arrive(order("1", line("TEA", 10)))
    await take_inbox(hub.ctx, hub.rows["shop"].id)
    assert (await push(hub))[0] == ("TEA", 0)


async def test_who_sells_what_is_ranked_at_that_moment_waits_and_comes_after_it(hub: FakeHub) -> None:
    one_a_call(hub)
    await add(hub, BOWL=5, TEA=5)
    async with hub.ctx.db.transaction() as tx:
        await risk.rank(tx, await risk.all_due(tx, hub.rows["shop"].id), at=now())
        selling = asyncio.create_task(add(hub, TEA=-15))
        await asyncio.wait([selling], timeout=0.1)
        assert not selling.done()
        await risk.note_ranked(tx, hub.rows["shop"].id, until=now() + timedelta(hours=1))
    await selling
    assert (await push(hub))[0] == ("TEA", 0)


async def test_a_ranking_holds_for_a_while_and_then_is_made_anew(hub: FakeHub) -> None:
    one_a_call(hub)
    await add(hub, LAMP=-1, PEN=-8)
    await hub.run("UPDATE channels SET ranked_until = now() + interval '1 hour'")
    assert await push(hub) == [("LAMP", 9), ("PEN", 2)]
    await hub.run("UPDATE channels SET ranked_until = now()")
    hub.ctx.paces.clear()
    await add(hub, LAMP=-1, PEN=-1)
    assert await push(hub) == [("PEN", 1), ("LAMP", 8)]


async def test_what_leaves_within_a_second_anyway_is_not_ranked(hub: FakeHub) -> None:
    one_a_call(hub)
    hub.ctx.paces[hub.rows["shop"].id] = 0.2
    await add(hub, LAMP=-1, PEN=-8)
    await push(hub)
    assert await hub.query("SELECT ranked_until FROM channels") == [(None,)]
    hub.ctx.paces[hub.rows["shop"].id] = 0.8
    await add(hub, LAMP=-1, PEN=-1)
    assert await push(hub) == [("PEN", 1), ("LAMP", 8)]


async def until_claimed(hub: FakeHub, count: int) -> None:
    """So many listings are on their way with the version they have."""
    async with asyncio.timeout(20):
        while await hub.query(ON_THEIR_WAY) != [(count,)]:  # noqa: ASYNC110 -- the hub claims by itself
            await asyncio.sleep(0.01)


async def test_others_are_claimed_while_some_are_told_and_one_that_is_told_waits_for_its_answer(
    hub: FakeHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(claims, "MOMENT_S", 1e9)  # however slow this machine is
    monkeypatch.setattr(answers, "TOGETHER_S", 1e9)  # nothing is kept until the last is told
    channel = one_a_call(hub)
    await add(hub, BOWL=-1, LAMP=-1, MUG=-1, PEN=-1, TEA=-1)

    async def sell_a_lamp() -> None:
        if channel.pushed[-1] == ("LAMP", 9):
            await add(hub, LAMP=-1)
            await until_claimed(
                hub, 4
            )  # the bowl, which waits to be kept, the mug, and of the next claim two

    channel.during = sell_a_lamp
    told = await push(hub)
    assert told == [("BOWL", 9), ("LAMP", 9), ("MUG", 9), ("PEN", 9), ("TEA", 9), ("LAMP", 8)]


async def test_a_claim_made_ahead_that_grew_late_is_made_anew_with_the_numbers_of_then(
    hub: FakeHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    channel = one_a_call(hub)
    hub.ctx.paces[hub.rows["shop"].id] = 0.001
    await add(hub, BOWL=-1, LAMP=-1, MUG=-1, PEN=-1)

    async def take_long() -> None:
        channel.during = partial(asyncio.sleep, 0)
        await until_claimed(hub, 3)  # the bowl, and ahead of their time two others
        await add(hub, LAMP=-1)
        monkeypatch.setattr(claims, "MOMENT_S", 0)

    channel.during = take_long
    assert await push(hub) == [("BOWL", 9), ("LAMP", 8), ("MUG", 9), ("PEN", 9)]


async def test_a_channel_that_is_paused_meanwhile_is_told_what_was_claimed_by_then_and_no_more(
    hub: FakeHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(claims, "MOMENT_S", 1e9)  # however slow this machine is
    channel = one_a_call(hub)
    hub.ctx.paces[hub.rows["shop"].id] = 0.001
    await add(hub, BOWL=-1, LAMP=-1, MUG=-1, PEN=-1, TEA=-1)

    async def pause() -> None:
        channel.during = partial(asyncio.sleep, 0)
        await until_claimed(hub, 3)  # the bowl, and ahead of their time two others
        await hub.run("UPDATE channels SET state = 'paused'")

    channel.during = pause
    assert set(await push(hub)) <= {("BOWL", 9), ("LAMP", 9), ("MUG", 9)}


async def test_what_was_read_is_kept_in_the_order_in_which_others_lock(hub: FakeHub) -> None:
    """Whoever waits for the first holds none of the others: two who wait for each other would end one of them."""
    ids = await hub.query("SELECT id, channel_listing_id FROM listings ORDER BY id")
    seen = {str(listing): 5 for _, listing in reversed(ids)}
    lock = text("SELECT FROM publications WHERE listing_id = :id FOR UPDATE NOWAIT")
    async with hub.ctx.db.transaction() as mine, hub.ctx.db.transaction() as others:
        await mine.execute(lock, {"id": ids[0][0]})
        keeping = asyncio.create_task(shadow.record_seen(others, hub.rows["shop"].id, seen, at=now()))
        await asyncio.wait([keeping], timeout=0.2)
        await mine.execute(lock, {"id": ids[-1][0]})
        await mine.rollback()
        await keeping


@pytest.mark.parametrize("for_all", [True, False])
async def test_how_quick_a_channel_was_is_forgotten_where_its_budget_is_spent(
    hub: FakeHub, *, for_all: bool
) -> None:
    hub.ctx.paces[hub.rows["shop"].id] = 0.001
    hub.channels["shop"].fails = BudgetSpentError("spent", after_s=1.0, for_all=for_all)
    await add(hub, MUG=-1)
    await push(hub)
    assert hub.ctx.paces == {}


async def test_what_is_answered_within_a_moment_is_kept_together(
    hub: FakeHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(claims, "MOMENT_S", 1e9)  # however slow this machine is
    monkeypatch.setattr(answers, "TOGETHER_S", 1e9)
    one_a_call(hub)
    await add(hub, BOWL=-1, LAMP=-1, MUG=-1, PEN=-1, TEA=-1)
    with capture_logs() as logs:
        assert len(await push(hub)) == 5
    assert [each["sent"] for each in logs if each["event"] == "stock_pushed"] == [5]


async def test_nothing_more_is_told_once_the_answers_cannot_be_recorded(
    hub: FakeHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def choke(*_: object) -> None:
        raise LookupError

    monkeypatch.setattr(answers, "TOGETHER_S", 0)
    monkeypatch.setattr(answers, "_record", choke)
    channel = one_a_call(hub)
    channel.pushed = []
    await add(hub, BOWL=-1, LAMP=-1, MUG=-1, PEN=-1, TEA=-1)
    with pytest.raises(LookupError):
        await push(hub)
    assert len(channel.pushed) == 1


async def test_what_was_claimed_and_cannot_leave_at_once_is_claimed_anew_with_the_number_of_then(
    hub: FakeHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(claims, "MOMENT_S", 0)  # as with a channel that takes its time
    channel = one_a_call(hub)
    await add(hub, BOWL=-1, LAMP=-1, MUG=-1, PEN=-1, TEA=-1)

    async def sell_a_tea() -> None:
        if channel.pushed[-1][0] == "PEN":
            await add(hub, TEA=-1)

    channel.during = sell_a_tea
    assert await push(hub) == [("BOWL", 9), ("LAMP", 9), ("MUG", 9), ("PEN", 9), ("TEA", 8)]


async def test_of_a_paused_group_nothing_is_told_until_it_goes_on_and_then_what_is_left(hub: FakeHub) -> None:
    channel_id = hub.rows["shop"].id
    async with hub.ctx.db.transaction() as tx:
        await put_in_group(tx, ["MUG"], "mugs", actor="a", at=now())
        assert await pause_groups(tx, channel_id, ["mugs"], actor="a", at=now()) == 1
    await add(hub, MUG=-1, TEA=-1)
    assert await push(hub) == [("TEA", 9)]
    await add(hub, MUG=-1)
    async with hub.ctx.db.transaction() as tx:
        assert await resume_groups(tx, channel_id, ["mugs"], actor="a", at=now()) == 1
    assert await push(hub) == [("MUG", 8)]
    async with hub.ctx.db.transaction() as tx:
        with pytest.raises(WrongStateError):
            await resume_groups(tx, channel_id, ["mugs"], actor="a", at=now())


async def test_the_sweep_follows_where_the_group_of_a_sku_changes(hub: FakeHub) -> None:
    async with hub.ctx.db.transaction() as tx:
        await put_in_group(tx, ["TEA"], "mugs", actor="a", at=now())
        await pause_groups(tx, hub.rows["shop"].id, ["mugs"], actor="a", at=now())
        await put_in_group(tx, ["MUG"], "mugs", actor="a", at=now())
    await sweep(hub.ctx)
    await add(hub, MUG=-1)
    assert await push(hub) == []

"""What a channel shows is read back; what differs on a second look is put right, taken over, or a person is asked."""

from datetime import timedelta

import pytest

from hub.channels.budgets import BudgetSpentError
from hub.channels.lanes import queue_of
from hub.flows.stock.adjust_stock import Adjustment, adjust_stock
from hub.flows.sync.reconcile import Reader, Reading, compare, set_policy, settle
from hub.jobs.push_stock import push_stock
from hub.jobs.reconcile import reconcile
from hub.jobs.sweep import sweep
from hub.kit.clock import now
from hub.kit.ids import uuid7
from hub.model.errors import WrongStateError
from hub.model.sync.drift import SETTLES, Deed, Policy
from hub.spec import RejectedError
from hub.store.freshness import SHOWN_THERE
from hub.store.sync.drift import Drift, list_drifts
from tests.builders import MAIN, order
from tests.fake_channel import FakeHub
from tests.flows.test_batches import statements

MUG = "listing-MUG"
TIMES = ("confirmed_at", "seen_at", "sent_at", "dirty_since")


async def push(hub: FakeHub) -> None:
    await push_stock(hub.ctx, hub.rows["shop"].id)


async def read(hub: FakeHub) -> int:
    return await reconcile(hub.ctx, hub.rows["shop"].id)


async def wait(hub: FakeHub, how_long: timedelta = SETTLES) -> None:
    """Let so much time pass: all that happened is longer ago, and the orders have been pulled since."""
    s = how_long.total_seconds()
    ago = ", ".join(f"{each} = {each} - make_interval(secs => {s})" for each in TIMES)
    await hub.run(f"UPDATE publications SET {ago}")
    await hub.run(f"UPDATE drifts SET found_at = found_at - make_interval(secs => {s})")
    await hub.run("UPDATE channels SET pulled_at = now(), next_read_at = now()")


async def look_twice(hub: FakeHub, **shows: int) -> None:
    """Push, change what the shop shows, and read it, and read it again later."""
    await push(hub)
    hub.channels["shop"].shown |= {f"listing-{sku}": count for sku, count in shows.items()}
    for _ in range(2):
        await wait(hub)
        await read(hub)


async def drifts(hub: FakeHub, *, everything: bool = True) -> list[Drift]:
    async with hub.ctx.db.transaction() as tx:
        return await list_drifts(tx, everything=everything, limit=99)


async def policy(hub: FakeHub, wanted: Policy) -> None:
    async with hub.ctx.db.transaction() as tx:
        await set_policy(tx, hub.rows["shop"].id, wanted, actor="a", at=now())


async def test_a_number_somebody_edited_there_is_put_right(hub: FakeHub) -> None:
    await look_twice(hub, MUG=99)
    (drift,) = await drifts(hub)
    await push(hub)
    assert (drift.expected, drift.shows, drift.cause, drift.ended) == (10, 99, "edited there", "healed")
    assert hub.channels["shop"].shown[MUG] == 10


async def test_c29_a_write_that_did_not_stay_is_found_and_written_again(hub: FakeHub) -> None:
    await push(hub)
    async with hub.ctx.db.transaction() as tx:
        await adjust_stock(tx, [Adjustment("MUG", MAIN, -3, "counted", str(uuid7()))], actor="a", at=now())
    await look_twice(hub, MUG=10)
    await push(hub)
    assert ([each.cause for each in await drifts(hub)], hub.channels["shop"].shown[MUG]) == (
        ["lost write"],
        7,
    )


async def test_a_sale_over_there_that_has_not_arrived_is_no_drift(hub: FakeHub) -> None:
    await push(hub)
    hub.channels["shop"].shown[MUG] = 9
    await wait(hub)
    await read(hub)
    (seen,) = await drifts(hub)
    async with hub.ctx.db.transaction() as tx:
        await adjust_stock(tx, [Adjustment("MUG", MAIN, -1, "sold", str(uuid7()))], actor="a", at=now())
    await push(hub)
    await wait(hub)
    await read(hub)
    assert (seen.cause, [each.ended for each in await drifts(hub)]) == ("in flight", ["over"])


async def test_nothing_is_believed_before_the_orders_were_pulled_once_more(hub: FakeHub) -> None:
    await push(hub)
    hub.channels["shop"].shown[MUG] = 9
    for _ in range(3):
        await wait(hub)
        await hub.run("UPDATE channels SET pulled_at = now() - interval '1 day'")
        await read(hub)
    assert [each.cause for each in await drifts(hub)] == ["in flight"]


async def test_c25_a_listing_the_channel_does_not_know_is_asked_about_and_looked_for(hub: FakeHub) -> None:
    await push(hub)
    del hub.channels["shop"].shown[MUG]
    await hub.run("UPDATE channels SET next_listings_pull_at = now() + interval '1 day'")
    await look_twice(hub)
    (drift,) = await drifts(hub, everything=False)
    due = "SELECT next_listings_pull_at <= now() FROM channels WHERE slug = 'shop'"
    assert (drift.cause, drift.shows, await hub.query(due)) == ("not there", None, [(True,)])


async def test_c26_two_systems_that_correct_one_another_stop_and_a_person_is_asked(hub: FakeHub) -> None:
    for _ in range(5):
        await look_twice(hub, MUG=99)
        await wait(hub, timedelta(hours=7))
    pushed = [count for sku, count in hub.channels["shop"].pushed if sku == "MUG"]
    (drift,) = await drifts(hub, everything=False)
    assert (len(pushed), drift.cause) == (4, "contested")
    assert len(await hub.query("SELECT FROM notices WHERE topic = 'channel.drift'")) == 1


async def test_where_the_shop_is_right_its_change_is_taken_into_the_books_once(hub: FakeHub) -> None:
    await policy(hub, Policy.ADOPT)
    await look_twice(hub, MUG=7)
    for slug in ("shop", "other"):
        await push_stock(hub.ctx, hub.rows[slug].id)
    assert [each.ended for each in await drifts(hub)] == ["adopted"]
    assert await hub.query("SELECT on_hand FROM levels WHERE sku = 'MUG'") == [(7,)]
    assert {channel.shown[MUG] for channel in hub.channels.values()} == {7}


async def test_where_a_person_is_asked_their_word_holds_until_the_number_changes(hub: FakeHub) -> None:
    await policy(hub, Policy.ASK)
    await look_twice(hub, MUG=7)
    (drift,) = await drifts(hub, everything=False)
    async with hub.ctx.db.transaction() as tx:
        await settle(tx, [drift.id], Deed.LEFT, actor="ada", at=now())
    await wait(hub, timedelta(hours=7))
    await look_twice(hub)
    assert ([each.ended for each in await drifts(hub)], hub.channels["shop"].shown[MUG]) == (["left"], 7)


async def test_who_reads_beyond_its_share_waits_and_keeps_nobody_from_being_told(hub: FakeHub) -> None:
    await push(hub)
    await wait(hub)
    hub.channels["shop"].fails = BudgetSpentError("later", after_s=300)
    assert await read(hub) == 0
    later = (
        "SELECT paused_until, next_read_at > now() + interval '4 minutes' FROM channels WHERE slug = 'shop'"
    )
    assert await hub.query(later) == [(None, True)]


async def test_the_sweep_has_each_channel_read_and_no_listing_too_often(hub: FakeHub) -> None:
    await push(hub)
    await wait(hub)
    await hub.run("UPDATE channels SET next_pull_at = now() + interval '1 hour'")
    await sweep(hub.ctx)
    assert await hub.ctx.bell.redis.zcard(queue_of("reconcile")) >= 2
    assert (await read(hub), await read(hub)) == (2, 0)
    await wait(hub, timedelta(hours=6))
    assert await read(hub) == 2


async def test_a_reading_asks_the_database_as_often_for_many_listings_as_for_one(hub: FakeHub) -> None:
    await push(hub)
    await wait(hub)
    asked = []
    for shows in ({MUG: 9}, {MUG: 9, "listing-TEA": 9}):
        reading = Reading(now(), shows)
        async with hub.ctx.db.transaction() as tx:
            with statements(tx) as seen:
                await compare(tx, Reader(hub.rows["shop"].id, "shop"), reading, at=now())
        asked.append(len(seen))
        await hub.run("DELETE FROM drifts")
    assert asked[0] == asked[1]


async def test_another_number_on_the_second_look_is_looked_at_once_more(hub: FakeHub) -> None:
    seen = []
    await push(hub)
    for shows in (20, 11, 11):
        hub.channels["shop"].shown[MUG] = shows
        await wait(hub)
        await read(hub)
        seen += [(each.shows, each.cause) for each in await drifts(hub)]
    assert seen == [(20, "in flight"), (11, "in flight"), (11, "edited there")]


async def test_nobody_takes_over_a_number_that_changed_since_they_were_asked(hub: FakeHub) -> None:
    await policy(hub, Policy.ASK)
    await look_twice(hub, MUG=7)
    hub.channels["shop"].shown[MUG] = 2
    await wait(hub, timedelta(hours=7))
    await read(hub)
    (drift,) = await drifts(hub)
    assert (drift.shows, drift.cause) == (2, "in flight")
    async with hub.ctx.db.transaction() as tx:
        with pytest.raises(WrongStateError):
            await settle(tx, [drift.id], Deed.ADOPTED, actor="ada", at=now())


@pytest.mark.parametrize(
    ("state", "age", "cause"),
    [("waiting", 0, "in flight"), ("parked", 0, "in flight"), ("parked", 25, "edited there")],
)
async def test_nothing_is_believed_while_an_order_that_was_heard_of_is_not_taken(
    hub: FakeHub, state: str, age: int, cause: str
) -> None:
    await hub.arrive(order("1"))
    await hub.run(f"UPDATE inbox SET state = '{state}', reason = 'unread', received_at = {ago(age)}")
    await look_twice(hub, MUG=99)
    assert [each.cause for each in await drifts(hub)] == [cause]


def ago(hours: int) -> str:
    return f"now() - make_interval(hours => {hours})"


async def test_a_listing_that_cannot_be_read_shows_what_it_was_told_last(hub: FakeHub) -> None:
    await push(hub)
    await hub.run(f"UPDATE publications SET seen_quantity = 7, seen_at = {ago(8)}")
    await wait(hub)
    hub.channels["shop"].fails = RejectedError("no")
    await read(hub)
    shown = f"SELECT {SHOWN_THERE}, p.seen_at > {ago(1)} FROM publications p JOIN channels c"
    assert await hub.query(f"{shown} ON c.id = p.channel_id AND c.slug = 'shop'") == [(10, True)] * 2


async def test_what_cannot_be_taken_over_is_told_to_a_person_each_time(hub: FakeHub) -> None:
    await policy(hub, Policy.ADOPT)
    await hub.run("UPDATE skus SET tracking = 'lot'")
    told = []
    for shows in ({"MUG": 7}, {"TEA": 6}):
        await look_twice(hub, **shows)
        told += await hub.query("SELECT count(*) FROM notices WHERE topic = 'channel.drift'")
        await wait(hub, timedelta(hours=7))
    assert (told, len(await drifts(hub, everything=False))) == ([(1,), (2,)], 2)


async def test_a_number_beyond_all_reason_costs_the_others_nothing_and_is_put_right(hub: FakeHub) -> None:
    await look_twice(hub, MUG=10**12, TEA=99)
    await push(hub)
    assert ([each.ended for each in await drifts(hub)], hub.channels["shop"].shown[MUG]) == (
        ["healed"] * 2,
        10,
    )


async def test_a_number_beyond_all_reason_is_not_taken_over(hub: FakeHub) -> None:
    await policy(hub, Policy.ADOPT)
    await look_twice(hub, MUG=10**12)
    assert [each.ended for each in await drifts(hub)] == [""]

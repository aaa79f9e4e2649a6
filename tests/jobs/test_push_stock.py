"""Every change reaches every channel, computed when it is sent; what fails waits by name and costs others nothing."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta

import pytest
from msgspec.structs import replace

from hub.channels.lanes import queue_of
from hub.flows.stock.adjust_stock import Adjustment, adjust_stock
from hub.jobs.push_stock import push_stock
from hub.jobs.sweep import sweep
from hub.jobs.worker import run_worker
from hub.kit.clock import now
from hub.kit.ids import uuid7
from hub.spec import OutcomeState, RejectedError, RetryLaterError, UnauthorizedError
from hub.store.db import RefusedRowsError
from hub.store.publications import Told
from tests.builders import MAIN, claim_due, record_told
from tests.fake_channel import FakeChannel, FakeHub
from tests.web.conftest import statements

MUG = """SELECT p.outcome, p.problem, p.version, p.confirmed_version FROM publications p
JOIN listings l ON l.id = listing_id JOIN channels c ON c.id = p.channel_id WHERE l.sku = 'MUG' AND c.slug = 'shop'"""


async def add(hub: FakeHub, change: int, *skus: str) -> None:
    what = [Adjustment(sku, MAIN, change, "counted", str(uuid7())) for sku in skus or ("MUG",)]
    async with hub.ctx.db.transaction() as tx:
        await adjust_stock(tx, what, actor="a", at=now())


async def push(hub: FakeHub, slug: str = "shop") -> int:
    async with asyncio.timeout(60):
        return await push_stock(hub.ctx, hub.rows[slug].id)


async def test_5_to_3_to_5_reaches_the_channel_each_time(hub: FakeHub) -> None:
    for change in (-5, -2, 2):
        await add(hub, change)
        await push(hub)
    assert [count for sku, count in hub.channels["shop"].pushed if sku == "MUG"] == [5, 3, 5]


async def test_a_push_asks_the_database_as_often_for_two_listings_as_for_one(hub: FakeHub) -> None:
    await push(hub)
    asked = []
    for skus in (("MUG",), ("MUG", "TEA")):
        await add(hub, -1, *skus)
        with statements(hub.ctx) as seen:
            assert await push(hub) == len(skus)
        asked.append(len(seen))
    assert asked == [7, 7]


async def test_5_to_3_to_5_before_anybody_looked_is_told_once(hub: FakeHub) -> None:
    for change in (-5, -2, 2):
        await add(hub, change)
    await push(hub)
    assert hub.channels["shop"].pushed.count(("MUG", 5)) == len(hub.channels["shop"].pushed) - 1


async def test_a_late_answer_to_an_older_version_changes_nothing(hub: FakeHub) -> None:
    async with hub.ctx.db.transaction() as tx:
        late = await claim_due(tx, hub.rows["shop"].id, limit=9, at=now())
    await add(hub, -3)
    await push(hub)
    told = await hub.query(MUG)
    async with hub.ctx.db.transaction() as tx:
        answers = [Told(each.listing_id, each.version, each.quantity, "rejected", "late") for each in late]
        await record_told(tx, [each for each in answers if each.quantity == 10], at=now())
    assert await hub.query(MUG) == told


async def test_a_mark_during_the_call_stays_and_is_told_next(hub: FakeHub) -> None:
    channel = hub.channels["shop"]

    async def sell_one_meanwhile() -> None:
        channel.during = _nothing
        await add(hub, -1)

    channel.during = sell_one_meanwhile
    await push(hub)
    assert [count for sku, count in channel.pushed if sku == "MUG"] == [10, 9]
    ((outcome, _, version, confirmed),) = await hub.query(MUG)
    assert (outcome, version) == ("applied", confirmed)


async def _nothing() -> None:
    return


@pytest.mark.parametrize(("applies", "outcome"), [(True, "applied"), (False, "unknown")])
async def test_an_unknown_outcome_is_read_back(hub: FakeHub, *, applies: bool, outcome: str) -> None:
    channel = hub.channels["shop"]
    channel.answer, channel.applies = lambda _: OutcomeState.UNKNOWN, applies
    await push(hub)
    assert (await hub.query(MUG))[0][0] == outcome


def compares(hub: FakeHub) -> FakeChannel:
    """The shop's kind writes over the number that is expected, and over no other."""
    kind = hub.ctx.registry.kinds["shop"]
    kind.manifest = replace(kind.manifest, compares_stock=True)  # type: ignore[misc]
    return hub.channels["shop"]


async def test_a_number_that_changed_there_is_read_back_before_it_is_written_over(hub: FakeHub) -> None:
    channel = compares(hub)
    await push(hub)
    channel.shown["listing-MUG"] = 9
    await add(hub, -5)
    await push(hub)
    assert (channel.shown["listing-MUG"], (await hub.query(MUG))[0][0]) == (9, "unknown")
    await hub.run("UPDATE publications SET next_try_at = NULL")
    await push(hub)
    assert (channel.shown["listing-MUG"], channel.expected[-2:]) == (5, [10, 9])
    assert (await hub.query(MUG))[0][0] == "applied"


async def test_nothing_is_expected_of_a_channel_that_cannot_compare(hub: FakeHub) -> None:
    await push(hub)
    await add(hub, -5)
    await push(hub)
    assert set(hub.channels["shop"].expected) == {None}


async def test_a_rejected_listing_waits_with_its_problem_until_its_next_change(hub: FakeHub) -> None:
    channel = hub.channels["shop"]
    channel.answer = lambda each: OutcomeState.REJECTED if each.channel_sku == "MUG" else OutcomeState.APPLIED
    await push(hub)
    assert (await hub.query(MUG))[0][:2] == ("rejected", "as the test says")
    told = len(channel.pushed)
    assert (await push(hub), len(channel.pushed)) == (0, told)
    await add(hub, -1)
    assert (await push(hub), channel.pushed[told:]) == (1, [("MUG", 9)])


async def test_a_listing_that_lost_its_sku_is_not_told_and_stops_nobody(hub: FakeHub) -> None:
    await hub.run("UPDATE listings SET sku = NULL WHERE sku = 'MUG'")
    assert (await push(hub), hub.channels["shop"].pushed) == (1, [("TEA", 10)])


@pytest.mark.parametrize(
    "stop",
    [
        "UPDATE channels SET state = 'paused' WHERE slug = 'shop'",
        "UPDATE channels SET paused_until = now() + interval '1 hour' WHERE slug = 'shop'",
        "UPDATE accounts SET state = 'needs login' WHERE name = 'shop'",
    ],
)
async def test_a_channel_that_must_not_be_called_is_left_alone_and_costs_others_nothing(
    hub: FakeHub, stop: str
) -> None:
    await hub.run(stop)
    assert (await push(hub), hub.channels["shop"].asked, hub.channels["shop"].pushed) == (0, [], [])
    assert (await push(hub, "other"), hub.channels["other"].shown["listing-MUG"]) == (2, 10)


@pytest.mark.parametrize("after_s", [None, 0.0, -1.0, 1e12, float("inf"), float("nan")])
async def test_a_channel_that_is_down_is_paused_and_asked_again_later(
    hub: FakeHub, after_s: float | None
) -> None:
    hub.channels["shop"].fails = RetryLaterError("down", after_s=after_s)
    assert await push(hub) == 0
    soon = "paused_until BETWEEN now() AND now() + interval '1 day'"
    query = f"SELECT failures, problem, {soon} FROM channels WHERE slug = 'shop'"
    assert await hub.query(query) == [(1, "down", True)]


async def test_a_channel_that_is_up_again_is_healthy_again(hub: FakeHub) -> None:
    hub.channels["shop"].fails = RetryLaterError("down")
    await push(hub)
    hub.channels["shop"].fails = None
    await hub.run("UPDATE channels SET paused_until = now() - interval '1 second' WHERE slug = 'shop'")
    assert await push(hub) == 2
    assert await hub.query("SELECT failures, problem FROM channels WHERE slug = 'shop'") == [(0, "")]


async def test_dead_credentials_stop_all_calls_until_a_person_reconnects(hub: FakeHub) -> None:
    hub.channels["shop"].fails = UnauthorizedError("reconnect it")
    await push(hub)
    query = (
        "SELECT a.state, c.problem FROM channels c JOIN accounts a ON a.id = account_id WHERE slug = 'shop'"
    )
    assert await hub.query(query) == [("needs login", "reconnect it")]


async def test_a_bug_in_a_connector_pauses_its_channel(hub: FakeHub) -> None:
    hub.channels["shop"].fails = KeyError("Ada Lovelace, 12 Crescent")
    with pytest.raises(KeyError):
        await push(hub)
    ((failures, problem),) = await hub.query("SELECT failures, problem FROM channels WHERE slug = 'shop'")
    assert (failures, "KeyError" in str(problem), "Ada" in str(problem)) == (1, True, False)


async def test_an_error_of_the_hub_that_nobody_expects_is_named_on_its_channel(hub: FakeHub) -> None:
    hub.channels["shop"].fails = RefusedRowsError("the database refuses it: integer out of range")
    with pytest.raises(RefusedRowsError):
        await push(hub)
    problem = "push stock failed: the database refuses it: integer out of range; the hub tries again"
    said = "SELECT failures, paused_until > now(), problem FROM channels WHERE slug = 'shop'"
    assert await hub.query(said) == [(1, True, problem)]


async def test_a_first_number_is_told_of_all_where_the_shop_shows_an_absurd_one_of_one(hub: FakeHub) -> None:
    hub.channels["shop"].shown = {"listing-MUG": 10**12, "listing-TEA": 3}
    await push(hub)
    assert hub.channels["shop"].shown == {"listing-MUG": 10, "listing-TEA": 10}


async def test_one_listing_the_channel_chokes_on_does_not_keep_its_neighbors(hub: FakeHub) -> None:
    channel = hub.channels["shop"]

    async def choke() -> None:
        batch = [*channel.pushed]
        channel.pushed.clear()
        if ("TEA", 10) in batch:
            msg = "POST /batch answered 400"
            raise RejectedError(msg)

    channel.during = choke
    await push(hub)
    assert channel.shown == {"listing-MUG": 10}


async def test_pushers_at_once_tell_each_listing_once(hub: FakeHub) -> None:
    assert sum(await asyncio.gather(*(push(hub) for _ in range(8)))) == 2
    assert sorted(hub.channels["shop"].pushed) == [("MUG", 10), ("TEA", 10)]


async def test_the_sweep_rings_for_what_a_flushed_redis_forgot(hub: FakeHub) -> None:
    await hub.ctx.bell.ring("push_stock", hub.rows["shop"].id)
    await hub.ctx.bell.redis.flushall()
    await hub.run(f"UPDATE publications SET dirty_since = '{now() - timedelta(seconds=5)}'")
    await hub.run(f"UPDATE channels SET next_pull_at = '{now() + timedelta(hours=1)}'")
    assert (await sweep(hub.ctx), await hub.ctx.bell.redis.zcard(queue_of("push_stock"))) == (2, 2)


async def test_a_channel_that_cannot_be_opened_costs_others_nothing(hub: FakeHub) -> None:
    await hub.run("UPDATE accounts SET credentials = '' WHERE name = 'shop'")
    await hub.run("UPDATE channels SET next_pull_at = now() - interval '1 minute'")
    await hub.run("UPDATE publications SET dirty_since = now() - interval '1 minute'")
    assert await sweep(hub.ctx) == 3


async def test_a_worker_waits_for_no_push_that_hangs_when_it_stops(hub: FakeHub) -> None:
    stop, calling = asyncio.Event(), asyncio.Event()

    async def hang() -> None:
        calling.set()
        await asyncio.sleep(600)

    hub.channels["shop"].during = hang
    ctx = replace(hub.ctx)
    working = asyncio.create_task(run_worker(ctx, stop))
    async with asyncio.timeout(60):
        await hub.ctx.bell.ring("push_stock", hub.rows["shop"].id)
        await calling.wait()
    stop.set()
    async with asyncio.timeout(60):
        await working
    hub.channels["shop"].during = _nothing
    assert await push(hub) == 2


async def test_a_listing_that_cannot_be_read_back_costs_the_others_nothing(hub: FakeHub) -> None:
    channel = hub.channels["shop"]
    channel.answer = lambda each: OutcomeState.UNKNOWN if each.channel_sku == "MUG" else OutcomeState.APPLIED

    async def refuse(channel_listing_ids: Sequence[str]) -> dict[str, int]:
        raise RejectedError(*channel_listing_ids)

    channel.read_stock = refuse  # type: ignore[method-assign]
    await push(hub)
    said = "SELECT p.outcome FROM publications p JOIN listings l ON l.id = p.listing_id WHERE p.outcome <> ''"
    assert await hub.query(f"{said} ORDER BY l.sku") == [("unknown",), ("applied",)]

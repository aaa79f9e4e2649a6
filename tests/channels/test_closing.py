"""A closed channel is asked and told nothing, and loses nothing: its orders stay, and it goes on where it stopped."""

from typing import Any

from hub.channels.closing import close_channel, reopen_channel
from hub.channels.webhooks import ensure_webhooks
from hub.jobs.pull_orders import pull_orders
from hub.jobs.push_stock import push_stock
from hub.jobs.sweep import sweep
from hub.jobs.take_inbox import take_inbox
from hub.kit.clock import now
from hub.kit.queue import wake_key
from hub.spec import Page, RetryLaterError
from hub.store.checks import Verdict, run_checks
from tests.builders import line, order
from tests.fake_channel import FakeChannel, FakeHub, message_of

TOLD = """SELECT p.stopped_at IS NULL, p.confirmed_version = p.version FROM publications p
JOIN channels c ON c.id = p.channel_id WHERE c.slug = :slug ORDER BY p.listing_id"""


class OnlyTold(FakeChannel):
    fetch_orders: Any = None


async def close(hub: FakeHub, slug: str = "shop") -> None:
    await close_channel(hub.ctx, slug, actor="ada", at=now())


async def reopen(hub: FakeHub) -> None:
    await reopen_channel(hub.ctx, "shop", actor="ada", at=now())


async def pull(hub: FakeHub) -> None:
    await pull_orders(hub.ctx, hub.rows["shop"].id)


async def push(hub: FakeHub, slug: str = "shop") -> list[tuple[str, int]]:
    """What the channel was told now."""
    before = len(hub.channels[slug].pushed)
    await push_stock(hub.ctx, hub.rows[slug].id)
    return hub.channels[slug].pushed[before:]


async def test_nothing_waits_to_be_told_and_what_moves_marks_nothing(hub: FakeHub) -> None:
    await close(hub)
    await hub.arrive(order("1", line("MUG", 3)), slug="other")
    assert await push(hub) == []
    assert await hub.query(TOLD, slug="shop") == [(False, True), (False, True)]


async def test_closed_twice_is_closed_once(hub: FakeHub) -> None:
    await close(hub)
    await close(hub)
    assert await hub.query("SELECT kind, actor FROM events WHERE kind LIKE 'channel%'") == [
        ("channel closed", "ada")
    ]


async def test_opened_again_every_number_is_told_as_it_is_now(hub: FakeHub) -> None:
    await push(hub)
    await close(hub)
    await reopen(hub)
    await reopen(hub)
    await pull(hub)
    assert sorted(await push(hub)) == [("MUG", 10), ("TEA", 10)]
    assert await hub.query("SELECT count(*) FROM events WHERE kind = 'channel opened'") == [(1,)]


async def test_opened_again_nothing_is_told_before_all_it_sold_meanwhile_is_taken(hub: FakeHub) -> None:
    await push(hub)
    await close(hub)
    hub.channels["shop"].pages[None] = Page([message_of(order("1", line("MUG", 4)))], None, "end")
    await reopen(hub)
    told = [await push(hub)]
    await pull(hub)
    told.append(await push(hub))
    await take_inbox(hub.ctx, hub.rows["shop"].id)
    await pull(hub)
    assert [*told, sorted(await push(hub))] == [[], [], [("MUG", 6), ("TEA", 10)]]


async def test_a_pull_that_does_not_come_to_its_end_lets_nothing_be_told(hub: FakeHub) -> None:
    await close(hub)
    await reopen(hub)
    hub.channels["shop"].fails = RetryLaterError("no answer")
    await pull(hub)
    hub.channels["shop"].fails = None
    await hub.run("UPDATE channels SET paused_until = NULL")
    assert await push(hub) == []


async def test_opened_again_one_that_is_only_told_waits_for_nothing_and_the_sweep_sees_to_it(
    hub: FakeHub,
) -> None:
    kind: Any = hub.ctx.registry.kinds["shop"]
    kind.channel = hub.channels["shop"] = OnlyTold()
    await close(hub)
    await reopen(hub)
    await hub.ctx.bell.answered("pull_orders", hub.rows["shop"].id)
    await sweep(hub.ctx)
    assert await hub.ctx.bell.redis.exists(wake_key("pull_orders", hub.rows["shop"].id))
    await pull(hub)
    assert sorted(await push(hub)) == [("MUG", 10), ("TEA", 10)]


async def test_the_laws_hold_while_it_is_closed_and_when_it_is_open_again(hub: FakeHub) -> None:
    for switch in (close, reopen):
        await switch(hub)
        async with hub.ctx.db.transaction() as tx:
            found = await run_checks(tx, at=now(), late_s=60)
        assert [each.name for each in found if each.verdict is Verdict.BROKEN] == []


async def test_the_sweep_asks_a_closed_channel_nothing(hub: FakeHub) -> None:
    for slug in hub.rows:
        await close(hub, slug)
    await hub.run("UPDATE channels SET next_pull_at = now(), webhooks_at = now() - interval '1 day'")
    assert await sweep(hub.ctx) == 0


async def test_its_webhooks_are_removed_there_and_made_again_when_it_is_opened(hub: FakeHub) -> None:
    channel = hub.hears()
    await ensure_webhooks(hub.ctx, await hub.opened(), at=now())
    there = dict(channel.hooks)
    await close(hub)
    assert channel.hooks == {}
    await reopen(hub)
    assert channel.hooks == there != {}


async def test_one_that_does_not_answer_is_closed_and_says_what_is_left_to_do(hub: FakeHub) -> None:
    channel = hub.hears()
    await ensure_webhooks(hub.ctx, await hub.opened(), at=now())
    channel.fails = RetryLaterError("no answer")
    done = await close_channel(hub.ctx, "shop", actor="ada", at=now())
    assert (done.state, done.webhooks[0].ok, "delete them there" in done.webhooks[0].remedy) == (
        "closed",
        False,
        True,
    )
    channel.fails = None
    await close(hub)
    assert channel.hooks == {}

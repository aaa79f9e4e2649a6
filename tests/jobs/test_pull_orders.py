"""The poll is always on: a page and its cursor are kept together, and what one page brings stops no other."""

import asyncio
from collections.abc import Sequence

import pytest
from msgspec.structs import replace

from hub.jobs.pull_orders import pull_orders
from hub.jobs.sweep import sweep
from hub.jobs.take_inbox import take_inbox
from hub.model.incoming import IncomingOrder
from hub.spec import Message, Page, RetryLaterError
from tests.builders import line, order
from tests.fake_channel import FakeHub, message_of

ALLOCATED = "SELECT allocated FROM levels WHERE sku = 'MUG'"
CURSOR = "SELECT orders_cursor FROM channels WHERE slug = 'shop'"


def offer(hub: FakeHub, *pages: Sequence[IncomingOrder]) -> None:
    cursors: list[str | None] = [None, *(str(n) for n in range(1, len(pages)))]
    for n, orders in enumerate(pages):
        messages: list[Message] = [message_of(each) for each in orders]
        more = cursors[n + 1] if n + 1 < len(pages) else None
        hub.channels["shop"].pages[cursors[n]] = Page(messages, more, "end")


async def pull(hub: FakeHub) -> int:
    return await pull_orders(hub.ctx, hub.rows["shop"].id)


async def test_every_page_is_kept_and_the_cursor_ends_where_the_next_scan_begins(hub: FakeHub) -> None:
    offer(hub, [order("1"), order("2")], [order("3")])
    assert (await pull(hub), await hub.query(CURSOR)) == (3, [("end",)])


async def test_a_channel_that_had_nothing_yet_is_asked_from_its_beginning_again(hub: FakeHub) -> None:
    channel = hub.channels["shop"]
    channel.pages |= {None: Page([], "trash", None), "trash": Page([], None, None)}
    await pull(hub)
    offer(hub, [order("1")])
    assert (await pull(hub), channel.asked) == (1, [None, "trash", None])


async def test_a_crash_between_pages_repeats_and_never_skips(hub: FakeHub) -> None:
    offer(hub, [order("1")], [order("2")])
    channel = hub.channels["shop"]
    channel.dies_at = "1"
    with pytest.raises(asyncio.CancelledError):
        await pull(hub)
    channel.dies_at = ""
    assert await hub.query(CURSOR) == [("1",)]
    assert (await pull(hub), channel.asked) == (1, [None, "1", "1"])


async def test_a_channel_that_fails_in_the_middle_keeps_what_came_before(hub: FakeHub) -> None:
    offer(hub, [order("1")], [order("2")])
    channel = hub.channels["shop"]
    asked = channel.fetch_orders

    async def fail_on_the_second(cursor: str | None, **more: object) -> Page[Message]:
        channel.fails = RetryLaterError("down") if cursor else None
        return await asked(cursor, **more)  # type: ignore[arg-type]

    channel.fetch_orders = fail_on_the_second  # type: ignore[method-assign]
    await pull(hub)
    assert (await hub.query(CURSOR), await hub.query("SELECT count(*) FROM inbox")) == ([("1",)], [(1,)])


async def test_a_message_with_a_name_no_table_can_hold_costs_its_page_nothing(hub: FakeHub) -> None:
    offer(hub, [order("1"), replace(order("2"), channel_order_id="2\0"), order("3")])
    assert (await pull(hub), await take_inbox(hub.ctx, hub.rows["shop"].id)) == (2, 2)
    assert await hub.query("SELECT state, reason <> '' FROM inbox WHERE state <> 'taken'") == [
        ("parked", True)
    ]


async def test_c37_a_cancel_that_only_the_poll_brings_gives_the_stock_back(hub: FakeHub) -> None:
    offer(hub, [order("1", line("MUG", 3))])
    await pull(hub)
    await take_inbox(hub.ctx, hub.rows["shop"].id)
    promised = await hub.query(ALLOCATED)
    hub.channels["shop"].pages["end"] = Page([message_of(order("1", minute=1, canceled=True))], None, "end")
    await pull(hub)
    await take_inbox(hub.ctx, hub.rows["shop"].id)
    assert (promised, await hub.query(ALLOCATED)) == ([(3,)], [(0,)])
    assert await hub.query("SELECT canceled_at IS NOT NULL FROM orders") == [(True,)]


async def test_pulls_at_once_ask_the_channel_once(hub: FakeHub) -> None:
    offer(hub, [order("1")])
    hub.channels["shop"].pages["end"] = Page([], None, "end")
    assert sum(await asyncio.gather(*(pull(hub) for _ in range(6)))) == 1


async def test_the_sweep_rings_for_a_poll_that_is_due(hub: FakeHub) -> None:
    await hub.run("UPDATE channels SET next_pull_at = now() - interval '1 minute'")
    await hub.run("UPDATE publications SET sent_version = version, confirmed_version = version")
    await hub.ctx.bell.redis.flushall()
    assert await sweep(hub.ctx) == 2


async def test_orders_are_heard_of_until_the_moment_a_pull_of_all_pages_began(hub: FakeHub) -> None:
    offer(hub, [order("1")], [order("2")])
    hub.channels["shop"].dies_at = "1"
    with pytest.raises(asyncio.CancelledError):
        await pull(hub)
    heard = "SELECT pulled_at, next_pull_at > now() FROM channels WHERE slug = 'shop'"
    assert await hub.query(heard) == [(None, True)]
    hub.channels["shop"].dies_at = ""
    await pull(hub)
    came = "(SELECT max(received_at) FROM inbox)"
    assert await hub.query(f"SELECT pulled_at < {came} FROM channels WHERE slug = 'shop'") == [(True,)]

"""Nothing empties a channel without a person: what is drastic and not sold waits, everything else goes on (L12)."""

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime
from functools import partial
from pathlib import Path

import pytest
from redis.asyncio import Redis

from hub.flows.stock.adjust_stock import Adjustment, adjust_stock
from hub.flows.sync.hold_back import approve, dismiss, hold_back, set_limits
from hub.jobs.push_stock import push_stock
from hub.jobs.sweep import sweep
from hub.jobs.take_inbox import take_inbox
from hub.kit.clock import now
from hub.kit.ids import uuid7
from hub.model.sync.seatbelt import Limits
from hub.spec import OutcomeState
from hub.store.checks import run_checks
from hub.store.db import Database
from hub.store.publications import open_publications
from hub.store.sync.suspended import list_suspended
from tests.builders import MAIN, line, order
from tests.fake_channel import FakeHub, open_fake_hub

GOODS = [f"SKU-{number:02}" for number in range(40)]
NOTICES = "SELECT title FROM notices ORDER BY at"


@pytest.fixture
async def hub(database: Database, valkey: Redis, valkey_url: str, tmp_path: Path) -> AsyncIterator[FakeHub]:
    """Forty goods on one channel, ten of each, and all of them told."""
    del valkey
    stock = dict.fromkeys(GOODS, 10)
    async with open_fake_hub(database, valkey_url, tmp_path, stock, slugs=("shop",)) as opened:
        await push(opened)
        yield opened


async def push(hub: FakeHub) -> dict[str, int]:
    """Push what is due, and return what the shop was told now."""
    before = len(hub.channels["shop"].pushed)
    await push_stock(hub.ctx, hub.rows["shop"].id)
    return dict(hub.channels["shop"].pushed[before:])


async def add(hub: FakeHub, change: int, *skus: str) -> None:
    async with hub.ctx.db.transaction() as tx:
        what = [Adjustment(sku, MAIN, change, "import", str(uuid7())) for sku in skus]
        await adjust_stock(tx, what, actor="a", at=now())


async def suspended(hub: FakeHub) -> list[str]:
    async with hub.ctx.db.transaction() as tx:
        return sorted(each.sku for each in await list_suspended(tx, limit=100))


async def decide(hub: FakeHub, *, yes: bool, until: datetime | None = None) -> int:
    at = now()
    async with hub.ctx.db.transaction() as tx:
        if yes:
            return await approve(tx, hub.rows["shop"].id, until=until or at, actor="ada", at=at)
        return await dismiss(tx, hub.rows["shop"].id, until=until or at, actor="ada", at=at)


async def test_c24_a_broken_import_of_zeros_does_not_empty_the_shop(hub: FakeHub) -> None:
    await add(hub, -10, *GOODS[:30])
    assert await push(hub) == {}
    assert set(hub.channels["shop"].shown.values()) == {10}
    assert await suspended(hub) == GOODS[:30]
    assert await hub.query(NOTICES) == [
        ("shop: 30 of 40 listings would change at once, 30 of them to 0; they wait for a person",)
    ]


async def test_c24_zeros_that_come_in_small_pieces_do_not_empty_it_either(hub: FakeHub) -> None:
    for start in range(0, 40, 4):
        await add(hub, -10, *GOODS[start : start + 4])
        await push(hub)
    shown = list(hub.channels["shop"].shown.values())
    assert (shown.count(0), shown.count(10)) == (8, 32)


async def test_an_answer_to_an_older_number_ends_no_wait_of_a_newer_one(hub: FakeHub) -> None:
    async def break_it() -> None:
        await add(hub, -9, GOODS[0])
        await add(hub, -10, *GOODS[1:])
        async with hub.ctx.db.transaction() as tx:
            await hold_back(tx, hub.rows["shop"].id, slug="shop", url="", at=now())

    hub.channels["shop"].during = break_it
    await add(hub, -1, GOODS[0])
    assert await push(hub) == {GOODS[0]: 9}
    assert await hub.query("SELECT count(*), count(DISTINCT suspended_at) FROM publications") == [(40, 1)]


async def test_an_answer_to_an_older_number_ends_no_approval_of_a_newer_one(hub: FakeHub) -> None:
    channel = hub.channels["shop"]

    async def break_it_and_approve() -> None:
        channel.during = partial(asyncio.sleep, 0)
        await add(hub, -9, GOODS[0])
        await add(hub, -10, *GOODS[1:])
        async with hub.ctx.db.transaction() as tx:
            await hold_back(tx, hub.rows["shop"].id, slug="shop", url="", at=now())
        await decide(hub, yes=True)

    channel.during = break_it_and_approve
    await add(hub, -1, GOODS[0])
    told = await push(hub)
    assert (told, await suspended(hub)) == (dict.fromkeys(GOODS, 0), [])


@pytest.fixture
async def joined(
    database: Database, valkey: Redis, valkey_url: str, tmp_path: Path
) -> AsyncIterator[FakeHub]:
    """Forty goods, thirty of them sold out in the books, on a shop that was never told; it shows five of each."""
    del valkey
    stock = {sku: 0 if place < 30 else 10 for place, sku in enumerate(GOODS)}
    async with open_fake_hub(database, valkey_url, tmp_path, stock, slugs=("shop",)) as opened:
        await opened.run("UPDATE skus SET counted_at = now()")
        async with opened.ctx.db.transaction() as tx:
            await open_publications(tx, GOODS, at=now())
        opened.channels["shop"].shown = {f"listing-{sku}": 5 for sku in GOODS}
        yield opened


async def test_the_first_numbers_of_a_shop_do_not_empty_what_it_is_read_to_show(joined: FakeHub) -> None:
    assert await push(joined) == dict.fromkeys(GOODS[30:], 10)
    assert (await suspended(joined), joined.channels["shop"].shown["listing-SKU-00"]) == (GOODS[:30], 5)


async def test_a_first_number_that_is_there_already_waits_for_nobody(joined: FakeHub) -> None:
    joined.channels["shop"].shown |= {f"listing-{sku}": 0 for sku in GOODS[:30]}
    assert len(await push(joined)) == 40
    assert await suspended(joined) == []


async def test_first_numbers_of_a_shop_that_cannot_be_read_wait_where_they_may_empty_it(
    joined: FakeHub,
) -> None:
    joined.writes_only()
    assert await push(joined) == dict.fromkeys(GOODS[30:], 10)
    async with joined.ctx.db.transaction() as tx:
        assert {each.shows for each in await list_suspended(tx, limit=100)} == {None}
    await decide(joined, yes=True)
    assert await push(joined) == dict.fromkeys(GOODS[:30], 0)


async def test_a_shop_is_read_once_before_it_is_told_for_the_first_time(joined: FakeHub) -> None:
    joined.channels["shop"].shown.clear()
    await push(joined)
    await push(joined)
    assert sorted(joined.channels["shop"].read) == [f"listing-{sku}" for sku in GOODS]


async def test_a_sell_out_goes_through_at_once_while_a_broken_import_waits(hub: FakeHub) -> None:
    await add(hub, -10, *GOODS[:30])
    await hub.arrive(order("1", line(GOODS[35], 10)))
    await take_inbox(hub.ctx, hub.rows["shop"].id)
    assert await push(hub) == {GOODS[35]: 0}


async def test_a_real_sale_of_all_there_is_waits_for_nobody(hub: FakeHub) -> None:
    await hub.arrive(order("1", *(line(sku, 10) for sku in GOODS)))
    await take_inbox(hub.ctx, hub.rows["shop"].id)
    assert await push(hub) == dict.fromkeys(GOODS, 0)


async def test_few_that_go_to_none_wait_for_nobody(hub: FakeHub) -> None:
    await add(hub, -10, *GOODS[:8])
    assert await push(hub) == dict.fromkeys(GOODS[:8], 0)


async def test_numbers_a_hundredfold_wait_too_and_small_changes_beside_them_go(hub: FakeHub) -> None:
    await add(hub, 990, *GOODS[:20])
    await add(hub, 1, GOODS[30])
    assert (await push(hub), len(await suspended(hub))) == ({GOODS[30]: 11}, 20)


async def test_what_a_person_approves_is_told_as_it_is_then(hub: FakeHub) -> None:
    await add(hub, -10, *GOODS[:30])
    await push(hub)
    await add(hub, 3, GOODS[0])
    assert await decide(hub, yes=True) == 30
    assert await push(hub) == {GOODS[0]: 3} | dict.fromkeys(GOODS[1:30], 0)
    assert (await suspended(hub), await push(hub)) == ([], {})


async def test_what_was_suspended_after_a_person_looked_is_not_approved_with_it(hub: FakeHub) -> None:
    await add(hub, -10, *GOODS[:20])
    await push(hub)
    looked = now()
    await add(hub, -10, *GOODS[20:30])
    await push(hub)
    assert await decide(hub, yes=True, until=looked) == 20
    await push(hub)
    assert await suspended(hub) == GOODS[20:30]


async def test_what_a_person_dismisses_stays_as_it_is_and_is_asked_about_once(hub: FakeHub) -> None:
    await add(hub, -10, *GOODS[:30])
    await push(hub)
    await decide(hub, yes=False)
    await add(hub, 1, GOODS[0])
    await add(hub, -1, GOODS[0])
    assert (await push(hub), len(await hub.query(NOTICES))) == ({}, 1)
    assert len(await suspended(hub)) == 30


async def test_a_number_put_right_is_told_by_itself(hub: FakeHub) -> None:
    await add(hub, -10, *GOODS[:30])
    await push(hub)
    await add(hub, 8, *GOODS[:30])
    assert await push(hub) == dict.fromkeys(GOODS[:30], 8)
    assert await suspended(hub) == []


async def test_limits_are_those_of_the_channel(hub: FakeHub) -> None:
    async with hub.ctx.db.transaction() as tx:
        await set_limits(tx, hub.rows["shop"].id, Limits(few=2, share_percent=2), actor="a", at=now())
    await add(hub, -10, *GOODS[:2])
    assert (await push(hub), await suspended(hub)) == ({}, GOODS[:2])


async def test_who_waits_for_a_person_is_neither_late_nor_rung_for(hub: FakeHub) -> None:
    await add(hub, -10, *GOODS[:30])
    await push(hub)
    await hub.run(
        "UPDATE publications SET dirty_since = now() - interval '1 day' WHERE suspended_at IS NOT NULL"
    )
    await hub.run("UPDATE channels SET next_pull_at = now() + interval '1 hour'")
    assert await sweep(hub.ctx) == 0
    async with hub.ctx.db.transaction() as tx:
        assert [each.name for each in await run_checks(tx, at=now(), late_s=60) if each.rows] == []


def unsure(hub: FakeHub) -> None:
    """The shop takes nothing, and does not say so."""
    hub.channels["shop"].answer, hub.channels["shop"].applies = lambda _: OutcomeState.UNKNOWN, False


async def test_what_was_let_go_and_is_not_told_yet_counts_however_long_ago(hub: FakeHub) -> None:
    unsure(hub)
    for start in range(0, 40, 4):
        await add(hub, -10, *GOODS[start : start + 4])
        await push(hub)
        ago = ", ".join(f"{each} = {each} - interval '1 hour'" for each in ("allowed_at", "jumped_at"))
        await hub.run(f"UPDATE publications SET {ago}")
    assert len(await suspended(hub)) == 32


async def test_what_was_let_go_is_one_number_and_no_other(hub: FakeHub) -> None:
    unsure(hub)
    await add(hub, -10, *GOODS[:8])
    await push(hub)
    hub.channels["shop"].answer = lambda _: OutcomeState.APPLIED
    await add(hub, 500, *GOODS[:8])
    await add(hub, -10, *GOODS[8:20])
    assert (await push(hub), await suspended(hub)) == ({}, GOODS[:20])


async def test_what_a_person_approved_is_told_though_its_number_moves_before(hub: FakeHub) -> None:
    await add(hub, -10, *GOODS[:30])
    await push(hub)
    await decide(hub, yes=True)
    unsure(hub)
    await push(hub)
    hub.channels["shop"].answer = lambda _: OutcomeState.APPLIED
    await add(hub, 500, *GOODS[:30])
    assert await push(hub) == dict.fromkeys(GOODS[:30], 500)


async def test_a_number_that_moved_on_keeps_no_one_from_being_asked_about_others(hub: FakeHub) -> None:
    await add(hub, -10, *GOODS[:30])
    await push(hub)
    hub.channels["shop"].answer = lambda _: OutcomeState.REJECTED
    await add(hub, 8, *GOODS[:30])
    await push(hub)
    await add(hub, -10, *GOODS[30:])
    await push(hub)
    assert len(await hub.query(NOTICES)) == 2

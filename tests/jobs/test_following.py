"""Exporters and observers follow what is committed: each thing at least once, in order, whoever else has trouble."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from hub.channels.context import HubContext
from hub.channels.followers import add_follower, switch_follower
from hub.channels.intake import take_or_park
from hub.channels.registry import Registry
from hub.jobs import tell_observer as observing
from hub.jobs.push_stock import push_stock
from hub.jobs.run_exporter import Exported, run_exporter
from hub.jobs.settled import settled_event
from hub.jobs.sweep import sweep
from hub.jobs.tell_observer import BUG_TRIES, tell_observer
from hub.kit.clock import now
from hub.spec import Event, Export, Probe, RejectedError, RetryLaterError, Settings
from hub.store.db import undone
from hub.store.events import Event as Said
from hub.store.events import add_events
from hub.store.followers import FollowerRow, Role, follower_by_id, follower_health
from tests.builders import order
from tests.fake_channel import FakeHub


class Owl:
    """Watches and writes; `fails` is raised while it is set, after `good` more calls."""

    kind = "owl"
    title = "Owl"
    config_type = Settings

    def __init__(self) -> None:
        self.seen: list[Event] = []
        self.written: dict[str, Export] = {}
        self.fails: BaseException | None = None
        self.good = 0

    def open(self, http: object, config: Any) -> "Owl":
        del http, config
        return self

    async def check(self) -> list[Probe]:
        return []

    async def observe(self, event: Event) -> None:
        self._fail()
        self.seen.append(event)

    async def write(self, export: Export) -> None:
        self._fail()
        self.written[export.key] = export

    def _fail(self) -> None:
        self.good -= 1
        if self.fails is not None and self.good < 0:
            raise self.fails


class Tree:
    """A hub with one owl in it."""

    def __init__(self, hub: FakeHub) -> None:
        self.hub, self.owl = hub, Owl()
        registry = Registry(hub.ctx.registry.kinds, exporters={"owl": self.owl}, observers={"owl": self.owl})
        self.ctx: HubContext = replace(hub.ctx, registry=registry)

    async def add(self, role: Role, slug: str = "erp", *topics: str) -> FollowerRow:
        return await add_follower(
            self.ctx, role, kind="owl", slug=slug, settings={}, topics=topics, from_start=True
        )

    async def take(self, *ids: str, minute: int = 0) -> None:
        await self.hub.arrive(*(order(each, minute=minute) for each in ids))
        await take_or_park(self.ctx, await self.hub.opened(), at=now())

    async def watch(self, row: FollowerRow) -> int:
        return await tell_observer(self.ctx, row.id)

    async def export(self, row: FollowerRow) -> Exported:
        return await run_exporter(self.ctx, row.id)

    async def begin_anew(self, row: FollowerRow) -> None:
        """Nothing that is past counts."""
        await (self.watch if row.role is Role.OBSERVER else self.export)(row)
        self.owl.seen.clear()
        self.owl.written.clear()

    async def told(self) -> list[str]:
        """The channel's ids of the orders that were seen."""
        rows = await self.hub.query("SELECT number, channel_order_id FROM orders")
        ids = {number: str(channel_order_id) for number, channel_order_id in rows}
        return [ids[each.order_number] for each in self.owl.seen]

    def orders(self) -> list[str]:
        return [each.channel_order_id for export in self.owl.written.values() for each in export.orders]

    def skus(self) -> list[tuple[str, int, int]]:
        levels = [each for export in self.owl.written.values() for each in export.levels]
        return [(each.sku, each.on_hand, each.allocated) for each in levels]


@pytest.fixture
def tree(hub: FakeHub) -> Tree:
    return Tree(hub)


async def test_an_observer_is_told_what_was_committed_once_and_in_order(tree: Tree):
    row = await tree.add(Role.OBSERVER, "erp", "order.taken")
    await tree.take("1", "2")
    assert (await tree.watch(row), await tree.watch(row)) == (2, 0)
    first, second = tree.owl.seen
    assert (first.topic, first.channel, first.facts["lines"]) == ("order.taken", "shop", 1)
    assert (await tree.told(), second.id > first.id) == (["1", "2"], True)


async def test_an_observer_hears_which_numbers_a_channel_took_and_without_one_nothing_is_kept(tree: Tree):
    channel = (await tree.hub.opened()).row
    await push_stock(tree.ctx, channel.id)
    assert await tree.hub.query("SELECT count(*) FROM events WHERE kind = 'stock published'") == [(0,)]
    row = await tree.add(Role.OBSERVER, "erp", "channel.stock_published")
    await tree.take("1")
    await push_stock(tree.ctx, channel.id)
    await tree.watch(row)
    [event] = tree.owl.seen
    assert (event.channel, event.facts["listings"], event.facts["applied"]) == ("shop", {"listing-MUG": 9}, 1)


async def test_only_the_topics_that_were_asked_for_are_told(tree: Tree):
    row = await tree.add(Role.OBSERVER, "erp", "order.canceled")
    await tree.take("1")
    assert (await tree.watch(row), tree.owl.seen) == (0, [])


async def test_after_trouble_it_goes_on_where_it_was_and_nothing_is_lost(tree: Tree):
    row = await tree.add(Role.OBSERVER, "erp", "order.taken")
    await tree.take("1", "2", "3")
    tree.owl.fails, tree.owl.good = RetryLaterError("not now"), 1
    assert (await tree.watch(row), await tree.told()) == (1, ["1"])
    tree.owl.fails = None
    assert (await tree.watch(row), await tree.told()) == (2, ["1", "2", "3"])


async def test_an_observer_in_trouble_costs_the_others_nothing(tree: Tree):
    bad, good = await tree.add(Role.OBSERVER, "bad"), await tree.add(Role.OBSERVER, "good", "order.taken")
    await tree.take("1")
    tree.owl.fails = ZeroDivisionError()
    await tree.watch(bad)
    tree.owl.fails = None
    assert await tree.watch(good) == 1
    async with tree.ctx.db.transaction() as tx:
        problems = [(each.slug, each.problem) for each in await follower_health(tx, Role.OBSERVER)]
    assert problems == [
        ("bad", "the observer failed with ZeroDivisionError: report it to its author"),
        ("good", ""),
    ]


async def test_a_refused_event_is_passed_over_and_counted(tree: Tree):
    row = await tree.add(Role.OBSERVER, "erp", "order.taken")
    await tree.take("1")
    tree.owl.fails = RejectedError("no such thing")
    await tree.watch(row)
    tree.owl.fails = None
    await tree.take("2")
    assert (await tree.watch(row), await tree.told()) == (1, ["2"])
    async with tree.ctx.db.transaction() as tx:
        assert [each.passed_over for each in await follower_health(tx, Role.OBSERVER)] == [1]


async def test_an_event_that_an_observer_always_fails_on_keeps_no_other_from_it(tree: Tree):
    row = await tree.add(Role.OBSERVER, "erp", "order.taken")
    await tree.take("1")
    tree.owl.fails = KeyError("customs")
    for _ in range(BUG_TRIES):
        await tree.watch(row)
    tree.owl.fails = None
    await tree.take("2")
    assert (await tree.watch(row), await tree.told()) == (1, ["2"])


async def test_an_observer_that_fails_to_open_loses_no_event_by_that(
    tree: Tree, monkeypatch: pytest.MonkeyPatch
):
    row = await tree.add(Role.OBSERVER, "erp", "order.taken")
    await tree.take("1")
    with monkeypatch.context() as broken:
        broken.setattr(tree.owl, "open", [].pop)
        for _ in range(BUG_TRIES):
            await tree.watch(row)
    assert (await tree.watch(row), await tree.told()) == (1, ["1"])


async def test_a_slow_observer_is_remembered_where_it_was(tree: Tree, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(observing, "SLICE_S", 0.0)
    row = await tree.add(Role.OBSERVER, "erp", "order.taken")
    await tree.take("1", "2", "3")
    assert (await tree.watch(row), await tree.told()) == (3, ["1", "2", "3"])


async def test_an_event_that_is_committed_late_is_not_passed_by(tree: Tree):
    row = await tree.add(Role.OBSERVER, "erp", "grouped", "shelved")
    async with tree.ctx.db.transaction() as slow:
        await add_events(slow, [Said("grouped", "test")], at=now())
        async with tree.ctx.db.transaction() as quick:
            await add_events(quick, [Said("shelved", "test")], at=now())
        watching = asyncio.create_task(tree.watch(row))
        await asyncio.sleep(0.1)
        assert tree.owl.seen == []
    assert (await watching, [each.topic for each in tree.owl.seen]) == (2, ["grouped", "shelved"])


async def test_what_is_rolled_back_holds_nobody_up(tree: Tree):
    async with tree.ctx.db.transaction() as tx, undone(tx):
        await add_events(tx, [Said("shelved", "test")], at=now())
    await tree.take("1")
    assert await settled_event(tree.ctx.db) == (await tree.hub.query("SELECT max(id) FROM events"))[0][0]


async def test_a_paused_observer_hears_later_what_it_missed(tree: Tree):
    row = await tree.add(Role.OBSERVER, "erp", "order.taken")
    await switch_follower(tree.ctx, row, state="paused")
    await tree.take("1")
    assert await tree.watch(row) == 0
    await switch_follower(tree.ctx, row, state="active")
    assert await tree.watch(row) == 1


async def test_an_exporter_writes_all_there_is_and_then_what_changes(tree: Tree):
    row = await tree.add(Role.EXPORTER)
    await tree.take("1", "2")
    assert await tree.export(row) == Exported(2, 2)
    assert (tree.orders(), tree.skus()) == (["1", "2"], [("MUG", 10, 2), ("TEA", 10, 0)])
    tree.owl.written.clear()
    await tree.take("3")
    await tree.export(row)
    assert (tree.orders(), tree.skus()[0]) == (["3"], ("MUG", 10, 3))


async def test_a_killed_run_goes_on_at_the_batch_it_was_in(tree: Tree):
    row = await tree.add(Role.EXPORTER)
    await tree.take("1")
    tree.owl.fails, tree.owl.good = asyncio.CancelledError(), 1
    with pytest.raises(asyncio.CancelledError):
        await tree.export(row)
    tree.owl.fails = None
    assert await tree.export(row) == Exported(0, 2)
    assert [*tree.owl.written] == ["orders-000000000000", "stock-00000001-0001"]


async def test_a_batch_that_could_not_be_written_comes_again_under_its_key_with_what_came_since(tree: Tree):
    row = await tree.add(Role.EXPORTER)
    await tree.take("1")
    tree.owl.fails = RetryLaterError("the disk is full")
    assert (await tree.export(row)).problem == "the disk is full"
    tree.owl.fails = None
    await tree.take("2")
    assert await tree.export(row) == Exported(2, 2)
    assert (len(tree.owl.written), tree.orders()) == (2, ["1", "2"])


async def test_runs_at_once_write_each_batch_once(tree: Tree):
    row = await tree.add(Role.EXPORTER)
    await tree.take("1")
    done = await asyncio.gather(*(tree.export(row) for _ in range(3)))
    assert sum(each.orders for each in done) == 1


async def test_the_sweep_rings_for_who_is_behind_and_for_no_one_else(tree: Tree):
    row = await tree.add(Role.OBSERVER)
    await tree.take("1")
    await tree.begin_anew(row)
    quiet = await sweep(tree.ctx)
    await tree.take("2")
    assert await sweep(tree.ctx) == quiet + 1


async def test_one_that_fails_waits_longer_each_time(tree: Tree):
    row = await tree.add(Role.OBSERVER, "erp", "order.taken")
    await tree.take("1")
    tree.owl.fails = RetryLaterError("not now")
    for wait_s in (10, 20, 40):
        before = now()
        await tree.watch(row)
        async with tree.ctx.db.transaction() as tx:
            now_row = await follower_by_id(tx, row.id)
        assert now_row is not None
        assert now_row.next_at is not None
        assert before <= now_row.next_at - timedelta(seconds=wait_s) <= now()

"""A notice is told once to everybody who wants to hear it; what cannot be told waits, and nothing waits for it."""

import asyncio
from typing import Any

import pytest
from msgspec.structs import replace

from hub.channels.context import HubContext
from hub.channels.notifiers import add_notifier
from hub.channels.registry import Registry
from hub.flows.post_notices import NewNotice, post_notices
from hub.jobs.keep_time import keep_time
from hub.jobs.sweep import sweep
from hub.jobs.take_inbox import take_inbox
from hub.jobs.tell_notices import RETRIES_S, tell_notices
from hub.kit.clock import now
from hub.spec import Notice, Probe, RejectedError, RetryLaterError, Settings, Severity
from hub.store.notices import NotifierRow, notifier_health
from tests.builders import NOON, order
from tests.fake_channel import FakeHub

STANDING = "SELECT state, reason FROM tellings ORDER BY notice_id"
AGAIN_NOW = "UPDATE tellings SET next_try_at = now() - interval '5 seconds'"


class Pigeon:
    """Carries notices; `fails` is raised while it is set."""

    kind = "pigeon"
    title = "Pigeon"
    config_type = Settings

    def __init__(self) -> None:
        self.told: list[Notice] = []
        self.fails: Exception | None = None

    def open(self, http: object, mail: object, config: Any) -> "Pigeon":
        del http, mail, config
        return self

    async def check(self) -> list[Probe]:
        return []

    async def notify(self, notice: Notice) -> None:
        if self.fails is not None:
            raise self.fails
        self.told.append(notice)


class Loft:
    """A hub with one pigeon and any number of people it flies to."""

    def __init__(self, hub: FakeHub) -> None:
        self.hub, self.pigeon = hub, Pigeon()
        registry = Registry(hub.ctx.registry.kinds, {"pigeon": self.pigeon})
        self.ctx: HubContext = replace(hub.ctx, registry=registry)

    async def add(self, slug: str, least: str = "info") -> NotifierRow:
        return await add_notifier(self.ctx, kind="pigeon", slug=slug, settings={}, least=least)

    async def post(self, *keys: str, severity: Severity = Severity.WARNING) -> int:
        """Return how many notifiers are to be rung."""
        new = [NewNotice(key, "stock.late", severity, f"{key} is late", "Look there") for key in keys]
        async with self.ctx.db.transaction() as tx:
            return len(await post_notices(tx, new, at=now()))

    async def tell(self, row: NotifierRow) -> int:
        return await tell_notices(self.ctx, row.id)

    def heard(self) -> list[str]:
        return [each.title for each in self.pigeon.told]


@pytest.fixture
def loft(hub: FakeHub) -> Loft:
    return Loft(hub)


async def test_a_notice_is_told_once_however_often_it_is_posted(loft: Loft) -> None:
    owner = await loft.add("owner")
    assert (await loft.post("mug", "mug"), await loft.post("mug", "tea")) == (1, 1)
    assert (await loft.tell(owner), await loft.tell(owner)) == (2, 0)
    assert loft.heard() == ["mug is late", "tea is late"]


async def test_each_hears_only_what_is_grave_enough_for_them(loft: Loft) -> None:
    owner, clerk = await loft.add("owner", "critical"), await loft.add("clerk", "warning")
    await loft.post("mug", severity=Severity.WARNING)
    await loft.post("tea", severity=Severity.INFO)
    assert (await loft.tell(owner), await loft.tell(clerk), loft.heard()) == (0, 1, ["mug is late"])


async def test_what_cannot_be_told_now_waits_and_is_told_later(loft: Loft) -> None:
    owner = await loft.add("owner")
    await loft.post("mug", "tea")
    loft.pigeon.fails = RetryLaterError("the wind is against it")
    assert await loft.tell(owner) == 0
    assert await loft.hub.query(STANDING) == [("waiting", "the wind is against it")] * 2
    loft.pigeon.fails = None
    assert await loft.tell(owner) == 0  # not due yet
    await loft.hub.run(AGAIN_NOW)
    assert await loft.tell(owner) == 2


async def test_what_is_refused_for_good_fails_alone(loft: Loft) -> None:
    owner = await loft.add("owner")
    await loft.post("mug")
    loft.pigeon.fails = RejectedError("no such roof")
    await loft.tell(owner)
    loft.pigeon.fails = None
    await loft.post("tea")
    await loft.tell(owner)
    assert await loft.hub.query(STANDING) == [("failed", "no such roof"), ("told", "")]


async def test_after_the_last_try_it_has_failed(loft: Loft) -> None:
    owner = await loft.add("owner")
    await loft.post("mug")
    loft.pigeon.fails = ZeroDivisionError()
    for _ in range(len(RETRIES_S) + 1):
        await loft.hub.run(AGAIN_NOW)
        await loft.tell(owner)
    reason = "the notifier failed with ZeroDivisionError: report it to its author"
    assert await loft.hub.query(STANDING) == [("failed", reason)]


async def test_the_problem_of_a_notifier_is_its_last_one_and_ends_when_it_works(loft: Loft) -> None:
    owner = await loft.add("owner")
    await loft.post("mug")
    loft.pigeon.fails = RetryLaterError("the wind is against it")
    await loft.tell(owner)
    async with loft.ctx.db.transaction() as tx:
        assert [(each.problem, each.waiting) for each in await notifier_health(tx)] == [
            ("the wind is against it", 1)
        ]
    loft.pigeon.fails = None
    await loft.hub.run(AGAIN_NOW)
    await loft.tell(owner)
    async with loft.ctx.db.transaction() as tx:
        assert [(each.problem, each.waiting) for each in await notifier_health(tx)] == [("", 0)]


async def test_tellers_at_once_tell_each_notice_once(loft: Loft) -> None:
    owner = await loft.add("owner")
    await loft.post(*map(str, range(50)))
    assert sum(await asyncio.gather(*(loft.tell(owner) for _ in range(4)))) == 50
    assert len(set(loft.heard())) == 50


async def test_the_sweep_rings_for_a_notice_that_lost_its_ring(loft: Loft) -> None:
    await loft.add("owner")
    await loft.post("mug")
    await loft.hub.run(AGAIN_NOW)
    await loft.hub.run("UPDATE channels SET next_pull_at = now() + interval '1 hour'")
    await loft.hub.run("UPDATE publications SET sent_version = version, confirmed_version = version")
    assert await sweep(loft.ctx) == 1


async def test_an_order_that_is_late_rings_its_notifiers_by_a_look_of_its_own(loft: Loft) -> None:
    await loft.add("owner")
    await loft.hub.arrive(order("1", ship_by=NOON))
    await take_inbox(loft.ctx, loft.hub.rows["shop"].id)
    await sweep(loft.ctx)
    assert [await keep_time(loft.ctx) for _ in range(2)] == [1, 0]

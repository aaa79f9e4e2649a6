"""The worker looks at stock that moved, and every notifier is told once, whoever dies between."""

import asyncio

import pytest

from hub.channels.notifiers import ring_notifiers
from hub.flows.stock import watch_stock as flow
from hub.jobs.sweep import sweep
from hub.jobs.watch_stock import watch_stock
from hub.kit.clock import now
from tests.builders import MAIN
from tests.fake_channel import FakeHub
from tests.jobs.test_tell_notices import AGAIN_NOW, Loft

EMPTY = f"""INSERT INTO movements (id, sku, location, kind, on_hand_change, cause, cause_id, order_line_id, at)
SELECT gen_random_uuid(), sku, '{MAIN}', 'shipment', -10, 'test', '1', gen_random_uuid(), now() FROM skus"""


class KilledError(Exception):
    """The worker dies here."""


@pytest.fixture
def loft(hub: FakeHub) -> Loft:
    return Loft(hub)


async def empty_shelves(loft: Loft) -> None:
    await loft.hub.run(EMPTY)
    await loft.hub.run("UPDATE levels SET on_hand = 0")


async def killed_in_its_look(loft: Loft) -> None:
    async with loft.ctx.db.transaction() as tx:
        await flow.watch_stock(tx, at=now())
        raise KilledError


async def test_a_look_rings_whoever_is_to_be_told_and_they_are_told_once(loft: Loft) -> None:
    owner = await loft.add("owner")
    await empty_shelves(loft)
    looks = [await watch_stock(loft.ctx) for _ in range(3)]
    assert [(each.opened, set(each.notifiers)) for each in looks] == [(2, {owner.id}), (0, set()), (0, set())]
    assert (await loft.tell(owner), loft.heard()) == (1, ["2 SKUs are out of stock"])


async def test_lookers_at_once_open_and_tell_each_alarm_once(loft: Loft) -> None:
    owner = await loft.add("owner")
    await empty_shelves(loft)
    await asyncio.gather(*(watch_stock(loft.ctx) for _ in range(6)))
    assert await loft.hub.query("SELECT count(*) FROM alarms") == [(2,)]
    assert (await loft.tell(owner), loft.heard()) == (1, ["2 SKUs are out of stock"])


async def test_a_worker_that_is_killed_in_its_look_leaves_nothing_half_and_the_next_one_tells_it(
    loft: Loft,
) -> None:
    owner = await loft.add("owner")
    await empty_shelves(loft)
    with pytest.raises(KilledError):
        await killed_in_its_look(loft)
    assert await loft.hub.query("SELECT (SELECT count(*) FROM alarms), (SELECT count(*) FROM notices)") == [
        (0, 0)
    ]
    await watch_stock(loft.ctx)
    assert (await loft.tell(owner), loft.heard()) == (1, ["2 SKUs are out of stock"])


async def test_a_worker_that_is_killed_before_it_rings_is_made_up_for_by_the_sweep(loft: Loft) -> None:
    owner = await loft.add("owner")
    await empty_shelves(loft)
    async with loft.ctx.db.transaction() as tx:
        await flow.watch_stock(tx, at=now())
    await loft.hub.run(AGAIN_NOW)
    await loft.hub.run("UPDATE channels SET next_pull_at = now() + interval '1 hour'")
    await loft.hub.run("UPDATE publications SET sent_version = version, confirmed_version = version")
    assert (await sweep(loft.ctx), (await watch_stock(loft.ctx)).opened) == (1, 0)
    assert (await loft.tell(owner), await loft.tell(owner)) == (1, 0)


async def test_the_notice_says_what_to_do_and_leads_to_the_page(loft: Loft) -> None:
    owner = await loft.add("owner")
    await empty_shelves(loft)
    await watch_stock(loft.ctx)
    await loft.tell(owner)
    (notice,) = loft.pigeon.told
    assert (notice.topic, notice.link) == ("stock.alarms", f"{loft.ctx.config.url}/alarms")
    assert notice.text.splitlines() == [
        "Out of stock: buy it, or sell ahead of stock.",
        "MUG (Mug): nothing left",
        "TEA (Tea): nothing left",
    ]


async def test_a_notifier_that_joins_later_is_not_told_what_was_told(loft: Loft) -> None:
    await empty_shelves(loft)
    await watch_stock(loft.ctx)
    late = await loft.add("late")
    await ring_notifiers(loft.ctx, set((await watch_stock(loft.ctx)).notifiers))
    assert await loft.tell(late) == 0

"""Webhooks are looked after every hour: what a channel switched off is on again, and people see that it was (C72)."""

from hub.channels.webhooks import SWITCHED_OFF, ensure_webhooks
from hub.jobs.keep_webhooks import keep_webhooks
from hub.jobs.sweep import sweep
from hub.kit.clock import now
from hub.spec import RejectedError
from tests.fake_channel import FakeHub, HearingChannel

COUNTED = "SELECT name, count FROM counters"
AN_HOUR_AGO = (
    "UPDATE channels SET webhooks_at = now() - interval '61 minutes', next_pull_at = now() + interval '1 day'"
)


async def hearing(hub: FakeHub) -> HearingChannel:
    channel = hub.hears()
    await ensure_webhooks(hub.ctx, await hub.opened(), at=now())
    return channel


async def keep(hub: FakeHub) -> int:
    return await keep_webhooks(hub.ctx, hub.rows["shop"].id)


async def test_c72_webhooks_the_channel_disabled_are_revived_and_counted_once(hub: FakeHub) -> None:
    channel = await hearing(hub)
    channel.hooks = dict.fromkeys(channel.hooks, False)
    assert [await keep(hub), await keep(hub)] == [1, 0]
    assert (set(channel.hooks.values()), await hub.query(COUNTED)) == ({True}, [(SWITCHED_OFF, 1)])


async def test_the_sweep_rings_where_webhooks_were_asked_for_and_nobody_looked_for_an_hour(
    hub: FakeHub,
) -> None:
    await hearing(hub)
    asked = "UPDATE channels SET next_pull_at = now() + interval '1 day'"
    await hub.run(asked)
    before = await sweep(hub.ctx)
    await hub.run(f"{AN_HOUR_AGO} WHERE webhooks_at IS NOT NULL")
    assert await sweep(hub.ctx) == before + 1


async def test_a_refusal_costs_the_channel_its_webhooks_and_not_its_orders(hub: FakeHub) -> None:
    channel = await hearing(hub)
    channel.fails = RejectedError("no permission for webhooks")
    await keep(hub)
    [(problem, failures)] = await hub.query(
        "SELECT webhooks_problem, failures FROM channels WHERE slug = 'shop'"
    )
    assert (problem, failures) == ("webhooks: no permission for webhooks", 0)

"""Channels that are one account at the other side share its limits; those with one login stand and fall together."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from redis.asyncio import Redis

from connectors.woocommerce.connector import WooCommerce, WooCommerceConfig
from hub.channels.accounts import keys_of
from hub.channels.health import watched
from hub.channels.joining import reconnect
from hub.channels.opening import add_channel, channel_of, find_channel, line_of, set_channel
from hub.jobs.sweep import sweep
from hub.model.errors import InputError, StaleError
from hub.spec import Account, ChannelConfig, Reply, Secret
from hub.spec.transport import raise_for_status
from hub.store.channels import ChannelRow
from hub.store.db import Database
from tests.builders import VAULT
from tests.fake_channel import FakeConnector, FakeHub, open_fake_hub

ONE = {"base_url": "https://one.example", "key": "k1"}


class Config(ChannelConfig, frozen=True, forbid_unknown_fields=True):
    key: Secret = Secret("")


class Naming(FakeConnector):
    config_type: type[ChannelConfig] = Config

    def account_of(self, config: Config) -> Account:
        return Account(limits=config.base_url, login=config.key.value)


@pytest.fixture
async def hub(database: Database, valkey: Redis, valkey_url: str, tmp_path: Path) -> AsyncIterator[FakeHub]:
    """Two tills of one login, one more of the same account with a login of its own, and one that nobody knows."""
    del valkey
    async with open_fake_hub(database, valkey_url, tmp_path, {}, slugs=("other",)) as opened:
        kinds: Any = opened.ctx.registry.kinds
        kinds["till"] = Naming("till")
        settings = {"a": ONE, "b": ONE, "c": ONE | {"key": "k2"}, "d": {}}
        for slug, given in settings.items():
            opened.rows[slug] = await add_channel(
                opened.ctx, kind="till", slug=slug, name=slug, settings=given
            )
        yield opened


async def budget_of(hub: FakeHub, slug: str) -> str:
    opened = await hub.opened(slug)
    line = line_of(opened.connector, opened.config, opened.keys, opened.row)
    return line.limits or line.account


async def stopped(hub: FakeHub) -> list[object]:
    found = await hub.query("SELECT name FROM accounts WHERE state = 'needs login' ORDER BY name")
    return [name for (name,) in found]


async def refuse(hub: FakeHub, slug: str) -> None:
    await refuse_late(hub, await find_channel(hub.ctx, slug))


async def refuse_late(hub: FakeHub, row: ChannelRow) -> None:
    """Whatever was set since its row was read."""
    async with watched(hub.ctx, row, "push_stock"):
        raise_for_status(Reply(401, {}, b""), "GET /orders")


async def test_channels_of_one_account_have_one_budget_and_others_their_own(hub: FakeHub):
    a, b, c, d, other = [await budget_of(hub, each) for each in ("a", "b", "c", "d", "other")]
    assert (a == b == c, len({a, d, other})) == (True, 3)
    assert (d, other) == (str(hub.rows["d"].account_id), str(hub.rows["other"].account_id))


async def test_refused_credentials_stop_every_channel_that_has_them(hub: FakeHub):
    await refuse(hub, "a")
    assert await stopped(hub) == ["a", "b"]
    assert await hub.query("SELECT slug FROM channels WHERE problem <> '' ORDER BY slug") == [("a",), ("b",)]
    await refuse(hub, "d")
    assert await stopped(hub) == ["a", "b", "d"]


async def test_what_a_good_login_may_not_do_stops_only_the_channel_that_asked(hub: FakeHub):
    async with watched(hub.ctx, hub.rows["b"], "push_stock"):
        raise_for_status(Reply(403, {}, b""), "GET /orders")
    assert await stopped(hub) == ["b"]


async def test_a_login_that_is_refused_late_stops_those_that_have_it_still(hub: FakeHub):
    for slug in ("a", "c"):
        await set_channel(hub.ctx, hub.rows[slug], {"key": "k3"})
    await refuse_late(hub, hub.rows["a"])
    assert await stopped(hub) == ["b"]


async def test_a_new_login_lets_those_go_on_that_have_it(hub: FakeHub):
    await refuse(hub, "a")
    await set_channel(hub.ctx, hub.rows["a"], {"key": "k3"})
    await reconnect(hub.ctx, await find_channel(hub.ctx, "a"))
    assert await stopped(hub) == ["b"]
    await set_channel(hub.ctx, hub.rows["b"], {"key": "k3"})
    await refuse(hub, "a")
    await reconnect(hub.ctx, await find_channel(hub.ctx, "b"))
    assert await stopped(hub) == []


async def test_a_channel_joined_before_gets_its_keys_with_the_next_sweep(hub: FakeHub):
    held = await hub.query("SELECT limits_key, login_key FROM accounts ORDER BY name")
    await hub.run("UPDATE accounts SET limits_key = NULL, login_key = NULL")
    await sweep(hub.ctx)
    assert await hub.query("SELECT limits_key, login_key FROM accounts ORDER BY name") == held
    opened = await channel_of(hub.ctx, hub.rows["a"].id)
    assert opened is not None
    assert opened.row.keys == opened.keys


async def told_to_slow_down(hub: FakeHub, slug: str) -> None:
    async with watched(hub.ctx, await find_channel(hub.ctx, slug), "pull_orders"):
        raise_for_status(Reply(429, {"retry-after": "100"}, b""), "GET /orders")


async def waits(hub: FakeHub) -> dict[object, int]:
    """In how many seconds each may be called again, to the nearest ten."""
    found = await hub.query(
        "SELECT slug, (round(extract(epoch FROM paused_until - now()) / 10) * 10)::int FROM channels"
        " WHERE paused_until IS NOT NULL"
    )
    return {slug: wait for slug, wait in found if isinstance(wait, int)}


async def test_a_429_is_for_all_and_who_heard_it_tries_first(hub: FakeHub):
    await told_to_slow_down(hub, "b")
    assert await waits(hub) == {"b": 100, "a": 130, "c": 160}
    async with watched(hub.ctx, await find_channel(hub.ctx, "b"), "pull_orders"):
        pass
    assert await waits(hub) == {}


async def test_what_is_wrong_with_one_alone_is_nobody_elses_and_stays(hub: FakeHub):
    async with watched(hub.ctx, hub.rows["a"], "pull_orders"):
        raise_for_status(Reply(503, {"retry-after": "50"}, b""), "GET /orders")
    assert await waits(hub) == {"a": 50}
    await told_to_slow_down(hub, "b")
    async with watched(hub.ctx, await find_channel(hub.ctx, "b"), "pull_orders"):
        pass
    assert (await waits(hub)).keys() == {"a"}


async def test_the_test_of_one_leaves_the_others_their_rest(hub: FakeHub):
    await told_to_slow_down(hub, "a")
    await reconnect(hub.ctx, await find_channel(hub.ctx, "b"))
    assert await waits(hub) == {"a": 100, "c": 160}


async def test_two_changes_of_ours_that_meet_are_no_trouble_of_the_channel(hub: FakeHub):
    error = StaleError("two changes waited for each other")
    with pytest.raises(StaleError):
        async with watched(hub.ctx, hub.rows["a"], "take_inbox"):
            raise error
    assert await waits(hub) == {}
    assert await hub.query("SELECT slug FROM channels WHERE problem <> ''") == []


def test_whose_account_cannot_be_told_is_refused_with_what_to_do():
    with pytest.raises(InputError, match=r"woocommerce connector .*\(ValueError\): check the channel's"):
        keys_of(VAULT, WooCommerce(), WooCommerceConfig(base_url="https://[shop"))

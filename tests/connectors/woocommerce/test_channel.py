"""A channel lists what it offers, keeps its webhooks alive, and tells one broken connection from another."""

import msgspec
import pytest

from connectors.woocommerce import register_connectors
from connectors.woocommerce.connector import WooCommerce, WooCommerceConfig
from hub.spec import (
    ChannelListing,
    Connector,
    FetchesOrders,
    ListsListings,
    Probe,
    PushesStock,
    ReadsStock,
    ReceivesWebhooks,
    Reply,
)
from hub.spec.testing import SimItem
from tests.connectors.woocommerce.shop_http import HTTP, SIX, shop_of, timeout, woo_error

HUB = "https://hub.test/in/7"
INDEX = Reply(200, {}, b'{"namespace":"wc/v3"}')


def verdicts(probes: list[Probe]) -> dict[str, bool]:
    return {probe.name: probe.ok for probe in probes}


def test_the_kind_registers_itself():
    kinds: list[Connector] = []
    register_connectors(kinds.append)
    assert [kind.manifest.kind for kind in kinds] == ["woocommerce"]


@pytest.mark.parametrize(
    "capability", [FetchesOrders, ListsListings, PushesStock, ReadsStock, ReceivesWebhooks]
)
def test_an_open_shop_has_every_capability_declared(capability):
    assert isinstance(shop_of()[2], capability)


def test_the_config_is_read_from_json_and_shows_no_secret():
    raw = b'{"base_url":"https://shop.test","consumer_key":{"value":"ck_9"},"webhook_secret":{"value":"w9"}}'
    config = msgspec.json.decode(raw, type=WooCommerceConfig)
    assert (config.consumer_key.value, config.webhook_secret.value) == ("ck_9", "w9")
    assert "ck_9" not in repr(config)


def test_every_setting_explains_itself():
    fields = msgspec.json.schema(WooCommerceConfig)["$defs"]["WooCommerceConfig"]["properties"]
    assert [name for name, field in fields.items() if "description" not in field] == []


def test_the_simulators_settings_are_the_configs_fields():
    names = {field.name for field in msgspec.structs.fields(WooCommerceConfig)}
    assert set(shop_of()[0].settings(HTTP)) == names


async def all_listings(items: list[SimItem]) -> list[ChannelListing]:
    _, _, channel = shop_of(items)
    listings, cursor = [], None
    while True:
        page = await channel.list_listings(cursor)
        listings += page.items
        cursor = page.next_cursor
        if cursor is None:
            return listings


@pytest.mark.parametrize("count", [0, 1, 6, 260])
async def test_everything_offered_is_listed_once(count):
    items = [SimItem(f"SKU-{n}", f"Thing {n}", SIX[0].price, n) for n in range(count)]
    listed = await all_listings(items)
    assert sorted(one.channel_sku for one in listed) == sorted(item.sku for item in items)
    assert len({one.channel_listing_id for one in listed}) == count


async def test_variations_are_listed_under_their_product():
    listed = {one.channel_sku: one for one in await all_listings(list(SIX))}
    assert listed["SKU-0"] == ChannelListing("11", "SKU-0", "Thing 0", 50)
    assert listed["SKU-4"] == ChannelListing("15/17", "SKU-4", "Thing 3 - Thing 4", 50)


async def test_the_barcode_of_a_listing_is_its_global_unique_id():
    items = [SimItem(f"SKU-{n}", "Thing", SIX[0].price, 1, f"400638133393{n}") for n in range(4)]
    listed = await all_listings(items)
    assert {one.channel_sku: one.barcode for one in listed} == {each.sku: each.barcode for each in items}


async def test_two_listings_with_one_sku_stay_two():
    _, http, channel = shop_of()
    http.replies = [Reply(200, {}, b'[{"id":1,"sku":"MUG"},{"id":2,"sku":"MUG"},{"id":3,"type":"external"}]')]
    page = await channel.list_listings(None)
    assert [one.channel_listing_id for one in page.items] == ["1", "2"]


async def test_missing_webhooks_are_created_once():
    _, http, channel = shop_of()
    first = await channel.ensure_webhooks(HUB)
    http.asked.clear()
    second = await channel.ensure_webhooks(HUB)
    assert [probe.detail for probe in (*first, *second)] == ["created"] * 4 + ["active"] * 4
    assert [call.method for call in http.asked] == ["GET"]


async def test_a_webhook_the_shop_disabled_is_revived():
    _, http, channel = shop_of()
    await channel.ensure_webhooks(HUB)
    await set_status(channel, http, "disabled")
    (revived, *_), again = await channel.ensure_webhooks(HUB), await channel.ensure_webhooks(HUB)
    assert revived.detail.startswith("revived")
    assert {probe.detail for probe in again} == {"active"}


async def test_a_webhook_a_person_paused_is_reported_and_left_alone():
    _, http, channel = shop_of()
    await channel.ensure_webhooks(HUB)
    await set_status(channel, http, "paused")
    probe = (await channel.ensure_webhooks(HUB))[0]
    assert (probe.ok, probe.detail) == (False, "paused by a person")
    assert "set it to Active" in probe.remedy


async def set_status(channel, http, status):
    """Change the first webhook the channel made."""
    hooks = msgspec.json.decode((await channel._api.get("/webhooks", {"order": "asc"})).body)
    reply = await channel._api.call("PUT", f"/webhooks/{hooks[0]['id']}", payload={"status": status})
    assert reply.status == 200
    http.asked.clear()


async def test_webhooks_for_another_address_are_not_ours():
    _, _, channel = shop_of()
    await channel.ensure_webhooks("https://other.test/in")
    assert {probe.detail for probe in await channel.ensure_webhooks(HUB)} == {"created"}


async def test_a_good_connection_passes_every_probe():
    _, _, channel = shop_of()
    assert verdicts(await channel.check()) == {
        "address": True,
        "key": True,
        "read orders": True,
        "write stock": True,
        "refunds": True,
        "webhooks": True,
    }


async def test_a_check_writes_nothing():
    shop, _, channel = shop_of()
    before = shop.stock()
    await channel.check()
    assert (shop.stock(), shop.take_deliveries()) == (before, [])


@pytest.mark.parametrize("reply", [Reply(404, {}, b"<html>"), Reply(200, {}, b"<html>"), timeout()])
async def test_a_wrong_address_is_told_from_a_wrong_key(reply):
    _, http, channel = shop_of()
    http.replies = [reply]
    (probe,) = await channel.check()
    assert (probe.name, probe.ok) == ("address", False)
    assert probe.remedy


async def test_a_shop_that_moved_says_where_to():
    _, http, channel = shop_of()
    http.replies = [Reply(301, {"location": "https://www.shop.test/wp-json/wc/v3?oauth_nonce=1"}, b"")]
    (probe,) = await channel.check()
    assert (probe.ok, probe.remedy) == (False, "use https://www.shop.test")


async def test_a_wrong_key_is_told_by_both_permissions_failing():
    _, http, channel = shop_of()
    http.replies = [INDEX, woo_error(401, "x"), woo_error(401, "x")]
    probes = await channel.check()
    assert verdicts(probes) == {"address": True, "key": False}
    assert "make a new Read/Write key" in probes[1].remedy


async def test_a_key_that_may_only_read_is_told_by_its_failing_write():
    _, http, channel = shop_of()
    http.replies = [INDEX, None, woo_error(401, "woocommerce_rest_authentication_error")]
    probes = {probe.name: probe for probe in await channel.check()}
    assert (probes["key"].ok, probes["read orders"].ok, probes["write stock"].ok) == (True, True, False)
    assert "Read/Write" in probes["write stock"].remedy


async def test_disabled_webhooks_are_noticed():
    _, http, channel = shop_of()
    await channel.ensure_webhooks(HUB)
    await set_status(channel, http, "disabled")
    probe = (await channel.check())[-1]
    assert (probe.name, probe.ok) == ("webhooks", False)
    assert "order.created" in probe.detail


def test_one_kind_serves_many_shops_at_once():
    kind, (_, one, _), (_, two, _) = WooCommerce(), shop_of(), shop_of()
    assert kind.open(one, WooCommerceConfig()) is not kind.open(two, WooCommerceConfig())

"""Another process can do to a simulated channel whatever this one can, and people can look at it."""

from decimal import Decimal
from typing import Any

import pytest

from hub.model.errors import InputError
from hub.model.incoming import Person
from hub.sim.faults import FaultPlan
from hub.sim.find import find_simulator
from hub.sim.remote import RemoteSim
from hub.sim.serve import serve
from tests.sim.fake_shop import ADA, GOODS, FakeShop

pytestmark = pytest.mark.anyio
EVIL = FaultPlan(call_broken=1)


async def test_a_sale_from_outside_takes_stock_and_sends_its_webhook(client, shop, receiver):
    async with serve([shop]) as [sim]:
        remote = RemoteSim(client, sim.url)
        assert await remote.sell({"MUG": 2}, ADA) == "1"
        state = await remote.settle()
    assert (state.stock["MUG"], state.orders, state.webhooks.delivered) == (998, 1, 1)
    assert receiver.news == ["1 sold"]


async def test_a_sale_the_channel_refuses_is_no_order(client):
    async with serve([FakeShop()]) as [sim]:
        remote = RemoteSim(client, sim.url)
        assert await remote.sell({"LAMP": 2}, ADA) is None
        state = await remote.state()
    assert (state.sold, state.refused, state.orders) == (0, 1, 0)


async def test_a_cancellation_from_outside_reaches_the_channel(client):
    shop = FakeShop()
    async with serve([shop]) as [sim]:
        remote = RemoteSim(client, sim.url)
        await remote.sell({"MUG": 2}, ADA)
        await remote.cancel("1")
        assert (shop.canceled, (await remote.state()).canceled) == (["1"], 1)


async def test_money_and_goods_can_come_back_from_outside(client):
    till: Any = find_simulator("square")(GOODS)
    async with serve([till]) as [sim]:
        sold = await RemoteSim(client, sim.url).sell({"MUG": 2}, ADA)
        asked: dict[str, Any] = {"refund": {"amount": "1.00"}, "return": {"units": {"line1": 1}}}
        answers = [
            await client.post(f"{sim.url}/_sim/{what}", json={"channel_order_id": sold, **more})
            for what, more in asked.items()
        ]
    assert [each.status_code for each in answers] == [200, 200]
    assert till.written(str(sold)).refunded == Decimal("13.90")


async def test_stock_can_be_tampered_with_without_a_sale(client):
    async with serve([FakeShop()]) as [sim]:
        remote = RemoteSim(client, sim.url)
        await remote.set_stock({"MUG": 7})
        state = await remote.state()
    assert (state.stock["MUG"], state.orders) == (7, 0)


async def test_faults_can_be_changed_while_it_runs_and_never_touch_the_control(client):
    async with serve([FakeShop()]) as [sim]:
        remote = RemoteSim(client, sim.url)
        await remote.set_faults(EVIL)
        assert (await client.get(f"{sim.url}/stock")).status_code == 500
        assert (await remote.state()).faults == EVIL


async def test_settings_and_orders_can_be_read_from_outside(client):
    async with serve([FakeShop()]) as [sim]:
        remote = RemoteSim(client, sim.url)
        await remote.sell({"MUG": 1}, ADA)
        assert (await remote.settings(), await remote.order_ids()) == ({"base_url": sim.url}, ["1"])


async def test_a_sale_without_a_buyer_has_somebody_made_up(client):
    async with serve([FakeShop()]) as [sim]:
        reply = await client.post(f"{sim.url}/_sim/sell", json={"basket": {"MUG": 1}})
        assert reply.json() == {"channel_order_id": "1"}


async def test_an_unknown_sku_or_order_is_refused_in_words(client):
    shop = FakeShop()
    async with serve([shop]) as [sim]:
        remote = RemoteSim(client, sim.url)
        with pytest.raises(InputError, match="does not sell CUP"):
            await remote.sell({"CUP": 1, "MUG": 1}, ADA)
        with pytest.raises(InputError, match="has no order '9'"):
            await remote.cancel("9")
    assert (shop.levels["MUG"], shop.baskets) == (1000, {})


@pytest.mark.parametrize("body", [b"", b"[]", b'{"basket": {}}', b'{"basket": {"MUG": 0}}', b'{"basket'])
async def test_what_cannot_be_read_is_refused_and_changes_nothing(client, body):
    shop = FakeShop()
    async with serve([shop]) as [sim]:
        reply = await client.post(f"{sim.url}/_sim/sell", content=body)
        assert (reply.status_code, bool(reply.json()["problem"]), shop.baskets) == (422, True, {})


async def test_an_unknown_control_names_the_known_ones(client):
    async with serve([FakeShop()]) as [sim]:
        reply = await client.get(f"{sim.url}/_sim/buy")
        assert (reply.status_code, "POST /_sim/sell" in reply.json()["problem"]) == (404, True)


async def test_a_path_that_only_begins_alike_is_the_channels_own(client):
    shop = FakeShop()
    async with serve([shop]) as [sim]:
        await client.get(f"{sim.url}/_simple")
    assert [request.path for request in shop.requests] == ["/_simple"]


@pytest.mark.parametrize("path", ["/_sim", "/_sim/"])
async def test_the_page_shows_stock_and_sales_and_escapes_names(client, path):
    async with serve([FakeShop()]) as [sim]:
        await sim.sell({"MUG": 2}, ADA)
        await sim.sell({"LAMP": 2}, Person(name="Bo"))
        page = (await client.get(sim.url + path)).text
    assert "<span>MUG</span><b>998</b>" in page
    assert "Ada &lt;b&gt;Lovelace&lt;/b&gt;" in page
    assert "2 × LAMP" in page
    assert '<span class="gone">refused</span>' in page

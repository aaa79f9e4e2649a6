"""A simulated channel behaves as its profile says: quirks of its own, a quota, a clock that can be moved on."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from hub.channels.registry import load_registry
from hub.channels.transport import Line, Outside, Transport
from hub.model.errors import InputError, NotFoundError
from hub.sim.certify import Wish, certify, subject_of
from hub.sim.faults import FaultPlan
from hub.sim.find import find_simulator, make
from hub.sim.profiles import NAMED, behavior_of, played_by, profile_of
from hub.sim.remote import RemoteSim
from hub.sim.serve import serve
from hub.sim.server import SimServer
from hub.spec import RetryLaterError
from hub.spec.config import read_settings, write_settings
from hub.spec.testing import PlaysProfile, Profile, SimItem
from tests.sim.corner import Corner
from tests.sim.fake_shop import ADA, FakeShop
from tests.sim.test_kit import GOODS

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def plain(items: Sequence[SimItem], profile: Profile | None = None, /) -> FakeShop:
    del profile
    return FakeShop(items)


@pytest.mark.parametrize("name", sorted(NAMED))
def test_every_named_profile_can_be_played_by_a_channel_of_the_kit(name: str):
    plain = Corner(GOODS)
    profile = profile_of(plain, behavior_of([name], {}).quirks)
    assert make(Corner, GOODS, profile).kind == "corner"
    assert NAMED[name].about


def test_later_profiles_and_single_quirks_lie_over_earlier_ones():
    behavior = behavior_of(["gaps", "storm"], {"page_max": "7", "refused_skus": "A,B"})
    profile = profile_of(Corner(GOODS), behavior.quirks)
    assert profile == Profile(page_max=7, empty_pages=True, refused_skus=("A", "B"))
    assert behavior.faults == NAMED["storm"].faults


@pytest.mark.parametrize(
    ("quirks", "words"),
    [
        ({"paging_max": "3"}, "no quirk 'paging_max'"),
        ({"page_max": "0"}, "page_max"),
        ({"lag_s": "soon"}, "lag_s"),
    ],
)
def test_a_quirk_that_is_none_or_does_not_fit_is_refused_by_name(quirks: dict[str, str], words: str):
    with pytest.raises(InputError, match=words):
        profile_of(Corner(GOODS), quirks)


def test_an_unknown_profile_is_refused_with_the_known_ones():
    with pytest.raises(NotFoundError, match=r"'stormy': choose one of calm, storm"):
        behavior_of(["stormy"], {})


def test_a_simulator_without_quirks_refuses_to_be_turned():
    with pytest.raises(InputError, match="does not play page_max; it plays: nothing"):
        make(plain, GOODS, Profile(page_max=3))


@pytest.mark.anyio
async def test_beyond_its_quota_a_channel_says_when_the_next_window_opens(client):
    shop = Corner(GOODS, Profile(calls_max=2, calls_window_s=30))
    async with serve([shop], clock=lambda: NOON) as [sim]:
        replies = [await client.get(f"{sim.url}/orders") for _ in range(3)]
        assert [each.status_code for each in replies] == [200, 200, 429]
        assert replies[2].headers["retry-after"] == "30"
        sim.travel(30)
        assert (await client.get(f"{sim.url}/orders")).status_code == 200


@pytest.mark.anyio
async def test_a_write_that_is_carried_out_may_be_answered_with_an_error(client):
    shop = FakeShop()
    async with serve([shop], faults=FaultPlan(call_wrote=1)) as [sim]:
        reply = await client.put(f"{sim.url}/stock", json={"MUG": 3})
        assert (reply.status_code, shop.levels["MUG"], sim.state().calls) == (500, 3, {"wrote": 1})


@pytest.mark.anyio
async def test_time_moved_on_from_outside_brings_the_sales_of_a_till_offline(client):
    shop = Corner(GOODS, Profile(offline_s=3600))
    async with serve([shop]) as [sim]:
        remote = RemoteSim(client, sim.url)
        await remote.sell({"MUG": 1}, ADA)
        before = (await client.get(f"{sim.url}/orders")).json()["ids"]
        state = await remote.travel(3601)
        after = (await client.get(f"{sim.url}/orders")).json()["ids"]
    assert (before, after, state.ahead_s, state.profile) == ([], ["1001"], 3601, shop.profile)


@pytest.mark.parametrize("kind", ["square", "woocommerce"])
def test_the_built_in_channels_play_all_profiles_but_what_their_api_cannot_do(kind: str):
    simulator = find_simulator(kind)(GOODS)
    assert isinstance(simulator, PlaysProfile)
    assert set(NAMED) - set(played_by(simulator.plays)) == ({"gaps"} if kind == "woocommerce" else set())


@pytest.mark.parametrize("kind", ["square", "woocommerce"])
@pytest.mark.parametrize("rule", ["paging/offline-till", "reading/lagging", "stock/refused-listing"])
@pytest.mark.anyio
async def test_the_connector_of_a_built_in_channel_bears_with_its_quirks(kind: str, rule: str):
    certificate = await certify(subject_of(kind), Wish(only=rule))
    assert [each.outcome for each in certificate.verdicts] == ["kept"]


@pytest.mark.anyio
@pytest.mark.parametrize("kind", ["square", "woocommerce"])
async def test_a_built_in_channel_says_no_beyond_its_quota_until_time_moves_on(client, kind: str):
    simulator = make(find_simulator(kind), GOODS, turned(kind, "tight", calls_window_s="600"))
    async with serve([simulator]) as [sim]:
        channel = opened(client, kind, sim)
        for _ in range(5):
            await channel.fetch_orders(None, until=sim.now())
        with pytest.raises(RetryLaterError) as refused:
            await channel.fetch_orders(None, until=sim.now())
        sim.travel(600)
        await channel.fetch_orders(None, until=sim.now())
    assert 0 < (refused.value.after_s or 0) <= 600


@pytest.mark.anyio
@pytest.mark.parametrize("kind", ["square", "woocommerce"])
async def test_a_built_in_channel_hears_of_a_sale_made_offline_when_time_has_moved_on(client, kind: str):
    simulator = make(find_simulator(kind), GOODS, turned(kind, "offline"))
    async with serve([simulator]) as [sim]:
        channel = opened(client, kind, sim)
        await sim.sell({"MUG": 1}, ADA)
        before = await channel.fetch_orders(None, until=sim.now())
        sim.travel(3601)
        after = await channel.fetch_orders(None, until=sim.now())
    assert (len(before.items), len(after.items)) == (0, 1)


def turned(kind: str, profile: str, **quirks: str) -> Profile | None:
    return profile_of(find_simulator(kind)(GOODS), behavior_of([profile], quirks).quirks)


def opened(client: httpx.AsyncClient, kind: str, sim: SimServer) -> Any:
    """By its connector, through the hub's own transport."""
    connector = load_registry().connector(kind)
    raw = write_settings(connector.config_type, sim.settings())
    http = Transport(Outside(client), sim.url, Line(patient=False))
    return connector.open(http, read_settings(connector.config_type, raw))

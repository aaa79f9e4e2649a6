"""A till with 120 shops, over real HTTP: each of them is listed, for people and for programs (C31)."""

import asyncio
from collections.abc import Iterator
from threading import Event, Thread

import pytest
from typing_extensions import override

from connectors.square.simulator import SquareSimulator
from hub.sim.serve import serve
from hub.spec.testing import SimCall, SimReply, sim_json
from tests.cli.conftest import Hub, sets

COUNT = 120


class Chain(SquareSimulator):
    """A seller with many shops."""

    @override
    def _list_locations(self, call: SimCall) -> SimReply:
        names = [(f"L{number:03}", f"Shop {number}") for number in range(COUNT)]
        return sim_json({"locations": [self._location(*each) for each in names]})


@pytest.fixture
def till(hub: Hub) -> Iterator[Hub]:
    """A hub joined to the chain as `till`, and a location of ours with the name of one of its shops."""
    chain, urls, ready, done = Chain([]), [], Event(), Event()

    async def stay() -> None:
        async with serve([chain]) as (sim,):
            urls.append(sim.url)
            ready.set()
            await asyncio.to_thread(done.wait)

    thread = Thread(target=asyncio.run, args=[stay()])
    thread.start()
    ready.wait(10)
    settings = [f"{name}={value}" for name, value in chain.settings(urls[0]).items()]
    assert hub("channel", "add", "square", "till", *sets(*settings)).code == 0
    hub("location", "add", "kiosk", "Shop 7")
    yield hub
    done.set()
    thread.join()


def test_each_of_120_places_is_listed_with_its_id_and_ours(till: Hub):
    items = till("channel", "locations", "till", "--json").items
    assert [each["channel_location_id"] for each in items] == [f"L{number:03}" for number in range(COUNT)]
    assert [each["name"] for each in items if each["ours"] == "kiosk"] == ["Shop 7"]
    assert till("channel", "locations", "till").out.count("Shop ") == COUNT


def test_a_kind_without_places_says_so(hub: Hub):
    hub("channel", "add", "manual", "phone")
    said = hub("channel", "locations", "phone")
    assert (said.code, "has no list of its places" in said.error) == (1, True)

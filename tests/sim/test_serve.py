"""A kind of channel is simulated by its name alone: the hub knows none of them."""

import asyncio
import importlib

import httpx
import pytest

from hub.model.errors import InputError, NotFoundError
from hub.sim.find import find_simulator, simulated_kinds
from hub.sim.load import LoadPlan
from hub.sim.profiles import behavior_of
from hub.sim.serve import run_sim
from tests.sim.fake_shop import FakeShop

KIND = """
from hub.spec import hookimpl
from tests.fake_channel import FakeConnector

class Bird(FakeConnector):
    pass

@hookimpl
def register_connectors(register):
    register(Bird(__name__.rpartition(".")[2]))
"""


@pytest.fixture
def parrot(tmp_path, monkeypatch):
    """Put a connector of the kind `parrot` beside the others, and a `mute` one without a simulator."""
    for kind in ("parrot", "mute"):
        (tmp_path / kind).mkdir()
        (tmp_path / kind / "__init__.py").write_text(KIND)
    (tmp_path / "parrot" / "simulator.py").write_text(
        "from tests.sim.fake_shop import FakeShop as new_simulator\n"
    )
    connectors = importlib.import_module("connectors")
    monkeypatch.setattr(connectors, "__path__", [*connectors.__path__, str(tmp_path)])


@pytest.mark.usefixtures("parrot")
def test_a_connector_that_brings_a_simulator_is_found_by_its_kind():
    assert find_simulator("parrot") is FakeShop


@pytest.mark.usefixtures("parrot")
def test_a_connector_without_a_simulator_is_not_offered():
    assert ("parrot" in simulated_kinds(), "mute" in simulated_kinds()) == (True, False)


@pytest.mark.usefixtures("parrot")
def test_an_unknown_kind_is_refused_with_the_known_ones():
    with pytest.raises(NotFoundError, match=r"'dodo': choose one of .*parrot"):
        find_simulator("dodo")


@pytest.mark.anyio
@pytest.mark.usefixtures("parrot")
async def test_it_stays_up_until_it_is_canceled_and_customers_come(client):
    ready = asyncio.get_running_loop().create_future()
    task = asyncio.create_task(
        run_sim("parrot", load=LoadPlan(visits=5, per_minute=0), ready=ready.set_result)
    )
    async with asyncio.timeout(60):
        sim = await ready
        assert (await client.get(f"{sim.url}/stock")).is_success
        while sim.state().sold < 5:  # noqa: ASYNC110 -- customers ring nobody
            await asyncio.sleep(0.01)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert sim.state().sold == 5
    with pytest.raises(httpx.ConnectError):
        await client.get(sim.url)


@pytest.mark.anyio
@pytest.mark.usefixtures("parrot")
async def test_a_quirk_its_simulator_does_not_play_is_refused_by_name():
    with pytest.raises(InputError, match="of fake does not play page_max; it plays: nothing"):
        await run_sim("parrot", behavior=behavior_of([], {"page_max": "3"}))

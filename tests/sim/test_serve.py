"""A kind of channel is simulated by its name alone: the hub knows none of them."""

import asyncio
import importlib

import httpx
import pytest

from hub.model.errors import NotFoundError
from hub.sim.load import LoadPlan
from hub.sim.serve import find_simulator, run_sim, simulated_kinds
from tests.sim.fake_shop import FakeShop


@pytest.fixture
def parrot(tmp_path, monkeypatch):
    """Put a connector of the kind `parrot` beside the others."""
    (tmp_path / "parrot").mkdir()
    (tmp_path / "parrot" / "__init__.py").touch()
    source = "from tests.sim.fake_shop import FakeShop as new_simulator\n"
    (tmp_path / "parrot" / "simulator.py").write_text(source, encoding="utf-8")
    (tmp_path / "mute").mkdir()
    (tmp_path / "mute" / "__init__.py").touch()
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
    async with asyncio.timeout(5):
        sim = await ready
    assert (await client.get(f"{sim.url}/stock")).is_success
    await asyncio.sleep(0.1)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert sim.state().sold == 5
    with pytest.raises(httpx.ConnectError):
        await client.get(sim.url)

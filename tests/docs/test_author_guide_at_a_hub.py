"""The guide goes on at a hub that runs: the finished connector is joined, recorded, certified again, and in shadow."""

import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from string import Template

import httpx
import pytest

from tests.cli.conftest import Hub, Said, Simulated, hub, read_welcome
from tests.docs.steps import steps_of
from tests.docs.test_author_guide import GUIDE, ROOT, TEMPLATE, forget

__all__ = ["hub"]
AT_A_HUB = GUIDE[
    GUIDE.index("paste it, and the first order is on the desk") : GUIDE.index("## How it is found")
]
ENTRY_POINT = "[hub.connectors]\nbookstall = hub_bookstall\n"


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The connector to copy where the guide has it, and on the path with its entry point, as pip leaves it."""
    project = tmp_path / "hub-bookstall"
    shutil.copytree(TEMPLATE, project)
    metadata = project / "hub_bookstall-0.1.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: hub-bookstall\nVersion: 0.1.0\n")
    (metadata / "entry_points.txt").write_text(ENTRY_POINT)
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(project))
    forget("hub_bookstall")
    yield project
    forget("hub_bookstall")


@pytest.fixture
def market(installed: Path) -> Iterator[Simulated]:
    """In the third terminal of the guide, with one order."""
    command = [sys.executable, "-m", "hub", "sim", "up", "bookstall"]
    path = os.pathsep.join([str(installed), str(ROOT)])
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, env={**os.environ, "PYTHONPATH": path}
    ) as running:
        assert running.stdout is not None
        served = read_welcome(running.stdout)
        httpx.post(f"{served.url}/_sim/sell", json={"basket": {"MUG-BLUE": 2}}).raise_for_status()
        yield served
        running.terminate()


def test_the_steps_at_a_hub_lead_from_the_first_order_to_a_shop_out_of_its_shadow(
    hub: Hub, installed: Path, market: Simulated
):
    assert hub("channel", "add", "bookstall", "sim-bookstall", *market.settings).code == 0
    assert hub("channel", "pull", "sim-bookstall").code == 0
    said = {line: typed(hub, line, market) for step in steps_of(AT_A_HUB) for line in step.lines}
    assert [f"{line}: {each.error}" for line, each in said.items() if each.code] == []
    assert "sim-bookstall" in said["hub order list"].out
    assert list((installed / "hub_bookstall/recordings").iterdir()) != []
    assert "0 broken" in said["hub connector certify ./hub-bookstall --only recordings"].out
    assert "nothing is written" in said["hub channel shadow stall --on"].out


def typed(hub: Hub, line: str, market: Simulated) -> Said:
    """Sandbox and shop are the market; a fresh interpreter would know nothing of the modules of the line before."""
    pairs = dict(each.split("=", 1) for each in market.settings if "=" in each)
    named = {"SANDBOX": market.url, "STALL": market.url, "TOKEN": pairs["token"], "SECRET": pairs["secret"]}
    words = shlex.split(Template(line).substitute(named))
    forget("hub_bookstall")
    return hub(*words[1:])

"""An author sees what the connector makes of each order, and what a change of the code makes of it."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from hub.cli.connector.new import _plan, _write
from hub.model.errors import InputError
from hub.sim.workbench import workbench

pytestmark = pytest.mark.anyio


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Path]:
    """A fresh scaffold; what it imported is forgotten afterwards."""
    plan = _plan("parrotshop", "Parrot Shop", tmp_path, in_tree=False)
    _write(plan)
    paths = list(sys.path)
    yield plan.folder
    sys.path[:] = paths
    for name in [each for each in sys.modules if each.startswith("hub_parrotshop")]:
        del sys.modules[name]


def edit(file: Path, old: str, new: str) -> None:
    text = file.read_text()
    assert text.count(old) == 1
    file.write_text(text.replace(old, new))
    later = file.stat().st_mtime + 5
    os.utime(file, (later, later))


async def test_an_order_is_shown_with_what_the_hub_would_take(project: Path):
    async with workbench(str(project)) as bench:
        sold = await bench.sell()
        [seen] = await bench.poll()
        assert (seen.message.channel_order_id, seen.fields["currency"], seen.error) == (sold, "EUR", "")
        assert await bench.poll() == []


async def test_changed_code_is_loaded_anew_and_says_what_reads_differently(project: Path):
    async with workbench(str(project)) as bench:
        sold = await bench.sell()
        await bench.poll()
        assert not bench.has_changed()
        edit(project / "hub_parrotshop/translate.py", "channel_state=order.state", 'channel_state="new"')
        assert bench.has_changed()
        assert [(each.order_id, each.path, each.before, each.after) for each in bench.reload()] == [
            (sold, "channel_state", "open", "new")
        ]
        assert not bench.has_changed()


async def test_code_that_cannot_be_loaded_is_said_and_the_bench_goes_on_once_it_can(project: Path):
    file = project / "hub_parrotshop/translate.py"
    async with workbench(str(project)) as bench:
        await bench.sell()
        await bench.poll()
        edit(file, "def cut(", "def cut[(")
        with pytest.raises(InputError, match=r"cannot be imported: SyntaxError.*translate\.py"):
            bench.reload()
        edit(file, "def cut[(", "def cut(")
        assert bench.reload() == []


async def test_what_the_code_of_an_author_raises_is_shown_beside_the_order(project: Path):
    edit(project / "hub_parrotshop/translate.py", "channel_state=order.state", "channel_state=order.mood")
    async with workbench(str(project)) as bench:
        await bench.sell()
        [seen] = await bench.poll()
    assert seen.error == "AttributeError: 'WireOrder' object has no attribute 'mood'"

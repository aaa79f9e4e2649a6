"""One command is a whole hub: it keeps its folder for itself, ends at Ctrl-C, and a demo needs nothing else."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.kit.conftest import ROOT, own_folder

OPEN = "Ctrl-C stops everything."
START_S = 300


@contextmanager
def hub_up(folder: Path) -> Iterator[subprocess.Popen[str]]:
    """Run `hub up` on the folder, with a free port; it is told to stop at the end if it still runs."""
    with subprocess.Popen(
        command("up"), env=environment(folder), stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert any(OPEN in each for each in process.stdout)
        yield process
        process.send_signal(signal.SIGINT)


def hub(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command(*words),
        env=environment(folder),
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        timeout=START_S,
    )


def command(*words: str) -> list[str]:
    return [sys.executable, "-m", "hub", *words]


def environment(folder: Path) -> dict[str, str]:
    path = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)}
    return {**path, "HUB_DATA": str(folder), "HUB_PORT": "0", "COLUMNS": "120"}


def test_a_second_one_on_the_folder_is_told_which_is_the_first():
    with own_folder() as folder, hub_up(folder) as first:
        said = hub(folder, "up")
        assert (said.returncode, f"another hub (pid {first.pid}) uses {folder}" in said.stderr) == (1, True)


def test_ctrl_c_stops_it_all_and_what_was_said_is_there_the_next_time():
    with own_folder() as folder:
        with hub_up(folder) as first:
            assert hub(folder, "sku", "add", "MUG", "Mug").returncode == 0
            first.send_signal(signal.SIGINT)
            assert (first.wait(60), (folder / "run.json").exists()) == (0, False)
        with hub_up(folder):
            assert "MUG" in hub(folder, "sku", "list").stdout


def test_in_a_demo_orders_come_in_and_one_waits_for_a_person():
    with own_folder() as folder:
        said = hub(folder, "demo", "--seconds", "12", "--speed", "5")
        assert (said.returncode, said.stderr) == (0, "")
    assert re.search(r"export\s+HUB_DATA=\S*\.demo", said.stdout), said.stdout
    last = said.stdout.rpartition("Open http://")[2]
    rows = re.findall(r"^(Web shop Berlin|Outlet shop|Till in town|Phone desk) +(\d+)", last, re.MULTILINE)
    assert [name for name, orders in rows if int(orders) == 0] == []
    assert re.search(r"^Outlet shop .* 1 +120 ", last, re.MULTILINE), last

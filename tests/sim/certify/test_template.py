"""The connectors to copy: certified as their pages claim; the first of them is short, and green in its own tests."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from hub.sim.certify import Tier, certified
from hub.sim.certify.paper import quality_table

ROOT = Path(__file__).parents[3]
TEMPLATE = ROOT / "examples/connector_template"
OTHER = ROOT / "examples/quayside"


@pytest.mark.parametrize("project", [TEMPLATE, OTHER], ids=lambda each: each.name)
def test_it_is_certified_as_its_page_claims(project: Path):
    page = (project / "README.md").read_text()
    claimed = re.search(r"^Tier: \*\*(\w+)\*\*$", page, re.MULTILINE)
    assert claimed
    assert quality_table(certified(str(project), Tier[claimed[1].upper()])) in page


def test_it_is_short():
    lines = {
        file.name: len(file.read_text().split("\n")) for file in (TEMPLATE / "hub_bookstall").glob("*.py")
    }
    assert lines.pop("simulator.py") <= 105
    assert sum(lines.values()) <= 300


def test_its_own_tests_are_green_as_a_stranger_would_run_them():
    environment = {**os.environ, "PYTHONPATH": str(TEMPLATE)}
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "--disable-plugin-autoload",
        "-p",
        "no:cacheprovider",
        ".",
    ]
    tests = subprocess.run(
        [*command, "--deselect", "test_bookstall.py::test_it_is_certified"],
        env=environment,
        cwd=TEMPLATE,
        capture_output=True,
        text=True,
        check=False,
    )
    assert tests.returncode == 0, tests.stdout

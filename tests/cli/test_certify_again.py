"""A failure of certification is shown again by one line, which stands in every report of it."""

import html
import json
import re
import shlex
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from hub.cli import cli
from hub.cli.connector.new import _plan, _write

RIGHT = "messages = [translate.cut(bytes(each)) for each in page.orders]"
WRONG = RIGHT.replace("]", " if b'void' not in bytes(each)]")  # what is canceled is overlooked


@pytest.fixture
def hasty(tmp_path: Path) -> Iterator[Path]:
    """A connector as its author began it, with one fault."""
    paths = list(sys.path)
    _write(_plan("acme_again", "Acme", tmp_path, in_tree=False))  # uncertified, as it is to be broken
    file = tmp_path / "hub-acme-again/hub_acme_again/connector.py"
    file.write_text(file.read_text().replace(RIGHT, WRONG))
    forget()
    yield tmp_path / "hub-acme-again"
    sys.path[:] = paths
    forget()


def forget() -> None:
    for name in [each for each in sys.modules if each.startswith("hub_acme_again")]:
        del sys.modules[name]


def hub(*words: str) -> Result:
    return CliRunner().invoke(cli, words)


def test_the_report_names_each_broken_scenario_and_the_line_that_shows_it_again(hasty: Path):
    report = hasty / "report.html"
    said = hub("connector", "certify", str(hasty), "--seed", "7", "--only", "stories", "--html", str(report))
    lines = again_in(report)
    assert said.exit_code == 1
    assert (
        len(lines) > 0,
        [name for name, line in lines.items() if f" --seed 7 --only {name}" not in line],
    ) == (True, [])


def test_that_line_shows_the_same_failure_and_nothing_else(hasty: Path):
    words = ["connector", "certify", str(hasty), "--seed", "7", "--only", "stories", "--json"]
    first = json.loads(hub(*words).output)["broken"][-1]
    again = hub(*shlex.split(first["again"])[1:], "--json")
    assert (again.exit_code, json.loads(again.output)["broken"]) == (1, [first])
    other_seed = json.loads(hub(*[each.replace("7", "8") if each == "7" else each for each in words]).output)
    assert first["seen"] not in [each["seen"] for each in other_seed["broken"]]


def test_a_line_for_a_recording_names_the_folder_it_lies_in(hasty: Path, tmp_path: Path):
    folder = tmp_path / "what they sent"
    folder.mkdir()
    (folder / "order_1.json").write_text('{"number": "one"}')
    said = hub(
        "connector", "certify", str(hasty), "--only", "recordings", "--recordings", str(folder), "--json"
    )
    first = json.loads(said.output)["broken"][0]
    again = hub(*shlex.split(first["again"])[1:], "--json")
    assert json.loads(again.output)["broken"] == [first]


def again_in(report: Path) -> dict[str, str]:
    found: list[tuple[str, str]] = re.findall(
        r"<b>(\S+)</b>.*?<code>(.*?)</code>", report.read_text(), re.DOTALL
    )
    return {name: html.unescape(line) for name, line in found}

"""The author's commands: a connector begun, seen at work, certified and listed, each in one line."""

import importlib
import json
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from hub.cli import cli
from hub.model.errors import HubError


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    paths = list(sys.path)
    yield tmp_path
    sys.path[:] = paths
    for name in [each for each in sys.modules if each.startswith(("hub_acme", "connectors.acme"))]:
        del sys.modules[name]


def hub(*words: str) -> Result:
    """Run a command; an error of ours is raised, anything else must not be."""
    result = CliRunner().invoke(cli, words)
    if isinstance(result.exception, HubError):
        raise result.exception
    return result


def test_a_new_connector_is_certified_bronze_at_once(folder: Path):
    made = hub("connector", "new", "acme_toys", "--title", "Acme's Toys", "--into", str(folder))
    assert made.exit_code == 0, made.output
    page = (folder / "hub-acme-toys/README.md").read_text()
    assert "Acme's Toys is in" in made.output
    assert ("is certified Bronze" in made.output, "`hub connector certify" in page) == (True, True)


def test_one_for_the_tree_stands_among_the_others_with_its_test(
    folder: Path, monkeypatch: pytest.MonkeyPatch
):
    connectors = importlib.import_module("connectors")
    (folder / "connectors").mkdir()
    (folder / "connectors/__init__.py").touch()
    monkeypatch.setattr(connectors, "__path__", [*connectors.__path__, str(folder / "connectors")])
    made = hub("connector", "new", "acme", "--in-tree", "--into", str(folder))
    assert made.exit_code == 0, made.output
    assert "Tier: **Bronze**" in (folder / "connectors/acme/README.md").read_text()
    assert 'certified_as_claimed("acme")' in (folder / "tests/connectors/acme/test_contract.py").read_text()
    kinds = [each["kind"] for each in json.loads(hub("connector", "list", "--json").output)["items"]]
    assert "acme" in kinds


@pytest.mark.parametrize("name", ["9lives", "Ácme", "a", "../up", "with space", "square", ""])
def test_a_name_that_cannot_be_a_kind_is_refused_and_nothing_is_written(folder: Path, name: str):
    with pytest.raises(HubError, match=r"cannot be a kind|speaks 'square' already"):
        hub("connector", "new", name, "--into", str(folder))
    assert list(folder.iterdir()) == []


def test_what_is_there_already_is_never_written_over(folder: Path):
    (folder / "hub-acme").mkdir()
    (folder / "hub-acme/mine.txt").write_text("mine")
    with pytest.raises(HubError, match="is there already"):
        hub("connector", "new", "acme", "--into", str(folder))
    assert [each.name for each in (folder / "hub-acme").iterdir()] == ["mine.txt"]


def test_the_tree_must_be_one(folder: Path):
    with pytest.raises(HubError, match="is no checkout of the hub"):
        hub("connector", "new", "acme", "--in-tree", "--into", str(folder))


def test_dev_shows_raw_and_normalized_and_ends_after_so_many_orders(folder: Path):
    hub("connector", "new", "acme_dev", "--into", str(folder))
    shown = hub("connector", "dev", str(folder / "hub-acme-dev"), "--orders", "2", "--every", "0")
    assert shown.output.count("what the hub takes:") == 2
    assert '"bought_at"' in shown.output


def test_certify_says_the_tier_and_writes_a_report_that_stands_alone(tmp_path: Path):
    report = tmp_path / "report.html"
    said = hub("connector", "certify", "manual", "--html", str(report))
    assert (said.exit_code, "Phone and e-mail (manual, API 1): Bronze" in said.output) == (0, True)
    html = report.read_text()
    assert ("✓ Bronze" in html, "<script" in html, 'src="' in html) == (True, False, False)


def test_certify_in_json_names_every_scenario_and_its_outcome():
    found = json.loads(hub("connector", "certify", "manual", "--only", "malformed", "--json").output)
    assert {each["outcome"] for each in found["items"]} == {"kept"}
    assert found["broken"] == []


def test_a_tier_that_is_not_reached_is_exit_code_1():
    said = hub("connector", "certify", "manual", "--tier", "silver", "--only", "")
    assert (said.exit_code, "not Silver: it has no fetch_orders, push_stock" in said.output) == (1, True)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["nothing"], "there is no connector of kind 'nothing'"),
        (["./nowhere"], "there is no nowhere/pyproject.toml"),
        (["manual", "--only", "pagination"], "no scenario is named 'pagination'"),
    ],
)
def test_what_cannot_be_certified_is_refused_in_words(words: list[str], said: str):
    with pytest.raises(HubError, match=said):
        hub("connector", "certify", *words)


def test_the_list_says_what_each_kind_can_do_and_where_it_comes_from():
    found = {each["kind"]: each for each in json.loads(hub("connector", "list", "--json").output)["items"]}
    assert found["square"]["capabilities"][:2] == ["fetch_orders", "receive_webhooks"]
    assert (found["square"]["simulated"], found["manual"]["simulated"]) == (True, False)
    assert found["square"]["package"] == "orderhub"

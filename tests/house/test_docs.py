"""What the pages say is so: commands parse, settings exist both ways, links lead somewhere, examples work."""

import ast
import os
import re
import shlex
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import click
import pytest
from msgspec import Struct
from typing_extensions import get_protocol_members, is_protocol

from hub import spec
from hub.channels.registry import load_registry
from hub.cli import cli
from hub.kit.variables import VARIABLES
from hub.spec import (
    MalformedError,
    after_sales,
    capabilities,
    carriers,
    exporters,
    mail,
    notices,
    observers,
    operations,
    transport,
    write_back,
)
from hub.spec.config import settings_of
from hub.spec.testing import simulator
from hub.web.metrics import _Gauges
from tests.house.reading import ROOT, name_of, nodes

PAGES = [
    ROOT / "README.md",
    ROOT / "CHANGELOG.md",
    *sorted(
        each for room in ("docs", "examples", "connectors", "bench") for each in (ROOT / room).rglob("*.md")
    ),
]
AUTHOR = (ROOT / "docs/connector-author.md", ROOT / "docs/connector-spec.md")
OPERATOR = ROOT / "docs/operator.md"
TEMPLATE = ROOT / "examples/connector_template"
PAYLOADS = ROOT / "examples/payloads"
SHELL_BLOCK = re.compile(r"^[ ]*```sh[^\n]*\n(.*?)^[ ]*```", re.MULTILINE | re.DOTALL)
ANY_BLOCK = re.compile(r"^[ ]*```.*?^[ ]*```", re.MULTILINE | re.DOTALL)
CODE = re.compile(r"`([^`\n]+)`")
LINK = re.compile(r"\]\(([^)\s]+)\)")
VARIABLE = re.compile(r"HUB_[A-Z_]+|DATABASE_URL|REDIS_URL")
ELLIPSIS = "…"
REGISTRY = load_registry()


class Said(Struct, frozen=True):
    """A command as a page has it: `whole` ones stand in a shell block and must parse to the last argument."""

    page: str
    words: list[str]
    whole: bool


def test_every_command_of_a_page_exists_with_its_options():
    assert [
        f"{each.page}: hub {' '.join(each.words)}: {wrong}" for each in said() if (wrong := wrong_with(each))
    ] == []


def test_every_command_there_is_stands_on_some_page_beside_the_reference():
    named = {tuple(path_of(each.words)) for each in said() if not each.page.startswith("docs/reference/")}
    assert [" ".join(path) for path, _ in commands(cli) if path not in named] == []


def test_every_variable_the_code_reads_is_a_setting_and_the_reverse():
    listed = ROOT / "hub/kit/variables.py"
    texts = {text for path, node in nodes("hub", "migrations") if path != listed and (text := text_of(node))}
    assert {text for text in texts if VARIABLE.fullmatch(text)} == set(VARIABLES)


def test_every_variable_a_page_names_is_a_setting():
    named = {(name_of(page), name) for page in PAGES for name in variables_of(page)}
    assert {each for each in named if each[1] not in VARIABLES} == set()


MEMBERS = [
    member
    for members in (REGISTRY.kinds, REGISTRY.notifiers, REGISTRY.exporters, REGISTRY.observers)
    for member in members.items()
]


@pytest.mark.parametrize(("kind", "member"), MEMBERS)
def test_every_setting_of_what_a_package_brings_is_on_its_page(kind: str, member: Any):
    page = (ROOT / "connectors" / kind / "README.md").read_text()
    config_type = member.config_type
    assert [each.name for each in settings_of(config_type) if f"`{each.name}`" not in page] == []


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_link_within_the_tree_leads_somewhere(page: Path):
    links = [each for each in LINK.findall(page.read_text()) if not each.startswith(("http:", "https:"))]
    assert [each for each in links if not resolves(page, each)] == []


def test_the_author_finds_every_method_of_the_border():
    text = "".join(page.read_text() for page in AUTHOR)
    members = {
        (kind.__name__, member)
        for module in (
            after_sales,
            capabilities,
            carriers,
            exporters,
            mail,
            notices,
            observers,
            operations,
            simulator,
            transport,
            write_back,
        )
        for kind in vars(module).values()
        if isinstance(kind, type) and is_protocol(kind) and kind.__module__ == module.__name__
        for member in get_protocol_members(kind)
        if member not in {"kind", "__call__"}  # of a simulator: as in the manifest; a function
    }
    assert {each for each in members if not re.search(rf"`{each[1]}\b", text)} == set()


def test_the_author_finds_every_name_of_the_border():
    text = "".join(page.read_text() for page in AUTHOR)
    ours = {"hookspec"}  # the hub declares hooks, an author implements them
    assert [name for name in spec.__all__ if name not in text and name not in ours] == []


def test_every_gauge_is_known_to_the_operator_and_the_reverse():
    documented = set(re.findall(r"`(hub_(?:channel|alarms|orders)_[a-z_]+)`", OPERATOR.read_text()))
    assert documented == {family.name for family in _Gauges([], {}).collect()}


def test_every_make_target_of_a_page_exists():
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    asked = {
        word for page in PAGES for word in re.findall(r"(?:^|`)make ([a-z]+)", page.read_text(), re.MULTILINE)
    }
    assert asked - targets == set()


def test_the_index_has_every_decision_under_its_title():
    index = (ROOT / "docs/decisions/README.md").read_text()
    records = sorted((ROOT / "docs/decisions").glob("0*.md"))
    titles = [(each, each.read_text().splitlines()[0].removeprefix("# ")) for each in records]
    assert [each.name for each, title in titles if f"]({each.name}) | {title[6:]} |" not in index] == []
    assert [each.name[:4] for each, title in titles if title[:4] != each.name[:4]] == []


def test_an_installed_connector_is_found_by_its_entry_point(tmp_path: Path):
    """As pip leaves it: the module on the path, and the entry points in the metadata beside it."""
    project = tomllib.loads((TEMPLATE / "pyproject.toml").read_text())["project"]
    metadata = tmp_path / f"{project['name'].replace('-', '_')}-{project['version']}.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {project['name']}\nVersion: 0.1.0\n")
    group, points = next(iter(project["entry-points"].items()))
    named = "".join(f"{name} = {module}\n" for name, module in points.items())
    (metadata / "entry_points.txt").write_text(f"[{group}]\n{named}")
    ask = "from hub.channels.registry import load_registry as load; print(load().kinds['bookstall'].manifest.title)"
    answer = run_python("-c", ask, path=[tmp_path, TEMPLATE])
    assert (answer.stdout, answer.stderr) == ("Bookstall\n", "")


@pytest.mark.parametrize("file", sorted(PAYLOADS.glob("*.json")), ids=lambda file: file.name)
def test_every_example_payload_becomes_what_its_page_says(file: Path):
    assert f"`{file.name}`" in (PAYLOADS / "README.md").read_text()
    connector = load_registry().kinds[file.name.split("_")[0]]
    messages = connector.split_file(file.read_bytes())
    if "unreadable" in file.name:
        with pytest.raises(MalformedError, match="quantity"):
            connector.to_incoming(messages[0], None)
    else:
        orders = [connector.to_incoming(each, None) for each in messages]
        assert [order.canceled for order in orders] == ["canceled" in file.name] * len(orders)


@cache
def said() -> list[Said]:
    return [each for page in PAGES for each in said_on(page)]


def said_on(page: Path) -> Iterator[Said]:
    text = page.read_text()
    for block in SHELL_BLOCK.findall(text):
        for line in block.splitlines():
            words = shlex.split(line, comments=True)
            if words[:1] == ["hub"]:
                yield Said(name_of(page), words[1:], whole=True)
    yield from (Said(name_of(page), each.split()[1:], whole=False) for each in in_code(text))


def in_code(text: str) -> list[str]:
    return [each for each in CODE.findall(text) if each.startswith("hub ")]


def wrong_with(command: Said) -> str:
    try:
        leaf, rest = find(cli, command.words)
        if command.whole:
            leaf.make_context("hub", list(rest))
        else:
            refuse_unknown_options(leaf, rest)
    except click.UsageError as error:
        return error.format_message()
    return ""


def find(command: click.Command, words: list[str]) -> tuple[click.Command, list[str]]:
    """Follow the words through the groups; an ellipsis or an option ends the way."""
    if not isinstance(command, click.Group) or not words or words[0] == ELLIPSIS or words[0].startswith("-"):
        return command, words
    found = command.get_command(click.Context(command), words[0])
    if found is None:
        msg = f"no such command {words[0]!r}"
        raise click.UsageError(msg)
    return find(found, words[1:])


def path_of(words: list[str]) -> list[str]:
    leaf, rest = find(cli, words)
    del leaf
    return words[: len(words) - len(rest)]


def refuse_unknown_options(leaf: click.Command, words: list[str]) -> None:
    known = {
        "--help",
        "--version",
        *(option for each in leaf.params for option in each.opts + each.secondary_opts),
    }
    unknown = [each for each in words if each.startswith("--") and each.partition("=")[0] not in known]
    if unknown:
        msg = f"no such option {unknown[0]}"
        raise click.UsageError(msg)


def commands(
    group: click.Group, path: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        if isinstance(command, click.Group):
            yield from commands(command, (*path, name))
        else:
            yield (*path, name), command


def text_of(node: ast.AST) -> str:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def variables_of(page: Path) -> set[str]:
    return set(re.findall(r"\b(?:HUB_[A-Z]+(?:_[A-Z]+)*|DATABASE_URL|REDIS_URL)\b", page.read_text()))


def resolves(page: Path, link: str) -> bool:
    path, _, anchor = link.partition("#")
    target = (page.parent / path).resolve() if path else page
    if not target.exists() or not target.is_relative_to(ROOT):
        return False
    return not anchor or anchor in anchors_of(target)


def anchors_of(page: Path) -> set[str]:
    titles = re.findall(r"^#+ (.+)$", ANY_BLOCK.sub("", page.read_text()), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


def run_python(*words: str, path: list[Path]) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, path))}
    command = [sys.executable, *words]
    return subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True, check=False)

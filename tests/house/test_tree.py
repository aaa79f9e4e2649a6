"""The top of the tree stays as it was drawn, and no file names a package registry or somebody's machine."""

import re
from fnmatch import fnmatch
from pathlib import Path

from hub.channels.registry import load_registry
from tests.house.reading import ROOT

FOLDERS = {"hub", "connectors", "migrations", "examples", "tests", "docs", "bench", ".ci"}
FILES = {"README.md", "LICENSE", "CHANGELOG.md", "Makefile", "pyproject.toml", "alembic.ini", ".gitignore"}
LOCKS = {"requirements.lock", "requirements-dev.lock"}
TOP = FOLDERS | FILES | LOCKS
REGISTRY = re.compile(
    r"\bpypi[.]org|pythonhosted[.]org|npmjs[.]org|(?<!no-emit-)index[-]url|find[-]links", re.IGNORECASE
)
MACHINE = re.compile(r"(?<![\w/.:}-])/(work|root|home|Users)/\w")


def test_nothing_new_stands_at_the_top_of_the_tree():
    ignored = [line.strip("/") for line in (ROOT / ".gitignore").read_text().splitlines()] + [".git"]
    found = {path.name for path in ROOT.iterdir()}
    assert {name for name in found - TOP if not any(fnmatch(name, each) for each in ignored)} == set()


def test_no_file_names_a_package_registry():
    assert [str(path) for path, text in texts() if REGISTRY.search(text)] == []


def test_no_file_names_a_folder_of_one_machine():
    assert [str(path) for path, text in texts() if MACHINE.search(text)] == []


def texts() -> list[tuple[Path, str]]:
    tops = [ROOT / name for name in sorted(TOP)]
    files = [
        file
        for top in tops
        for file in ([top] if top.is_file() else sorted(top.rglob("*")))
        if file.is_file()
    ]
    return [(file, file.read_text(errors="replace")) for file in files if "__pycache__" not in file.parts]


def test_every_kind_of_channel_in_the_tree_is_certified_by_the_tests():
    kinds = sorted(load_registry().kinds)
    assert [
        kind for kind in kinds if not (ROOT / "tests/connectors" / kind / "test_contract.py").exists()
    ] == []
    assert len(kinds) >= 3

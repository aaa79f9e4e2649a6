"""Rooms are layers: who may import whom is a contract, and the model knows neither clock, chance, network nor disk."""

import ast
import subprocess
import sys
from pathlib import Path

from tests.house.reading import ROOT, name_of, nodes

IMPURE = {
    "asyncio",
    "http",
    "io",
    "logging",
    "os",
    "pathlib",
    "random",
    "secrets",
    "socket",
    "subprocess",
    "threading",
    "time",
    "urllib",
}
PURE = (sys.stdlib_module_names - IMPURE) | {
    "msgspec",
    "hub",
    "typing_extensions",
}  # override is standard from 3.12 on


def test_every_import_contract_is_kept():
    program = Path(sys.executable).with_name("lint-imports")
    run = subprocess.run([program, "--no-logo"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout


def test_the_model_imports_only_msgspec_and_the_pure_part_of_the_standard_library():
    imported = {
        (name_of(path), name.split(".")[0]) for path, node in nodes("hub/model") for name in imports(node)
    }
    assert {each for each in imported if each[1] not in PURE} == set()


def imports(node: ast.AST) -> list[str]:
    match node:
        case ast.Import(names=names):
            return [each.name for each in names]
        case ast.ImportFrom(module=str(module)):
            return [module]
        case _:
            return []

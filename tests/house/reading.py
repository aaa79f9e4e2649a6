"""Reads the sources for the house rules: files, functions, how long and how deep they are."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from msgspec import Struct

ROOT = Path(__file__).parent.parent.parent
PRODUCT = ("hub", "connectors")
BLOCKS = (ast.If, ast.For, ast.AsyncFor, ast.While, ast.With, ast.AsyncWith, ast.Try, ast.Match)
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)

AnyFunction = ast.FunctionDef | ast.AsyncFunctionDef


class Function(Struct, frozen=True):
    where: str
    name: str
    lines: int
    depth: int


def sources(*rooms: str) -> list[Path]:
    return [path for room in rooms for path in sorted((ROOT / room).rglob("*.py"))]


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


@cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text())


def nodes(*rooms: str) -> Iterator[tuple[Path, ast.AST]]:
    for path in sources(*rooms):
        for node in ast.walk(tree_of(path)):
            yield path, node


@cache
def functions(*rooms: str) -> list[Function]:
    return [
        Function(f"{name_of(path)}:{node.lineno}", node.name, body_lines(node), depth(node))
        for path, node in nodes(*rooms)
        if isinstance(node, FUNCTIONS)
    ]


def body_lines(node: AnyFunction) -> int:
    """Count from the first statement after the docstring to the end."""
    body = node.body[1:] if ast.get_docstring(node) is not None else node.body
    return (body[-1].end_lineno or 0) - body[0].lineno + 1 if body else 0


def depth(node: ast.AST) -> int:
    """Count the blocks inside one another; an `elif` is as deep as its `if`, a function inside starts anew."""
    return max((_deeper(node, child) + depth(child) for child in _inside(node)), default=0)


def _inside(node: ast.AST) -> list[ast.AST]:
    return [child for child in ast.iter_child_nodes(node) if not isinstance(child, (*FUNCTIONS, ast.Lambda))]


def _deeper(parent: ast.AST, child: ast.AST) -> int:
    is_elif = isinstance(parent, ast.If) and isinstance(child, ast.If) and parent.orelse == [child]
    return int(isinstance(child, BLOCKS) and not is_elif)

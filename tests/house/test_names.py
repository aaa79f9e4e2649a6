"""Names are the field's words: no class is a Service or a Manager, and a log event is a constant, not a sentence."""

import ast
import re

from tests.house.reading import PRODUCT, name_of, nodes

EMPTY_SUFFIXES = ("Service", "Manager", "Helper", "Util", "Utils", "Handler", "Info", "Data", "Base")
LEVELS = {"debug", "info", "warning", "error", "exception", "critical"}


def test_no_class_ends_in_a_word_that_says_nothing():
    classes = [(name_of(path), node.name) for path, node in nodes(*PRODUCT) if isinstance(node, ast.ClassDef)]
    assert [each for each in classes if each[1].endswith(EMPTY_SUFFIXES)] == []


def test_no_module_is_a_drawer_for_everything():
    drawers = {"utils.py", "util.py", "helpers.py", "common.py", "misc.py", "base.py"}
    assert {name_of(path) for path, _ in nodes(*PRODUCT) if path.name in drawers} == set()


def test_a_log_event_is_a_constant_name():
    assert [
        where for where, event in log_events() if event is None or not re.fullmatch("[a-z][a-z0-9_]+", event)
    ] == []


def log_events() -> list[tuple[str, str | None]]:
    """List each `log.info(…)` with its event, None where that is no constant."""
    return [
        (f"{name_of(path)}:{node.lineno}", constant(node.args[0]))
        for path, node in nodes(*PRODUCT)
        if isinstance(node, ast.Call) and node.args and is_log_call(node.func)
    ]


def is_log_call(called: ast.expr) -> bool:
    match called:
        case ast.Attribute(value=ast.Name(id="log" | "logger"), attr=level):
            return level in LEVELS
        case _:
            return False


def constant(node: ast.expr) -> str | None:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None

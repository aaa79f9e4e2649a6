"""Tests read as rules: the file states the rule, the name is a sentence, the body is short, nothing is patched."""

import ast
from statistics import median

from tests.house.reading import FUNCTIONS, functions, name_of, nodes, sources, tree_of

RULES = [each for each in functions("tests") if each.name.startswith("test_")]
PATCHES = {"monkeypatch", "mocker"}


def test_every_test_file_states_its_rule():
    files = [path for path in sources("tests") if path.name.startswith("test_")]
    assert [name_of(path) for path in files if not ast.get_docstring(tree_of(path))] == []


def test_every_test_name_is_a_sentence_of_three_words_or_more():
    assert [each for each in RULES if len(each.name.split("_")) < 4] == []


def test_half_of_the_tests_have_at_most_12_lines():
    assert median(each.lines for each in RULES) <= 12


def test_at_most_one_test_in_twenty_patches_anything():
    taking = [
        node.name
        for _, node in nodes("tests")
        if isinstance(node, FUNCTIONS) and PATCHES & {argument.arg for argument in node.args.args}
    ]
    assert len(taking) <= len(RULES) / 20


def test_nobody_imports_mocks():
    importers = [
        name_of(path)
        for path, node in nodes("tests")
        if isinstance(node, ast.ImportFrom) and node.module == "unittest.mock"
    ]
    assert importers == []

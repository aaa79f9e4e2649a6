"""Code is short and flat: one function does one step, one module holds one noun (docs of the house: how code reads)."""

import ast
import re
from statistics import median, quantiles

from tests.house.reading import PRODUCT, functions, name_of, nodes, sources

EVERYTHING = (*PRODUCT, "tests")
REFUSALS = {
    "InputError",
    "NotFoundError",
    "WrongStateError",
    "StaleError",
    "OutOfStockError",
    "RefusedRowsError",
}


def test_half_of_the_functions_have_at_most_10_lines_and_95_percent_at_most_35():
    lengths = [each.lines for each in functions(*PRODUCT)]
    assert median(lengths) <= 10
    assert quantiles(lengths, n=20)[-1] <= 35


def test_no_function_has_more_than_50_lines():
    assert [each for each in functions(*EVERYTHING) if each.lines > 50] == []


def test_a_form_of_the_desk_is_refused_by_all_that_can_refuse_it():
    caught = [
        (f"{name_of(path)}:{node.lineno}", {each.id for each in node.type.elts if isinstance(each, ast.Name)})
        for path, node in nodes("hub/web/desk")
        if isinstance(node, ast.ExceptHandler) and isinstance(node.type, ast.Tuple)
    ]
    assert [where for where, names in caught if len(names & REFUSALS) > 1] == []


def test_no_function_nests_deeper_than_3():
    assert [each for each in functions(*EVERYTHING) if each.depth > 3] == []


def test_half_of_the_modules_have_at_most_120_lines_and_none_more_than_400():
    lengths = {name_of(path): len(path.read_text().splitlines()) for path in sources(*PRODUCT)}
    assert median(lengths.values()) <= 120
    assert {name: length for name, length in lengths.items() if length > 400} == {}


def test_types_are_ignored_at_most_once_in_1000_lines_and_with_a_code():
    text = "\n".join(path.read_text() for path in sources(*PRODUCT))
    ignored = re.findall(r"#\s*type:\s*ignore(\S*)", text)
    assert len(ignored) <= 1 + text.count("\n") // 1000
    assert all(code.startswith("[") for code in ignored)

"""The guide of the author works as written: every command runs, every change fits, and the template is its end."""

import ast
import shlex
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from hub.cli import cli
from hub.cli.connector import _COMMANDS, connector
from hub.cli.serving.sim import sim
from hub.sim.certify import flaws
from tests.docs.steps import Step, apply_change, hunks_of, steps_of

ROOT = Path(__file__).parents[2]
GUIDE = (ROOT / "docs/connector-author.md").read_text()
TEMPLATE = ROOT / "examples/connector_template"
WALK = GUIDE[GUIDE.index("## Step by step") : GUIDE.index("### 6.")]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.chdir(tmp_path)
    paths = list(sys.path)
    forget("hub_bookstall")
    yield tmp_path
    sys.path[:] = paths
    forget("hub_bookstall")


def forget(package: str) -> None:
    for name in [each for each in sys.modules if each.partition(".")[0] == package]:
        del sys.modules[name]


def run(block: Step) -> None:
    """Each line as a person types it; a fresh interpreter would know nothing of the modules of the line before."""
    for line in block.text.splitlines():
        words = shlex.split(line, comments=True)
        forget("hub_bookstall")
        answer = CliRunner().invoke(cli, words[1:])
        assert (words[0], answer.exit_code) == ("hub", 0), f"{line}: {answer.output}{answer.exception!r}"


def test_the_steps_lead_from_nothing_to_the_template(folder: Path):
    for step in steps_of(WALK):
        run(step) if step.kind == "sh" else apply_change(folder, step)
    made, wanted = folder / "hub-bookstall", TEMPLATE
    names = [
        "pyproject.toml",
        *(f"hub_bookstall/{each.name}" for each in (TEMPLATE / "hub_bookstall").glob("*.py")),
    ]
    assert [name for name in names if (made / name).read_text() != (wanted / name).read_text()] == []


def test_orders_in_and_stock_out_take_at_most_150_lines_beside_imports_and_docstrings(folder: Path):
    """The third step of the guide is such a connector, and certified Silver there."""
    CliRunner().invoke(cli, ["connector", "new", "bookstall"])
    for step in steps_of(WALK[: WALK.index("### 4.")]):
        if step.kind == "diff":
            apply_change(folder, step)
    code = [
        each for each in (folder / "hub-bookstall/hub_bookstall").glob("*.py") if each.stem != "simulator"
    ]
    assert 100 < sum(map(lines_of_code, code)) <= 150


def lines_of_code(file: Path) -> int:
    text = file.read_text()
    skipped = {line for node in ast.walk(ast.parse(text)) if is_beside(node) for line in span(node)}
    return sum(bool(line.strip()) and n not in skipped for n, line in enumerate(text.splitlines(), 1))


def is_beside(node: ast.AST) -> bool:
    """An import, or a text that stands for itself."""
    text = (
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    )
    return text or isinstance(node, ast.Import | ast.ImportFrom)


def span(node: ast.AST) -> range:
    assert isinstance(node, ast.stmt)
    return range(node.lineno, (node.end_lineno or node.lineno) + 1)


def test_a_change_that_does_not_fit_is_found_out(tmp_path: Path):
    (tmp_path / "file.py").write_text("one\ntwo\n")
    with pytest.raises(AssertionError, match="found 0 times"):
        apply_change(tmp_path, Step("diff", "file.py", " three\n+four\n"))
    assert list(hunks_of(" a\n-b\n+c\n…\n d\n+e\n")) == [("a\nb\n", "a\nc\n"), ("d\n", "d\ne\n")]


def test_every_option_of_the_authors_commands_is_on_the_page():
    groups = [connector.get_command(click.Context(connector), name) for name in _COMMANDS]
    sims = [each for name, each in sim.commands.items() if name != "chaos"]  # the operator's, on his page
    commands = [each for each in [*groups, *sims] if each is not None]
    options = {option for each in commands for parameter in each.params for option in parameter.opts}
    assert {each for each in options if each.startswith("--") and each not in GUIDE} == set()


def test_every_flaw_that_certification_names_has_a_rule_and_a_remedy_in_words():
    found = [each for each in vars(flaws).values() if isinstance(each, flaws.Flaw)]
    assert len({each.name for each in found}) == len(found) > 25
    assert [each.name for each in found if not (each.rule and each.remedy)] == []

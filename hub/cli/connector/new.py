"""hub connector new: a package that runs, with a simulator, certified Bronze before its author has changed a line."""

import re
import sys
from collections.abc import Iterator, Mapping
from itertools import groupby
from pathlib import Path
from string import Template

import click
from msgspec import Struct

from hub.channels.registry import load_registry
from hub.cli.output import bold
from hub.model.errors import InputError
from hub.sim.certify import Tier, certified
from hub.sim.certify.paper import quality_table

SCAFFOLD = Path(__file__).parent / "scaffold"
KIND = re.compile(r"[a-z][a-z0-9_]{1,40}")
PACKAGE = ("__init__", "wire", "translate", "connector", "simulator")
TREE = "connectors"


class Plan(Struct, frozen=True):
    """Where the files go, and what is written into them. `target` is what `hub connector certify` is given."""

    folder: Path
    files: Mapping[Path, str]
    words: Mapping[str, str]
    target: str
    in_tree: bool


@click.command()
@click.argument("name")
@click.option("--title", help="What people call the channel. Without it, made of NAME.")
@click.option(
    "--into",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path(),
    help="The folder the project is made in. Without it, here.",
)
@click.option(
    "--in-tree", is_flag=True, help="Make it in connectors/ of a checkout of the hub, with its test."
)
def new(name: str, title: str | None, into: Path, *, in_tree: bool) -> None:
    """Begin a connector: a package of its own that runs at once, or with --in-tree one that comes with the hub.

    NAME is the permanent key of the kind, such as acme: small letters, digits and _.
    """
    kind = _kind_of(name)
    if title is None:
        title = _asked_title(kind)
    plan = _plan(kind, title, into, in_tree=in_tree)
    _write(plan)
    _write_page(plan)
    click.echo(f"{bold(plan.words['title'])} is in {plan.folder}/: it runs, and is certified Bronze")
    click.echo("Next:")
    for line, why in _next_steps(plan):
        click.echo(f"  {line:<46} # {why}")


def _kind_of(name: str) -> str:
    """Raises InputError for a name that is none, or that the hub speaks already."""
    kind = name.strip().lower().replace("-", "_")
    if not KIND.fullmatch(kind):
        msg = f"{name!r} cannot be a kind: small letters, digits and _, beginning with a letter, such as acme"
        raise InputError(msg, field="name")
    if kind in load_registry().kinds:
        msg = f"the hub speaks {kind!r} already: choose another name"
        raise InputError(msg, field="name")
    return kind


def _asked_title(kind: str) -> str:
    made = " ".join(part.capitalize() for part in kind.split("_"))
    return click.prompt("What do people call the channel?", default=made) if sys.stdin.isatty() else made


def _plan(kind: str, title: str, into: Path, *, in_tree: bool) -> Plan:
    dashed = kind.replace("_", "-")
    folder = into / TREE / kind if in_tree else into / f"hub-{dashed}"
    package = f"{TREE}.{kind}" if in_tree else f"hub_{kind}"
    target = kind if in_tree else f"./{folder}" if not folder.is_absolute() else str(folder)
    words = {
        "kind": kind,
        "dashed": dashed,
        "title": title,
        "Class": "".join(part.capitalize() for part in kind.split("_")),
        "package": package,
        "target": target,
    }
    files = _files(folder, into, kind, in_tree=in_tree)
    _refuse_taken(folder, files, into, in_tree=in_tree)
    return Plan(folder, files, words, target, in_tree)


def _files(folder: Path, into: Path, kind: str, *, in_tree: bool) -> dict[Path, str]:
    code = folder if in_tree else folder / f"hub_{kind}"
    files = {code / f"{name}.py": f"package/{name}.py.txt" for name in PACKAGE}
    if in_tree:
        return files | {into / "tests" / TREE / kind / "test_contract.py": "test_contract.py.txt"}
    return files | {
        folder / "pyproject.toml": "pyproject.toml.txt",
        folder / f"test_{kind}.py": "test.py.txt",
    }


def _refuse_taken(folder: Path, files: Mapping[Path, str], into: Path, *, in_tree: bool) -> None:
    if in_tree and not (into / TREE / "__init__.py").is_file():
        msg = f"{into.absolute()} is no checkout of the hub: there is no {TREE}/ in it"
        raise InputError(msg, field="into")
    taken = [folder] if folder.exists() else [each for each in files if each.exists()]
    if taken:
        msg = f"{taken[0]} is there already: choose another name, or another folder with --into"
        raise InputError(msg, field="name")


def _write(plan: Plan) -> None:
    for path, source in plan.files.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        text = _filled(source, plan.words)
        path.write_text(_with_sorted_imports(text) if plan.in_tree else text, encoding="utf-8")


def _write_page(plan: Plan) -> None:
    """The README, once it is tried. In the tree a test holds the page to its table; elsewhere it would grow old."""
    certificate = certified(plan.words["kind"] if plan.in_tree else str(plan.folder), Tier.BRONZE)
    quality = (
        f"`hub connector certify {plan.target}` says its tier; with `--markdown`, as a table for this page."
    )
    if plan.in_tree:
        quality = f"As `hub connector certify {plan.target}` finds it:\n\n{quality_table(certificate)}"
    page = _filled("README.md.txt", {**plan.words, "quality": quality})
    (plan.folder / "README.md").write_text(page, encoding="utf-8")


def _filled(source: str, words: Mapping[str, str]) -> str:
    return Template((SCAFFOLD / source).read_text(encoding="utf-8")).substitute(words)


def _with_sorted_imports(text: str) -> str:
    """In the tree, connectors.acme comes before hub: every block of imports is put in order."""
    blocks = groupby(text.splitlines(keepends=True), key=lambda line: line.startswith(("from ", "import ")))
    return "".join(line for is_import, lines in blocks for line in (sorted(lines) if is_import else lines))


def _next_steps(plan: Plan) -> Iterator[tuple[str, str]]:
    yield f"hub connector dev {plan.target}", "orders arrive as you edit"
    wire = next(path for path in plan.files if path.name == "wire.py")
    yield f"edit {wire}", "what it really sends; then translate.py, simulator.py, connector.py"
    yield f"hub connector certify {plan.target}", "after each change"
    if not plan.in_tree:
        yield f"pip install --no-deps -e {plan.target}", "beside your hub: it speaks it from then on"
    yield f"hub sim up {plan.words['kind']}", "serve its simulator, and join it"

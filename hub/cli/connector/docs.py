"""hub connector docs: what a connector's capabilities ask of it, from the border itself, and where the guide is."""

import inspect
import re
import webbrowser
from collections.abc import Callable, Iterator
from pathlib import Path

import click
from rich.markdown import Markdown
from typing_extensions import get_protocol_members

import hub
from hub.cli.output import terminal
from hub.sim.certify.suite import rules_of
from hub.sim.workbench import find_connector
from hub.spec import Capability
from hub.spec.declared import OF_A_CHANNEL, OF_A_KIND

GUIDE = "connector-author.md"
_MODULES = re.compile(r"\b(?:[a-z_]+\.)+(?=[A-Za-z])")


@click.command()
@click.argument("connector", required=False)
@click.option("--guide", is_flag=True, help="Show the whole guide of the author instead.")
@click.option("--open", "open_it", is_flag=True, help="Open the guide with the program for its kind of file.")
def docs(connector: str | None, *, guide: bool, open_it: bool) -> None:
    """Say what each capability asks for: its methods with their signatures, and what certification tries of them.

    CONNECTOR is a kind or a project's folder: then only of what it declares. Without it, of all there are.
    """
    path = guide_path()
    if open_it:
        webbrowser.open(path.as_uri())
    if guide:
        terminal().print(Markdown(path.read_text(encoding="utf-8")))
        return
    declared = find_connector(connector).manifest.capabilities if connector else frozenset(Capability)
    for capability in Capability:
        if capability in declared:
            click.echo("\n".join(_about(capability)) + "\n")
    click.echo(f"The guide: {path}  (--guide shows it)")


def guide_path() -> Path:
    """Beside an installed hub, or in the docs/ of a checkout."""
    package = Path(hub.__file__).resolve().parent
    places = (package / "docs" / GUIDE, package.parent / "docs" / GUIDE)
    return next(each for each in places if each.is_file())


def _about(capability: Capability) -> Iterator[str]:
    protocol = OF_A_CHANNEL.get(capability) or OF_A_KIND[capability]
    yield click.style(f"{capability} ({protocol.__name__})", bold=True)
    for name in sorted(get_protocol_members(protocol)):
        method = getattr(protocol, name)
        word = "async def" if inspect.iscoroutinefunction(method) else "def"
        yield f"  {word} {name}{signature_of(method)}"
        yield from (f"      {line}".rstrip() for line in (inspect.getdoc(method) or "").splitlines())
    for rule in rules_of(capability):
        yield f"  · {rule}"


def signature_of(method: Callable[..., object]) -> str:
    """As it stands in the border, without self and without the names of modules."""
    found = inspect.signature(method)
    parameters = [each for each in found.parameters.values() if each.name != "self"]
    return unqualified(str(found.replace(parameters=parameters)))


def unqualified(annotation: str) -> str:
    """Without the names of modules, and without the mark of a type variable."""
    return _MODULES.sub("", annotation).replace("~", "")

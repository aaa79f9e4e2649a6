"""hub connector list: which kinds of channel this hub speaks, what each can do, and where it comes from."""

from collections.abc import Mapping
from importlib.metadata import entry_points, packages_distributions, version

import click
from msgspec import Struct

from hub.channels.registry import ENTRY_POINTS, load_registry
from hub.cli.output import json_option, show_list
from hub.sim.find import simulator_module
from hub.spec import Capability, Connector


class Listed(Struct, frozen=True):
    """`package` and its version are what pip shows; a built-in one comes with the hub."""

    kind: str
    title: str
    api_version: str
    capabilities: list[Capability]
    simulated: bool
    package: str
    package_version: str


@click.command("list")
@json_option
def list_connectors(*, as_json: bool) -> None:
    """List the kinds of channel there are: what each can do, and which package brought it."""
    owners = _owners()
    show_list(
        [_listed(each, owners) for _, each in sorted(load_registry().kinds.items())],
        as_json=as_json,
        columns=("Kind", "Channel", "API", "Can do", "Simulated", "Package"),
        row=lambda each: (
            each.kind,
            each.title,
            each.api_version,
            ", ".join(name.replace("_", " ") for name in each.capabilities) or "read files",
            "yes" if each.simulated else "no",
            f"{each.package} {each.package_version}",
        ),
        empty="No connector is installed. Begin one with: hub connector new NAME",
    )


def _owners() -> dict[str, str]:
    """Packages by the module that each brings; a package that is installed to be edited lists no files."""
    ours = packages_distributions().get("hub", [""])[0]
    brought = {
        each.module.partition(".")[0]: each.dist.name
        for each in entry_points(group=ENTRY_POINTS)
        if each.dist
    }
    return {"connectors": ours, **brought}


def _listed(connector: Connector, owners: Mapping[str, str]) -> Listed:
    manifest = connector.manifest
    package = owners.get(type(connector).__module__.partition(".")[0], "")
    return Listed(
        manifest.kind,
        manifest.title,
        manifest.api_version,
        [each for each in Capability if each in manifest.capabilities],
        simulator_module(connector) is not None,
        package,
        version(package) if package else "",
    )

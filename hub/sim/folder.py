"""A connector from a folder that nobody has installed: what its author is working on."""

import importlib
import sys
import tomllib
import traceback
from pathlib import Path

import pluggy

from hub.channels.registry import ENTRY_POINTS, registry_of
from hub.model.errors import InputError
from hub.spec import Connector, hooks


def is_folder(target: str) -> bool:
    """Whether this names a folder rather than a kind: it has a path in it, or is one."""
    return "/" in target or target in {".", ".."} or Path(target, "pyproject.toml").exists()


def connector_in(folder: Path) -> Connector:
    """The one connector of the project in this folder; raises InputError where there is none, or more than one."""
    modules = modules_of(folder)
    if str(folder.resolve()) not in sys.path:
        sys.path.insert(0, str(folder.resolve()))
    plugins = pluggy.PluginManager(hooks.PROJECT)
    plugins.add_hookspecs(hooks)
    for name in modules:
        plugins.register(_imported(name, folder), name=name)
    kinds = registry_of(plugins).kinds
    if len(kinds) != 1:
        msg = f"{folder} registers {', '.join(sorted(kinds)) or 'no connector'}: one is needed"
        raise InputError(msg, field="connector")
    return next(iter(kinds.values()))


def modules_of(folder: Path) -> list[str]:
    """The modules its entry points name."""
    project = folder / "pyproject.toml"
    if not project.is_file():
        msg = f"there is no {project}: name the folder of a connector's project, or a kind that is installed"
        raise InputError(msg, field="connector")
    try:
        said = tomllib.loads(project.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        msg = f"{project} cannot be read: {error}"
        raise InputError(msg, field="connector") from error
    points = said.get("project", {}).get("entry-points", {}).get(ENTRY_POINTS, {})
    if not points:
        msg = f'{project} names no entry point [project.entry-points."{ENTRY_POINTS}"]: the hub finds it by that'
        raise InputError(msg, field="connector")
    return list(points.values())


def _imported(name: str, folder: Path) -> object:
    try:
        return importlib.import_module(name)
    except Exception as error:
        frames = traceback.extract_tb(error.__traceback__)
        place = f"{frames[-1].filename}:{frames[-1].lineno}"
        msg = f"{name} of {folder} cannot be imported: {type(error).__name__}: {error} ({place})"
        raise InputError(msg, field="connector") from error

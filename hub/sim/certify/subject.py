"""What is certified, found by its kind or by the folder its author works in."""

import shlex
import sys
from pathlib import Path

from hub.channels.registry import load_registry
from hub.model.errors import InputError
from hub.sim.certify.shop import Recording, Subject
from hub.sim.find import new_simulator_of, simulator_module
from hub.sim.folder import connector_in, is_folder
from hub.spec import Connector

RECORDINGS = "recordings"  # a folder beside the connector's module
BYTES_MAX = 20_000_000


def subject_of(target: str, recordings: Path | None = None) -> Subject:
    """`target` is a kind, or the folder of a project; recordings are its own where none are given."""
    connector = connector_in(Path(target)) if is_folder(target) else load_registry().connector(target)
    named = [target, *(["--recordings", str(recordings)] if recordings else [])]
    return subject_for(connector, recordings, replay=shlex.join(named))


def subject_for(connector: Connector, recordings: Path | None = None, *, replay: str = "") -> Subject:
    module = simulator_module(connector)
    new = new_simulator_of(module) if module else None
    folder = recordings or _beside(connector)
    return Subject(connector, new, read_recordings(folder), replay or connector.manifest.kind)


def read_recordings(folder: Path) -> list[Recording]:
    """Every JSON, XML or CSV file of a folder; none where there is no such folder."""
    files = sorted(each for each in folder.glob("*") if each.suffix in {".json", ".xml", ".csv", ".txt"})
    large = [each.name for each in files if each.stat().st_size > BYTES_MAX]
    if large:
        msg = f"{large[0]} is larger than {BYTES_MAX // 10**6} MB: cut it into smaller recordings"
        raise InputError(msg, field="recordings")
    return [Recording(each.name, each.read_bytes()) for each in files]


def _beside(connector: Connector) -> Path:
    """The folder `recordings` beside the connector's own module."""
    file = sys.modules[type(connector).__module__].__file__
    return Path(file or ".").parent / RECORDINGS

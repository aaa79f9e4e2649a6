"""The addresses of the two servers, and how another command finds those of a hub that runs."""

import os
from pathlib import Path

import msgspec
from msgspec import Struct

from hub.kit.config import Config, folder_unusable
from hub.kit.embedded.waiting import answers


class Endpoints(Struct, frozen=True):
    database_url: str
    redis_url: str


class _Run(Struct, frozen=True):
    """What `run.json` says; `sockets` are those of the embedded servers."""

    pid: int
    endpoints: Endpoints
    sockets: list[str]


def running_endpoints(config: Config) -> Endpoints | None:
    """Return the addresses of the servers as they run now, or None where the embedded ones do not run."""
    if (given := given_endpoints(config)) is not None:
        return given
    try:
        run = msgspec.json.decode(_file(config.folder).read_bytes(), type=_Run)
    except (FileNotFoundError, msgspec.DecodeError):
        return None
    except OSError as error:
        raise folder_unusable(config.folder, error) from error
    return run.endpoints if all(answers(Path(each)) for each in run.sockets) else None


def given_endpoints(config: Config) -> Endpoints | None:
    """Return the addresses where the config names both, so that nothing is embedded."""
    if config.database_url and config.redis_url:
        return Endpoints(config.database_url, config.redis_url)
    return None


def write_run(folder: Path, endpoints: Endpoints, sockets: list[Path]) -> None:
    aside = _file(folder).with_suffix(".new")
    aside.touch(mode=0o600)  # the addresses may carry a password
    aside.write_bytes(msgspec.json.encode(_Run(os.getpid(), endpoints, [*map(str, sockets)])))
    aside.replace(_file(folder))


def forget_run(folder: Path) -> None:
    _file(folder).unlink(missing_ok=True)


def _file(folder: Path) -> Path:
    return folder / "run.json"

"""Somebody who has never seen the hub: a clean environment, a folder, and what they type.

No network is needed: the hub is installed from a wheel made of this checkout, what it needs from wheels that are there.
"""

import os
import shutil
import socket
import subprocess
import sys
import sysconfig
import venv
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import mkdtemp
from threading import Event
from time import monotonic

import click
from msgspec import Struct

from hub.kit.config import Config
from hub.kit.embedded import wipe

ROOT = Path(__file__).resolve().parent.parent
OFFLINE = {"PIP_NO_INDEX": "1", "PIP_NO_BUILD_ISOLATION": "0", "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
PATIENCE_S = 120.0
LOOK_EVERY_S = 0.02
_PIP = '#!/bin/sh\nexec "$(dirname "$0")/python" -m pip "$@"\n'


class Stranger(Struct, frozen=True):
    """What is typed is run by a shell in `folder`, with the programs of `environment` first on the path."""

    environment: Path
    folder: Path
    port: int
    typed: list[str] = []

    def types(self, words: str) -> str:
        """Run it to its end and return what it said; raises where it failed."""
        self.typed.append(words)
        command, where = ["bash", "-c", words], self._environment()
        done = subprocess.run(
            command, cwd=self.folder, env=where, capture_output=True, text=True, check=False
        )
        if done.returncode:
            msg = f"{words}\n{done.stdout}{done.stderr}"
            raise click.ClickException(msg)
        return done.stdout

    @contextmanager
    def leaves_running(self, words: str, *, until: str) -> Iterator[str]:
        """Type it in another terminal; yields what it said up to `until`, and ends it after the block."""
        self.typed.append(words)
        said = self.folder / f"{words.replace(' ', '-')}.log"
        command, where = ["bash", "-c", f"exec {words}"], self._environment()
        with said.open("w") as log:
            process = subprocess.Popen(command, cwd=self.folder, env=where, stdout=log, stderr=log)
        try:
            wait(lambda: until in said.read_text(), f"{words} says {until!r}")
            yield said.read_text()
        finally:
            process.terminate()
            process.wait(PATIENCE_S)

    def _environment(self) -> dict[str, str]:
        """Nothing of the checkout, and nothing of a hub that runs elsewhere."""
        foreign = ("HUB_", "DATABASE_URL", "REDIS_URL", "PYTHONPATH")
        kept = {name: value for name, value in os.environ.items() if not name.startswith(foreign)}
        path = f"{self.environment / 'bin'}{os.pathsep}{os.environ['PATH']}"
        return {**kept, **OFFLINE, "PATH": path, "HUB_PORT": str(self.port)}


@contextmanager
def settled(wheels: Sequence[Path] = ()) -> Iterator[Stranger]:
    """Make the environment and the folder, which are deleted at the end.

    `wheels` are all that the hub needs; without them it is lent the packages of this environment.
    """
    folder = Path(mkdtemp(prefix="orderhub-stranger-"))
    folder.chmod(0o711)  # as root, PostgreSQL runs as somebody who must enter it
    stranger = Stranger(folder / "venv", folder, _free_port())
    try:
        _install_hub(stranger, wheels)
        yield stranger
    finally:
        wipe(Config(folder=folder / ".hub"))
        shutil.rmtree(folder)


def line_that_joins(said: str) -> str:
    """What `hub sim up` asks to type in another terminal."""
    return said.partition("another terminal:\n")[2].partition("\n\n")[0]


def wait(holds: Callable[[], bool], what: str) -> None:
    deadline = monotonic() + PATIENCE_S
    while not holds():
        if monotonic() > deadline:
            msg = f"after {PATIENCE_S:.0f} s still not so: {what}"
            raise click.ClickException(msg)
        Event().wait(LOOK_EVERY_S)


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def _install_hub(stranger: Stranger, wheels: Sequence[Path]) -> None:
    made = stranger.folder / "wheels"
    subprocess.run(
        [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", f"--wheel-dir={made}", str(ROOT)],
        env={**os.environ, **OFFLINE},
        check=True,
    )
    venv.create(stranger.environment, with_pip=bool(wheels), symlinks=True)
    if not wheels:
        _lend(stranger.environment)
    named = " ".join(map(str, [*wheels, *made.glob("*.whl")]))
    stranger.types(f"pip install --quiet --no-deps {named}")


def _lend(environment: Path) -> None:
    site = next((environment / "lib").glob("python*/site-packages"))
    (site / "lent.pth").write_text(sysconfig.get_path("purelib"))
    pip = environment / "bin/pip"
    pip.write_text(_PIP)
    pip.chmod(0o755)

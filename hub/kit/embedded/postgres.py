"""The embedded PostgreSQL: made once, started as our child, reached through a socket in a private folder."""

import os
import re
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from tempfile import mkdtemp

import psycopg

from hub.kit.embedded.accounts import ME, give, run_as, spawn_as
from hub.kit.embedded.binaries import find_postgres, usable_by
from hub.kit.embedded.errors import ServerStartError
from hub.kit.embedded.places import MARKER, Places
from hub.kit.embedded.waiting import answers, last_lines, rotate, wait_until

_PORT = 5432  # names the socket only: PostgreSQL listens on no network address
_START_TRIES = 5
_READY_S = 60.0
_STOP_S = 20.0
_NO_SUCH_PID = 2**30  # above every system's highest
_BUILTIN_LOCALES = 17  # the first release whose sort order does not hang on the system's C library
_SETTINGS = """
timezone = 'UTC'
log_timezone = 'UTC'
log_checkpoints = off
max_wal_size = 1GB
"""


class Postgres:
    name = "postgres"

    def __init__(self, places: Places, *, durable: bool = True) -> None:
        """`durable=False` gives safety up for speed: for tests, whose files nobody needs after a crash."""
        self._places = places
        self._durable = durable
        self._child: subprocess.Popen[bytes] | None = None
        self._bin = usable_by(places.account, find_postgres(places.postgres_bin), places.cache).parent

    @property
    def url(self) -> str:
        return f"postgresql+psycopg://hub@/hub?host={self._places.sockets}"

    def running(self) -> bool:
        return self._child is not None and self._child.poll() is None

    def start(self) -> None:
        """Return when it answers and has the database `hub`; what a killed hub left running is stopped first."""
        if not (self._places.postgres / MARKER).exists():
            self._create_files()
        self._stop_leftovers()
        for tries_left in reversed(range(_START_TRIES)):
            self._spawn()
            if wait_until(self._settled, _READY_S) and self.running():
                return
            if not tries_left or not self._predecessor_lingers():
                self._fail()

    def stop(self) -> None:
        """Break off what runs and write everything down; where that takes too long, leave it to the next start."""
        if self._child is None:
            return
        for sign in (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL):
            self._child.send_signal(sign)
            with suppress(subprocess.TimeoutExpired):
                self._child.wait(_STOP_S)
                break
        self._child = None

    def _create_files(self) -> None:
        """Make them aside and rename: a start that was killed half-way leaves nothing that looks whole."""
        target, account = self._places.postgres, self._places.account
        for left in target.parent.glob(f"{target.name}.new-*"):
            shutil.rmtree(left, ignore_errors=True)
        aside = Path(mkdtemp(prefix=f"{target.name}.new-", dir=target.parent))
        give(aside, account)
        made = run_as(account, [self._bin / "initdb", "-D", aside, *self._choices()])
        if made.returncode != 0:
            shutil.rmtree(aside, ignore_errors=True)
            msg = f"PostgreSQL's files could not be made in {target.parent}:\n{made.stdout[-1000:]}"
            raise ServerStartError(msg)
        with (aside / "postgresql.conf").open("a") as settings:
            settings.write(_SETTINGS)
        (aside / MARKER).write_text("Made by the hub, which may delete this folder when asked to wipe.\n")
        aside.rename(target)

    def _choices(self) -> list[str]:
        text = run_as(ME, [self._bin / "postgres", "--version"]).stdout
        release = re.search(r"\d+", text)
        builtin = release is not None and int(release[0]) >= _BUILTIN_LOCALES
        locale = ["--locale-provider=builtin", "--locale=C.UTF-8"] if builtin else ["--locale=C"]
        sync = [] if self._durable else ["--no-sync"]
        return ["-U", "hub", "--auth=trust", "--encoding=UTF8", "--no-instructions", *locale, *sync]

    def _spawn(self) -> None:
        with rotate(self._places.log(self.name)).open("ab") as log:
            command: list[str | Path] = [
                self._bin / "postgres",
                "-D",
                self._places.postgres,
                *self._options(),
            ]
            self._child = spawn_as(self._places.account, command, log)

    def _options(self) -> Iterator[str]:
        """On the command line, so that they hold whatever the files say."""
        options = {
            "listen_addresses": "",
            "port": str(_PORT),
            "unix_socket_directories": str(self._places.sockets),
            "unix_socket_permissions": "0700",
        }
        if not self._durable:
            options |= dict.fromkeys(("fsync", "synchronous_commit", "full_page_writes"), "off")
        for name, value in options.items():
            yield f"--{name}={value}"

    def _settled(self) -> bool:
        """Whether it answers, or has given up."""
        if not self.running():
            return True
        try:
            self._ensure_database()
        except psycopg.OperationalError:
            return False
        return True

    def _ensure_database(self) -> None:
        address = f"host={self._places.sockets} port={_PORT} user=hub dbname=postgres connect_timeout=2"
        with psycopg.connect(address, autocommit=True) as connection:
            found = connection.execute("SELECT FROM pg_database WHERE datname = 'hub'").rowcount
            if not found:
                connection.execute("CREATE DATABASE hub")

    def _predecessor_lingers(self) -> bool:
        """After a kill -9 the children of the dead server need a moment to notice and go."""
        return "still in use" in last_lines(self._places.log(self.name), 3) and not wait_until(
            self.running, 0.3
        )

    def _fail(self) -> None:
        log = self._places.log(self.name)
        self.stop()
        msg = f"PostgreSQL did not start; the end of {log}:\n{last_lines(log)}"
        raise ServerStartError(msg)

    def _stop_leftovers(self) -> None:
        """Stop a server a killed hub left on these files, or on these sockets with files that are gone."""
        if self.running():
            return
        for file in (
            self._places.postgres / "postmaster.pid",
            self.socket_path.with_name(f"{self.socket_path.name}.lock"),
        ):
            with suppress(FileNotFoundError, ValueError, IndexError):
                pid, home, *_ = file.read_text().splitlines()
                self._stop_leftover(file, int(pid), Path(home))

    def _stop_leftover(self, file: Path, pid: int, home: Path) -> None:
        for sign in (signal.SIGINT, signal.SIGQUIT):
            if self._is_server(pid, home):
                os.kill(pid, sign)
                wait_until(lambda: not self._is_server(pid, home), _STOP_S)
        if file.exists():
            _disown(file)

    def _is_server(self, pid: int, home: Path) -> bool:
        """Tell a server on these files from another program that got its number: by its working directory."""
        if Path("/proc/self/cwd").exists():
            with suppress(OSError):
                return str(Path(f"/proc/{pid}/cwd").readlink()).removesuffix(" (deleted)") == str(home)
            return False
        return answers(self.socket_path)

    @property
    def socket_path(self) -> Path:
        return self._places.sockets / f".s.PGSQL.{_PORT}"


def _disown(file: Path) -> None:
    """Replace the number of a dead server, which may be another program's by now, or a zombie's.

    The rest stays: with it PostgreSQL makes sure that no child of the dead server still writes to the files.
    """
    lines = file.read_text().splitlines(keepends=True)
    file.write_text("".join([f"{_NO_SUCH_PID}\n", *lines[1:]]))

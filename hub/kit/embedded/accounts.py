"""Who the servers run as: PostgreSQL refuses to be root, so under root both belong to `nobody`."""

import os
import pwd
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import IO

from msgspec import Struct


class Account(Struct, frozen=True):
    name: str
    uid: int | None
    gid: int | None
    groups: list[str | int] | None

    @property
    def is_other(self) -> bool:
        return self.uid is not None


ME = Account("", None, None, None)


def server_account() -> Account:
    """Return ME where the servers simply run as whoever runs the hub."""
    if os.geteuid() != 0:
        return ME
    entry = pwd.getpwnam("nobody")
    return Account(entry.pw_name, entry.pw_uid, entry.pw_gid, [])


def make_folder(path: Path, mode: int) -> None:
    """Make it with this mode whatever the umask says; one that exists stays as it is."""
    if not path.exists():
        path.mkdir(parents=True, exist_ok=True)
        path.chmod(mode)


def give(path: Path, account: Account) -> None:
    if account.uid is not None and account.gid is not None:
        os.chown(path, account.uid, account.gid)


def can_reach(path: Path, account: Account) -> bool:
    """Ask the system itself, as that account: whether every folder on the way and the path itself can be entered."""
    return (
        not account.is_other or run_as(account, ["/bin/sh", "-c", 'test -x "$1"', "sh", path]).returncode == 0
    )


def run_as(account: Account, command: Sequence[str | Path]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command,
        cwd="/",
        env=_environment(),
        check=False,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        user=account.uid,
        group=account.gid,
        extra_groups=account.groups,
    )


def spawn_as(account: Account, command: Sequence[str | Path], log: IO[bytes]) -> subprocess.Popen[bytes]:
    """Start a server in a session of its own: Ctrl-C reaches the hub alone, which then stops it in order."""
    return subprocess.Popen(
        command,
        cwd="/",
        env=_environment(),
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=subprocess.STDOUT,
        start_new_session=True,
        user=account.uid,
        group=account.gid,
        extra_groups=account.groups,
    )


def _environment() -> dict[str, str]:
    """Pass on nothing of ours: PGPORT or PGDATA would mislead the server, and it has no business with our secrets."""
    return {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"}

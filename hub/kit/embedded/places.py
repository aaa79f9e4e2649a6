"""Where things are: the hub's folder, PostgreSQL's files, the private folder of the sockets.

Sockets cannot lie in the hub's folder: their path may have 107 bytes, and a folder may be shared with a system that
knows no sockets. Nobody's folders are opened up: where the account of the servers cannot enter the hub's folder (a
checkout in root's home), PostgreSQL's files go to /var/lib/orderhub, and a note in the folder says where.
"""

import os
import shutil
import stat
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from tempfile import mkdtemp

from msgspec import Struct

from hub.kit.config import Config, folder_unusable
from hub.kit.embedded.accounts import Account, can_reach, give, make_folder, server_account
from hub.kit.embedded.errors import ServerStartError
from hub.kit.embedded.lock import folder_lock

ELSEWHERE = Path("/var/lib/orderhub")
MARKER = "ORDERHUB"
_SOCKETS = Path("/tmp")  # noqa: S108 -- the same for every command and every TMPDIR; see _private_folder
_NOTE = "postgres-is-elsewhere.txt"


class Places(Struct, frozen=True, kw_only=True):
    folder: Path
    postgres: Path
    sockets: Path
    account: Account
    postgres_bin: Path | None = None

    @property
    def cache(self) -> Path:
        return ELSEWHERE / "programs"

    def log(self, name: str) -> Path:
        return self.folder / f"{name}.log"


def open_places(config: Config) -> Places:
    """Make the folders that are missing."""
    account = server_account()
    folder = hub_folder(config)
    return Places(
        folder=folder,
        postgres=_postgres_home(folder, account) / "pg",
        sockets=_private_folder(socket_folder(folder), account),
        account=account,
        postgres_bin=config.postgres_bin,
    )


def hub_folder(config: Config) -> Path:
    """Make it private, but let the servers' account pass through to its own part."""
    folder = config.folder.resolve()
    try:
        make_folder(folder, 0o711 if os.geteuid() == 0 else 0o700)
    except OSError as error:
        raise folder_unusable(folder, error) from error
    return folder


def socket_folder(folder: Path) -> Path:
    """Give each hub folder of each user a short name of its own, the same on every start."""
    digest = sha256(os.fsencode(folder)).hexdigest()
    return _SOCKETS / f"orderhub-{os.geteuid()}-{digest[:12]}"


def wipe(config: Config) -> None:
    """Delete PostgreSQL's files, and only those that carry the hub's marker; FolderInUseError where the hub runs."""
    folder = config.folder.resolve()
    if folder.exists():
        with folder_lock(folder):
            _wipe(folder)


def _wipe(folder: Path) -> None:
    for home in {folder, _noted_home(folder) or folder}:
        if (home / "pg" / MARKER).exists():
            shutil.rmtree(home / "pg")
        if home != folder:
            (folder / _NOTE).unlink()
            _remove_empty(home)
    _remove_empty(socket_folder(folder))


def _remove_empty(folder: Path) -> None:
    with suppress(OSError):
        folder.rmdir()


def _postgres_home(folder: Path, account: Account) -> Path:
    """Return where `pg` belongs: once chosen, it stays."""
    if (noted := _noted_home(folder)) is not None:
        if noted.is_dir():
            return noted
        note = folder / _NOTE
        msg = f"PostgreSQL's files were in {noted}, which is gone: bring it back, or delete {note} to begin anew"
        raise ServerStartError(msg)
    if can_reach(folder, account):
        return folder
    if (folder / "pg").exists():
        msg = f"the account {account.name!r} can no longer enter {folder}/pg: move it, or chmod o+x what is above it"
        raise ServerStartError(msg)
    return _make_home_elsewhere(folder)


def _noted_home(folder: Path) -> Path | None:
    note = folder / _NOTE
    return Path(note.read_text().splitlines()[0]) if note.exists() else None


def _make_home_elsewhere(folder: Path) -> Path:
    try:
        make_folder(ELSEWHERE, 0o755)
        home = Path(mkdtemp(prefix=f"{folder.parent.name}-", dir=ELSEWHERE))
    except OSError as error:
        msg = (
            f"PostgreSQL cannot run as root, {folder} is closed to others, and {ELSEWHERE} cannot be made"
            f" ({error}): set HUB_DATA to a folder that others may enter"
        )
        raise ServerStartError(msg) from error
    home.chmod(0o711)
    (folder / _NOTE).write_text(
        f"{home}\nPostgreSQL's files are there: it may not run as root, and its account cannot enter this folder.\n"
    )
    return home


def _private_folder(path: Path, account: Account) -> Path:
    """Make the folder of the sockets, and refuse one that somebody else has made under this name."""
    path.mkdir(mode=0o700, exist_ok=True)
    state = path.lstat()
    if not stat.S_ISDIR(state.st_mode) or state.st_uid not in {os.geteuid(), account.uid}:
        msg = f"{path} belongs to somebody else: remove it, it is where this hub has its sockets"
        raise ServerStartError(msg)
    path.chmod(0o700)
    give(path, account)
    return path

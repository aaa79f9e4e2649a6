"""Root can run the hub anywhere: PostgreSQL is nobody then, and no folder of anybody is opened up for it."""

import os
import subprocess
from pathlib import Path

import pytest
from msgspec import structs

from hub.kit.config import Config
from hub.kit.embedded import ServerStartError, wipe
from hub.kit.embedded.accounts import ME, server_account
from hub.kit.embedded.binaries import Program, find_postgres, usable_by
from hub.kit.embedded.places import open_places
from tests.kit.conftest import ask, own_folder, postgres_pid, served

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="needs root")


@pytest.fixture
def closed(tmp_path: Path) -> Path:
    """A folder that only root can enter, as a checkout in root's home is."""
    tmp_path.chmod(0o700)
    return tmp_path


def test_postgres_runs_as_nobody(config: Config):
    with served(config):
        assert Path(f"/proc/{postgres_pid(config)}").stat().st_uid == server_account().uid


def test_a_closed_folder_stays_closed_and_its_rows_are_kept_elsewhere(closed: Path):
    config = Config(folder=closed / ".hub")
    with served(config) as endpoints:
        ask(endpoints, "CREATE TABLE mugs AS SELECT 7 AS on_hand")
    with served(config) as endpoints:
        assert ask(endpoints, "SELECT on_hand FROM mugs") == [(7,)]
    wipe(config)
    assert closed.stat().st_mode & 0o777 == 0o700


def test_a_strict_umask_locks_nobody_out():
    with own_folder() as folder:
        before = os.umask(0o077)
        try:
            with served(Config(folder=folder / "new")) as endpoints:
                assert ask(endpoints, "SELECT 1") == [(1,)]
        finally:
            os.umask(before)
        assert (folder / "new/pg").exists()


def test_a_note_says_where_the_files_are_until_they_are_wiped(closed: Path):
    config = Config(folder=closed / ".hub")
    note = closed / ".hub/postgres-is-elsewhere.txt"
    home = open_places(config).postgres.parent
    assert note.read_text().splitlines()[0] == str(home)
    wipe(config)
    assert (note.exists(), home.exists()) == (False, False)


def test_files_that_are_gone_are_asked_for_by_name(closed: Path):
    config = Config(folder=closed / ".hub")
    home = open_places(config).postgres.parent
    home.rmdir()
    with pytest.raises(ServerStartError, match=f"were in {home}, which is gone: bring it back, or delete"):
        open_places(config)
    wipe(config)


def test_files_that_became_unreachable_are_not_made_anew_elsewhere(closed: Path):
    (closed / ".hub/pg").mkdir(parents=True)
    with pytest.raises(ServerStartError, match="'nobody' can no longer enter"):
        open_places(Config(folder=closed / ".hub"))


def test_a_wheel_nobody_can_reach_is_copied_once_with_its_libraries(closed: Path):
    program = Program(closed / "site/serving/bin/serve", closed / "site/serving")
    for path in (program.path, closed / "site/serving.libs/lib.so"):
        path.parent.mkdir(parents=True)
        path.touch(mode=0o700)
    copies = [usable_by(server_account(), program, closed / "cache") for _ in range(2)]
    assert copies[0] == copies[1]
    assert copies[0].stat().st_mode & 0o777 == 0o755
    assert (copies[0].parent.parent.parent / "serving.libs/lib.so").exists()


def test_postgres_runs_from_a_copy_where_its_wheel_is_closed(config: Config, closed: Path):
    wheel = find_postgres(None)
    assert wheel.package is not None
    for part in wheel.package.parent.glob(f"{wheel.package.name}*"):
        subprocess.run(["cp", "-a", part, closed], check=True)
    moved = Program(closed / wheel.path.relative_to(wheel.package.parent), closed / wheel.package.name)
    copy = usable_by(server_account(), moved, config.folder / "cache")
    with served(structs.replace(config, postgres_bin=copy.parent)) as endpoints:
        assert ask(endpoints, "SELECT 1") == [(1,)]


def test_a_program_of_the_system_that_nobody_can_reach_is_named(closed: Path):
    with pytest.raises(
        ServerStartError, match=r"'nobody' cannot reach .*serve: install it where others may enter"
    ):
        usable_by(server_account(), Program(closed / "serve"), closed / "cache")


def test_programs_within_reach_are_used_where_they_are(closed: Path):
    program = find_postgres(None)
    assert usable_by(ME, program, closed / "cache") == program.path

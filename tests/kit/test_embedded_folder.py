"""A hub's folder belongs to one hub at a time, keeps its rows between runs, and survives starts that went wrong."""

import os
from pathlib import Path

import pytest

from hub.kit.config import Config
from hub.kit.embedded import (
    FolderInUseError,
    Servers,
    ServerStartError,
    refuse_second_hub,
    running_endpoints,
    wipe,
)
from tests.kit.conftest import ask, own_folder, served


def test_rows_are_kept_between_runs(config: Config):
    with served(config) as endpoints:
        ask(endpoints, "CREATE TABLE mugs AS SELECT 7 AS on_hand")
    with served(config) as endpoints:
        assert ask(endpoints, "SELECT on_hand FROM mugs") == [(7,)]


def test_the_servers_listen_on_no_network_address(config: Config):
    with served(config) as endpoints:
        assert ask(endpoints, "SHOW listen_addresses") == [("",)]
        assert endpoints.redis_url.startswith("unix://")


def test_a_second_hub_is_refused_and_told_who_has_the_folder(config: Config):
    message = (
        f"another hub .pid {os.getpid()}. uses {config.folder}: stop it, or set HUB_DATA to another folder"
    )
    with served(config), pytest.raises(FolderInUseError, match=message):
        Servers(config).start()


def test_a_second_hub_is_refused_before_it_does_anything(config: Config):
    with served(config), pytest.raises(FolderInUseError, match="another hub"):
        refuse_second_hub(config)
    refuse_second_hub(config)  # once the first is gone


def test_other_commands_find_the_servers_only_while_they_run(config: Config):
    with served(config) as endpoints:
        assert running_endpoints(config) == endpoints
    assert running_endpoints(config) is None


def test_the_folder_of_the_sockets_is_private_and_goes_with_the_servers(config: Config):
    with served(config) as endpoints:
        sockets = Path(endpoints.redis_url.removeprefix("unix://")).parent
        assert sockets.stat().st_mode & 0o777 == 0o700
    assert not sockets.exists()


def test_nothing_is_started_where_both_addresses_are_given(tmp_path: Path):
    config = Config(folder=tmp_path, database_url="postgresql+psycopg://db/hub", redis_url="redis://cache")
    with served(config) as endpoints:
        assert (endpoints.database_url, endpoints.redis_url) == (config.database_url, config.redis_url)
    assert list(tmp_path.iterdir()) == []


def test_what_a_broken_off_first_start_left_is_replaced():
    with own_folder() as folder:
        (folder / "pg.new-half").mkdir()
        with served(Config(folder=folder)) as endpoints:
            assert ask(endpoints, "SELECT 1") == [(1,)]
        assert not (folder / "pg.new-half").exists()


def test_a_pid_file_that_names_another_program_does_not_stop_the_start(config: Config):
    stale = config.folder / "pg/postmaster.pid"
    stale.write_text(f"{os.getppid()}\n{config.folder / 'pg'}\n1700000000\n5432\n/nowhere\n\n0 0\nready\n")
    with served(config) as endpoints:
        assert ask(endpoints, "SELECT 1") == [(1,)]


def test_a_start_that_fails_shows_the_end_of_the_log(config: Config):
    with (config.folder / "pg/postgresql.conf").open("a") as settings:
        settings.write("shared_buffers = 'a lot'\n")
    with pytest.raises(
        ServerStartError, match=r"(?s)PostgreSQL did not start.*invalid value.*shared_buffers"
    ):
        Servers(config).start()
    assert running_endpoints(config) is None


def test_wipe_deletes_only_what_the_hub_made(config: Config):
    theirs = config.folder / "photos"
    theirs.mkdir()
    wipe(config)
    assert (theirs.exists(), (config.folder / "pg").exists()) == (True, False)


def test_wipe_spares_a_folder_without_the_marker(tmp_path: Path):
    (tmp_path / "pg").mkdir()
    wipe(Config(folder=tmp_path))
    assert (tmp_path / "pg").exists()


def test_wipe_refuses_while_the_hub_runs(config: Config):
    with served(config) as endpoints:
        with pytest.raises(FolderInUseError, match="stop it"):
            wipe(config)
        assert ask(endpoints, "SELECT 1") == [(1,)]

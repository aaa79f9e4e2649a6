"""A command finds the hub by itself, or says in one sentence why it cannot."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp

import pytest

from hub.kit.config import Config
from hub.kit.embedded import Endpoints, Servers, wipe
from tests.cli.conftest import ROOT, Hub
from tests.conftest import run_sql, url_of


def test_a_database_that_cannot_be_reached_is_named_without_its_password(hub: Hub):
    hub.environment["DATABASE_URL"] = "postgresql://ada:secret@127.0.0.1:9/shop"
    said = hub("order", "list")
    assert (said.code, "cannot reach the database 127.0.0.1:9/shop" in said.error) == (1, True)
    assert "secret" not in said.error


def test_a_database_without_tables_asks_to_be_migrated(hub: Hub, servers: Endpoints):
    run_sql(servers.database_url, "CREATE DATABASE without_tables")
    hub.environment["DATABASE_URL"] = url_of(servers, "without_tables")
    said = hub("order", "list")
    run_sql(servers.database_url, "DROP DATABASE without_tables WITH (FORCE)")
    assert said.error.endswith("bring it to this version's tables with: hub migrate")


@pytest.mark.parametrize(
    ("name", "value"), [("HUB_PORT", "x"), ("DATABASE_URL", "mysql://x"), ("HUB_URL", "x")]
)
def test_a_bad_setting_is_named(hub: Hub, name: str, value: str):
    hub.environment[name] = value
    said = hub("order", "list")
    assert (said.code, name in said.error) == (1, True)


@pytest.mark.parametrize("folder", ["/proc/nobody/makes/this", "/dev/null"])
@pytest.mark.parametrize("words", ["order list", "up"])
def test_a_folder_that_cannot_be_used_is_named(folder: str, words: str):
    said = run_alone({"HUB_DATA": folder, "HUB_PORT": "0"}, *words.split())
    assert (said.returncode, said.stderr.count("\n")) == (1, 1), said.stderr
    assert f"the data folder {folder} cannot be used" in said.stderr


def test_a_folder_that_cannot_keep_the_key_is_named(hub: Hub):
    hub.environment |= {"HUB_DATA": "/proc/nobody/makes/this", "HUB_SECRET_KEY": ""}
    assert "set HUB_DATA to a folder you may write to" in hub("order", "list").error


def test_a_key_that_is_no_key_is_named(hub: Hub):
    hub.environment["HUB_SECRET_KEY"] = "short"
    assert "HUB_SECRET_KEY is not the base64 of 32 bytes" in hub("order", "list").error


@pytest.fixture
def alone() -> Iterator[dict[str, str]]:
    """The environment of a hub that does not run, in a folder of its own."""
    folder = Path(mkdtemp(prefix="orderhub-cli-"))
    folder.chmod(0o711)
    yield {"HUB_DATA": str(folder)}
    wipe(Config(folder=folder))
    rmtree(folder, ignore_errors=True)


def run_alone(environment: dict[str, str], *words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "hub", *words]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)


def test_where_no_hub_runs_the_servers_start_for_the_length_of_the_command(alone: dict[str, str]):
    first = run_alone(alone, "channel", "add", "manual", "phone")
    second = run_alone(alone, "channel", "list")
    assert (first.returncode, first.stderr, second.returncode, second.stderr) == (0, "", 0, "")
    assert "phone    manual" in second.stdout


def test_a_hub_that_starts_or_stops_at_this_moment_is_named(alone: dict[str, str]):
    config = Config(folder=Path(alone["HUB_DATA"]))
    servers = Servers(config, durable=False)
    servers.start()
    (config.folder / "run.json").unlink()  # it holds the folder and does not say where its servers are
    said = run_alone(alone, "order", "list")
    servers.stop()
    assert (said.returncode, said.stdout) == (1, "")
    assert "another hub" in said.stderr
    assert "Traceback" not in said.stderr

"""Hubs of their own for these tests: they are killed, broken and wiped."""

import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import mkdtemp
from textwrap import dedent

import psycopg
import pytest

from hub.kit.config import Config
from hub.kit.embedded import Endpoints, Servers, wipe

ROOT = Path(__file__).parent.parent.parent
OWNER = """
    import asyncio, sys
    from pathlib import Path
    from hub.kit.config import Config
    from hub.kit.embedded import embedded_servers

    async def own():
        async with embedded_servers(Config(folder=Path(sys.argv[1])), durable=False):
            print("up", flush=True)
            await asyncio.sleep(600)

    asyncio.run(own())
"""


@pytest.fixture(scope="session")
def made_once() -> Iterator[Path]:
    """Make PostgreSQL's files once; the tests start from copies, in a tenth of the time."""
    with own_folder() as folder:
        with served(Config(folder=folder)):
            pass
        yield folder


@pytest.fixture
def config(made_once: Path) -> Iterator[Config]:
    with own_folder() as folder:
        subprocess.run(["cp", "-a", made_once / "pg", folder], check=True)
        yield Config(folder=folder)


@pytest.fixture
def serve() -> Iterator[Callable[[Config], Endpoints]]:
    """Return a function that starts the servers; they are stopped after the test."""
    with ExitStack() as stack:
        yield lambda config: stack.enter_context(served(config))


@pytest.fixture
def hub_process(config: Config) -> Iterator[subprocess.Popen[str]]:
    """Start another program that owns the servers of `config`, and wait until they are up."""
    command = [sys.executable, "-c", dedent(OWNER), str(config.folder)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "up\n"
        yield process
        process.kill()


@contextmanager
def served(config: Config) -> Iterator[Endpoints]:
    servers = Servers(config, durable=False)
    try:
        yield servers.start()
    finally:
        servers.stop()


@contextmanager
def own_folder() -> Iterator[Path]:
    folder = Path(mkdtemp(prefix="orderhub-kit-"))
    folder.chmod(0o711)
    try:
        yield folder
    finally:
        wipe(Config(folder=folder))
        shutil.rmtree(folder)


def ask(endpoints: Endpoints, statement: str) -> list[tuple[object, ...]]:
    with psycopg.connect(endpoints.database_url.replace("+psycopg", ""), autocommit=True) as connection:
        cursor = connection.execute(statement.encode())
        return cursor.fetchall() if cursor.description else []


def postgres_pid(config: Config) -> int:
    return int((config.folder / "pg/postmaster.pid").read_text().split()[0])

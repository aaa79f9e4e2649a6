"""One throw-away PostgreSQL and Valkey for the run, one template migrated once, a clean database for each test.

`tx` rolls back; `db`, `database` and `emptied_db_url` may commit and are emptied after; `fresh_db_url` is a database of
one test's own, which takes a hundred times as long.
"""

import ipaddress
import shutil
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import gettempdir, mkdtemp
from typing import Any

import psycopg
import pytest
from alembic import command
from alembic.config import Config as AlembicConfig
from hypothesis import HealthCheck, settings
from redis.asyncio import Redis
from sqlalchemy import make_url, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from hub.kit.config import Config
from hub.kit.embedded import Endpoints, FolderInUseError, Servers, wipe
from hub.kit.ids import uuid7
from hub.store.db import Database

ROOT = Path(__file__).parent.parent
FOLDERS = "orderhub-tests-"
TEMPLATE = "template_hub"
EMPTY_WHAT_IS_NOT = """
DO $$
DECLARE
    each record;
    filled bool;
BEGIN
    SET LOCAL session_replication_role = replica;
    FOR each IN SELECT oid::regclass AS name FROM pg_class
        WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND relname <> 'alembic_version'
    LOOP
        EXECUTE format('SELECT EXISTS (SELECT FROM %s)', each.name) INTO filled;
        IF filled THEN EXECUTE format('DELETE FROM %s', each.name); END IF;
    END LOOP;
END $$
"""

# A test that failed may leave transactions open: nothing could be emptied while they are.
END_WHAT_GOES_ON = """
SELECT pg_terminate_backend(pid, 60000) FROM pg_stat_activity
WHERE datname = current_database() AND state <> 'idle' AND pid <> pg_backend_pid()
"""

COUNT_ANEW = """
DO $$
DECLARE
    each record;
BEGIN
    FOR each IN SELECT oid::regclass AS name FROM pg_class WHERE relkind = 'S' AND relnamespace = 'public'::regnamespace
    LOOP
        EXECUTE format('ALTER SEQUENCE %s RESTART', each.name);
    END LOOP;
END $$
"""


def pytest_sessionstart() -> None:
    slow = [HealthCheck.too_slow]  # a busy machine is no broken rule
    # The same draws each time: chance decides over no change but the one that brings a fault.
    settings.register_profile("hub", deadline=None, suppress_health_check=slow, derandomize=True)
    settings.load_profile("hub")
    sys.addaudithook(refuse_the_network)


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="session")
def servers() -> Iterator[Endpoints]:
    sweep_what_killed_runs_left()
    folder = Path(mkdtemp(prefix=FOLDERS))
    folder.chmod(0o711)
    running = Servers(Config(folder=folder), durable=False)
    try:
        yield running.start()
    finally:
        running.stop()
        delete(folder)


@pytest.fixture(scope="session")
def template(servers: Endpoints) -> Endpoints:
    """Return the servers once the template holds every migration."""
    run_sql(servers.database_url, f"CREATE DATABASE {TEMPLATE}")
    alembic = AlembicConfig(ROOT / "alembic.ini")
    alembic.attributes["url"] = url_of(servers, TEMPLATE)
    command.upgrade(alembic, "head")
    return servers


@pytest.fixture(scope="session")
def db_url(template: Endpoints) -> Iterator[str]:
    with cloned(template) as url:
        yield url


@pytest.fixture
def fresh_db_url(template: Endpoints) -> Iterator[str]:
    """For tests with several processes, or that change the schema: a database nobody else sees."""
    with cloned(template) as url:
        yield url


@pytest.fixture
def emptied_db_url(db_url: str) -> Iterator[str]:
    """For tests that open it themselves, with as many connections as they like; orders are numbered from 1001."""
    run_sql(db_url, COUNT_ANEW)
    yield db_url
    run_sql(db_url, END_WHAT_GOES_ON)
    run_sql(db_url, EMPTY_WHAT_IS_NOT)


@pytest.fixture(scope="session")
async def shared_database(db_url: str) -> AsyncIterator[Database]:
    shared = Database(db_url)
    yield shared
    await shared.close()


@pytest.fixture(scope="session")
def engine(shared_database: Database) -> AsyncEngine:
    return shared_database.engine


@pytest.fixture
async def tx(engine: AsyncEngine) -> AsyncIterator[AsyncConnection]:
    async with engine.connect() as connection:
        transaction = await connection.begin()
        yield connection
        await transaction.rollback()


@pytest.fixture
async def db(engine: AsyncEngine) -> AsyncIterator[AsyncEngine]:
    yield engine
    async with engine.begin() as connection:
        await connection.execute(text(EMPTY_WHAT_IS_NOT))


@pytest.fixture
def database(db: AsyncEngine, shared_database: Database) -> Database:
    """`db` as the edges see it: with transaction() and session()."""
    assert shared_database.engine is db
    return shared_database


@pytest.fixture(scope="session")
def valkey_url(servers: Endpoints) -> str:
    return servers.redis_url


@pytest.fixture
async def valkey(valkey_url: str) -> AsyncIterator[Redis]:
    client = Redis.from_url(valkey_url)
    await client.flushall()
    yield client
    await client.aclose()


@contextmanager
def cloned(servers: Endpoints) -> Iterator[str]:
    name = f"test_{uuid7().hex}"
    run_sql(servers.database_url, f"CREATE DATABASE {name} TEMPLATE {TEMPLATE}")
    yield url_of(servers, name)
    run_sql(servers.database_url, f"DROP DATABASE {name} WITH (FORCE)")


def url_of(servers: Endpoints, name: str) -> str:
    return make_url(servers.database_url).set(database=name).render_as_string(hide_password=False)


def run_sql(url: str, statement: str) -> None:
    with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute(statement.encode())


def sweep_what_killed_runs_left() -> None:
    """A run that was killed leaves its servers behind: take its folder over, stop them, delete it."""
    for left in Path(gettempdir()).glob(f"{FOLDERS}*/run.json"):
        again = Servers(Config(folder=left.parent), durable=False)
        with suppress(FolderInUseError, FileNotFoundError):
            again.start()
            again.stop()
            delete(left.parent)


def delete(folder: Path) -> None:
    wipe(Config(folder=folder))
    shutil.rmtree(folder)


def refuse_the_network(event: str, facts: tuple[Any, ...]) -> None:
    """Nothing but sockets and loopback; a failure, not an error, so that no code under test can swallow it."""
    if event == "socket.connect" and isinstance(facts[1], tuple):
        host = facts[1][0]
    elif event == "socket.getaddrinfo":
        host = facts[0]
    else:
        return
    if not is_local(host):
        pytest.fail(f"a test wants to reach {host!r}: only loopback is open to tests")


def is_local(host: str | bytes | None) -> bool:
    name = host.decode() if isinstance(host, bytes) else host
    if name in {None, "", "localhost"}:
        return True
    with suppress(ValueError):
        address = ipaddress.ip_address(str(name))
        return address.is_loopback or address.is_unspecified
    return False

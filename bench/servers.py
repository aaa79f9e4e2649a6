"""Throw-away servers for a bench: fsync on, as in production, in a folder of their own that is deleted at the end."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import mkdtemp

import psycopg
from alembic import command
from alembic.config import Config as AlembicConfig
from msgspec import Struct
from sqlalchemy import make_url

from hub.kit.config import Config
from hub.kit.embedded import Endpoints, Servers, wipe

ROOT = Path(__file__).resolve().parent.parent
SETTINGS = ("server_version", "fsync", "synchronous_commit", "full_page_writes", "shared_buffers")


class Bed(Struct, frozen=True):
    """A PostgreSQL and a Valkey that nobody else uses. Databases are known by name."""

    config: Config
    endpoints: Endpoints

    def at(self, database: str) -> Endpoints:
        url = make_url(self.endpoints.database_url).set(database=database)
        return Endpoints(url.render_as_string(hide_password=False), self.endpoints.redis_url)

    def connect(self, database: str, *, autocommit: bool = False) -> psycopg.Connection:
        url = self.at(database).database_url.replace("+psycopg", "")
        return psycopg.connect(url, autocommit=autocommit)

    def run(self, database: str, *statements: str) -> None:
        with self.connect(database, autocommit=True) as connection:
            for statement in statements:
                connection.execute(statement.encode())

    def migrated(self, database: str) -> None:
        """Make a database with this version's tables."""
        self.run("hub", f"CREATE DATABASE {database}")
        alembic = AlembicConfig(ROOT / "alembic.ini")
        alembic.attributes["url"] = self.at(database).database_url
        command.upgrade(alembic, "head")

    @contextmanager
    def cloned(self, template: str, name: str) -> Iterator[str]:
        """A copy to measure in; statistics are fresh and nothing waits to be written when it is handed out."""
        self.run("hub", f"CREATE DATABASE {name} TEMPLATE {template}")
        self.run(name, "VACUUM (ANALYZE)", "CHECKPOINT")
        yield name
        self.run("hub", f"DROP DATABASE {name} WITH (FORCE)")

    def settings(self) -> dict[str, str]:
        with self.connect("hub") as connection:
            rows = connection.execute(
                "SELECT name, current_setting(name) FROM pg_settings WHERE name = ANY(%s)", [list(SETTINGS)]
            )
            return {str(name): str(value) for name, value in rows}


@contextmanager
def throw_away() -> Iterator[Bed]:
    folder = Path(mkdtemp(prefix="orderhub-bench-"))
    folder.chmod(0o711)
    config = Config(folder=folder)
    servers = Servers(config, durable=True)
    try:
        yield Bed(config, servers.start())
    finally:
        servers.stop()
        wipe(config)
        shutil.rmtree(folder)

"""Runs migrations with a lock and a statement timeout, so that a waiting migration never stops the shop."""

import os

from alembic import context
from sqlalchemy import create_engine, text

from hub.store.tables import metadata

LOCK_TIMEOUT = "4s"
STATEMENT_TIMEOUT = "10min"


def _url() -> str:
    url = context.config.attributes.get("url") or os.environ.get("DATABASE_URL", "")
    if not url:
        message = "no database to migrate: set DATABASE_URL, or run: hub up"
        raise SystemExit(message)
    return str(url)


def _run() -> None:
    engine = create_engine(_url())
    with engine.connect() as connection:
        connection.execute(text(f"SET lock_timeout = '{LOCK_TIMEOUT}'"))
        connection.execute(text(f"SET statement_timeout = '{STATEMENT_TIMEOUT}'"))
        connection.commit()
        context.configure(connection=connection, target_metadata=metadata, compare_type=True)
        with context.begin_transaction():
            context.run_migrations()
        connection.commit()
    engine.dispose()


_run()

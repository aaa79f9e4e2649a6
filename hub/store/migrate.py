"""Bring a database to this version's tables; Alembic does it, with the time-outs of migrations/env.py."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, text

import hub

_ROOT = Path(hub.__file__).parent
_LOCK = 7_308_604_759  # any number, always the same: two hubs that start together migrate one after the other


def migrate(database_url: str) -> str | None:
    """Return the revision it came to where anything was to be done, else None. Blocking: call it from a thread."""
    config = _config(database_url)
    engine = create_engine(database_url)
    try:
        with engine.connect() as guard:
            guard.execute(text("SELECT pg_advisory_lock(:lock)"), {"lock": _LOCK})
            before = MigrationContext.configure(guard).get_current_revision()
            head = ScriptDirectory.from_config(config).get_current_head()
            if before != head:
                command.upgrade(config, "head")
            return head if before != head else None
    finally:
        engine.dispose()


def _config(database_url: str) -> Config:
    """Find the scripts beside the package in a checkout, inside it in a wheel."""
    inside = _ROOT / "migrations"
    config = Config()
    config.set_main_option("script_location", str(inside if inside.exists() else _ROOT.parent / "migrations"))
    config.attributes["url"] = database_url
    return config

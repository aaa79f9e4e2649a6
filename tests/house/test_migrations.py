"""Migrations are one line without branches, and lead to exactly the tables the store declares."""

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory

from tests.house.reading import ROOT


def test_there_is_one_head():
    assert len(ScriptDirectory.from_config(Config(ROOT / "alembic.ini")).get_heads()) == 1


def test_a_migrated_database_is_what_the_store_declares(fresh_db_url: str):
    alembic = Config(ROOT / "alembic.ini")
    alembic.attributes["url"] = fresh_db_url
    command.check(alembic)

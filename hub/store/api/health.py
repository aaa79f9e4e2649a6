"""Is the database there, and is it the one this release needs?"""

from sqlalchemy import exc, text

from hub.store.db import Tx
from hub.store.tables import metadata

DATABASE_AWAY: tuple[type[Exception], ...] = (exc.OperationalError, exc.InterfaceError, exc.TimeoutError)
"""What is raised where the database cannot be reached or does not answer in time."""

_COLUMNS = text("""
SELECT table_name || '.' || column_name FROM information_schema.columns
WHERE table_schema = current_schema()""")


async def columns_missing(tx: Tx) -> list[str]:
    """Return the columns this release needs and the database does not have: migrations that were not run."""
    there = set(await tx.scalars(_COLUMNS))
    needed = {f"{table.name}.{column.name}" for table in metadata.tables.values() for column in table.columns}
    return sorted(needed - there)

"""Rows become Structs here, so that no dict travels further."""

from typing import TypeVar

import msgspec
from sqlalchemy import TextClause

from hub.store.db import Tx

Row = TypeVar("Row", bound=msgspec.Struct)


async def rows_of(tx: Tx, statement: TextClause, kind: type[Row], **values: object) -> list[Row]:
    """Return each row as a Struct with fields named as the columns; a jsonb column becomes what its field says."""
    found = await tx.execute(statement, values)
    return [msgspec.convert(dict(row), kind) for row in found.mappings()]


async def row_of(tx: Tx, statement: TextClause, kind: type[Row], **values: object) -> Row | None:
    return next(iter(await rows_of(tx, statement, kind, **values)), None)

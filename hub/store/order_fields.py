"""The retailer's own fields of orders. One that was dropped keeps its row: what was filled in is read by it still."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec
from msgspec import Struct
from sqlalchemy import text

from hub.model.orders.fields import Field
from hub.store.db import Tx, page


class KeptField(Struct, frozen=True):
    field: Field
    dropped_at: datetime | None


_ALL = text("""
SELECT key, label, kind, choices, required, personal, of_lines, dropped_at FROM order_fields ORDER BY position, key""")
_PUT = text("""
INSERT INTO order_fields (key, label, kind, choices, required, personal, of_lines, position)
SELECT key, label, kind, choices, required, personal, of_lines,
  (SELECT coalesce(max(position), 0) FROM order_fields) + place
FROM json_to_recordset(CAST(:page AS json))
  AS x(key text, label text, kind text, choices text[], required bool, personal bool, of_lines bool, place int)
ORDER BY key
ON CONFLICT (key) DO UPDATE SET label = excluded.label, choices = excluded.choices, required = excluded.required,
  dropped_at = NULL""")
_DROP = text(
    "UPDATE order_fields SET dropped_at = :at WHERE key = ANY(:keys) AND dropped_at IS NULL RETURNING key"
)


async def every_field(tx: Tx) -> list[KeptField]:
    """In the order in which they were defined, dropped ones included."""
    return [_kept(row) for row in await tx.execute(_ALL)]


async def all_fields(tx: Tx) -> list[Field]:
    """Those that can be filled in."""
    return [each.field for each in await every_field(tx) if each.dropped_at is None]


def _kept(row: Any) -> KeptField:
    named = {name: value for name, value in row._mapping.items() if name != "dropped_at"}  # noqa: SLF001 -- SQLAlchemy's own name
    return KeptField(msgspec.convert(named, Field), row.dropped_at)


async def put_fields(tx: Tx, fields: Sequence[Field]) -> None:
    """Kind, whether it is personal, and of what it is stay as they were first said."""
    rows = [msgspec.structs.asdict(field) | {"place": place} for place, field in enumerate(fields, 1)]
    await tx.execute(_PUT, {"page": page(rows)})


async def drop_fields(tx: Tx, keys: Sequence[str], *, at: datetime) -> set[str]:
    """Return those that were there."""
    return {row.key for row in await tx.execute(_DROP, {"keys": list(keys), "at": at})}

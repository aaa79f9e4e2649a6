"""Customers: one row per person the hub can tell apart, found by a blind index, never by plain text (L17)."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from msgspec import Struct
from sqlalchemy import text

from hub.store.db import Tx, page


class NewCustomer(Struct, frozen=True):
    id: UUID
    identity: bytes
    personal: bytes


_FIND = text("SELECT identity, id FROM customers WHERE identity = ANY(:identities)")
_SEALED = text("SELECT id, identity, personal FROM customers WHERE identity = ANY(:identities)")
# The conflict touches a column no key is made of: orders that refer to the row need not wait for it.
_ADD = text("""
INSERT INTO customers AS c (id, identity, personal, created_at)
SELECT id, decode(identity, 'base64'), decode(personal, 'base64'), :at
FROM jsonb_to_recordset(CAST(:page AS jsonb)) AS x(id uuid, identity text, personal text) ORDER BY identity
ON CONFLICT (identity) DO UPDATE SET created_at = c.created_at RETURNING identity, id""")


async def known_customers(tx: Tx, identities: Sequence[bytes]) -> dict[bytes, UUID]:
    if not identities:
        return {}
    rows = await tx.execute(_FIND, {"identities": list(identities)})
    return {bytes(row.identity): row.id for row in rows}


async def sealed_customers(tx: Tx, identities: Sequence[bytes]) -> list[NewCustomer]:
    """Those who are known, as they are kept: only the vault opens them."""
    if not identities:
        return []
    rows = await tx.execute(_SEALED, {"identities": list(identities)})
    return [NewCustomer(row.id, bytes(row.identity), bytes(row.personal)) for row in rows]


async def add_customers(tx: Tx, rows: Sequence[NewCustomer], *, at: datetime) -> dict[bytes, UUID]:
    """Add people; one whom another worker added meanwhile keeps the id that was there first."""
    if not rows:
        return {}
    answer = await tx.execute(_ADD, {"page": page(rows), "at": at})
    return {bytes(row.identity): row.id for row in answer}

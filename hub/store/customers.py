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
FROM json_to_recordset(CAST(:page AS json)) AS x(id uuid, identity text, personal text) ORDER BY identity
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


class KeptCustomer(Struct, frozen=True):
    """One row of a person; those merged into another name it. `personal` and `about` are sealed with the id."""

    id: UUID
    personal: bytes
    merged_into: UUID | None
    blocked_at: datetime | None
    tags: list[str]
    about: bytes | None


_ROOT = "SELECT coalesce(merged_into, id) AS id FROM customers WHERE id = {0}"
SAME_PERSON = f"""(SELECT c.* FROM customers c JOIN ({_ROOT}) r ON c.id = r.id OR c.merged_into = r.id)"""  # noqa: S608 -- constants only
"""All rows of the person that `{0}` is."""
_PERSON = text(f"""
SELECT id, personal, merged_into, blocked_at, tags, about FROM {SAME_PERSON.format(":id")} c
ORDER BY merged_into NULLS FIRST, created_at""")  # noqa: S608 -- constants only
_LOCK = text("SELECT id FROM customers WHERE id = ANY(:ids) ORDER BY id FOR NO KEY UPDATE")
_BLOCKED = text("""
SELECT id, personal, merged_into, blocked_at, tags, about FROM customers WHERE blocked_at IS NOT NULL
ORDER BY blocked_at DESC LIMIT :limit""")


async def rows_of_person(tx: Tx, customer_id: UUID) -> list[KeptCustomer]:
    """The row that stands for the person first; empty where there is none."""
    return [KeptCustomer(*row) for row in await tx.execute(_PERSON, {"id": customer_id})]


async def lock_customers(tx: Tx, ids: Sequence[UUID]) -> None:
    await tx.execute(_LOCK, {"ids": sorted(ids)})


async def blocked_customers(tx: Tx, *, limit: int) -> list[KeptCustomer]:
    """The last one first."""
    return [KeptCustomer(*row) for row in await tx.execute(_BLOCKED, {"limit": limit})]


_ABOUT = text("UPDATE customers SET tags = :tags, about = :about WHERE id = :id")
_BLOCK = text("UPDATE customers SET blocked_at = :at WHERE id = ANY(:ids)")
_MERGE = text("UPDATE customers SET merged_into = :into WHERE id = :id")


async def set_about(tx: Tx, customer_id: UUID, *, tags: Sequence[str], about: bytes) -> None:
    await tx.execute(_ABOUT, {"id": customer_id, "tags": list(tags), "about": about})


async def set_blocked(tx: Tx, ids: Sequence[UUID], at: datetime | None) -> None:
    await tx.execute(_BLOCK, {"ids": list(ids), "at": at})


async def set_merged(tx: Tx, customer_id: UUID, into: UUID | None) -> None:
    await tx.execute(_MERGE, {"id": customer_id, "into": into})

"""Orders that are still being typed: kept sealed under the command id of the order they become (L17)."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from msgspec import Struct
from sqlalchemy import text

from hub.store.db import Tx, page


class SealedDraft(Struct, frozen=True):
    id: str
    sealed: bytes
    actor: str = ""


class KeptDraft(Struct, frozen=True):
    """A draft with the moment its reservations end; `reserved` 0 where it has none."""

    id: str
    sealed: bytes
    actor: str
    created_at: datetime
    saved_at: datetime
    reserved: int
    reserved_until: datetime | None


_LOCK = text("""
SELECT pg_advisory_xact_lock(hashtextextended('draft ' || id, 0)) FROM (
  SELECT DISTINCT id FROM unnest(CAST(:ids AS text[])) AS x(id) ORDER BY id) x""")


async def lock_drafts(tx: Tx, ids: Sequence[str]) -> None:
    """Until this transaction ends nobody else saves, accepts or drops these drafts, whether they are kept yet or not.

    After orders and before levels.
    """
    await tx.execute(_LOCK, {"ids": list(ids)})


_SAVE = text("""
INSERT INTO order_drafts AS d (id, sealed, actor, created_at, saved_at)
SELECT id, decode(sealed, 'base64'), actor, :at, :at
FROM json_to_recordset(CAST(:page AS json)) AS x(id text, sealed text, actor text) ORDER BY id
ON CONFLICT (id) DO UPDATE SET sealed = excluded.sealed, actor = excluded.actor, saved_at = excluded.saved_at""")


async def save_drafts(tx: Tx, drafts: Sequence[SealedDraft], *, at: datetime) -> None:
    await tx.execute(_SAVE, {"page": page(drafts), "at": at})


_REMOVE = text("DELETE FROM order_drafts WHERE id = ANY(:ids)")


async def remove_drafts(tx: Tx, ids: Sequence[str]) -> None:
    """Their reservations must be gone: the database refuses to leave one without its owner."""
    await tx.execute(_REMOVE, {"ids": list(ids)})


_FORGET = text("""
DELETE FROM order_drafts d WHERE saved_at < :before
  AND NOT EXISTS (SELECT FROM reservations r WHERE r.draft_id = d.id)""")


async def forget_drafts(tx: Tx, *, saved_before: datetime) -> None:
    """What nobody came back to for long is not kept: it names people."""
    await tx.execute(_FORGET, {"before": saved_before})


_ACCEPTED = text("""
SELECT o.channel_order_id AS id, o.number FROM orders o
WHERE o.channel_id = ANY(:channel_ids) AND o.channel_order_id = ANY(:ids)""")


async def accepted_as(tx: Tx, channel_ids: Sequence[UUID], ids: Sequence[str]) -> dict[str, int]:
    """The numbers of the orders that drafts have become on one of these channels."""
    rows = await tx.execute(_ACCEPTED, {"channel_ids": list(channel_ids), "ids": list(ids)})
    return {row.id: row.number for row in rows}


_LIST = text("""
SELECT d.id, d.sealed, d.actor, d.created_at, d.saved_at, coalesce(r.units, 0)::int, r.until
FROM order_drafts d LEFT JOIN LATERAL (
  SELECT sum(units) AS units, min(expires_at) AS until FROM reservations WHERE draft_id = d.id) r ON true
WHERE CAST(:id AS text) IS NULL OR d.id = :id ORDER BY d.saved_at DESC, d.id DESC LIMIT :limit""")


async def list_drafts(tx: Tx, *, limit: int) -> list[KeptDraft]:
    """The last saved comes first."""
    return [KeptDraft(*row) for row in await tx.execute(_LIST, {"id": None, "limit": limit})]


async def find_draft(tx: Tx, draft_id: str) -> KeptDraft | None:
    row = (await tx.execute(_LIST, {"id": draft_id, "limit": 1})).first()
    return KeptDraft(*row) if row else None

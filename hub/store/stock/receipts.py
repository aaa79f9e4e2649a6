"""Receipts: what came from outside, told once by its reference; the units are movements with the receipt as cause."""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

import msgspec
from msgspec import Struct
from sqlalchemy import text

from hub.model.stock.lines import Units
from hub.store.db import Tx, page


class NewReceipt(Struct, frozen=True):
    id: UUID
    reference: str
    location: str
    note: str


_ADD = text("""
INSERT INTO receipts (id, reference, location, note, actor, received_at)
SELECT id, reference, location, note, :actor, :at
FROM json_to_recordset(CAST(:page AS json)) AS x(id uuid, reference text, location text, note text)
ORDER BY reference ON CONFLICT (reference) DO NOTHING RETURNING reference""")


async def add_receipts(tx: Tx, receipts: Sequence[NewReceipt], *, actor: str, at: datetime) -> set[str]:
    """Return the references that are new; whoever told of one first is waited for."""
    rows = await tx.execute(_ADD, {"page": page(receipts), "actor": actor, "at": at})
    return {row.reference for row in rows}


class Receipt(Struct, frozen=True):
    """What came, where and when; the newest comes first in a list."""

    id: UUID
    reference: str
    location: str
    note: str
    actor: str
    received_at: datetime
    lines: list[Units]


_READ = """
SELECT r.id, r.reference, r.location, r.note, r.actor, r.received_at, coalesce(m.lines, '[]') AS lines
FROM receipts r LEFT JOIN LATERAL (
  SELECT jsonb_agg(jsonb_build_object('sku', sku, 'units', on_hand_change) ORDER BY sku) AS lines
  FROM movements WHERE cause = 'receipt' AND cause_id = CAST(r.id AS text) AND kind = 'receipt'
) m ON true
WHERE {which} ORDER BY r.received_at DESC, r.id DESC LIMIT :limit"""
_LIST = text(
    _READ.format(
        which="""CAST(:after AS uuid) IS NULL
  OR (r.received_at, r.id) < (SELECT received_at, id FROM receipts WHERE id = :after)"""
    )
)
_NAMED = text(_READ.format(which="r.reference = ANY(:references)"))


async def list_receipts(tx: Tx, *, after: UUID | None = None, limit: int) -> list[Receipt]:
    """One page, the newest first, from the one that follows `after` on."""
    rows = await tx.execute(_LIST, {"after": after, "limit": limit})
    return msgspec.convert([dict(row) for row in rows.mappings()], list[Receipt])


async def receipts_of(tx: Tx, references: Sequence[str]) -> dict[str, Receipt]:
    rows = await tx.execute(_NAMED, {"references": list(references), "limit": len(references)})
    found = msgspec.convert([dict(row) for row in rows.mappings()], list[Receipt])
    return {each.reference: each for each in found}


class LotCame(Struct, frozen=True):
    sku: str
    lot: str
    expires_on: date | None
    units: int


_ONE = text(_READ.format(which="r.id = :id"))
_LOTS = text("""
SELECT h.sku, h.lot, l.expires_on, sum(h.on_hand_change)::bigint AS units
FROM movements m JOIN lot_shares h ON h.movement_id = m.id JOIN lots l ON l.sku = h.sku AND l.lot = h.lot
WHERE m.cause = 'receipt' AND m.cause_id = CAST(CAST(:id AS uuid) AS text) AND h.lot <> ''
GROUP BY h.sku, h.lot, l.expires_on ORDER BY h.sku, l.expires_on NULLS LAST, h.lot""")


async def receipt_by_id(tx: Tx, receipt_id: UUID) -> Receipt | None:
    row = (await tx.execute(_ONE, {"id": receipt_id, "limit": 1})).mappings().first()
    return msgspec.convert(dict(row), Receipt) if row is not None else None


async def lots_that_came(tx: Tx, receipt_id: UUID) -> list[LotCame]:
    """The lots and serial numbers that a receipt brought, what expires first first."""
    rows = await tx.execute(_LOTS, {"id": receipt_id})
    return [msgspec.convert(dict(row), LotCame) for row in rows.mappings()]

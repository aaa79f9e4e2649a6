"""Bank transfers: what came in, what of it pays which order, and the orders that wait for money."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from msgspec import Struct
from sqlalchemy import text

from hub.model.bank.transfers import Held, Match, State
from hub.store.db import Tx, page

_ADD = text("""
INSERT INTO bank_transfers (id, key, booked_on, amount, currency, personal, actor, recorded_at)
SELECT id, decode(key, 'base64'), booked_on, amount, currency, decode(personal, 'base64'), :actor, :at
FROM json_to_recordset(CAST(:page AS json))
  AS x(id uuid, key text, booked_on date, amount numeric, currency text, personal text) ORDER BY key
ON CONFLICT DO NOTHING RETURNING id""")
_KNOWN = text("SELECT key FROM bank_transfers WHERE key = ANY(:keys)")
_THERE = text("SELECT id FROM bank_transfers WHERE id = ANY(:ids)")


class NewTransfer(Struct, frozen=True):
    """`key` and `personal` are made by the vault."""

    id: UUID
    key: bytes
    booked_on: date
    amount: Decimal
    currency: str
    personal: bytes


async def add_transfers(tx: Tx, rows: Sequence[NewTransfer], *, actor: str, at: datetime) -> set[UUID]:
    """Return the ids of those that are news."""
    if not rows:
        return set()
    answer = await tx.execute(_ADD, {"page": page(rows), "actor": actor, "at": at})
    return {row.id for row in answer}


async def known_keys(tx: Tx, keys: Collection[bytes]) -> set[bytes]:
    return {bytes(row.key) for row in await tx.execute(_KNOWN, {"keys": list(keys)})}


async def known_ids(tx: Tx, ids: Collection[UUID]) -> set[UUID]:
    return {row.id for row in await tx.execute(_THERE, {"ids": list(ids)})}


_LOCK = text("SELECT id FROM bank_transfers WHERE id = ANY(:ids) ORDER BY id FOR UPDATE")
_HELD = text("""
SELECT id, booked_on, amount, currency, matched, set_aside_at IS NOT NULL AS is_aside
FROM bank_transfers WHERE id = ANY(:ids)""")


async def lock_transfers(tx: Tx, ids: Collection[UUID]) -> dict[UUID, Held]:
    """After the orders they pay; what there is not is left out."""
    await tx.execute(_LOCK, {"ids": sorted(ids)})
    rows = await tx.execute(_HELD, {"ids": sorted(ids)})
    return {row.id: Held(*row) for row in rows}


_ADD_MATCHES = text("""
INSERT INTO bank_matches (payment_id, transfer_id)
SELECT id, transfer FROM json_to_recordset(CAST(:page AS json)) AS x(id uuid, transfer uuid) ORDER BY id""")
_UNDO = text("""
UPDATE bank_matches SET undone_at = :at WHERE payment_id = ANY(:ids) AND undone_at IS NULL RETURNING transfer_id""")
_SUM = text("""
UPDATE bank_transfers t SET matched = coalesce((
  SELECT sum(p.amount) FROM bank_matches m JOIN payments p ON p.id = m.payment_id
  WHERE m.transfer_id = t.id AND m.undone_at IS NULL), 0) WHERE t.id = ANY(:ids)""")
_ASIDE = text("UPDATE bank_transfers SET set_aside_at = :at, set_aside_by = :actor WHERE id = ANY(:ids)")


async def add_matches(tx: Tx, matches: Sequence[Match]) -> None:
    """Their payments are recorded, and their transfers locked."""
    if matches:
        await tx.execute(_ADD_MATCHES, {"page": page(matches)})
        await tx.execute(_SUM, {"ids": [each.transfer for each in matches]})


async def note_undone(tx: Tx, payment_ids: Sequence[UUID], *, at: datetime) -> None:
    undone = await tx.execute(_UNDO, {"ids": list(payment_ids), "at": at})
    await tx.execute(_SUM, {"ids": [row.transfer_id for row in undone]})


async def set_aside(tx: Tx, ids: Sequence[UUID], *, actor: str, at: datetime | None) -> None:
    """`at` None takes them up again."""
    await tx.execute(_ASIDE, {"ids": list(ids), "actor": actor, "at": at})


class MatchRow(Struct, frozen=True):
    """What of a transfer pays an order; `undone_at`: it does no more."""

    id: UUID
    transfer: UUID
    order: int
    amount: Decimal
    at: datetime
    actor: str
    undone_at: datetime | None


_MATCHES = text("""
SELECT m.payment_id, m.transfer_id, o.number, p.amount, p.at, p.actor, m.undone_at
FROM bank_matches m JOIN payments p ON p.id = m.payment_id JOIN orders o ON o.id = p.order_id
WHERE m.transfer_id = ANY(:ids) OR m.payment_id = ANY(:payments) ORDER BY p.at, m.payment_id""")


async def matches_of(
    tx: Tx, *, transfers: Collection[UUID] = (), payments: Collection[UUID] = ()
) -> list[MatchRow]:
    """Of these transfers, or with these ids; the oldest first."""
    rows = await tx.execute(_MATCHES, {"ids": list(transfers), "payments": list(payments)})
    return [MatchRow(*row) for row in rows]


class TransferRow(Struct, frozen=True):
    """One line of the list; `personal` is sealed."""

    id: UUID
    booked_on: date
    amount: Decimal
    currency: str
    matched: Decimal
    is_aside: bool
    personal: bytes
    recorded_at: datetime
    actor: str


_IN_STATE: Mapping[State | None, str] = {
    None: "true",
    State.OPEN: "set_aside_at IS NULL AND matched < amount AND matched = 0",  # as its index is told
    State.PARTLY: "set_aside_at IS NULL AND matched > 0 AND matched < amount",
    State.MATCHED: "set_aside_at IS NULL AND matched >= amount",
    State.SET_ASIDE: "set_aside_at IS NOT NULL",
}
_ROWS = """
SELECT id, booked_on, amount, currency, matched, set_aside_at IS NOT NULL AS is_aside, personal, recorded_at, actor
FROM bank_transfers"""
FIRST = UUID(int=2**128 - 1)


async def list_transfers(
    tx: Tx, state: State | None = None, *, before: UUID = FIRST, limit: int
) -> list[TransferRow]:
    """The newest first, as they were recorded."""
    statement = text(f"{_ROWS} WHERE {_IN_STATE[state]} AND id < :before ORDER BY id DESC LIMIT :limit")
    rows = await tx.execute(statement, {"before": before, "limit": limit})
    return [TransferRow(*row) for row in rows]


async def find_transfer(tx: Tx, transfer_id: UUID) -> TransferRow | None:
    row = (await tx.execute(text(f"{_ROWS} WHERE id = :id"), {"id": transfer_id})).first()
    return TransferRow(*row) if row else None


class UnpaidRow(Struct, frozen=True):
    id: UUID
    number: int
    channel_order_number: str
    currency: str
    personal: bytes


_UNPAID = text("""
SELECT id, number, channel_order_number, currency, personal FROM orders
WHERE canceled_at IS NULL AND currency = ANY(:currencies) AND (payment IN ('pending', 'authorized', 'failed')
  OR payment IN ('partly refunded', 'refunded') AND total > collected + (
    SELECT coalesce(sum(CASE step WHEN 'captured' THEN amount WHEN 'undone' THEN -amount END), 0)
    FROM payments WHERE order_id = orders.id))
ORDER BY number = ANY(:numbers) DESC, placed_at DESC LIMIT :limit""")


async def unpaid_orders(
    tx: Tx, *, currencies: Collection[str], numbers: Collection[int], limit: int
) -> list[UnpaidRow]:
    """Those that were named first, then the newest; of those that got money back, what still wait for some."""
    wanted = {"currencies": list(currencies), "numbers": list(numbers), "limit": limit}
    return [UnpaidRow(*row) for row in await tx.execute(_UNPAID, wanted)]


_RULE = text("SELECT books_what_is_sure FROM bank_rule")
_SET_RULE = text("""
INSERT INTO bank_rule (books_what_is_sure) VALUES (:books)
ON CONFLICT (one) DO UPDATE SET books_what_is_sure = excluded.books_what_is_sure""")


async def books_what_is_sure(tx: Tx) -> bool:
    return bool(await tx.scalar(_RULE))


async def set_rule(tx: Tx, *, books: bool) -> None:
    await tx.execute(_SET_RULE, {"books": books})

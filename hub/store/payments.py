"""Payments: what is known of the money of orders, and every fact of it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from msgspec import Struct
from sqlalchemy import text

from hub.model.orders.payments import Account, Entry, Step, Tender
from hub.model.sync.told_refunds import OnRecord
from hub.store.db import Tx, page

_SUMS = """coalesce(sum(p.amount) FILTER (WHERE p.step = 'authorized'), 0),
  coalesce(sum(CASE p.step WHEN 'captured' THEN p.amount WHEN 'undone' THEN -p.amount END), 0),
  coalesce(sum(p.amount) FILTER (WHERE p.step = 'refunded'), 0)"""
_LOCK = text("""
SELECT id, number FROM orders WHERE number = ANY(:numbers) ORDER BY channel_id, channel_order_id FOR UPDATE""")
_ACCOUNTS = text(f"""
SELECT o.number, o.currency, o.total, o.channel_payment, {_SUMS}, o.refunded, o.collected,
  o.canceled_at IS NOT NULL, greatest(0, coalesce((SELECT sum(b.amount) FROM bank_matches m
    JOIN payments b ON b.id = m.payment_id WHERE b.order_id = o.id AND m.undone_at IS NULL), 0) + least(0, sum(p.amount)
    FILTER (WHERE p.moved IS NOT NULL AND p.step = 'captured' AND p.tender = 'bank transfer'))),
  coalesce(sum(p.amount) FILTER (WHERE p.moved IS NOT NULL AND p.step = 'captured'), 0),
  coalesce(sum(p.amount) FILTER (WHERE p.channel_refund_id IS NOT NULL), 0)
FROM orders o LEFT JOIN payments p ON p.order_id = o.id WHERE o.number = ANY(:numbers) GROUP BY o.id""")  # noqa: S608 -- constants only


async def lock_orders(tx: Tx, numbers: Sequence[int]) -> dict[int, UUID]:
    """Lock these orders, canceled ones too; money is a fact of them all. What there is not is left out."""
    rows = await tx.execute(_LOCK, {"numbers": sorted(set(numbers))})
    return {row.number: row.id for row in rows}


async def accounts_of(tx: Tx, numbers: Sequence[int]) -> dict[int, Account]:
    rows = await tx.execute(_ACCOUNTS, {"numbers": sorted(set(numbers))})
    return {row[0]: Account(*row) for row in rows}


_KNOWN = text("SELECT id FROM payments WHERE id = ANY(:ids)")
_ADD = text("""
INSERT INTO payments (id, order_id, tender, step, amount, reference, channel_refund_id, actor, at)
SELECT id, order_id, tender, step, amount, reference, channel_refund_id, :actor, :at
FROM json_to_recordset(CAST(:page AS json)) AS x(id uuid, order_id uuid, tender text, step text, amount numeric,
  reference text, channel_refund_id text) ORDER BY id""")
_WORD = text("""
UPDATE orders o SET payment = x.payment, refunded = x.refunded
FROM json_to_recordset(CAST(:page AS json)) AS x(id uuid, payment text, refunded numeric) WHERE o.id = x.id""")


async def known(tx: Tx, ids: Sequence[UUID]) -> set[UUID]:
    """Those of these facts that are recorded already."""
    return {row.id for row in await tx.execute(_KNOWN, {"ids": list(ids)})}


async def add_payments(
    tx: Tx, entries: Sequence[Entry], ids: Mapping[int, UUID], *, actor: str, at: datetime
) -> None:
    """`ids` are those of the orders, by number; they are locked."""
    rows = [
        {
            "id": each.id,
            "order_id": ids[each.order],
            "tender": each.tender,
            "step": each.step,
            "amount": each.amount,
            "reference": each.reference,
            "channel_refund_id": each.channel_refund_id,
        }
        for each in entries
    ]
    if rows:
        await tx.execute(_ADD, {"page": page(rows), "actor": actor, "at": at})


_REFUNDED = text("""
SELECT order_id, id, amount, channel_refund_id FROM payments
WHERE order_id = ANY(:ids) AND step = 'refunded' ORDER BY at, id""")
_TIE = text("""
UPDATE payments p SET channel_refund_id = x.ref
FROM json_to_recordset(CAST(:page AS json)) AS x(id uuid, ref text) WHERE p.id = x.id""")


async def refunded(tx: Tx, order_ids: Sequence[UUID]) -> dict[UUID, list[OnRecord]]:
    """What is recorded of refunds of each of these orders, the oldest first."""
    found: dict[UUID, list[OnRecord]] = {each: [] for each in order_ids}
    for order_id, *row in await tx.execute(_REFUNDED, {"ids": list(order_ids)}):
        found[order_id].append(OnRecord(*row))
    return found


async def tie(tx: Tx, refs: Mapping[UUID, str]) -> None:
    """Note the channel's own ids of these refunds, whose orders are locked."""
    rows = [{"id": each, "ref": ref} for each, ref in sorted(refs.items())]
    await tx.execute(_TIE, {"page": page(rows)})


async def set_words(tx: Tx, accounts: Mapping[UUID, Account]) -> None:
    """Write the word for the payment of these orders, which are locked, and what goes back."""
    if accounts:
        rows = [
            {"id": order_id, "payment": account.payment, "refunded": account.to_go_back}
            for order_id, account in sorted(accounts.items())
        ]
        await tx.execute(_WORD, {"page": page(rows)})


class PaymentRow(Struct, frozen=True):
    """One fact as lists show it; `channel_refund_id` as in Entry."""

    id: UUID
    tender: Tender
    step: Step
    amount: Decimal
    reference: str
    channel_refund_id: str | None
    actor: str
    at: datetime
    moved: UUID | None


class Moved(Struct, frozen=True):
    """So much of what is on record of an order goes to, or came from, another; of each move both rows have its id.

    `step` is captured or authorized.
    """

    id: UUID
    order_id: UUID
    tender: str
    step: str
    amount: Decimal
    reference: str
    moved: UUID


_BY_TENDER = text("""
SELECT order_id, CASE step WHEN 'undone' THEN 'captured' ELSE step END AS step, tender,
  sum(CASE step WHEN 'undone' THEN -amount ELSE amount END) AS amount
FROM payments WHERE order_id = ANY(:ids) AND step <> 'refunded' GROUP BY 1, 2, 3 ORDER BY 1, 2, 3""")
_MOVES = text("""
SELECT id, order_id, tender, step, amount, reference, moved FROM payments
WHERE moved = ANY(:moves) ORDER BY id""")
_ADD_MOVED = text("""
INSERT INTO payments (id, order_id, tender, step, amount, reference, moved, actor, at)
SELECT id, order_id, tender, step, amount, reference, moved, :actor, :at
FROM json_to_recordset(CAST(:page AS json)) AS x(id uuid, order_id uuid, tender text, step text, amount numeric,
  reference text, moved uuid) ORDER BY id""")


async def by_tender(tx: Tx, order_ids: Sequence[UUID]) -> dict[tuple[UUID, str], list[tuple[str, Decimal]]]:
    """What was captured, and authorized, of each order, by tender; what went back is no part of it."""
    found: dict[tuple[UUID, str], list[tuple[str, Decimal]]] = {}
    for row in await tx.execute(_BY_TENDER, {"ids": list(order_ids)}):
        found.setdefault((row.order_id, row.step), []).append((row.tender, row.amount))
    return found


async def moves_of(tx: Tx, moves: Sequence[UUID]) -> list[Moved]:
    """What these splits and merges have moved."""
    return [Moved(*row) for row in await tx.execute(_MOVES, {"moves": list(moves)})]


async def add_moved(tx: Tx, rows: Sequence[Moved], *, actor: str, at: datetime) -> None:
    """The orders are locked."""
    if rows:
        await tx.execute(_ADD_MOVED, {"page": page(rows), "actor": actor, "at": at})


_LIST = text("""
SELECT p.id, p.tender, p.step, p.amount, p.reference, p.channel_refund_id, p.actor, p.at, p.moved
FROM payments p JOIN orders o ON o.id = p.order_id WHERE o.number = :number ORDER BY p.at, p.id""")


async def payments_of(tx: Tx, number: int) -> list[PaymentRow]:
    """The oldest first."""
    rows = await tx.execute(_LIST, {"number": number})
    return [PaymentRow(row[0], Tender(row[1]), Step(row[2]), *row[3:]) for row in rows]

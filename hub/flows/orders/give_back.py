"""Give back: a person says what of an order's money goes back, by line or by amount; exact, once, never more than paid.

It is an edit of its order, so it is undone as one, until the money went.

What the customer takes in exchange are new lines of the same order, promised under lock as any others; what came back
pays for them as far as it reaches. The rows of `hub.store.refunds` are what is to be paid back: where the payment was
made, or at once by a tender.
"""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from hub.flows.orders.edit import lock_numbers
from hub.flows.orders.kept_edits import kept_edit
from hub.flows.orders.pay import record_payments
from hub.flows.orders.record_edits import Done, Work, record_works
from hub.flows.orders.versions import read_versions
from hub.flows.stock.known import refuse_missing
from hub.kit.secrets import Vault
from hub.model.edits.deeds import AddLine
from hub.model.edits.editing import OWN_LINE, Edited, apply
from hub.model.errors import InputError
from hub.model.orders.payments import Entry, Step, Tender
from hub.model.orders.refunds import (
    NOTHING,
    REASON_MAX,
    Bill,
    Settled,
    Swap,
    Worth,
    flat_worth,
    refuse_unpaid,
    refuse_vague,
    settle_up,
    worth_of,
)
from hub.model.sync.write_backs import Effect
from hub.model.sync.write_backs import Kind as WriteBack
from hub.store import edits, refunds
from hub.store.db import Tx
from hub.store.orders import HeldOrder
from hub.store.refunds import NewRefund
from hub.store.stock import skus
from hub.store.sync import write_backs

NO_LINES: AbstractSet[UUID] = frozenset()


class GiveBack(Struct, frozen=True):
    """What goes back of an order: the worth of units of its lines and of its shipping, less what pays for `swaps`.

    `amount` counts instead of what would be left; with a `line` it is for that alone, and for no unit of it. With a
    `tender` it is handed over now; else it is owed until somebody records that it went. `even` are the lines that swaps
    without a price are as good as. `id` is the caller's: the same one again is the same refund (L1).
    """

    id: UUID
    order: int
    units: Mapping[UUID, int] = {}
    shipping: Decimal = NOTHING
    amount: Decimal | None = None
    line: UUID | None = None
    swaps: Sequence[Swap] = ()
    even: AbstractSet[UUID] = NO_LINES
    tender: Tender | None = None
    reference: str = ""
    reason: str = ""


class GivenBack(Struct, frozen=True):
    """What became of the orders, and what was noted of each refund that was new."""

    done: Done
    refunds: list[NewRefund]


async def give_back(
    tx: Tx, vault: Vault, wanted: Sequence[GiveBack], *, actor: str, at: datetime
) -> GivenBack:
    """Note refunds; one that was noted before stays as it is.

    Raises InputError, NotFoundError, WrongStateError or OutOfStockError with nothing written.
    """
    refuse_bad(wanted)
    held = await lock_numbers(tx, [each.order for each in wanted])
    known = await refunds.known(tx, [each.id for each in wanted])
    new = [each for each in wanted if each.id not in known]
    numbers = {each.order for each in new}
    bills = await refunds.bills_of(tx, [order.id for order in held if order.number in numbers])
    return await note_refunds(tx, vault, new, held, bills, actor=actor, at=at)


async def note_refunds(
    tx: Tx,
    vault: Vault,
    wanted: Sequence[GiveBack],
    held: Sequence[HeldOrder],
    bills: Mapping[UUID, Bill],
    *,
    rmas: Mapping[UUID, int] = {},
    actor: str,
    at: datetime,
) -> GivenBack:
    """Note new refunds of orders that are `held`; `rmas` are the numbers of those that are settled by them, by the
    refund. Raises as `give_back` does.
    """
    by_order = {each.order: each for each in wanted}
    fresh = {order.id: by_order[order.number] for order in held if order.number in by_order}
    versions = await read_versions(tx, vault, list(fresh))
    names = await _names(tx, [swap.sku for each in fresh.values() for swap in each.swaps])
    rows, works = [], []
    for order in (each for each in held if each.id in fresh):
        asked, before = fresh[order.id], versions[order.id]
        worth = _worth(bills[order.id], asked)
        settled = settle_up(worth, asked.swaps, even=asked.even, amount=asked.amount)
        if asked.amount is None and settled.amount:
            refuse_vague(order.number, before.account)
        refuse_unpaid(order.number, before.account, settled.amount)
        rows.append(_row(asked, order.id, worth, settled))
        after = _after(before, asked, settled, names)
        notes = _notes(settled, before.order.currency, rmas.get(asked.id))
        works.append(Work(order, before, after, str(asked.id), notes=notes))
    await refunds.add_refunds(tx, rows, rmas, actor=actor, at=at)
    kept = [
        kept_edit(vault, work, row.id, kind="refund", reason=row.reason)
        for work, row in zip(works, rows, strict=True)
    ]
    await edits.add_edits(tx, kept, actor=actor, at=at)
    done = await record_works(tx, vault, works, kind="refunded", actor=actor, at=at)
    handed = [_entry(fresh[row.order_id], row) for row in rows]
    await record_payments(tx, [entry for entry in handed if entry], actor=actor, at=at)
    owed = [row for row, entry in zip(rows, handed, strict=True) if entry is None and row.amount]
    to_tell = await write_backs.add(tx, [_effect(row, bills[row.order_id]) for row in owed], at=at)
    return GivenBack(replace(done, ids=[row.id for row in rows], to_tell=to_tell), rows)


async def _names(tx: Tx, wanted: Sequence[str]) -> dict[str, str]:
    """Raises NotFoundError for a SKU there is not."""
    if not wanted:
        return {}
    await refuse_missing(tx, wanted)
    return await skus.names_of(tx, wanted)


def refuse_bad(wanted: Sequence[GiveBack], rmas: Mapping[UUID, int] = {}) -> None:
    """Raises InputError for what cannot be given back together, or is nothing."""
    if len({each.order for each in wanted}) < len(wanted):
        msg = "two refunds of one order at once: send them one after the other"
        raise InputError(msg, field="order")
    for each in wanted:
        if not (each.units or each.shipping or each.amount or each.id in rmas):
            msg = f"nothing goes back of order {each.order}: name lines, shipping, or an amount"
            raise InputError(msg, field="lines")
        if len(each.reason) > REASON_MAX:
            msg = f"the reason has {len(each.reason)} characters: {REASON_MAX} are enough"
            raise InputError(msg, field="reason")


def _worth(bill: Bill, asked: GiveBack) -> Worth:
    if asked.line is None or asked.amount is None:
        return worth_of(bill, asked.units, asked.shipping)
    return flat_worth(bill, asked.line, asked.amount)


def _notes(settled: Settled, currency: str, rma: int | None) -> dict[str, object]:
    """For the timeline."""
    facts: dict[str, object] = {} if rma is None else {"rma": rma}
    if settled.amount or rma is None:
        facts["amount"] = f"{settled.amount} {currency}"
    return facts


def _row(asked: GiveBack, order_id: UUID, worth: Worth, settled: Settled) -> NewRefund:
    return NewRefund(
        asked.id,
        order_id,
        settled.amount,
        settled.credited,
        worth.shipping,
        asked.reason.strip(),
        worth.units,
        worth.by_line,
    )


def _after(before: Edited, asked: GiveBack, settled: Settled, names: Mapping[str, str]) -> Edited:
    """The order with what is taken in exchange, and what goes back."""
    added = [
        AddLine(names[swap.sku], swap.quantity, swap.unit_price or NOTHING, swap.sku, discount)
        for swap, discount in zip(asked.swaps, settled.discounts, strict=True)
    ]
    return replace(apply(before, added, edit_id=asked.id), refunded=before.refunded + settled.amount)


def _effect(row: NewRefund, bill: Bill) -> Effect:
    """What is not handed over here its channel may pay back."""
    lines = {
        bill.lines[line_id].channel_line_id: str(amount)
        for line_id, amount in row.by_line.items()
        if not bill.lines[line_id].channel_line_id.startswith(OWN_LINE)
    }
    return Effect(WriteBack.REFUND, row.order_id, row.id, lines, row.amount)


def _entry(asked: GiveBack, row: NewRefund) -> Entry | None:
    """What was handed over at once; its id is the refund's."""
    if asked.tender is None or not row.amount:
        return None
    return Entry(row.id, asked.order, asked.tender, Step.REFUNDED, row.amount, asked.reference)

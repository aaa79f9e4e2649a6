"""Pay: record what was authorized, captured or refunded. What is paid in full waits for its payment no more."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from hub.flows.orders.effects import withdraw_paid
from hub.flows.stock.allocate import fill_short
from hub.model.errors import NotFoundError
from hub.model.orders.paying import FOR_GOOD
from hub.model.orders.payments import Account, Entry, Step, after_all
from hub.model.telling.kinds import Kind
from hub.store import holds, orders, payments, unpaid
from hub.store.db import Tx
from hub.store.events import Event, add_events


class Paid(Struct, frozen=True):
    """The accounts as they are then, by order number; which of the entries are new; the channels to be told."""

    accounts: dict[int, Account]
    ids: list[UUID]
    touched: set[UUID]


async def record_payments(tx: Tx, entries: Sequence[Entry], *, actor: str, at: datetime) -> Paid:
    """Record facts about money, each once (L1). An order that is paid now is promised its stock again, if it lost it;
    one that is not, after all, has the time of an unpaid one.

    What was given back by hand, its channel is not told to pay. Raises InputError or NotFoundError, or WrongStateError
    where it may be paying just now, with nothing written.
    """
    numbers = [each.order for each in entries]
    ids = await payments.lock_orders(tx, numbers)
    unknown = sorted({*numbers} - {*ids})
    if unknown:
        msg = f"there is no order {unknown[0]}: see the list of orders"
        raise NotFoundError(msg)
    before = await payments.known(tx, [each.id for each in entries])
    new = list({each.id: each for each in entries if each.id not in before}.values())
    was = await payments.accounts_of(tx, numbers)
    accounts = {
        number: after_all(account, [each for each in new if each.order == number])
        for number, account in was.items()
    }
    await payments.add_payments(tx, new, ids, actor=actor, at=at)
    changed = {
        ids[number]: account
        for number, account in accounts.items()
        if (account.payment, account.to_go_back) != (was[number].payment, was[number].to_go_back)
    }
    await payments.set_words(tx, changed)
    less = {ids[number]: each.owed for number, each in accounts.items() if each.owed < was[number].owed}
    await withdraw_paid(tx, less, paid=[each.id for each in new], actor=actor)
    await add_events(tx, [_event(each, accounts[each.order], ids, actor) for each in new], at=at)
    paid = [ids[number] for number, account in accounts.items() if was[number].due and not account.due]
    if again := [ids[number] for number, account in accounts.items() if account.due and not was[number].due]:
        await unpaid.wait_again(tx, again)
    touched = await _wait_no_more(tx, paid, actor=actor, at=at) if paid else set()
    return Paid(accounts, [each.id for each in new], touched)


async def _wait_no_more(tx: Tx, ids: Sequence[UUID], *, actor: str, at: datetime) -> set[UUID]:
    """Whatever the channel says later, these orders do not lose their stock for want of payment."""
    await unpaid.set_pay_by(tx, ids, FOR_GOOD)
    kept = [
        replace(order, pay_by=FOR_GOOD, holds=[hold for hold in order.holds if hold != "payment"])
        for order in await orders.lock_open(tx, ids)
    ]
    await holds.set_holds(tx, {order.id: order.holds for order in kept}, at=at)
    return await fill_short(tx, kept, actor=actor, at=at)


_KINDS: Mapping[Step, Kind] = {
    Step.AUTHORIZED: "payment authorized",
    Step.CAPTURED: "payment captured",
    Step.REFUNDED: "payment refunded",
    Step.UNDONE: "payment undone",
}


def _event(entry: Entry, account: Account, ids: dict[int, UUID], actor: str) -> Event:
    facts: dict[str, object] = {"amount": f"{entry.amount} {account.currency}", "tender": str(entry.tender)}
    if entry.channel_refund_id is not None:
        facts |= {"there": True, "reference": entry.reference}
    facts |= {
        name: f"{amount} {account.currency}"
        for name, amount in (("due", account.due), ("over", account.over))
        if amount
    }
    return Event(_KINDS[entry.step], actor, order_id=ids[entry.order], facts=facts)

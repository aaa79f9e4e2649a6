"""Bank transfers: record what came in, each once, and say which orders it pays. Nobody is booked to without a word."""

from collections.abc import Collection, Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import datetime
from uuid import UUID

import msgspec
from msgspec import Struct

from hub.flows.orders.pay import record_payments
from hub.kit.ids import uuid7
from hub.kit.secrets import Vault
from hub.model.bank.matching import Money, Suggestion, Unpaid, numbers_in, suggest
from hub.model.bank.transfers import Deed, Held, Match, Payer, Transfer, refuse_bad, refuse_mismatch
from hub.model.errors import InputError, NotFoundError
from hub.model.incoming import Person
from hub.model.orders.payments import Entry, Step, Tender
from hub.store import orders, payments
from hub.store.bank import transfers as store
from hub.store.bank.transfers import NewTransfer, TransferRow
from hub.store.db import Tx
from hub.store.events import Event, add_events

RULE = "rule: number and amount"
LOOKED_AT_MAX = 1_000  # unpaid orders


class Recorded(Struct, frozen=True):
    """Which transfers were new, which matches the rule booked, and the channels to be told.

    `alike` are not kept, though maybe others than those they say the same as: a person says that each is another.
    """

    ids: set[UUID]
    booked: list[Match]
    touched: set[UUID]
    alike: AbstractSet[UUID] = frozenset()


async def record_transfers(
    tx: Tx, vault: Vault, given: Sequence[Transfer], *, actor: str, at: datetime
) -> Recorded:
    """Keep what came in; what was told before changes nothing. Raises InputError with nothing written.

    Where the retailer has switched the rule on, what is sure is booked: one order's own number and exactly what is due.
    """
    for each in given:
        refuse_bad(each)
    rows = [_row(vault, each) for each in given]
    new = await store.add_transfers(tx, rows, actor=actor, at=at)
    alike = await _alike(tx, [each for each in given if each.id not in new])
    if not new or not await store.books_what_is_sure(tx):
        return Recorded(new, [], set(), alike)
    money = {each.id: _money(each) for each in given if each.id in new}
    found = await suggestions_for(tx, vault, money)
    sure: dict[int, Match] = {}
    for transfer_id, suggested in found.items():
        if suggested and suggested[0].is_sure and suggested[0].order not in sure:
            first = suggested[0]
            sure[first.order] = Match(uuid7(), transfer_id, first.order, first.amount)
    booked = await _still_due(tx, sure)
    return Recorded(new, booked, await match_transfers(tx, booked, actor=RULE, at=at), alike)


async def _alike(tx: Tx, old: Sequence[Transfer]) -> set[UUID]:
    """Not kept for what they say alone, neither by the bank's own number nor as the same one sent again."""
    unsure = {each.id for each in old if not each.bank_id}
    return unsure - await store.known_ids(tx, unsure) if unsure else set()


async def _still_due(tx: Tx, sure: Mapping[int, Match]) -> list[Match]:
    """Once the orders are locked: what was paid meanwhile, in cash or by another statement, is not paid twice."""
    await payments.lock_orders(tx, list(sure))
    accounts = await payments.accounts_of(tx, list(sure))
    return [each for each in sure.values() if accounts[each.order].due == each.amount]


def _row(vault: Vault, each: Transfer) -> NewTransfer:
    sealed = vault.seal(msgspec.json.encode(each.payer), payer_key(each.id))
    key = vault.blind_index(each.key_text)
    return NewTransfer(each.id, key, each.booked_on, each.amount, each.currency, sealed)


def _money(each: Transfer) -> Money:
    return Money(each.amount, each.currency, each.payer.name, each.payer.reference)


def payer_key(transfer_id: UUID) -> bytes:
    """What binds the sealed words of a transfer to it."""
    return b"transfer" + transfer_id.bytes


def payer_of(vault: Vault, row: TransferRow) -> Payer:
    return msgspec.json.decode(vault.open(row.personal, payer_key(row.id)), type=Payer)


async def suggestions_for(tx: Tx, vault: Vault, money: Mapping[UUID, Money]) -> dict[UUID, list[Suggestion]]:
    """For each transfer the orders it may pay, of the unpaid ones that it names or that are newest."""
    if not money:
        return {}
    numbers = numbers_in(each.reference for each in money.values())
    currencies = {each.currency for each in money.values()}
    rows = await store.unpaid_orders(tx, currencies=currencies, numbers=numbers, limit=LOOKED_AT_MAX)
    ours = await orders.ids_of(tx, sorted(numbers))
    accounts = await payments.accounts_of(tx, [row.number for row in rows])
    unpaid = [
        Unpaid(
            row.number, row.channel_order_number, row.currency, accounts[row.number].due, _name(vault, row)
        )
        for row in rows
    ]
    waiting = [each for each in unpaid if each.due]
    return {transfer_id: suggest(each, waiting, ours) for transfer_id, each in money.items()}


def _name(vault: Vault, row: store.UnpaidRow) -> str:
    person = msgspec.json.decode(vault.open(row.personal, row.id.bytes), type=Person)
    return person.name or (person.billing.name if person.billing else "")


async def match_transfers(tx: Tx, wanted: Sequence[Match], *, actor: str, at: datetime) -> set[UUID]:
    """Say that so much of transfers pays orders; return the channels to be told. The same again changes nothing (L1).

    Raises InputError, NotFoundError or WrongStateError with nothing written.
    """
    if len({each.id for each in wanted}) < len(wanted):
        msg = "two matches have one id: make one for each"
        raise InputError(msg, field="id")
    numbers = [each.order for each in wanted]
    ids = await payments.lock_orders(tx, numbers)
    if unknown := sorted({*numbers} - {*ids}):
        msg = f"there is no order {unknown[0]}: see the list of orders"
        raise NotFoundError(msg)
    held = await _lock(tx, {each.transfer for each in wanted})
    known = await payments.known(tx, [each.id for each in wanted])
    new = [each for each in wanted if each.id not in known]
    currencies = {number: each.currency for number, each in (await payments.accounts_of(tx, numbers)).items()}
    left = dict(held)
    for each in new:
        refuse_mismatch(each, left[each.transfer], currencies[each.order])
        left[each.transfer] = msgspec.structs.replace(
            left[each.transfer], matched=left[each.transfer].matched + each.amount
        )
    paid = await record_payments(tx, [_paid(each, held) for each in new], actor=actor, at=at)
    await store.add_matches(tx, new)
    return paid.touched


def _paid(match: Match, held: Mapping[UUID, Held]) -> Entry:
    """Without what the payer wrote: that stays sealed (L17)."""
    words = f"booked {held[match.transfer].booked_on}"
    return Entry(match.id, match.order, Tender.BANK_TRANSFER, Step.CAPTURED, match.amount, words)


async def _lock(tx: Tx, ids: Collection[UUID]) -> dict[UUID, Held]:
    held = await store.lock_transfers(tx, ids)
    if unknown := sorted({*ids} - {*held}):
        msg = f"there is no bank transfer {unknown[0]}: see hub payment transfer list"
        raise NotFoundError(msg)
    return held


async def undo_matches(tx: Tx, ids: Sequence[UUID], *, actor: str, at: datetime) -> list[int]:
    """Take back what was matched; return the numbers of the orders. What is undone stays so.

    The order keeps its stock as long as unpaid ones of its channel do. Raises NotFoundError, or InputError where that
    money was refunded meanwhile.
    """
    found = {each.id: each for each in await store.matches_of(tx, payments=ids)}
    if unknown := sorted({*ids} - {*found}):
        msg = f"no bank transfer was matched as {unknown[0]}: see hub payment transfer list"
        raise NotFoundError(msg)
    numbers = sorted({each.order for each in found.values()})
    await payments.lock_orders(tx, numbers)
    held = await _lock(tx, {each.transfer for each in found.values()})
    again = await store.matches_of(tx, payments=ids)
    undone = [each for each in again if each.undone_at is None]
    for each in undone:
        held[each.transfer].refuse(Deed.UNDO)
    entries = [
        Entry(uuid7(), each.order, Tender.BANK_TRANSFER, Step.UNDONE, each.amount, f"undone {each.id}")
        for each in undone
    ]
    await store.note_undone(tx, [each.id for each in undone], at=at)
    await record_payments(tx, entries, actor=actor, at=at)
    return numbers


async def set_aside(
    tx: Tx, ids: Collection[UUID], *, take_up: bool = False, actor: str, at: datetime
) -> None:
    """These, or what is left of them, pay no order; or they are taken up again. Said again, it stays so.

    Raises NotFoundError or WrongStateError.
    """
    held = await _lock(tx, ids)
    changed = [each for each in held.values() if each.is_aside is take_up]
    for each in changed:
        each.refuse(Deed.TAKE_UP if take_up else Deed.SET_ASIDE)
    await store.set_aside(
        tx, [each.id for each in changed], actor="" if take_up else actor, at=None if take_up else at
    )


async def set_rule(tx: Tx, *, books: bool, actor: str, at: datetime) -> None:
    """Whether what is sure is booked as it comes in."""
    await store.set_rule(tx, books=books)
    await add_events(tx, [Event("bank rule set", actor, facts={"books": books})], at=at)

"""Write-backs: note what became of what a channel was told, once; what it refused waits for a person, who decides."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from msgspec import Struct

from hub.flows.orders.pay import record_payments
from hub.flows.post_notices import NewNotice, post_notices
from hub.model.errors import InputError, NotFoundError, WrongStateError
from hub.model.orders.payments import Account, Entry, Tender
from hub.model.orders.payments import Step as MoneyStep
from hub.model.sync.write_backs import Kind, State, Wish, after
from hub.model.sync.write_backs import Step as Change
from hub.model.telling.kinds import Kind as Said
from hub.spec import Severity
from hub.store import orders, payments, publications
from hub.store.db import Tx
from hub.store.events import Event, add_events
from hub.store.sync import write_backs
from hub.store.sync.write_backs import Became, Held

TOPIC = "order.not_told"
WORDS = {
    "fulfillment": "a parcel",
    "label": "the corrected number of a parcel",
    "cancellation": "the cancellation",
    "refund": "a refund",
}


class Teller(Struct, frozen=True):
    """The channel that was told; `url` is where the desk stands."""

    channel_id: UUID
    slug: str
    url: str


class Noted(Struct, frozen=True):
    """The channels to be told what is left, and the notifiers to ring."""

    touched: set[UUID]
    notifiers: set[UUID]


async def note_outcomes(
    tx: Tx,
    teller: Teller,
    claim: UUID,
    wishes: Sequence[Wish],
    became: Mapping[UUID, Became],
    *,
    at: datetime,
) -> Noted:
    """Record what became of these, which one worker claimed at once. Money that went back there is a fact here too."""
    await payments.lock_orders(tx, [each.number for each in wishes])
    paid = await record_payments(tx, await _entries(tx, teller, wishes, became), actor=teller.slug, at=at)
    settled = await write_backs.settle(tx, claim, list(became.values()), at=at)
    ended = [
        (wish, became[wish.id])
        for wish in wishes
        if wish.id in settled and became[wish.id].state in {State.APPLIED, State.REJECTED}
    ]
    await add_events(tx, [_event(teller, wish, each) for wish, each in ended], at=at)
    refused = [_notice(teller, wish, each) for wish, each in ended if each.state is State.REJECTED]
    notifiers = await post_notices(tx, refused, at=at)
    return Noted(paid.touched | await _mark_put_back(tx, ended, at=at), notifiers)


async def _mark_put_back(tx: Tx, ended: Sequence[tuple[Wish, Became]], *, at: datetime) -> set[UUID]:
    """A channel that took a cancel may have put the units back on its own shelf, beside what it was told is left."""
    canceled = {
        wish.order_id
        for wish, became in ended
        if wish.kind is Kind.CANCELLATION and became.state is State.APPLIED
    }
    lines = await orders.lines_of(tx, sorted(canceled))
    return await publications.mark(
        tx, [sku for own in lines.values() for line in own for sku in line.parts], at=at
    )


async def _entries(
    tx: Tx, teller: Teller, wishes: Sequence[Wish], became: Mapping[UUID, Became]
) -> list[Entry]:
    """What of the refunds nobody has recorded yet. The id is the write-back's, so that it is recorded once (L1)."""
    back = [each for each in wishes if each.kind is Kind.REFUND and became[each.id].state is State.APPLIED]
    accounts = await payments.accounts_of(tx, [each.number for each in back])
    found = [_entry(teller, each, accounts[each.number], became[each.id]) for each in back]
    return [each for each in found if each is not None]


def _entry(teller: Teller, wish: Wish, account: Account, became: Became) -> Entry | None:
    """None where it is recorded already; also where the channel's word says that all went back, it has its own."""
    amount = min(wish.amount or account.unrecorded, account.unrecorded)
    reference, ref = f"{teller.slug} {became.channel_ref}".strip(), became.channel_ref
    entry = Entry(wish.id, wish.number, Tender.OTHER, MoneyStep.REFUNDED, amount, reference, ref)
    try:
        account.after(entry)
    except InputError:
        return None
    return entry


def _event(teller: Teller, wish: Wish, became: Became) -> Event:
    facts: dict[str, object] = {"effect": wish.effect}
    if wish.amount is not None:
        facts["amount"] = f"{wish.amount} {wish.currency}"
    if became.state is State.REJECTED:
        facts["reason"] = became.reason
    kind: Said = "told" if became.state is State.APPLIED else "not told"
    return Event(kind, "hub", order_id=wish.order_id, channel_id=teller.channel_id, facts=facts)


def _notice(teller: Teller, wish: Wish, became: Became) -> NewNotice:
    title = f"{teller.slug} does not take {WORDS[wish.effect]} of order {wish.number}"
    words = (
        f"{became.reason}. Try again or let it be, on the page of the order, or with: hub sync write-backs"
    )
    link = f"{teller.url}/orders/{wish.number}"
    return NewNotice(f"write-back/{wish.id}", TOPIC, Severity.WARNING, title, words, link)


async def decide(tx: Tx, ids: Sequence[UUID], step: Change, *, actor: str, at: datetime) -> set[UUID]:
    """Send what was refused once more, or let it be; return the channels to ring.

    Raises NotFoundError or WrongStateError with nothing written.
    """
    numbers = await write_backs.numbers_of(tx, ids)
    await payments.lock_orders(tx, numbers)
    held = await write_backs.lock(tx, ids)
    strange = sorted({*ids} - {each.id for each in held}, key=str)
    if strange:
        msg = f"there is no write-back {strange[0]}: see hub sync write-backs"
        raise NotFoundError(msg)
    if step is Change.RETRY:
        await _refuse_paid(tx, numbers, held)
    await _decide(tx, held, step, actor=actor, at=at)
    return {each.channel_id for each in held}


async def _refuse_paid(tx: Tx, numbers: Sequence[int], held: Sequence[Held]) -> None:
    """Raises WrongStateError where the channel would give back more than is owed by now."""
    again = [each for each in held if each.kind is Kind.REFUND]
    accounts = await payments.accounts_of(tx, numbers)
    amounts = await write_backs.to_pay(tx, numbers, [each.id for each in again])
    for each in again:
        owed = accounts[each.number].owed
        if amounts.get(each.number, 0) > owed:
            msg = f"the refund of order {each.number} is not owed any more: {owed} is still to give back, so let it be"
            raise WrongStateError(msg)


async def _decide(tx: Tx, held: Sequence[Held], step: Change, *, actor: str, at: datetime) -> None:
    states = {each.id: after(each.state, step, f"the {each.kind} of order {each.number}") for each in held}
    await write_backs.decide(tx, states, actor=actor)
    said: Said = "told again" if step is Change.RETRY else "let be"
    events = [Event(said, actor, order_id=each.order_id, facts={"effect": str(each.kind)}) for each in held]
    await add_events(tx, events, at=at)


async def set_told(tx: Tx, channel_id: UUID, kinds: Collection[Kind], *, actor: str, at: datetime) -> None:
    """Say of what a channel is told from now on; what waits of the rest is let be."""
    before = await write_backs.switches(tx, channel_id)
    await write_backs.switch(tx, channel_id, kinds, at=at)
    await let_untold_be(tx, channel_id, actor=actor, at=at)
    if before.keys() != {*kinds}:
        facts = {"effects": [str(each) for each in Kind if each in kinds]}
        await add_events(tx, [Event("tells set", actor, channel_id=channel_id, facts=facts)], at=at)


async def let_untold_be(tx: Tx, channel_id: UUID, *, actor: str, at: datetime) -> None:
    """Let be what waits although the channel is told no more of its kind: it was claimed when that was said."""
    await _decide(tx, await write_backs.lock_untold(tx, channel_id), Change.DISMISS, actor=actor, at=at)

"""Follow refunds: what a channel gave back is money that went back here too, each amount once, however it is told.

It is a fact, whatever was paid (L6), and moves no goods. It pays what was said to go back, as far as that reaches; what
goes beyond is a refund of its own, of the lines the channel names.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from msgspec import Struct

from hub.flows.orders.followed import Followed, Wait
from hub.flows.orders.pay import record_payments
from hub.flows.orders.take_back import TakenBack
from hub.kit.ids import uuid7
from hub.model.errors import InputError
from hub.model.orders.payments import WORDS_MAX, Account, Entry, Step, Tender
from hub.model.orders.refunds import NOTHING
from hub.model.sync.told_refunds import Asked, OnRecord, Ruling, Told, Verdict, doubt_since, rule
from hub.spec import IncomingRefund
from hub.store import payments, refunds
from hub.store.db import Tx
from hub.store.events import Event, add_events
from hub.store.refunds import NewRefund, TheirOrder
from hub.store.sync import write_backs

BY_HAND = "record what went back by hand, with: hub payment refund"
NO_ORDER = "the hub holds no order {} of this channel: " + BY_HAND
IN_DOUBT = (
    f"nobody knows whether it is what the hub asked for, see hub sync write-backs; if it is not, {BY_HAND}"
)
NO_RMAS: Mapping[UUID, int] = {}


class Ruled(Struct, frozen=True):
    told: IncomingRefund
    order: TheirOrder
    ruling: Ruling

    @property
    def is_news(self) -> bool:
        return self.ruling.verdict in {Verdict.NEW, Verdict.OURS}


async def follow_refunds(
    tx: Tx, channel_id: UUID, told: Sequence[IncomingRefund], *, actor: str, at: datetime
) -> Followed:
    """Raises InputError for what is no amount in the order's currency, with nothing written."""
    once = {each.channel_refund_id: each for each in sorted(told, key=_when)}
    orders = await refunds.lock_theirs(tx, channel_id, sorted({each.channel_order_id for each in told}))
    ids = [each.id for each in orders.values()]
    recorded, asked = await payments.refunded(tx, ids), await write_backs.refunds_of(tx, ids)
    accounts = await payments.accounts_of(tx, [each.number for each in orders.values()])
    ruled: list[Ruled] = []
    for name, order in orders.items():
        its = [each for each in once.values() if each.channel_order_id == name and _is_money(each, order)]
        ruled += _ruled(order, its, recorded[order.id], asked[order.id])
    entries = {each.told.channel_refund_id: _entry(each, actor) for each in ruled if each.is_news}
    await refunds.add_refunds(tx, _rows(ruled, entries, accounts), NO_RMAS, actor=actor, at=at)
    paid = await record_payments(tx, list(entries.values()), actor=actor, at=at)
    await _tie(tx, ruled, recorded, actor=actor, at=at)
    await write_backs.find_there(tx, _found(ruled), at=at)
    strange = [each for each in once.values() if each.channel_order_id not in orders]
    waits = {each.channel_refund_id: Wait(NO_ORDER.format(each.channel_order_id)) for each in strange}
    doubtful = [each for each in ruled if each.ruling.verdict is Verdict.WAITS]
    since = {each.order.id: doubt_since(asked[each.order.id], at=at) for each in doubtful}
    waits |= {each.told.channel_refund_id: Wait(IN_DOUBT, since[each.order.id]) for each in doubtful}
    return Followed(TakenBack([], paid.touched, set()), waits)


def _ruled(
    order: TheirOrder, told: Sequence[IncomingRefund], recorded: Sequence[OnRecord], asked: Sequence[Asked]
) -> list[Ruled]:
    rulings = rule([Told(each.channel_refund_id, each.total, each.key) for each in told], recorded, asked)
    return [Ruled(each, order, ruling) for each, ruling in zip(told, rulings, strict=True)]


def _when(told: IncomingRefund) -> tuple[datetime, str]:
    return told.refunded_at, told.channel_refund_id


def _is_money(told: IncomingRefund, order: TheirOrder) -> bool:
    """Whether any went back: a refund of nothing puts goods back on the channel's own shelf. Raises InputError."""
    if not told.total.is_finite() or told.total < 0:
        msg = (
            f"refund {told.channel_refund_id} of order {order.number} has the amount {told.total}: {BY_HAND}"
        )
        raise InputError(msg, field="total")
    if told.currency not in {None, order.currency}:
        msg = (
            f"refund {told.channel_refund_id} is in {told.currency}, and order {order.number} in {order.currency}:"
            f" {BY_HAND}"
        )
        raise InputError(msg, field="currency")
    return told.total > 0


def _entry(each: Ruled, actor: str) -> Entry:
    ref = each.told.channel_refund_id
    made = each.ruling.id or uuid7()
    reference = f"{actor} {ref}"[:WORDS_MAX]
    return Entry(made, each.order.number, Tender.OTHER, Step.REFUNDED, each.told.total, reference, ref)


def _rows(
    ruled: Iterable[Ruled], entries: Mapping[str, Entry], accounts: Mapping[int, Account]
) -> list[NewRefund]:
    """What nobody had said goes back. Its lines are known where all of it is that."""
    now, rows = dict(accounts), []
    for each in ruled:
        entry = entries.get(each.told.channel_refund_id)
        if entry is None:
            continue
        beyond = max(NOTHING, entry.amount - now[each.order.number].unrecorded)
        now[each.order.number] = now[each.order.number].after(entry)
        if beyond:
            rows.append(_row(each, entry, beyond))
    return rows


def _row(each: Ruled, entry: Entry, beyond: Decimal) -> NewRefund:
    told, order = each.told, each.order
    if beyond < entry.amount:
        return NewRefund(entry.id, order.id, beyond, NOTHING, NOTHING, told.reason)
    units: dict[UUID, int] = {}
    by_line: dict[UUID, Decimal] = {}
    for line in told.lines:
        if line_id := order.lines.get(line.channel_line_id):
            units[line_id] = units.get(line_id, 0) + line.quantity
            by_line[line_id] = by_line.get(line_id, NOTHING) + line.amount + line.tax
    shipping = told.shipping + told.shipping_tax
    return NewRefund(entry.id, order.id, beyond, NOTHING, shipping, told.reason, units, by_line)


async def _tie(
    tx: Tx, ruled: Sequence[Ruled], recorded: Mapping[UUID, Sequence[OnRecord]], *, actor: str, at: datetime
) -> None:
    """Note the channel's ids of refunds that are on record; where a person had recorded it, say so.

    No statement where there is none.
    """
    same = {each.ruling.id: each for each in ruled if each.ruling.verdict is Verdict.SAME and each.ruling.id}
    if not same:
        return
    await payments.tie(tx, {known: each.told.channel_refund_id for known, each in same.items()})
    accounts = await payments.accounts_of(tx, [each.order.number for each in same.values()])
    words = {each.order.id: accounts[each.order.number] for each in same.values()}
    await payments.set_words(tx, words)
    by_hand = [each.id for own in recorded.values() for each in own if each.channel_refund_id is None]
    shown = [same[known] for known in by_hand if known in same]
    await add_events(tx, [_event(each, actor) for each in shown], at=at)


def _event(each: Ruled, actor: str) -> Event:
    facts = {"amount": f"{each.told.total} {each.order.currency}", "reference": each.told.channel_refund_id}
    return Event("refund recognized", actor, order_id=each.order.id, facts=facts)


def _found(ruled: Iterable[Ruled]) -> dict[UUID, str]:
    ours = (each for each in ruled if each.ruling.verdict is Verdict.OURS)
    return {each.ruling.id: each.told.channel_refund_id for each in ours if each.ruling.id}

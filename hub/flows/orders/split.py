"""Split and merge: one order becomes two, or several become one, with stock, money and holds; undone as one.

Only orders that the hub itself promised (`ours` are the slugs of their channels): any other channel goes on talking
about the one order it knows, and its payment or cancel would reach one part alone.
"""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import datetime
from decimal import Decimal
from functools import partial
from uuid import UUID

from msgspec import Struct
from msgspec.structs import asdict, replace

from hub.flows.orders.edit import lock_numbers
from hub.flows.orders.kept_edits import kept_edit
from hub.flows.orders.move_money import Move, move_money
from hub.flows.orders.order_rows import Draft, order_row
from hub.flows.orders.own_fields import NONE
from hub.flows.orders.record_edits import Done, Work, record_works
from hub.flows.orders.versions import read_versions
from hub.kit.ids import uuid7
from hub.kit.secrets import Vault
from hub.model.edits.editing import Edited
from hub.model.edits.parting import Sums
from hub.model.edits.splitting import (
    BORN,
    MERGE,
    SPLIT,
    InHand,
    bare_order,
    merged,
    merged_line_ids,
    split,
)
from hub.model.errors import InputError, WrongStateError
from hub.model.incoming import IncomingOrder, Payment
from hub.model.orders.holds import BY_STOCK, BY_THE_HUB
from hub.model.orders.payments import Word
from hub.model.orders.refunds import total_of
from hub.model.orders.taking import HeldLine, Match
from hub.store import edits, holds, orders, picking, refunds
from hub.store.db import Tx
from hub.store.events import Event, add_events
from hub.store.holds import NONE_JOINED, Joined
from hub.store.orders import HeldOrder


class Split(Struct, frozen=True):
    """So many units of each line, by the channel's id of it, become another order. `id` is the caller's (L1)."""

    id: UUID
    order: int
    units: Mapping[str, int]
    reason: str = ""


class Merge(Struct, frozen=True):
    """All of `others` leaves with `into`; they are canceled. `id` is the caller's (L1)."""

    id: UUID
    into: int
    others: Sequence[int]
    reason: str = ""


async def split_orders(
    tx: Tx, vault: Vault, wanted: Sequence[Split], *, ours: AbstractSet[str], actor: str, at: datetime
) -> Done:
    """Split orders; one that was split by this command before stays as it is.

    Raises InputError, NotFoundError or WrongStateError with nothing written.
    """
    by_order = {each.order: each for each in wanted}
    if len(by_order) < len(wanted):
        msg = "an order is split once at a time: send one after the other"
        raise InputError(msg, field="order")
    held = await lock_numbers(tx, list(by_order))
    known = await edits.known(tx, [each.id for each in wanted])
    fresh = [order for order in held if by_order[order.number].id not in known]
    _refuse_theirs(
        fresh, ours, "let its goods leave in several parcels: hub order ship NUMBER --line SKU:UNITS"
    )
    before = await read_versions(tx, vault, [order.id for order in fresh])
    in_hand = await _in_hand(tx, fresh)
    parted = {
        order.id: split(
            before[order.id],
            by_order[order.number].units,
            in_hand=in_hand[order.id],
            order_id=f"{order.channel_order_id[:150]} {by_order[order.number].id}",
        )
        for order in fresh
    }
    words = {order.id: before[order.id].channel_payment for order in fresh}
    new = [(order, parted[order.id][1].order, words[order.id]) for order in fresh]
    born = await _bear(tx, vault, new, at=at)
    works, rows, moves = [], [], []
    for order in fresh:
        asked, (kept, away) = by_order[order.number], parted[order.id]
        part, cause = born[order.id], str(asked.id)
        paid = _paid(away.account.held, away.order.currency)
        bare = replace(away, order=bare_order(away.order), **asdict(Sums()))
        stays = Work(order, before[order.id], kept, cause, notes={"part": part.number, **paid})
        goes = Work(part, bare, away, cause, matches=_matches(order), notes={"from": order.number, **paid})
        works += [stays, goes]
        moves.append(Move(asked.id, order, part, away.captured, away.authorized))
        rows += [
            kept_edit(vault, stays, asked.id, kind=SPLIT, reason=asked.reason, together=asked.id),
            kept_edit(vault, goes, uuid7(), kind=BORN, reason=asked.reason, together=asked.id),
        ]
    await edits.add_edits(tx, rows, actor=actor, at=at)
    await move_money(tx, moves, actor=actor, at=at)
    done = await record_works(tx, vault, works, kind="split", actor=actor, at=at)
    numbers = [born[order.id].number for order in fresh]
    return replace(done, ids=[by_order[order.number].id for order in fresh], numbers=numbers)


async def _in_hand(tx: Tx, held: Sequence[HeldOrder]) -> dict[UUID, InHand]:
    ids = [order.id for order in held]
    picked, bills = await picking.being_picked(tx, ids), await refunds.bills_of(tx, ids)
    return {
        order.id: InHand(
            {line.channel_line_id: picked.get(line.id, 0) for line in order.lines},
            {line.channel_line_id: line.back for line in bills[order.id].lines.values()},
        )
        for order in held
    }


def _paid(amount: Decimal, currency: str) -> dict[str, object]:
    """For the timelines of both orders."""
    return {"paid": f"{amount} {currency}"} if amount else {}


async def merge_orders(
    tx: Tx, vault: Vault, wanted: Merge, *, ours: AbstractSet[str], actor: str, at: datetime
) -> Done:
    """Merge orders of one customer who pays alike, to one address; a merge that was made before changes nothing.

    Raises InputError, NotFoundError or WrongStateError with nothing written.
    """
    numbers = [wanted.into, *wanted.others]
    if len(set(numbers)) < len(numbers) or not wanted.others:
        msg = "name the order that stays, and others that go into it, each once"
        raise InputError(msg, field="orders")
    locked = await lock_numbers(tx, numbers)
    if await edits.known(tx, [wanted.id]):
        return Done([], set(), set())
    _refuse_theirs(
        locked,
        ours,
        f"let them leave in one parcel, with: hub order ship {wanted.into} --with {wanted.others[0]}",
    )
    held = {order.number: order for order in locked}
    was, others = held[wanted.into], [held[number] for number in wanted.others]
    versions = await read_versions(tx, vault, [order.id for order in locked])
    gone = [versions[order.id] for order in others]
    after = merged(versions[was.id], gone, key=str(wanted.id))
    if await picking.being_picked(tx, [order.id for order in others]):
        msg = "some of the orders are being picked: give their lists up first, or wait until they have left"
        raise WrongStateError(msg)
    into, joined = await _take_over(tx, was, others)
    gained = [each for each in into.holds if each not in was.holds]
    works = _merge_works(wanted, into, others, versions, after)
    moves = [
        Move(wanted.id, each, into, versions[each.id].captured, versions[each.id].authorized)
        for each in others
    ]
    ids = [wanted.id, *(uuid7() for _ in others)]
    stays, *goes = zip(works, ids, strict=True)
    kept = partial(kept_edit, vault, reason=wanted.reason, together=wanted.id)
    rows = [
        kept(*stays, kind=MERGE, gained=gained, joined=joined),
        *(kept(*each, kind="cancel") for each in goes),
    ]
    await edits.add_edits(tx, rows, actor=actor, at=at)
    await move_money(tx, moves, actor=actor, at=at)
    if gained:
        await add_events(tx, [Event("held", actor, order_id=into.id, facts={"put": gained})], at=at)
    done = await record_works(tx, vault, works, kind="merged", actor=actor, at=at)
    return replace(done, ids=[wanted.id])


async def _take_over(tx: Tx, into: HeldOrder, others: Sequence[HeldOrder]) -> tuple[HeldOrder, Joined]:
    """The order that stays, held for all that a person or a rule holds the others for."""
    if not any(order.holds for order in others):
        return into, NONE_JOINED
    before = await holds.facts_of(tx, into.id)
    await holds.take_over(tx, [(order.id, into.id) for order in others], but=BY_THE_HUB)
    after = await holds.facts_of(tx, into.id)
    joined = {reason: (was, after[reason]) for reason, was in before.items() if was != after[reason]}
    return (await orders.lock_all(tx, [into.id]))[0], joined


def _merge_works(
    wanted: Merge,
    into: HeldOrder,
    others: Sequence[HeldOrder],
    versions: Mapping[UUID, Edited],
    after: Edited,
) -> list[Work]:
    gone, cause = [versions[order.id] for order in others], str(wanted.id)
    matches = {
        line_id: match
        for line_id, (place, own) in merged_line_ids(gone, key=cause).items()
        if (match := _matches(others[place]).get(own))
    }
    paid = total_of(each.account.held for each in gone)
    notes = {"others": [*wanted.others], **_paid(paid, after.order.currency)}
    stays = Work(into, versions[into.id], after, cause, matches=matches, notes=notes)
    bare, into_it = asdict(Sums()), {"into": into.number}
    return [
        stays,
        *(
            Work(
                order,
                versions[order.id],
                replace(versions[order.id], canceled=True, **bare),
                cause,
                notes=into_it,
            )
            for order in others
        ),
    ]


def _refuse_theirs(held: Sequence[HeldOrder], ours: AbstractSet[str], instead: str) -> None:
    for order in held:
        if order.channel not in ours:
            msg = f"order {order.number} is of {order.channel}, which knows it as it is and talks of it so: {instead}"
            raise WrongStateError(msg)


async def _bear(
    tx: Tx, vault: Vault, new: Sequence[tuple[HeldOrder, IncomingOrder, Payment]], *, at: datetime
) -> dict[UUID, HeldOrder]:
    """Begin an order for each of these, with nothing on it yet; by the order it comes from, locked."""
    channels = await orders.channels_of(tx, [order.id for order, _, _ in new])
    ids = {order.id: uuid7() for order, _, _ in new}
    for channel_id in sorted({*channels.values()}):
        rows = [
            order_row(
                Draft(
                    ids[order.id],
                    bare_order(each),
                    order.snapshot_key,
                    None,
                    [],
                    canceled=False,
                    pay_by=order.pay_by,
                    ship_by=order.ship_by,
                    word=Word(word),
                ),
                [],
                vault,
                {},
                personal=NONE,
            )
            for order, each, word in new
            if channels[order.id] == channel_id
        ]
        await orders.insert_orders(tx, channel_id, rows, at=at)
    waiting = [(order.id, ids[order.id]) for order, _, _ in new if order.holds]
    await holds.take_over(tx, waiting, but=("conflict", *BY_STOCK))
    held = {order.id: order for order in await orders.lock_all(tx, list(ids.values()))}
    return {order_id: held[new_id] for order_id, new_id in ids.items()}


def _matches(order: HeldOrder) -> dict[str, Match]:
    """What each line of an order takes of stock, by the channel's id of it."""
    return {line.channel_line_id: _match(line) for line in order.lines if line.sku is not None}


def _match(line: HeldLine) -> Match:
    plain = {line.sku: line.units}
    return Match(line.sku or "", line.units, {} if line.parts == plain else line.parts)

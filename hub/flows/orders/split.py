"""Split and merge: one order becomes two, or several become one, with their stock, in one transaction; undone as one.

Only orders that the hub itself promised (`ours` are the slugs of their channels): any other channel goes on talking
about the one order it knows, and its payment or cancel would not reach the parts.
"""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import datetime
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from hub.flows.orders.edit import BORN, kept_edit, lock_numbers, refuse_unsound
from hub.flows.orders.order_rows import Draft, order_row
from hub.flows.orders.own_fields import NONE
from hub.flows.orders.record_edits import Done, Work, record_works
from hub.flows.orders.versions import read_versions
from hub.kit.ids import uuid7
from hub.kit.secrets import Vault
from hub.model.edits.splitting import bare_order, merged, merged_line_ids, split
from hub.model.errors import InputError, WrongStateError
from hub.model.incoming import NO_MONEY, IncomingOrder, Payment
from hub.model.orders.payments import Word
from hub.model.orders.taking import HeldLine, Match
from hub.store import edits, orders, picking
from hub.store.db import Tx
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
    _refuse_facts(fresh, ours)
    before = await read_versions(tx, vault, [order.id for order in fresh])
    await refuse_unsound(tx, fresh, before)
    in_hand = await picking.being_picked(tx, [order.id for order in fresh])
    parted = {
        order.id: split(
            before[order.id],
            by_order[order.number].units,
            picking={line.channel_line_id: in_hand.get(line.id, 0) for line in order.lines},
            order_id=f"{order.channel_order_id[:150]} {by_order[order.number].id}",
        )
        for order in fresh
    }
    words = {order.id: before[order.id].channel_payment for order in fresh}
    born = await _bear(tx, vault, [(order, parted[order.id][1], words[order.id]) for order in fresh], at=at)
    works, rows = [], []
    for order in fresh:
        asked, (kept, new) = by_order[order.number], parted[order.id]
        collected = before[order.id].collected - kept.collected
        away = replace(
            before[order.id], order=new, owners={}, shipped={}, refunded=NO_MONEY, collected=collected
        )
        bare = replace(away, order=bare_order(new), collected=NO_MONEY)
        stays = Work(order, before[order.id], kept, str(asked.id))
        goes = Work(born[order.id], bare, away, str(asked.id), matches=_matches(order))
        works += [stays, goes]
        rows += [
            kept_edit(vault, stays, asked.id, kind="split", reason=asked.reason, together=asked.id),
            kept_edit(vault, goes, uuid7(), kind=BORN, reason=asked.reason, together=asked.id),
        ]
    await edits.add_edits(tx, rows, actor=actor, at=at)
    done = await record_works(tx, vault, works, kind="split", actor=actor, at=at)
    numbers = [born[order.id].number for order in fresh]
    return replace(done, ids=[by_order[order.number].id for order in fresh], numbers=numbers)


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
    held = {order.number: order for order in await lock_numbers(tx, numbers)}
    if await edits.known(tx, [wanted.id]):
        return Done([], set(), set())
    _refuse_facts(list(held.values()), ours)
    versions = await read_versions(tx, vault, [order.id for order in held.values()])
    await refuse_unsound(tx, list(held.values()), versions)
    into, others = held[wanted.into], [held[number] for number in wanted.others]
    in_hand = await picking.being_picked(tx, [order.id for order in others])
    if in_hand:
        msg = "some of the orders are being picked: give their lists up first, or wait until they have left"
        raise WrongStateError(msg)
    gone = [versions[order.id] for order in others]
    matches = {
        line_id: match
        for line_id, (place, own) in merged_line_ids(gone, key=str(wanted.id)).items()
        if (match := _matches(others[place]).get(own))
    }
    cause = str(wanted.id)
    works = [
        Work(into, versions[into.id], merged(versions[into.id], gone, key=cause), cause, matches=matches),
        *(
            Work(
                order,
                versions[order.id],
                replace(versions[order.id], canceled=True, collected=NO_MONEY),
                cause,
            )
            for order in others
        ),
    ]
    ids = [wanted.id, *(uuid7() for _ in others)]
    rows = [
        kept_edit(vault, work, edit_id, kind=kind, reason=wanted.reason, together=wanted.id)
        for work, edit_id, kind in zip(works, ids, ("merge", *("cancel" for _ in others)), strict=True)
    ]
    await edits.add_edits(tx, rows, actor=actor, at=at)
    done = await record_works(tx, vault, works, kind="merged", actor=actor, at=at)
    return replace(done, ids=[wanted.id])


def _refuse_facts(held: Sequence[HeldOrder], ours: AbstractSet[str]) -> None:
    for order in held:
        if order.channel not in ours:
            msg = (
                f"order {order.number} is of {order.channel}, which goes on talking about the one order it knows: its"
                " payment or cancel would reach one part alone; let its goods leave in several parcels, or change its"
                " units here"
            )
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
    held = {order.id: order for order in await orders.lock_all(tx, list(ids.values()))}
    return {order_id: held[new_id] for order_id, new_id in ids.items()}


def _matches(order: HeldOrder) -> dict[str, Match]:
    """What each line of an order takes of stock, by the channel's id of it."""
    return {line.channel_line_id: _match(line) for line in order.lines if line.sku is not None}


def _match(line: HeldLine) -> Match:
    plain = {line.sku: line.units}
    return Match(line.sku or "", line.units, {} if line.parts == plain else line.parts)

"""Adjust: change what is on hand by a person's or a count's word, and fill the orders that waited for it."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from msgspec import Struct

from hub.flows.stock.allocate import fill_short, lock_short
from hub.kit.ids import uuid7
from hub.model.errors import InputError, NotFoundError, WrongStateError
from hub.model.stock.bundles import Kind
from hub.store import publications
from hub.store.db import Tx
from hub.store.events import Event, add_events
from hub.store.orders import HeldOrder
from hub.store.stock import components, levels, locations, skus


class Adjustment(Struct, frozen=True):
    """`change` units more or less of one SKU at one location. `cause_id` makes it happen only once (L1)."""

    sku: str
    location: str
    change: int
    reason: str
    cause_id: str
    kind: str = "adjustment"


async def adjust_stock(tx: Tx, adjustments: Sequence[Adjustment], *, actor: str, at: datetime) -> set[UUID]:
    """Record the adjustments in the ledger; return the channels to be told.

    Raises InputError or NotFoundError before anything is written.
    """
    await _refuse_bad(tx, adjustments)
    short = await lock_short(tx, [each.sku for each in adjustments])
    return await _record(tx, adjustments, short, actor=actor, at=at)


async def _record(
    tx: Tx, adjustments: Sequence[Adjustment], short: Sequence[HeldOrder], *, actor: str, at: datetime
) -> set[UUID]:
    touched = sorted({each.sku for each in adjustments})
    moved = await levels.record_movements(tx, [_movement(each, actor) for each in adjustments], at=at)
    facts = {"skus": touched[:20], "count": len(adjustments)}
    await add_events(tx, [Event("stock adjusted", actor, facts=facts)], at=at)
    opened = await _begin_to_tell(tx, touched, at=at)
    return opened | await fill_short(tx, short, actor=actor, at=at, moved=moved)


async def _begin_to_tell(tx: Tx, counted: Sequence[str], *, at: datetime) -> set[UUID]:
    """From the first word on how many there are, the channels are told; before it they keep what they show (L12)."""
    first = await skus.note_counted(tx, counted, at=at)
    return await publications.open_publications(tx, first, at=at)


class Count(Struct, frozen=True):
    """What a person counted on the shelf: all units on hand, promised ones included."""

    sku: str
    location: str
    counted: int
    reason: str
    cause_id: str


async def count_stock(tx: Tx, counts: Sequence[Count], *, actor: str, at: datetime) -> set[UUID]:
    """Set what is on hand to what was counted; return the channels to be told.

    A count that agrees changes nothing.
    """
    skus_counted = [each.sku for each in counts]
    await refuse_stockless(tx, skus_counted)
    short = await lock_short(tx, skus_counted)
    held = {
        (level.sku, level.location): level.on_hand for level in await levels.lock_levels(tx, skus_counted)
    }
    changes = [
        Adjustment(each.sku, each.location, change, each.reason, each.cause_id, "count")
        for each in counts
        if (change := each.counted - held.get((each.sku, each.location), 0))
    ]
    if changes:
        await _refuse_bad(tx, changes)
        return await _record(tx, changes, short, actor=actor, at=at) | await _begin_to_tell(
            tx, skus_counted, at=at
        )
    return await _begin_to_tell(tx, skus_counted, at=at)


def _movement(each: Adjustment, actor: str) -> levels.Movement:
    return levels.Movement(
        id=uuid7(),
        sku=each.sku,
        location=each.location,
        kind=each.kind,
        on_hand_change=each.change,
        allocated_change=0,
        cause=each.kind,
        cause_id=each.cause_id,
        actor=actor,
        reason=each.reason,
    )


async def refuse_stockless(tx: Tx, named: Sequence[str]) -> None:
    """Raises NotFoundError for a SKU that is not there, WrongStateError for a bundle: it has no stock of its own."""
    kinds = await skus.kinds_of(tx, named)
    missing = sorted({*named} - {*kinds})
    if missing:
        msg = f"there is no SKU {', '.join(missing[:5])}: add it first, with: hub sku add {missing[0]} NAME"
        raise NotFoundError(msg)
    bundles = [sku for sku, kind in kinds.items() if kind is Kind.BUNDLE]
    if bundles:
        parts = await components.parts_of(tx, bundles[:1])
        msg = f"{bundles[0]} is a bundle and has no stock of its own: take its parts, {', '.join(parts[bundles[0]])}"
        raise WrongStateError(msg)


async def _refuse_bad(tx: Tx, adjustments: Sequence[Adjustment]) -> None:
    for each in adjustments:
        if each.change == 0:
            msg = f"the adjustment of {each.sku} at {each.location} changes nothing: say how many units more or less"
            raise InputError(msg, field="change")
        if not each.reason.strip():
            msg = f"the adjustment of {each.sku} has no reason: say why, for example 'found behind the shelf'"
            raise InputError(msg, field="reason")
    await refuse_stockless(tx, [each.sku for each in adjustments])
    known = {location.code for location in await locations.all_locations(tx)}
    strange = sorted({each.location for each in adjustments} - known)
    if strange:
        msg = f"there is no location {', '.join(strange[:5])}: the hub knows {', '.join(sorted(known)) or 'none yet'}"
        raise NotFoundError(msg)

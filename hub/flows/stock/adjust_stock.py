"""Adjust: change what is on hand by a person's or a count's word, and fill the orders that waited for it."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from msgspec import Struct

from hub.flows.stock.allocate import lock_short
from hub.flows.stock.known import refuse_stockless, refuse_strange
from hub.flows.stock.move_stock import begin_to_tell, record_moves
from hub.flows.stock.name_lots import name_adjusted
from hub.kit.ids import uuid7
from hub.model.errors import InputError
from hub.model.stock.counts import refuse_uncountable
from hub.model.stock.lines import UNITS_MAX
from hub.store.db import Tx
from hub.store.events import Event
from hub.store.orders import HeldOrder
from hub.store.stock import levels


class Adjustment(Struct, frozen=True):
    """`change` units more or less of one SKU at one location. `cause_id` makes it happen only once (L1).

    `lot` names the lot or serial number it is about, where the SKU is tracked by one.
    """

    sku: str
    location: str
    change: int
    reason: str
    cause_id: str
    kind: str = "adjustment"
    lot: str = ""


async def adjust_stock(tx: Tx, adjustments: Sequence[Adjustment], *, actor: str, at: datetime) -> set[UUID]:
    """Record the adjustments in the ledger; return the channels to be told.

    Raises InputError or NotFoundError before anything is written.
    """
    for each in adjustments:
        if abs(each.change) > UNITS_MAX:
            msg = f"{each.change} of {each.sku} at once cannot be: adjust by {UNITS_MAX} at most"
            raise InputError(msg, field="change")
    await _refuse_bad(tx, adjustments)
    short = await lock_short(tx, [each.sku for each in adjustments])
    return await _record(tx, adjustments, short, actor=actor, at=at)


async def _record(
    tx: Tx, adjustments: Sequence[Adjustment], short: Sequence[HeldOrder], *, actor: str, at: datetime
) -> set[UUID]:
    touched = sorted({each.sku for each in adjustments})
    event = Event("stock adjusted", actor, facts={"skus": touched[:20], "count": len(adjustments)})
    await name_adjusted(tx, [each for each in adjustments if each.lot], at=at)
    moves = {each: _movement(each, actor) for each in adjustments}
    brings = {move.id: {each.lot: abs(each.change)} for each, move in moves.items() if each.lot}
    return await record_moves(tx, list(moves.values()), short, event=event, at=at, brings=brings)


class Count(Struct, frozen=True):
    """What a person counted on the shelf: all units on hand, promised ones included."""

    sku: str
    location: str
    counted: int
    reason: str
    cause_id: str


async def count_stock(tx: Tx, counts: Sequence[Count], *, actor: str, at: datetime) -> set[UUID]:
    """Set what is on hand to what was counted; return the channels to be told.

    A count that agrees moves nothing, and is a count all the same.
    """
    for each in counts:
        refuse_uncountable(each.sku, each.counted, field="counted")
    await refuse_strange(tx, [each.location for each in counts])
    skus_counted = [each.sku for each in counts]
    await refuse_stockless(tx, skus_counted)
    short = await lock_short(tx, skus_counted)
    held = {
        (level.sku, level.location): level.on_hand for level in await levels.lock_levels(tx, skus_counted)
    }
    await levels.note_seen(tx, [levels.Seen(each.sku, each.location, at) for each in counts])
    changes = [
        Adjustment(each.sku, each.location, change, each.reason, each.cause_id, "count")
        for each in counts
        if (change := each.counted - held.get((each.sku, each.location), 0))
    ]
    if changes:
        await _refuse_bad(tx, changes)
        recorded = await _record(tx, changes, short, actor=actor, at=at)
        return recorded | await begin_to_tell(tx, skus_counted, at=at)
    return await begin_to_tell(tx, skus_counted, at=at)


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


async def _refuse_bad(tx: Tx, adjustments: Sequence[Adjustment]) -> None:
    for each in adjustments:
        if each.change == 0:
            msg = f"the adjustment of {each.sku} at {each.location} changes nothing: say how many units more or less"
            raise InputError(msg, field="change")
        if not each.reason.strip():
            msg = f"the adjustment of {each.sku} has no reason: say why, for example 'found behind the shelf'"
            raise InputError(msg, field="reason")
    await refuse_stockless(tx, [each.sku for each in adjustments])
    await refuse_strange(tx, [each.location for each in adjustments])

"""Move: record changes of what is on hand, tell the channels, and give what came free to the orders that lack it."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from hub.flows.stock import ledger
from hub.flows.stock.allocate import fill_short
from hub.flows.stock.ledger import Brings
from hub.flows.stock.put_aside import put_aside
from hub.store import publications
from hub.store.db import Tx
from hub.store.events import Event, add_events
from hub.store.orders import HeldOrder
from hub.store.publications import HERE
from hub.store.stock import levels, skus


async def record_moves(
    tx: Tx,
    movements: Sequence[levels.Movement],
    short: Sequence[HeldOrder],
    *,
    event: Event,
    at: datetime,
    brings: Brings | None = None,
) -> set[UUID]:
    """Record facts about stock; return the channels to be told.

    `brings` names the lots of the units, where their SKU is tracked by lot. What arrives past its day is put aside.
    `short` are the orders that lack these SKUs, locked by `lock_short` before anything else of the kind.
    """
    recorded = await ledger.record(tx, movements, brings=brings, at=at)
    await add_events(tx, [event], at=at)
    aside = await put_aside(tx, [each.sku for each in movements if each.on_hand_change > 0], at=at)
    opened = await begin_to_tell(tx, sorted({each.sku for each in movements}), at=at)
    return opened | await fill_short(
        tx, short, actor=event.actor, at=at, moved=[*recorded, *aside], origin=HERE
    )


async def begin_to_tell(tx: Tx, counted: Sequence[str], *, at: datetime) -> set[UUID]:
    """From the first word on how many there are, the channels are told; before it they keep what they show (L12)."""
    first = await skus.note_counted(tx, counted, at=at)
    return await publications.open_publications(tx, first, at=at)

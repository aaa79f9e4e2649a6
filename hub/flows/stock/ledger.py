"""The ledger: record movements, and for SKUs tracked by lot or serial number, which lots they took and brought."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from hub.model.stock.lots import Batch, Moved, spread
from hub.store.db import Tx
from hub.store.stock import levels, lots
from hub.store.stock.levels import Movement

Brings = Mapping[UUID, Mapping[str, int]]
"""By movement, the lots of the units it is about: what arrives, or what a person took away."""


async def record(
    tx: Tx,
    movements: Sequence[Movement],
    *,
    brings: Brings | None = None,
    at: datetime,
    first: bool = False,
) -> list[str]:
    """Append to the ledger, where the levels are locked already; return the SKUs whose available moved."""
    recorded = await levels.record_movements(tx, movements, at=at, first=first)
    tracked = [each for each in movements if each.sku in recorded.tracked]
    if tracked:
        await _follow(tx, tracked, brings or {}, at=at)
    return recorded.moved


async def _follow(tx: Tx, movements: Sequence[Movement], brings: Brings, *, at: datetime) -> None:
    known = await lots.recorded(tx, [each.id for each in movements])
    fresh = [_moved(each, brings) for each in movements if each.id in known]
    books = await lots.lock_lots(tx, [each.sku for each in fresh])
    holds = await lots.holds_of(tx, [each.line_id for each in fresh if each.line_id])
    shares = spread(fresh, books, holds)
    await lots.add_lots(tx, sorted({Batch(each.sku, each.lot) for each in shares}, key=_key), at=at)
    await lots.record_shares(tx, [lots.new_share(each) for each in shares], at=at)


def _key(batch: Batch) -> tuple[str, str]:
    return batch.sku, batch.lot


def _moved(each: Movement, brings: Brings) -> Moved:
    return Moved(
        each.id,
        each.sku,
        each.location,
        each.kind,
        each.on_hand_change,
        each.allocated_change,
        each.order_line_id,
        brings.get(each.id, {}),
    )

"""Expire: what was to be sold by a day that has ended is put aside, wherever it lies."""

from datetime import datetime
from uuid import UUID

from hub.flows.stock.allocate import fill_short, lock_short
from hub.flows.stock.put_aside import put_aside
from hub.store.db import Tx
from hub.store.stock import lots

AT_ONCE = 500  # SKUs; what is left is found at the next look


async def expire_lots(tx: Tx, *, at: datetime) -> set[UUID]:
    """Take expired units off sale; return the channels to be told."""
    skus = await lots.skus_expired(tx, at=at, limit=AT_ONCE)
    if not skus:
        return set()
    short = await lock_short(tx, skus)
    moved = await put_aside(tx, skus, at=at)
    return await fill_short(tx, short, actor="hub", at=at, moved=moved)

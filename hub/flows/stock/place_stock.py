"""Place stock: add or change locations; where one starts or stops selling, its listings are told."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from hub.store import publications
from hub.store.db import Tx
from hub.store.stock import levels, skus
from hub.store.stock.skus import Location


async def place_stock(tx: Tx, locations: Sequence[Location], *, at: datetime) -> set[UUID]:
    """Write the locations; return the channels to be told."""
    before = {location.code: location.sellable for location in await skus.all_locations(tx)}
    await skus.put_locations(tx, locations)
    switched = [each.code for each in locations if before.get(each.code, each.sellable) != each.sellable]
    held = await levels.skus_at(tx, switched) if switched else []
    return await publications.mark(tx, held, at=at)

"""Say where on the shelves of a location SKUs lie, so that pick lists follow the way a person walks."""

from collections.abc import Sequence
from datetime import datetime

from hub.flows.stock.known import refuse_stockless, refuse_strange
from hub.model.orders.picking import read_shelf
from hub.store import picking
from hub.store.db import Tx
from hub.store.events import Event, add_events
from hub.store.picking import Shelved
from hub.store.stock import levels


async def set_shelves(tx: Tx, rows: Sequence[Shelved], *, actor: str, at: datetime) -> None:
    """An empty shelf forgets where it was. Raises InputError, NotFoundError or WrongStateError."""
    shelves = {(each.sku, each.location): read_shelf(each.shelf) for each in rows}
    named = sorted({each.sku for each in rows})
    await refuse_stockless(tx, named)
    await refuse_strange(tx, [each.location for each in rows])
    await levels.lock_levels(tx, named)
    await picking.put_shelves(tx, [Shelved(*key, shelf) for key, shelf in sorted(shelves.items())])
    facts = {"skus": named[:20], "count": len(shelves)}
    await add_events(tx, [Event("shelved", actor, facts=facts)], at=at)

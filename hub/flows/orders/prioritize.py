"""Prioritize: say which orders are filled first when stock arrives; of one priority, the oldest still comes first."""

from collections.abc import Mapping
from datetime import datetime

from hub.model.edits.editing import PRIORITY_MAX
from hub.model.errors import InputError, NotFoundError
from hub.store import edits, orders
from hub.store.db import Tx
from hub.store.events import Event, add_events


async def prioritize(tx: Tx, wanted: Mapping[int, int], *, actor: str, at: datetime) -> None:
    """Give these orders, by number, their priority: the lowest comes first. What is promised already stays.

    Raises InputError or NotFoundError before anything is written.
    """
    for number, priority in wanted.items():
        if not 0 <= priority <= PRIORITY_MAX:
            msg = f"the priority of order {number} is {priority}: it must be from 0 to {PRIORITY_MAX}, 100 is usual"
            raise InputError(msg, field="priority")
    ids = await orders.ids_of(tx, list(wanted))
    strange = sorted(set(wanted) - set(ids))
    if strange:
        msg = f"there is no order {strange[0]}: see the list of orders; nothing was changed"
        raise NotFoundError(msg)
    moved = await edits.set_priority(tx, {ids[number]: priority for number, priority in wanted.items()})
    events = [
        Event("prioritized", actor, order_id=ids[number], facts={"priority": priority})
        for number, priority in wanted.items()
        if ids[number] in moved
    ]
    await add_events(tx, events, at=at)

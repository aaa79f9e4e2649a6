"""Move promises: what a location no longer covers is promised from elsewhere, or its order is held."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import partial
from uuid import UUID

from hub.flows.stock.allocate import (
    plan_wants,
    record_plan,
    sourcing_of,
    wants_beside,
    write_planned,
)
from hub.flows.stock.reallocate import CAUSE
from hub.kit.ids import uuid7
from hub.model.orders.drafts import Moved
from hub.store import orders, picking
from hub.store.db import Tx
from hub.store.events import Event
from hub.store.order_lines import LineStock
from hub.store.orders import HeldOrder
from hub.store.stock.uncovered import uncovered

AT_ONCE = 200  # promises; what is left is found at the next look

Places = Mapping[UUID, Sequence[str]]
"""By line, the locations that no longer cover what they promised to it."""


async def move_promises(tx: Tx, *, actor: str, at: datetime) -> set[UUID]:
    """Give back what is promised where it does not lie, and promise it anew; return the channels to be told.

    Facts may take more off a location than is free there: a count, a sale at the till, a shelf found empty. The newest
    promises move, the oldest keep theirs.
    """
    found = await uncovered(tx, limit=AT_ONCE)
    if not found:
        return set()
    ids = sorted({each.order_id for each in found})
    held = await orders.lock_open(tx, ids)
    picked = await picking.being_picked(tx, ids)
    held = [order for order in held if not any(line.id in picked for line in order.lines)]
    places: dict[UUID, list[str]] = {}
    for each in found:
        places.setdefault(each.line_id, []).append(each.location)
    wants = [want for order in held for want in wants_beside(order, _gone(order, places))]
    plan = await plan_wants(tx, wants, {order.id: sourcing_of(order) for order in held})
    tell = partial(_event, places=places, actor=actor)
    ahead = await write_planned(tx, held, plan, wants, tell=tell, at=at)
    run = uuid7()
    return await record_plan(
        tx, plan, cause=CAUSE, cause_of=lambda line_id: f"{line_id}/{run}", actor=actor, at=at, also=ahead
    )


def _gone(order: HeldOrder, places: Places) -> dict[UUID, dict[str, int]]:
    """What its lines are promised at these places."""
    return {
        line.id: {place: line.picks.get(place, 0) for place in places.get(line.id, ())}
        for line in order.lines
    }


def _event(
    order: HeldOrder, _moved: Moved, after: Mapping[UUID, LineStock], *, places: Places, actor: str
) -> Event:
    left = sorted({place for line in order.lines for place in places.get(line.id, ())})
    facts: dict[str, object] = {"location": ", ".join(left), "lines": len(after)}
    return Event("reallocated", actor, order_id=order.id, facts=facts)

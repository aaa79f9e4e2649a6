"""Where an order's stock comes from, and whose turn it is when stock arrives."""

from typing import Annotated
from uuid import UUID

from litestar import Router, get, post
from litestar.di import NamedDependency
from litestar.openapi.spec import Example
from litestar.params import Body, FromPath
from msgspec import Meta, Struct

from hub.channels.context import HubContext
from hub.channels.intake import ring_touched
from hub.flows.orders.prioritize import prioritize
from hub.flows.stock.foresee import foresee_order, held_order
from hub.flows.stock.reallocate import Wish, reallocate
from hub.kit.clock import now
from hub.model.edits.editing import PRIORITY_MAX
from hub.model.errors import NotFoundError
from hub.model.stock.allocation import Move
from hub.model.stock.forecast import Forecast
from hub.store import orders
from hub.store.db import Tx
from hub.web.problems import answers

ACTOR = "api"


class ReallocateIn(Struct, frozen=True, forbid_unknown_fields=True):
    """`id` is made by you: the same one again changes nothing. Without a `location` the channel's policy decides."""

    id: UUID
    location: Annotated[str, Meta(min_length=1, max_length=63)] | None = None


class MoveOut(Struct, frozen=True):
    """Units of each SKU that are promised at a location from now on, or given back there where negative."""

    line_id: UUID
    location: str
    units: dict[str, int]
    reason: str


class Reallocated(Struct, frozen=True):
    """Empty where the order had its stock from there already."""

    moves: list[MoveOut]


class PriorityIn(Struct, frozen=True, forbid_unknown_fields=True):
    """When stock arrives, the lowest comes first; of one priority, the oldest order."""

    priority: Annotated[int, Meta(ge=0, le=PRIORITY_MAX)]


class Prioritized(Struct, frozen=True):
    id: UUID
    priority: int


_MOVE = {"id": "0199a1b2-7c3d-7e4f-8a5b-6c7d8e9f0a1d", "location": "shop"}
ReallocateBody = Annotated[ReallocateIn, Body(examples=[Example(summary="To the shop", value=_MOVE)])]
PriorityBody = Annotated[
    PriorityIn, Body(examples=[Example(summary="Before others", value={"priority": 10})])
]


@get("/{order_id:uuid}/plan", summary="See what a new promise would bring", responses=answers(400, 404))
async def plan_order(hub: NamedDependency[HubContext], order_id: FromPath[UUID]) -> Forecast:
    """A dry run: what the order would get if all of it that has not left were promised anew. Nothing is written."""
    async with hub.db.transaction() as tx:
        return await foresee_order(tx, await held_order(tx, await _number_of(tx, order_id)), at=now())


@post(
    "/{order_id:uuid}/reallocate",
    status_code=200,
    summary="Move an order to another location",
    responses=answers(400, 404, 409, 422),
)
async def reallocate_order(
    hub: NamedDependency[HubContext], order_id: FromPath[UUID], data: ReallocateBody
) -> Reallocated:
    """Give back what it holds and promise it anew, in one step; 409 where a line would end with less than it has."""
    async with hub.db.transaction() as tx:
        wish = Wish(await _number_of(tx, order_id), str(data.id), data.location)
        moved = await reallocate(tx, [wish], actor=ACTOR, at=now())
    await ring_touched(hub, moved.touched)
    return Reallocated([_move(each) for each in moved.moves])


@post(
    "/{order_id:uuid}/priority", status_code=200, summary="Set whose turn it is", responses=answers(400, 404)
)
async def set_priority(
    hub: NamedDependency[HubContext], order_id: FromPath[UUID], data: PriorityBody
) -> Prioritized:
    """An order begins with 100. What is promised already stays."""
    async with hub.db.transaction() as tx:
        await prioritize(tx, {await _number_of(tx, order_id): data.priority}, actor=ACTOR, at=now())
    await hub.bell.announce("orders")
    return Prioritized(order_id, data.priority)


async def _number_of(tx: Tx, order_id: UUID) -> int:
    number = await orders.number_of(tx, order_id)
    if number is None:
        msg = f"there is no order {order_id}: find it in the list of orders"
        raise NotFoundError(msg)
    return number


def _move(move: Move) -> MoveOut:
    units = {sku: each * move.allocated_change for sku, each in move.parts.items()}
    return MoveOut(move.line_id, move.location, units, move.reason)


allocating_routes = Router(
    "/orders", route_handlers=[plan_order, reallocate_order, set_priority], tags=["orders"]
)

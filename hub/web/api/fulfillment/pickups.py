"""Pick-up in store: what waits at a counter, what is handed over, and what nobody came for."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Router, get, post
from litestar.di import NamedDependency
from litestar.openapi.spec import Example
from litestar.params import Body, FromPath, QueryParameter
from msgspec import Meta, Struct

from hub.channels.collecting import DAYS_MAX, give_back, hand_over, make_ready, waiting_to_be_collected
from hub.channels.context import HubContext
from hub.flows.fulfillment.collect import name_key
from hub.kit.clock import now
from hub.model.fulfillment.pickup import DAYS, NAME_MAX, HandOver, State
from hub.model.incoming import Person
from hub.store.fulfillment import pickups as store
from hub.web.api.paging import LIMIT_DEFAULT, Limit
from hub.web.api.shipments import number_of_order
from hub.web.problems import answers

ACTOR = "api"


class ReadyIn(Struct, frozen=True, forbid_unknown_fields=True):
    """`location` null: the only one at which anything is promised to the order. It is kept for so many `days`."""

    location: Annotated[str, Meta(max_length=200)] | None = None
    days: Annotated[int, Meta(ge=1, le=DAYS_MAX)] = DAYS


class CollectedIn(Struct, frozen=True, forbid_unknown_fields=True):
    """`id` is made by you: the same hand-over sent twice happens once. A `code` is compared where you give it."""

    id: UUID
    by: Annotated[str, Meta(max_length=NAME_MAX)] = ""
    code: Annotated[str, Meta(max_length=20)] = ""


class PickupOut(Struct, frozen=True):
    """`code` is for the customer to show at the counter. `collected_by` is "" where nobody wrote it down."""

    state: State
    location: str
    since: datetime | None
    keep_until: datetime | None
    code: str
    collected_by: str


class ItemOut(Struct, frozen=True):
    title: str
    sku: str | None
    quantity: int


class ToCollectOut(Struct, frozen=True):
    """`canceled` ones are ready, and go back."""

    id: UUID
    number: int
    customer: str
    location: str
    state: State
    since: datetime
    keep_until: datetime | None
    canceled: bool
    holds: list[str]
    items: list[ItemOut]


class ToCollectList(Struct, frozen=True):
    items: list[ToCollectOut]


ReadyBody = Annotated[
    ReadyIn, Body(examples=[Example(summary="For a week, at the shop", value={"location": "shop"})])
]
_COLLECTED = {"id": "0199a1b2-7c3d-7e4f-8a5b-6c7d8e9f0b1d", "by": "Ada Lovelace", "code": "0417"}
CollectedBody = Annotated[
    CollectedIn, Body(examples=[Example(summary="Ada came, and knew the code", value=_COLLECTED)])
]
NOT_READY = PickupOut(State.WAITING, "", None, None, "", "")


@get("/pickups", summary="List what customers collect", tags=["orders"], responses=answers(400))
async def list_pickups(
    hub: NamedDependency[HubContext],
    location: Annotated[
        str | None, QueryParameter(description="The code of one location; without it, all")
    ] = None,
    limit: Limit = LIMIT_DEFAULT,
) -> ToCollectList:
    """Ready ones of canceled orders first, then who was to come first, then what is to be made ready."""
    found = await waiting_to_be_collected(hub, location=location, limit=limit)
    return ToCollectList([_line(hub, each) for each in found])


@post(
    "/orders/{order_id:uuid}/ready",
    status_code=200,
    summary="An order is ready to be collected",
    tags=["orders"],
    responses=answers(400, 404, 409, 422),
)
async def post_ready(
    hub: NamedDependency[HubContext], order_id: FromPath[UUID], data: ReadyBody
) -> PickupOut:
    """What is promised to it waits at a counter. Notifiers are told, with the code that its customer shows there."""
    number = await number_of_order(hub, order_id)
    await make_ready(hub, [number], location=data.location, days=data.days, actor=ACTOR, at=now())
    return await _pickup(hub, order_id)


@post(
    "/orders/{order_id:uuid}/collected",
    status_code=200,
    summary="An order was collected",
    tags=["orders"],
    responses=answers(400, 404, 409, 422),
)
async def post_collected(
    hub: NamedDependency[HubContext], order_id: FromPath[UUID], data: CollectedBody
) -> PickupOut:
    """What waited leaves the stock as a shipment without a carrier."""
    number = await number_of_order(hub, order_id)
    await hand_over(hub, HandOver(data.id, number, data.by, data.code), actor=ACTOR, at=now())
    return await _pickup(hub, order_id)


@post(
    "/orders/{order_id:uuid}/not-collected",
    status_code=200,
    summary="Nobody collected an order",
    tags=["orders"],
    responses=answers(400, 404, 409),
)
async def post_not_collected(hub: NamedDependency[HubContext], order_id: FromPath[UUID]) -> PickupOut:
    """Its stock is sold again, and it is held as *not collected*; resolve that, and it is promised its stock anew."""
    await give_back(hub, [await number_of_order(hub, order_id)], actor=ACTOR, at=now())
    return await _pickup(hub, order_id)


@get(
    "/orders/{order_id:uuid}/pickup",
    summary="How it stands with an order that is collected",
    tags=["orders"],
    responses=answers(400, 404),
)
async def show_pickup(hub: NamedDependency[HubContext], order_id: FromPath[UUID]) -> PickupOut:
    """Until it is made ready, it has neither a place nor a code."""
    await number_of_order(hub, order_id)
    return await _pickup(hub, order_id)


async def _pickup(hub: HubContext, order_id: UUID) -> PickupOut:
    async with hub.db.transaction() as tx:
        found = await store.pickup_of(tx, order_id)
    if found is None:
        return NOT_READY
    by = found.collected_by
    name = "" if by is None else hub.vault.open(by, name_key(order_id)).decode()
    return PickupOut(found.state, found.location, found.since, found.keep_until, found.code, name)


def _line(hub: HubContext, each: store.ToCollect) -> ToCollectOut:
    person = msgspec.json.decode(hub.vault.open(each.personal, each.id.bytes), type=Person)
    return ToCollectOut(
        each.id,
        each.number,
        person.name,
        each.location,
        each.state,
        each.since,
        each.keep_until,
        each.canceled,
        each.holds,
        [ItemOut(item.title, item.sku, item.quantity) for item in each.items],
    )


pickup_routes = Router(
    "/", route_handlers=[list_pickups, post_ready, post_collected, post_not_collected, show_pickup]
)

"""Parcels of all orders: many leave in one call, and each is followed to where it ends."""

from typing import Annotated
from uuid import UUID

from litestar import Router, get, post
from litestar.di import NamedDependency
from litestar.openapi.spec import Example
from litestar.params import Body, FromPath, QueryParameter
from msgspec import Meta, Struct

from hub.channels.context import HubContext
from hub.channels.shipping import label_parcels, page_of, ship_parcels, tell_parcels
from hub.kit.clock import now
from hub.model.orders.parcels import ParcelState
from hub.model.orders.shipping import Parcel
from hub.store import shipments as store
from hub.web.api.paging import LIMIT_DEFAULT, Cursor, Limit, cut, read_cursor, write_cursor
from hub.web.api.shipments import ShipmentOut, Words
from hub.web.problems import answers

ACTOR = "api"
IN_BULK_MAX = 1000


class OneParcelIn(Struct, frozen=True, forbid_unknown_fields=True):
    """All that is promised to an order, where given at one location, in one parcel; `id` is made by you."""

    id: UUID
    order: int
    carrier: Words = ""
    tracking: Words = ""
    location: Annotated[str, Meta(max_length=200)] | None = None


class ParcelsIn(Struct, frozen=True, forbid_unknown_fields=True):
    parcels: Annotated[list[OneParcelIn], Meta(min_length=1, max_length=IN_BULK_MAX)]


class Refused(Struct, frozen=True):
    order: int
    why: str


class ParcelsOut(Struct, frozen=True):
    """`left` are the ids of those that are new; one that has left before is in neither list."""

    left: list[UUID]
    refused: list[Refused]


class NewsIn(Struct, frozen=True, forbid_unknown_fields=True):
    state: ParcelState


class LabelIn(Struct, frozen=True, forbid_unknown_fields=True):
    carrier: Words
    tracking: Words


class ParcelsPage(Struct, frozen=True):
    items: list[ShipmentOut]
    next_cursor: str | None


_ID = "0199a1b2-7c3d-7e4f-8a5b-6c7d8e9f0c1d"
_MANY = {"parcels": [{"id": _ID, "order": 1042, "carrier": "DHL", "tracking": "00340434161094042557"}]}
ParcelsBody = Annotated[ParcelsIn, Body(examples=[Example(summary="One of many", value=_MANY)])]
NewsBody = Annotated[NewsIn, Body(examples=[Example(summary="It is there", value={"state": "delivered"})])]
LabelBody = Annotated[
    LabelIn, Body(examples=[Example(summary="By DHL", value={"carrier": "DHL", "tracking": "0034"})])
]


@get("/", summary="List parcels", responses=answers(400, 422))
async def list_parcels(
    hub: NamedDependency[HubContext],
    limit: Limit = LIMIT_DEFAULT,
    cursor: Cursor = None,
    in_state: Annotated[ParcelState | None, QueryParameter(name="state", description="Only these")] = None,
    tracking: Annotated[str, QueryParameter(description="Only the one with this number")] = "",
) -> ParcelsPage:
    """The newest first, also those that left by a channel's word; each with where it can be followed."""
    (before,) = read_cursor(cursor, tuple[UUID], (store.NEWEST,))
    async with hub.db.transaction() as tx:
        found = await store.list_shipments(
            tx, state=in_state, search=tracking, before=before, limit=limit + 1
        )
    items, more = cut(found, limit)
    shown = [ShipmentOut(each, page_of(hub, each.carrier, each.tracking)) for each in items]
    return ParcelsPage(shown, write_cursor(items[-1].id) if more else None)


@post("/", status_code=200, summary="Let many parcels leave", responses=answers(400, 422))
async def post_parcels(hub: NamedDependency[HubContext], data: ParcelsBody) -> ParcelsOut:
    """One of each order. What cannot leave is named with its reason, and keeps back no other."""
    parcels = [
        Parcel(each.id, each.order, {}, each.carrier, each.tracking, each.location) for each in data.parcels
    ]
    done = await ship_parcels(hub, parcels, actor=ACTOR, at=now(), each_alone=True)
    return ParcelsOut(done.ids, [Refused(order, why) for order, why in done.refused.items()])


@post(
    "/{parcel_id:uuid}/state",
    status_code=200,
    summary="Say what became of a parcel",
    responses=answers(400, 404, 409),
)
async def post_state(
    hub: NamedDependency[HubContext], parcel_id: FromPath[UUID], data: NewsBody
) -> ShipmentOut:
    """Goods that are returned to their sender are put aside as a return, to be looked at."""
    await tell_parcels(hub, {parcel_id: data.state}, actor=ACTOR, at=now())
    return await _one(hub, parcel_id)


@post(
    "/{parcel_id:uuid}/label",
    status_code=200,
    summary="Write a parcel's carrier and number",
    responses=answers(400, 404, 422),
)
async def post_label(
    hub: NamedDependency[HubContext], parcel_id: FromPath[UUID], data: LabelBody
) -> ShipmentOut:
    """Carrier and number, where they came later than the parcel or were wrong."""
    await label_parcels(hub, [store.Label(parcel_id, data.carrier, data.tracking)], actor=ACTOR, at=now())
    return await _one(hub, parcel_id)


async def _one(hub: HubContext, parcel_id: UUID) -> ShipmentOut:
    async with hub.db.transaction() as tx:
        (found,) = await store.list_shipments(tx, only=parcel_id, limit=1)
    return ShipmentOut(found, page_of(hub, found.carrier, found.tracking))


parcel_routes = Router(
    "/parcels", route_handlers=[list_parcels, post_parcels, post_state, post_label], tags=["orders"]
)

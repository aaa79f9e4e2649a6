"""Shipments: promised goods leave in parcels, and can be followed."""

from typing import Annotated
from uuid import UUID

from litestar import Router, get, post
from litestar.di import NamedDependency
from litestar.openapi.spec import Example
from litestar.params import Body, FromPath
from msgspec import Meta, Struct

from hub.channels.context import HubContext
from hub.channels.shipping import page_of, set_ships_here, ship_parcels
from hub.kit.clock import now
from hub.model.errors import InputError, NotFoundError
from hub.model.orders.shipping import TEXT_MAX, Parcel
from hub.store import orders, shipments
from hub.web.problems import answers

Words = Annotated[str, Meta(max_length=TEXT_MAX)]


class LineIn(Struct, frozen=True, forbid_unknown_fields=True):
    line_id: UUID
    quantity: Annotated[int, Meta(ge=1, le=1_000_000)]


class ParcelIn(Struct, frozen=True, forbid_unknown_fields=True):
    """`id` is made by you: the same parcel sent twice leaves once. Without lines, all that is promised leaves.

    With a `location`, it is packed there: only what is promised from there leaves.
    """

    id: UUID
    lines: Annotated[list[LineIn], Meta(max_length=500)] = []
    carrier: Words = ""
    tracking: Words = ""
    location: Annotated[str, Meta(max_length=200)] | None = None


class ShipsIn(Struct, frozen=True, forbid_unknown_fields=True):
    here: bool


class ShipmentOut(Struct, frozen=True):
    """`url` is where the parcel can be followed, "" where the hub knows no page."""

    shipment: shipments.Shipment
    url: str


class ShipmentsOut(Struct, frozen=True):
    items: list[ShipmentOut]


_EXAMPLE = {
    "id": "0199a1b2-7c3d-7e4f-8a5b-6c7d8e9f0a1d",
    "lines": [{"line_id": "0199a1b2-7c3d-7e4f-8a5b-6c7d8e9f0a1b", "quantity": 1}],
    "carrier": "DHL",
    "tracking": "00340434161094042557",
}
ParcelBody = Annotated[ParcelIn, Body(examples=[Example(summary="One mug leaves by DHL", value=_EXAMPLE)])]

ShipsBody = Annotated[
    ShipsIn, Body(examples=[Example(summary="Pick, pack and ship here", value={"here": True})])
]


@get(
    "/orders/{order_id:uuid}/shipments",
    summary="List the parcels of an order",
    tags=["orders"],
    responses=answers(400, 404),
)
async def list_shipments(hub: NamedDependency[HubContext], order_id: FromPath[UUID]) -> ShipmentsOut:
    """The first one first, each with what left in it, and where it can be followed."""
    number = await number_of_order(hub, order_id)
    return await _shipments(hub, number)


@post(
    "/orders/{order_id:uuid}/shipments",
    status_code=200,
    summary="Let goods leave in a parcel",
    tags=["orders"],
    responses=answers(400, 404, 409, 422),
)
async def post_shipment(
    hub: NamedDependency[HubContext], order_id: FromPath[UUID], data: ParcelBody
) -> ShipmentsOut:
    """Of orders whose goods leave here; others are marked in their channel. Returns all of its parcels."""
    number = await number_of_order(hub, order_id)
    units = {each.line_id: each.quantity for each in data.lines}
    if len(units) < len(data.lines):
        msg = "one line stands twice in the parcel: add its units up"
        raise InputError(msg, field="lines")
    parcel = Parcel(data.id, number, units, data.carrier, data.tracking, data.location)
    await ship_parcels(hub, [parcel], actor="api", at=now())
    return await _shipments(hub, number)


async def number_of_order(hub: HubContext, order_id: UUID) -> int:
    async with hub.db.transaction() as tx:
        number = await orders.number_of(tx, order_id)
    if number is None:
        msg = f"there is no order {order_id}: find it in the list of orders"
        raise NotFoundError(msg)
    return number


async def _shipments(hub: HubContext, number: int) -> ShipmentsOut:
    async with hub.db.transaction() as tx:
        found = await shipments.shipments_of(tx, number)
    return ShipmentsOut([ShipmentOut(each, page_of(hub, each.carrier, each.tracking)) for each in found])


@post(
    "/channels/{slug:str}/ships",
    status_code=200,
    summary="Where the orders of a channel are shipped",
    tags=["channels"],
    responses=answers(400, 404, 422),
)
async def post_ships(hub: NamedDependency[HubContext], slug: FromPath[str], data: ShipsBody) -> ShipsIn:
    """Here they are picked, packed and shipped; else they are shipped in the channel, and the hub follows."""
    await set_ships_here(hub, slug, here=data.here, actor="api", at=now())
    return data


shipment_routes = Router("/", route_handlers=[list_shipments, post_shipment, post_ships])

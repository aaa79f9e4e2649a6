"""Carriers: which the hub knows, and where a parcel can be followed."""

from litestar import Router, get
from litestar.di import NamedDependency
from litestar.params import FromQuery
from msgspec import Struct

from hub.channels.carriers import Tracked, track
from hub.channels.context import HubContext
from hub.web.problems import answers


class CarrierOut(Struct, frozen=True):
    key: str
    title: str
    names: list[str]


class CarriersOut(Struct, frozen=True):
    items: list[CarrierOut]


@get("/carriers", summary="List the carriers the hub knows", tags=["catalog"])
async def list_carriers(hub: NamedDependency[HubContext]) -> CarriersOut:
    """Every carrier with the names it goes by."""
    carriers = sorted(hub.registry.carriers.items())
    return CarriersOut([CarrierOut(each.key, each.title, list(each.names)) for _, each in carriers])


@get(
    "/carriers/track", summary="Find the page of a parcel", tags=["catalog"], responses=answers(400, 404, 422)
)
async def track_parcel(
    hub: NamedDependency[HubContext], number: FromQuery[str], carrier: FromQuery[str | None] = None
) -> Tracked:
    """Where a parcel can be followed. Without `carrier`, only for a number that can be of one carrier alone."""
    return track(hub.registry.carriers, number, carrier)


carrier_routes = Router("/", route_handlers=[list_carriers, track_parcel])

"""Locations: the places that hold stock, what each is for, and which channels it serves."""

from typing import Annotated

from litestar import Router, get, post
from litestar.di import NamedDependency
from litestar.openapi.spec import Example
from litestar.params import Body
from msgspec import Meta, Struct
from msgspec.structs import asdict

from hub.channels.context import HubContext
from hub.channels.intake import ring_touched
from hub.flows.stock.place_stock import Wish, place_stock
from hub.kit.clock import now
from hub.model.stock.locations import CODE, PRIORITY_MAX, Location, LocationKind
from hub.store.stock import locations as store
from hub.web.problems import answers

Word = Annotated[str, Meta(max_length=200)]


class LocationIn(Struct, frozen=True, forbid_unknown_fields=True):
    """What is left out stays as it was; of a new location it is as usual: a warehouse that sells, ships and serves all.

    The lowest `priority` is asked first; what lies at a location that is not `sellable` is not promised. `channels` are
    the slugs of those it serves, an empty list all of them. By its `time_zone` the last day of a lot ends.
    """

    code: Annotated[str, Meta(pattern=CODE, examples=["main"])]
    name: Annotated[str, Meta(min_length=1, max_length=200)] | None = None
    priority: Annotated[int, Meta(ge=0, le=PRIORITY_MAX)] | None = None
    sellable: bool | None = None
    kind: LocationKind | None = None
    ships: bool | None = None
    pickup: bool | None = None
    country: Annotated[str, Meta(pattern="^([A-Z]{2})?$", examples=["DE"])] | None = None
    region: Word | None = None
    postcode: Word | None = None
    latitude: Annotated[float, Meta(ge=-90, le=90)] | None = None
    longitude: Annotated[float, Meta(ge=-180, le=180)] | None = None
    channels: Annotated[list[Word], Meta(max_length=1000)] | None = None
    time_zone: Annotated[str, Meta(max_length=100, examples=["Europe/Berlin"])] | None = None


class LocationsIn(Struct, frozen=True, forbid_unknown_fields=True):
    locations: Annotated[list[LocationIn], Meta(min_length=1, max_length=500)]


class LocationsOut(Struct, frozen=True):
    items: list[Location]


class Kept(Struct, frozen=True):
    """How many the hub now holds as they were sent."""

    kept: int


_LOCATIONS = {
    "locations": [
        {"code": "main", "name": "Main warehouse", "priority": 10, "country": "DE", "postcode": "10115"},
        {"code": "shop", "name": "Shop floor", "kind": "shop floor", "pickup": True, "channels": ["till"]},
    ]
}
LocationsBody = Annotated[
    LocationsIn, Body(examples=[Example(summary="A warehouse and a shop", value=_LOCATIONS)])
]


@get("/", summary="List locations")
async def list_locations(hub: NamedDependency[HubContext]) -> LocationsOut:
    """The location that is asked first comes first."""
    async with hub.db.transaction() as tx:
        return LocationsOut(await store.all_locations(tx))


@post("/", status_code=200, summary="Add or change locations", responses=answers(400, 404, 422))
async def put_locations(hub: NamedDependency[HubContext], data: LocationsBody) -> Kept:
    """All of them or none. Channels whose number moves are told."""
    wishes = [_wish(each) for each in data.locations]
    async with hub.db.transaction() as tx:
        touched = await place_stock(tx, wishes, at=now())
    await ring_touched(hub, touched)
    return Kept(len({each.code for each in wishes}))


def _wish(given: LocationIn) -> Wish:
    channels = None if given.channels is None else tuple(given.channels)
    return Wish(**asdict(given) | {"channels": channels})


location_routes = Router("/locations", route_handlers=[list_locations, put_locations], tags=["catalog"])

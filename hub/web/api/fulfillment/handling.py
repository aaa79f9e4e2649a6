"""Handling time: by when orders of a channel must leave, where it does not say so itself."""

from datetime import time
from typing import Annotated

from litestar import Router, post
from litestar.di import NamedDependency
from litestar.openapi.spec import Example
from litestar.params import Body, FromPath
from msgspec import Meta, Struct

from hub.channels.context import HubContext
from hub.channels.opening import find_channel
from hub.flows.fulfillment.keep_time import set_handling
from hub.kit.clock import now
from hub.model.fulfillment.ship_by import HOURS_MAX, Handling
from hub.web.problems import answers


class HandlingIn(Struct, frozen=True, forbid_unknown_fields=True):
    """`hours` null: nothing is promised. With a `cutoff`, they begin at that hour of the day on which an order was
    placed before it. `days` are those on which you work, from 1 (Monday) to 7; the others do not count.
    """

    hours: Annotated[int, Meta(ge=1, le=HOURS_MAX)] | None
    cutoff: Annotated[str, Meta(pattern=r"^([01]\d|2[0-3]):[0-5]\d(:[0-5]\d)?$")] | None = None
    days: Annotated[tuple[int, ...], Meta(max_length=7)] = (1, 2, 3, 4, 5)
    time_zone: Annotated[str, Meta(max_length=100)] = "UTC"


class HandlingSet(Struct, frozen=True):
    """How many open orders, which had no time to leave by, have one now."""

    promised: int


_EXAMPLE = {"hours": 4, "cutoff": "14:00", "days": [1, 2, 3, 4, 5, 6], "time_zone": "Europe/Berlin"}
HandlingBody = Annotated[
    HandlingIn,
    Body(examples=[Example(summary="Ordered by 14:00, gone by 18:00, Sundays off", value=_EXAMPLE)]),
]


@post(
    "/channels/{slug:str}/handling",
    status_code=200,
    summary="How long orders may take to leave",
    tags=["channels"],
    responses=answers(400, 404, 422),
)
async def post_handling(
    hub: NamedDependency[HubContext], slug: FromPath[str], data: HandlingBody
) -> HandlingSet:
    """Where the channel says itself by when an order must leave, its word counts. What was promised before stays."""
    row = await find_channel(hub, slug)
    cutoff = None if data.cutoff is None else time.fromisoformat(data.cutoff)
    handling = Handling(data.hours, cutoff, data.days, data.time_zone)
    async with hub.db.transaction() as tx:
        promised = await set_handling(tx, row.id, handling, actor="api", at=now())
    await hub.bell.announce("orders")
    return HandlingSet(promised)


handling_routes = Router("/", route_handlers=[post_handling])

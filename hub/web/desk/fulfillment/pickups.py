"""To be collected: the page of a counter, made for a phone: make ready, hand over, give back."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from litestar import get, post
from litestar.params import FromPath, FromQuery
from litestar.response import Redirect, Template
from msgspec import Struct

from hub.channels.collecting import give_back, hand_over, make_ready, waiting_to_be_collected
from hub.channels.context import HubContext
from hub.kit.clock import now
from hub.kit.ids import uuid7
from hub.model.errors import InputError
from hub.model.fulfillment.pickup import HandOver, State
from hub.model.orders.shipping import stopping_holds
from hub.store.fulfillment.pickups import ToCollect
from hub.store.stock.locations import all_locations
from hub.web.desk.page import (
    REFUSED,
    AnyRequest,
    Frame,
    fields_of,
    format_of,
    hub_of,
    name_of,
    open_person,
    readable_number,
    render,
)

ACTOR = "desk"
SHOWN_MAX = 200


class Waiting(Struct, frozen=True):
    """One order at the counter; `held_by` keeps it there. `command_id` makes a double click one hand-over."""

    order: ToCollect
    customer: str
    channel_number: str
    held_by: list[str]
    late: bool
    command_id: str

    @property
    def ready(self) -> bool:
        return self.order.state is State.READY


@get("/pickups", include_in_schema=False)
async def pickups_page(request: AnyRequest, location: FromQuery[str] = "") -> Template:
    return await _render(request, location)


@post("/pickups/{number:int}/{deed:str}", status_code=200, include_in_schema=False)
async def settle_pickup(
    request: AnyRequest, number: FromPath[int], deed: FromPath[str]
) -> Template | Redirect:
    """Ready, collected or back; then on with the same counter."""
    given, ctx = await fields_of(request), hub_of(request)
    here = given.get("location", "")
    try:
        await _settle(ctx, number, deed, given, at=now())
    except REFUSED as error:
        return await _render(request, here, problem=str(error), status=422)
    return Redirect(f"/pickups?location={here}" if here else "/pickups", status_code=303)


async def _settle(ctx: HubContext, number: int, deed: str, given: Mapping[str, str], *, at: datetime) -> None:
    match deed:
        case "ready":
            await make_ready(ctx, [number], location=given.get("at") or None, actor=ACTOR, at=at)
        case "collected":
            handed = HandOver(_id(given), number, given.get("by", ""), given.get("code", ""))
            await hand_over(ctx, handed, actor=ACTOR, at=at)
        case "back":
            await give_back(ctx, [number], actor=ACTOR, at=at)
        case _:
            msg = f"{deed[:20]!r} is nothing that can be done with an order here: load the page again"
            raise InputError(msg)


def _id(given: Mapping[str, str]) -> UUID:
    try:
        return UUID(given.get("command_id", ""))
    except ValueError as error:
        msg = "the form has no id of its own: load the page again"
        raise InputError(msg, field="command_id") from error


async def _render(request: AnyRequest, location: str, *, problem: str = "", status: int = 200) -> Template:
    at, ctx = now(), hub_of(request)
    found = await waiting_to_be_collected(ctx, location=location or None, limit=SHOWN_MAX)
    rows = [_waiting(ctx, each, at) for each in found]
    async with ctx.db.transaction() as tx:
        values = {
            "ready": [row for row in rows if row.ready],
            "to_prepare": [row for row in rows if not row.ready],
            "location": location,
            "places": [place for place in await all_locations(tx) if place.pickup or place.code == location],
            "problem": problem,
        }
        frame = Frame("orders", "orders")
        return await render(tx, "pickups.html", frame, format_of(request, at), values, status=status)


def _waiting(ctx: HubContext, each: ToCollect, at: datetime) -> Waiting:
    return Waiting(
        each,
        name_of(open_person(ctx.vault, each.id, each.personal)),
        readable_number(each.channel_order_number),
        stopping_holds(each.holds),
        each.keep_until is not None and each.keep_until <= at,
        str(uuid7()),
    )

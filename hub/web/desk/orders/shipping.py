"""The form that lets goods of an order leave in a parcel."""

from collections.abc import Mapping
from uuid import UUID

from litestar import post
from litestar.params import FromPath
from litestar.response import Redirect, Template

from hub.channels.shipping import ship_parcels
from hub.kit.clock import now
from hub.model.errors import InputError
from hub.model.orders.shipping import Parcel, in_one_parcel
from hub.web.desk.orders.draft import read_quantity
from hub.web.desk.orders.order import render_order
from hub.web.desk.page import REFUSED, AnyRequest, fields_of, hub_of

ACTOR = "desk"


@post("/orders/{number:int}/ship", status_code=200, include_in_schema=False)
async def ship_order(request: AnyRequest, number: FromPath[int]) -> Redirect | Template:
    """Let leave what the form says, and go on with the order."""
    ctx, given = hub_of(request), await fields_of(request)
    try:
        parcels = in_one_parcel(read_parcel(given, number), _beside(given))
        await ship_parcels(ctx, parcels, actor=ACTOR, at=now())
    except REFUSED as error:
        return await render_order(request, number, problem=str(error), status=422)
    return Redirect(f"/orders/{number}", status_code=303)


def read_parcel(given: Mapping[str, str], number: int) -> Parcel:
    """A line with no number beside it, or 0, stays. Raises InputError that says what is missing."""
    units = {}
    for name, words in given.items():
        if name.startswith("units-") and words not in {"", "0"}:
            count = read_quantity(words)
            if count is None:
                msg = f"{words!r} is no number of units: type 1 or more"
                raise InputError(msg, field=name)
            units[_id(name.removeprefix("units-"))] = count
    if not units:
        msg = "nothing leaves by this form: type how many beside a line"
        raise InputError(msg, field="units")
    parcel_id = _id(given.get("command_id", ""))
    return Parcel(parcel_id, number, units, given.get("carrier", ""), given.get("tracking", ""))


def _beside(given: Mapping[str, str]) -> list[int]:
    """The orders that were ticked to leave in the same parcel."""
    ticked = (name.removeprefix("with-") for name in given if name.startswith("with-"))
    return [int(number) for number in ticked if number.isascii() and number.isdigit()]


def _id(words: str) -> UUID:
    try:
        return UUID(words)
    except ValueError as error:
        msg = "the form has no id of its own: load the page again"
        raise InputError(msg, field="command_id") from error

"""Paper: a pick list for people who walk without a screen, and the slips that go into the parcels."""

from collections.abc import Sequence
from typing import Annotated

from litestar import get
from litestar.params import FromPath, QueryParameter
from litestar.response import Template
from msgspec import Struct

from hub.channels.context import HubContext
from hub.kit.clock import now
from hub.model.errors import NotFoundError
from hub.store import orders
from hub.store.api.picking import Slip, list_of, pick_rows, slips_of
from hub.store.db import Tx
from hub.web.desk.barcodes import draw
from hub.web.desk.fulfillment.sheet import stops_of
from hub.web.desk.orders.order import address_rows
from hub.web.desk.page import AnyRequest, Frame, format_of, hub_of, open_person, readable_number, render


class SlipView(Struct, frozen=True):
    """One slip; `address` are the lines of where it goes, `theirs` the number that the customer knows."""

    slip: Slip
    theirs: str
    address: list[str]


@get("/picks/{number:int}/print", include_in_schema=False)
async def print_list(request: AnyRequest, number: FromPath[int]) -> Template:
    async with hub_of(request).db.transaction() as tx:
        found, rows = await list_of(tx, number), await pick_rows(tx, number)
        values = {"list": found, "stops": [each for each in stops_of(rows) if each.needed], "draw": draw}
        return await render(tx, "pick_print.html", Frame("orders"), format_of(request, now()), values)


@get("/picks/{number:int}/slips", include_in_schema=False)
async def print_slips(request: AnyRequest, number: FromPath[int]) -> Template:
    """One for each order of the list, on a sheet of its own."""
    async with hub_of(request).db.transaction() as tx:
        found, rows = await list_of(tx, number), await pick_rows(tx, number)
        numbers = sorted({row.order for row in rows if row.needed})
        return await _slips(request, tx, numbers, found.location, back=f"/picks/{number}")


@get("/orders/{number:int}/slip", include_in_schema=False)
async def print_slip(
    request: AnyRequest,
    number: FromPath[int],
    place: Annotated[str, QueryParameter(name="at", max_length=200)] = "",
) -> Template:
    """Raises NotFoundError."""
    async with hub_of(request).db.transaction() as tx:
        held = await orders.read_held(tx, number)
        if held is None:
            msg = f"There is no order {number}: check the number"
            raise NotFoundError(msg)
        where = place or next(iter(held.used), "")
        return await _slips(request, tx, [number], where, back=f"/orders/{number}/pack")


async def _slips(request: AnyRequest, tx: Tx, numbers: Sequence[int], place: str, *, back: str) -> Template:
    ctx = hub_of(request)
    views = [_view(ctx, each) for each in await slips_of(tx, numbers, place)]
    values = {"slips": views, "back": back, "draw": draw}
    return await render(tx, "slip_print.html", Frame("orders"), format_of(request, now()), values)


def _view(ctx: HubContext, slip: Slip) -> SlipView:
    person = open_person(ctx.vault, slip.id, slip.personal)
    address = person and (person.shipping or person.billing)
    rows = address_rows(address) if address else [person.name] if person and person.name else []
    return SlipView(slip, readable_number(slip.channel_order_number), rows)

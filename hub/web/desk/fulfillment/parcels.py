"""The parcels of all orders, and what became of them; many leave at once by a list of order numbers."""

from typing import Annotated
from urllib.parse import urlencode
from uuid import UUID

from litestar import get, post
from litestar.params import FromPath, FromQuery, QueryParameter
from litestar.response import Redirect, Template

from hub.channels.shipping import label_parcels, page_of, ship_parcels, tell_parcels
from hub.kit.clock import now
from hub.kit.ids import uuid7
from hub.model.errors import InputError
from hub.model.orders.parcels import ParcelState, read_state
from hub.model.orders.shipping import Parcel
from hub.store import shipments as store
from hub.web.desk.orders.parcels import ParcelView
from hub.web.desk.page import REFUSED, AnyRequest, Frame, fields_of, format_of, hub_of, render

ACTOR = "desk"
PAGE_ROWS = 50
IN_BULK_MAX = 1000


@get("/parcels", include_in_schema=False)
async def parcels_page(
    request: AnyRequest,
    show: FromQuery[ParcelState] = ParcelState.SHIPPED,
    before: FromQuery[UUID] = store.NEWEST,
    tracking: Annotated[str, QueryParameter(max_length=100)] = "",
    pick: Annotated[list[int] | None, QueryParameter(max_items=IN_BULK_MAX)] = None,
) -> Template:
    """`pick` are orders that were ticked in their list: they stand in the form, to be shipped."""
    given = {"orders": "\n".join(map(str, pick or []))}
    return await _render(request, show, before=before, tracking=tracking, given=given)


@post("/parcels/ship", status_code=200, include_in_schema=False)
async def ship_many(request: AnyRequest) -> Template | Redirect:
    """Each line names an order, and may name a tracking number behind it. What cannot leave is named, and stays."""
    given = await fields_of(request)
    try:
        parcels, strange = _read(given.get("orders", ""), given.get("carrier", ""))
        done = await ship_parcels(hub_of(request), parcels, actor=ACTOR, at=now(), each_alone=True)
    except InputError as error:
        return await _render(request, ParcelState.SHIPPED, given=given, problems=[str(error)], status=422)
    if problems := [*strange, *done.refused.values()]:
        return await _render(
            request, ParcelState.SHIPPED, given=given, problems=problems, left=len(done.ids), status=422
        )
    return Redirect("/parcels", status_code=303)


@post("/parcels/{parcel_id:uuid}", status_code=200, include_in_schema=False)
async def change_parcel(request: AnyRequest, parcel_id: FromPath[UUID]) -> Template | Redirect:
    """Say what became of it, or write its label anew; then back to where the button was."""
    given, at, ctx = await fields_of(request), now(), hub_of(request)
    try:
        if "state" in given:
            await tell_parcels(ctx, {parcel_id: read_state(given["state"])}, actor=ACTOR, at=at)
        else:
            label = store.Label(parcel_id, given.get("carrier", ""), given.get("tracking", ""))
            await label_parcels(ctx, [label], actor=ACTOR, at=at)
    except REFUSED as error:
        return await _render(request, ParcelState.SHIPPED, problems=[str(error)], status=422)
    order = given.get("order", "")
    return Redirect(f"/orders/{order}" if order.isdigit() else "/parcels", status_code=303)


def _read(words: str, carrier: str) -> tuple[list[Parcel], list[str]]:
    """The parcels, and what is wrong with each line that names no order. Raises InputError for too few or too many."""
    parcels, strange = {}, []
    for line in filter(None, map(str.strip, words.splitlines())):
        number, _, tracking = line.replace(";", " ").replace(",", " ").replace("\t", " ").partition(" ")
        if not (number.isascii() and number.isdigit() and len(number) < 16):
            strange.append(
                f"{line[:40]!r} names no order: write 1042, and its tracking number behind it where there is one"
            )
            continue
        parcels[int(number)] = Parcel(uuid7(), int(number), {}, carrier, tracking.strip())
    if not 1 <= len(parcels) + len(strange) <= IN_BULK_MAX:
        msg = f"name 1 to {IN_BULK_MAX} orders, one in each line"
        raise InputError(msg, field="orders")
    return list(parcels.values()), strange


async def _render(
    request: AnyRequest,
    show: ParcelState,
    *,
    before: UUID = store.NEWEST,
    tracking: str = "",
    given: dict[str, str] | None = None,
    problems: list[str] | None = None,
    left: int = 0,
    status: int = 200,
) -> Template:
    ctx = hub_of(request)
    async with ctx.db.transaction() as tx:
        only = None if tracking else show
        found = await store.list_shipments(
            tx, state=only, search=tracking, before=before, limit=PAGE_ROWS + 1
        )
        last = found[PAGE_ROWS - 1].id if len(found) > PAGE_ROWS else None
        values = {
            "parcels": [
                ParcelView(each, page_of(ctx, each.carrier, each.tracking)) for each in found[:PAGE_ROWS]
            ],
            "show": show,
            "shows": list(ParcelState),
            "tracking": tracking,
            "given": given or {},
            "problems": problems or [],
            "left": left,
            "carriers": sorted(each.title for each in ctx.registry.carriers.values()),
            "first": f"/parcels?{urlencode({'show': show})}" if before != store.NEWEST else "",
            "more": f"/parcels?{urlencode({'show': show, 'before': last})}" if last else "",
        }
        frame = Frame("orders", "orders")
        return await render(tx, "all_parcels.html", frame, format_of(request, now()), values, status=status)

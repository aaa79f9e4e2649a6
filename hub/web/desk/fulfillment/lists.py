"""Pick lists: how far each is, and a new one for the most urgent orders or those somebody names."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated
from urllib.parse import urlencode
from uuid import UUID

from litestar import get, post
from litestar.params import FromQuery, QueryParameter
from litestar.response import Redirect, Template
from msgspec import Struct
from msgspec.structs import replace

from hub.channels import picking
from hub.channels.shipping import shipped_elsewhere
from hub.flows.orders.pick import NewList
from hub.kit.clock import now
from hub.kit.ids import uuid7
from hub.model.errors import InputError
from hub.model.orders.picking import State
from hub.store import picking as store
from hub.store.api.picking import PickList, list_lists
from hub.store.desk.stock import list_locations
from hub.store.stock.transfers import NUMBER_MAX
from hub.web.desk.charts import Part
from hub.web.desk.page import REFUSED, AnyRequest, Frame, fields_of, format_of, hub_of, render

ACTOR = "desk"
PAGE_ROWS = 50
READY_MAX = 500  # orders that are counted as ready to be picked
FRAME = Frame("orders", "picks,orders")


class NewPicking(Struct, frozen=True):
    """A list as it is typed: `numbers` are orders, else the most urgent `limit` ones."""

    id: str
    location: str = ""
    limit: str = "20"
    numbers: str = ""
    problems: Mapping[str, str] = {}


@get("/picks", include_in_schema=False)
async def picks_page(
    request: AnyRequest, show: FromQuery[State] = State.OPEN, before: FromQuery[int] = NUMBER_MAX
) -> Template:
    async with hub_of(request).db.transaction() as tx:
        found = await list_lists(tx, before=before, state=show, limit=PAGE_ROWS + 1)
        last = found[PAGE_ROWS - 1].number if len(found) > PAGE_ROWS else 0
        values = {
            "lists": found[:PAGE_ROWS],
            "bar": progress,
            "show": show,
            "shows": list(State),
            "first": f"/picks?{urlencode({'show': show})}" if before < NUMBER_MAX else "",
            "more": f"/picks?{urlencode({'show': show, 'before': last})}" if last else "",
        }
        return await render(tx, "picks.html", FRAME, format_of(request, now()), values)


@get("/picks/new", include_in_schema=False)
async def new_list_page(
    request: AnyRequest, location: Annotated[str, QueryParameter(max_length=100)] = ""
) -> Template:
    return await _render_new(request, NewPicking(str(uuid7()), location), at=now())


@post("/picks/new", status_code=200, include_in_schema=False)
async def begin_list(request: AnyRequest) -> Template | Redirect:
    """The same form sent twice begins one list."""
    at, form = now(), _read(await fields_of(request))
    try:
        made = await picking.begin_picking(hub_of(request), _new(form), actor=ACTOR, at=at)
    except REFUSED as error:
        field = error.field if isinstance(error, InputError) else "numbers" if form.numbers else "location"
        return await _render_new(request, replace(form, problems={field: str(error)}), at=at, status=422)
    return Redirect(f"/picks/{made.number}", status_code=303)


def progress(each: PickList) -> list[Part]:
    """How much of a list is in hand, in percent."""
    share = round(100 * min(each.picked, each.units) / max(1, each.units), 3)
    return [Part(0.0, share, "good", "in hand", each.picked, f"in hand: {each.picked}")] if share else []


def _read(given: Mapping[str, str]) -> NewPicking:
    try:
        form_id = str(UUID(given.get("id", "")))
    except ValueError:
        form_id = str(uuid7())
    location, limit, numbers = (given.get(name, "")[:2000] for name in ("location", "limit", "numbers"))
    return NewPicking(form_id, location, limit, numbers)


def _new(form: NewPicking) -> NewList:
    """Raises InputError naming the field."""
    words = form.numbers.replace(",", " ").split()
    if not all(word.isascii() and word.isdigit() and len(word) < 16 for word in words):
        msg = "Order numbers, such as: 1042 1043"
        raise InputError(msg, field="numbers")
    if not (form.limit.isascii() and form.limit.isdigit() and len(form.limit) < 5):
        msg = "A number of orders, such as 20"
        raise InputError(msg, field="limit")
    return NewList(UUID(form.id), form.location, [int(word) for word in words], int(form.limit))


async def _render_new(request: AnyRequest, form: NewPicking, *, at: datetime, status: int = 200) -> Template:
    ctx = hub_of(request)
    async with ctx.db.transaction() as tx:
        elsewhere = sorted(await shipped_elsewhere(ctx, tx))
        places = await list_locations(tx)
        waiting = {
            place.code: len({each.order_id for each in found})
            for place in places
            if (found := await store.pickable(tx, place.code, elsewhere=elsewhere, limit=READY_MAX))
        }
        if not form.location and places:
            form = replace(form, location=max(places, key=lambda each: waiting.get(each.code, 0)).code)
        values = {"form": form, "locations": places, "waiting_at": waiting, "elsewhere": elsewhere}
        return await render(
            tx, "pick_form.html", Frame("orders"), format_of(request, at), values, status=status
        )

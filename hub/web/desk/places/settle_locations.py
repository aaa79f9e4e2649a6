"""The buttons of the locations: add one, change one; what would go off sale is said first."""

from datetime import datetime

from litestar import post
from litestar.params import FromPath
from litestar.response import Redirect, Template
from msgspec.structs import replace

from hub.channels.intake import ring_touched
from hub.flows.stock.place_stock import place_stock
from hub.kit.clock import now
from hub.model.errors import InputError, NotFoundError
from hub.store.db import Tx
from hub.store.desk.locations import lying
from hub.store.stock.locations import all_locations
from hub.web.desk.page import AnyRequest, hub_of
from hub.web.desk.places.location_form import LocationForm, read_form, wish_of
from hub.web.desk.places.locations import render_location, render_locations


@post("/locations", status_code=200, include_in_schema=False)
async def add_location(request: AnyRequest) -> Template | Redirect:
    at, form = now(), read_form(await request.form())
    async with hub_of(request).db.transaction() as tx:
        if form.code in {each.code for each in await all_locations(tx)}:
            taken = f"There is a location {form.code} already: open it to change it"
            form = replace(form, problems={**form.problems, "code": taken})
    form = await _write(request, form, at=at)
    if form.problems:
        return await render_locations(request, form, at=at, status=422)
    return Redirect("/locations", status_code=303)


@post("/locations/{code:str}", status_code=200, include_in_schema=False)
async def change_location(request: AnyRequest, code: FromPath[str]) -> Template | Redirect:
    """Raises NotFoundError."""
    at, form = now(), read_form(await request.form(), code=code)
    async with hub_of(request).db.transaction() as tx:
        form = await _seen(tx, form)
    form = await _write(request, form, at=at)
    if form.problems:
        return await render_location(request, code, at=at, form=form, status=422)
    return Redirect(f"/locations/{code}", status_code=303)


async def _seen(tx: Tx, form: LocationForm) -> LocationForm:
    """Stock goes off sale by a person's word alone, who knows how much it is (L12). Raises NotFoundError."""
    before = {each.code: each for each in await all_locations(tx)}.get(form.code)
    if before is None:
        msg = f"There is no location {form.code}: see Locations"
        raise NotFoundError(msg)
    units = (await lying(tx))[form.code].free
    if form.sellable or form.sure or not before.sellable or not units:
        return form
    says = f"{units} units that lie here would be on sale nowhere: tick to say you are sure"
    return replace(form, problems={**form.problems, "sellable": says})


async def _write(request: AnyRequest, form: LocationForm, *, at: datetime) -> LocationForm:
    if form.problems:
        return form
    ctx = hub_of(request)
    try:
        async with ctx.db.transaction() as tx:
            touched = await place_stock(tx, [wish_of(form)], at=at)
    except InputError as error:
        return replace(form, problems={error.field: str(error)})
    except NotFoundError as error:
        return replace(form, problems={"channels": str(error)})
    await ring_touched(ctx, touched)
    return form

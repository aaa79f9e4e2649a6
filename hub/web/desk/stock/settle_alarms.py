"""What a person says about alarms on the desk: this one is known, this SKU is low at so many, all are at so many."""

from collections.abc import Mapping
from uuid import UUID

from litestar import post
from litestar.params import FromPath
from litestar.response import Redirect, Template
from msgspec import structs

from hub.flows.stock.set_alarms import dismiss_alarms, set_bounds, set_thresholds
from hub.kit.clock import now
from hub.kit.ids import uuid7
from hub.model.errors import InputError
from hub.model.stock.alarms import THRESHOLD_MAX, Bounds, refuse_bad
from hub.store.stock.alarms import Threshold
from hub.web.desk.page import AnyRequest, fields_of, hub_of
from hub.web.desk.stock.alarms import AlarmsQuery, BoundsForm, render_alarms
from hub.web.desk.stock.chain import sku_address
from hub.web.desk.stock.sku import render_sku
from hub.web.desk.stock.stock import AdjustForm

ACTOR = "desk"
_DIGITS_MAX = 9


@post("/alarms/{alarm_id:uuid}/dismiss", status_code=200, include_in_schema=False)
async def dismiss(request: AnyRequest, alarm_id: FromPath[UUID]) -> Redirect:
    """Back to where the button stood. Raises NotFoundError where it ended meanwhile."""
    given = await fields_of(request)
    async with hub_of(request).db.transaction() as tx:
        await dismiss_alarms(tx, ids=[alarm_id], actor=ACTOR, at=now())
    return Redirect(sku_address(given["sku"]) if given.get("sku") else "/alarms", status_code=303)


@post("/alarms/defaults", status_code=200, include_in_schema=False)
async def set_defaults(request: AnyRequest) -> Template | Redirect:
    """Answer with what was typed and what is wrong about it, where something is."""
    at = now()
    form = _read(await fields_of(request))
    if form.problems:
        return await render_alarms(request, AlarmsQuery(), at=at, form=form, status=422)
    bounds = Bounds(int(form.low_stock), int(form.unmoved_days), int(form.expiry_days))
    async with hub_of(request).db.transaction() as tx:
        await set_bounds(tx, bounds, actor=ACTOR, at=at)
    return Redirect("/alarms", status_code=303)


@post("/stock/threshold", status_code=200, include_in_schema=False)
async def set_threshold(request: AnyRequest) -> Template | Redirect:
    """An empty field takes the SKU's own threshold away. Raises NotFoundError for a SKU there is not."""
    at, given = now(), await fields_of(request)
    sku, typed = given.get("sku", ""), given.get("low_at", "")
    if typed and (not _is_count(typed) or int(typed) > THRESHOLD_MAX):
        return await render_sku(request, sku, AdjustForm(str(uuid7())), at=at, status=422, low_at=typed)
    async with hub_of(request).db.transaction() as tx:
        await set_thresholds(tx, [Threshold(sku, None, int(typed) if typed else None)], actor=ACTOR, at=at)
    return Redirect(sku_address(sku), status_code=303)


def _read(given: Mapping[str, str]) -> BoundsForm:
    low, unmoved, expiry = (given.get(name, "")[:20] for name in Bounds.__struct_fields__)
    form = BoundsForm(low, unmoved, expiry)
    problems = {
        name: "A number, such as " + str(getattr(Bounds(), name))
        for name in Bounds.__struct_fields__
        if not _is_count(getattr(form, name))
    }
    if not problems:
        try:
            refuse_bad(Bounds(int(form.low_stock), int(form.unmoved_days), int(form.expiry_days)))
        except InputError as error:
            problems = {error.field or "low_stock": str(error)}
    return structs.replace(form, problems=problems)


def _is_count(typed: str) -> bool:
    return typed.isascii() and typed.isdigit() and len(typed) <= _DIGITS_MAX


alarm_forms = [dismiss, set_defaults, set_threshold]

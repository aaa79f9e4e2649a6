"""Adjust stock from the desk: a counted number or a change, always with a reason."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from litestar import post
from litestar.response import Redirect, Template
from msgspec import structs

from hub.channels.intake import ring_touched
from hub.flows.stock.adjust_stock import Adjustment, adjust_stock
from hub.kit.clock import now
from hub.kit.ids import uuid7
from hub.model.errors import InputError
from hub.store.db import Tx
from hub.store.desk.stock import level_of
from hub.web.desk.page import REFUSED, AnyRequest, fields_of, hub_of
from hub.web.desk.stock.chain import sku_address
from hub.web.desk.stock.sku import render_sku
from hub.web.desk.stock.stock import AdjustForm, StockQuery, render_stock, stock_address

ACTOR = "desk"
UNITS_MAX = 1_000_000


@post("/stock/adjust", status_code=200, include_in_schema=False)
async def adjust(request: AnyRequest) -> Template | Redirect:
    """Answer with the changed numbers, or with what was typed and what is wrong about it."""
    at, ctx = now(), hub_of(request)
    given = await fields_of(request)
    sku = given.get("sku", "")
    query = StockQuery(given.get("q", ""), given.get("after", ""), sku)
    form, on_its_page = check_adjustment(given), given.get("page") == "sku"
    if not form.problems:
        try:
            async with ctx.db.transaction() as tx:
                touched = await record(tx, sku, form, at=at)
        except REFUSED as error:
            field = error.field if isinstance(error, InputError) else "location"
            form = structs.replace(form, problems={"units" if field == "change" else field: str(error)})
        else:
            await ring_touched(ctx, touched)
            return Redirect(sku_address(sku) if on_its_page else stock_address(query), status_code=303)
    if on_its_page:
        return await render_sku(request, sku, form, at=at, status=422)
    return await render_stock(request, query, form, at=at, status=422)


def check_adjustment(given: Mapping[str, str]) -> AdjustForm:
    """Keep what was typed; `problems` name every field that is wrong, at once."""
    form = AdjustForm(
        cause_id=given.get("cause_id", "")[:100] or str(uuid7()),
        location=given.get("location", ""),
        mode="count" if given.get("mode") == "count" else "change",
        units=given.get("units", "").replace("−", "-"),
        reason=given.get("reason", "")[:500],
    )
    problems = {}
    if not form.location:
        problems["location"] = "Choose where"
    if read_units(form) is None:
        problems["units"] = (
            "Type the units counted, such as 12" if form.mode == "count" else "Type a number, such as 5 or -2"
        )
    if not form.reason:
        problems["reason"] = "Say why: found, broken, stolen, counted …"
    return structs.replace(form, problems=problems)


def read_units(form: AdjustForm) -> int | None:
    digits = form.units.removeprefix("-" if form.mode == "change" else "").removeprefix("+")
    if not (digits.isascii() and digits.isdigit()) or int(digits) > UNITS_MAX:
        return None
    return -int(digits) if form.units.startswith("-") else int(digits)


async def record(tx: Tx, sku: str, form: AdjustForm, *, at: datetime) -> set[UUID]:
    units = read_units(form) or 0
    change = units
    if form.mode == "count":
        level = await level_of(tx, sku, form.location)
        change = units - (level.on_hand if level else 0)
        if change == 0:
            msg = f"The books say {units} already: there is nothing to change"
            raise InputError(msg, field="units")
    kind = "count" if form.mode == "count" else "adjustment"
    adjustment = Adjustment(sku, form.location, change, form.reason, form.cause_id, kind)
    return await adjust_stock(tx, [adjustment], actor=ACTOR, at=at)

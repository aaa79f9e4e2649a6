"""Receipts: what suppliers brought, and the form that receives it, with lots and serial numbers where a SKU asks."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from litestar import get, post
from litestar.datastructures import FormMultiDict
from litestar.params import FromPath, FromQuery, QueryParameter
from litestar.response import Redirect, Template
from msgspec import Struct
from msgspec.structs import replace

from hub.channels.intake import ring_touched
from hub.flows.stock.receive_stock import REFERENCE_MAX, Delivery, receive_stock
from hub.kit.clock import now
from hub.kit.ids import uuid7
from hub.model.errors import InputError, NotFoundError
from hub.store.desk.items import items_of
from hub.store.desk.stock import list_locations
from hub.store.stock import receipts as store
from hub.web.desk.basket import Basket, batches_in, changed, checked, rows_typed, units_in
from hub.web.desk.page import REFUSED, STOCK_SEARCH, AnyRequest, Frame, format_of, hub_of, render

ACTOR = "desk"
PAGE_ROWS = 50
FRAME = Frame("stock", "stock", "", STOCK_SEARCH)
_ON_ITS_FIELD = {"reference", "location"}


class ReceiptForm(Struct, frozen=True):
    """A receipt as it is typed; its reference makes it happen only once."""

    reference: str = ""
    location: str = ""
    note: str = ""
    basket: Basket = Basket()
    problems: dict[str, str] = {}


@get("/receipts", include_in_schema=False)
async def receipts_page(request: AnyRequest, after: FromQuery[UUID | None] = None) -> Template:
    async with hub_of(request).db.transaction() as tx:
        rows = await store.list_receipts(tx, after=after, limit=PAGE_ROWS + 1)
        last = rows[PAGE_ROWS - 1].id if len(rows) > PAGE_ROWS else None
        values = {
            "receipts": rows[:PAGE_ROWS],
            "names": {each.code: each.name for each in await list_locations(tx)},
            "first": "/receipts" if after else "",
            "more": f"/receipts?after={last}" if last else "",
        }
        return await render(tx, "receipts.html", FRAME, format_of(request, now()), values)


@get("/receipts/{receipt_id:uuid}", include_in_schema=False)
async def receipt_page(request: AnyRequest, receipt_id: FromPath[UUID]) -> Template:
    async with hub_of(request).db.transaction() as tx:
        found = await store.receipt_by_id(tx, receipt_id)
        if found is None:
            msg = "There is no such receipt: see Receipts"
            raise NotFoundError(msg)
        values = {
            "receipt": found,
            "lots": await store.lots_that_came(tx, receipt_id),
            "items": await items_of(tx, [line.sku for line in found.lines]),
            "names": {each.code: each.name for each in await list_locations(tx)},
            "today": now().date(),
        }
        return await render(tx, "receipt.html", FRAME, format_of(request, now()), values)


@get("/receipts/new", include_in_schema=False)
async def new_receipt_page(
    request: AnyRequest, location: Annotated[str, QueryParameter(max_length=100)] = ""
) -> Template:
    return await _show(request, ReceiptForm(location=location), at=now())


@post("/receipts/new", status_code=200, include_in_schema=False)
async def receive(request: AnyRequest) -> Template | Redirect:
    """A press that only changes the basket shows the form again; a reference received before leads to its receipt."""
    at, sent, ctx = now(), await request.form(), hub_of(request)
    form = await _typed(request, sent)
    if sent.get("do") != "receive":
        return await _show(request, form, at=at)
    form = replace(form, basket=checked(form.basket), problems=_problems(form))
    if form.problems or not form.basket.is_sound:
        return await _show(request, form, at=at)
    try:
        async with ctx.db.transaction() as tx:
            received = await receive_stock(tx, [_delivery(form)], actor=ACTOR, at=at)
            there = await store.receipts_of(tx, [form.reference])
    except REFUSED as error:
        field = error.field if isinstance(error, InputError) and error.field in _ON_ITS_FIELD else "lines"
        return await _show(request, replace(form, problems={field: str(error)}), at=at)
    await ring_touched(ctx, received.touched)
    return Redirect(f"/receipts/{there[form.reference].id}", status_code=303)


async def _typed(request: AnyRequest, sent: FormMultiDict) -> ReceiptForm:
    reference, location, note = (
        str(sent.get(name, "")).strip()[:2000] for name in ("reference", "location", "note")
    )
    async with hub_of(request).db.transaction() as tx:
        basket = await changed(tx, sent, rows_typed(sent))
    return ReceiptForm(reference, location, note, basket)


def _problems(form: ReceiptForm) -> dict[str, str]:
    problems = {}
    if not form.reference or len(form.reference) > REFERENCE_MAX:
        problems["reference"] = "Type the number of the delivery note: it is received only once by it"
    if not form.location:
        problems["location"] = "Choose where it is put"
    return problems


def _delivery(form: ReceiptForm) -> Delivery:
    lines, batches = units_in(form.basket), batches_in(form.basket)
    return Delivery(uuid7(), form.reference, form.location, lines, form.note, batches)


async def _show(request: AnyRequest, form: ReceiptForm, *, at: datetime) -> Template:
    is_wrong = bool(form.problems) or not form.basket.is_sound
    async with hub_of(request).db.transaction() as tx:
        values = {"form": form, "locations": await list_locations(tx)}
        frame = Frame("stock", "", "", STOCK_SEARCH)
        fmt = format_of(request, at)
        return await render(tx, "receipt_form.html", frame, fmt, values, status=422 if is_wrong else 200)


receipt_pages = [receipts_page, receipt_page, new_receipt_page, receive]

"""The forms of transfers: draft, change, send, receive what came, cancel."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Annotated
from uuid import UUID

from litestar import get, post
from litestar.datastructures import FormMultiDict
from litestar.params import FromPath, QueryParameter
from litestar.response import Redirect, Template
from msgspec import Struct
from msgspec.structs import replace

from hub.channels.intake import ring_touched
from hub.flows.stock import transfer_stock as flow
from hub.kit.clock import now
from hub.kit.ids import uuid7
from hub.model.errors import InputError, WrongStateError
from hub.model.stock.transfers import State
from hub.store.db import Tx
from hub.store.desk.stock import list_locations
from hub.store.stock.transfers import Transfer
from hub.web.desk.basket import Basket, Row, came_in, changed, checked, named, rows_typed, units_in
from hub.web.desk.page import REFUSED, STOCK_SEARCH, AnyRequest, Frame, format_of, hub_of, render
from hub.web.desk.places.transfers import read, render_transfer

ACTOR = "desk"


class TransferForm(Struct, frozen=True):
    """A draft as it is typed; `number` where it is one already, whose ends stay as they are."""

    id: str
    source: str = ""
    target: str = ""
    note: str = ""
    basket: Basket = Basket()
    number: int = 0
    problems: dict[str, str] = {}


class ArrivalForm(Struct, frozen=True):
    id: str
    transfer: Transfer
    basket: Basket
    close: bool = False
    reason: str = ""
    problems: dict[str, str] = {}


@get("/transfers/new", include_in_schema=False)
async def new_transfer_page(
    request: AnyRequest,
    source: Annotated[str, QueryParameter(name="from", max_length=100)] = "",
    target: Annotated[str, QueryParameter(name="to", max_length=100)] = "",
) -> Template:
    async with hub_of(request).db.transaction() as tx:
        return await _show_form(request, tx, TransferForm(str(uuid7()), source, target), at=now())


@post("/transfers/new", status_code=200, include_in_schema=False)
async def draft_transfer(request: AnyRequest) -> Template | Redirect:
    """A press that only changes the basket shows the form again; *Send now* drafts and sends in one."""
    at, sent = now(), await request.form()
    form = await _typed(request, sent)
    if sent.get("do") not in {"save", "send"}:
        return await _answer(request, form, at=at)
    form = replace(form, basket=checked(form.basket), problems=_problems(form))
    if form.problems or not form.basket.is_sound:
        return await _answer(request, form, at=at)

    async def story(tx: Tx) -> tuple[int, set[UUID]]:
        draft = flow.Draft(UUID(form.id), form.source, form.target, units_in(form.basket), form.note)
        number = await flow.draft_transfer(tx, draft, actor=ACTOR, at=at)
        sends = sent.get("do") == "send"
        return number, await flow.send_transfer(tx, number, actor=ACTOR, at=at) if sends else set()

    return await _do(request, form, story, at=at)


@get("/transfers/{number:int}/edit", include_in_schema=False)
async def edit_transfer_page(request: AnyRequest, number: FromPath[int]) -> Template:
    async with hub_of(request).db.transaction() as tx:
        transfer = await read(tx, number)
        rows = [Row(line.sku, str(line.units)) for line in transfer.lines]
        basket = await named(tx, Basket(rows), location=transfer.source)
        form = TransferForm("", transfer.source, transfer.target, transfer.note, basket, number)
        return await _show_form(request, tx, form, at=now())


@post("/transfers/{number:int}/edit", status_code=200, include_in_schema=False)
async def change_transfer(request: AnyRequest, number: FromPath[int]) -> Template | Redirect:
    at, sent = now(), await request.form()
    form = replace(await _typed(request, sent), number=number)
    if sent.get("do") != "save":
        return await _answer(request, form, at=at)
    form = replace(form, basket=checked(form.basket))
    if not form.basket.is_sound:
        return await _answer(request, form, at=at)

    async def story(tx: Tx) -> tuple[int, set[UUID]]:
        await flow.change_draft(tx, number, units_in(form.basket), actor=ACTOR, at=at)
        return number, set()

    return await _do(request, form, story, at=at)


@post("/transfers/{number:int}/send", status_code=200, include_in_schema=False)
async def send_transfer(request: AnyRequest, number: FromPath[int]) -> Template | Redirect:
    """A second press sends nothing more. Raises NotFoundError."""
    at, ctx = now(), hub_of(request)
    try:
        async with ctx.db.transaction() as tx:
            touched = await flow.send_transfer(tx, number, actor=ACTOR, at=at)
    except REFUSED as error:
        return await render_transfer(request, number, at=at, problem=str(error), status=422)
    await ring_touched(ctx, touched)
    return Redirect(f"/transfers/{number}", status_code=303)


@post("/transfers/{number:int}/cancel", status_code=200, include_in_schema=False)
async def cancel_transfer(request: AnyRequest, number: FromPath[int]) -> Template | Redirect:
    """Raises NotFoundError."""
    at, ctx = now(), hub_of(request)
    try:
        async with ctx.db.transaction() as tx:
            await flow.cancel_transfer(tx, number, actor=ACTOR, at=at)
    except WrongStateError as error:
        return await render_transfer(request, number, at=at, problem=str(error), status=422)
    await ctx.bell.announce("stock")
    return Redirect(f"/transfers/{number}", status_code=303)


@get("/transfers/{number:int}/receive", include_in_schema=False)
async def receive_page(request: AnyRequest, number: FromPath[int]) -> Template | Redirect:
    async with hub_of(request).db.transaction() as tx:
        transfer = await read(tx, number)
        if transfer.state is not State.SENT:
            return Redirect(f"/transfers/{number}", status_code=303)
        form = ArrivalForm(str(uuid7()), transfer, Basket(_expected(transfer, {})))
        return await _show_arrival(request, tx, form, at=now())


@post("/transfers/{number:int}/receive", status_code=200, include_in_schema=False)
async def receive_transfer(request: AnyRequest, number: FromPath[int]) -> Template | Redirect:
    """*All of it came* takes what is in transit; else what is typed or scanned came. Twice is once."""
    at, sent, ctx = now(), await request.form(), hub_of(request)
    pressed = str(sent.get("do", ""))
    async with ctx.db.transaction() as tx:
        form = await _arrived(tx, number, sent)
        if pressed not in {"receive", "all"} or not form.basket.is_sound:
            status = 200 if form.basket.is_sound else 422
            return await _show_arrival(request, tx, form, at=at, status=status)
    came = None if pressed == "all" else came_in(form.basket)
    parcel = flow.Parcel(UUID(form.id), came, close=form.close, reason=form.reason)
    try:
        async with ctx.db.transaction() as tx:
            touched = await flow.receive_transfer(tx, number, parcel, actor=ACTOR, at=at)
    except REFUSED as error:
        field = error.field if isinstance(error, InputError) else "lines"
        form = replace(form, problems={field: str(error)})
        async with ctx.db.transaction() as tx:
            return await _show_arrival(request, tx, form, at=at, status=422)
    await ring_touched(ctx, touched)
    return Redirect(f"/transfers/{number}", status_code=303)


async def _arrived(tx: Tx, number: int, sent: FormMultiDict) -> ArrivalForm:
    """Raises NotFoundError."""
    transfer = await read(tx, number)
    typed = {row.sku: row.units for row in rows_typed(sent)}
    basket = await changed(tx, sent, _expected(transfer, typed), alone=True)
    if sent.get("do") == "receive":
        rows = [replace(row, units=row.units or "0") for row in basket.rows]
        basket = checked(replace(basket, rows=rows), least=0)
    given_id, reason = str(sent.get("id", "")), str(sent.get("reason", "")).strip()[:500]
    return ArrivalForm(_id_of(given_id), transfer, basket, "close" in sent, reason)


def _expected(transfer: Transfer, typed: dict[str, str]) -> list[Row]:
    return [
        Row(line.sku, typed.get(line.sku, ""), name=line.name, of=line.in_transit)
        for line in transfer.lines
        if line.in_transit or line.sku in typed
    ]


async def _typed(request: AnyRequest, sent: FormMultiDict) -> TransferForm:
    given_id, source, target, note = (
        str(sent.get(name, "")).strip()[:2000] for name in ("id", "source", "target", "note")
    )
    async with hub_of(request).db.transaction() as tx:
        basket = await changed(tx, sent, rows_typed(sent), location=source)
    return TransferForm(_id_of(given_id), source, target, note, basket)


def _problems(form: TransferForm) -> dict[str, str]:
    problems = {name: "Choose where" for name in ("source", "target") if not getattr(form, name)}
    if form.source and form.source == form.target:
        problems["target"] = "Choose another location than the one it leaves"
    return problems


async def _do(
    request: AnyRequest,
    form: TransferForm,
    story: Callable[[Tx], Awaitable[tuple[int, set[UUID]]]],
    *,
    at: datetime,
) -> Template | Redirect:
    ctx = hub_of(request)
    try:
        async with ctx.db.transaction() as tx:
            number, touched = await story(tx)
    except REFUSED as error:
        return await _answer(request, replace(form, problems={"lines": str(error)}), at=at)
    await ring_touched(ctx, touched)
    return Redirect(f"/transfers/{number}", status_code=303)


async def _answer(request: AnyRequest, form: TransferForm, *, at: datetime) -> Template:
    async with hub_of(request).db.transaction() as tx:
        return await _show_form(request, tx, form, at=at)


async def _show_form(request: AnyRequest, tx: Tx, form: TransferForm, *, at: datetime) -> Template:
    values = {"form": form, "locations": await list_locations(tx)}
    is_wrong = bool(form.problems) or not form.basket.is_sound
    frame = Frame("stock", "", "", STOCK_SEARCH)
    fmt = format_of(request, at)
    return await render(tx, "transfer_form.html", frame, fmt, values, status=422 if is_wrong else 200)


async def _show_arrival(
    request: AnyRequest, tx: Tx, form: ArrivalForm, *, at: datetime, status: int = 200
) -> Template:
    frame = Frame("stock", "", "", STOCK_SEARCH)
    fmt = format_of(request, at)
    return await render(tx, "transfer_arrival.html", frame, fmt, {"form": form}, status=status)


def _id_of(written: str) -> str:
    """The id that the form was given; a new one where somebody broke it."""
    try:
        return str(UUID(written))
    except ValueError:
        return str(uuid7())


transfer_forms = [
    new_transfer_page,
    draft_transfer,
    edit_transfer_page,
    change_transfer,
    send_transfer,
    cancel_transfer,
    receive_page,
    receive_transfer,
]

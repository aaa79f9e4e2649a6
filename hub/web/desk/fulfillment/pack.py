"""Pack one order: each unit is scanned into the parcel, and what does not belong there is refused."""

from collections import Counter
from datetime import datetime
from typing import Annotated
from urllib.parse import urlencode
from uuid import UUID

from litestar import get, post
from litestar.datastructures import FormMultiDict
from litestar.params import FromPath, FromQuery, QueryParameter
from litestar.response import Redirect, Template
from msgspec import Struct
from msgspec.structs import replace

from hub.channels.shipping import ship_parcels
from hub.kit.clock import now
from hub.kit.ids import uuid7
from hub.model.errors import InputError, NotFoundError
from hub.model.orders.packing import packed, to_pack
from hub.model.orders.shipping import Parcel, stopping_holds
from hub.store import orders, shipments
from hub.store.db import Tx
from hub.store.orders import HeldOrder
from hub.web.desk.basket import Basket, Row, changed, named, rows_typed
from hub.web.desk.fulfillment.lists import ACTOR
from hub.web.desk.page import REFUSED, AnyRequest, Frame, format_of, hub_of, render


class PackForm(Struct, frozen=True):
    """One parcel as it is packed; `list` is the pick list to go back to, 0 where there is none."""

    id: str
    order: HeldOrder
    at: str
    basket: Basket
    back: str = ""
    carrier: str = ""
    tracking: str = ""
    problems: dict[str, str] = {}

    @property
    def left(self) -> int:
        """Stock units that are not in the parcel yet."""
        return sum(max(0, (row.of or 0) - (row.count or 0)) for row in self.basket.rows)


@get("/picks/pack", include_in_schema=False)
async def find_packing(request: AnyRequest, order: FromQuery[str] = "") -> Redirect:
    """A slip was scanned, or the number of an order typed. Raises NotFoundError."""
    number = order.strip()
    if not (number.isascii() and number.isdigit() and len(number) < 16):
        msg = f"No order is “{number[:40]}”: scan a packing slip, or type the number of an order"
        raise NotFoundError(msg)
    async with hub_of(request).db.transaction() as tx:
        held = await _read(tx, int(number))
    return Redirect(f"/orders/{held.number}/pack", status_code=303)


@get("/orders/{number:int}/pack", include_in_schema=False)
async def pack_page(
    request: AnyRequest,
    number: FromPath[int],
    place: Annotated[str, QueryParameter(name="at", max_length=200)] = "",
    back: Annotated[str, QueryParameter(name="list", max_length=16)] = "",
) -> Template:
    """Where the order is promised at several places, the one with most of it first."""
    async with hub_of(request).db.transaction() as tx:
        held = await _read(tx, number)
        where = place or max(held.used, key=lambda code: sum(to_pack(held.lines, code).values()), default="")
        basket = await named(tx, Basket(_expected(held, where, {})))
        return await _show(request, tx, PackForm(str(uuid7()), held, where, basket, back), at=now())


@post("/orders/{number:int}/pack", status_code=200, include_in_schema=False)
async def pack_order(request: AnyRequest, number: FromPath[int]) -> Template | Redirect:
    """A scan shows the form again with one more; *Ship* lets leave what is in the parcel. Twice is once."""
    at, sent, ctx = now(), await request.form(), hub_of(request)
    async with ctx.db.transaction() as tx:
        form = await _typed(tx, number, sent)
        if await shipments.known(tx, [UUID(form.id)]):
            return Redirect(_page_of(form), status_code=303)
        if sent.get("do") != "ship" or not form.basket.is_sound:
            return await _show(request, tx, form, at=at, status=200 if form.basket.is_sound else 422)
    try:
        scanned = Counter({row.sku: row.count or 0 for row in form.basket.rows})
        units = packed(form.order.lines, form.at, scanned)
        parcel = Parcel(UUID(form.id), number, units, form.carrier, form.tracking, form.at)
        await ship_parcels(ctx, [parcel], actor=ACTOR, at=at)
    except REFUSED as error:
        field = error.field if isinstance(error, InputError) else "lines"
        async with ctx.db.transaction() as tx:
            return await _show(request, tx, replace(form, problems={field: str(error)}), at=at, status=422)
    await ctx.bell.announce("picks")
    return Redirect(_next(form), status_code=303)


def _next(form: PackForm) -> str:
    """What is left of the order at this place, else the list it came from, else the order."""
    if form.left:
        return _page_of(form)
    return f"/picks/{form.back}" if form.back.isdigit() else f"/orders/{form.order.number}"


def _page_of(form: PackForm) -> str:
    return f"/orders/{form.order.number}/pack?{urlencode({'at': form.at, 'list': form.back})}"


async def _typed(tx: Tx, number: int, sent: FormMultiDict) -> PackForm:
    """Raises NotFoundError."""
    held = await _read(tx, number)
    given = {
        name: str(sent.get(name, "")).strip()[:200] for name in ("id", "at", "list", "carrier", "tracking")
    }
    before = _expected(held, given["at"], {row.sku: row.units for row in rows_typed(sent)})
    basket = await changed(tx, sent, before, alone=True)
    if over := next((row for row in basket.rows if (row.count or 0) > (row.of or 0)), None):
        says = f"{over.of} of {over.sku} belong into it, and no more"
        basket = await named(tx, Basket(before, problems={"code": says}))
    try:
        form_id = str(UUID(given["id"]))
    except ValueError:
        form_id = str(uuid7())
    return PackForm(form_id, held, given["at"], basket, given["list"], given["carrier"], given["tracking"])


def _expected(held: HeldOrder, place: str, typed: dict[str, str]) -> list[Row]:
    return [Row(sku, typed.get(sku, ""), of=units) for sku, units in to_pack(held.lines, place).items()]


async def _read(tx: Tx, number: int) -> HeldOrder:
    held = await orders.read_held(tx, number)
    if held is None:
        msg = f"There is no order {number}: check the number"
        raise NotFoundError(msg)
    return held


async def _show(request: AnyRequest, tx: Tx, form: PackForm, *, at: datetime, status: int = 200) -> Template:
    carriers = sorted(each.title for each in hub_of(request).registry.carriers.values())
    held_by = stopping_holds(form.order.holds)
    values = {"form": form, "carriers": carriers, "held_by": held_by}
    return await render(tx, "pack.html", Frame("orders"), format_of(request, at), values, status=status)

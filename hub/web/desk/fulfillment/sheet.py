"""A pick list as whoever picks sees it, with a scanner, a phone, or by hand."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from itertools import groupby
from typing import Annotated
from urllib.parse import urlencode
from uuid import UUID

from litestar import get, post
from litestar.params import FromPath, FromQuery, QueryParameter
from litestar.response import Redirect, Template
from msgspec import Struct

from hub.channels import picking
from hub.channels.context import HubContext
from hub.flows.orders.pick_short import Short
from hub.kit.clock import now
from hub.kit.ids import uuid7
from hub.model.errors import InputError
from hub.model.orders.picking import Entry
from hub.store.api.picking import PickRow, list_of, pick_rows
from hub.store.picking import books_of
from hub.web.desk.basket import Basket, sku_of
from hub.web.desk.fulfillment.lists import ACTOR, FRAME, progress
from hub.web.desk.page import REFUSED, AnyRequest, fields_of, format_of, hub_of, render

REASONS = ("Not found", "Damaged", "On the wrong shelf", "Expired")


class Stop(Struct, frozen=True):
    """One SKU at one place on the shelves, with the orders it is for."""

    shelf: str
    sku: str
    name: str
    barcode: str
    rows: list[PickRow]

    @property
    def needed(self) -> int:
        return sum(each.needed for each in self.rows)

    @property
    def picked(self) -> int:
        return sum(each.picked - each.surplus for each in self.rows)

    @property
    def missing(self) -> int:
        return max(0, self.needed - self.picked)

    @property
    def short(self) -> int:
        return sum(each.short for each in self.rows)


class OrderView(Struct, frozen=True):
    """One order of a list, in stock units."""

    number: int
    needed: int
    picked: int
    surplus: int
    shipped: int
    short: int
    canceled: bool
    held: list[str]


class Last(Struct, frozen=True):
    """What was entered last: `added` units of `sku`."""

    sku: str = ""
    added: int = 0


@get("/picks/{number:int}", include_in_schema=False)
async def pick_page(
    request: AnyRequest,
    number: FromPath[int],
    last: Annotated[str, QueryParameter(max_length=500)] = "",
    added: FromQuery[int] = 0,
) -> Template:
    return await _render(request, number, Last(last, added), at=now())


@post("/picks/{number:int}/enter", status_code=200, include_in_schema=False)
async def enter_pick(request: AnyRequest, number: FromPath[int]) -> Template | Redirect:
    """One scan or one number; the id of the form makes it count once."""
    given = await fields_of(request)

    async def story(ctx: HubContext, at: datetime) -> str:
        async with ctx.db.transaction() as tx:
            sku = await sku_of(tx, given.get("code", ""))
        entry = Entry(_id_of(given), sku, _units(given.get("count", "")), ACTOR)
        await picking.enter_picks(ctx, number, [entry], at=at)
        return f"?{urlencode({'last': sku, 'added': entry.units})}"

    return await _do(request, number, story, given)


@post("/picks/{number:int}/short", status_code=200, include_in_schema=False)
async def tell_short(request: AnyRequest, number: FromPath[int]) -> Template | Redirect:
    given = await fields_of(request)
    short_id, reason = given.get("id", ""), given.get("reason", "")

    async def story(ctx: HubContext, at: datetime) -> str:
        short = Short(_id_of({"id": short_id}), given.get("sku", ""), reason, given.get("empty") == "yes")
        await picking.tell_short(ctx, number, short, actor=ACTOR, at=at)
        return ""

    return await _do(request, number, story, {})


@post("/picks/{number:int}/back", status_code=200, include_in_schema=False)
async def put_back(request: AnyRequest, number: FromPath[int]) -> Template | Redirect:
    async def story(ctx: HubContext, at: datetime) -> str:
        await picking.put_back(ctx, number, actor=ACTOR, at=at)
        return ""

    return await _do(request, number, story, {})


@post("/picks/{number:int}/drop", status_code=200, include_in_schema=False)
async def drop_list(request: AnyRequest, number: FromPath[int]) -> Template | Redirect:
    async def story(ctx: HubContext, at: datetime) -> str:
        await picking.drop_list(ctx, number, actor=ACTOR, at=at)
        return ""

    return await _do(request, number, story, {})


Story = Callable[[HubContext, datetime], Awaitable[str]]


async def _do(
    request: AnyRequest, number: int, story: Story, given: Mapping[str, str]
) -> Template | Redirect:
    """Show the list again with what was refused; else go on with it. Raises NotFoundError."""
    at = now()
    try:
        query = await story(hub_of(request), at)
    except REFUSED as error:
        return await _render(request, number, Last(), at=at, given=given, problem=str(error), status=422)
    return Redirect(f"/picks/{number}{query}", status_code=303)


def _id_of(given: Mapping[str, str]) -> UUID:
    try:
        return UUID(given.get("id", ""))
    except ValueError as error:
        msg = "this form is not one of the hub: open the list again"
        raise InputError(msg, field="code") from error


def _units(written: str) -> int:
    text = written.replace("−", "-") or "1"
    digits = text.removeprefix("-").removeprefix("+")
    if not (digits.isascii() and digits.isdigit() and len(digits) < 8):
        msg = f"{written[:20]!r} is no number of units: type 3, or -1 to put one back"
        raise InputError(msg, field="count")
    return int(text)


async def _render(
    request: AnyRequest,
    number: int,
    last: Last,
    *,
    at: datetime,
    given: Mapping[str, str] | None = None,
    problem: str = "",
    status: int = 200,
) -> Template:
    """Raises NotFoundError."""
    async with hub_of(request).db.transaction() as tx:
        found, rows = await list_of(tx, number), await pick_rows(tx, number)
        stops = stops_of(rows)
        values = {
            "list": found,
            "bar": progress(found),
            "stops": stops,
            "books": await books_of(tx, number),
            "orders": orders_of(rows),
            "last": next((each for each in stops if each.sku == last.sku), None),
            "added": last.added,
            "given": given or {},
            "typed": Basket(code="", problems={"code": problem} if problem else {}),
            "reasons": REASONS,
            "new_id": uuid7,
        }
        return await render(tx, "pick.html", FRAME, format_of(request, at), values, status=status)


def stops_of(rows: Sequence[PickRow]) -> list[Stop]:
    """In the order of the shelves."""

    def place(row: PickRow) -> tuple[str, str, str, str]:
        return row.shelf, row.sku, row.name, row.barcode

    return [Stop(*key, list(group)) for key, group in groupby(rows, key=place)]


def orders_of(rows: Sequence[PickRow]) -> list[OrderView]:
    """In the order of their numbers."""
    by_order = groupby(sorted(rows, key=lambda row: row.order), key=lambda row: row.order)
    return [_order(number, list(group)) for number, group in by_order]


def _order(number: int, rows: Sequence[PickRow]) -> OrderView:
    sums = [sum(getattr(row, name) for row in rows) for name in ("needed", "surplus", "shipped", "short")]
    needed, surplus, shipped, short = sums
    picked = sum(row.picked for row in rows) - surplus
    return OrderView(number, needed, picked, surplus, shipped, short, rows[0].canceled, rows[0].held)

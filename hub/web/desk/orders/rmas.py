"""Returns as documents on the desk: the list of them, and each with its next step as a form."""

from collections.abc import Mapping
from urllib.parse import urlencode
from uuid import UUID

from litestar import get, post
from litestar.params import FromPath, FromQuery
from litestar.response import Redirect, Template
from msgspec import Struct

from hub.channels.context import HubContext
from hub.channels.returning import (
    ask_for_returns,
    decide_over_goods,
    decide_over_returns,
    receive_goods,
    settle_returns,
    take_goods_back,
)
from hub.flows.orders.settle import Settlement, default_units
from hub.kit.clock import now
from hub.kit.ids import uuid7
from hub.model.errors import InputError, NotFoundError
from hub.model.orders.payments import Account, Tender
from hub.model.orders.refunds import NOTHING, Bill, Swap, Worth, worth_of
from hub.model.orders.returns import Decision
from hub.model.orders.rmas import NEXT, OPEN, Arrival, Asked, Request, Rma, State, Step, Wish
from hub.model.stock.locations import Location
from hub.store import returns, rmas
from hub.store.db import Tx
from hub.store.desk.stock import find_items
from hub.store.payments import accounts_of
from hub.store.refunds import bills_of
from hub.store.returns import Return
from hub.store.stock import locations
from hub.web.desk.orders.draft import read_quantity
from hub.web.desk.orders.order import render_order
from hub.web.desk.orders.refunds import amount_of, tender_of
from hub.web.desk.orders.returns import (
    form_id,
    part_id,
    place_of,
    read_comebacks,
    read_disposition,
    some_units,
)
from hub.web.desk.page import REFUSED, AnyRequest, Frame, fields_of, format_of, hub_of, render

ACTOR = "desk"
PAGE_ROWS = 50
GOODS_MAX = 1000  # on one page: each that lies aside is decided there
SWAPS = 3  # rows of the form; more goods go out by further orders
NEWEST = 2**62
NOTHING_TYPED: Mapping[str, str] = {}
SHOWS: Mapping[str, tuple[State, ...]] = {
    "to decide": (State.REQUESTED,),
    "on their way": (State.APPROVED,),
    "to look at": (State.RECEIVED,),
    "to settle": (State.INSPECTED,),
    "all open": tuple(sorted(OPEN)),
    "done": tuple(sorted({*State} - OPEN)),
}


class RmaView(Struct, frozen=True):
    """An RMA with all that its next step asks for; `worth` is what settling gives back if nobody says otherwise."""

    rma: Rma
    goods: list[Return]
    places: list[Location]
    account: Account
    bill: Bill
    worth: Worth
    command_id: str
    tenders: list[str]

    @property
    def can(self) -> set[str]:
        return {str(step) for was, step in NEXT if was is self.rma.state}


@get("/returns", include_in_schema=False)
async def rmas_page(
    request: AnyRequest, show: FromQuery[str] = "all open", before: FromQuery[int] = NEWEST
) -> Template:
    at, ctx = now(), hub_of(request)
    shown = show if show in SHOWS else "all open"
    async with ctx.db.transaction() as tx:
        found = await rmas.list_rmas(tx, states=SHOWS[shown], before=before, limit=PAGE_ROWS + 1)
        page, more = found[:PAGE_ROWS], len(found) > PAGE_ROWS
        values = {
            "rmas": page,
            "show": shown,
            "shows": list(SHOWS),
            "first": f"/returns?{urlencode({'show': shown})}" if before != NEWEST else "",
            "more": f"/returns?{urlencode({'show': shown, 'before': page[-1].number})}" if more else "",
        }
        return await render(tx, "rmas.html", Frame("orders", "orders"), format_of(request, at), values)


@get("/returns/{number:int}", include_in_schema=False)
async def rma_page(request: AnyRequest, number: FromPath[int]) -> Template:
    return await _render(request, number)


@post("/orders/{number:int}/ask", status_code=200, include_in_schema=False)
async def ask_return(request: AnyRequest, number: FromPath[int]) -> Redirect | Template:
    """Open an RMA of an order, and go on with it. The same form again is the same RMA."""
    ctx, given = hub_of(request), await fields_of(request)
    try:
        async with ctx.db.transaction() as tx:
            out = await returns.lines_out(tx, number)
        wish, reason = _wish(given), given.get("reason", "")
        units = some_units(given, [line.id for line in out])
        lines = [Asked(line_id, count, wish, reason) for line_id, count in units.items()]
        wanted = Request(form_id(given), lines, approved=given.get("approved") == "yes")
        (rma,) = await ask_for_returns(ctx, [wanted], actor=ACTOR, at=now())
    except REFUSED as error:
        return await render_order(request, number, problem=str(error), typed={"ask": given}, status=422)
    return Redirect(f"/returns/{rma}", status_code=303)


@post("/orders/{number:int}/returns", status_code=200, include_in_schema=False)
async def take_return(request: AnyRequest, number: FromPath[int]) -> Redirect | Template:
    """Take back what the form says, and go on with the order."""
    ctx, given = hub_of(request), await fields_of(request)
    try:
        async with ctx.db.transaction() as tx:
            out = await returns.lines_out(tx, number)
        await take_goods_back(ctx, read_comebacks(given, [line.id for line in out]), actor=ACTOR, at=now())
    except REFUSED as error:
        return await render_order(request, number, problem=str(error), typed={"take": given}, status=422)
    return Redirect(f"/orders/{number}", status_code=303)


@post("/orders/{number:int}/returns/{goods:uuid}", status_code=200, include_in_schema=False)
async def inspect_return(
    request: AnyRequest, number: FromPath[int], goods: FromPath[UUID]
) -> Redirect | Template:
    """Somebody has looked at goods that lay aside."""
    ctx, given = hub_of(request), await fields_of(request)
    try:
        decision = Decision(goods, read_disposition(given), given.get("location") or None)
        await decide_over_goods(ctx, [decision], actor=ACTOR, at=now())
    except REFUSED as error:
        return await render_order(request, number, problem=str(error), status=422)
    return Redirect(f"/orders/{number}", status_code=303)


@post("/returns/{number:int}/decide", status_code=200, include_in_schema=False)
async def decide_return(request: AnyRequest, number: FromPath[int]) -> Redirect | Template:
    """Approve, decline, or call off."""
    ctx, given = hub_of(request), await fields_of(request)
    try:
        step = _step(given)
        await decide_over_returns(ctx, [number], step, note=given.get("reason", ""), actor=ACTOR, at=now())
    except REFUSED as error:
        return await _render(request, number, given=given, problem=str(error), status=422)
    return Redirect(f"/returns/{number}", status_code=303)


@post("/returns/{number:int}/receive", status_code=200, include_in_schema=False)
async def receive_return(request: AnyRequest, number: FromPath[int]) -> Redirect | Template:
    """Take in what arrived; the same form again changes nothing."""
    ctx, given = hub_of(request), await fields_of(request)
    try:
        async with ctx.db.transaction() as tx:
            rma = await _read(tx, number)
        became, command = read_disposition(given), form_id(given)
        place = place_of(given, became)
        units = some_units(given, [line.line_id for line in rma.lines])
        arrivals = [
            Arrival(part_id(command, line_id), number, line_id, count, became, place)
            for line_id, count in units.items()
        ]
        await receive_goods(ctx, arrivals, actor=ACTOR, at=now())
    except REFUSED as error:
        return await _render(request, number, given=given, problem=str(error), status=422)
    return Redirect(f"/returns/{number}", status_code=303)


@post("/returns/{number:int}/inspect", status_code=200, include_in_schema=False)
async def inspect_goods(request: AnyRequest, number: FromPath[int]) -> Redirect | Template:
    """Say what becomes of goods that lay aside."""
    ctx, given = hub_of(request), await fields_of(request)
    try:
        goods = form_id(given, "goods")
        decision = Decision(goods, read_disposition(given), given.get("location") or None)
        await decide_over_goods(ctx, [decision], actor=ACTOR, at=now())
    except REFUSED as error:
        return await _render(request, number, given=given, problem=str(error), status=422)
    return Redirect(f"/returns/{number}", status_code=303)


@post("/returns/{number:int}/settle", status_code=200, include_in_schema=False)
async def settle_return(request: AnyRequest, number: FromPath[int]) -> Redirect | Template:
    """Give back what is typed, or what came back is worth; send what is typed out in exchange."""
    ctx, given = hub_of(request), await fields_of(request)
    try:
        wanted = Settlement(
            form_id(given),
            number,
            shipping=amount_of(given, "shipping") or NOTHING,
            amount=amount_of(given, "amount"),
            swaps=await _swaps(ctx, given),
            tender=tender_of(given),
            reason=given.get("reason", ""),
        )
        await settle_returns(ctx, [wanted], actor=ACTOR, at=now())
    except REFUSED as error:
        return await _render(request, number, given=given, problem=str(error), status=422)
    return Redirect(f"/returns/{number}", status_code=303)


async def _render(
    request: AnyRequest,
    number: int,
    *,
    given: Mapping[str, str] = NOTHING_TYPED,
    problem: str = "",
    status: int = 200,
) -> Template:
    """What was `given` stands in the forms again."""
    at, ctx = now(), hub_of(request)
    async with ctx.db.transaction() as tx:
        view = await _view(tx, await _read(tx, number))
        values = {"view": view, "given": given, "problem": problem, "swaps": range(SWAPS)}
        frame = Frame("orders", "orders,stock")
        return await render(tx, "rma.html", frame, format_of(request, at), values, status=status)


async def _read(tx: Tx, number: int) -> Rma:
    found = (await rmas.read_rmas(tx, [number])).get(number)
    if found is None:
        msg = f"There is no RMA {number}: see the list of returns."
        raise NotFoundError(msg)
    return found


async def _view(tx: Tx, rma: Rma) -> RmaView:
    bill = (await bills_of(tx, [rma.order_id]))[rma.order_id]
    return RmaView(
        rma,
        await returns.list_returns(tx, rma=rma.number, limit=GOODS_MAX),
        await locations.all_locations(tx),
        (await accounts_of(tx, [rma.order]))[rma.order],
        bill,
        worth_of(bill, default_units(rma, bill)),
        str(uuid7()),
        [each.value for each in Tender],
    )


def _wish(given: Mapping[str, str]) -> Wish:
    return Wish.EXCHANGE if given.get("wish") == Wish.EXCHANGE else Wish.REFUND


def _step(given: Mapping[str, str]) -> Step:
    try:
        return Step(given.get("step", ""))
    except ValueError as error:
        msg = "say approve, decline or cancel: load the page again"
        raise InputError(msg, field="step") from error


async def _swaps(ctx: HubContext, given: Mapping[str, str]) -> list[Swap]:
    """Each row with an item: a SKU, its name or its barcode; without a price it is as good as what came back."""
    words = {row: given[f"item-{row}"] for row in range(SWAPS) if given.get(f"item-{row}")}
    if not words:
        return []
    async with ctx.db.transaction() as tx:
        found = await find_items(tx, list(words.values()))
    swaps = []
    for row, word in words.items():
        item, count = found.get(word), read_quantity(given.get(f"count-{row}") or "1")
        if item is None or count is None:
            msg = f"“{word}” cannot go out: type a SKU as it stands on Stock, and how many"
            raise InputError(msg, field="exchange")
        swaps.append(Swap(item.sku, count, amount_of(given, f"price-{row}")))
    return swaps


rma_pages = [
    rmas_page,
    rma_page,
    ask_return,
    take_return,
    inspect_return,
    decide_return,
    receive_return,
    inspect_goods,
    settle_return,
]

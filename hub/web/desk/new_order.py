"""A new order by phone or e-mail: a plain form that keeps what was typed; script only makes it faster."""

from collections.abc import Mapping
from datetime import datetime

from litestar import get, post
from litestar.response import Redirect, Template
from msgspec import structs

from hub.channels.context import HubContext
from hub.channels.forms import take_form
from hub.kit.clock import now
from hub.kit.ids import uuid7
from hub.model.errors import InputError, OutOfStockError
from hub.spec import MalformedError
from hub.store.db import Tx
from hub.store.desk.channels import ChannelName, name_channels
from hub.store.desk.order import number_of
from hub.store.desk.stock import Suggestion, find_items, usual_currency
from hub.web.desk.draft import (
    METHODS,
    PAYMENTS,
    Draft,
    DraftLine,
    check_draft,
    new_draft,
    price_of,
    read_draft,
    read_quantity,
    to_manual_order,
    total_of,
    with_prices,
)
from hub.web.desk.page import AnyRequest, Frame, format_of, hub_of, render

Found = Mapping[str, Suggestion]


@get("/orders/new", include_in_schema=False)
async def new_order_page(request: AnyRequest) -> Template:
    at, ctx = now(), hub_of(request)
    async with ctx.db.transaction() as tx:
        channels = await promising_channels(tx, ctx)
        first = channels[0].slug if channels else ""
        draft = new_draft(str(uuid7()), channel=first, currency=await usual_currency(tx))
        return await _form(request, tx, draft, {}, at=at)


@post("/orders/new", status_code=200, include_in_schema=False)
async def accept_order(request: AnyRequest) -> Template | Redirect:
    """Accept the order, or answer with the form: what was typed, and at each field what is wrong with it."""
    at, ctx = now(), hub_of(request)
    form = await request.form()
    single = {name: str(value) for name, value in form.items()}
    texts = ([str(value) for value in form.getall(name, [])] for name in ("item", "quantity", "price"))
    draft = read_draft(single, *texts, fresh_id=str(uuid7()))
    async with ctx.db.transaction() as tx:
        found = await find_items(tx, [line.item for line in draft.lines if line.item])
        channels = await promising_channels(tx, ctx)
        if single.get("do") == "add":
            more = structs.replace(draft, lines=[*draft.lines, DraftLine()])
            return await _form(request, tx, with_prices(more, found), found, at=at)
        problems = check_draft(draft, found, [each.slug for each in channels])
        if problems:
            return await _form(request, tx, draft, found, at=at, problems=problems)
        number = await number_of(tx, draft["channel"], draft.command_id)
    if number is None:
        return await _take(request, ctx, draft, found, at=at)
    return _accepted(number)


async def promising_channels(tx: Tx, ctx: HubContext) -> list[ChannelName]:
    """The channels on which the hub itself makes the promise: those a person types orders for."""
    promising = {kind for kind, each in ctx.registry.kinds.items() if not each.manifest.orders_are_facts}
    return [channel for channel in await name_channels(tx) if channel.kind in promising]


async def _take(
    request: AnyRequest, ctx: HubContext, draft: Draft, found: Found, *, at: datetime
) -> Template | Redirect:
    """A refused draft keeps its command id, so that its refused message, tried again later, is no second order."""
    try:
        taken = await take_form(ctx, draft["channel"], to_manual_order(draft, found, at=at), at=at)
    except OutOfStockError as error:
        problems = short_lines(draft, error.short)
    except MalformedError as error:
        problems = {"form": str(error)}
    except InputError as error:
        problems = {error.field if error.field in draft.fields else "form": str(error)}
    else:
        return _accepted(taken.number)
    async with ctx.db.transaction() as tx:
        now_available = await find_items(tx, [line.item for line in draft.lines if line.item])
        return await _form(request, tx, draft, now_available, at=at, problems=problems)


def short_lines(draft: Draft, short: Mapping[int, int]) -> dict[str, str]:
    """Lead the positions of the lines that were sent back to the rows of the form."""
    rows = [index for index, line in enumerate(draft.lines) if not line.is_blank]
    problems = {
        f"quantity-{rows[position]}": f"{missing} short"
        for position, missing in short.items()
        if position < len(rows)
    }
    return problems | {"form": "There is not enough stock for this order. Nothing was taken."}


async def _form(
    request: AnyRequest,
    tx: Tx,
    draft: Draft,
    found: Found,
    *,
    at: datetime,
    problems: Mapping[str, str] | None = None,
) -> Template:
    shown = with_prices(draft, found)
    by_sku = {each.sku: each for each in found.values()}
    values = {
        "draft": shown,
        "problems": problems or {},
        "channels": await promising_channels(tx, hub_of(request)),
        "found": {**found, **by_sku},
        "amounts": [
            (read_quantity(line.quantity) or 0) * (price_of(line, by_sku) or 0) for line in shown.lines
        ],
        "total": total_of(shown, by_sku),
        "payments": PAYMENTS,
        "methods": METHODS,
    }
    status = 422 if problems else 200
    return await render(tx, "new_order.html", Frame("new"), format_of(request, at), values, status=status)


def _accepted(number: int) -> Redirect:
    return Redirect(f"/orders/{number}?accepted=yes", status_code=303)

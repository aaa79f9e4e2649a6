"""A new order by phone or e-mail: a plain form that keeps what was typed; script only makes it faster."""

from collections.abc import Mapping
from datetime import datetime

from litestar import get, post
from litestar.response import Redirect, Template
from msgspec import Struct, structs

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
from hub.web.desk.orders.draft import (
    METHODS,
    PAYMENTS,
    Draft,
    DraftLine,
    check_draft,
    new_draft,
    price_of,
    read_draft,
    read_quantity,
    skus_of,
    to_manual_order,
    total_of,
    with_prices,
)
from hub.web.desk.orders.people import Look, look_up, sort_identity, take_over
from hub.web.desk.page import AnyRequest, Frame, format_of, hub_of, render

Found = Mapping[str, Suggestion]
AGAIN = (
    "This customer has just ordered the same: see above the button. Accept again to take it a second time."
)

WHOM = "Type it, or the e-mail: whoever has ordered before is found by either"


class Sheet(Struct, frozen=True):
    """The form as it stands: what was typed, what its words mean, whom it is for, and what is wrong with it."""

    draft: Draft
    found: Found = {}
    look: Look = Look()
    problems: Mapping[str, str] = {}


@get("/orders/new", include_in_schema=False)
async def new_order_page(request: AnyRequest) -> Template:
    at, ctx = now(), hub_of(request)
    async with ctx.db.transaction() as tx:
        channels = await promising_channels(tx, ctx)
        first = channels[0].slug if channels else ""
        draft = new_draft(str(uuid7()), channel=first, currency=await usual_currency(tx))
        return await _form(request, tx, Sheet(draft), at=at)


@post("/orders/new/known", status_code=200, include_in_schema=False)
async def known_customer(request: AnyRequest) -> Template:
    """While somebody types: who it is, what they ordered last. A post, so that nobody stands in an address (L17)."""
    at, ctx, (draft, _) = now(), hub_of(request), await _read(request)
    async with ctx.db.transaction() as tx:
        sheet = await _sheet(tx, ctx, draft, at=at)
    values = {"look": sheet.look, "fmt": format_of(request, at)}
    return Template("known_now.html", context=values, headers={"cache-control": "no-store"})


@post("/orders/new", status_code=200, include_in_schema=False)
async def accept_order(request: AnyRequest) -> Template | Redirect:
    """Accept the order, or answer with the form: what was typed, and at each field what is wrong with it."""
    at, ctx, (draft, pressed) = now(), hub_of(request), await _read(request)
    async with ctx.db.transaction() as tx:
        sheet = await _sheet(tx, ctx, draft, at=at)
        if pressed != "accept":
            return await _form(request, tx, go_on(sheet, pressed), at=at)
        problems = check_draft(draft, sheet.found, [each.slug for each in await promising_channels(tx, ctx)])
        number = None if problems else await number_of(tx, draft["channel"], draft.command_id)
        if number is None and not problems and unseen(sheet):
            problems = {"form": AGAIN}
        if problems:
            return await _form(request, tx, structs.replace(sheet, problems=problems), at=at)
    if number is None:
        return await _take(request, ctx, sheet, at=at)
    return _accepted(number)


def go_on(sheet: Sheet, pressed: str) -> Sheet:
    """What any button but Accept does: one line more, or the known customer taken over."""
    if pressed == "add":
        more = structs.replace(sheet.draft, lines=[*sheet.draft.lines, DraftLine()])
        return structs.replace(sheet, draft=more)
    if not sheet.look.asked:
        return structs.replace(sheet, problems={"phone": WHOM})
    customer = sheet.look.one(pressed.partition("customer:")[2])
    if customer is None:
        return sheet
    look = structs.replace(sheet.look, taken=customer)
    return structs.replace(sheet, draft=take_over(sheet.draft, customer), look=look)


def unseen(sheet: Sheet) -> bool:
    """Whether the customer has just ordered the same, and the form has not said so yet."""
    shown = sheet.draft["seen"].split()
    return any(str(twin.number) not in shown for twin in sheet.look.twins)


async def promising_channels(tx: Tx, ctx: HubContext) -> list[ChannelName]:
    """The channels on which the hub itself makes the promise: those a person types orders for."""
    promising = {kind for kind, each in ctx.registry.kinds.items() if not each.manifest.orders_are_facts}
    return [channel for channel in await name_channels(tx) if channel.kind in promising]


async def _read(request: AnyRequest) -> tuple[Draft, str]:
    """What was typed, and the button that was pressed."""
    form = await request.form()
    single = {name: str(value) for name, value in form.items()}
    texts = ([str(value) for value in form.getall(name, [])] for name in ("item", "quantity", "price"))
    custom = {str(value).removeprefix("line-") for value in form.getall("custom", [])}
    rows = frozenset(int(each) for each in custom if each.isascii() and each.isdigit() and len(each) < 5)
    draft = read_draft(single, *texts, fresh_id=str(uuid7()), custom=rows)
    return sort_identity(draft), single.get("do", "accept")


async def _sheet(tx: Tx, ctx: HubContext, draft: Draft, *, at: datetime) -> Sheet:
    found = await find_items(tx, [line.item for line in draft.lines if line.item])
    return Sheet(draft, found, await look_up(tx, ctx.vault, draft, skus_of(draft, found), at=at))


async def _take(request: AnyRequest, ctx: HubContext, sheet: Sheet, *, at: datetime) -> Template | Redirect:
    """A refused draft keeps its command id, so that its refused message, tried again later, is no second order."""
    draft = sheet.draft
    try:
        taken = await take_form(ctx, draft["channel"], to_manual_order(draft, sheet.found, at=at), at=at)
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
        again = structs.replace(sheet, found=now_available, problems=problems)
        return await _form(request, tx, again, at=at)


def short_lines(draft: Draft, short: Mapping[int, int]) -> dict[str, str]:
    """Lead the positions of the lines that were sent back to the rows of the form."""
    rows = [index for index, line in enumerate(draft.lines) if not line.is_blank]
    problems = {
        f"quantity-{rows[position]}": f"{missing} short"
        for position, missing in short.items()
        if position < len(rows)
    }
    return problems | {"form": "There is not enough stock for this order. Nothing was taken."}


async def _form(request: AnyRequest, tx: Tx, sheet: Sheet, *, at: datetime) -> Template:
    shown = with_prices(sheet.draft, sheet.found)
    by_sku = {each.sku: each for each in sheet.found.values()}
    values = {
        "draft": shown,
        "look": sheet.look,
        "problems": sheet.problems,
        "channels": await promising_channels(tx, hub_of(request)),
        "found": {**sheet.found, **by_sku},
        "amounts": [
            (read_quantity(line.quantity) or 0) * (price_of(line, by_sku) or 0) for line in shown.lines
        ],
        "total": total_of(shown, by_sku),
        "payments": PAYMENTS,
        "methods": METHODS,
    }
    status = 422 if sheet.problems else 200
    return await render(tx, "new_order.html", Frame("new"), format_of(request, at), values, status=status)


def _accepted(number: int) -> Redirect:
    return Redirect(f"/orders/{number}?accepted=yes", status_code=303)

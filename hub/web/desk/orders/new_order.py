"""A new order by phone or e-mail: a plain form that keeps what was typed; script only makes it faster."""

from collections.abc import Mapping
from datetime import datetime
from functools import partial
from typing import Annotated

from litestar import get, post
from litestar.params import QueryParameter
from litestar.response import Redirect, Template
from msgspec import Struct, structs

from hub.channels.context import HubContext
from hub.channels.drafts import promising_channels
from hub.channels.forms import take_form
from hub.kit.clock import now
from hub.kit.ids import uuid7
from hub.model.errors import InputError, OutOfStockError
from hub.model.orders.fields import FIELDS_MAX, of_lines, of_order
from hub.model.stock.backorders import in_words, when
from hub.spec import MalformedError
from hub.store import drafts
from hub.store.db import Tx
from hub.store.desk.order import number_of
from hub.store.desk.stock import Suggestion, find_items, usual_currency
from hub.store.order_fields import all_fields
from hub.store.stock.locations import all_locations
from hub.web.desk.orders.draft import (
    KEEPS,
    METHODS,
    OWN_INPUT,
    OWN_LINE_INPUT,
    PAYMENTS,
    Draft,
    DraftLine,
    check_draft,
    keep_minutes,
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
from hub.web.desk.orders.saving import Standing, list_briefs, reopen, save, standing_of
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
    standing: Standing = Standing()
    gone: bool = False


@get("/orders/new", include_in_schema=False)
async def new_order_page(
    request: AnyRequest, draft_id: Annotated[str, QueryParameter(name="draft", max_length=200)] = ""
) -> Template | Redirect:
    """An empty form, or the draft that was begun here or on another machine."""
    at, ctx = now(), hub_of(request)
    async with ctx.db.transaction() as tx:
        if not draft_id:
            return await _form(request, tx, Sheet(await _blank(tx, ctx)), at=at)
        opened = await reopen(tx, ctx.vault, draft_id)
        if opened is None:
            return await _gone(request, tx, draft_id, at=at)
        draft, kept = opened
        sheet = await _sheet(tx, ctx, draft, at=at)
        standing = await standing_of(tx, draft, kept, sheet.found)
        return await _form(request, tx, structs.replace(sheet, standing=standing), at=at)


async def _gone(request: AnyRequest, tx: Tx, draft_id: str, *, at: datetime) -> Template | Redirect:
    ctx = hub_of(request)
    ids = [row.id for row in await promising_channels(tx, ctx)]
    accepted = await drafts.accepted_as(tx, ids, [draft_id])
    if draft_id in accepted:
        return Redirect(f"/orders/{accepted[draft_id]}", status_code=303)
    return await _form(request, tx, Sheet(await _blank(tx, ctx), gone=True), at=at)


async def _blank(tx: Tx, ctx: HubContext) -> Draft:
    channels = await promising_channels(tx, ctx)
    first = channels[0].slug if channels else ""
    return new_draft(str(uuid7()), channel=first, currency=await usual_currency(tx))


@post("/orders/new/known", status_code=200, include_in_schema=False)
async def known_customer(request: AnyRequest) -> Template:
    """While somebody types: who it is, what they ordered last. A post, so that nobody stands in an address (L17)."""
    at, ctx, (draft, _) = now(), hub_of(request), await _read(request)
    async with ctx.db.transaction() as tx:
        sheet = await _sheet(tx, ctx, draft, at=at)
    values = {"look": sheet.look, "fmt": format_of(request, at)}
    return Template("known_now.html", context=values, headers={"cache-control": "no-store"})


@post("/orders/new/save", status_code=200, include_in_schema=False)
async def save_typed(request: AnyRequest) -> Template:
    """While somebody types: keep it, reserve its stock, and say how that stands."""
    at, ctx, (draft, _) = now(), hub_of(request), await _read(request)
    async with ctx.db.transaction() as tx:
        found = await find_items(tx, [line.item for line in draft.lines if line.item])
    standing = await save(ctx, draft, found, at=at)
    values = {
        "draft": draft,
        "found": found,
        "standing": standing,
        "late_words": partial(in_words, at=at),
        "when": partial(when, at=at),
        "minutes": keep_minutes(draft, ctx.config.draft_minutes),
        "fmt": format_of(request, at),
    }
    return Template("draft_now.html", context=values, headers={"cache-control": "no-store"})


@post("/orders/new", status_code=200, include_in_schema=False)
async def accept_order(request: AnyRequest) -> Template | Redirect:
    """Accept the order, or answer with the form: what was typed, and at each field what is wrong with it."""
    at, ctx, (draft, pressed) = now(), hub_of(request), await _read(request)
    async with ctx.db.transaction() as tx:
        sheet = await _sheet(tx, ctx, draft, at=at)
        if pressed != "accept":
            sheet, number, problems = go_on(sheet, pressed), None, {}
        else:
            slugs = [each.slug for each in await promising_channels(tx, ctx)]
            problems = check_draft(draft, sheet.found, slugs, await all_fields(tx))
            number = None if problems else await number_of(tx, draft["channel"], draft.command_id)
            if number is None and not problems and unseen(sheet):
                problems = {"form": AGAIN}
    if number is not None:
        return _accepted(number)
    if problems or pressed != "accept":
        return await _go_on_typing(
            request, ctx, structs.replace(sheet, problems={**sheet.problems, **problems}), at=at
        )
    return await _take(request, ctx, sheet, at=at)


async def _go_on_typing(
    request: AnyRequest, ctx: HubContext, sheet: Sheet, *, at: datetime
) -> Template | Redirect:
    """Keep what was typed and reserve what it asks for; the form again."""
    standing = await save(ctx, sheet.draft, sheet.found, at=at)
    if standing.number is not None:
        return _accepted(standing.number)
    async with ctx.db.transaction() as tx:
        found = await find_items(tx, [line.item for line in sheet.draft.lines if line.item])
        return await _form(request, tx, structs.replace(sheet, found=found, standing=standing), at=at)


def go_on(sheet: Sheet, pressed: str) -> Sheet:
    """What any button but Accept does: one line more, the known customer taken over, or only saved anew."""
    if pressed == "add":
        more = structs.replace(sheet.draft, lines=[*sheet.draft.lines, DraftLine()])
        return structs.replace(sheet, draft=more)
    if pressed != "find" and not pressed.startswith("customer:"):
        return sheet
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


async def _read(request: AnyRequest) -> tuple[Draft, str]:
    """What was typed, and the button that was pressed."""
    form = await request.form()
    single = {name: str(value) for name, value in form.items()}
    texts = ([str(value) for value in form.getall(name, [])] for name in ("item", "quantity", "price"))
    custom = {str(value).removeprefix("line-") for value in form.getall("custom", [])}
    rows = frozenset(int(each) for each in custom if each.isascii() and each.isdigit() and len(each) < 5)
    keys = [name.removeprefix(OWN_LINE_INPUT) for name in single if name.startswith(OWN_LINE_INPUT)]
    own = {
        key: [str(value) for value in form.getall(f"{OWN_LINE_INPUT}{key}", [])] for key in keys[:FIELDS_MAX]
    }
    draft = read_draft(single, *texts, fresh_id=str(uuid7()), custom=rows, own_of_lines=own)
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
        names = (error.field or "", f"{OWN_INPUT}{error.field}")
        problems = {next((each for each in names if each in draft.fields), "form"): str(error)}
    else:
        return _accepted(taken.number)
    return await _go_on_typing(request, ctx, structs.replace(sheet, problems=problems), at=at)


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
    ctx, shown = hub_of(request), with_prices(sheet.draft, sheet.found)
    by_sku = {each.sku: each for each in sheet.found.values()}
    own = await all_fields(tx)
    values = {
        "draft": shown,
        "look": sheet.look,
        "problems": sheet.problems,
        "standing": sheet.standing,
        "late_words": partial(in_words, at=at),
        "when": partial(when, at=at),
        "gone": sheet.gone,
        "minutes": keep_minutes(shown, ctx.config.draft_minutes),
        "keeps": KEEPS,
        "usual_minutes": ctx.config.draft_minutes,
        "drafts": await list_briefs(tx, ctx.vault, but=shown.command_id),
        "channels": await promising_channels(tx, ctx),
        "found": {**sheet.found, **by_sku},
        "amounts": [
            (read_quantity(line.quantity) or 0) * (price_of(line, by_sku) or 0) for line in shown.lines
        ],
        "total": total_of(shown, by_sku),
        "payments": PAYMENTS,
        "methods": METHODS,
        "counters": [each.name for each in await all_locations(tx) if each.pickup],
        "own": of_order(own),
        "own_of_lines": of_lines(own),
    }
    status = 422 if sheet.problems else 200
    return await render(tx, "new_order.html", Frame("new"), format_of(request, at), values, status=status)


def _accepted(number: int) -> Redirect:
    return Redirect(f"/orders/{number}?accepted=yes", status_code=303)

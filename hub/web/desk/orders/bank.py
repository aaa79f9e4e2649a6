"""Bank transfers: what came in, the orders it may pay with the reasons, and one button for each."""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from urllib.parse import urlencode
from uuid import UUID

from litestar import get, post
from litestar.params import FromPath, FromQuery
from litestar.response import Redirect, Template
from msgspec import Struct

from hub.channels.banking import (
    Seen,
    books_what_is_sure,
    match_transfers,
    record_transfers,
    see_transfers,
    set_aside,
    set_rule,
    undo_matches,
)
from hub.channels.context import HubContext
from hub.kit.clock import now
from hub.kit.ids import uuid7
from hub.model.bank.transfers import Match, Payer, State, Transfer
from hub.model.errors import InputError
from hub.store.bank.transfers import FIRST, MatchRow
from hub.store.desk.stock import usual_currency
from hub.web.desk.orders.draft import read_amount
from hub.web.desk.page import REFUSED, AnyRequest, Frame, fields_of, format_of, hub_of, render

ACTOR = "desk"
PAGE_ROWS = 50
ALIKE = "One that says the same was recorded before: nothing was changed. If this is another, record it all the same."


class TransferView(Struct, frozen=True):
    """`command_id` makes a double click one match."""

    seen: Seen
    command_id: str

    @property
    def left(self) -> Decimal:
        return self.seen.row.amount - self.seen.row.matched

    @property
    def pays(self) -> list[MatchRow]:
        return [each for each in self.seen.matches if each.undone_at is None]


@get("/bank", include_in_schema=False)
async def bank_page(
    request: AnyRequest, show: FromQuery[State] = State.OPEN, before: FromQuery[UUID] = FIRST
) -> Template:
    return await _render(request, show, before=before)


@post("/bank", status_code=200, include_in_schema=False)
async def record_transfer(request: AnyRequest) -> Template | Redirect:
    """The same form twice is one transfer; another one that says the same is asked about."""
    given, ctx = await fields_of(request), hub_of(request)
    try:
        done = await record_transfers(ctx, [_transfer(given)], actor=ACTOR, at=now())
    except REFUSED as error:
        return await _render(request, State.OPEN, given=given, problem=str(error), status=422)
    if done.alike:
        return await _render(request, State.OPEN, given=given, problem=ALIKE, is_alike=True, status=422)
    return Redirect("/bank", status_code=303)


@post("/bank/rule", status_code=200, include_in_schema=False)
async def switch_rule(request: AnyRequest) -> Redirect:
    books = (await fields_of(request)).get("books") == "yes"
    await set_rule(hub_of(request), books=books, actor=ACTOR, at=now())
    return Redirect("/bank", status_code=303)


@post("/bank/{transfer_id:uuid}/{deed:str}", status_code=200, include_in_schema=False)
async def settle_transfer(
    request: AnyRequest, transfer_id: FromPath[UUID], deed: FromPath[str]
) -> Template | Redirect:
    """Match, undo, set aside or take up; then on with the same list."""
    given, ctx = await fields_of(request), hub_of(request)
    show = _state(given.get("show", ""))
    try:
        await _settle(ctx, transfer_id, deed, given, at=now())
    except REFUSED as error:
        return await _render(request, show, problem=str(error), status=422)
    return Redirect(f"/bank?{urlencode({'show': show})}", status_code=303)


async def _settle(
    ctx: HubContext, transfer_id: UUID, deed: str, given: Mapping[str, str], *, at: datetime
) -> None:
    match deed:
        case "match":
            order, amount = given.get("order", "").removeprefix("#"), _amount(given)
            if not (order.isascii() and order.isdigit() and len(order) < 16):
                msg = f"{order[:20]!r} is no number of an order: write it as 1042"
                raise InputError(msg, field="order")
            wanted = Match(_id(given, "command_id"), transfer_id, int(order), amount)
            await match_transfers(ctx, [wanted], actor=ACTOR, at=at)
        case "undo":
            await undo_matches(ctx, [_id(given, "match")], actor=ACTOR, at=at)
        case "aside" | "take-up":
            await set_aside(ctx, transfer_id, take_up=deed == "take-up", actor=ACTOR, at=at)
        case _:
            msg = f"{deed[:20]!r} is nothing that can be done with a transfer: load the page again"
            raise InputError(msg)


def _transfer(given: Mapping[str, str]) -> Transfer:
    try:
        booked_on = date.fromisoformat(given.get("booked_on", ""))
    except ValueError as error:
        msg = "say on which day it was booked"
        raise InputError(msg, field="booked_on") from error
    payer = Payer(given.get("payer", ""), given.get("reference", ""))
    currency = given.get("currency", "").upper()
    return Transfer(
        _id(given, "command_id"),
        booked_on,
        _amount(given),
        currency,
        payer,
        given.get("bank_id", ""),
        given.get("another") == "yes",
    )


def _amount(given: Mapping[str, str]) -> Decimal:
    amount = read_amount(given.get("amount", ""))
    if amount is None:
        msg = f"{given.get('amount', '')[:20]!r} is no amount: write it as 25.00"
        raise InputError(msg, field="amount")
    return amount


def _id(given: Mapping[str, str], name: str) -> UUID:
    try:
        return UUID(given.get(name, ""))
    except ValueError as error:
        msg = "the form has no id of its own: load the page again"
        raise InputError(msg, field=name) from error


def _state(words: str) -> State:
    try:
        return State(words)
    except ValueError:
        return State.OPEN


async def _render(
    request: AnyRequest,
    show: State,
    *,
    before: UUID = FIRST,
    given: Mapping[str, str] | None = None,
    problem: str = "",
    is_alike: bool = False,
    status: int = 200,
) -> Template:
    ctx, at = hub_of(request), now()
    found = await see_transfers(ctx, show, before=before, limit=PAGE_ROWS + 1)
    books = await books_what_is_sure(ctx)
    last = found[PAGE_ROWS - 1].row.id if len(found) > PAGE_ROWS else None
    async with ctx.db.transaction() as tx:
        values = {
            "transfers": [TransferView(each, str(uuid7())) for each in found[:PAGE_ROWS]],
            "show": show,
            "shows": list(State),
            "books": books,
            "given": given or {"booked_on": str(at.date()), "currency": await usual_currency(tx)},
            "command_id": (given or {}).get("command_id") or str(uuid7()),
            "problem": problem,
            "is_alike": is_alike,
            "first": f"/bank?{urlencode({'show': show})}" if before != FIRST else "",
            "more": f"/bank?{urlencode({'show': show, 'before': last})}" if last else "",
        }
        frame = Frame("orders", "orders")
        return await render(tx, "bank.html", frame, format_of(request, at), values, status=status)


bank_pages = [bank_page, record_transfer, switch_rule, settle_transfer]

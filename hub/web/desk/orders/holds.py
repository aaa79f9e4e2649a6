"""Holds: what orders wait for, whose each one is, and many of one reason resolved at once, after a look."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from urllib.parse import urlencode

from litestar import get, post
from litestar.params import FromPath, FromQuery
from litestar.response import Redirect, Template
from msgspec import Struct

from hub.channels.holding import hold_orders, resolve_orders
from hub.flows.orders.hold import Resolved, assign_holds
from hub.kit.clock import now
from hub.kit.secrets import Vault
from hub.model.errors import InputError
from hub.model.orders.holds import Hold, Stock, can_be_resolved
from hub.model.orders.states import need_of
from hub.store import holds
from hub.store.holds import HeldFor
from hub.web.desk.orders.draft import read_quantity
from hub.web.desk.orders.order import render_order
from hub.web.desk.page import (
    REFUSED,
    AnyRequest,
    Frame,
    fields_of,
    format_of,
    hub_of,
    name_of,
    open_person,
    render,
)

ACTOR = "desk"
SHOWN_MAX = 100
DUE_H_MAX = 24 * 365


class HoldView(Struct, frozen=True):
    """`overdue`: its time is over."""

    hold: HeldFor
    customer: str
    need: str
    overdue: bool


class Tab(Struct, frozen=True):
    label: str
    href: str
    current: bool
    count: int
    overdue: int = 0


class Asked(Struct, frozen=True):
    """What was ticked and typed; `preview` says what resolving would do, before it is done."""

    ticked: Sequence[int] = ()
    owner: str = ""
    due: str = ""
    problem: str = ""
    preview: Resolved | None = None


@get("/holds", include_in_schema=False)
async def holds_page(request: AnyRequest, reason: FromQuery[str] = "") -> Template:
    return await _render(request, reason, Asked(), at=now())


@post("/holds/resolve", status_code=200, include_in_schema=False)
async def resolve_ticked(request: AnyRequest) -> Template | Redirect:
    """First a look at what would happen, then it happens."""
    at, (reason, asked, given) = now(), await _read(request)
    if not asked.ticked:
        return await _again(request, reason, asked, "Tick the orders that somebody has looked into.", at=at)
    sure = given.get("sure") == "yes"
    try:
        done = await resolve_orders(
            hub_of(request), asked.ticked, reason, actor=ACTOR, at=at, preview=not sure
        )
    except REFUSED as error:
        return await _again(request, reason, asked, str(error), at=at)
    if sure:
        return Redirect(_address(reason), status_code=303)
    return await _render(request, reason, Asked(asked.ticked, preview=done), at=at)


@post("/holds/assign", status_code=200, include_in_schema=False)
async def assign_ticked(request: AnyRequest) -> Template | Redirect:
    """Say who looks after what is ticked, and within how many hours."""
    at, (reason, asked, _) = now(), await _read(request)
    if not asked.ticked or not (asked.owner or asked.due):
        return await _again(
            request, reason, asked, "Tick orders, and say who looks after them or by when.", at=at
        )
    try:
        due_at = read_due(asked.due, at)
        async with hub_of(request).db.transaction() as tx:
            owner = asked.owner or None
            await assign_holds(tx, asked.ticked, reason, owner=owner, due_at=due_at, actor=ACTOR, at=at)
    except REFUSED as error:
        return await _again(request, reason, asked, str(error), at=at)
    await hub_of(request).bell.announce("orders")
    return Redirect(_address(reason), status_code=303)


@post("/orders/{number:int}/hold", status_code=200, include_in_schema=False)
async def hold_order(request: AnyRequest, number: FromPath[int]) -> Template | Redirect:
    """Put this order on hold, from its page."""
    at, given = now(), await fields_of(request)
    stock = Stock.RELEASED if given.get("stock") == Stock.RELEASED else Stock.KEPT
    try:
        due_at = read_due(given.get("due", ""), at)
        reason = given.get("reason", "").lower()
        wanted = Hold(number, reason, given.get("note", ""), given.get("owner", ""), due_at, stock)
        await hold_orders(hub_of(request), [wanted], actor=ACTOR, at=at)
    except REFUSED as error:
        return await render_order(request, number, problem=str(error), status=422)
    return Redirect(f"/orders/{number}", status_code=303)


def read_due(words: str, at: datetime) -> datetime | None:
    """Hours from now; nothing typed is no due time. Raises InputError."""
    if not words:
        return None
    hours = read_quantity(words)
    if hours is None or hours > DUE_H_MAX:
        msg = f"{words[:20]!r} is no number of hours: write 24 for a day"
        raise InputError(msg, field="due")
    return at + timedelta(hours=hours)


async def _read(request: AnyRequest) -> tuple[str, Asked, Mapping[str, str]]:
    form = await request.form()
    given = {name: str(value).strip() for name, value in form.items()}
    picks = [str(each) for each in form.getall("pick", [])]
    ticked = sorted({int(each) for each in picks if each.isascii() and each.isdigit() and len(each) < 16})
    return given.get("reason", ""), Asked(ticked, given.get("owner", ""), given.get("due", "")), given


async def _again(request: AnyRequest, reason: str, asked: Asked, problem: str, *, at: datetime) -> Template:
    again = Asked(asked.ticked, asked.owner, asked.due, problem)
    return await _render(request, reason, again, at=at, status=422)


async def _render(
    request: AnyRequest, reason: str, asked: Asked, *, at: datetime, status: int = 200
) -> Template:
    ctx = hub_of(request)
    async with ctx.db.transaction() as tx:
        counted = await holds.tally(tx, at=at)
        found = await holds.list_holds(tx, reason=reason or None, limit=SHOWN_MAX + 1)
        values = {
            "rows": [_view(each, ctx.vault, at) for each in found[:SHOWN_MAX]],
            "more": len(found) > SHOWN_MAX,
            "tabs": _tabs(counted, reason),
            "reason": reason,
            "resolvable": bool(reason) and can_be_resolved(reason),
            "asked": asked,
        }
        is_asked = bool(asked.preview or asked.problem)  # a page that moves meanwhile would forget it
        frame = Frame("waiting", "" if is_asked else "orders")
        return await render(tx, "holds.html", frame, format_of(request, at), values, status=status)


def _tabs(counted: Sequence[holds.Tally], reason: str) -> list[Tab]:
    every = Tab("All", "/holds", not reason, sum(each.orders for each in counted))
    return [
        every,
        *(
            Tab(
                each.reason.capitalize(),
                _address(each.reason),
                each.reason == reason,
                each.orders,
                each.overdue,
            )
            for each in counted
        ),
    ]


def _address(reason: str) -> str:
    return f"/holds?{urlencode({'reason': reason})}" if reason else "/holds"


def _view(each: HeldFor, vault: Vault, at: datetime) -> HoldView:
    customer = name_of(open_person(vault, each.order_id, each.personal))
    overdue = each.due_at is not None and each.due_at <= at
    return HoldView(each, customer, need_of(each.reason), overdue)


hold_pages = [holds_page, resolve_ticked, assign_ticked, hold_order]

"""Customers: one page for each person, whatever channels they come by; and who is blocked."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from litestar import get, post
from litestar.params import FromPath
from litestar.response import Redirect, Template

from hub.flows.customers import (
    block,
    blocked_list,
    merge,
    show_customer,
    suggest_same,
    unblock,
    unmerge,
    write_about,
)
from hub.flows.orders.keep_people import find_people, read_identity
from hub.kit.clock import now
from hub.model.errors import InputError
from hub.store.db import Tx
from hub.store.desk.customer import past_orders
from hub.web.desk.page import REFUSED, AnyRequest, Frame, fields_of, format_of, hub_of, name_of, render

ACTOR = "desk"
SHOWN_MAX = 100
ORDERS_MAX = 50


@get("/customers", include_in_schema=False)
async def customers_page(request: AnyRequest) -> Template:
    async with hub_of(request).db.transaction() as tx:
        return await _show_all(request, tx, at=now())


@post("/customers", status_code=200, include_in_schema=False)
async def find_customer(request: AnyRequest) -> Template | Redirect:
    """By e-mail or phone, asked in a form so that no address holds it."""
    at, ctx = now(), hub_of(request)
    who = (await fields_of(request)).get("who", "")
    typed = read_identity(who)
    async with ctx.db.transaction() as tx:
        found = await find_people(tx, ctx.vault, typed) if typed else []
        if len(found) == 1:
            return Redirect(f"/customers/{found[0].ids[0]}", status_code=303)
        problem = (
            "" if found else "Nobody is known by this: a whole e-mail address or phone number is needed."
        )
        return await _show_all(request, tx, at=at, who=who, found=found, problem=problem)


async def _show_all(
    request: AnyRequest, tx: Tx, *, at: datetime, who: str = "", found: object = (), problem: str = ""
) -> Template:
    values = {
        "blocked": await blocked_list(tx, hub_of(request).vault, limit=SHOWN_MAX),
        "who": who,
        "found": found,
        "problem_said": problem,
        "name_of": name_of,
    }
    frame, fmt = Frame("orders"), format_of(request, at)
    return await render(tx, "customers.html", frame, fmt, values, status=422 if problem else 200)


@get("/customers/{customer_id:uuid}", include_in_schema=False)
async def customer_page(request: AnyRequest, customer_id: FromPath[UUID]) -> Template:
    async with hub_of(request).db.transaction() as tx:
        return await _show(request, tx, customer_id, at=now())


@post("/customers/{customer_id:uuid}/{deed:str}", status_code=200, include_in_schema=False)
async def settle_customer(
    request: AnyRequest, customer_id: FromPath[UUID], deed: FromPath[str]
) -> Template | Redirect:
    """Write about a customer, block or unblock, merge or part. What was typed stays where it cannot be so."""
    at, ctx, given = now(), hub_of(request), await fields_of(request)
    try:
        async with ctx.db.transaction() as tx:
            shown = await _do(request, tx, customer_id, deed, given, at=at)
    except REFUSED as error:
        field = error.field if isinstance(error, InputError) else "merge"
        async with ctx.db.transaction() as tx:
            return await _show(request, tx, customer_id, at=at, given=given, problems={field: str(error)})
    return Redirect(f"/customers/{shown}", status_code=303)


async def _do(
    request: AnyRequest, tx: Tx, customer_id: UUID, deed: str, given: Mapping[str, str], *, at: datetime
) -> UUID:
    """Return the customer whose page comes next. Raises InputError, WrongStateError, NotFoundError."""
    vault = hub_of(request).vault
    match deed:
        case "about":
            tags = [tag.strip().lower() for tag in given.get("tags", "").split(",") if tag.strip()]
            await write_about(
                tx, vault, customer_id, note=given.get("note", ""), tags=tags, actor=ACTOR, at=at
            )
        case "block":
            await block(tx, vault, customer_id, why=given.get("why", ""), actor=ACTOR, at=at)
        case "unblock":
            await unblock(tx, vault, customer_id, actor=ACTOR, at=at)
        case "merge":
            await merge(tx, vault, UUID(given.get("other", "")), customer_id, actor=ACTOR, at=at)
        case _:
            await unmerge(tx, vault, UUID(given.get("other", "")), actor=ACTOR, at=at)
    return customer_id


async def _show(
    request: AnyRequest,
    tx: Tx,
    customer_id: UUID,
    *,
    at: datetime,
    given: Mapping[str, str] | None = None,
    problems: Mapping[str, str] | None = None,
) -> Template:
    vault = hub_of(request).vault
    customer = await show_customer(tx, vault, customer_id)
    values = {
        "customer": customer,
        "name": name_of(customer.person),
        "name_of": name_of,
        "orders": (await past_orders(tx, customer.ids, each=ORDERS_MAX))[:ORDERS_MAX],
        "maybe": await suggest_same(tx, vault, customer),
        "all_orders": ".".join(map(str, customer.ids)),
        "given": given or {},
        "problems": problems or {},
    }
    frame, fmt = Frame("orders", "orders"), format_of(request, at)
    return await render(tx, "customer.html", frame, fmt, values, status=422 if problems else 200)


customer_pages = [customers_page, find_customer, customer_page, settle_customer]

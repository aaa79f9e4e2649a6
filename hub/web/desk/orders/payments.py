"""The form that records what was paid for an order, or given back."""

from collections.abc import Mapping
from uuid import UUID

from litestar import post
from litestar.params import FromPath
from litestar.response import Redirect, Template

from hub.channels.paying import take_payments
from hub.kit.clock import now
from hub.model.errors import InputError
from hub.model.orders.payments import Entry, Step, Tender
from hub.web.desk.orders.draft import read_amount
from hub.web.desk.orders.order import render_order
from hub.web.desk.page import AnyRequest, fields_of, hub_of

ACTOR = "desk"


@post("/orders/{number:int}/payments", status_code=200, include_in_schema=False)
async def record_payment(request: AnyRequest, number: FromPath[int]) -> Redirect | Template:
    """The same form twice is one payment."""
    given = await fields_of(request)
    try:
        await take_payments(hub_of(request), [_read(given, number)], actor=ACTOR, at=now())
    except InputError as error:
        return await render_order(request, number, problem=str(error), typed={"pay": given}, status=422)
    return Redirect(f"/orders/{number}", status_code=303)


def _read(given: Mapping[str, str], number: int) -> Entry:
    """Raises InputError that says what is missing."""
    try:
        entry_id = UUID(given.get("command_id", ""))
        tender, step = Tender(given.get("tender", "")), Step(given.get("step", ""))
    except ValueError as error:
        msg = "the form names no payment of the hub: load the page again"
        raise InputError(msg) from error
    amount = read_amount(given.get("amount", ""))
    if amount is None:
        msg = f"{given.get('amount', '')[:20]!r} is no amount that was paid: write it as 25.00"
        raise InputError(msg, field="amount")
    return Entry(entry_id, number, tender, step, amount, given.get("reference", ""))

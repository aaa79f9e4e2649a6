"""The form that refunds lines and shipping of an order."""

from collections.abc import Mapping
from decimal import Decimal

from litestar import post
from litestar.params import FromPath
from litestar.response import Redirect, Template

from hub.channels.returning import refund_orders
from hub.flows.orders.give_back import GiveBack
from hub.kit.clock import now
from hub.model.errors import InputError
from hub.model.orders.payments import Tender
from hub.model.orders.refunds import NOTHING
from hub.store.orders import ids_of
from hub.store.refunds import bills_of
from hub.web.desk.orders.draft import read_amount
from hub.web.desk.orders.order import render_order
from hub.web.desk.orders.returns import form_id, units_beside
from hub.web.desk.page import REFUSED, AnyRequest, fields_of, hub_of

ACTOR = "desk"


@post("/orders/{number:int}/refunds", status_code=200, include_in_schema=False)
async def refund_order(request: AnyRequest, number: FromPath[int]) -> Redirect | Template:
    """What was charged for these units goes back; the same form twice is one refund."""
    ctx, given = hub_of(request), await fields_of(request)
    try:
        async with ctx.db.transaction() as tx:
            bills = await bills_of(tx, list((await ids_of(tx, [number])).values()))
        lines = [line_id for bill in bills.values() for line_id in bill.lines]
        wanted = GiveBack(
            form_id(given),
            number,
            units_beside(given, lines),
            amount_of(given, "shipping") or NOTHING,
            tender=tender_of(given),
            reason=given.get("reason", ""),
        )
        await refund_orders(ctx, [wanted], actor=ACTOR, at=now())
    except REFUSED as error:
        return await render_order(request, number, problem=str(error), typed={"refund": given}, status=422)
    return Redirect(f"/orders/{number}", status_code=303)


def amount_of(given: Mapping[str, str], name: str) -> Decimal | None:
    """None where nothing is typed. Raises InputError naming the field."""
    words = given.get(name, "")
    amount = read_amount(words)
    if words and amount is None:
        msg = f"{words[:20]!r} is no amount: write it as 12.50"
        raise InputError(msg, field=name)
    return amount


def tender_of(given: Mapping[str, str]) -> Tender | None:
    words = given.get("tender", "")
    if words and words not in {*Tender}:
        msg = f"{words[:20]!r} is no way to pay: load the page again"
        raise InputError(msg, field="tender")
    return Tender(words) if words else None

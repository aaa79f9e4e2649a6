"""Refunds: what of an order's money goes back, by line or by amount."""

from typing import Annotated
from uuid import UUID

from litestar import Router, get, post
from litestar.di import NamedDependency
from litestar.openapi.spec import Example
from litestar.params import Body, FromPath
from msgspec import Meta, Struct

from hub.channels.context import HubContext
from hub.channels.returning import refund_orders
from hub.flows.orders.give_back import GiveBack
from hub.kit.clock import now
from hub.model.orders.payments import WORDS_MAX, Tender
from hub.model.orders.refunds import REASON_MAX
from hub.store import refunds as store
from hub.web.api.amounts import Amount, decimal_of
from hub.web.api.shipments import LineIn, number_of_order
from hub.web.problems import answers

ACTOR = "api"


class RefundIn(Struct, frozen=True, forbid_unknown_fields=True):
    """`id` is made by you: the same refund sent twice is noted once. `amount` counts instead of what the lines and the
    shipping are worth. With a `tender` it is handed over now; else it is owed until its payment is recorded.
    """

    id: UUID
    lines: Annotated[list[LineIn], Meta(max_length=500)] = []
    shipping: Amount = "0"
    amount: Amount | None = None
    tender: Tender | None = None
    reference: Annotated[str, Meta(max_length=WORDS_MAX)] = ""
    reason: Annotated[str, Meta(max_length=REASON_MAX)] = ""


class RefundsOut(Struct, frozen=True):
    items: list[store.Refund]


_EXAMPLE = {
    "id": "0199a1b2-7c3d-7e4f-8a5b-6c7d8e9f0b1d",
    "lines": [{"line_id": "0199a1b2-7c3d-7e4f-8a5b-6c7d8e9f0a1b", "quantity": 1}],
    "shipping": "4.90",
    "reason": "arrived broken",
}
RefundBody = Annotated[
    RefundIn, Body(examples=[Example(summary="One of a line, and the shipping", value=_EXAMPLE)])
]


@get(
    "/orders/{order_id:uuid}/refunds",
    summary="List the refunds of an order",
    tags=["orders"],
    responses=answers(400, 404),
)
async def list_refunds(hub: NamedDependency[HubContext], order_id: FromPath[UUID]) -> RefundsOut:
    """The oldest first, each with what it is for."""
    return await _refunds(hub, await number_of_order(hub, order_id))


@post(
    "/orders/{order_id:uuid}/refunds",
    status_code=200,
    summary="Refund an order",
    tags=["orders"],
    responses=answers(400, 404, 422),
)
async def post_refund(
    hub: NamedDependency[HubContext], order_id: FromPath[UUID], data: RefundBody
) -> RefundsOut:
    """Whatever has left. A line is worth what was charged for it; never more goes back than was paid."""
    number = await number_of_order(hub, order_id)
    wanted = GiveBack(
        data.id,
        number,
        {each.line_id: each.quantity for each in data.lines},
        decimal_of(data.shipping),
        None if data.amount is None else decimal_of(data.amount),
        tender=data.tender,
        reference=data.reference,
        reason=data.reason,
    )
    await refund_orders(hub, [wanted], actor=ACTOR, at=now())
    return await _refunds(hub, number)


async def _refunds(hub: HubContext, number: int) -> RefundsOut:
    async with hub.db.transaction() as tx:
        return RefundsOut(await store.refunds_of(tx, number))


refund_routes = Router("/", route_handlers=[list_refunds, post_refund])

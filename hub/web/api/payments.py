"""Payments: what was authorized, captured and refunded of an order, by one tender or several."""

from decimal import Decimal
from typing import Annotated
from uuid import UUID

from litestar import Router, get, post
from litestar.di import NamedDependency
from litestar.openapi.spec import Example
from litestar.params import Body, FromPath
from msgspec import Meta, Struct

from hub.channels.context import HubContext
from hub.channels.paying import take_payments
from hub.kit.clock import now
from hub.model.money import Money
from hub.model.orders.payments import WORDS_MAX, Entry, Step, Tender
from hub.store import payments as store
from hub.web.api.amounts import Amount, decimal_of
from hub.web.api.shipments import number_of_order
from hub.web.problems import answers

ACTOR = "api"


class PaymentIn(Struct, frozen=True, forbid_unknown_fields=True):
    """One fact, in the currency of the order; `id` is made by you: the same fact sent twice counts once.

    A refund only records money that was given back: never more than was captured and not refunded yet. `undone` takes
    back a capture that was recorded by mistake.
    """

    id: UUID
    tender: Tender
    step: Step
    amount: Amount
    reference: Annotated[str, Meta(max_length=WORDS_MAX)] = ""


class PaymentOut(Struct, frozen=True):
    """`channel_refund_id` is the channel's own of what it gave back, "" where it is not known; else null. `moved`: the
    split or merge that took so much from the order of `reference`, or, below 0, there.
    """

    id: UUID
    tender: Tender
    step: Step
    amount: Money
    reference: str
    channel_refund_id: str | None
    actor: str
    at: str
    moved: UUID | None = None


class AccountOut(Struct, frozen=True):
    """`by_channel` was captured by the word of the channel alone; `over` was paid too much,
    and `owed` is what somebody said goes back; neither has gone back yet.
    """

    payment: str
    total: Money
    authorized: Money
    captured: Money
    by_channel: Money
    refunded: Money
    due: Money
    over: Money
    owed: Money
    items: list[PaymentOut]


_EXAMPLE = {
    "id": "0199a1b2-7c3d-7e4f-8a5b-6c7d8e9f0d1d",
    "tender": "bank transfer",
    "step": "captured",
    "amount": "49.50",
    "reference": "1042",
}
PaymentBody = Annotated[PaymentIn, Body(examples=[Example(summary="A transfer came in", value=_EXAMPLE)])]


@get(
    "/orders/{order_id:uuid}/payments",
    summary="List the payments of an order",
    tags=["orders"],
    responses=answers(400, 404),
)
async def list_payments(hub: NamedDependency[HubContext], order_id: FromPath[UUID]) -> AccountOut:
    """The oldest first, and what they add up to."""
    return await _account(hub, await number_of_order(hub, order_id))


@post(
    "/orders/{order_id:uuid}/payments",
    status_code=200,
    summary="Record a payment or a refund",
    tags=["orders"],
    responses=answers(400, 404, 422),
)
async def post_payment(
    hub: NamedDependency[HubContext], order_id: FromPath[UUID], data: PaymentBody
) -> AccountOut:
    """An order that is paid in full waits for its payment no more; stock that it lost is promised to it again."""
    number = await number_of_order(hub, order_id)
    entry = Entry(data.id, number, data.tender, data.step, decimal_of(data.amount), data.reference)
    await take_payments(hub, [entry], actor=ACTOR, at=now())
    return await _account(hub, number)


async def _account(hub: HubContext, number: int) -> AccountOut:
    async with hub.db.transaction() as tx:
        account = (await store.accounts_of(tx, [number]))[number]
        found = await store.payments_of(tx, number)

    def exact(amount: Decimal) -> Money:
        return Money(amount, account.currency)

    return AccountOut(
        account.payment,
        exact(account.total),
        exact(account.authorized),
        exact(account.captured),
        exact(account.there),
        exact(account.refunded),
        exact(account.due),
        exact(account.over),
        exact(account.owed),
        [
            PaymentOut(
                each.id,
                each.tender,
                each.step,
                exact(each.amount),
                each.reference,
                each.channel_refund_id,
                each.actor,
                each.at.isoformat(),
                each.moved,
            )
            for each in found
        ],
    )


payment_routes = Router("/", route_handlers=[list_payments, post_payment])

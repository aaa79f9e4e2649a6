"""RMAs: returns as documents, asked for, decided, received in parts, looked at, settled."""

from typing import Annotated
from uuid import UUID

from litestar import Router, get, post
from litestar.di import NamedDependency
from litestar.openapi.spec import Example
from litestar.params import BodyKwarg, FromPath, QueryParameter
from msgspec import Meta, Struct

from hub.channels.context import HubContext
from hub.channels.returning import (
    ask_for_returns,
    decide_over_goods,
    decide_over_returns,
    receive_goods,
    settle_returns,
)
from hub.flows.orders.settle import Settlement
from hub.kit.clock import now
from hub.model.errors import NotFoundError
from hub.model.orders.payments import WORDS_MAX, Tender
from hub.model.orders.refunds import Swap
from hub.model.orders.returns import REASON_MAX, Decision, Disposition
from hub.model.orders.rmas import Arrival, Asked, Request, Rma, State, Step, Wish
from hub.store import rmas as store
from hub.web.api.amounts import Amount, decimal_of
from hub.web.api.paging import LIMIT_DEFAULT, Cursor, Limit, cut, read_cursor, write_cursor
from hub.web.api.returns import Verdict
from hub.web.api.shipments import LineIn
from hub.web.problems import answers

ACTOR = "api"
Reason = Annotated[str, Meta(max_length=REASON_MAX)]
Units = Annotated[int, Meta(ge=1, le=1_000_000)]


class AskedIn(Struct, frozen=True, forbid_unknown_fields=True):
    """`wish` is what the customer wants for it."""

    line_id: UUID
    quantity: Units
    wish: Wish = Wish.REFUND
    reason: Reason = ""


class RmaIn(Struct, frozen=True, forbid_unknown_fields=True):
    """`id` is made by you: the same RMA sent twice is opened once. `approved`: granted at once."""

    id: UUID
    lines: Annotated[list[AskedIn], Meta(min_length=1, max_length=500)]
    approved: bool = False


class DecidedIn(Struct, frozen=True, forbid_unknown_fields=True):
    reason: Reason = ""


class ArrivalIn(Struct, frozen=True, forbid_unknown_fields=True):
    """`id` is made by you: what arrives twice by the same id arrives once. `location` is where restocked units lie."""

    id: UUID
    line_id: UUID
    quantity: Units
    disposition: Disposition = Disposition.INSPECT
    location: str | None = None
    reason: Reason = ""


class ReceivedIn(Struct, frozen=True, forbid_unknown_fields=True):
    lines: Annotated[list[ArrivalIn], Meta(min_length=1, max_length=500)]


class LookedAtIn(Struct, frozen=True, forbid_unknown_fields=True):
    """`id` is that of the goods that came back: see the returns of the order."""

    id: UUID
    disposition: Verdict
    location: str | None = None


class InspectedIn(Struct, frozen=True, forbid_unknown_fields=True):
    goods: Annotated[list[LookedAtIn], Meta(min_length=1, max_length=500)]


class SwapIn(Struct, frozen=True, forbid_unknown_fields=True):
    """Goods that go out in exchange; without a price, for what came back."""

    sku: Annotated[str, Meta(min_length=1, max_length=200)]
    quantity: Units
    unit_price: Amount | None = None


class SettledIn(Struct, frozen=True, forbid_unknown_fields=True):
    """`id` is made by you. Without `lines`, all that came back is worth what was charged for it; what that leaves over
    for `exchange` goes back, or just `amount`: "0" gives nothing back. With a `tender` it is handed over now.
    """

    id: UUID
    lines: Annotated[list[LineIn], Meta(max_length=500)] | None = None
    shipping: Amount = "0"
    amount: Amount | None = None
    exchange: Annotated[list[SwapIn], Meta(max_length=100)] = []
    tender: Tender | None = None
    reference: Annotated[str, Meta(max_length=WORDS_MAX)] = ""
    reason: Reason = ""


class RmasPage(Struct, frozen=True):
    items: list[store.RmaBrief]
    next_cursor: str | None


_LINE = "0199a1b2-7c3d-7e4f-8a5b-6c7d8e9f0a1b"
_ID = "0199a1b2-7c3d-7e4f-8a5b-6c7d8e9f0c1d"


def _example(summary: str, value: object) -> BodyKwarg:
    return BodyKwarg(examples=[Example(summary=summary, value=value)])


RmaBody = Annotated[
    RmaIn,
    _example(
        "One mug, for another one",
        {"id": _ID, "lines": [{"line_id": _LINE, "quantity": 1, "wish": "exchange", "reason": "chipped"}]},
    ),
]
DecidedBody = Annotated[DecidedIn, _example("With a reason", {"reason": "bought two years ago"})]
ReceivedBody = Annotated[
    ReceivedIn, _example("One mug is back", {"lines": [{"id": _ID, "line_id": _LINE, "quantity": 1}]})
]
InspectedBody = Annotated[
    InspectedIn,
    _example("As good as new", {"goods": [{"id": _ID, "disposition": "restock", "location": "main"}]}),
]
SettledBody = Annotated[
    SettledIn,
    _example(
        "A better one for it",
        {"id": _ID, "exchange": [{"sku": "MUG-RED", "quantity": 1, "unit_price": "12.00"}]},
    ),
]
Number = FromPath[int]


@get("/", summary="List RMAs", responses=answers(400))
async def list_rmas(
    hub: NamedDependency[HubContext],
    limit: Limit = LIMIT_DEFAULT,
    cursor: Cursor = None,
    order: Annotated[
        int | None, QueryParameter(ge=1, description="Only of this order, by its number")
    ] = None,
    wanted: Annotated[State | None, QueryParameter(name="state", description="Only in this state")] = None,
) -> RmasPage:
    """The newest first."""
    (before,) = read_cursor(cursor, tuple[int | None], (None,))
    states = [wanted] if wanted else None
    async with hub.db.transaction() as tx:
        found = await store.list_rmas(tx, order=order, states=states, before=before, limit=limit + 1)
    items, more = cut(found, limit)
    return RmasPage(items, write_cursor(items[-1].number) if more else None)


@get("/{number:int}", summary="Show an RMA", responses=answers(400, 404))
async def show_rma(hub: NamedDependency[HubContext], number: Number) -> Rma:
    """With its lines: how many are to come back, are back, and lie aside."""
    return await _shown(hub, number)


@post("/", status_code=200, summary="Ask for a return", responses=answers(400, 404, 422))
async def post_rma(hub: NamedDependency[HubContext], data: RmaBody) -> Rma:
    """Units that were shipped and that no other RMA waits for."""
    lines = [Asked(each.line_id, each.quantity, each.wish, each.reason) for each in data.lines]
    (number,) = await ask_for_returns(hub, [Request(data.id, lines, data.approved)], actor=ACTOR, at=now())
    return await _shown(hub, number)


@post("/{number:int}/approve", status_code=200, summary="Approve a return", responses=answers(400, 404, 409))
async def post_approved(hub: NamedDependency[HubContext], number: Number) -> Rma:
    """The customer may send it."""
    await decide_over_returns(hub, [number], Step.APPROVE, actor=ACTOR, at=now())
    return await _shown(hub, number)


@post("/{number:int}/decline", status_code=200, summary="Decline a return", responses=answers(400, 404, 409))
async def post_declined(hub: NamedDependency[HubContext], number: Number, data: DecidedBody) -> Rma:
    """Nothing is to come back; the units may be asked for again."""
    await decide_over_returns(hub, [number], Step.DECLINE, note=data.reason, actor=ACTOR, at=now())
    return await _shown(hub, number)


@post("/{number:int}/cancel", status_code=200, summary="Call a return off", responses=answers(400, 404, 409))
async def post_canceled(hub: NamedDependency[HubContext], number: Number, data: DecidedBody) -> Rma:
    """Before anything of it has arrived."""
    await decide_over_returns(hub, [number], Step.CANCEL, note=data.reason, actor=ACTOR, at=now())
    return await _shown(hub, number)


@post(
    "/{number:int}/receive",
    status_code=200,
    summary="Receive goods of a return",
    responses=answers(400, 404, 409, 422),
)
async def post_received(hub: NamedDependency[HubContext], number: Number, data: ReceivedBody) -> Rma:
    """All of it or a part; with a disposition at once, or put aside to be looked at."""
    arrivals = [
        Arrival(each.id, number, each.line_id, each.quantity, each.disposition, each.location, each.reason)
        for each in data.lines
    ]
    await receive_goods(hub, arrivals, actor=ACTOR, at=now())
    return await _shown(hub, number)


@post(
    "/{number:int}/inspect",
    status_code=200,
    summary="Say what becomes of goods put aside",
    responses=answers(400, 404, 409, 422),
)
async def post_looked_at(hub: NamedDependency[HubContext], number: Number, data: InspectedBody) -> Rma:
    """Sold again, or scrapped; each once. When nothing lies aside any more, the RMA can be settled."""
    decisions = [Decision(each.id, Disposition(each.disposition), each.location) for each in data.goods]
    await decide_over_goods(hub, decisions, actor=ACTOR, at=now())
    return await _shown(hub, number)


@post(
    "/{number:int}/settle", status_code=200, summary="Settle a return", responses=answers(400, 404, 409, 422)
)
async def post_settled(hub: NamedDependency[HubContext], number: Number, data: SettledBody) -> Rma:
    """Money goes back, goods go out in exchange, or neither; once. What is exchanged is promised, or 409 says short."""
    wanted = Settlement(
        data.id,
        number,
        None if data.lines is None else {each.line_id: each.quantity for each in data.lines},
        decimal_of(data.shipping),
        None if data.amount is None else decimal_of(data.amount),
        [_swap(each) for each in data.exchange],
        data.tender,
        data.reference,
        data.reason,
    )
    await settle_returns(hub, [wanted], actor=ACTOR, at=now())
    return await _shown(hub, number)


def _swap(given: SwapIn) -> Swap:
    return Swap(given.sku, given.quantity, None if given.unit_price is None else decimal_of(given.unit_price))


async def _shown(hub: HubContext, number: int) -> Rma:
    async with hub.db.transaction() as tx:
        found = (await store.read_rmas(tx, [number])).get(number)
    if found is None:
        msg = f"there is no RMA {number}: see the list of RMAs"
        raise NotFoundError(msg)
    return found


rma_routes = Router(
    "/rmas",
    route_handlers=[
        list_rmas,
        show_rma,
        post_rma,
        post_approved,
        post_declined,
        post_canceled,
        post_received,
        post_looked_at,
        post_settled,
    ],
    tags=["returns"],
)

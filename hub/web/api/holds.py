"""Holds: why orders wait for a person, whose each one is, and what resolving many at once would do."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from litestar import Router, get, post
from litestar.di import NamedDependency
from litestar.openapi.spec import Example
from litestar.params import Body, QueryParameter
from msgspec import Meta, Struct

from hub.channels.context import HubContext
from hub.channels.holding import hold_orders, resolve_orders
from hub.flows.orders.hold import assign_holds
from hub.kit.clock import now
from hub.model.incoming import Aware
from hub.model.orders.holds import TEXT_MAX, Hold, Stock
from hub.store import holds as store
from hub.web.api.paging import LIMIT_DEFAULT, Cursor, Limit, cut, read_cursor, write_cursor
from hub.web.problems import answers

ACTOR = "api"
Words = Annotated[str, Meta(max_length=TEXT_MAX)]
Number = Annotated[int, Meta(ge=1, le=2**53)]
Numbers = Annotated[list[Number], Meta(min_length=1, max_length=1000)]
Reason = Annotated[
    str, Meta(min_length=1, max_length=40, description="`review`, `fraud`, or words of your own")
]


class HoldIn(Struct, frozen=True, forbid_unknown_fields=True):
    """`stock` released: what the order is promised is given back until the hold is resolved."""

    order: Number
    reason: Reason
    note: Words = ""
    owner: Words = ""
    due_at: Aware | None = None
    stock: Stock = Stock.KEPT


class HoldsIn(Struct, frozen=True, forbid_unknown_fields=True):
    holds: Annotated[list[HoldIn], Meta(min_length=1, max_length=1000)]


class AssignIn(Struct, frozen=True, forbid_unknown_fields=True):
    """What is null stays as it is."""

    orders: Numbers
    reason: Reason
    owner: Words | None = None
    note: Words | None = None
    due_at: Aware | None = None


class ResolveIn(Struct, frozen=True, forbid_unknown_fields=True):
    """With `preview`, nothing is changed."""

    orders: Numbers
    reason: Reason
    preview: bool = False


class HoldOut(Struct, frozen=True):
    """One hold of one order; `owner` "" is nobody."""

    order_id: UUID
    order: int
    channel: str
    reason: str
    stock: str
    since: datetime
    due_at: datetime | None
    owner: str
    note: str
    put_by: str


class HoldsPage(Struct, frozen=True):
    items: list[HoldOut]
    next_cursor: str | None


class Placed(Struct, frozen=True):
    """How many of the holds were not there before."""

    new: int
    channels_to_tell: int


class Noted(Struct, frozen=True):
    """The orders that have the hold."""

    orders: list[int]


class Ended(Struct, frozen=True):
    """The orders that had the hold, and those of them that are promised their stock again."""

    orders: list[int]
    promised_again: list[int]


_HOLD = {"order": 1042, "reason": "fraud", "note": "another country than the card", "owner": "ada"}
HoldsBody = Annotated[HoldsIn, Body(examples=[Example(summary="Look at it first", value={"holds": [_HOLD]})])]
AssignBody = Annotated[
    AssignIn,
    Body(
        examples=[Example(summary="Ada looks", value={"orders": [1042], "reason": "fraud", "owner": "ada"})]
    ),
]
ResolveBody = Annotated[
    ResolveIn,
    Body(
        examples=[
            Example(
                summary="What would happen",
                value={"orders": [1042, 1043], "reason": "fraud", "preview": True},
            )
        ]
    ),
]


@get("/", summary="List holds", responses=answers(400, 422))
async def list_holds(
    hub: NamedDependency[HubContext],
    limit: Limit = LIMIT_DEFAULT,
    cursor: Cursor = None,
    reason: Annotated[str | None, QueryParameter(description="Only these")] = None,
    owner: Annotated[
        str | None, QueryParameter(description="Only what this person looks after; empty: what nobody does")
    ] = None,
    overdue: Annotated[bool | None, QueryParameter(description="Only those whose time is over")] = None,
) -> HoldsPage:
    """The oldest first."""
    after = read_cursor(cursor, tuple[str, int, str], store.OLDEST)
    due_before = now() if overdue else None
    async with hub.db.transaction() as tx:
        found = await store.list_holds(
            tx, reason=reason, owner=owner, due_before=due_before, after=after, limit=limit + 1
        )
    items, more = cut(found, limit)
    last = write_cursor(items[-1].since, items[-1].order_number, items[-1].reason) if more else None
    return HoldsPage([_out(each) for each in items], last)


@post("/", status_code=200, summary="Put orders on hold", responses=answers(400, 404, 409, 422))
async def post_holds(hub: NamedDependency[HubContext], data: HoldsBody) -> Placed:
    """All of them or none. A hold that is there keeps its age and takes over what is new."""
    wanted = [
        Hold(each.order, each.reason, each.note, each.owner, each.due_at, each.stock) for each in data.holds
    ]
    done = await hold_orders(hub, wanted, actor=ACTOR, at=now())
    return Placed(len(done.new), len(done.touched))


@post("/assign", status_code=200, summary="Say whose holds these are", responses=answers(400, 422))
async def post_assigned(hub: NamedDependency[HubContext], data: AssignBody) -> Noted:
    """Orders without this hold are left out of the answer."""
    async with hub.db.transaction() as tx:
        found = await assign_holds(
            tx,
            data.orders,
            data.reason,
            owner=data.owner,
            note=data.note,
            due_at=data.due_at,
            actor=ACTOR,
            at=now(),
        )
    await hub.bell.announce("orders")
    return Noted(found)


@post(
    "/resolve",
    status_code=200,
    summary="Resolve a hold of many orders",
    responses=answers(400, 404, 409, 422),
)
async def post_resolved(hub: NamedDependency[HubContext], data: ResolveBody) -> Ended:
    """Somebody has looked. Stock that was given back is promised again, as far as there is."""
    done = await resolve_orders(hub, data.orders, data.reason, actor=ACTOR, at=now(), preview=data.preview)
    return Ended(done.numbers, done.again)


def _out(each: store.HeldFor) -> HoldOut:
    same = {name: getattr(each, name) for name in HoldOut.__struct_fields__ if name != "order"}
    return HoldOut(order=each.order_number, **same)


hold_routes = Router(
    "/holds", route_handlers=[list_holds, post_holds, post_assigned, post_resolved], tags=["orders"]
)

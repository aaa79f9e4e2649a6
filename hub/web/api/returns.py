"""Returns: shipped goods that come back, and what becomes of them."""

from enum import StrEnum
from typing import Annotated
from uuid import UUID

from litestar import Router, get, post
from litestar.di import NamedDependency
from litestar.openapi.spec import Example
from litestar.params import Body, FromPath, QueryParameter
from msgspec import Meta, Struct

from hub.channels.context import HubContext
from hub.channels.returning import decide_over_goods, take_goods_back
from hub.kit.clock import now
from hub.model.orders.returns import REASON_MAX, Comeback, Decision, Disposition
from hub.store import returns as store
from hub.web.api.paging import LIMIT_DEFAULT, Cursor, Limit, cut, read_cursor, write_cursor
from hub.web.problems import answers

ACTOR = "api"


class Verdict(StrEnum):
    RESTOCK = "restock"
    SCRAP = "scrap"


class ReturnIn(Struct, frozen=True, forbid_unknown_fields=True):
    """`id` is made by you: the same return sent twice happens once. `location` is where restocked units lie."""

    id: UUID
    line_id: UUID
    quantity: Annotated[int, Meta(ge=1, le=1_000_000)]
    disposition: Disposition
    location: str | None = None
    reason: Annotated[str, Meta(max_length=REASON_MAX)] = ""


class ReturnsIn(Struct, frozen=True, forbid_unknown_fields=True):
    returns: Annotated[list[ReturnIn], Meta(min_length=1, max_length=500)]


class InspectedIn(Struct, frozen=True, forbid_unknown_fields=True):
    disposition: Verdict
    location: str | None = None


class ReturnsPage(Struct, frozen=True):
    items: list[store.Return]
    next_cursor: str | None


class Accepted(Struct, frozen=True):
    """`new` are the returns that had not been taken before."""

    new: list[UUID]
    channels_to_tell: int


_EXAMPLE = {
    "returns": [
        {
            "id": "0199a1b2-7c3d-7e4f-8a5b-6c7d8e9f0a1c",
            "line_id": "0199a1b2-7c3d-7e4f-8a5b-6c7d8e9f0a1b",
            "quantity": 1,
            "disposition": "restock",
            "location": "main",
            "reason": "too small",
        }
    ]
}
InspectedBody = Annotated[
    InspectedIn,
    Body(examples=[Example(summary="As good as new", value={"disposition": "restock", "location": "main"})]),
]
ReturnsBody = Annotated[
    ReturnsIn, Body(examples=[Example(summary="One mug, as good as new", value=_EXAMPLE)])
]


@get("/", summary="List what came back", responses=answers(400, 422))
async def list_returns(
    hub: NamedDependency[HubContext],
    limit: Limit = LIMIT_DEFAULT,
    cursor: Cursor = None,
    order: Annotated[
        int | None, QueryParameter(ge=1, description="Only of this order, by its number")
    ] = None,
    disposition: Annotated[
        Disposition | None, QueryParameter(description="Only these; `inspect` waits to be looked at")
    ] = None,
) -> ReturnsPage:
    """The newest first."""
    (before,) = read_cursor(cursor, tuple[UUID | None], (None,))
    async with hub.db.transaction() as tx:
        found = await store.list_returns(tx, number=order, state=disposition, before=before, limit=limit + 1)
    items, more = cut(found, limit)
    return ReturnsPage(items, write_cursor(items[-1].id) if more else None)


@post("/", status_code=200, summary="Take goods back", responses=answers(400, 404, 422))
async def post_returns(hub: NamedDependency[HubContext], data: ReturnsBody) -> Accepted:
    """All of them or none. Restocked units go to the orders that wait for them; channels are told."""
    comebacks = [
        Comeback(each.id, each.line_id, each.quantity, each.disposition, each.location, each.reason)
        for each in data.returns
    ]
    done = await take_goods_back(hub, comebacks, actor=ACTOR, at=now())
    return Accepted(done.ids, len(done.touched))


@post(
    "/{return_id:uuid}/inspect",
    status_code=200,
    summary="Decide over goods put aside",
    responses=answers(400, 404, 409, 422),
)
async def post_inspected(
    hub: NamedDependency[HubContext], return_id: FromPath[UUID], data: InspectedBody
) -> Accepted:
    """Somebody has looked: sold again, or scrapped. Once."""
    decision = Decision(return_id, Disposition(data.disposition), data.location)
    done = await decide_over_goods(hub, [decision], actor=ACTOR, at=now())
    return Accepted(done.ids, len(done.touched))


return_routes = Router(
    "/returns", route_handlers=[list_returns, post_returns, post_inspected], tags=["returns"]
)

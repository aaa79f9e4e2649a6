"""Many orders canceled at once, after a look; and many edits taken back."""

from typing import Annotated
from uuid import UUID

from litestar import Router, post
from litestar.di import NamedDependency
from litestar.openapi.spec import Example
from litestar.params import Body
from msgspec import Meta, Struct

from hub.channels.context import HubContext
from hub.channels.editing import cancel_and_tell, undo_and_tell
from hub.flows.orders.edit import REASON_MAX
from hub.kit.clock import now
from hub.web.problems import answers

ACTOR = "api"
MANY_MAX = 1000


class CancelIn(Struct, frozen=True, forbid_unknown_fields=True):
    """With `preview`, nothing is changed."""

    orders: Annotated[list[int], Meta(min_length=1, max_length=MANY_MAX)]
    reason: Annotated[str, Meta(max_length=REASON_MAX)] = ""
    preview: bool = False


class CanceledOut(Struct, frozen=True):
    """`orders` are canceled by this; `before`, they had been; of `partly`, something has left, and stays so.

    `units` were promised and come free. `edits` take it back.
    """

    orders: list[int]
    before: list[int]
    partly: list[int]
    units: int
    edits: list[UUID]


class UndoIn(Struct, frozen=True, forbid_unknown_fields=True):
    edits: Annotated[list[UUID], Meta(min_length=1, max_length=MANY_MAX)]


class UndoneOut(Struct, frozen=True):
    """How many were in force until now."""

    undone: int


_ORDERS = {"orders": [1042, 1043], "reason": "the supplier is out", "preview": True}
CancelBody = Annotated[CancelIn, Body(examples=[Example(summary="What would happen", value=_ORDERS)])]
_EDITS = {"edits": ["0199a1b2-7c3d-7e4f-8a5b-6c7d8e9f0a1e"]}
UndoBody = Annotated[UndoIn, Body(examples=[Example(summary="They are wanted after all", value=_EDITS)])]


@post("/cancel", status_code=200, summary="Cancel many orders", responses=answers(400, 404, 422))
async def post_canceled(hub: NamedDependency[HubContext], data: CancelBody) -> CanceledOut:
    """What has not left comes free, once. One that was canceled before stays as it is, and keeps back no other."""
    done = await cancel_and_tell(
        hub, data.orders, reason=data.reason, actor=ACTOR, at=now(), preview=data.preview
    )
    edits = [] if data.preview else done.done.ids
    return CanceledOut(done.numbers, done.before, done.partly, done.units, edits)


@post("/undo", status_code=200, summary="Undo many edits", responses=answers(400, 404, 409))
async def post_undone_many(hub: NamedDependency[HubContext], data: UndoBody) -> UndoneOut:
    """All of them, or none: 409 where a field was changed again since, or what came free is gone."""
    return UndoneOut(len((await undo_and_tell(hub, data.edits, actor=ACTOR, at=now())).ids))


cancel_routes = Router("/orders", route_handlers=[post_canceled, post_undone_many], tags=["orders"])

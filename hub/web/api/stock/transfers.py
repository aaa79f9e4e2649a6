"""Transfers: stock on its way from one location to another."""

from collections.abc import Awaitable, Callable
from typing import Annotated
from uuid import UUID

from litestar import Router, get, post
from litestar.di import NamedDependency
from litestar.openapi.spec import Example
from litestar.params import Body, FromPath, QueryParameter
from msgspec import Meta, Struct

from hub.channels.context import HubContext
from hub.channels.intake import ring_touched
from hub.flows.stock import transfer_stock as flow
from hub.kit.clock import now
from hub.model.errors import NotFoundError
from hub.model.stock.lines import LINES_MAX, UNITS_MAX, summed
from hub.model.stock.transfers import State
from hub.store.db import Tx
from hub.store.stock import transfers as store
from hub.web.api.paging import LIMIT_DEFAULT, Cursor, Limit, cut, read_cursor, write_cursor
from hub.web.api.stock.receipts import Lines, UnitsIn, units_of
from hub.web.problems import answers

ACTOR = "api"
Code = Annotated[str, Meta(min_length=1, max_length=200)]


class TransferIn(Struct, frozen=True, forbid_unknown_fields=True):
    """`id` is made by you: the same draft sent twice is one transfer."""

    id: UUID
    source: Code
    target: Code
    lines: Lines
    note: Annotated[str, Meta(max_length=2000)] = ""


class ChangeIn(Struct, frozen=True, forbid_unknown_fields=True):
    lines: Lines


class CameIn(Struct, frozen=True, forbid_unknown_fields=True):
    sku: Annotated[str, Meta(min_length=1)]
    units: Annotated[int, Meta(ge=0, le=UNITS_MAX)]


class ParcelIn(Struct, frozen=True, forbid_unknown_fields=True):
    """`id` is made by you: the same parcel told twice arrives once. Without `lines` all that is in transit came.

    With `close`, what has not come by now is lost. What is lost, or came without being sent, needs a `reason`.
    """

    id: UUID
    lines: Annotated[list[CameIn], Meta(max_length=LINES_MAX)] | None = None
    close: bool = False
    reason: Annotated[str, Meta(max_length=500)] = ""


class TransfersPage(Struct, frozen=True):
    items: list[store.Transfer]
    next_cursor: str | None


_DRAFT = {
    "id": "0199a1b2-7c3d-7e4f-8a5b-6c7d8e9f0a1c",
    "source": "main",
    "target": "shop",
    "lines": [{"sku": "MUG-BLUE", "units": 12}],
    "note": "for the weekend",
}
_PARCEL = {
    "id": "0199a1b2-7c3d-7e4f-8a5b-6c7d8e9f0a1d",
    "lines": [{"sku": "MUG-BLUE", "units": 11}],
    "close": True,
    "reason": "one broken on the way",
}
_LINES = {"lines": [{"sku": "MUG-BLUE", "units": 6}]}
DraftBody = Annotated[TransferIn, Body(examples=[Example(summary="Twelve mugs to the shop", value=_DRAFT)])]
ChangeBody = Annotated[ChangeIn, Body(examples=[Example(summary="Six mugs only", value=_LINES)])]
ParcelBody = Annotated[ParcelIn, Body(examples=[Example(summary="Eleven of twelve came", value=_PARCEL)])]


@get("/", summary="List transfers", responses=answers(400, 422))
async def list_transfers(
    hub: NamedDependency[HubContext],
    limit: Limit = LIMIT_DEFAULT,
    cursor: Cursor = None,
    in_state: Annotated[State | None, QueryParameter(name="state", description="Only these")] = None,
    location: Annotated[str | None, QueryParameter(description="Only from or to this location")] = None,
) -> TransfersPage:
    """The newest first. `arrivals` are told of a single one only."""
    (before,) = read_cursor(cursor, tuple[int], (store.NUMBER_MAX,))
    async with hub.db.transaction() as tx:
        found = await store.list_transfers(
            tx, before=before, state=in_state, location=location, limit=limit + 1
        )
    items, more = cut(found, limit)
    return TransfersPage(items, write_cursor(items[-1].number) if more else None)


@get("/{number:int}", summary="One transfer", responses=answers(400, 404))
async def show_transfer(hub: NamedDependency[HubContext], number: FromPath[int]) -> store.Transfer:
    """Its lines, what is in transit, and what arrived when."""
    async with hub.db.transaction() as tx:
        return await _read(tx, number)


@post("/", status_code=200, summary="Draft a transfer", responses=answers(400, 404, 422))
async def post_transfer(hub: NamedDependency[HubContext], data: DraftBody) -> store.Transfer:
    """Nothing moves until it is sent."""
    draft = flow.Draft(data.id, data.source, data.target, units_of(data.lines), data.note)
    async with hub.db.transaction() as tx:
        number = await flow.draft_transfer(tx, draft, actor=ACTOR, at=now())
        return await _read(tx, number)


@post("/{number:int}/lines", status_code=200, summary="Change a draft", responses=answers(400, 404, 409, 422))
async def post_lines(
    hub: NamedDependency[HubContext], number: FromPath[int], data: ChangeBody
) -> store.Transfer:
    """These are its lines from now on."""
    async with hub.db.transaction() as tx:
        await flow.change_draft(tx, number, units_of(data.lines), actor=ACTOR, at=now())
        return await _read(tx, number)


@post("/{number:int}/send", status_code=200, summary="Send a transfer", responses=answers(400, 404, 409))
async def post_send(hub: NamedDependency[HubContext], number: FromPath[int]) -> store.Transfer:
    """The units leave their location and are sold by nobody until they come. Promised units are refused.

    One that is sent already stays as it is.
    """
    return await _do(hub, number, lambda tx: flow.send_transfer(tx, number, actor=ACTOR, at=now()))


@post(
    "/{number:int}/receive",
    status_code=200,
    summary="Receive a transfer",
    responses=answers(400, 404, 409, 422),
)
async def post_receive(
    hub: NamedDependency[HubContext], number: FromPath[int], data: ParcelBody
) -> store.Transfer:
    """All of it or a part; orders that waited for the units get them."""
    came = None if data.lines is None else _came(data.lines)
    parcel = flow.Parcel(data.id, came, data.close, data.reason)
    return await _do(hub, number, lambda tx: flow.receive_transfer(tx, number, parcel, actor=ACTOR, at=now()))


@post("/{number:int}/cancel", status_code=200, summary="Cancel a draft", responses=answers(400, 404, 409))
async def post_cancel(hub: NamedDependency[HubContext], number: FromPath[int]) -> store.Transfer:
    """What is sent already cannot be canceled: receive it where it came from, by a transfer back."""
    async with hub.db.transaction() as tx:
        await flow.cancel_transfer(tx, number, actor=ACTOR, at=now())
        return await _read(tx, number)


async def _do(hub: HubContext, number: int, story: Callable[[Tx], Awaitable[set[UUID]]]) -> store.Transfer:
    async with hub.db.transaction() as tx:
        touched = await story(tx)
        found = await _read(tx, number)
    await ring_touched(hub, touched)
    return found


async def _read(tx: Tx, number: int) -> store.Transfer:
    found = await store.read_transfer(tx, number)
    if found is None:
        msg = f"there is no transfer {number}: see the list of transfers"
        raise NotFoundError(msg)
    return found


def _came(lines: list[CameIn]) -> dict[str, int]:
    """What is named with 0 has not come."""
    some = [UnitsIn(each.sku, each.units) for each in lines if each.units]
    named = dict.fromkeys((each.sku for each in lines), 0)
    return named | (summed(units_of(some), what="parcel") if some else {})


transfer_routes = Router(
    "/transfers",
    route_handlers=[
        list_transfers,
        show_transfer,
        post_transfer,
        post_lines,
        post_send,
        post_receive,
        post_cancel,
    ],
    tags=["transfers"],
)

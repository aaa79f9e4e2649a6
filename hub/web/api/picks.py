"""Pick lists: begin one, enter what is picked from any device, say what is not there."""

from typing import Annotated
from uuid import UUID

from litestar import Router, get, post
from litestar.di import NamedDependency
from litestar.openapi.spec import Example
from litestar.params import Body, FromPath, QueryParameter
from msgspec import Meta, Struct

from hub.channels import picking
from hub.channels.context import HubContext
from hub.flows.orders.pick import ORDERS_MAX, NewList
from hub.flows.orders.pick_short import Short
from hub.kit.clock import now
from hub.model.orders.picking import REASON_MAX, Entry, State
from hub.model.stock.lines import LINES_MAX, UNITS_MAX, Units, renamed
from hub.store.api import picking as store
from hub.store.stock.skus import named_skus
from hub.store.stock.transfers import NUMBER_MAX
from hub.web.api.paging import LIMIT_DEFAULT, Cursor, Limit, cut, read_cursor, write_cursor
from hub.web.problems import answers

ACTOR = "api"
Name = Annotated[str, Meta(min_length=1, max_length=200)]


class PickListIn(Struct, frozen=True, forbid_unknown_fields=True):
    """`id` is made by you: the same list begun twice is one. Without `orders`, the `limit` most urgent ones."""

    id: UUID
    location: Name
    orders: Annotated[list[int], Meta(max_length=ORDERS_MAX)] = []
    limit: Annotated[int, Meta(ge=1, le=ORDERS_MAX)] = 20


class EntryIn(Struct, frozen=True, forbid_unknown_fields=True):
    """So many units of a SKU or barcode were taken off the shelf; where negative, put back.

    `id` is made by the device: the same entry sent again counts once.
    """

    id: UUID
    code: Name
    units: Annotated[int, Meta(ge=-UNITS_MAX, le=UNITS_MAX)] = 1
    by: Annotated[str, Meta(max_length=200)] = ""


class EntriesIn(Struct, frozen=True, forbid_unknown_fields=True):
    entries: Annotated[list[EntryIn], Meta(min_length=1, max_length=LINES_MAX)]


class ShortIn(Struct, frozen=True, forbid_unknown_fields=True):
    """All that the list still asks for of the SKU is not there.

    `shelf_is_empty`: the books keep only what pickers have in hand; else only what is missing leaves the books.
    """

    id: UUID
    sku: Name
    reason: Annotated[str, Meta(min_length=1, max_length=REASON_MAX)]
    shelf_is_empty: bool = True


class ListsPage(Struct, frozen=True):
    items: list[store.PickList]
    next_cursor: str | None


class PickListOut(Struct, frozen=True):
    """`items` are in the order of the shelves."""

    head: store.PickList
    items: list[store.PickRow]


class ShortOut(Struct, frozen=True):
    """How many units were missing, and by how many the books changed; both 0 where the list asks for none."""

    missing: int
    change: int
    channels_to_tell: int


class PutBack(Struct, frozen=True):
    units: int


_ID = "0199a1b2-7c3d-7e4f-8a5b-6c7d8e9f0b1e"
_LIST = {"id": _ID, "location": "main", "limit": 20}
_ENTRIES = {"entries": [{"id": "0199a1b2-7c3d-7e4f-8a5b-6c7d8e9f0b1f", "code": "4006381333931", "by": "Ada"}]}
_SHORT = {"id": "0199a1b2-7c3d-7e4f-8a5b-6c7d8e9f0b20", "sku": "MUG-BLUE", "reason": "not found"}
ListBody = Annotated[PickListIn, Body(examples=[Example(summary="The twenty most urgent", value=_LIST)])]
EntriesBody = Annotated[EntriesIn, Body(examples=[Example(summary="One scan", value=_ENTRIES)])]
ShortBody = Annotated[ShortIn, Body(examples=[Example(summary="The shelf is empty", value=_SHORT)])]


@get("/", summary="List pick lists", responses=answers(400, 422))
async def list_picks(
    hub: NamedDependency[HubContext],
    limit: Limit = LIMIT_DEFAULT,
    cursor: Cursor = None,
    in_state: Annotated[State | None, QueryParameter(name="state", description="Only these")] = None,
    location: Annotated[str | None, QueryParameter(description="Only of this location")] = None,
) -> ListsPage:
    """The newest first, with how far each is."""
    (before,) = read_cursor(cursor, tuple[int], (NUMBER_MAX,))
    async with hub.db.transaction() as tx:
        found = await store.list_lists(tx, before=before, state=in_state, location=location, limit=limit + 1)
    items, more = cut(found, limit)
    return ListsPage(items, write_cursor(items[-1].number) if more else None)


@get("/{number:int}", summary="One pick list", responses=answers(400, 404))
async def show_picks(hub: NamedDependency[HubContext], number: FromPath[int]) -> PickListOut:
    """What is to be taken from which shelf for which order, and what of it changed meanwhile."""
    async with hub.db.transaction() as tx:
        return PickListOut(await store.list_of(tx, number), await store.pick_rows(tx, number))


@post("/", status_code=200, summary="Begin a pick list", responses=answers(400, 404, 409, 422))
async def post_picks(hub: NamedDependency[HubContext], data: ListBody) -> store.PickList:
    """Orders that are held or on another list are left out; so are those that lack something, unless named."""
    new = NewList(data.id, data.location, data.orders, data.limit)
    return await picking.begin_picking(hub, new, actor=ACTOR, at=now())


@post("/{number:int}/entries", status_code=200, summary="Enter picks", responses=answers(400, 404, 409, 422))
async def post_entries(
    hub: NamedDependency[HubContext], number: FromPath[int], data: EntriesBody
) -> store.PickList:
    """All of them or none; from any number of devices at once."""
    async with hub.db.transaction() as tx:
        names = await named_skus(tx, [each.code for each in data.entries])
    skus = renamed([Units(each.code, 1) for each in data.entries], names)
    entries = [
        Entry(each.id, named.sku, each.units, each.by) for each, named in zip(data.entries, skus, strict=True)
    ]
    return await picking.enter_picks(hub, number, entries, at=now())


@post("/{number:int}/short", status_code=200, summary="Pick short", responses=answers(400, 404, 409, 422))
async def post_short(hub: NamedDependency[HubContext], number: FromPath[int], data: ShortBody) -> ShortOut:
    """The books are corrected, and the orders get it from another location, or are held."""
    short = Short(data.id, data.sku, data.reason, data.shelf_is_empty)
    done = await picking.tell_short(hub, number, short, actor=ACTOR, at=now())
    return ShortOut(done.missing, done.change, len(done.touched))


@post("/{number:int}/back", status_code=200, summary="Put back", responses=answers(400, 404, 409))
async def post_back(hub: NamedDependency[HubContext], number: FromPath[int]) -> PutBack:
    """What was in hand for nothing lies on its shelf again: of orders that were changed or canceled meanwhile."""
    return PutBack(await picking.put_back(hub, number, actor=ACTOR, at=now()))


@post("/{number:int}/drop", status_code=200, summary="Drop a pick list", responses=answers(400, 404, 409))
async def post_drop(hub: NamedDependency[HubContext], number: FromPath[int]) -> store.PickList:
    """What was picked goes back to its shelf; the orders keep what is promised to them."""
    return await picking.drop_list(hub, number, actor=ACTOR, at=now())


pick_routes = Router(
    "/picks",
    route_handlers=[list_picks, show_picks, post_picks, post_entries, post_short, post_back, post_drop],
    tags=["picking"],
)

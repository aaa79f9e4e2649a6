"""Shelves: where at a location each SKU lies, so that pick lists follow the way a person walks."""

from typing import Annotated

from litestar import Router, get, post
from litestar.di import NamedDependency
from litestar.openapi.spec import Example
from litestar.params import Body, QueryParameter
from msgspec import Meta, Struct

from hub.channels.context import HubContext
from hub.flows.stock.set_shelves import set_shelves
from hub.kit.clock import now
from hub.model.orders.picking import SHELF_MAX
from hub.store.picking import Shelved, shelves_of
from hub.web.api.paging import LIMIT_DEFAULT, Cursor, Limit, cut, read_cursor, write_cursor
from hub.web.problems import answers

Name = Annotated[str, Meta(min_length=1, max_length=200)]


class ShelfIn(Struct, frozen=True, forbid_unknown_fields=True):
    """An empty `shelf` forgets where it was. Pick lists are sorted by it as text."""

    sku: Name
    location: Name
    shelf: Annotated[str, Meta(max_length=SHELF_MAX)]


class ShelvesIn(Struct, frozen=True, forbid_unknown_fields=True):
    shelves: Annotated[list[ShelfIn], Meta(min_length=1, max_length=500)]


class ShelvesPage(Struct, frozen=True):
    items: list[Shelved]
    next_cursor: str | None


class ShelvesSet(Struct, frozen=True):
    shelves: int


_SET = {"shelves": [{"sku": "MUG-BLUE", "location": "main", "shelf": "A-03-2"}]}
ShelvesBody = Annotated[
    ShelvesIn, Body(examples=[Example(summary="The third rack, second board", value=_SET)])
]


@get("/", summary="List what lies where", responses=answers(400, 422))
async def list_shelves(
    hub: NamedDependency[HubContext],
    location: Annotated[str, QueryParameter(description="The location's code")],
    limit: Limit = LIMIT_DEFAULT,
    cursor: Cursor = None,
) -> ShelvesPage:
    """In the order of the shelves; what nobody has placed is left out."""
    after = read_cursor(cursor, tuple[str, str], ("", ""))
    async with hub.db.transaction() as tx:
        found = await shelves_of(tx, location, after=after, limit=limit + 1)
    items, more = cut(found, limit)
    return ShelvesPage(items, write_cursor(items[-1].shelf, items[-1].sku) if more else None)


@post("/", status_code=200, summary="Say what lies where", responses=answers(400, 404, 409, 422))
async def post_shelves(hub: NamedDependency[HubContext], data: ShelvesBody) -> ShelvesSet:
    """All of them or none."""
    rows = [Shelved(each.sku, each.location, each.shelf) for each in data.shelves]
    async with hub.db.transaction() as tx:
        await set_shelves(tx, rows, actor="api", at=now())
    return ShelvesSet(len(rows))


shelf_routes = Router("/shelves", route_handlers=[list_shelves, post_shelves], tags=["stock"])

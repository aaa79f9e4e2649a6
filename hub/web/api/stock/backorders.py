"""Backorders: how far SKUs are sold ahead of their stock, and what waits for it."""

from datetime import date
from typing import Annotated

from litestar import Router, get, post
from litestar.di import NamedDependency
from litestar.openapi.spec import Example
from litestar.params import Body
from msgspec import Meta, Struct

from hub.channels.context import HubContext
from hub.channels.intake import ring_touched
from hub.flows.stock.set_backorders import end_backorders, set_backorders
from hub.kit.clock import now
from hub.model.stock.backorders import LIMIT_MAX, AheadKind, Terms
from hub.store.db import Tx
from hub.store.stock import backorders as store
from hub.web.api.paging import LIMIT_DEFAULT, Cursor, Limit, cut, read_cursor, write_cursor
from hub.web.problems import answers

ACTOR = "api"
Sku = Annotated[str, Meta(min_length=1, max_length=200)]


class TermsIn(Struct, frozen=True, forbid_unknown_fields=True):
    """At most `limit` units of the SKU more than there are may be ordered; `expected` is when they should be there."""

    sku: Sku
    limit: Annotated[int, Meta(ge=0, le=LIMIT_MAX)]
    expected: date | None = None
    kind: AheadKind = AheadKind.BACKORDER


class BackordersIn(Struct, frozen=True, forbid_unknown_fields=True):
    backorders: Annotated[list[TermsIn], Meta(min_length=1, max_length=500)]


class EndIn(Struct, frozen=True, forbid_unknown_fields=True):
    skus: Annotated[list[Sku], Meta(min_length=1, max_length=500)]


class BackordersPage(Struct, frozen=True):
    items: list[store.TermsRow]
    next_cursor: str | None


class BackordersSet(Struct, frozen=True):
    """The SKUs that were named, as they stand now, and how many channels may show another number."""

    backorders: list[store.TermsRow]
    channels_to_tell: int


_SET = {"backorders": [{"sku": "MUG-BLUE", "limit": 20, "expected": "2026-12-10"}]}
BackordersBody = Annotated[
    BackordersIn, Body(examples=[Example(summary="Twenty mugs before they come", value=_SET)])
]
EndBody = Annotated[EndIn, Body(examples=[Example(summary="No new ones", value={"skus": ["MUG-BLUE"]})])]


@get("/", summary="List what is sold ahead of its stock", responses=answers(400, 422))
async def list_backorders(
    hub: NamedDependency[HubContext], limit: Limit = LIMIT_DEFAULT, cursor: Cursor = None
) -> BackordersPage:
    """By SKU: the limit, what is taken of it, when it is expected, and since when the oldest order waits."""
    (after,) = read_cursor(cursor, tuple[str], ("",))
    async with hub.db.transaction() as tx:
        found = await store.list_terms(tx, after=after, limit=limit + 1)
    items, more = cut(found, limit)
    return BackordersPage(items, write_cursor(items[-1].sku) if more else None)


@post("/", status_code=200, summary="Sell SKUs ahead of their stock", responses=answers(400, 404, 422))
async def post_backorders(hub: NamedDependency[HubContext], data: BackordersBody) -> BackordersSet:
    """All of them or none. Phone orders are accepted up to the limit, sales of a channel not held; orders that lack the
    SKU already take their place, the oldest first.
    """
    wanted = {each.sku: Terms(each.limit, each.expected, each.kind) for each in data.backorders}
    async with hub.db.transaction() as tx:
        touched = await set_backorders(tx, wanted, actor=ACTOR, at=now())
        after = await _of(tx, list(wanted))
    await ring_touched(hub, touched)
    return BackordersSet(after, len(touched))


@post("/end", status_code=200, summary="Take no new backorders", responses=answers(400, 404))
async def post_end(hub: NamedDependency[HubContext], data: EndBody) -> BackordersSet:
    """All of them or none. What is on backorder already keeps its place."""
    async with hub.db.transaction() as tx:
        touched = await end_backorders(tx, data.skus, actor=ACTOR, at=now())
        after = await _of(tx, data.skus)
    await ring_touched(hub, touched)
    return BackordersSet(after, len(touched))


async def _of(tx: Tx, skus: list[str]) -> list[store.TermsRow]:
    return await store.list_terms(tx, only=skus, limit=len(skus))


backorder_routes = Router(
    "/backorders", route_handlers=[list_backorders, post_backorders, post_end], tags=["backorders"]
)

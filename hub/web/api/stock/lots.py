"""Lots and serial numbers: track SKUs by them, receive them, list what expires, give an order another one."""

from datetime import date
from typing import Annotated

from litestar import Router, get, post
from litestar.di import NamedDependency
from litestar.openapi.spec import Example
from litestar.params import Body, QueryParameter
from msgspec import Meta, Struct

from hub.channels.context import HubContext
from hub.channels.intake import ring_touched
from hub.flows.stock.name_lots import swap_lot, track
from hub.flows.stock.receive_stock import REFERENCE_MAX, Delivery, receive_stock
from hub.kit.clock import now
from hub.kit.ids import uuid7
from hub.model.stock.lines import UNITS_MAX, Units
from hub.model.stock.lots import BATCHES_MAX, CODE_MAX, Batch, Tracking
from hub.store.stock import lots as store
from hub.web.api.paging import LIMIT_DEFAULT, Cursor, Limit, cut, read_cursor, write_cursor
from hub.web.problems import answers

ACTOR = "api"
Code = Annotated[str, Meta(min_length=1, max_length=CODE_MAX)]


class TrackIn(Struct, frozen=True, forbid_unknown_fields=True):
    sku: str
    by: Tracking


class BatchIn(Struct, frozen=True, forbid_unknown_fields=True):
    """`expires_on` is the last day on which its units are sold."""

    sku: str
    lot: Code
    units: Annotated[int, Meta(ge=1, le=UNITS_MAX)] = 1
    expires_on: date | None = None


class LotReceiptIn(Struct, frozen=True, forbid_unknown_fields=True):
    """`reference` makes it happen only once: the number of the delivery note, for example."""

    reference: Annotated[str, Meta(min_length=1, max_length=REFERENCE_MAX)]
    location: str
    lots: Annotated[list[BatchIn], Meta(min_length=1, max_length=BATCHES_MAX)]


class SwapIn(Struct, frozen=True, forbid_unknown_fields=True):
    """`order` is our number; `old` may be empty: units of no named lot."""

    order: int
    sku: str
    old: Annotated[str, Meta(max_length=CODE_MAX)]
    new: Code
    units: Annotated[int, Meta(ge=1, le=UNITS_MAX)] = 1


class LotsPage(Struct, frozen=True):
    items: list[store.Lot]
    next_cursor: str | None


class Done(Struct, frozen=True):
    """`repeated`: the reference was received before, with the same lines, and nothing was done again."""

    repeated: bool = False
    channels_to_tell: int = 0


_TRACK = {"sku": "MILK", "by": "lot"}
_RECEIPT = {
    "reference": "ACME DN-20117",
    "location": "main",
    "lots": [{"sku": "MILK", "lot": "L42", "units": 24, "expires_on": "2027-01-31"}],
}
_SWAP = {"order": 1042, "sku": "PHONE", "old": "SN-1", "new": "SN-7"}
TrackBody = Annotated[TrackIn, Body(examples=[Example(summary="By lot", value=_TRACK)])]
ReceiptBody = Annotated[LotReceiptIn, Body(examples=[Example(summary="A lot of milk", value=_RECEIPT)])]
SwapBody = Annotated[SwapIn, Body(examples=[Example(summary="Another serial number", value=_SWAP)])]


@get("/", summary="List lots", responses=answers(400, 422))
async def list_lots(
    hub: NamedDependency[HubContext],
    limit: Limit = LIMIT_DEFAULT,
    cursor: Cursor = None,
    sku: Annotated[str | None, QueryParameter(description="Only of this SKU")] = None,
    expires_by: Annotated[
        date | None, QueryParameter(description="Only what expires by this day, such as 2027-01-31")
    ] = None,
) -> LotsPage:
    """Lots that lie somewhere, by SKU, lot and location, with the orders that have units of them."""
    after = read_cursor(cursor, tuple[str, str, str], ("", "", ""))
    async with hub.db.transaction() as tx:
        found = await store.list_lots(tx, sku=sku, expires_by=expires_by, after=after, limit=limit + 1)
    items, more = cut(found, limit)
    last = items[-1] if more else None
    return LotsPage(items, write_cursor(last.sku, last.lot, last.location) if last else None)


@post("/tracking", status_code=200, summary="Track a SKU by lot", responses=answers(400, 404, 409, 422))
async def post_tracking(hub: NamedDependency[HubContext], data: TrackBody) -> Done:
    """From now on its units are told apart by lot or serial number; what is there now is of no named lot."""
    async with hub.db.transaction() as tx:
        await track(tx, data.sku, data.by, actor=ACTOR, at=now())
    return Done()


@post("/receipts", status_code=200, summary="Receive lots", responses=answers(400, 404, 422))
async def post_receipt(hub: NamedDependency[HubContext], data: ReceiptBody) -> Done:
    """All of them or none, once by the reference."""
    batches = [Batch(each.sku, each.lot, each.units, each.expires_on) for each in data.lots]
    lines = [Units(each.sku, each.units) for each in batches]
    delivery = Delivery(uuid7(), data.reference, data.location, lines, batches=batches)
    async with hub.db.transaction() as tx:
        received = await receive_stock(tx, [delivery], actor=ACTOR, at=now())
    await ring_touched(hub, received.touched)
    return Done(bool(received.repeated), len(received.touched))


@post("/swap", status_code=200, summary="Give an order another lot", responses=answers(400, 422))
async def post_swap(hub: NamedDependency[HubContext], data: SwapBody) -> Done:
    """What was really taken from the shelf; no stock moves."""
    async with hub.db.transaction() as tx:
        await swap_lot(tx, data.order, data.sku, data.old, data.new, data.units, actor=ACTOR, at=now())
    return Done()


lot_routes = Router(
    "/lots", route_handlers=[list_lots, post_tracking, post_receipt, post_swap], tags=["stock"]
)

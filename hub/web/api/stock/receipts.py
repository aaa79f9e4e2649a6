"""Receipts: what came from suppliers, each once by its reference."""

from typing import Annotated
from uuid import UUID

from litestar import get, post
from litestar.di import NamedDependency
from litestar.openapi.spec import Example
from litestar.params import Body
from msgspec import Meta, Struct

from hub.channels.context import HubContext
from hub.channels.intake import ring_touched
from hub.flows.stock.receive_stock import REFERENCE_MAX, Delivery, receive_stock
from hub.kit.clock import now
from hub.kit.ids import uuid7
from hub.model.stock.lines import LINES_MAX, UNITS_MAX, Units
from hub.store.stock import receipts as store
from hub.web.api.paging import LIMIT_DEFAULT, Cursor, Limit, cut, read_cursor, write_cursor
from hub.web.problems import answers

ACTOR = "api"


class UnitsIn(Struct, frozen=True, forbid_unknown_fields=True):
    sku: Annotated[str, Meta(min_length=1)]
    units: Annotated[int, Meta(ge=1, le=UNITS_MAX)]


Lines = Annotated[list[UnitsIn], Meta(min_length=1, max_length=LINES_MAX)]


class ReceiptIn(Struct, frozen=True, forbid_unknown_fields=True):
    """`reference` makes it happen only once: the number of the supplier's delivery note, for example."""

    reference: Annotated[str, Meta(min_length=1, max_length=REFERENCE_MAX)]
    location: Annotated[str, Meta(min_length=1)]
    lines: Lines
    note: Annotated[str, Meta(max_length=2000)] = ""


class ReceiptsIn(Struct, frozen=True, forbid_unknown_fields=True):
    receipts: Annotated[list[ReceiptIn], Meta(min_length=1, max_length=100)]


class ReceiptsPage(Struct, frozen=True):
    items: list[store.Receipt]
    next_cursor: str | None


class ReceivedOut(Struct, frozen=True):
    """`repeated` are the references received before, with the same lines: nothing was done again."""

    received: int
    repeated: list[str]
    channels_to_tell: int


_RECEIPTS = {
    "receipts": [
        {
            "reference": "ACME DN-20117",
            "location": "main",
            "lines": [{"sku": "MUG-BLUE", "units": 48}, {"sku": "TEA-GREEN", "units": 12}],
        }
    ]
}
ReceiptsBody = Annotated[ReceiptsIn, Body(examples=[Example(summary="One delivery", value=_RECEIPTS)])]


@get("/receipts", summary="List receipts", responses=answers(400, 422))
async def list_receipts(
    hub: NamedDependency[HubContext], limit: Limit = LIMIT_DEFAULT, cursor: Cursor = None
) -> ReceiptsPage:
    """What was received, the newest first."""
    (after,) = read_cursor(cursor, tuple[UUID | None], (None,))
    async with hub.db.transaction() as tx:
        found = await store.list_receipts(tx, after=after, limit=limit + 1)
    items, more = cut(found, limit)
    return ReceiptsPage(items, write_cursor(items[-1].id) if more else None)


@post("/receipts", status_code=200, summary="Receive deliveries", responses=answers(400, 404, 422))
async def post_receipts(hub: NamedDependency[HubContext], data: ReceiptsBody) -> ReceivedOut:
    """All of them or none. Orders that waited for the units get them; channels are told."""
    deliveries = [
        Delivery(uuid7(), each.reference, each.location, units_of(each.lines), each.note)
        for each in data.receipts
    ]
    async with hub.db.transaction() as tx:
        received = await receive_stock(tx, deliveries, actor=ACTOR, at=now())
    await ring_touched(hub, received.touched)
    done = len(deliveries) - len(received.repeated)
    return ReceivedOut(done, received.repeated, len(received.touched))


def units_of(lines: list[UnitsIn]) -> list[Units]:
    return [Units(each.sku, each.units) for each in lines]

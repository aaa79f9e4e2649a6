"""Counts: sheets of what is to be counted, what devices enter, the differences, and posting them."""

from typing import Annotated
from uuid import UUID

from litestar import Router, get, post
from litestar.di import NamedDependency
from litestar.openapi.spec import Example
from litestar.params import Body, FromPath, QueryParameter
from msgspec import Meta, Struct

from hub.channels.context import HubContext
from hub.channels.intake import ring_touched
from hub.flows.stock import count_sheets as flow
from hub.kit.clock import now
from hub.model.errors import NotFoundError
from hub.model.stock.counts import Entry, State
from hub.model.stock.lines import LINES_MAX, UNITS_MAX, Units, renamed
from hub.store.api import counts as store
from hub.store.db import Tx
from hub.store.stock.counts import Risky, riskiest
from hub.store.stock.skus import named_skus
from hub.store.stock.transfers import NUMBER_MAX
from hub.web.api.paging import LIMIT_DEFAULT, Cursor, Limit, cut, read_cursor, write_cursor
from hub.web.problems import answers

ACTOR = "api"
Name = Annotated[str, Meta(min_length=1, max_length=200)]
Skus = Annotated[list[Name], Meta(min_length=1, max_length=LINES_MAX)]


class CountIn(Struct, frozen=True, forbid_unknown_fields=True):
    """`id` is made by you: the same sheet begun twice is one. Without `riskiest` or `skus` all that lies there.

    A `blind` sheet does not say what is expected while it is open, except to its review.
    """

    id: UUID
    location: Name
    riskiest: Annotated[int, Meta(ge=0, le=flow.RISKIEST_MAX)] = 0
    skus: Annotated[list[Name], Meta(max_length=LINES_MAX)] = []
    blind: bool = False
    note: Annotated[str, Meta(max_length=2000)] = ""


class EntryIn(Struct, frozen=True, forbid_unknown_fields=True):
    """`code` is a SKU or a barcode. `adds`: so many more, as a scan adds one; else so many in all.

    `id` is made by the device: the same entry sent again counts once.
    """

    id: UUID
    code: Name
    units: Annotated[int, Meta(ge=-UNITS_MAX, le=UNITS_MAX)] = 1
    adds: bool = True
    by: Annotated[str, Meta(max_length=200)] = ""


class EntriesIn(Struct, frozen=True, forbid_unknown_fields=True):
    entries: Annotated[list[EntryIn], Meta(min_length=1, max_length=LINES_MAX)]


class AcceptIn(Struct, frozen=True, forbid_unknown_fields=True):
    skus: Skus
    reason: Annotated[str, Meta(min_length=1, max_length=500)]


class AgainIn(Struct, frozen=True, forbid_unknown_fields=True):
    skus: Skus


class PostIn(Struct, frozen=True, forbid_unknown_fields=True):
    """`reason` is for the differences that have none of their own."""

    reason: Annotated[str, Meta(max_length=500)] = ""


class SheetsPage(Struct, frozen=True):
    items: list[store.Sheet]
    next_cursor: str | None


class LinesPage(Struct, frozen=True):
    sheet: store.Sheet
    items: list[store.SheetLine]
    next_cursor: str | None


class RiskOut(Struct, frozen=True):
    items: list[Risky]


class PostedOut(Struct, frozen=True):
    """`left_out` SKUs were not counted and stay as they are; all are 0 where it was posted before."""

    counted: int
    changed: int
    left_out: int
    channels_to_tell: int


_ID = "0199a1b2-7c3d-7e4f-8a5b-6c7d8e9f0a1e"
_COUNT = {"id": _ID, "location": "main", "riskiest": 25, "blind": True, "note": "Monday's twenty-five"}
_ENTRIES = {
    "entries": [
        {"id": "0199a1b2-7c3d-7e4f-8a5b-6c7d8e9f0a1f", "code": "4006381333931", "by": "Ada"},
        {"id": "0199a1b2-7c3d-7e4f-8a5b-6c7d8e9f0a20", "code": "MUG-BLUE", "units": 12, "adds": False},
    ]
}
_ACCEPT = {"skus": ["MUG-BLUE"], "reason": "broken, and thrown away unnoticed"}
CountBody = Annotated[CountIn, Body(examples=[Example(summary="The 25 riskiest, blind", value=_COUNT)])]
EntriesBody = Annotated[EntriesIn, Body(examples=[Example(summary="One scan, one number", value=_ENTRIES)])]
AcceptBody = Annotated[AcceptIn, Body(examples=[Example(summary="One difference accepted", value=_ACCEPT)])]
AgainBody = Annotated[AgainIn, Body(examples=[Example(summary="Look again", value={"skus": ["MUG-BLUE"]})])]
PostBody = Annotated[PostIn, Body(examples=[Example(summary="With a reason", value={"reason": "inventory"})])]
Seen = Annotated[
    str, QueryParameter(pattern=f"^({'|'.join(store.SEEN)})$", description=f"One of {', '.join(store.SEEN)}")
]
Which = Annotated[
    str,
    QueryParameter(pattern=f"^({'|'.join(store.WHICH)})$", description=f"One of {', '.join(store.WHICH)}"),
]


@get("/", summary="List count sheets", responses=answers(400, 422))
async def list_counts(
    hub: NamedDependency[HubContext],
    limit: Limit = LIMIT_DEFAULT,
    cursor: Cursor = None,
    in_state: Annotated[State | None, QueryParameter(name="state", description="Only these")] = None,
    location: Annotated[str | None, QueryParameter(description="Only of this location")] = None,
) -> SheetsPage:
    """The newest first, with how far each is."""
    (before,) = read_cursor(cursor, tuple[int], (NUMBER_MAX,))
    async with hub.db.transaction() as tx:
        found = await store.list_sheets(tx, before=before, state=in_state, location=location, limit=limit + 1)
    items, more = cut(found, limit)
    seen = [each.seen_by_counter() for each in items]
    return SheetsPage(seen, write_cursor(items[-1].number) if more else None)


@get("/risk", summary="What to count first", responses=answers(400))
async def list_risk(
    hub: NamedDependency[HubContext],
    location: Annotated[str, QueryParameter(description="The location's code")],
    limit: Limit = LIMIT_DEFAULT,
) -> RiskOut:
    """The riskiest SKUs of a location: of high value, much moved in 90 days, long not counted, often off in a year.

    `score` is the sum of ln(1 + factor). SKUs on an open sheet are left out.
    """
    async with hub.db.transaction() as tx:
        return RiskOut(await riskiest(tx, location, limit=limit, at=now()))


@get("/{number:int}", summary="One count sheet", responses=answers(400, 404, 422))
async def show_count(
    hub: NamedDependency[HubContext],
    number: FromPath[int],
    lines: Seen = "all",
    limit: Limit = LIMIT_DEFAULT,
    cursor: Cursor = None,
) -> LinesPage:
    """As whoever counts sees it: a blind sheet that is open keeps what is expected to itself."""
    page = await _page(hub, number, lines, limit, cursor)
    seen = [each.seen_by_counter(page.sheet) for each in page.items]
    return LinesPage(page.sheet.seen_by_counter(), seen, page.next_cursor)


@get("/{number:int}/review", summary="The differences", responses=answers(400, 404, 422))
async def review_count(
    hub: NamedDependency[HubContext],
    number: FromPath[int],
    lines: Which = "differing",
    limit: Limit = LIMIT_DEFAULT,
    cursor: Cursor = None,
) -> LinesPage:
    """What was expected when each SKU was counted, what was found, and what moved meanwhile."""
    return await _page(hub, number, lines, limit, cursor)


@post("/", status_code=200, summary="Begin a count", responses=answers(400, 404, 409, 422))
async def post_count(hub: NamedDependency[HubContext], data: CountBody) -> store.Sheet:
    """Put on a sheet what is to be counted. Stock may move on meanwhile."""
    plan = flow.Plan(data.id, data.location, data.riskiest, data.skus, data.blind, data.note)
    async with hub.db.transaction() as tx:
        begun = await flow.begin_count(tx, plan, actor=ACTOR, at=now())
        return await _read(tx, begun.number)


@post("/{number:int}/entries", status_code=200, summary="Enter counts", responses=answers(400, 404, 409, 422))
async def post_entries(
    hub: NamedDependency[HubContext], number: FromPath[int], data: EntriesBody
) -> store.Sheet:
    """All of them or none; from any number of devices at once."""
    async with hub.db.transaction() as tx:
        names = await named_skus(tx, [each.code for each in data.entries])
        skus = renamed([Units(each.code, 1) for each in data.entries], names)
        entries = [
            Entry(each.id, named.sku, each.units, each.adds, each.by)
            for each, named in zip(data.entries, skus, strict=True)
        ]
        await flow.enter_counts(tx, number, entries, at=now())
        found = await _read(tx, number)
    await hub.bell.announce("counts")
    return found.seen_by_counter()


@post(
    "/{number:int}/accept",
    status_code=200,
    summary="Accept differences",
    responses=answers(400, 404, 409, 422),
)
async def post_accept(
    hub: NamedDependency[HubContext], number: FromPath[int], data: AcceptBody
) -> store.Sheet:
    """With the reason they are posted with."""
    async with hub.db.transaction() as tx:
        await flow.accept(tx, number, data.skus, data.reason, actor=ACTOR, at=now())
        found = await _read(tx, number)
    await hub.bell.announce("counts")
    return found


@post("/{number:int}/again", status_code=200, summary="Count again", responses=answers(400, 404, 409, 422))
async def post_again(hub: NamedDependency[HubContext], number: FromPath[int], data: AgainBody) -> store.Sheet:
    """Forget what was counted of these SKUs: somebody looks again."""
    async with hub.db.transaction() as tx:
        await flow.count_again(tx, number, data.skus, actor=ACTOR, at=now())
        found = await _read(tx, number)
    await hub.bell.announce("counts")
    return found


@post("/{number:int}/post", status_code=200, summary="Post a count", responses=answers(400, 404, 409, 422))
async def post_posting(hub: NamedDependency[HubContext], number: FromPath[int], data: PostBody) -> PostedOut:
    """The differences become movements, once; what was not counted stays as it is."""
    async with hub.db.transaction() as tx:
        posted = await flow.post_count(tx, number, reason=data.reason, actor=ACTOR, at=now())
    await ring_touched(hub, posted.touched)
    await hub.bell.announce("counts")
    return PostedOut(posted.counted, posted.changed, posted.left_out, len(posted.touched))


@post("/{number:int}/drop", status_code=200, summary="Drop a count", responses=answers(400, 404, 409))
async def post_drop(hub: NamedDependency[HubContext], number: FromPath[int]) -> store.Sheet:
    """Give the sheet up: it moves nothing."""
    async with hub.db.transaction() as tx:
        await flow.drop_count(tx, number, actor=ACTOR, at=now())
        found = await _read(tx, number)
    await hub.bell.announce("counts")
    return found


async def _page(hub: HubContext, number: int, which: str, limit: int, cursor: str | None) -> LinesPage:
    (after,) = read_cursor(cursor, tuple[str], ("",))
    async with hub.db.transaction() as tx:
        sheet = await _read(tx, number)
        found = await store.sheet_lines(tx, number, which=which, after=after, limit=limit + 1)
    items, more = cut(found, limit)
    return LinesPage(sheet, items, write_cursor(items[-1].sku) if more else None)


async def _read(tx: Tx, number: int) -> store.Sheet:
    found = await store.read_sheet(tx, number)
    if found is None:
        msg = f"there is no count sheet {number}: see the list of counts"
        raise NotFoundError(msg)
    return found


count_routes = Router(
    "/counts",
    route_handlers=[
        list_counts,
        list_risk,
        show_count,
        review_count,
        post_count,
        post_entries,
        post_accept,
        post_again,
        post_posting,
        post_drop,
    ],
    tags=["counts"],
)

"""Alarms: what runs low, is out, oversold, aging or below zero, who was told, and when an alarm is given."""

from typing import Annotated
from uuid import UUID

from litestar import Router, get, post, put
from litestar.di import NamedDependency
from litestar.openapi.spec import Example
from litestar.params import Body, FromPath, QueryParameter
from msgspec import Meta, Struct

from hub.channels.context import HubContext
from hub.flows.stock.set_alarms import dismiss_alarms, set_bounds, set_thresholds
from hub.kit.clock import now
from hub.model.stock.alarms import DAYS_MAX, THRESHOLD_MAX, Bounds, Kind
from hub.store.stock import alarms as store
from hub.web.api.paging import LIMIT_DEFAULT, Cursor, Limit, cut, read_cursor, write_cursor
from hub.web.problems import answers

ACTOR = "api"
Sku = Annotated[str, Meta(min_length=1, max_length=200)]
Units = Annotated[int, Meta(ge=0, le=THRESHOLD_MAX)]


class ThresholdIn(Struct, frozen=True, forbid_unknown_fields=True):
    """A SKU is low at `units` left or fewer, over all locations or at one; null: no threshold of its own any more."""

    sku: Sku
    units: Units | None
    location: str | None = None


class ThresholdsIn(Struct, frozen=True, forbid_unknown_fields=True):
    thresholds: Annotated[list[ThresholdIn], Meta(min_length=1, max_length=500)]


class DefaultsIn(Struct, frozen=True, forbid_unknown_fields=True):
    """`low_stock` 0: no SKU is low unless it has a threshold of its own."""

    low_stock: Units
    unmoved_days: Annotated[int, Meta(ge=1, le=DAYS_MAX)]
    expiry_days: Annotated[int, Meta(ge=0, le=DAYS_MAX)]


class AlarmsPage(Struct, frozen=True):
    items: list[store.Alarm]
    next_cursor: str | None


class ThresholdsPage(Struct, frozen=True):
    """`defaults` hold for every SKU that has no threshold of its own."""

    defaults: Bounds
    items: list[store.Threshold]
    next_cursor: str | None


class ThresholdsSet(Struct, frozen=True):
    """The alarms that the SKUs have open now."""

    open: list[store.Alarm]


class Dismissed(Struct, frozen=True):
    dismissed: int


_SET = {"thresholds": [{"sku": "MUG-BLUE", "units": 12}, {"sku": "MUG-BLUE", "units": 3, "location": "shop"}]}
_DEFAULTS = {"low_stock": 5, "unmoved_days": 90, "expiry_days": 14}
ThresholdsBody = Annotated[
    ThresholdsIn, Body(examples=[Example(summary="Twelve mugs in all, three in the shop", value=_SET)])
]
DefaultsBody = Annotated[DefaultsIn, Body(examples=[Example(summary="A quarter of a year", value=_DEFAULTS)])]
KindWanted = Annotated[Kind | None, QueryParameter(description="Only of this kind")]
SkuWanted = Annotated[str | None, QueryParameter(description="Only of this SKU")]
All = Annotated[bool, QueryParameter(name="all", description="Those that ended or were dismissed as well")]


@get("/", summary="List alarms", responses=answers(400, 422))
async def list_alarms(
    hub: NamedDependency[HubContext],
    limit: Limit = LIMIT_DEFAULT,
    cursor: Cursor = None,
    kind: KindWanted = None,
    sku: SkuWanted = None,
    everything: All = False,  # noqa: FBT002 -- a query parameter
) -> AlarmsPage:
    """What is open, the newest first, each with who was told and when."""
    (before,) = read_cursor(cursor, tuple[UUID], (store.LATEST,))
    async with hub.db.transaction() as tx:
        found = await store.list_alarms(
            tx, kind=kind, skus=[sku] if sku else None, everything=everything, before=before, limit=limit + 1
        )
    items, more = cut(found, limit)
    return AlarmsPage(items, write_cursor(items[-1].id) if more else None)


@post("/{alarm_id:uuid}/dismiss", status_code=200, summary="Dismiss an alarm", responses=answers(400, 404))
async def post_dismiss(hub: NamedDependency[HubContext], alarm_id: FromPath[UUID]) -> Dismissed:
    """Put it aside until it ends; the next time it is an alarm again."""
    async with hub.db.transaction() as tx:
        return Dismissed(await dismiss_alarms(tx, ids=[alarm_id], actor=ACTOR, at=now()))


@get("/thresholds", summary="List thresholds", responses=answers(400, 422))
async def get_thresholds(
    hub: NamedDependency[HubContext],
    limit: Limit = LIMIT_DEFAULT,
    cursor: Cursor = None,
    sku: SkuWanted = None,
) -> ThresholdsPage:
    """What holds for every SKU, and the SKUs with a threshold of their own."""
    after = read_cursor(cursor, tuple[str, str], ("", ""))
    async with hub.db.transaction() as tx:
        usual = await store.read_bounds(tx)
        found = await store.list_thresholds(tx, sku=sku, after=after, limit=limit + 1)
    items, more = cut(found, limit)
    last = items[-1] if more else None
    return ThresholdsPage(usual, items, write_cursor(last.sku, last.location or "") if last else None)


@post("/thresholds", status_code=200, summary="Set thresholds", responses=answers(400, 404, 422))
async def post_thresholds(hub: NamedDependency[HubContext], data: ThresholdsBody) -> ThresholdsSet:
    """All of them or none. Alarms open and close at once; people are told by the worker."""
    wanted = [store.Threshold(each.sku, each.location, each.units) for each in data.thresholds]
    async with hub.db.transaction() as tx:
        await set_thresholds(tx, wanted, actor=ACTOR, at=now())
        named = sorted({each.sku for each in wanted})
        return ThresholdsSet(await store.list_alarms(tx, skus=named, limit=5 * len(named)))


@put("/defaults", summary="Set what holds for every SKU", responses=answers(400, 422))
async def put_defaults(hub: NamedDependency[HubContext], data: DefaultsBody) -> Bounds:
    """For every SKU that has no threshold of its own. The worker looks at all of them anew."""
    bounds = Bounds(data.low_stock, data.unmoved_days, data.expiry_days)
    async with hub.db.transaction() as tx:
        await set_bounds(tx, bounds, actor=ACTOR, at=now())
    return bounds


alarm_routes = Router(
    "/alarms",
    route_handlers=[list_alarms, post_dismiss, get_thresholds, post_thresholds, put_defaults],
    tags=["stock"],
)

"""What channels may see of stock: rules for every channel, one channel, a group of SKUs, or one listing."""

from typing import Annotated, Literal
from uuid import UUID

from litestar import Router, get, post
from litestar.di import NamedDependency
from litestar.openapi.spec import Example
from litestar.params import Body
from msgspec import Meta, Struct

from hub.channels.context import HubContext
from hub.channels.intake import ring_touched
from hub.flows.stock import set_visibility as flow
from hub.flows.stock.set_products import variants_of
from hub.kit.clock import now
from hub.model.errors import InputError
from hub.model.stock.buffers import BUFFER_MAX, RISK_PERCENT_MAX, RISK_PERCENT_MIN
from hub.model.stock.visibility import COUNT_MAX, Rule, Scope, sentence
from hub.store.stock import visibility as store
from hub.web.api.paging import LIMIT_DEFAULT, ChannelSlug, Cursor, Limit, cut, read_cursor, write_cursor
from hub.web.problems import answers

ACTOR = "api"
Count = Annotated[int, Meta(ge=0, le=COUNT_MAX)]
Percent = Annotated[int, Meta(ge=0, le=100)]
RiskPercent = Annotated[float, Meta(ge=RISK_PERCENT_MIN, le=RISK_PERCENT_MAX)]
BufferMax = Annotated[int, Meta(ge=0, le=BUFFER_MAX)]
Name = Annotated[str, Meta(min_length=1, max_length=200)]
Field = Literal["buffer", "adaptive", "cap", "allotment", "minimum", "locations"]


class RuleOut(Struct, frozen=True):
    """`channel`, `group` and `listing` say what it is about; all null: every channel. `says` is it as a sentence."""

    channel: str | None
    group: str | None
    listing: str | None
    buffer: int | None
    buffer_percent: int | None
    cap: int | None
    allotment: int | None
    minimum: int | None
    locations: list[str] | None
    risk_percent: float | None
    buffer_max: int | None
    says: str


class RulesPage(Struct, frozen=True):
    items: list[RuleOut]
    next_cursor: str | None


class RuleIn(Struct, frozen=True, forbid_unknown_fields=True):
    """What is left out stays as it was. `listing` is the channel's id of it, and goes with its `channel`.

    `buffer` (or `buffer_percent`), `cap` and `minimum` count what the listing shows; `allotment` counts stock units.
    With a `risk_percent` the buffer is worked out so that the chance of overselling stays within it, `buffer_max` at
    most; `buffer` holds where too little is known.
    """

    channel: Name | None = None
    group: Name | None = None
    listing: Annotated[str, Meta(min_length=1)] | None = None
    buffer: Count | None = None
    buffer_percent: Percent | None = None
    cap: Count | None = None
    allotment: Count | None = None
    minimum: Count | None = None
    locations: Annotated[list[Name], Meta(min_length=1, max_length=500)] | None = None
    risk_percent: RiskPercent | None = None
    buffer_max: BufferMax | None = None


class RulesIn(Struct, frozen=True, forbid_unknown_fields=True):
    rules: Annotated[list[RuleIn], Meta(min_length=1, max_length=500)]


class ClearingIn(Struct, frozen=True, forbid_unknown_fields=True):
    """Without `fields` the whole rule goes."""

    channel: Name | None = None
    group: Name | None = None
    listing: Annotated[str, Meta(min_length=1)] | None = None
    fields: list[Field] = []


class ClearingsIn(Struct, frozen=True, forbid_unknown_fields=True):
    rules: Annotated[list[ClearingIn], Meta(min_length=1, max_length=500)]


class KeepIn(Struct, frozen=True, forbid_unknown_fields=True):
    sku: Annotated[str, Meta(min_length=1)]
    location: Annotated[str, Meta(min_length=1)]
    units: Count


class KeepsIn(Struct, frozen=True, forbid_unknown_fields=True):
    levels: Annotated[list[KeepIn], Meta(min_length=1, max_length=500)]


class GroupIn(Struct, frozen=True, forbid_unknown_fields=True):
    """A SKU is in one group at most; the empty group takes it out of its own. `products`: all their variants."""

    group: Annotated[str, Meta(max_length=200)]
    skus: Annotated[list[Name], Meta(max_length=5000)] = []
    products: Annotated[list[Name], Meta(max_length=500)] = []


class Told(Struct, frozen=True):
    """How many channels show another number now, or may."""

    channels_to_tell: int


_RULES = {
    "rules": [{"channel": "shop-de", "buffer": 2, "risk_percent": 1.0}, {"group": "fragile", "minimum": 3}]
}
_CLEAR = {"rules": [{"channel": "shop-de", "fields": ["cap"]}]}
_KEEPS = {"levels": [{"sku": "MUG-BLUE", "location": "main", "units": 3}]}
_GROUP = {"group": "fragile", "skus": ["MUG-BLUE"]}
RulesBody = Annotated[RulesIn, Body(examples=[Example(summary="A channel and a group", value=_RULES)])]
ClearBody = Annotated[ClearingsIn, Body(examples=[Example(summary="A cap taken back", value=_CLEAR)])]
KeepsBody = Annotated[KeepsIn, Body(examples=[Example(summary="Three mugs kept back", value=_KEEPS)])]
GroupBody = Annotated[GroupIn, Body(examples=[Example(summary="One SKU in a group", value=_GROUP)])]


@get("/", summary="List the rules", responses=answers(400, 422))
async def list_rules(
    hub: NamedDependency[HubContext],
    limit: Limit = LIMIT_DEFAULT,
    cursor: Cursor = None,
    channel: ChannelSlug = None,
) -> RulesPage:
    """In the order they were first set. The most specific rule wins, field by field: listing, group on the channel,
    group, channel, every channel.
    """
    (after,) = read_cursor(cursor, tuple[UUID], (UUID(int=0),))
    async with hub.db.transaction() as tx:
        found = await store.list_rules(tx, after=after, channel=channel, limit=limit + 1)
    items, more = cut(found, limit)
    return RulesPage([_rule_out(each) for each in items], write_cursor(items[-1].id) if more else None)


@post("/", status_code=200, summary="Set rules", responses=answers(400, 404, 422))
async def post_rules(hub: NamedDependency[HubContext], data: RulesBody) -> Told:
    """All of them or none. Listings that a rule touches are told their new number."""
    wishes = [flow.Wish(_scope(each), _rule(each)) for each in data.rules]
    async with hub.db.transaction() as tx:
        touched = await flow.set_rules(tx, wishes, actor=ACTOR, at=now())
    await ring_touched(hub, touched)
    return Told(len(touched))


@post("/clear", status_code=200, summary="Take rules back", responses=answers(400, 404, 422))
async def post_clearings(hub: NamedDependency[HubContext], data: ClearBody) -> Told:
    """All of them or none; one that does not exist is refused."""
    clearings = [flow.Clearing(_scope(each), tuple(each.fields)) for each in data.rules]
    async with hub.db.transaction() as tx:
        touched = await flow.clear_rules(tx, clearings, actor=ACTOR, at=now())
    await ring_touched(hub, touched)
    return Told(len(touched))


@post("/safety-stock", status_code=200, summary="Set safety stock", responses=answers(400, 404))
async def post_safety_stock(hub: NamedDependency[HubContext], data: KeepsBody) -> Told:
    """All of them or none. Units are kept back from all channels; what comes free goes to orders that lack it."""
    keeps = [store.Keep(each.sku, each.location, each.units) for each in data.levels]
    async with hub.db.transaction() as tx:
        touched = await flow.keep_safety_stock(tx, keeps, actor=ACTOR, at=now())
    await ring_touched(hub, touched)
    return Told(len(touched))


@post("/groups", status_code=200, summary="Put SKUs into a group", responses=answers(400, 404, 422))
async def post_group(hub: NamedDependency[HubContext], data: GroupBody) -> Told:
    """All of them or none."""
    if not (data.skus or data.products):
        msg = "name the SKUs of the group, or products of which all variants are in it"
        raise InputError(msg, field="skus")
    async with hub.db.transaction() as tx:
        members = {*data.skus, *await variants_of(tx, data.products)}
        touched = await flow.put_in_group(tx, sorted(members), data.group, actor=ACTOR, at=now())
    await ring_touched(hub, touched)
    return Told(len(touched))


def _scope(given: RuleIn | ClearingIn) -> Scope:
    return Scope(given.channel, given.group, given.listing)


def _rule(given: RuleIn) -> Rule:
    locations = tuple(sorted(set(given.locations))) if given.locations else None
    return Rule(
        given.buffer,
        given.buffer_percent,
        given.cap,
        given.allotment,
        given.minimum,
        locations,
        given.risk_percent,
        given.buffer_max,
    )


def _rule_out(row: store.RuleRow) -> RuleOut:
    scope, rule = row.scope, row.rule
    locations = list(rule.locations) if rule.locations is not None else None
    counts = (rule.buffer, rule.buffer_percent, rule.cap, rule.allotment, rule.minimum)
    adaptive = (rule.risk_percent, rule.buffer_max)
    return RuleOut(
        scope.channel, scope.group, scope.listing, *counts, locations, *adaptive, sentence(scope, rule)
    )


visibility_routes = Router(
    "/visibility",
    route_handlers=[list_rules, post_rules, post_clearings, post_safety_stock, post_group],
    tags=["visibility"],
)

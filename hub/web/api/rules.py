"""Rules: written in versions, tried on the orders of the last days, arranged, switched."""

from datetime import datetime
from typing import Annotated

from litestar import Router, get, post
from litestar.di import NamedDependency
from litestar.openapi.spec import Example
from litestar.params import Body, FromPath
from msgspec import Meta, Struct

from hub.channels.context import HubContext
from hub.channels.shipping import our_own
from hub.flows.orders.try_rules import DAYS, Difference, changed, since, try_page
from hub.flows.review.review_orders import current_review
from hub.flows.review.write_rules import (
    arrange_rules,
    check_rule,
    drop_rule,
    find_rule,
    switch_rule,
    write_rule,
)
from hub.kit.clock import now
from hub.model.review.rules import Action, Verb
from hub.store.db import Tx
from hub.store.review.past import Place, count_past
from hub.store.review.rules import KeptRule, Version, all_rules, versions_of
from hub.web.problems import answers

ACTOR = "api"
Name = Annotated[str, Meta(min_length=1, max_length=60)]


class ActionIn(Struct, frozen=True, forbid_unknown_fields=True):
    verb: Verb
    value: Annotated[str, Meta(max_length=200)] = ""


class RuleIn(Struct, frozen=True, forbid_unknown_fields=True):
    """The `condition` uses the words of `hub rule names`. A name that is known gets a new version."""

    name: Name
    condition: Annotated[str, Meta(min_length=1, max_length=1_000)]
    actions: Annotated[list[ActionIn], Meta(min_length=1, max_length=10)]


class PlaceIn(Struct, frozen=True, forbid_unknown_fields=True):
    """As `next` gave it."""

    placed_at: Annotated[datetime, Meta(tz=True)]
    number: int


class TryIn(Struct, frozen=True, forbid_unknown_fields=True):
    """A rule that is not saved, and the orders of how many `days`; `after` is for the next page."""

    rule: RuleIn
    days: Annotated[int, Meta(ge=1, le=366)] = DAYS
    after: PlaceIn | None = None


class ArrangeIn(Struct, frozen=True, forbid_unknown_fields=True):
    """These first, in this order; all others after them."""

    names: Annotated[list[Name], Meta(min_length=1, max_length=100)]


class SwitchIn(Struct, frozen=True, forbid_unknown_fields=True):
    on: bool


class RuleOut(Struct, frozen=True):
    name: str
    version: int
    on: bool
    condition: str
    actions: list[Action]
    written_by: str
    written_at: datetime


class RulesOut(Struct, frozen=True):
    """In the order in which they are asked."""

    items: list[RuleOut]


class VersionsOut(Struct, frozen=True):
    """The newest first."""

    items: list[Version]


class TriedOut(Struct, frozen=True):
    """What was tried of `of` orders: those that would be treated otherwise, and on how many the rule fails, by why.

    `next` is null on the last page.
    """

    orders: int
    of: int
    differs: list[Difference]
    failed: dict[str, int]
    next: Place | None


_RULE = {
    "name": "dear-and-new",
    "condition": "order.total > 500 and customer.orders == 0",
    "actions": [{"verb": "hold", "value": "fraud"}, {"verb": "tag", "value": "dear"}],
}
RuleBody = Annotated[RuleIn, Body(examples=[Example(summary="Hold dear first orders", value=_RULE)])]
TryBody = Annotated[
    TryIn, Body(examples=[Example(summary="On the last week", value={"rule": _RULE, "days": 7})])
]
ArrangeBody = Annotated[
    ArrangeIn, Body(examples=[Example(summary="This one first", value={"names": ["dear-and-new"]})])
]
SwitchBody = Annotated[SwitchIn, Body(examples=[Example(summary="Let it rest", value={"on": False})])]


@get("/rules", summary="List the rules", tags=["review"])
async def list_rules(hub: NamedDependency[HubContext]) -> RulesOut:
    """In the order they are asked."""
    async with hub.db.transaction() as tx:
        return await _out(tx)


@post("/rules", status_code=200, summary="Write a rule", tags=["review"], responses=answers(400, 409, 422))
async def post_rule(hub: NamedDependency[HubContext], data: RuleBody) -> RulesOut:
    """A new version where the name is known; the same words again change nothing."""
    async with hub.db.transaction() as tx:
        await write_rule(tx, data.name, data.condition, _actions(data), actor=ACTOR, at=now())
        return await _out(tx)


@post(
    "/rules/try",
    status_code=200,
    summary="Try a rule on the past",
    tags=["review"],
    responses=answers(400, 409, 422),
)
async def post_try(hub: NamedDependency[HubContext], data: TryBody) -> TriedOut:
    """Up to 500 orders a page, the newest first. Nothing is written."""
    began = since(data.days, at=now())
    after = Place(data.after.placed_at, data.after.number) if data.after else None
    async with hub.db.transaction() as tx:
        ready = await check_rule(tx, data.rule.name, data.rule.condition, _actions(data.rule))
        review = await current_review(tx)
        then = changed(review, ready, name=data.rule.name)
        page = await try_page(tx, hub.vault, review, then, ours=our_own(hub), since=began, after=after)
        orders = await count_past(tx, since=began)
    return TriedOut(page.orders, orders, page.differs, page.failed, page.next)


@post(
    "/rules/arrange",
    status_code=200,
    summary="Arrange the rules",
    tags=["review"],
    responses=answers(400, 404),
)
async def post_arrange(hub: NamedDependency[HubContext], data: ArrangeBody) -> RulesOut:
    """Say in which order they are asked."""
    async with hub.db.transaction() as tx:
        await arrange_rules(tx, data.names, actor=ACTOR, at=now())
        return await _out(tx)


@get("/rules/{name:str}", summary="List the versions of a rule", tags=["review"], responses=answers(400, 404))
async def list_versions(hub: NamedDependency[HubContext], name: FromPath[str]) -> VersionsOut:
    """What the rule said at each time, and since when."""
    async with hub.db.transaction() as tx:
        return VersionsOut(await versions_of(tx, (await find_rule(tx, name)).rule.id))


@post(
    "/rules/{name:str}/switch",
    status_code=200,
    summary="Switch a rule",
    tags=["review"],
    responses=answers(400, 404),
)
async def post_switch(hub: NamedDependency[HubContext], name: FromPath[str], data: SwitchBody) -> RulesOut:
    """A rule that rests stays as it is."""
    async with hub.db.transaction() as tx:
        await switch_rule(tx, name, is_on=data.on, actor=ACTOR, at=now())
        return await _out(tx)


@post(
    "/rules/{name:str}/drop",
    status_code=200,
    summary="Drop a rule",
    tags=["review"],
    responses=answers(400, 404),
)
async def post_drop(hub: NamedDependency[HubContext], name: FromPath[str]) -> RulesOut:
    """What it has decided stands, with its version."""
    async with hub.db.transaction() as tx:
        await drop_rule(tx, name, actor=ACTOR, at=now())
        return await _out(tx)


def _actions(data: RuleIn) -> list[Action]:
    return [Action(each.verb, each.value.strip()) for each in data.actions]


async def _out(tx: Tx) -> RulesOut:
    return RulesOut([_item(each) for each in await all_rules(tx)])


def _item(kept: KeptRule) -> RuleOut:
    rule = kept.rule
    return RuleOut(
        rule.name, rule.version, rule.is_on, rule.condition, list(rule.actions), kept.actor, kept.at
    )


rule_routes = Router(
    "",
    route_handlers=[list_rules, post_rule, post_try, post_arrange, list_versions, post_switch, post_drop],
)

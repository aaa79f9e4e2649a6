"""Sourcing: which locations fill orders, by channel; and a dry run of what an order would get."""

from typing import Annotated

from litestar import Router, get, post
from litestar.di import NamedDependency
from litestar.openapi.spec import Example
from litestar.params import Body
from msgspec import Meta, Struct

from hub.channels.context import HubContext
from hub.flows.stock.foresee import Asked, foresee
from hub.flows.stock.set_sourcing import clear_policy, set_policies
from hub.kit.clock import now
from hub.model.incoming import Pickup
from hub.model.stock.forecast import Forecast
from hub.model.stock.nearness import Destination
from hub.model.stock.policies import SPLIT_MAX, Policy, Strategy, sentence
from hub.store.stock.policies import Policies, all_policies
from hub.web.problems import answers

ACTOR = "api"
Name = Annotated[str, Meta(min_length=1, max_length=200)]
Text = Annotated[str, Meta(max_length=60)]


class PolicyIn(Struct, frozen=True, forbid_unknown_fields=True):
    """It replaces the policy there is. Without a `channel` it is for all that have none of their own.

    The first of the `strategies` ranks the locations, the next one decides where it leaves a tie.
    """

    strategies: Annotated[list[Strategy], Meta(min_length=1, max_length=5)]
    channel: Name | None = None
    split_max: Annotated[int, Meta(ge=1, le=SPLIT_MAX)] | None = None
    keep_whole: bool = False


class PoliciesIn(Struct, frozen=True, forbid_unknown_fields=True):
    policies: Annotated[list[PolicyIn], Meta(min_length=1, max_length=500)]


class ClearIn(Struct, frozen=True, forbid_unknown_fields=True):
    channel: Name | None = None


class PolicyOut(Struct, frozen=True):
    """`channel` null is for all that have none of their own. `says` is it as a sentence."""

    channel: str | None
    strategies: list[Strategy]
    split_max: int | None
    keep_whole: bool
    says: str


class PoliciesOut(Struct, frozen=True):
    items: list[PolicyOut]


class AskedIn(Struct, frozen=True, forbid_unknown_fields=True):
    sku: Name
    quantity: Annotated[int, Meta(gt=0, le=1_000_000)]


class DestinationIn(Struct, frozen=True, forbid_unknown_fields=True):
    """As much of it as is known; only a part of the postcode is used."""

    country: Annotated[str, Meta(max_length=2)] = ""
    region: Text = ""
    postcode: Text = ""
    latitude: Annotated[float, Meta(ge=-90, le=90)] | None = None
    longitude: Annotated[float, Meta(ge=-180, le=180)] | None = None


class PlanIn(Struct, frozen=True, forbid_unknown_fields=True):
    """An order that is none yet: its lines, the channel it would come by, and where it would go or be collected."""

    lines: Annotated[list[AskedIn], Meta(min_length=1, max_length=500)]
    channel: Name | None = None
    to: DestinationIn | None = None
    pickup: Pickup | None = None


_POLICIES = {
    "policies": [
        {"strategies": ["single", "nearest"], "split_max": 2},
        {"channel": "phone", "strategies": ["priority"], "keep_whole": True},
    ]
}
_PLAN = {
    "lines": [{"sku": "MUG-BLUE", "quantity": 2}],
    "channel": "phone",
    "to": {"country": "DE", "postcode": "10115"},
}
PoliciesBody = Annotated[
    PoliciesIn, Body(examples=[Example(summary="All channels, and the phone", value=_POLICIES)])
]
ClearBody = Annotated[ClearIn, Body(examples=[Example(summary="The phone's", value={"channel": "phone"})])]
PlanBody = Annotated[PlanIn, Body(examples=[Example(summary="Two mugs to Berlin", value=_PLAN)])]


@get("/sourcing", summary="List the policies", tags=["sourcing"])
async def list_policies(hub: NamedDependency[HubContext]) -> PoliciesOut:
    """The one for all channels first, as usual where nobody has set it."""
    async with hub.db.transaction() as tx:
        return _out(await all_policies(tx))


@post(
    "/sourcing", status_code=200, summary="Set policies", tags=["sourcing"], responses=answers(400, 404, 422)
)
async def post_policies(hub: NamedDependency[HubContext], data: PoliciesBody) -> PoliciesOut:
    """All of them or none. What is promised already stays where it is; what waits is filled by the new policy."""
    wanted = {
        each.channel: Policy(tuple(each.strategies), each.split_max, each.keep_whole)
        for each in data.policies
    }
    async with hub.db.transaction() as tx:
        await set_policies(tx, wanted, actor=ACTOR, at=now())
        return _out(await all_policies(tx))


@post(
    "/sourcing/clear",
    status_code=200,
    summary="Take a policy back",
    tags=["sourcing"],
    responses=answers(400, 404),
)
async def post_clear(hub: NamedDependency[HubContext], data: ClearBody) -> PoliciesOut:
    """Then the one for all channels decides again, or the usual one."""
    async with hub.db.transaction() as tx:
        await clear_policy(tx, data.channel, actor=ACTOR, at=now())
        return _out(await all_policies(tx))


@post(
    "/stock/plan",
    status_code=200,
    summary="See what an order would get",
    tags=["sourcing"],
    responses=answers(400, 404, 422),
)
async def post_plan(hub: NamedDependency[HubContext], data: PlanBody) -> Forecast:
    """A dry run: nothing is promised, nothing is written. Each location says what it could give, what it would give,
    and why no more.
    """
    lines = [Asked(each.sku, each.quantity) for each in data.lines]
    async with hub.db.transaction() as tx:
        to, pickup = _destination(data.to), data.pickup
        return await foresee(tx, lines, channel=data.channel, to=to, pickup=pickup, at=now())


def _destination(given: DestinationIn | None) -> Destination | None:
    if given is None:
        return None
    country, region, postcode = (
        text.strip().upper() for text in (given.country, given.region, given.postcode)
    )
    return Destination(country, region, postcode, given.latitude, given.longitude)


def _out(said: Policies) -> PoliciesOut:
    named = [(None, said.usual), *said.own.items()]
    return PoliciesOut([_policy(channel, policy) for channel, policy in named])


def _policy(channel: str | None, policy: Policy) -> PolicyOut:
    return PolicyOut(channel, list(policy.strategies), policy.split_max, policy.keep_whole, sentence(policy))


sourcing_routes = Router("/", route_handlers=[list_policies, post_policies, post_clear, post_plan])

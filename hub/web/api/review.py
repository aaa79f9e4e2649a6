"""Review: the checks that orders go through when they are new."""

from decimal import Decimal
from typing import Annotated

from litestar import Router, get, post
from litestar.di import NamedDependency
from litestar.openapi.spec import Example
from litestar.params import Body
from msgspec import Meta, Struct

from hub.channels.context import HubContext
from hub.flows.review.set_checks import set_checks
from hub.kit.clock import now
from hub.model.review.checks import ABOUT, Check, Does, Setting, asks
from hub.store.db import Tx
from hub.store.review.checks import all_settings
from hub.web.problems import answers

ACTOR = "api"


class CheckIn(Struct, frozen=True, forbid_unknown_fields=True):
    """Without a `figure` the check keeps the one it has."""

    check: Check
    does: Does
    figure: Decimal | None = None


class ChecksIn(Struct, frozen=True, forbid_unknown_fields=True):
    checks: Annotated[list[CheckIn], Meta(min_length=1, max_length=50)]


class CheckOut(Struct, frozen=True):
    """`finds` is what it looks for as a sentence, `hold` the hold it sets where it `does` hold."""

    check: Check
    does: Does
    figure: Decimal | None
    unit: str
    hold: str
    finds: str


class ChecksOut(Struct, frozen=True):
    items: list[CheckOut]


_CHECKS = {
    "checks": [{"check": "duplicate", "does": "hold", "figure": "30"}, {"check": "phone", "does": "note"}]
}
ChecksBody = Annotated[
    ChecksIn, Body(examples=[Example(summary="Hold duplicates of half an hour", value=_CHECKS)])
]


@get("/review/checks", summary="List the checks", tags=["review"])
async def list_checks(hub: NamedDependency[HubContext]) -> ChecksOut:
    """What each looks for in a new order, and what it does with what it finds."""
    async with hub.db.transaction() as tx:
        return await _out(tx)


@post("/review/checks", status_code=200, summary="Set checks", tags=["review"], responses=answers(400, 422))
async def post_checks(hub: NamedDependency[HubContext], data: ChecksBody) -> ChecksOut:
    """All of them or none, for orders taken from now on. The findings are in the timeline of an order."""
    async with hub.db.transaction() as tx:
        held = {each.check: each.figure for each in await all_settings(tx)}
        wanted = [
            Setting(each.check, each.does, held[each.check] if each.figure is None else each.figure)
            for each in data.checks
        ]
        await set_checks(tx, wanted, actor=ACTOR, at=now())
        return await _out(tx)


async def _out(tx: Tx) -> ChecksOut:
    settings = await all_settings(tx)
    return ChecksOut([_item(each) for each in settings])


def _item(each: Setting) -> CheckOut:
    about = ABOUT[each.check]
    return CheckOut(each.check, each.does, each.figure, about.unit, about.hold, asks(each))


review_routes = Router("", route_handlers=[list_checks, post_checks])

"""Rules: written beside what they would have done with the orders of the last days, arranged, switched."""

from collections.abc import Mapping
from datetime import datetime

from litestar import get, post
from litestar.params import FromPath, FromQuery
from litestar.response import Redirect, Template
from msgspec import Struct

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
from hub.kit.expressions import FUNCTIONS, names_of
from hub.model.errors import InputError
from hub.model.review.facts import Facts
from hub.model.review.rules import NEEDS, Action, read_action
from hub.store.db import Tx
from hub.store.review.past import count_past
from hub.store.review.rules import all_rules, versions_of
from hub.web.desk.page import REFUSED, AnyRequest, Frame, fields_of, format_of, hub_of, render

ACTOR = "desk"
PAGES_MAX = 2  # of orders tried while somebody waits; the command goes through all of them


class Typed(Struct, frozen=True):
    """A rule as it stands in its form; `actions` are lines such as `hold: fraud`."""

    name: str = ""
    condition: str = ""
    actions: str = ""


class TriedOut(Struct, frozen=True):
    """What the rule would have changed in the newest `orders` of `of`."""

    orders: int
    of: int
    differs: list[Difference]
    failed: dict[str, int]


@get("/review/rule", include_in_schema=False)
async def rule_page(request: AnyRequest, name: FromQuery[str] = "") -> Template:
    """One rule, or an empty form for a new one."""
    async with hub_of(request).db.transaction() as tx:
        typed = Typed()
        if name:
            rule = (await find_rule(tx, name)).rule
            typed = Typed(rule.name, rule.condition, "\n".join(action.says for action in rule.actions))
        return await _show(request, tx, typed, at=now())


@post("/review/rule", status_code=200, include_in_schema=False)
async def write(request: AnyRequest) -> Template | Redirect:
    """Save it, or try it on the last days. What was typed stays where it cannot be so."""
    at, ctx, given = now(), hub_of(request), await fields_of(request)
    typed = Typed(
        given.get("name", ""), given.get("condition", ""), given.get("actions", "").replace("\r", "")
    )
    tried, problems = None, dict[str, str]()
    try:
        async with ctx.db.transaction() as tx:
            if given.get("do") != "try":
                await write_rule(tx, typed.name, typed.condition, _actions(typed), actor=ACTOR, at=at)
                return Redirect("/review", status_code=303)
            tried = await _try(ctx, tx, typed, at=at)
    except REFUSED as error:
        field = error.field if isinstance(error, InputError) else ""
        problems = {field if field in {"name", "condition"} else "actions": str(error)}
    async with ctx.db.transaction() as tx:
        return await _show(request, tx, typed, at=at, tried=tried, problems=problems)


async def _try(ctx: HubContext, tx: Tx, typed: Typed, *, at: datetime) -> TriedOut:
    """Raises InputError."""
    began = since(DAYS, at=at)
    ready = await check_rule(tx, typed.name, typed.condition, _actions(typed))
    review = await current_review(tx)
    then, orders, after = changed(review, ready, name=typed.name), 0, None
    differs: list[Difference] = []
    failed: dict[str, int] = {}
    for _ in range(PAGES_MAX):
        page = await try_page(tx, ctx.vault, review, then, ours=our_own(ctx), since=began, after=after)
        orders, differs, after = orders + page.orders, differs + page.differs, page.next
        failed = {why: failed.get(why, 0) + page.failed.get(why, 0) for why in {*failed, *page.failed}}
        if after is None:
            break
    return TriedOut(orders, await count_past(tx, since=began), differs, failed)


def _actions(typed: Typed) -> list[Action]:
    return [read_action(line) for line in typed.actions.split("\n") if line.strip()]


@post("/review/rules/{name:str}/{deed:str}", status_code=200, include_in_schema=False)
async def settle_rule(request: AnyRequest, name: FromPath[str], deed: FromPath[str]) -> Redirect:
    """Switch a rule, ask it first, or drop it."""
    at = now()
    async with hub_of(request).db.transaction() as tx:
        if deed in {"on", "off"}:
            await switch_rule(tx, name, is_on=deed == "on", actor=ACTOR, at=at)
        elif deed == "first":
            await arrange_rules(tx, [name], actor=ACTOR, at=at)
        elif deed == "drop":
            await drop_rule(tx, name, actor=ACTOR, at=at)
    return Redirect("/review", status_code=303)


async def _show(
    request: AnyRequest,
    tx: Tx,
    typed: Typed,
    *,
    at: datetime,
    tried: TriedOut | None = None,
    problems: Mapping[str, str] | None = None,
) -> Template:
    kept = next((each for each in await all_rules(tx) if each.rule.name == typed.name), None)
    values = {
        "typed": typed,
        "tried": tried,
        "problems": problems or {},
        "kept": kept,
        "versions": await versions_of(tx, kept.rule.id) if kept else [],
        "words": list(names_of(Facts)),
        "functions": FUNCTIONS,
        "needs": NEEDS,
        "days": DAYS,
    }
    status = 422 if problems else 200
    return await render(tx, "rule.html", Frame("waiting"), format_of(request, at), values, status=status)


rule_pages = [rule_page, write, settle_rule]

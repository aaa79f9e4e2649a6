"""Sourcing: in which order locations fill orders, and a dry run of what a basket would get, from where and why."""

from collections.abc import Mapping
from datetime import datetime

from litestar import get, post
from litestar.response import Redirect, Template
from msgspec import Struct
from msgspec.structs import replace

from hub.flows.stock.foresee import Asked, foresee
from hub.flows.stock.set_sourcing import clear_policy, set_policies
from hub.kit.clock import now
from hub.model.errors import InputError
from hub.model.incoming import Pickup
from hub.model.stock.forecast import Forecast
from hub.model.stock.nearness import Destination
from hub.model.stock.policies import Policy, Strategy, sentence
from hub.store.db import Tx
from hub.store.desk.channels import name_channels
from hub.store.stock.locations import all_locations
from hub.store.stock.policies import Policies, all_policies
from hub.web.desk.basket import Basket, changed, checked, rows_typed, units_in
from hub.web.desk.page import REFUSED, STOCK_SEARCH, AnyRequest, Frame, fields_of, format_of, hub_of, render

ACTOR = "desk"
RANKS = tuple(f"rank-{place}" for place in range(1, len(Strategy) + 1))
WORDS: Mapping[Strategy, str] = {
    Strategy.SINGLE: "One that has the whole order",
    Strategy.WHOLE_LINE: "One that has the whole line",
    Strategy.NEAREST: "The nearest",
    Strategy.PRIORITY: "The lowest priority",
    Strategy.MOST_STOCK: "The one with most stock",
}


class PolicyView(Struct, frozen=True):
    """One policy as its form shows it; `channel` empty is for all that have none of their own."""

    channel: str
    policy: Policy
    says: str
    is_set: bool


class PolicyForm(Struct, frozen=True):
    """What was typed of the policy of one channel, and what is wrong."""

    channel: str = ""
    ranks: tuple[str, ...] = ()
    split_max: str = ""
    keep_whole: bool = False
    problems: dict[str, str] = {}


class DryRun(Struct, frozen=True):
    channel: str = ""
    country: str = ""
    postcode: str = ""
    pickup: str = ""
    basket: Basket = Basket()
    told: Forecast | None = None


@get("/sourcing", include_in_schema=False)
async def sourcing_page(request: AnyRequest) -> Template:
    async with hub_of(request).db.transaction() as tx:
        return await _show(request, tx, at=now())


@post("/sourcing", status_code=200, include_in_schema=False)
async def set_policy(request: AnyRequest) -> Template | Redirect:
    """What is promised already stays where it is."""
    at, given = now(), await fields_of(request)
    ranks = tuple(given.get(name, "") for name in RANKS)
    form = PolicyForm(given.get("channel", ""), ranks, given.get("split_max", ""), "keep_whole" in given)
    try:
        async with hub_of(request).db.transaction() as tx:
            await set_policies(tx, {form.channel or None: _policy(form)}, actor=ACTOR, at=at)
    except REFUSED as error:
        field = error.field if isinstance(error, InputError) else "strategies"
        async with hub_of(request).db.transaction() as tx:
            return await _show(request, tx, at=at, form=replace(form, problems={field: str(error)}))
    return Redirect("/sourcing", status_code=303)


@post("/sourcing/clear", status_code=200, include_in_schema=False)
async def take_policy_back(request: AnyRequest) -> Redirect:
    """Then the one for all channels decides again, or the usual one. A second press changes nothing."""
    at, given = now(), await fields_of(request)
    async with hub_of(request).db.transaction() as tx:
        said, channel = await all_policies(tx), given.get("channel", "")
        if channel in said.own or (not channel and said.said):
            await clear_policy(tx, channel or None, actor=ACTOR, at=at)
    return Redirect("/sourcing", status_code=303)


@post("/sourcing/plan", status_code=200, include_in_schema=False)
async def try_order(request: AnyRequest) -> Template:
    """What an order with this basket would get. Nothing is promised, nothing is written."""
    at, sent = now(), await request.form()
    channel, country, postcode, pickup = (
        str(sent.get(name, "")).strip()[:200] for name in ("channel", "country", "postcode", "pickup")
    )
    async with hub_of(request).db.transaction() as tx:
        basket = await changed(tx, sent, rows_typed(sent))
        if basket.rows:
            basket = checked(basket)
        run = DryRun(channel, country.upper(), postcode.upper(), pickup, basket)
        if basket.rows and basket.is_sound:
            run = await _told(tx, run, at=at)
        return await _show(request, tx, at=at, run=run)


async def _told(tx: Tx, run: DryRun, *, at: datetime) -> DryRun:
    to = Destination(run.country, postcode=run.postcode) if run.country or run.postcode else None
    lines = [Asked(each.sku, each.units) for each in units_in(run.basket)]
    try:
        pickup = Pickup(name=run.pickup) if run.pickup else None
        told = await foresee(tx, lines, channel=run.channel or None, to=to, pickup=pickup, at=at)
    except REFUSED as error:
        return replace(run, basket=replace(run.basket, problems={"lines": str(error)}))
    return replace(run, told=told)


def _policy(form: PolicyForm) -> Policy:
    """Raises InputError."""
    known = {str(each) for each in Strategy}
    strategies = tuple(Strategy(each) for each in form.ranks if each in known)
    if not form.split_max:
        return Policy(strategies, None, form.keep_whole)
    if not (form.split_max.isascii() and form.split_max.isdigit() and len(form.split_max) < 5):
        msg = "A number, such as 2; nothing where it does not matter"
        raise InputError(msg, field="split_max")
    return Policy(strategies, int(form.split_max), form.keep_whole)


async def _show(
    request: AnyRequest,
    tx: Tx,
    *,
    at: datetime,
    form: PolicyForm | None = None,
    run: DryRun | None = None,
) -> Template:
    run = run or DryRun()
    is_wrong = form is not None or not run.basket.is_sound
    values = {
        "policies": _views(await all_policies(tx)),
        "channels": {each.slug: each for each in await name_channels(tx)},
        "counters": [each.name for each in await all_locations(tx) if each.pickup],
        "words": WORDS,
        "ranks": RANKS,
        "form": form,
        "run": run,
    }
    frame, fmt = Frame("stock", "", "", STOCK_SEARCH), format_of(request, at)
    return await render(tx, "sourcing.html", frame, fmt, values, status=422 if is_wrong else 200)


def _views(said: Policies) -> list[PolicyView]:
    usual = PolicyView("", said.usual, sentence(said.usual), said.said)
    return [usual, *(PolicyView(slug, each, sentence(each), True) for slug, each in said.own.items())]


sourcing_pages = [sourcing_page, set_policy, take_policy_back, try_order]

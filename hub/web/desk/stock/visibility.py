"""What channels may see of one SKU: the rules that decide it, its group, and the safety stock at each location."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from urllib.parse import parse_qs, quote, urlencode
from uuid import UUID

from litestar import get, post
from litestar.params import FromPath
from litestar.response import Redirect, Template
from msgspec import Struct
from msgspec.structs import asdict

from hub.channels.intake import ring_touched
from hub.flows.stock import set_visibility as flow
from hub.kit.clock import now
from hub.model.errors import InputError
from hub.model.stock.bundles import Kind
from hub.model.stock.explain import ListingLadder
from hub.model.stock.visibility import Rule, Scope, read_risk, sentence
from hub.store.db import Tx
from hub.store.desk.stock import Location, SkuHead, list_locations, sku_head
from hub.store.stock.levels import read_levels
from hub.store.stock.visibility import Keep, RuleRow, rules_of
from hub.web.desk.basket import Row
from hub.web.desk.page import REFUSED, STOCK_SEARCH, AnyRequest, Frame, fields_of, format_of, hub_of, render
from hub.web.desk.stock.chain import WORDS, load_chain, sku_address

ACTOR = "desk"
FRAME = Frame("stock", "stock,channels", "", STOCK_SEARCH)
COUNTS = ("cap", "minimum", "allotment", "buffer_max")


class RuleView(Struct, frozen=True):
    """`about` is the scope as a form sends it; a `wide` rule is about all SKUs, so it is not taken back here."""

    about: str
    says: str
    wide: bool


class Kept(Struct, frozen=True):
    place: Location
    units: int


class Typed(Struct, frozen=True):
    """A form of the page that comes back: what was typed, and what is wrong."""

    given: Mapping[str, str] = {}
    problems: Mapping[str, str] = {}


@get("/visibility/{sku:path}", include_in_schema=False)
async def visibility_page(request: AnyRequest, sku: FromPath[str]) -> Template:
    return await _render(request, sku.removeprefix("/"), Typed(), at=now())


@post("/visibility/{sku:path}", status_code=200, include_in_schema=False)
async def change_visibility(request: AnyRequest, sku: FromPath[str]) -> Template | Redirect:
    """Set a rule or take one back, keep units back, or put the SKU into a group; the button says which."""
    at, ctx, given, named = now(), hub_of(request), await fields_of(request), sku.removeprefix("/")
    story = _STORIES.get(given.get("do", ""), _set_rule)
    try:
        async with ctx.db.transaction() as tx:
            touched = await story(tx, named, given, at)
    except InputError as error:
        field = "buffer" if error.field == "buffer_percent" else error.field or "about"
        return await _render(request, named, Typed(given, {field: str(error)}), at=at, status=422)
    except REFUSED as error:
        return await _render(request, named, Typed(given, {"about": str(error)}), at=at, status=422)
    await ring_touched(ctx, touched)
    return Redirect(address_of(named), status_code=303)


def address_of(sku: str) -> str:
    return f"/visibility/{quote(sku, safe='')}"


async def _set_rule(tx: Tx, _sku: str, given: Mapping[str, str], at: datetime) -> set[UUID]:
    wish = flow.Wish(_scope(given.get("about", "")), _rule(given))
    return await flow.set_rules(tx, [wish], actor=ACTOR, at=at)


async def _clear_rule(tx: Tx, sku: str, given: Mapping[str, str], at: datetime) -> set[UUID]:
    """A second press finds nothing more to take back."""
    scope = _scope(given.get("about", ""))
    if scope not in {each.scope for each in await rules_of(tx, sku)}:
        return set()
    return await flow.clear_rules(tx, [flow.Clearing(scope)], actor=ACTOR, at=at)


async def _keep(tx: Tx, sku: str, given: Mapping[str, str], at: datetime) -> set[UUID]:
    keeps = [
        Keep(sku, name.removeprefix("keep-"), _units(written, name))
        for name, written in given.items()
        if name.startswith("keep-")
    ]
    return await flow.keep_safety_stock(tx, keeps, actor=ACTOR, at=at)


async def _group(tx: Tx, sku: str, given: Mapping[str, str], at: datetime) -> set[UUID]:
    return await flow.put_in_group(tx, [sku], given.get("group", "")[:200], actor=ACTOR, at=at)


Story = Callable[[Tx, str, Mapping[str, str], datetime], Awaitable[set[UUID]]]
_STORIES: Mapping[str, Story] = {"clear": _clear_rule, "keep": _keep, "group": _group}


def _view(row: RuleRow) -> RuleView:
    return RuleView(_about(row.scope), sentence(row.scope, row.rule), _is_wide(row.scope))


def _is_wide(scope: Scope) -> bool:
    return scope.listing is None and scope.group is None


def _scope(about: str) -> Scope:
    """Raises InputError."""
    named = {name: values[0] for name, values in parse_qs(about).items()}
    scope = Scope(named.get("channel"), named.get("group"), named.get("listing"))
    if _is_wide(scope):
        msg = "Choose what the rule is about: a listing of it, or its group"
        raise InputError(msg, field="about")
    return scope


def _about(scope: Scope) -> str:
    return urlencode({name: value for name, value in asdict(scope).items() if value is not None})


def _rule(given: Mapping[str, str]) -> Rule:
    """What is left empty stays as it was. Raises InputError."""
    cap, minimum, allotment, most = (
        _units(given[name], name) if given.get(name) else None for name in COUNTS
    )
    written = given.get("buffer", "").replace(" ", "")
    buffer = _units(written.removesuffix("%"), "buffer") if written else None
    percent = buffer if written.endswith("%") else None
    places = tuple(sorted(name.removeprefix("count-") for name in given if name.startswith("count-"))) or None
    risk = read_risk(given["risk_percent"]) if given.get("risk_percent") else None
    units = None if percent is not None else buffer
    return Rule(units, percent, cap, allotment, minimum, places, risk, most)


def _units(written: str, field: str) -> int:
    count = Row("", written).count
    if count is None:
        msg = "A number, such as 2 or 20%" if field == "buffer" else "A number, such as 2"
        raise InputError(msg, field=field)
    return count


async def _render(
    request: AnyRequest, sku: str, typed: Typed, *, at: datetime, status: int = 200
) -> Template:
    """Raises NotFoundError."""
    async with hub_of(request).db.transaction() as tx:
        chain, head, places = (
            await load_chain(tx, sku, at=at),
            await sku_head(tx, sku),
            await list_locations(tx),
        )
        values = {
            "sku": head,
            "chain": chain,
            "rules": [_view(each) for each in await rules_of(tx, sku)],
            "scopes": _scopes(head, chain.why.listings) if head else {},
            "selling": [each for each in places if each.sellable],
            "kept": await _kept(tx, sku, places) if head and head.kind is not Kind.BUNDLE else [],
            "typed": typed,
            "back": sku_address(sku),
            "address": address_of(sku),
            **WORDS,
        }
        return await render(tx, "visibility.html", FRAME, format_of(request, at), values, status=status)


def _scopes(head: SkuHead, listings: Sequence[ListingLadder]) -> dict[str, str]:
    """What a rule may be about, as the form sends it, with how a person says it."""
    scopes = [Scope(each.channel, None, each.channel_listing_id) for each in listings]
    if head.sku_group:
        scopes += [Scope(None, head.sku_group), *(Scope(each.channel, head.sku_group) for each in listings)]
    return {_about(each): f"{str(each)[0].upper()}{str(each)[1:]}" for each in scopes}


async def _kept(tx: Tx, sku: str, places: Sequence[Location]) -> list[Kept]:
    there = {each.location: each.safety_stock for each in await read_levels(tx, [sku])}
    return [Kept(place, there.get(place.code, 0)) for place in places]


visibility_pages = [visibility_page, change_visibility]

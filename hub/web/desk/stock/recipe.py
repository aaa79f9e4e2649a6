"""What a bundle or a kit is made of, on a page of its own; kits are assembled there, or taken apart."""

from collections.abc import Mapping
from datetime import datetime

from litestar import get, post
from litestar.params import FromPath
from litestar.response import Redirect, Template
from msgspec import Struct
from msgspec.structs import replace

from hub.channels.intake import ring_touched
from hub.flows.stock.assemble_kits import Work, assemble_kits
from hub.flows.stock.set_components import set_components
from hub.kit.clock import now
from hub.kit.ids import uuid7
from hub.model.errors import NotFoundError
from hub.model.stock.bundles import Kind, Recipe
from hub.model.stock.levels import Level
from hub.model.stock.lines import summed
from hub.model.stock.wants import Parts
from hub.store.db import Tx
from hub.store.desk.stock import SkuHead, list_locations, sku_head
from hub.store.stock.components import kit_parts
from hub.store.stock.levels import read_levels
from hub.web.desk.basket import Basket, Row, changed, checked, named, rows_typed, units_in
from hub.web.desk.page import REFUSED, STOCK_SEARCH, AnyRequest, Frame, fields_of, format_of, hub_of, render
from hub.web.desk.stock.chain import sku_address

ACTOR = "desk"
FRAME = Frame("stock", "", "", STOCK_SEARCH)


class RecipeForm(Struct, frozen=True):
    kind: str
    basket: Basket = Basket()
    problems: dict[str, str] = {}


class WorkForm(Struct, frozen=True):
    """Kits to be made or taken apart, as typed; `id` makes it happen only once."""

    id: str
    location: str = ""
    count: str = "1"
    apart: bool = False
    problems: dict[str, str] = {}


class Bench(Struct, frozen=True):
    """How many kits the free parts at one location are enough for, and how many lie there."""

    code: str
    name: str
    enough_for: int
    there: int


@get("/recipes/{sku:path}", include_in_schema=False)
async def recipe_page(request: AnyRequest, sku: FromPath[str]) -> Template:
    return await _render(request, sku.removeprefix("/"), at=now())


@post("/recipes/{sku:path}", status_code=200, include_in_schema=False)
async def set_recipe(request: AnyRequest, sku: FromPath[str]) -> Template | Redirect:
    """Orders keep the parts they were taken with. Raises NotFoundError."""
    at, sent, ctx, whole = now(), await request.form(), hub_of(request), sku.removeprefix("/")
    kind = str(sent.get("kind", ""))
    async with ctx.db.transaction() as tx:
        basket = await changed(tx, sent, rows_typed(sent))
    form = RecipeForm(kind if kind in set(Kind) else Kind.ITEM, basket)
    if sent.get("do") != "save":
        return await _render(request, whole, at=at, form=form)
    if form.kind != Kind.ITEM:
        form = replace(form, basket=checked(basket))
    if not form.basket.is_sound:
        return await _render(request, whole, at=at, form=form)
    try:
        async with ctx.db.transaction() as tx:
            touched = await set_components(tx, [_recipe(whole, form)], actor=ACTOR, at=at)
    except REFUSED as error:
        form = replace(form, problems={"lines": str(error)})
        return await _render(request, whole, at=at, form=form)
    await ring_touched(ctx, touched)
    return Redirect(sku_address(whole), status_code=303)


@post("/assemblies", status_code=200, include_in_schema=False)
async def assemble(request: AnyRequest) -> Template | Redirect:
    """Make kits of their parts, or take them apart; twice pressed is done once. Raises NotFoundError."""
    at, given, ctx = now(), await fields_of(request), hub_of(request)
    kit, apart = given.get("sku", ""), given.get("way") == "apart"
    form = WorkForm(given.get("id", "")[:100], given.get("location", ""), given.get("count", ""), apart)
    count = Row(kit, form.count).count
    if not count or not form.id:
        form = replace(form, problems={"count": "1 or more"})
        return await _render(request, kit, at=at, work=form)
    try:
        async with ctx.db.transaction() as tx:
            work = Work(kit, form.location, count, form.id, apart)
            touched = await assemble_kits(tx, [work], actor=ACTOR, at=at)
    except REFUSED as error:
        return await _render(request, kit, at=at, work=replace(form, problems={"count": str(error)}))
    await ring_touched(ctx, touched)
    return Redirect(sku_address(kit), status_code=303)


def _recipe(sku: str, form: RecipeForm) -> Recipe:
    if form.kind == Kind.ITEM:
        return Recipe(sku, Kind.ITEM)
    return Recipe(sku, Kind(form.kind), summed(units_in(form.basket), what=form.kind))


async def _render(
    request: AnyRequest,
    sku: str,
    *,
    at: datetime,
    form: RecipeForm | None = None,
    work: WorkForm | None = None,
) -> Template:
    """Raises NotFoundError."""
    async with hub_of(request).db.transaction() as tx:
        head = await sku_head(tx, sku)
        if head is None:
            msg = f"There is no SKU {sku}: see Stock"
            raise NotFoundError(msg)
        form = form or await _as_it_is(tx, head)
        values = {
            "sku": head,
            "form": form,
            "work": work or WorkForm(str(uuid7())),
            "benches": await _benches(tx, sku) if head.kind is Kind.KIT else [],
            "address": sku_address(sku),
        }
        is_wrong = bool(form.problems) or not form.basket.is_sound or bool(work and work.problems)
        status = 422 if is_wrong else 200
        return await render(tx, "recipe.html", FRAME, format_of(request, at), values, status=status)


async def _as_it_is(tx: Tx, head: SkuHead) -> RecipeForm:
    rows = [Row(part, str(units)) for part, units in head.made_of.items()]
    return RecipeForm(head.kind if rows else Kind.BUNDLE, await named(tx, Basket(rows)))


async def _benches(tx: Tx, kit: str) -> list[Bench]:
    parts = (await kit_parts(tx, [kit])).get(kit, {})
    levels = {(each.sku, each.location): each for each in await read_levels(tx, [kit, *parts])}
    return [
        Bench(
            place.code,
            place.name,
            _enough_for(parts, levels, place.code),
            levels[kit, place.code].on_hand if (kit, place.code) in levels else 0,
        )
        for place in await list_locations(tx)
    ]


def _enough_for(parts: Parts, levels: Mapping[tuple[str, str], Level], place: str) -> int:
    """Promised units stay; safety stock may be used."""
    free = {
        sku: max(0, each.on_hand - each.allocated - each.reserved)
        for (sku, where), each in levels.items()
        if where == place
    }
    return min((free.get(sku, 0) // units for sku, units in parts.items()), default=0)


recipe_pages = [recipe_page, set_recipe, assemble]

"""Bundles and kits: what they are made of, and kits assembled or taken apart."""

from typing import Annotated
from uuid import UUID

from litestar import Router, get, post
from litestar.di import NamedDependency
from litestar.openapi.spec import Example
from litestar.params import Body, QueryParameter
from msgspec import Meta, Struct

from hub.channels.context import HubContext
from hub.channels.intake import ring_touched
from hub.flows.stock.assemble_kits import Work, assemble_kits
from hub.flows.stock.set_components import set_components
from hub.kit.clock import now
from hub.model.stock.bundles import COMPONENTS_MAX, UNITS_MAX, Kind, Recipe
from hub.model.stock.lines import summed
from hub.store.stock import components as store
from hub.web.api.paging import LIMIT_DEFAULT, Cursor, Limit, cut, read_cursor, write_cursor
from hub.web.api.stock.receipts import UnitsIn, units_of
from hub.web.problems import answers

ACTOR = "api"
SkuName = Annotated[str, Meta(min_length=1)]


class RecipeIn(Struct, frozen=True, forbid_unknown_fields=True):
    """What one of the SKU is made of, in the place of what it was made of; an `item` is made of nothing."""

    sku: SkuName
    kind: Kind
    parts: Annotated[list[UnitsIn], Meta(max_length=COMPONENTS_MAX)] = []


class RecipesIn(Struct, frozen=True, forbid_unknown_fields=True):
    recipes: Annotated[list[RecipeIn], Meta(min_length=1, max_length=500)]


class RecipesPage(Struct, frozen=True):
    items: list[store.Made]
    next_cursor: str | None


class WorkIn(Struct, frozen=True, forbid_unknown_fields=True):
    """`id` is made by you: the same work sent twice is done once. `apart`: kits are taken apart."""

    id: UUID
    kit: SkuName
    location: SkuName
    count: Annotated[int, Meta(ge=1, le=UNITS_MAX)]
    apart: bool = False


class WorksIn(Struct, frozen=True, forbid_unknown_fields=True):
    assemblies: Annotated[list[WorkIn], Meta(min_length=1, max_length=500)]


class Done(Struct, frozen=True):
    """How many were done or had been done before, and how many channels are told of it."""

    done: int
    channels_to_tell: int


_RECIPES = {
    "recipes": [
        {
            "sku": "GIFT-TEATIME",
            "kind": "bundle",
            "parts": [{"sku": "MUG-BLUE", "units": 1}, {"sku": "TEA-MINT", "units": 2}],
        }
    ]
}
_WORKS = {
    "assemblies": [
        {"id": "0199a1b2-7c3d-7e4f-8a5b-6c7d8e9f0a2b", "kit": "HAMPER", "location": "main", "count": 5}
    ]
}
RecipesBody = Annotated[RecipesIn, Body(examples=[Example(summary="One mug and two teas", value=_RECIPES)])]
WorksBody = Annotated[WorksIn, Body(examples=[Example(summary="Five hampers", value=_WORKS)])]


@get("/recipes", summary="List bundles and kits", responses=answers(400, 422))
async def list_recipes(
    hub: NamedDependency[HubContext],
    limit: Limit = LIMIT_DEFAULT,
    cursor: Cursor = None,
    of_kind: Annotated[Kind | None, QueryParameter(name="kind", description="Only these")] = None,
    sku: Annotated[
        list[str] | None, QueryParameter(description="Only these SKUs; repeat it for more")
    ] = None,
) -> RecipesPage:
    """With their components, and the parts a bundle takes from the shelves once bundles in it are exploded."""
    (after,) = read_cursor(cursor, tuple[str], ("",))
    async with hub.db.transaction() as tx:
        found = await store.list_made(tx, kind=of_kind, after=after, skus=sku, limit=limit + 1)
    items, more = cut(found, limit)
    return RecipesPage(items, write_cursor(items[-1].sku) if more else None)


@post(
    "/recipes",
    status_code=200,
    summary="Say what bundles and kits are made of",
    responses=answers(400, 404, 409, 422),
)
async def post_recipes(hub: NamedDependency[HubContext], data: RecipesBody) -> Done:
    """All of them or none. Orders keep the parts they were taken with; the listings they concern are told anew."""
    recipes = [_recipe(each) for each in data.recipes]
    async with hub.db.transaction() as tx:
        touched = await set_components(tx, recipes, actor=ACTOR, at=now())
    await ring_touched(hub, touched)
    return Done(len(recipes), len(touched))


@post(
    "/assemblies",
    status_code=200,
    summary="Assemble kits, or take them apart",
    responses=answers(400, 404, 409, 422),
)
async def post_assemblies(hub: NamedDependency[HubContext], data: WorksBody) -> Done:
    """All of them or none, one after the other. Promised parts stay; the answer 409 says what is short."""
    works = [Work(each.kit, each.location, each.count, str(each.id), each.apart) for each in data.assemblies]
    async with hub.db.transaction() as tx:
        touched = await assemble_kits(tx, works, actor=ACTOR, at=now())
    await ring_touched(hub, touched)
    return Done(len(works), len(touched))


def _recipe(given: RecipeIn) -> Recipe:
    parts = summed(units_of(given.parts), what=given.kind) if given.parts else {}
    return Recipe(given.sku, given.kind, parts)


bundle_routes = Router("/", route_handlers=[list_recipes, post_recipes, post_assemblies], tags=["bundles"])

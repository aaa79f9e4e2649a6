"""Products: SKUs that are one thing in several variants, with what tells them apart."""

from typing import Annotated

from litestar import Router, get, post
from litestar.di import NamedDependency
from litestar.openapi.spec import Example
from litestar.params import Body, QueryParameter
from msgspec import Meta, Struct

from hub.channels.context import HubContext
from hub.flows.stock import set_products as flow
from hub.kit.clock import now
from hub.model.stock.products import OPTIONS_MAX, VARIANTS_MAX, Product, Variant
from hub.store.stock import products as store
from hub.web.api.paging import LIMIT_DEFAULT, Cursor, Limit, cut, read_cursor, write_cursor
from hub.web.api.stock.locations import Kept
from hub.web.problems import answers

ACTOR = "api"
SkuName = Annotated[str, Meta(min_length=1)]


class VariantIn(Struct, frozen=True, forbid_unknown_fields=True):
    """A SKU that is there, with its value of each option of the product."""

    sku: SkuName
    values: dict[str, str] = {}


class ProductIn(Struct, frozen=True, forbid_unknown_fields=True):
    """`variants` are added to those it has; they are taken out one by one, with the SKUs to remove."""

    code: SkuName
    title: SkuName
    options: Annotated[tuple[str, ...], Meta(max_length=OPTIONS_MAX)] = ()
    variants: Annotated[list[VariantIn], Meta(max_length=VARIANTS_MAX)] = []


class ProductsIn(Struct, frozen=True, forbid_unknown_fields=True):
    products: Annotated[list[ProductIn], Meta(min_length=1, max_length=500)]


class RemoveIn(Struct, frozen=True, forbid_unknown_fields=True):
    skus: Annotated[list[SkuName], Meta(min_length=1, max_length=500)]


class ProductsPage(Struct, frozen=True):
    items: list[store.ProductOf]
    next_cursor: str | None


_SHIRT = {
    "products": [
        {
            "code": "SHIRT",
            "title": "T-shirt",
            "options": ["size", "color"],
            "variants": [{"sku": "SHIRT-M-BLUE", "values": {"size": "M", "color": "blue"}}],
        }
    ]
}
ProductsBody = Annotated[ProductsIn, Body(examples=[Example(summary="A shirt and one of it", value=_SHIRT)])]
RemoveBody = Annotated[
    RemoveIn, Body(examples=[Example(summary="One SKU", value={"skus": ["SHIRT-M-BLUE"]})])
]


@get("/products", summary="List products", responses=answers(400, 422))
async def list_products(
    hub: NamedDependency[HubContext],
    limit: Limit = LIMIT_DEFAULT,
    cursor: Cursor = None,
    code: Annotated[
        list[str] | None, QueryParameter(description="Only these products; repeat it for more")
    ] = None,
) -> ProductsPage:
    """Each with its variants, and what may be sold of each."""
    (after,) = read_cursor(cursor, tuple[str], ("",))
    async with hub.db.transaction() as tx:
        found = await store.list_products(tx, after=after, codes=code, limit=limit + 1)
    items, more = cut(found, limit)
    return ProductsPage(items, write_cursor(items[-1].code) if more else None)


@post(
    "/products",
    status_code=200,
    summary="Add or change products",
    responses=answers(400, 404, 409, 422),
)
async def post_products(hub: NamedDependency[HubContext], data: ProductsBody) -> Kept:
    """All of them or none. Sending the same list again changes nothing; no stock moves by it."""
    wanted = [Product(each.code, each.title, each.options) for each in data.products]
    variants = {
        each.code: [Variant(one.sku, one.values) for one in each.variants]
        for each in data.products
        if each.variants
    }
    async with hub.db.transaction() as tx:
        await flow.put_products(tx, wanted, variants, actor=ACTOR, at=now())
    await hub.bell.announce("stock")
    return Kept(len(wanted))


@post(
    "/products/remove-variants",
    status_code=200,
    summary="Take SKUs out of their products",
    responses=answers(400, 404),
)
async def post_removals(hub: NamedDependency[HubContext], data: RemoveBody) -> Kept:
    """All of them or none; their stock and listings stay as they are."""
    async with hub.db.transaction() as tx:
        await flow.remove_variants(tx, data.skus, actor=ACTOR, at=now())
    await hub.bell.announce("stock")
    return Kept(len(data.skus))


product_routes = Router("/", route_handlers=[list_products, post_products, post_removals], tags=["catalog"])

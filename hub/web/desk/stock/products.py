"""Products: SKUs that are one thing in several variants, one beside the other, with what is left of each."""

from collections.abc import Sequence
from typing import Annotated
from urllib.parse import urlencode

from litestar import get
from litestar.params import QueryParameter
from litestar.response import Template
from msgspec import Struct

from hub.kit.clock import now
from hub.store.stock.products import ProductOf, VariantOf, list_products
from hub.web.desk.charts import Part
from hub.web.desk.format import Format
from hub.web.desk.page import STOCK_SEARCH, AnyRequest, Frame, format_of, hub_of, render
from hub.web.desk.stock.chain import sku_address

PAGE_ROWS = 25


class VariantView(Struct, frozen=True):
    """`says` are its values in the order of the product's options; `bar` is against the variant with most."""

    variant: VariantOf
    says: str
    bar: list[Part]
    page: str


class ProductView(Struct, frozen=True):
    product: ProductOf
    variants: list[VariantView]


@get("/products", include_in_schema=False)
async def products_page(
    request: AnyRequest, after: Annotated[str, QueryParameter(max_length=500)] = ""
) -> Template:
    fmt = format_of(request, now())
    async with hub_of(request).db.transaction() as tx:
        found = await list_products(tx, after=after, limit=PAGE_ROWS + 1)
        last = found[PAGE_ROWS - 1].code if len(found) > PAGE_ROWS else ""
        values = {
            "products": [view_product(each, fmt) for each in found[:PAGE_ROWS]],
            "first": "/products" if after else "",
            "more": f"/products?{urlencode({'after': last})}" if last else "",
        }
        frame = Frame("stock", "stock", "", STOCK_SEARCH)
        return await render(tx, "products.html", frame, fmt, values)


def view_product(product: ProductOf, fmt: Format) -> ProductView:
    most = max((each.available for each in product.variants), default=0)
    return ProductView(product, [_view(each, product.options, most, fmt) for each in product.variants])


def _view(variant: VariantOf, options: Sequence[str], most: int, fmt: Format) -> VariantView:
    says = ", ".join(variant.values.get(option, "") for option in options)
    width = round(100 * variant.available / most, 3) if most else 0.0
    title = f"{fmt.number(variant.available)} available"
    bar = [Part(0.0, width, "good", "available", variant.available, title)] if width else []
    return VariantView(variant, says or variant.name, bar, sku_address(variant.sku))

"""Walk everything offered, one call a page: products, then the variations of each variable one. Pure."""

from collections.abc import Sequence

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from connectors.woocommerce.translate import listing_id
from connectors.woocommerce.wire import WireProduct
from hub.spec import ChannelListing, MalformedError

PAGE_MAX = 100  # products per page: WooCommerce REST v3, "Pagination"
_NEVER_STOCKED = {"grouped", "external"}  # a shelf of other products, and a link to another shop


class Walk(Struct, frozen=True, omit_defaults=True):
    """`page`: next page of products, 0 after the last.

    `variable`: (id, name) of the products whose variations come first.
    """

    page: int = 1
    variable: list[tuple[int, str]] = []
    variations_page: int = 1

    @property
    def path(self) -> str:
        return f"/products/{self.variable[0][0]}/variations" if self.variable else "/products"

    @property
    def query(self) -> dict[str, str]:
        page = self.variations_page if self.variable else self.page
        return {"orderby": "id", "order": "asc", "per_page": str(PAGE_MAX), "page": str(page)}


def read_cursor(cursor: str | None) -> Walk:
    try:
        return msgspec.json.decode(cursor, type=Walk) if cursor else Walk()
    except msgspec.DecodeError as error:
        msg = f"the listings cursor {cursor!r} is not one of this connector: list again from the beginning"
        raise MalformedError(msg) from error


def write_cursor(walk: Walk) -> str | None:
    """Return None where everything has been seen."""
    return msgspec.json.encode(walk).decode() if walk.page or walk.variable else None


def advance(walk: Walk, products: Sequence[WireProduct], pages: int) -> Walk:
    if not walk.variable:
        parents = [(product.id, product.name or "") for product in products if product.variations]
        return Walk(page=walk.page + 1 if pages > walk.page else 0, variable=parents)
    if pages > walk.variations_page:
        return replace(walk, variations_page=walk.variations_page + 1)
    return replace(walk, variable=walk.variable[1:], variations_page=1)


def listings_of(walk: Walk, products: Sequence[WireProduct]) -> list[ChannelListing]:
    """Return what can be sold of this page; a variable product is sold by its variations only."""
    if walk.variable:
        parent, title = walk.variable[0]
        return [_listing(listing_id(parent, one.id), f"{title} - {one.name}", one) for one in products]
    offered = (one for one in products if not one.variations and one.type not in _NEVER_STOCKED)
    return [_listing(listing_id(one.id), one.name or "", one) for one in offered]


def _listing(channel_listing_id: str, title: str, product: WireProduct) -> ChannelListing:
    quantity = product.stock_quantity if product.manage_stock else None
    barcode = product.global_unique_id or ""
    return ChannelListing(channel_listing_id, product.sku or "", title, quantity, barcode)

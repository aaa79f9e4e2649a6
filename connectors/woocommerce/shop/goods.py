"""The products of the simulated shop: simple ones, and a few variable ones with variations."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import msgspec
from msgspec import Struct

from connectors.woocommerce.shop.answers import Json, error, error_json, no_such, no_such_text, product_json
from connectors.woocommerce.shop.queries import Call, included, paged
from connectors.woocommerce.shop.things import Ids, Product, second
from hub.spec.testing import Profile, SimItem, SimReply, sim_json

VARIATIONS = (3, 4)  # of every ten items, these two are the variations of one variable product
OPENED = datetime(2026, 1, 1, tzinfo=UTC)  # when the shop put its products in
_BATCH_MAX = 100
Tell = Callable[[str, int, datetime], None]


class BatchUpdate(Struct, frozen=True):
    update: list[dict[str, object]] = []


class Goods:
    """The catalog and its stock."""

    def __init__(self, items: Sequence[SimItem], ids: Ids, tell: Tell, profile: Profile) -> None:
        self.by_id = {product.id: product for product in products_of(items, ids)}
        self.by_sku = {product.sku: product for product in self.by_id.values() if product.sku}
        self._tell = tell
        self._profile = profile

    def list(self, call: Call) -> SimReply:
        return self._page(0, call)

    def list_variations(self, call: Call, parent: int) -> SimReply:
        return self._page(parent, call) if parent in self.by_id else no_such("product")

    def batch(self, call: Call, parent: int = 0) -> SimReply:
        """Update each item on its own: one that is refused does not hold up the others."""
        changes = msgspec.json.decode(call.body, type=BatchUpdate).update
        if len(changes) > _BATCH_MAX:
            message = "Unable to accept more than 100 items for this request."
            return error(413, "woocommerce_rest_request_entity_too_large", message)
        return sim_json({"update": [self._update(change, parent, call.at) for change in changes]})

    def set_level(self, product: Product, units: int, at: datetime) -> None:
        product.stock, product.changed = units, second(at)
        product.levels.append((at, units))
        self._tell("product.updated", product.id, at)

    def levels(self) -> dict[str, int]:
        return {sku: product.stock or 0 for sku, product in self.by_sku.items()}

    def _page(self, parent: int, call: Call) -> SimReply:
        here = [number for number, product in self.by_id.items() if product.parent == parent]
        seen_at = call.at - timedelta(seconds=self._profile.lag_s)
        return paged(
            included(here, call.query), call.query, lambda number: product_json(self.by_id[number], seen_at)
        )

    def _update(self, change: Mapping[str, object], parent: int, at: datetime) -> Json:
        number, units = change.get("id"), change.get("stock_quantity")
        product = self.by_id.get(number) if isinstance(number, int) else None
        refusal = _refusal(product, parent, units) or self._locked(product)
        if product is None or refusal:
            return {"id": number, "error": refusal}
        if isinstance(units, int):
            self.set_level(product, units, at)
        return product_json(product)

    def _locked(self, product: Product | None) -> Json | None:
        if product is None or product.sku not in self._profile.refused_skus:
            return None
        return error_json(
            403, "woocommerce_rest_cannot_edit", "Sorry, you are not allowed to edit this resource."
        )


def products_of(items: Sequence[SimItem], ids: Ids) -> Iterator[Product]:
    """Offer every item; two of every ten become the variations of one variable product."""
    for start in range(0, len(items), 10):
        ten = items[start : start + 10]
        for index, item in enumerate(ten):
            if index not in VARIATIONS:
                yield _product(item, ids)
        yield from _variable([ten[index] for index in VARIATIONS if index < len(ten)], ids)


def _product(item: SimItem, ids: Ids, parent: int = 0) -> Product:
    return Product(
        ids.take(),
        item.title,
        item.sku,
        item.price,
        OPENED,
        item.stock,
        parent,
        barcode=item.barcode,
        levels=[(OPENED, item.stock)],
    )


def _variable(items: Sequence[SimItem], ids: Ids) -> Iterator[Product]:
    if not items:
        return
    parent = Product(ids.take(), items[0].title, "", Decimal(0), OPENED, None)
    parts = [_product(item, ids, parent.id) for item in items]
    parent.variations = [part.id for part in parts]
    yield parent
    yield from parts


def _refusal(product: Product | None, parent: int, units: object) -> Json | None:
    """Say why one item of a batch cannot be written."""
    if product is None or (parent and product.parent != parent):
        return error_json(400, *no_such_text("product"))
    if product.parent and not parent:
        message = "To manipulate product variations you should use the variations endpoint."
        return error_json(404, "woocommerce_rest_invalid_product_id", message)
    if units is not None and not isinstance(units, int):
        return error_json(400, "rest_invalid_param", "Invalid parameter(s): stock_quantity")
    return None

"""What everything else refers to: our SKUs."""

from typing import Annotated

from litestar import Router, post
from litestar.di import NamedDependency
from litestar.openapi.spec import Example
from litestar.params import Body
from msgspec import Meta, Struct

from hub.channels.context import HubContext
from hub.kit.clock import now
from hub.model.money import Currency, refuse_strange
from hub.store.stock import skus as sku_store
from hub.web.api.amounts import Amount, decimal_of
from hub.web.api.stock.locations import Kept
from hub.web.problems import answers

ACTOR = "api"


class PriceIn(Struct, frozen=True, forbid_unknown_fields=True):
    amount: Amount
    currency: Currency


class SkuIn(Struct, frozen=True, forbid_unknown_fields=True):
    """It replaces what the hub holds of this SKU; stock and listings stay."""

    sku: Annotated[str, Meta(min_length=1, max_length=200)]
    name: Annotated[str, Meta(min_length=1, max_length=500)]
    barcode: Annotated[str, Meta(max_length=200)] = ""
    price: PriceIn | None = None


class SkusIn(Struct, frozen=True, forbid_unknown_fields=True):
    skus: Annotated[list[SkuIn], Meta(min_length=1, max_length=5000)]


_SKUS = {"skus": [{"sku": "MUG-BLUE", "name": "Mug, blue", "price": {"amount": "12.50", "currency": "EUR"}}]}
SkusBody = Annotated[SkusIn, Body(examples=[Example(summary="One SKU", value=_SKUS)])]


@post("/skus", status_code=200, summary="Add or change SKUs", tags=["catalog"], responses=answers(400, 422))
async def put_skus(hub: NamedDependency[HubContext], data: SkusBody) -> Kept:
    """All of them or none. Sending the same list again changes nothing."""
    rows = [_sku_row(each) for each in data.skus]
    async with hub.db.transaction() as tx:
        await sku_store.put_skus(tx, rows, at=now())
    await hub.bell.announce("stock")
    return Kept(len({each.sku for each in data.skus}))


def _sku_row(given: SkuIn) -> sku_store.Sku:
    if given.price:
        refuse_strange(given.price.currency, field="price.currency")
    price, currency = (decimal_of(given.price.amount), given.price.currency) if given.price else (None, None)
    return sku_store.Sku(given.sku, given.name, given.barcode, price, currency)


catalog_routes = Router("/", route_handlers=[put_skus])

"""What Quayside sends, field by field as its API names them; fields that are not used are ignored."""

from datetime import datetime
from typing import Annotated

from msgspec import Meta, Raw, Struct

from hub.model.money import Currency

Local = Annotated[datetime, Meta(tz=False)]  # by the shop's own clock
Coins = Annotated[int, Meta(ge=0)]  # in the smallest coin of the currency


class WirePosition(Struct, frozen=True):
    pos: int
    sku: str
    text: str
    qty: Annotated[int, Meta(gt=0, le=1_000_000)]
    unit: Coins
    vat: Coins


class WireCustomer(Struct, frozen=True):
    name: str = ""
    mail: str = ""


class WireHead(Struct, frozen=True):
    """What a message is known by: an order whose rest is wrong is still kept, and parks alone."""

    id: int
    changed: Local


class WireOrder(WireHead, frozen=True):
    status: str
    created: Local
    currency: Currency
    customer: WireCustomer
    positions: list[WirePosition]
    shipping: Coins
    sum: Coins


class WirePage(Struct, frozen=True):
    rows: list[Raw]
    page: int
    pages: int


class WireFile(Struct, frozen=True):
    """A page that somebody saved, or, without `rows`, one order."""

    rows: list[Raw] | None = None


class WireFailed(Struct, frozen=True):
    sku: str
    why: str


class WireWritten(Struct, frozen=True):
    done: list[str]
    failed: list[WireFailed]


class WireShop(Struct, frozen=True):
    zone: str

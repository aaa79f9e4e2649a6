"""What Bookstall sends, field by field as its API names them; fields that are not used are ignored."""

from decimal import Decimal
from typing import Annotated

from msgspec import Meta, Raw, Struct

from hub.model.incoming import Aware
from hub.model.money import Currency


class WireLine(Struct, frozen=True):
    id: int
    item: str
    title: str
    copies: Annotated[int, Meta(gt=0, le=1_000_000)]
    price: Decimal


class WireHead(Struct, frozen=True):
    """What a message is known by: an order whose rest is wrong is still kept, and parks alone."""

    number: int
    changed_at: Aware


class WireOrder(WireHead, frozen=True):
    state: str
    bought_at: Aware
    currency: Currency
    paid: bool
    buyer: str
    lines: list[WireLine]
    postage: Decimal
    total: Decimal


class WirePage(Struct, frozen=True):
    orders: list[Raw]
    cursor: str
    more: bool


class WireFile(Struct, frozen=True):
    """A page that somebody saved, or, without `orders`, one order."""

    orders: list[Raw] | None = None


class WireItem(Struct, frozen=True):
    item: str
    code: str
    title: str
    copies: int


class WireItems(Struct, frozen=True):
    items: list[WireItem]
    cursor: str
    more: bool

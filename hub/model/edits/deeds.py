"""Deeds: what a person may do to an order, each as it is written down and sent. Pure."""

from decimal import Decimal
from typing import Annotated, TypeAlias

from msgspec import Meta, Struct

from hub.model.edits.owners import Contact, Shipping
from hub.model.incoming import NO_MONEY, Address

REMARK_MAX = 5000

LineId: TypeAlias = Annotated[
    str, Meta(min_length=1, max_length=500, description="The channel's id of the line")
]


class Cancel(Struct, frozen=True, forbid_unknown_fields=True, tag_field="do", tag="cancel"):
    """The whole order, or so many units of these lines more."""

    units: dict[LineId, int] = {}


class Reopen(Struct, frozen=True, forbid_unknown_fields=True, tag_field="do", tag="reopen"):
    """What has not left is promised again, or the edit is refused."""


class SetUnits(Struct, frozen=True, forbid_unknown_fields=True, tag_field="do", tag="units"):
    """So many are ordered, canceled ones included."""

    line: LineId
    quantity: int


class SetPrice(Struct, frozen=True, forbid_unknown_fields=True, tag_field="do", tag="price"):
    """What is null stays; `discount` is for the whole line."""

    line: LineId
    unit_price: Decimal | None = None
    discount: Decimal | None = None


class AddLine(Struct, frozen=True, forbid_unknown_fields=True, tag_field="do", tag="add"):
    """`sku` is ours; a line without one takes no stock."""

    title: Annotated[str, Meta(min_length=1, max_length=500)]
    quantity: int
    unit_price: Decimal
    sku: str = ""
    discount: Decimal = NO_MONEY
    tax: Decimal = NO_MONEY


class RemoveLine(Struct, frozen=True, forbid_unknown_fields=True, tag_field="do", tag="remove"):
    line: LineId


class SetAddress(Struct, frozen=True, forbid_unknown_fields=True, tag_field="do", tag="address"):
    address: Address
    billing: bool = False


class SetContact(Struct, frozen=True, forbid_unknown_fields=True, tag_field="do", tag="contact"):
    contact: Contact


class SetShipping(Struct, frozen=True, forbid_unknown_fields=True, tag_field="do", tag="shipping"):
    """The price is without its tax."""

    shipping: Shipping


class Refund(Struct, frozen=True, forbid_unknown_fields=True, tag_field="do", tag="refund"):
    """So much money goes back, whatever has left; of one line, where it is named."""

    amount: Decimal
    line: str = ""


class SetTags(Struct, frozen=True, forbid_unknown_fields=True, tag_field="do", tag="tags"):
    add: list[str] = []
    remove: list[str] = []


class SetRemark(Struct, frozen=True, forbid_unknown_fields=True, tag_field="do", tag="remark"):
    """Our own note, which no channel sees."""

    text: Annotated[str, Meta(max_length=REMARK_MAX)]


class SetFields(Struct, frozen=True, forbid_unknown_fields=True, tag_field="do", tag="fields"):
    """Values of your own fields, by key; null empties one. Of a line, where it is named."""

    values: Annotated[dict[str, str | None], Meta(min_length=1, max_length=50)]
    line: str = ""


class SetPriority(Struct, frozen=True, forbid_unknown_fields=True, tag_field="do", tag="priority"):
    priority: int


class Settle(Struct, frozen=True, forbid_unknown_fields=True, tag_field="do", tag="settle"):
    """End a conflict over a field: keep what the person said, or follow the channel from now on."""

    field: str
    follow: bool


Deed: TypeAlias = (
    Cancel
    | Reopen
    | SetUnits
    | SetPrice
    | AddLine
    | RemoveLine
    | SetAddress
    | SetContact
    | SetShipping
    | Refund
    | SetTags
    | SetRemark
    | SetFields
    | SetPriority
    | Settle
)

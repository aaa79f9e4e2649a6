"""The form of a typed-in order, as the API takes it.

It mirrors the form of the connector that sells by hand; the hub knows no connector by name, so the shape is declared
here once more and handed on as JSON. A test holds the two together.
"""

from typing import Annotated

import msgspec
from litestar.openapi.spec import Example
from litestar.params import Body
from msgspec import UNSET, Meta, Struct, UnsetType

from hub.model.incoming import Aware, Payment, Person, Pickup, Text
from hub.model.money import Currency
from hub.web.api.amounts import Amount

COMMAND_ID = "Made by you, once for each order: the same id again is the same order, however often it is sent"


class OrderLineIn(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """`sku` is ours; a line without one takes no stock. `discount` is for the whole line, `tax` is money.
    `fields` are values of your own fields of lines, by key.
    """

    title: Annotated[str, Meta(min_length=1, max_length=500)]
    quantity: Annotated[int, Meta(gt=0, le=1_000_000)]
    unit_price: Amount
    sku: Text = ""
    discount: Amount = "0"
    tax: Amount = "0"
    fields: Annotated[dict[Text, Text], Meta(max_length=50)] = {}


class ShippingIn(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    method: Text = ""
    price: Amount = "0"
    tax: Amount = "0"


class OrderIn(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, kw_only=True):
    """`unit_price` and `discount` include tax where `taxes_included` says so. `pickup`: the customer collects it;
    `cash_on_delivery`: it is paid at the door. `fields` are values of your own, by key.
    """

    channel: Annotated[str, Meta(min_length=1, description="Slug of a channel of kind `manual`")]
    command_id: Annotated[str, Meta(min_length=1, max_length=200, description=COMMAND_ID)]
    placed_at: Annotated[Aware, Meta(description="When the customer ordered, with its time zone")]
    currency: Currency
    lines: Annotated[list[OrderLineIn], Meta(min_length=1, max_length=500)]
    customer: Person | UnsetType = UNSET
    shipping: ShippingIn | UnsetType = UNSET
    taxes_included: bool = False
    payment: Payment = Payment.PENDING
    payment_method: Text = ""
    cash_on_delivery: bool = False
    pickup: Pickup | None = None
    order_number: Text = ""
    note: Text = ""
    fields: Annotated[dict[Text, Text], Meta(max_length=50)] = {}
    revision: Annotated[
        int, Meta(ge=0, le=1_000_000, description="Raise it to correct an order already sent")
    ] = 0

    def form(self) -> bytes:
        """Return what the channel's connector reads: everything but the channel."""
        fields = {name: getattr(self, name) for name in self.__struct_fields__ if name != "channel"}
        return msgspec.json.encode({name: value for name, value in fields.items() if value is not UNSET})


_EXAMPLE = {
    "channel": "phone",
    "command_id": "7f0c2c1e-0b51-4a59-9c3e-2f6d6a1f9d11",
    "placed_at": "2026-03-01T09:30:00+01:00",
    "currency": "EUR",
    "lines": [{"title": "Mug, blue", "sku": "MUG-BLUE", "quantity": 2, "unit_price": "12.50"}],
    "customer": {"name": "Ada Example", "phone": "+49 30 5550101"},
    "shipping": {"method": "Parcel", "price": "4.90"},
    "payment": "pending",
    "note": "Rings twice",
}

OrderBody = Annotated[OrderIn, Body(examples=[Example(summary="A phone order", value=_EXAMPLE)])]

"""An incoming order: what a connector hands over, normalized, not yet taken.

Amounts are the channel's own, exact, in the order's currency; the hub does not recompute them (L14).
"""

from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Annotated

from msgspec import Meta, Struct

from hub.model.money import Currency

Aware = Annotated[datetime, Meta(tz=True)]
Text = Annotated[str, Meta(max_length=500)]
Count = Annotated[int, Meta(ge=0, le=1_000_000)]
Revision = Annotated[
    int, Meta(ge=0, le=9_999_999_999)
]  # also where a channel counts the changes of all its orders
NO_MONEY = Decimal(0)


class Payment(StrEnum):
    PENDING = "pending"
    AUTHORIZED = "authorized"
    PAID = "paid"
    PARTLY_REFUNDED = "partly refunded"
    REFUNDED = "refunded"
    FAILED = "failed"


class LineKind(StrEnum):
    """Only `item` lines can take stock; the others carry money alone."""

    ITEM = "item"
    CUSTOM = "custom"
    FEE = "fee"


class Address(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Latitude and longitude, in degrees, where the channel knows them."""

    name: Text = ""
    company: Text = ""
    street: Text = ""
    street2: Text = ""
    city: Text = ""
    region: Text = ""
    postcode: Text = ""
    country: Text = ""
    phone: Text = ""
    latitude: Annotated[float, Meta(ge=-90, le=90)] | None = None
    longitude: Annotated[float, Meta(ge=-180, le=180)] | None = None


class Person(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """All personal data of one order, together: it is sealed as one value and lives nowhere else (L17)."""

    name: Text = ""
    email: Text = ""
    phone: Text = ""
    billing: Address | None = None
    shipping: Address | None = None
    note: Annotated[str, Meta(max_length=5000)] = ""


class IncomingLine(Struct, frozen=True, forbid_unknown_fields=True):
    """One line. `total` is what the line costs after discount, without `tax`.

    `fulfilled` counts the units that, by the channel's word, have left already (a till sale: all of them). `custom` as
    in IncomingOrder.
    """

    channel_line_id: Text
    title: Text
    quantity: Annotated[int, Meta(ge=0, le=1_000_000)]
    unit_price: Decimal
    total: Decimal
    tax: Decimal = NO_MONEY
    discount: Decimal = NO_MONEY
    kind: LineKind = LineKind.ITEM
    channel_sku: Text = ""
    channel_listing_id: Text = ""
    canceled: Count = 0
    fulfilled: Count = 0
    custom: Annotated[dict[Text, Text], Meta(max_length=50)] = {}


class ParcelLine(Struct, frozen=True, forbid_unknown_fields=True):
    """Units of one line in a parcel."""

    channel_line_id: Text
    quantity: Annotated[int, Meta(gt=0, le=1_000_000)]


class IncomingParcel(Struct, frozen=True, forbid_unknown_fields=True):
    """What has left in one parcel, by the channel's word; `channel_parcel_id` is its own within the order.

    `lines` stay within what their lines count as `fulfilled`; none where the channel does not say what is in it.
    """

    channel_parcel_id: Annotated[str, Meta(min_length=1, max_length=200)]
    carrier: Text = ""
    tracking: Text = ""
    lines: tuple[ParcelLine, ...] = ()
    left_at: Aware | None = None


class Pickup(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """The customer collects the goods: at which of the channel's places, by its id or its name there, where known."""

    channel_location_id: Text = ""
    name: Text = ""


class IncomingOrder(Struct, frozen=True, forbid_unknown_fields=True):
    """One snapshot of one order, complete.

    `revision` is the channel's own counter where it has one, else 0; snapshots are ordered by
    (revision, updated_at, …), never by arrival (L2). `cash_on_delivery`: it is paid at the door, so it waits for no
    payment. `pickup` None: the goods are sent, or taken along. `ship_by`: by when they must have left, or be
    ready to be collected, where the channel says so. `custom` are values for fields that the retailer has defined, by
    key; what is no such field, or does not fit, is left out.
    """

    channel_order_id: Annotated[str, Meta(min_length=1, max_length=200)]
    channel_order_number: Text
    placed_at: Aware
    updated_at: Aware
    currency: Currency
    lines: list[IncomingLine]
    total: Decimal
    tax_total: Decimal = NO_MONEY
    shipping_total: Decimal = NO_MONEY
    shipping_tax: Decimal = NO_MONEY
    discount_total: Decimal = NO_MONEY
    tax_included: bool = False
    payment: Payment = Payment.PENDING
    payment_method: Text = ""
    shipping_method: Text = ""
    channel_state: Text = ""
    canceled: bool = False
    revision: Revision = 0
    person: Person = Person()
    notes: tuple[Text, ...] = ()
    parcels: tuple[IncomingParcel, ...] = ()
    pickup: Pickup | None = None
    cash_on_delivery: bool = False
    ship_by: Aware | None = None
    custom: Annotated[dict[Text, Text], Meta(max_length=50)] = {}

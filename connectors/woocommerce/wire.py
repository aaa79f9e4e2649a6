"""Orders, products and webhooks exactly as WooCommerce REST v3 sends them; only the fields the hub uses.

Amounts are strings with two decimals by default ("29.97"). The one float, `price`, is not read: it is rounded
already. Times ending in `_gmt` are UTC without saying so. Source: JSON schemas of WooCommerce 11.0.1; for parcels
the plugins Shipment Tracking and Advanced Shipment Tracking, which keep them alike.
"""

from datetime import datetime
from decimal import Decimal

from msgspec import Raw, Struct

NOTHING = Decimal(0)


class WireAddress(Struct, frozen=True):
    """All fields are "" where the shop does not ask for them; billing alone has an e-mail."""

    first_name: str | None = ""
    last_name: str | None = ""
    company: str | None = ""
    address_1: str | None = ""
    address_2: str | None = ""
    city: str | None = ""
    state: str | None = ""
    postcode: str | None = ""
    country: str | None = ""
    email: str | None = ""
    phone: str | None = ""


class WireLine(Struct, frozen=True):
    """`subtotal` is before discount, `total` after, both without tax. A deleted product has product_id 0."""

    id: int
    quantity: int
    subtotal: Decimal
    total: Decimal
    name: str | None = ""
    product_id: int | None = 0
    variation_id: int | None = 0
    total_tax: Decimal = NOTHING
    sku: str | None = ""


class WireFee(Struct, frozen=True):
    """A negative total is a discount the shop wrote as a fee."""

    id: int
    total: Decimal
    name: str | None = ""
    total_tax: Decimal = NOTHING


class WireMeta(Struct, frozen=True):
    """A field that a plugin or the checkout keeps; its value is whatever they write."""

    key: str | None = ""
    value: Raw = Raw(b"null")


class WireShipping(Struct, frozen=True):
    """`method_id` is `local_pickup`, or `pickup_location` of the newer checkout, where the customer collects."""

    method_title: str | None = ""
    method_id: str | None = ""
    meta_data: list[WireMeta] = []


class WireTracking(Struct, frozen=True):
    """One parcel as the tracking plugins keep it in the order's field `_wc_shipment_tracking_items`.

    `date_shipped` counts seconds since 1970; a carrier that is not on the plugin's list is a custom one.
    """

    tracking_number: str | int | None = ""
    tracking_provider: str | None = ""
    custom_tracking_provider: str | None = ""
    date_shipped: str | int | None = None


class WireCoupon(Struct, frozen=True):
    code: str | None = ""
    discount: Decimal = NOTHING


class WireMade(Struct, frozen=True):
    """What was made, as far as its id."""

    id: int


class WireItem(Struct, frozen=True):
    """Units of a line in an order fulfillment."""

    item_id: int
    qty: int


class WireSent(Struct, frozen=True):
    """An order fulfillment: what is in it, and its number, are fields."""

    id: int
    is_fulfilled: bool = False
    meta_data: list[WireMeta] = []


class WireRefunded(Struct, frozen=True):
    """One of /orders/{id}/refunds. `refunded_payment`: the gateway sent the money, which it is asked to afterwards."""

    id: int
    reason: str | None = ""
    refunded_payment: bool | None = False


class WireRefund(Struct, frozen=True):
    """`total` is negative; which lines came back stands only in /orders/{id}/refunds."""

    id: int
    total: Decimal
    reason: str | None = ""


class WireRefundHead(Struct, frozen=True):
    """What a walk over refunds looks at, however wrong the rest of one is."""

    id: int = 0
    parent_id: int = 0
    date_created_gmt: datetime | None = None
    reason: str | None = ""
    refunded_payment: bool | None = False


class WireRefundedLine(Struct, frozen=True):
    """`quantity` and the amounts are below zero; the order's line is named by the field `_refunded_item_id`."""

    total: Decimal = NOTHING
    total_tax: Decimal = NOTHING
    quantity: int = 0
    meta_data: list[WireMeta] = []


class WireWholeRefund(Struct, frozen=True, kw_only=True):
    """One of /refunds; `amount` is all of it, above zero, and in the currency of the order `parent_id`."""

    id: int
    parent_id: int
    date_created_gmt: datetime
    amount: Decimal
    reason: str | None = ""
    line_items: list[WireRefundedLine] = []
    fee_lines: list[WireRefundedLine] = []
    shipping_lines: list[WireRefundedLine] = []


class WireOrder(Struct, frozen=True, kw_only=True):
    id: int
    status: str
    number: str = ""
    currency: str = ""
    date_created_gmt: datetime | None = None
    date_modified_gmt: datetime | None = None
    date_paid_gmt: datetime | None = None
    date_completed_gmt: datetime | None = None
    prices_include_tax: bool = False
    discount_total: Decimal = NOTHING
    shipping_total: Decimal = NOTHING
    shipping_tax: Decimal = NOTHING
    total: Decimal
    total_tax: Decimal = NOTHING
    billing: WireAddress | None = None
    shipping: WireAddress | None = None
    payment_method: str | None = ""
    payment_method_title: str | None = ""
    customer_note: str | None = ""
    line_items: list[WireLine]
    shipping_lines: list[WireShipping] = []
    fee_lines: list[WireFee] = []
    coupon_lines: list[WireCoupon] = []
    refunds: list[WireRefund] = []
    meta_data: list[WireMeta] = []


class OrderHead(Struct, frozen=True):
    """What must be known of an order to keep it as a message, however wrong the rest of it is."""

    id: int
    status: str = ""
    date_modified_gmt: str | None = None


class Gone(Struct, frozen=True, forbid_unknown_fields=True):
    """The whole body of `order.deleted`."""

    id: int


class Changed(Struct, frozen=True):
    """When an order changed, read apart from its head: a date that is wrong does not hide the order's id."""

    date_modified_gmt: datetime | None = None


class WireProduct(Struct, frozen=True):
    """A product or a variation. A variation's `manage_stock` may be "parent"; quantity null is not counted.

    `global_unique_id` is its GTIN, UPC, EAN or ISBN.
    """

    id: int
    name: str | None = ""
    type: str = "simple"
    sku: str | None = ""
    manage_stock: bool | str = False
    stock_quantity: int | None = None
    variations: list[int] = []
    global_unique_id: str | None = ""


class WireError(Struct, frozen=True):
    """Why WooCommerce refused: in an answer of its own, or inside a batch item."""

    code: str = ""
    message: str = ""


class WireBatchItem(Struct, frozen=True):
    id: int
    manage_stock: bool | str | None = None
    stock_quantity: int | None = None
    error: WireError | None = None


class WireBatchReply(Struct, frozen=True):
    update: list[WireBatchItem] = []


class StockItem(Struct, frozen=True):
    """One item of a batch update, as the hub sends it."""

    id: int
    stock_quantity: int
    manage_stock: bool = True


class StockBatch(Struct, frozen=True):
    update: list[StockItem]


class WireWebhook(Struct, frozen=True):
    id: int
    topic: str
    status: str
    delivery_url: str = ""
    name: str | None = ""

"""What Square sends and takes, field by field as it writes them; fields the hub does not use are ignored.

Source: Square OpenAPI 2025-08-20, the schemas of the same names. Any field may be null or left out there;
the ones without a default here are those an order cannot be read without.
"""

from datetime import datetime
from typing import Annotated, Any, TypeVar

import msgspec
from msgspec import UNSET, Meta, Raw, Struct, UnsetType

from hub.spec import MalformedError

T = TypeVar("T")
Moment = Annotated[datetime, Meta(tz=True)]
Name = Annotated[
    str, Meta(pattern=r"^[!-~]{1,200}\Z", description="an id, a state or a topic: printable ASCII")
]
Version = Annotated[int, Meta(ge=0, le=1_000_000)]


class Money(Struct, frozen=True):
    """Integer minor units: 1599 USD is 15.99."""

    amount: int
    currency: str


class Tax(Struct, frozen=True):
    type: str | None = None


class AppliedServiceCharge(Struct, frozen=True):
    service_charge_uid: str | None = None


class Modifier(Struct, frozen=True):
    name: str | None = None
    quantity: str | None = None
    base_price_money: Money | None = None


class MeasurementUnit(Struct, frozen=True):
    type: str | None = None


class QuantityUnit(Struct, frozen=True):
    measurement_unit: MeasurementUnit | None = None
    precision: int | None = None


class Line(Struct, frozen=True):
    """OrderLineItem and OrderReturnLineItem, which names the line it was sold by. `quantity` is a decimal string;
    `total_money` includes tax.
    """

    quantity: str
    total_money: Money
    uid: str | None = None
    source_line_item_uid: str | None = None
    name: str | None = None
    variation_name: str | None = None
    quantity_unit: QuantityUnit | None = None
    note: str | None = None
    catalog_object_id: str | None = None
    item_type: str | None = None
    modifiers: list[Modifier] | None = None
    return_modifiers: list[Modifier] | None = None
    base_price_money: Money | None = None
    total_tax_money: Money | None = None
    total_discount_money: Money | None = None


class ServiceCharge(Struct, frozen=True):
    """An apportioned charge is part of the lines' `total_money` already; any other is a line of its own."""

    uid: str | None = None
    name: str | None = None
    total_money: Money | None = None
    total_tax_money: Money | None = None
    treatment_type: str | None = None


class RoundingAdjustment(Struct, frozen=True):
    uid: str | None = None
    name: str | None = None
    amount_money: Money | None = None


class ReturnTip(Struct, frozen=True):
    uid: str | None = None
    applied_money: Money | None = None


class Return(Struct, frozen=True):
    """Goods of an earlier sale that came back; its amounts are positive and count against the order."""

    source_order_id: str | None = None
    return_line_items: list[Line] | None = None
    return_service_charges: list[ServiceCharge] | None = None
    return_tips: list[ReturnTip] | None = None
    rounding_adjustment: RoundingAdjustment | None = None


class Amounts(Struct, frozen=True):
    total_money: Money | None = None
    tax_money: Money | None = None
    discount_money: Money | None = None


class CardDetails(Struct, frozen=True):
    status: str | None = None


class Tender(Struct, frozen=True):
    type: str
    amount_money: Money | None = None
    card_details: CardDetails | None = None


class Refund(Struct, frozen=True):
    amount_money: Money
    status: str


class Address(Struct, frozen=True):
    address_line_1: str | None = None
    address_line_2: str | None = None
    address_line_3: str | None = None
    locality: str | None = None
    administrative_district_level_1: str | None = None
    postal_code: str | None = None
    country: str | None = None


class Recipient(Struct, frozen=True):
    display_name: str | None = None
    email_address: str | None = None
    phone_number: str | None = None
    address: Address | None = None


class FulfillmentDetails(Struct, frozen=True):
    """The details of a pickup, a shipment or a delivery, as far as they are alike."""

    recipient: Recipient | None = None
    carrier: str | None = None
    courier_provider_name: str | None = None
    tracking_number: str | None = None
    note: str | None = None
    shipping_note: str | None = None
    shipped_at: str | None = None
    expected_shipped_at: str | None = None
    pickup_at: str | None = None
    completed_at: str | None = None


class FulfillmentEntry(Struct, frozen=True):
    line_item_uid: str
    quantity: str


HUB_KEY = "hub_key"  # in metadata, which no other application sees: the key of the wish that wrote it


class Fulfillment(Struct, frozen=True):
    """No `entries` means every line."""

    uid: str | None = None
    type: str | None = None
    state: str | None = None
    entries: list[FulfillmentEntry] | None = None
    metadata: dict[str, str] | None = None
    pickup_details: FulfillmentDetails | None = None
    shipment_details: FulfillmentDetails | None = None
    delivery_details: FulfillmentDetails | None = None


class Order(Struct, frozen=True):
    """`version` is missing on orders that were not made through the API, as a till's own sales are."""

    id: Name
    created_at: Moment
    updated_at: Moment
    state: Name
    total_money: Money
    location_id: str
    version: Version | None = None
    reference_id: str | None = None
    ticket_name: str | None = None
    line_items: list[Line] | None = None
    taxes: list[Tax] | None = None
    service_charges: list[ServiceCharge] | None = None
    rounding_adjustment: RoundingAdjustment | None = None
    fulfillments: list[Fulfillment] | None = None
    returns: list[Return] | None = None
    net_amounts: Amounts | None = None
    return_amounts: Amounts | None = None
    tenders: list[Tender] | None = None
    refunds: list[Refund] | None = None
    total_tax_money: Money | None = None
    total_discount_money: Money | None = None
    total_tip_money: Money | None = None
    net_amount_due_money: Money | None = None


class ReturnHead(Struct, frozen=True):
    source_order_id: str | None = None


class OrderHead(Struct, frozen=True):
    """The part of an order that names the message about it."""

    id: Name
    version: Version | None = None
    state: Name | None = None
    updated_at: Moment | None = None
    line_items: list[Raw] | None = None
    returns: list[ReturnHead] | None = None

    @property
    def is_return(self) -> bool:
        """Whether it does nothing but take back what orders sold that it names."""
        backs = self.returns or []
        return bool(backs) and not self.line_items and all(back.source_order_id for back in backs)


class OrderName(Struct, frozen=True):
    """The least an order is known by, where the rest of it cannot be read."""

    id: Name


class OrderEntry(Struct, frozen=True):
    order_id: Name
    version: Version | None = None


class OrderPage(Struct, frozen=True):
    """The answer of SearchOrders and of BatchRetrieveOrders; each order stays the bytes Square sent."""

    orders: list[Raw] | None = None
    cursor: str | None = None


class OrderNews(Struct, frozen=True):
    order_id: Name | None = None
    location_id: str | None = None


class EventObject(Struct, frozen=True):
    order_created: OrderNews | None = None
    order_updated: OrderNews | None = None
    order_fulfillment_updated: OrderNews | None = None
    payment: OrderNews | None = None
    refund: OrderNews | None = None

    def news(self) -> OrderNews:
        """What the event says of an order, whatever kind it is; empty where it speaks of none."""
        known = (
            self.order_created,
            self.order_updated,
            self.order_fulfillment_updated,
            self.payment,
            self.refund,
        )
        return next((news for news in known if news), OrderNews())


class EventContent(Struct, frozen=True):
    object: EventObject | None = None


class Event(Struct, frozen=True):
    """A webhook. `event_id` is the same for every delivery of the same news."""

    type: Name
    event_id: Name
    data: EventContent | None = None


class File(Struct, frozen=True):
    """Whatever a payload file may be: an order, an answer with orders or entries, or an event."""

    order: Raw = Raw(b"")
    orders: list[Raw] | None = None
    order_entries: list[OrderEntry] | None = None
    event_id: str | None = None
    id: str | None = None
    location_id: str | None = None


class TimeRange(Struct, frozen=True):
    start_at: datetime
    end_at: datetime


class DateTimeFilter(Struct, frozen=True):
    updated_at: TimeRange


class OrderFilter(Struct, frozen=True):
    date_time_filter: DateTimeFilter


class OrderSort(Struct, frozen=True):
    """Square refuses a sort field that is not the one the filter uses."""

    sort_field: str = "UPDATED_AT"
    sort_order: str = "ASC"


class OrderQuery(Struct, frozen=True):
    filter: OrderFilter
    sort: OrderSort = OrderSort()


class SearchOrders(Struct, frozen=True):
    location_ids: list[str]
    query: OrderQuery
    limit: int
    cursor: str | UnsetType = UNSET


class FirstOrder(Struct, frozen=True):
    """The smallest search, to learn whether one is allowed."""

    location_ids: list[str]
    limit: int = 1


class RetrieveOrders(Struct, frozen=True):
    order_ids: list[str]


def read(raw: bytes | Raw, shape: type[T], what: str) -> T:
    """Decode what Square sent; raises MalformedError that names the field, never its value."""
    try:
        return msgspec.json.decode(raw, type=shape)
    except msgspec.ValidationError as error:
        msg = f"Square sent {what} that cannot be read: {_problem(str(error))}"
        raise MalformedError(msg) from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        msg = f"Square sent {what} that is not JSON: check that the whole message was kept"
        raise MalformedError(msg) from error


def _problem(error: str) -> str:
    """`line_items[0].quantity is missing`, from the decoder's own words."""
    reason, _, where = error.partition(" - at `$")
    path = where.rstrip("`").lstrip(".")
    missing = "Object missing required field "
    if reason.startswith(missing):
        field = reason.removeprefix(missing).strip("`")
        return f"{path + '.' if path else ''}{field} is missing"
    return f"{path or 'the whole of it'} is wrong, {reason[:1].lower()}{reason[1:]}"


def write(value: Any) -> bytes:
    return msgspec.json.encode(value)

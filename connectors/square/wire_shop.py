"""Square's inventory, catalog, locations, webhook subscriptions and errors, as it sends and takes them.

Source: Square OpenAPI 2025-08-20, the schemas of the same names; fields the hub does not use are ignored.
"""

from datetime import datetime

from msgspec import UNSET, Raw, Struct, UnsetType
from typing_extensions import override

from connectors.square.wire import Amounts, Fulfillment, Moment, Money, Name, QuantityUnit, Return, Tender


class Error(Struct, frozen=True):
    category: str = ""
    code: str = ""
    detail: str | None = None
    field: str | None = None


class ErrorReply(Struct, frozen=True):
    errors: list[Error] | None = None


class PhysicalCount(Struct, frozen=True):
    catalog_object_id: str
    location_id: str
    quantity: str
    occurred_at: datetime
    reference_id: str
    state: str = "IN_STOCK"
    catalog_object_type: str = "ITEM_VARIATION"


class InventoryChange(Struct, frozen=True):
    physical_count: PhysicalCount
    type: str = "PHYSICAL_COUNT"


class ChangeInventory(Struct, frozen=True):
    """`ignore_unchanged_counts`, if left at its default, compares with the last count, not with the stock of
    now: a count of 5, after two till sales from 5, would be ignored.
    """

    idempotency_key: str
    changes: list[InventoryChange]
    ignore_unchanged_counts: bool = False


class InventoryCount(Struct, frozen=True):
    catalog_object_id: str
    quantity: str | None = None
    state: str | None = None
    location_id: str | None = None


class InventoryCounts(Struct, frozen=True):
    counts: list[InventoryCount] | None = None
    cursor: str | None = None
    errors: list[Error] | None = None


class RetrieveCounts(Struct, frozen=True):
    catalog_object_ids: list[str]
    location_ids: list[str]
    states: list[str]
    limit: int
    cursor: str | UnsetType = UNSET


class FirstCount(Struct, frozen=True):
    location_ids: list[str]
    limit: int = 1


class VariationContent(Struct, frozen=True):
    name: str | None = None
    sku: str | None = None
    upc: str | None = None


class Variation(Struct, frozen=True):
    id: str
    item_variation_data: VariationContent | None = None
    is_deleted: bool | None = None


class ItemContent(Struct, frozen=True):
    name: str | None = None
    variations: list[Variation] | None = None


class CatalogItem(Struct, frozen=True):
    id: str
    item_data: ItemContent | None = None
    is_deleted: bool | None = None


class Catalog(Struct, frozen=True):
    objects: list[CatalogItem] | None = None
    cursor: str | None = None


class Location(Struct, frozen=True):
    id: str
    name: str | None = None
    status: str | None = None


class Locations(Struct, frozen=True):
    locations: list[Location] | None = None


class PaidTender(Struct, frozen=True):
    """`id` is that of the payment where `payment_id` is missing."""

    id: str = ""
    payment_id: str | None = None
    amount_money: Money | None = None

    @property
    def payment(self) -> str:
        return self.payment_id or self.id


class PaidOrder(Struct, frozen=True):
    """Of an order, what its money came by."""

    id: str
    tenders: list[PaidTender] | None = None


class PaidOrders(Struct, frozen=True):
    orders: list[PaidOrder] | None = None


class RefundPayment(Struct, frozen=True, omit_defaults=True):
    idempotency_key: str
    amount_money: Money
    payment_id: str
    reason: str = ""


class PaymentRefund(Struct, frozen=True):
    id: str
    status: str | None = None


class RefundMade(Struct, frozen=True):
    refund: PaymentRefund | None = None


class RefundHead(Struct, frozen=True):
    """What a page of refunds is read by, however wrong the rest of one is."""

    id: str = ""
    order_id: str | None = None
    location_id: str | None = None
    unlinked: bool | None = None
    updated_at: Moment | None = None


class RefundPage(Struct, frozen=True):
    """The answer of ListPaymentRefunds; each refund stays the bytes Square sent."""

    refunds: list[Raw] | None = None
    cursor: str | None = None


class RefundAndOrder(Struct, frozen=True):
    """A refund beside the order that Square made for it, as Square sent both."""

    refund: Raw
    order: Raw | None = None


class ToldRefund(Struct, frozen=True):
    """PaymentRefund. `order_id` is the return order's."""

    id: Name
    amount_money: Money
    created_at: Moment
    updated_at: Moment | None = None


class ReturnOrder(Struct, frozen=True):
    """Of an order, what it takes back."""

    id: str = ""
    version: int | None = None
    state: str | None = None
    updated_at: Moment | None = None
    line_items: list[Raw] | None = None
    returns: list[Return] | None = None
    return_amounts: Amounts | None = None


class RefundAndReturn(Struct, frozen=True):
    refund: ToldRefund
    order: ReturnOrder | None = None


class OrderedLine(Struct, frozen=True):
    quantity: str
    uid: str | None = None
    quantity_unit: QuantityUnit | None = None


class OpenOrder(Struct, frozen=True):
    """Of an order, what an update of it is judged by."""

    id: str
    location_id: str
    state: str | None = None
    version: int | None = None
    line_items: list[OrderedLine] | None = None
    fulfillments: list[Fulfillment] | None = None
    metadata: dict[str, str] | None = None
    tenders: list[Tender] | None = None
    net_amount_due_money: Money | None = None

    @property
    def is_paid(self) -> bool:
        """All of it, and no card is merely authorized."""
        cards = [each.card_details.status for each in self.tenders or [] if each.card_details]
        due = self.net_amount_due_money
        return bool(self.tenders) and due is not None and due.amount == 0 and {*cards} <= {"CAPTURED"}


class OpenOrders(Struct, frozen=True):
    orders: list[OpenOrder] | None = None


class ShipmentLabel(Struct, frozen=True, omit_defaults=True):
    carrier: str = ""
    tracking_number: str = ""
    tracking_url: str = ""


class ChangeFulfillment(Struct, frozen=True, omit_defaults=True):
    uid: str
    state: str = ""
    metadata: dict[str, str] | None = None
    shipment_details: ShipmentLabel | None = None


class ChangeOrder(Struct, frozen=True, omit_defaults=True):
    """What is left out stays as it is."""

    location_id: str
    version: int
    fulfillments: list[ChangeFulfillment] = []
    state: str = ""
    metadata: dict[str, str] | None = None


class UpdateOrder(Struct, frozen=True):
    idempotency_key: str
    order: ChangeOrder


class OrderUpdated(Struct, frozen=True):
    order: OpenOrder


class Subscription(Struct, frozen=True, omit_defaults=True):
    id: str = ""
    name: str | None = None
    enabled: bool | None = None
    event_types: list[str] | None = None
    notification_url: str | None = None
    api_version: str | None = None
    signature_key: str | None = None

    @override
    def __repr__(self) -> str:
        """Show nothing of the key."""
        return f"Subscription(id={self.id!r})"


class Subscriptions(Struct, frozen=True):
    subscriptions: list[Subscription] | None = None
    subscription: Subscription | None = None
    cursor: str | None = None


class ChangeSubscription(Struct, frozen=True):
    subscription: Subscription

"""What a sale looks like in Square's own words: the simulated till's arithmetic. Pure and deterministic.

By its number, a sale now and then has a tax on top, a tax within the price, a discount, a tip, a buyer who picks up.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

from msgspec import Struct

from hub.model.incoming import Person
from hub.spec.testing import SimItem

Json = dict[str, Any]
_ADDED_PERCENT, _INCLUDED_PERCENT, _DISCOUNT_PERCENT = Decimal("8.25"), Decimal(10), Decimal(10)
_TIP = 200  # minor units


class Ware(Struct, frozen=True):
    """A catalog item with its one variation; `price` in minor units."""

    sku: str
    title: str
    price: int
    item_id: str
    variation_id: str
    upc: str = ""


class Sale(Struct, frozen=True):
    """`by_app`: made through the API, so it has a version and a buyer who picks up; others have neither."""

    number: int
    location_id: str
    at: datetime
    buyer: Person
    currency: str = "EUR"

    @property
    def order_id(self) -> str:
        return f"SIMORDER{self.number:08d}"

    @property
    def by_app(self) -> bool:
        return self.number % 4 == 0

    @property
    def tax_type(self) -> str | None:
        if self.number % 11 == 0:
            return "INCLUSIVE"
        return "ADDITIVE" if self.number % 3 == 0 else None

    @property
    def tip(self) -> int:
        return _TIP if self.number % 5 == 0 else 0

    @property
    def discounted(self) -> bool:
        return self.number % 7 == 0


def ring_up(sale: Sale, basket: Sequence[tuple[Ware, int]]) -> Json:
    """Return the completed, paid order as Square's API shows it."""
    lines = [_line(sale, index, ware, units) for index, (ware, units) in enumerate(basket, start=1)]
    total = _sum(lines, "total_money") + sale.tip
    moment = text(sale.at)
    order = {
        "id": sale.order_id,
        "location_id": sale.location_id,
        "created_at": moment,
        "updated_at": moment,
        "closed_at": moment,
        "state": "COMPLETED",
        "source": {"name": "Simulated app" if sale.by_app else "Point of Sale"},
        "line_items": lines,
        **_totals(sale, lines, total),
        **_adjustments(sale, lines),
        "tenders": [_tender(sale, total)],
        "net_amount_due_money": money(0, sale.currency),
    }
    by_app = {"version": 1, "fulfillments": [handed_over(sale.buyer)]}
    return order | (by_app if sale.by_app else {})


def money(amount: int, currency: str) -> Json:
    return {"amount": amount, "currency": currency}


def text(at: datetime) -> str:
    """RFC 3339 in UTC with milliseconds, as Square writes it."""
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _line(sale: Sale, index: int, ware: Ware, units: int) -> Json:
    gross = ware.price * units
    discount = _percent(gross, _DISCOUNT_PERCENT, 100) if sale.discounted else 0
    tax = _tax(sale, gross - discount)
    total = gross - discount + (tax if sale.tax_type == "ADDITIVE" else 0)
    return {
        "uid": f"line{index}",
        "name": ware.title,
        "variation_name": "Regular",
        "catalog_object_id": ware.variation_id,
        "item_type": "ITEM",
        "quantity": str(units),
        "base_price_money": money(ware.price, sale.currency),
        "variation_total_price_money": money(gross, sale.currency),
        "gross_sales_money": money(gross - (tax if sale.tax_type == "INCLUSIVE" else 0), sale.currency),
        "total_discount_money": money(discount, sale.currency),
        "total_tax_money": money(tax, sale.currency),
        "total_service_charge_money": money(0, sale.currency),
        "total_money": money(total, sale.currency),
    }


def _tax(sale: Sale, net: int) -> int:
    if sale.tax_type == "ADDITIVE":
        return _percent(net, _ADDED_PERCENT, 100)
    return _percent(net, _INCLUDED_PERCENT, 100 + _INCLUDED_PERCENT) if sale.tax_type else 0


def _totals(sale: Sale, lines: list[Json], total: int) -> Json:
    parts = {
        "tax": _sum(lines, "total_tax_money"),
        "discount": _sum(lines, "total_discount_money"),
        "tip": sale.tip,
        "service_charge": 0,
    }
    net = {f"{name}_money": money(amount, sale.currency) for name, amount in parts.items()}
    return {
        "total_money": money(total, sale.currency),
        "net_amounts": {"total_money": money(total, sale.currency), **net},
        **{f"total_{name}": amount for name, amount in net.items()},
    }


def _adjustments(sale: Sale, lines: list[Json]) -> Json:
    """The order-level taxes and discounts that the lines' amounts come from."""
    found: Json = {}
    if sale.tax_type:
        percent = _ADDED_PERCENT if sale.tax_type == "ADDITIVE" else _INCLUDED_PERCENT
        tax = {"uid": "tax", "name": "Sales tax", "percentage": str(percent), "type": sale.tax_type}
        applied = money(_sum(lines, "total_tax_money"), sale.currency)
        found["taxes"] = [tax | {"scope": "ORDER", "applied_money": applied}]
    if sale.discounted:
        off = {"uid": "off", "name": "Happy hour", "percentage": str(_DISCOUNT_PERCENT)}
        applied = money(_sum(lines, "total_discount_money"), sale.currency)
        found["discounts"] = [off | {"type": "FIXED_PERCENTAGE", "scope": "ORDER", "applied_money": applied}]
    return found


def _tender(sale: Sale, total: int) -> Json:
    kind = "CASH" if sale.number % 2 else "CARD"
    card = {"card_details": {"status": "CAPTURED", "entry_method": "EMV"}} if kind == "CARD" else {}
    return {
        "id": f"SIMPAYMENT{sale.number:08d}",
        "payment_id": f"SIMPAYMENT{sale.number:08d}",
        "location_id": sale.location_id,
        "created_at": text(sale.at),
        "type": kind,
        "amount_money": money(total, sale.currency),
        "tip_money": money(sale.tip, sale.currency),
        **card,
    }


def handed_over(buyer: Person) -> Json:
    """A pickup that is done."""
    return {
        "uid": "pickup",
        "type": "PICKUP",
        "state": "COMPLETED",
        "pickup_details": {"recipient": _recipient(buyer)},
    }


def _recipient(buyer: Person) -> Json:
    return {"display_name": buyer.name, "email_address": buyer.email, "phone_number": buyer.phone[:17]}


def shipped(lines: Mapping[str, int], numbers: Sequence[str], at: datetime) -> list[Json]:
    """One shipment a number, all given to the carrier; each but the last has one unit of the first line."""
    left, parcels = dict(lines), []
    for place, number in enumerate(numbers, start=1):
        first = next(iter(left))
        units = dict(left) if place == len(numbers) else {first: 1}
        left = {uid: count - units.get(uid, 0) for uid, count in left.items()}
        entries = [{"line_item_uid": uid, "quantity": str(count)} for uid, count in units.items() if count]
        details = {"carrier": "USPS", "tracking_number": number, "shipped_at": text(at)}
        parcels.append(
            {
                "uid": f"shipment{place}",
                "type": "SHIPMENT",
                "state": "COMPLETED",
                "line_item_application": "ENTRY_LIST",
                "entries": entries,
                "shipment_details": details,
            }
        )
    return parcels


def to_be_sent(order: Json, buyer: Person) -> Json:
    """The same order before anything of it has left, as a seller's site makes it: in two shipments where it can."""
    lines = {line["uid"]: int(line["quantity"]) for line in order["line_items"]}
    first = next(iter(lines))
    rest = {uid: units - (uid == first) for uid, units in lines.items()}
    shares = [share for share in ({first: 1}, {uid: units for uid, units in rest.items() if units}) if share]
    sent = [_shipment(place, share, buyer) for place, share in enumerate(shares, start=1)]
    return without(order, "closed_at") | {"state": "OPEN", "version": 1, "fulfillments": sent}


def _shipment(place: int, units: Mapping[str, int], buyer: Person) -> Json:
    return {
        "uid": f"shipment{place}",
        "type": "SHIPMENT",
        "state": "PROPOSED",
        "line_item_application": "ENTRY_LIST",
        "entries": [{"line_item_uid": uid, "quantity": str(count)} for uid, count in units.items()],
        "shipment_details": {"recipient": _recipient(buyer)},
    }


def numbers_of(order: Json) -> tuple[str, ...]:
    """The tracking numbers of what has left, each once."""
    sent = [each["shipment_details"] for each in _sent(order) if each["type"] == "SHIPMENT"]
    return tuple(dict.fromkeys(each["tracking_number"] for each in sent if "tracking_number" in each))


def units_sent(order: Json) -> dict[str, int]:
    """By line; what a buyer takes along at the till is not sent."""
    units: Counter[str] = Counter()
    for entry in (entry for each in _sent(order) for entry in each.get("entries", [])):
        units[entry["line_item_uid"]] += int(entry["quantity"])
    return dict(units)


def _sent(order: Json) -> list[Json]:
    return [each for each in order.get("fulfillments", []) if each["state"] == "COMPLETED"]


def without(order: Json, name: str) -> Json:
    return {key: value for key, value in order.items() if key != name}


def _sum(lines: list[Json], field: str) -> int:
    return sum(line[field]["amount"] for line in lines)


def _percent(amount: int, percent: Decimal, whole: Decimal | int) -> int:
    """Bankers' rounding, as Square rounds each line's tax and discount."""
    return int((amount * percent / whole).quantize(Decimal(1), ROUND_HALF_EVEN))


def payment_of(order: Json, status: str, at: datetime) -> Json:
    """The payment that an order came by, as an event tells it."""
    tender = order["tenders"][0]
    return {
        "id": tender["payment_id"],
        "order_id": order["id"],
        "location_id": order["location_id"],
        "status": status,
        "amount_money": tender["amount_money"],
        "total_money": tender["amount_money"],
        "updated_at": text(at),
    }


def catalog_item(ware: Ware, currency: str) -> Json:
    variation = {
        "item_id": ware.item_id,
        "name": "Regular",
        "sku": ware.sku,
        "pricing_type": "FIXED_PRICING",
        "price_money": money(ware.price, currency),
        "track_inventory": True,
    } | ({"upc": ware.upc} if ware.upc else {})
    shown = {"type": "ITEM_VARIATION", "id": ware.variation_id, "item_variation_data": variation}
    item = {"name": ware.title, "variations": [shown]}
    return {"type": "ITEM", "id": ware.item_id, "is_deleted": False, "item_data": item}


def ware_of(index: int, item: SimItem, digits: int) -> Ware:
    cents = int(item.price.scaleb(digits))
    return Ware(item.sku, item.title, cents, f"SIMITEM{index:05d}", f"SIMVARIATION{index:05d}", item.barcode)

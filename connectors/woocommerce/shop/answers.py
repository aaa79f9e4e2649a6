"""What the simulated shop says: WooCommerce's JSON, field by field as a running 11.0.1 writes it.

The shop's own clock is one hour ahead of UTC, so that a reader of the local times is found out.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta

from connectors.woocommerce.shop.things import FREE, Hook, Line, Order, Product, Refund, Sent
from hub.model.incoming import Address, Person
from hub.spec.testing import SimReply, sim_json

SITE_AHEAD = timedelta(hours=1)
VERSION = "11.0.1"
Json = dict[str, object]


def error(status: int, code: str, message: str) -> SimReply:
    """Refuse as WooCommerce does."""
    return sim_json(error_json(status, code, message), status)


def error_json(status: int, code: str, message: str) -> Json:
    return {"code": code, "message": message, "data": {"status": status}}


def no_such(kind: str) -> SimReply:
    return error(404, *no_such_text(kind))


def no_such_text(kind: str) -> tuple[str, str]:
    return f"woocommerce_rest_{kind}_invalid_id", "Invalid ID."


def order_json(order: Order) -> Json:
    cash = order.cash_on_delivery
    return {
        "id": order.id,
        "parent_id": 0,
        "status": order.status,
        "currency": order.coins.currency,
        "version": VERSION,
        "prices_include_tax": False,
        **_dates(created=order.created, modified=order.modified),
        **_dates(completed=order.completed, paid=order.paid),
        **_sums(order),
        "customer_id": 0,
        "order_key": f"wc_order_{order.id}",
        "billing": _address(order.buyer.billing, order.buyer) | {"email": order.buyer.email},
        "shipping": _address(order.buyer.shipping or order.buyer.billing, order.buyer),
        "payment_method": "cod" if cash else "card",
        "payment_method_title": "Cash on delivery" if cash else "Card",
        "transaction_id": "",
        "created_via": "checkout",
        "customer_note": order.buyer.note,
        "number": str(order.id),
        "meta_data": [*_tracking(order), *_fields(order.meta)],
        **_lines(order),
        "refunds": [_short(each) for each in order.refunds],
        "is_editable": False,
        "needs_payment": False,
        "needs_processing": True,
        "currency_symbol": "€",
    }


def fulfillment_json(order: Order, sent: Sent) -> Json:
    return {
        "id": sent.id,
        "entity_type": "WC_Order",
        "entity_id": str(order.id),
        "status": "fulfilled" if sent.fulfilled else "unfulfilled",
        "is_fulfilled": sent.fulfilled,
        "date_updated": sent.at.strftime("%Y-%m-%d %H:%M:%S"),
        "date_deleted": None,
        "meta_data": _fields(sent.meta),
    }


def listed_refund_json(order: Order, refund: Refund) -> Json:
    """As the list of all refunds shows it, which names its order."""
    return {"id": refund.id, "parent_id": order.id} | refund_json(refund)


def refund_json(refund: Refund) -> Json:
    return {
        "id": refund.id,
        **_dates(created=refund.at),
        "amount": str(refund.amount),
        "reason": refund.reason,
        "refunded_by": 1,
        "refunded_payment": refund.paid,
        "meta_data": [],
        "line_items": [_refunded(*each) for each in refund.lines],
        "shipping_lines": [],
        "tax_lines": [],
        "fee_lines": [],
    }


def product_json(product: Product, at: datetime | None = None) -> Json:
    """Write a product, or a variation with the parent it belongs to: as it is, or with the stock it had."""
    stock = product.stock if at is None else product.stock_at(at)
    counted = stock is not None
    return {
        "id": product.id,
        "name": product.name,
        "type": product.type,
        "status": "publish",
        **_dates(created=product.changed, modified=product.changed),
        "sku": product.sku,
        "global_unique_id": product.barcode,
        "price": str(product.price),
        "regular_price": str(product.price),
        "sale_price": "",
        "manage_stock": counted,
        "stock_quantity": stock,
        "stock_status": "instock" if stock is None or stock > 0 else "outofstock",
        "backorders": "no",
        "parent_id": product.parent,
        "variations": product.variations,
        "meta_data": [],
    }


def hook_json(hook: Hook) -> Json:
    """Write a subscription; its secret is never shown."""
    resource, _, event = hook.topic.partition(".")
    return {
        "id": hook.id,
        "name": hook.name,
        "status": hook.status,
        "topic": hook.topic,
        "resource": resource,
        "event": event,
        "hooks": [],
        "delivery_url": hook.delivery_url,
        **_dates(created=hook.created, modified=hook.created),
    }


def _dates(**times: datetime | None) -> Json:
    """Write each time twice: by the shop's clock, and in UTC, both without a zone."""
    both: Json = {}
    for name, at in times.items():
        both[f"date_{name}"] = _iso(at + SITE_AHEAD) if at else None
        both[f"date_{name}_gmt"] = _iso(at) if at else None
    return both


def _iso(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%S")


def _sums(order: Order) -> Json:
    return {
        "discount_total": str(order.coupon),
        "discount_tax": str(order.coins.tax_of(order.coupon)),
        "shipping_total": str(order.shipping),
        "shipping_tax": str(order.coins.tax_of(order.shipping)),
        "cart_tax": str(order.cart_tax),
        "total": str(order.total),
        "total_tax": str(order.tax),
    }


def _lines(order: Order) -> Json:
    return {
        "line_items": [_line(line) for line in order.lines],
        "tax_lines": [_tax_line(order)],
        "shipping_lines": list(_shipping_lines(order)),
        "fee_lines": [],
        "coupon_lines": list(_coupon_lines(order)),
    }


def _line(line: Line) -> Json:
    subtotal_tax = str(line.coins.tax_of(line.subtotal))
    return {
        "id": line.id,
        "name": line.product.name,
        "product_id": line.product.parent or line.product.id,
        "variation_id": line.product.id if line.product.parent else 0,
        "quantity": line.quantity,
        "tax_class": "",
        "subtotal": str(line.subtotal),
        "subtotal_tax": subtotal_tax,
        "total": str(line.total),
        "total_tax": str(line.tax),
        "taxes": [{"id": 1, "total": str(line.tax), "subtotal": subtotal_tax}],
        "meta_data": [],
        "sku": line.product.sku,
        "global_unique_id": "",
        "price": float(line.total / line.quantity),
        "image": {"id": "", "src": ""},
        "parent_name": None,
    }


def _refunded(item_id: int, line: Line, units: int) -> Json:
    """Units of a line as its refund shows them: below zero, and named by the field that keeps the line's id."""
    total = line.coins.round(line.total * units / line.quantity)
    tax = line.coins.tax_of(total)
    back = {"quantity": -units, "subtotal": f"-{total}", "subtotal_tax": f"-{tax}"}
    named = [{"id": item_id, "key": "_refunded_item_id", "value": str(line.id)}]
    taxes = [{"id": 1, "total": f"-{tax}", "subtotal": f"-{tax}"}]
    totals = {"total": f"-{total}", "total_tax": f"-{tax}", "taxes": taxes}
    return _line(line) | back | totals | {"id": item_id, "meta_data": named}


def _tax_line(order: Order) -> Json:
    return {
        "id": order.id + 1_000_000,
        "rate_code": "EU-VAT-1",
        "rate_id": 1,
        "label": "VAT",
        "compound": False,
        "tax_total": str(order.cart_tax),
        "shipping_tax_total": str(order.coins.tax_of(order.shipping)),
        "rate_percent": 20,
        "meta_data": [],
    }


def _shipping_lines(order: Order) -> Iterator[Mapping[str, object]]:
    title, method = "Parcel", "flat_rate"
    if order.collected:
        title, method = "Local pickup", "local_pickup"
    elif order.shipping == FREE:
        title, method = "Free shipping", "free_shipping"
    yield {
        "id": order.id + 2_000_000,
        "method_title": title,
        "method_id": method,
        "total": str(order.shipping),
        "total_tax": str(order.coins.tax_of(order.shipping)),
        "taxes": [],
        "meta_data": [],
    }


def _tracking(order: Order) -> Iterator[Json]:
    """The field that tracking plugins keep, once something has left."""
    if order.parcels:
        kept = [{"tracking_number": number, "tracking_provider": "dhl"} for number in order.parcels]
        yield {"id": order.id + 4_000_000, "key": "_wc_shipment_tracking_items", "value": kept}


def _fields(meta: Mapping[str, object]) -> list[Json]:
    return [{"id": place, "key": key, "value": value} for place, (key, value) in enumerate(meta.items(), 1)]


def _short(refund: Refund) -> Json:
    """As an order shows it."""
    return {"id": refund.id, "reason": refund.reason, "total": f"-{refund.amount}", "total_tax": "0.00"}


def _coupon_lines(order: Order) -> Iterator[Mapping[str, object]]:
    if order.coupon:
        yield {
            "id": order.id + 3_000_000,
            "code": "welcome10",
            "discount": str(order.coupon),
            "discount_tax": str(order.coins.tax_of(order.coupon)),
            "meta_data": [],
        }


def _address(address: Address | None, buyer: Person) -> Json:
    place = address or Address()
    first, _, last = (place.name or buyer.name).partition(" ")
    return {
        "first_name": first,
        "last_name": last,
        "company": place.company,
        "address_1": place.street,
        "address_2": place.street2,
        "city": place.city,
        "state": place.region,
        "postcode": place.postcode,
        "country": place.country,
        "phone": place.phone or buyer.phone,
    }

"""Made-up orders: whole WooCommerce REST v3 payloads of about 4 kB, and the form of a phone order.

Three lines with taxes, two addresses, the fields the hub does not read included. SKUs are drawn evenly, which is the
hard case: a batch touches as many levels and listings as it can.
"""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from msgspec import Struct

from bench.shop import MANUAL, SKUS, product_of, sku_of

LINES = 3
OPENED = datetime(2026, 3, 1, 9, tzinfo=UTC)
SHIPPING, VAT = 490, 20  # cents; percent
FIRST_NAMES = ("Ada", "Jörg", "Chloé", "Íñigo", "Łukasz")
LAST_NAMES = ("Weiß", "Lefèvre", "Peña", "Wójcik", "Sample")
TOWNS = (("Köln", "", "50667", "DE"), ("Lyon", "", "69002", "FR"), ("Málaga", "Málaga", "29001", "ES"))

Json = dict[str, Any]


class _Line(Struct, frozen=True):
    id: int
    item: int
    quantity: int
    net: int
    tax: int


def payloads(count: int, *, first: int = 1, people: int = 20_000) -> Iterator[bytes]:
    """Return the same orders every time; `first` is the id of the first one, of `people` anybody may order again."""
    random = Random(first)
    for order_id in range(first, first + count):
        yield json.dumps(_order(random, order_id, random.randrange(people)), ensure_ascii=False).encode()


def phone_order(number: int) -> bytes:
    """One order as the API takes it."""
    random = Random(number)
    form = {
        "channel": MANUAL,
        "command_id": f"bench-{number}",
        "placed_at": "2026-03-01T09:30:00+01:00",
        "currency": "EUR",
        "lines": [_phone_line(random, item) for item in random.sample(range(SKUS), LINES)],
        "customer": {"name": "Ada Sample", "email": f"ada.{number}@example.com"},
        "shipping": {"method": "Parcel", "price": "4.90"},
        "payment": "paid",
    }
    return json.dumps(form).encode()


def _phone_line(random: Random, item: int) -> Json:
    return {
        "title": f"Item {item}",
        "sku": sku_of(item),
        "quantity": random.randint(1, 3),
        "unit_price": "12.50",
    }


def _order(random: Random, order_id: int, person: int) -> Json:
    items = random.sample(range(SKUS), LINES)
    lines = [_line(random, order_id * 10 + place, item) for place, item in enumerate(items)]
    return {
        **_head(order_id),
        **_totals(sum(line.net for line in lines), sum(line.tax for line in lines)),
        **_buyer(random, person),
        "line_items": [_line_item(line) for line in lines],
        "tax_lines": [_tax_line(order_id, sum(line.tax for line in lines))],
        "shipping_lines": [_shipping_line(order_id)],
        "fee_lines": [],
        "coupon_lines": [],
        "refunds": [],
        "meta_data": [{"id": order_id * 7, "key": "_source_type", "value": "organic"}],
    }


def _line(random: Random, line_id: int, item: int) -> _Line:
    quantity = random.randint(1, 3)
    net = quantity * (199 + item * 7)
    return _Line(line_id, item, quantity, net, net * VAT // 100)


def _head(order_id: int) -> Json:
    placed = OPENED + timedelta(seconds=7 * order_id)
    moments = {
        "created": placed,
        "modified": placed + timedelta(seconds=6),
        "paid": placed + timedelta(seconds=5),
    }
    return {
        "id": order_id,
        "parent_id": 0,
        "number": str(order_id),
        "order_key": f"wc_order_{order_id:013d}",
        "created_via": "checkout",
        "version": "11.0.1",
        "status": "processing",
        "currency": "EUR",
        **{f"date_{name}": f"{at + timedelta(hours=1):%Y-%m-%dT%H:%M:%S}" for name, at in moments.items()},
        **{f"date_{name}_gmt": f"{at:%Y-%m-%dT%H:%M:%S}" for name, at in moments.items()},
        "date_completed": None,
        "date_completed_gmt": None,
        "prices_include_tax": False,
        "customer_note": "",
        "cart_hash": f"{order_id:032x}",
        "transaction_id": f"pi_{order_id:020d}",
        "payment_method": "card",
        "payment_method_title": "Card",
        "payment_url": f"https://shop.example/checkout/order-pay/{order_id}/",
        "currency_symbol": "€",
    }


def _totals(net: int, tax: int) -> Json:
    shipping_tax = SHIPPING * VAT // 100
    return {
        "discount_total": "0.00",
        "discount_tax": "0.00",
        "shipping_total": _money(SHIPPING),
        "shipping_tax": _money(shipping_tax),
        "cart_tax": _money(tax),
        "total": _money(net + tax + SHIPPING + shipping_tax),
        "total_tax": _money(tax + shipping_tax),
    }


def _buyer(random: Random, person: int) -> Json:
    city, region, postcode, country = random.choice(TOWNS)
    address = {
        "first_name": random.choice(FIRST_NAMES),
        "last_name": random.choice(LAST_NAMES),
        "company": "",
        "address_1": f"{random.randint(1, 199)} Test Street",
        "address_2": "",
        "city": city,
        "state": region,
        "postcode": postcode,
        "country": country,
        "phone": f"+1-555-01{random.randrange(100):02d}",
    }
    return {
        "customer_id": person,
        "customer_ip_address": "192.0.2.7",
        "customer_user_agent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
        "billing": {**address, "email": f"person.{person}@example.com"},
        "shipping": address,
    }


def _line_item(line: _Line) -> Json:
    net, tax = _money(line.net), _money(line.tax)
    return {
        "id": line.id,
        "name": f"Item {line.item}",
        "product_id": product_of(line.item),
        "variation_id": 0,
        "quantity": line.quantity,
        "tax_class": "",
        "subtotal": net,
        "subtotal_tax": tax,
        "total": net,
        "total_tax": tax,
        "taxes": [{"id": 1, "total": tax, "subtotal": tax}],
        "meta_data": [],
        "sku": sku_of(line.item),
        "global_unique_id": "",
        "price": line.net / line.quantity / 100,
        "image": {"id": str(line.item), "src": f"https://shop.example/wp-content/uploads/{line.item}.jpg"},
        "parent_name": None,
    }


def _tax_line(order_id: int, tax: int) -> Json:
    return {
        "id": order_id * 10 + 8,
        "rate_code": "DE-VAT-1",
        "rate_id": 1,
        "label": "VAT",
        "compound": False,
        "tax_total": _money(tax),
        "shipping_tax_total": _money(SHIPPING * VAT // 100),
        "rate_percent": VAT,
        "meta_data": [],
    }


def _shipping_line(order_id: int) -> Json:
    tax = _money(SHIPPING * VAT // 100)
    return {
        "id": order_id * 10 + 9,
        "method_title": "Parcel",
        "method_id": "flat_rate",
        "instance_id": "1",
        "total": _money(SHIPPING),
        "total_tax": tax,
        "taxes": [{"id": 1, "total": tax, "subtotal": ""}],
        "meta_data": [{"id": order_id * 10 + 9, "key": "Items", "value": "3 items"}],
    }


def _money(cents: int) -> str:
    return f"{cents // 100}.{cents % 100:02d}"

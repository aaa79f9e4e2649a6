"""WooCommerce order → IncomingOrder. Pure.

Money: a line's `subtotal` and `total` are exact and always without tax, also in a shop whose prices include
it (`tax_included` keeps that view). discount = subtotal - total; unit price = subtotal / quantity, rounded
half-even to six decimals, only where the division does not end before. Nothing else is computed, so the order's
total round-trips, and what WooCommerce's own rounding leaves over stays visible as the hub's difference.
"""

import re
from collections.abc import Iterator
from datetime import datetime
from decimal import ROUND_HALF_EVEN, Context, Decimal

import msgspec

from connectors.woocommerce.handover import AT_THE_DOOR, notes_of, parcels_of, pickup_of
from connectors.woocommerce.refunds import HUB_KEY
from connectors.woocommerce.webhooks import read_head
from connectors.woocommerce.wire import WireAddress, WireFee, WireLine, WireOrder, WireRefund
from hub.model.incoming import Address, IncomingLine, IncomingOrder, LineKind, Payment, Person
from hub.spec import MalformedError
from hub.spec.amounts import unit_price
from hub.spec.moments import utc
from hub.spec.people import address_or_none, full_name, note, text

CANCELED = {"cancelled", "trash"}
_UNITS = Context(prec=34, rounding=ROUND_HALF_EVEN)
_DIGITS_MAX = 15  # more before the point than any shop has ever charged
_QUANTITY_MAX = 1_000_000
_CODE_LENGTH = 3
_WORDS = {
    "int": "a whole number",
    "float": "a number with a fraction",
    "decimal": "an amount",
    "str": "a text",
    "bool": "yes or no",
    "datetime": "a date",
    "null": "nothing",
    "array": "a list",
    "object": "a group of fields",
}


def to_incoming(body: bytes) -> IncomingOrder:
    """Read one order, exactly as WooCommerce sent it."""
    order = _decode(body)
    _refuse_wrong_amounts(order)
    return IncomingOrder(
        channel_order_id=str(order.id),
        channel_order_number=text(order.number or str(order.id)),
        placed_at=_time(order, "date_created_gmt", order.date_created_gmt),
        updated_at=_time(order, "date_modified_gmt", order.date_modified_gmt),
        currency=_currency(order),
        lines=[*_lines(order), *map(_fee, order.fee_lines)],
        total=order.total,
        tax_total=order.total_tax,
        shipping_total=order.shipping_total,
        shipping_tax=order.shipping_tax,
        discount_total=order.discount_total,
        tax_included=order.prices_include_tax,
        payment=payment_of(order),
        payment_method=text(order.payment_method_title or order.payment_method),
        shipping_method=text(", ".join(line.method_title or "" for line in order.shipping_lines)),
        channel_state=text(order.status),
        canceled=is_canceled(order),
        person=_person(order),
        notes=tuple(map(text, _notes(order))),
        parcels=parcels_of(order),
        pickup=pickup_of(order),
        cash_on_delivery=order.payment_method == AT_THE_DOOR,
    )


def payment_of(order: WireOrder) -> Payment:
    """Let `date_paid` decide, not the state: cash on delivery is `processing` long before it is paid.

    A refund of everything leaves nothing to pay; a part refunded before payment leaves the order unpaid.
    """
    refunded = refunded_sum(order)
    if order.status == "refunded" or (refunded > 0 and refunded >= order.total):
        return Payment.REFUNDED
    if order.date_paid_gmt is not None:
        return Payment.PARTLY_REFUNDED if refunded > 0 else Payment.PAID
    return Payment.FAILED if order.status == "failed" else Payment.PENDING


def is_canceled(order: WireOrder) -> bool:
    """Canceled or in the trash; refunded in full before it was completed, so nothing may leave any more.

    Money that the hub sent back, known by its key, says nothing of the goods: it tells of a cancel by itself.
    """
    refunded_there = order.status == "refunded" and not any(map(_is_ours, order.refunds))
    return order.status in CANCELED or (refunded_there and not has_left(order))


def has_left(order: WireOrder) -> bool:
    """An order leaves as a whole: when it is `completed`; it stays gone when it is refunded later."""
    refunded_later = order.status == "refunded" and order.date_completed_gmt is not None
    return refunded_later or order.status == "completed"


def refunded_sum(order: WireOrder) -> Decimal:
    """Refunds are negative on the wire."""
    return -sum((refund.total for refund in order.refunds), Decimal(0))


def _is_ours(refund: WireRefund) -> bool:
    return HUB_KEY.search(refund.reason or "") is not None


def listing_id(product_id: int, variation_id: int = 0) -> str:
    """Return "11" for a simple product, "11/15" for variation 15 of product 11."""
    return f"{product_id}/{variation_id}" if variation_id else str(product_id)


def _lines(order: WireOrder) -> Iterator[IncomingLine]:
    for index, line in enumerate(order.line_items):
        if not 0 <= line.quantity <= _QUANTITY_MAX:
            detail = f"the quantity is {line.quantity}; correct the line in WooCommerce and save the order"
            raise _malformed(order.id, f"line_items[{index}].quantity", detail)
        yield _line(line, has_left(order))


def _line(line: WireLine, left: bool) -> IncomingLine:  # noqa: FBT001 - a fact about the line, not a switch
    return IncomingLine(
        channel_line_id=str(line.id),
        title=text(line.name),
        quantity=line.quantity,
        unit_price=unit_price(line.subtotal, line.quantity),
        total=line.total,
        tax=line.total_tax,
        discount=_UNITS.subtract(line.subtotal, line.total),
        channel_sku=text(line.sku),
        channel_listing_id=listing_id(line.product_id, line.variation_id or 0) if line.product_id else "",
        fulfilled=line.quantity if left else 0,
    )


def _fee(fee: WireFee) -> IncomingLine:
    return IncomingLine(
        channel_line_id=f"fee-{fee.id}",
        title=text(fee.name),
        quantity=1,
        unit_price=fee.total,
        total=fee.total,
        tax=fee.total_tax,
        kind=LineKind.FEE,
    )


def _person(order: WireOrder) -> Person:
    billing, shipping = order.billing or WireAddress(), order.shipping or WireAddress()
    return Person(
        name=_name(billing) or _name(shipping),
        email=text(billing.email),
        phone=text(billing.phone or shipping.phone),
        billing=_address(billing),
        shipping=_address(shipping),
        note=note(order.customer_note),
    )


def _address(wire: WireAddress) -> Address | None:
    """None where every field is blank."""
    return address_or_none(
        Address(
            name=_name(wire),
            company=text(wire.company),
            street=text(wire.address_1),
            street2=text(wire.address_2),
            city=text(wire.city),
            region=text(wire.state),
            postcode=text(wire.postcode),
            country=text(wire.country),
            phone=text(wire.phone),
        )
    )


def _name(wire: WireAddress) -> str:
    return full_name(wire.first_name, wire.last_name)


def _notes(order: WireOrder) -> Iterator[str]:
    for coupon in order.coupon_lines:
        yield f"coupon {coupon.code}: {coupon.discount} {order.currency} off"
    refunded = refunded_sum(order)
    if refunded > 0:
        yield f"refunded {refunded} {order.currency}; which lines stands in WooCommerce only"
    for line in order.line_items:
        if not line.product_id:
            yield f"line {line.id}: its product has been deleted in WooCommerce"
    yield from notes_of(order)


def _currency(order: WireOrder) -> str:
    code = order.currency
    if len(code) == _CODE_LENGTH and code.isascii() and code.isalpha() and code.isupper():
        return code
    detail = (
        f"the currency is {code[:8]!r}, not a code like EUR; set it on the order in WooCommerce and save it"
    )
    raise _malformed(order.id, "currency", detail)


def _time(order: WireOrder, field: str, value: datetime | None) -> datetime:
    if value is None:
        detail = "the date is missing; open the order in WooCommerce and save it once, which writes its dates"
        raise _malformed(order.id, field, detail)
    return utc(value)


def _refuse_wrong_amounts(order: WireOrder) -> None:
    if all(map(_is_amount, _all_amounts(order))):
        return
    for path, amount in _amounts(order):
        if not _is_amount(amount):
            raise _malformed(
                order.id, path, f"{str(amount)[:20]} is no amount of money; correct it in WooCommerce"
            )


def _is_amount(amount: Decimal) -> bool:
    return amount.is_finite() and amount.adjusted() < _DIGITS_MAX


def _all_amounts(order: WireOrder) -> list[Decimal]:
    """Those of _amounts, without their names: almost every order has nothing to be named."""
    found = [order.total, order.total_tax, order.shipping_total, order.shipping_tax, order.discount_total]
    for line in order.line_items:
        found += (line.subtotal, line.total, line.total_tax)
    for fee in order.fee_lines:
        found += (fee.total, fee.total_tax)
    found += [refund.total for refund in order.refunds]
    return found


def _amounts(order: WireOrder) -> Iterator[tuple[str, Decimal]]:
    for field in ("total", "total_tax", "shipping_total", "shipping_tax", "discount_total"):
        yield field, getattr(order, field)
    for index, line in enumerate(order.line_items):
        for field in ("subtotal", "total", "total_tax"):
            yield f"line_items[{index}].{field}", getattr(line, field)
    for index, fee in enumerate(order.fee_lines):
        yield f"fee_lines[{index}].total", fee.total
        yield f"fee_lines[{index}].total_tax", fee.total_tax
    for index, refund in enumerate(order.refunds):
        yield f"refunds[{index}].total", refund.total


def _decode(body: bytes) -> WireOrder:
    try:
        return msgspec.json.decode(body, type=WireOrder)
    except msgspec.ValidationError as error:
        what, _, path = str(error).partition(" - at ")
        detail = f"{_in_words(what)}; correct it in WooCommerce, or report the plugin that writes it"
        raise _malformed(
            read_head(body).id, path.strip("`").removeprefix("$.") or "the top", detail
        ) from error
    except msgspec.DecodeError as error:
        msg = f"WooCommerce sent an order that is not complete JSON ({error}): fetch the order again"
        raise MalformedError(msg) from error


def _in_words(what: str) -> str:
    """Say it without the names of types: "Expected `int`, got `null`" → "Expected a whole number, got nothing"."""
    names = re.compile(r"`([^`]*)`")
    return names.sub(lambda found: " or ".join(_WORDS.get(one, one) for one in found[1].split(" | ")), what)


def _malformed(order_id: int, path: str, detail: str) -> MalformedError:
    return MalformedError(f"order {order_id} from WooCommerce cannot be read at {path}: {detail}")

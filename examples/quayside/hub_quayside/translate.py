"""From what Quayside sends to what the hub takes. Pure: no clock, no network."""

from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import datetime, tzinfo
from decimal import Decimal

from msgspec import Raw

from hub import spec
from hub.model.incoming import IncomingLine, IncomingOrder, Payment, Person
from hub.model.money import from_minor
from hub.spec.moments import utc
from hub.spec.reading import read_json
from hub.spec.signing import digest
from hub_quayside.wire import WireFile, WireHead, WireOrder, WirePosition

PAYMENTS = {
    "new": Payment.PENDING,
    "paid": Payment.PAID,
    "shipped": Payment.PAID,
    "canceled": Payment.PENDING,
}


def split_file(raw: bytes) -> list[spec.Message]:
    """One order, a list of them, or a page."""
    if raw.lstrip().startswith(b"["):
        return [cut(bytes(each)) for each in read_json(raw, list[Raw], "the file")]
    rows = read_json(raw, WireFile, "the file").rows
    return [message_of(raw)] if rows is None else [cut(bytes(each)) for each in rows]


def cut(body: bytes) -> spec.Message:
    """One order of a page. What has no number belongs to nobody, and its neighbors go on."""
    try:
        return message_of(body)
    except spec.MalformedError:
        return spec.Message(f"quayside:stray:{digest(body)}", "an order without a number", "", body)


def message_of(body: bytes) -> spec.Message:
    head = read_json(body, WireHead, "the order")
    return spec.Message(f"quayside:{head.id}:{digest(body)}", "order", str(head.id), body)


def changes_of(bodies: Iterable[bytes], zone: tzinfo) -> Iterator[datetime]:
    """When each order of a page changed; what cannot be read is passed over here, and told by `cut`."""
    for body in bodies:
        with suppress(spec.MalformedError):
            yield utc(read_json(body, WireHead, "the order").changed, zone)


def local(moment: datetime | None, zone: tzinfo) -> str:
    """As the shop writes a moment; empty for none."""
    return moment.astimezone(zone).strftime("%Y-%m-%d %H:%M:%S") if moment else ""


def to_incoming(body: bytes, zone: tzinfo) -> IncomingOrder:
    order = read_json(body, WireOrder, "the order")
    if order.status not in PAYMENTS:
        msg = f"the order cannot be read at status: {order.status!r} is none of {', '.join(PAYMENTS)}"
        raise spec.MalformedError(msg)
    lines = [line_of(each, order.currency, sent=order.status == "shipped") for each in order.positions]
    return IncomingOrder(
        channel_order_id=str(order.id),
        channel_order_number=str(order.id),
        placed_at=utc(order.created, zone),
        updated_at=utc(order.changed, zone),
        currency=order.currency,
        lines=lines,
        total=amount(order.sum, order.currency),
        tax_total=sum((each.tax for each in lines), Decimal(0)),
        tax_included=True,
        shipping_total=amount(order.shipping, order.currency),
        payment=PAYMENTS[order.status],
        channel_state=order.status,
        canceled=order.status == "canceled",
        person=Person(name=order.customer.name, email=order.customer.mail),
    )


def line_of(line: WirePosition, currency: str, *, sent: bool) -> IncomingLine:
    """Quayside knows SKUs and no listings, so the SKU is both."""
    tax = amount(line.vat, currency)
    return IncomingLine(
        channel_line_id=str(line.pos),
        title=line.text,
        quantity=line.qty,
        unit_price=amount(line.unit, currency),
        total=amount(line.unit * line.qty, currency) - tax,
        tax=tax,
        channel_sku=line.sku,
        channel_listing_id=line.sku,
        fulfilled=line.qty if sent else 0,
    )


def amount(coins: int, currency: str) -> Decimal:
    return from_minor(coins, currency).amount

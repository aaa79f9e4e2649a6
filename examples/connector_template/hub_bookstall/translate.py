"""From what Bookstall sends to what the hub takes. Pure: no clock, no network."""

from msgspec import Raw

from hub import spec
from hub.model.incoming import IncomingLine, IncomingOrder, Payment, Person
from hub.spec.reading import read_json
from hub.spec.signing import digest
from hub_bookstall.wire import WireFile, WireHead, WireLine, WireOrder


def split_file(raw: bytes) -> list[spec.Message]:
    """One order, a list of them, or a page."""
    if raw.lstrip().startswith(b"["):
        return [cut(bytes(each)) for each in read_json(raw, list[Raw], "the file")]
    orders = read_json(raw, WireFile, "the file").orders
    return [message_of(raw)] if orders is None else [cut(bytes(each)) for each in orders]


def cut(body: bytes) -> spec.Message:
    """One order of a page. What has no number belongs to nobody, and its neighbors go on."""
    try:
        return message_of(body)
    except spec.MalformedError:
        return spec.Message(f"bookstall:stray:{digest(body)}", "an order without a number", "", body)


def message_of(body: bytes) -> spec.Message:
    head = read_json(body, WireHead, "the order")
    return spec.Message(f"bookstall:{head.number}:{digest(body)}", "order", str(head.number), body)


def to_incoming(body: bytes) -> IncomingOrder:
    order = read_json(body, WireOrder, "the order")
    return IncomingOrder(
        channel_order_id=str(order.number),
        channel_order_number=str(order.number),
        placed_at=order.bought_at,
        updated_at=order.changed_at,
        currency=order.currency,
        lines=[line_of(each, sent=order.state == "sent") for each in order.lines],
        total=order.total,
        shipping_total=order.postage,
        payment=Payment.PAID if order.paid else Payment.PENDING,
        channel_state=order.state,
        canceled=order.state == "void",
        person=Person(name=order.buyer),
    )


def line_of(line: WireLine, *, sent: bool) -> IncomingLine:
    return IncomingLine(
        channel_line_id=str(line.id),
        title=line.title,
        quantity=line.copies,
        unit_price=line.price,
        total=line.price * line.copies,
        channel_listing_id=line.item,
        fulfilled=line.copies if sent else 0,
    )

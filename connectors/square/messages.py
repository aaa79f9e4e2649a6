"""Cuts what Square sends into messages of one order each; the same news has the same key. Pure."""

from msgspec import Raw

from connectors.square import wire
from hub.spec import MalformedError, Message
from hub.spec.signing import digest

_EXPECTED = (
    'one order, a list of orders, {"order": …}, {"orders": […]}, {"order_entries": […]}, '
    'or a webhook event with an "event_id"'
)


def split_file(raw: bytes) -> list[Message]:
    if raw.lstrip()[:1] == b"[":
        return [whole(order) for order in wire.read(raw, list[Raw], "a file")]
    file = wire.read(raw, wire.File, "a file")
    if file.orders is not None:
        return [whole(order) for order in file.orders]
    if file.order_entries is not None:
        return [_hint(entry) for entry in file.order_entries]
    if bytes(file.order).startswith(b"{"):
        return [whole(file.order)]
    if file.event_id is not None:
        return from_event(raw)
    if file.id is not None and file.location_id is not None:
        return [whole(raw)]
    msg = f"This is nothing that Square sends about orders: expected {_EXPECTED}"
    raise MalformedError(msg)


def whole(order: bytes | Raw) -> Message:
    """A complete order, as it stands in an answer of Square.

    One that cannot be read is a message too, so that its neighbors go on (L5); without an id it is nobody's.
    """
    body = bytes(order)
    head = head_of(body)
    key = f"order:{head.id}:{head.version or 0}:{digest(body)}"
    if head.is_return:
        return Message(key, "a return: it is told as one", "", body, named=head.id)
    topic = f"order {head.state or ''}".strip().lower() if head.id else "an order without an id"
    return Message(key, topic, head.id, body)


def head_of(order: bytes | Raw) -> wire.OrderHead:
    """As much of the head as can be read; the rest is found wrong when the order is translated."""
    try:
        return wire.read(order, wire.OrderHead, "an order")
    except MalformedError:
        return _name_of(order)


def _name_of(order: bytes | Raw) -> wire.OrderHead:
    try:
        return wire.OrderHead(wire.read(order, wire.OrderName, "an order").id)
    except MalformedError:
        return wire.OrderHead("")


def from_event(raw_body: bytes, locations: tuple[str, ...] = ()) -> list[Message]:
    """Read a webhook; none of Square's carries the order itself, so each is a hint to fetch it.

    With `locations`, an event of another location names no order: it belongs to another channel.
    """
    event = wire.read(raw_body, wire.Event, "a webhook")
    if event.type == "webhooks.test_notification":
        return []
    news = event.data.object.news() if event.data and event.data.object else wire.OrderNews()
    ours = not locations or not news.location_id or news.location_id in locations
    topic = event.type if ours else f"{event.type} at another location"
    order_id = news.order_id if ours else None
    return [Message(f"event:{event.event_id}", topic, order_id or "", raw_body, complete=False)]


def _hint(entry: wire.OrderEntry) -> Message:
    body = wire.write(entry)
    key = f"entry:{entry.order_id}:{entry.version or 0}:{digest(body)}"
    return Message(key, "order entry", entry.order_id, body, complete=False)

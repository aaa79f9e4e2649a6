"""Webhooks: the signature, and what a delivery says. Also cuts pages and files into messages. Pure.

A delivery id names a second, not an event (two orders delivered in one second share it), so the key of a message
is (order, modified at, digest of the body): the same snapshot has the same key, pushed or polled.
"""

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

import msgspec

from connectors.woocommerce.wire import Changed, Gone, OrderHead, WireError
from hub.spec import MalformedError, Message
from hub.spec.signing import digest, hmac_sha256_base64, same

SIGNATURE_HEADER = "x-wc-webhook-signature"
TOPIC_HEADER = "x-wc-webhook-topic"
DELIVERY_HEADER = "x-wc-webhook-delivery-id"
DELETED = "order.deleted"
TOPICS = ("order.created", "order.updated", "order.deleted", "order.restored")
NOT_PLACED = {"checkout-draft", "auto-draft"}  # carts the checkout has written down; nobody has ordered yet
UNREADABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)  # not JSON, or nested without end
_PING = re.compile(rb"webhook_id=\d{1,20}")
_FORM = "application/x-www-form-urlencoded"


def verify(headers: Mapping[str, str], raw_body: bytes, secret: str) -> bool:
    """Accept a right signature; unsigned, only the ping WooCommerce sends when a webhook is saved."""
    given = headers.get(SIGNATURE_HEADER, "")
    if not given:
        return is_ping(headers, raw_body)
    return bool(secret) and same(hmac_sha256_base64(secret, raw_body), given)


def is_ping(headers: Mapping[str, str], raw_body: bytes) -> bool:
    """Say whether this is exactly `webhook_id=N`, form-encoded: it carries nothing that could be forged."""
    return headers.get("content-type", "").startswith(_FORM) and bool(_PING.fullmatch(raw_body))


def parse(headers: Mapping[str, str], raw_body: bytes) -> list[Message]:
    """Read one delivery. A valid signature is no valid payload: WooCommerce signs its own errors too."""
    if is_ping(headers, raw_body):
        return []
    topic = headers.get(TOPIC_HEADER, "")
    if not topic.startswith("order."):
        return [Message(f"other/{digest(topic.encode(), raw_body)}", topic or "no topic", "", raw_body)]
    head = read_head(raw_body)
    if topic == DELETED:
        return [_gone(head, headers.get(DELIVERY_HEADER, ""), raw_body)]
    return [message_of(head, raw_body, topic)]


def split(raw: bytes) -> list[Message]:
    """Cut a list of orders, one order, or the body of a webhook into messages."""
    if raw.lstrip().startswith(b"["):
        return cut(raw, "order")
    head = read_head(raw)
    return [_gone(head, "", raw) if _is_gone(raw) else message_of(head, raw, "order")]


def cut(raw: bytes, topic: str) -> list[Message]:
    """Cut a page of orders. An element without an id becomes a message nobody owns: its neighbors go on."""
    return [_message_or_stray(bytes(element), topic) for element in _elements(raw)]


def changed_at(messages: Iterable[Message]) -> list[datetime]:
    """Return when these orders changed, in UTC; what cannot be read of it does not move a cursor."""
    return [at for message in messages if (at := _changed_at(message.body))]


def message_of(head: OrderHead, body: bytes, topic: str) -> Message:
    """Name the message by order, time of change and content; a checkout draft belongs to no order yet."""
    key = f"{head.id}/{head.date_modified_gmt}/{digest(body)}"
    if head.status in NOT_PLACED:
        return Message(key, head.status, "", body)
    return Message(key, topic, str(head.id), body)


def read_head(raw: bytes) -> OrderHead:
    """Read the order's id, or say in words why there is none."""
    try:
        return msgspec.json.decode(raw, type=OrderHead)
    except UNREADABLE as error:
        msg = f"WooCommerce sent a body that is no order ({_reason(raw, error)}): the next poll fetches what"
        msg += " changed. If it repeats, look at WooCommerce > Status > Logs in the shop"
        raise MalformedError(msg) from error


def _gone(head: OrderHead, delivery: str, body: bytes) -> Message:
    """Name thin news: its body is always the same, so the delivery id tells one deletion from the next."""
    return Message(
        f"{head.id}/deleted/{delivery or digest(body)}", DELETED, str(head.id), body, complete=False
    )


def _is_gone(body: bytes) -> bool:
    try:
        msgspec.json.decode(body, type=Gone)
    except UNREADABLE:
        return False
    return True


def _changed_at(body: bytes) -> datetime | None:
    try:
        at = msgspec.json.decode(body, type=Changed).date_modified_gmt
    except UNREADABLE:
        return None
    return at.replace(tzinfo=UTC) if at and at.tzinfo is None else at


def _message_or_stray(body: bytes, topic: str) -> Message:
    try:
        return message_of(read_head(body), body, topic)
    except MalformedError:
        return Message(f"stray/{digest(body)}", "order without an id", "", body)


def _elements(raw: bytes) -> list[msgspec.Raw]:
    try:
        return msgspec.json.decode(raw, type=list[msgspec.Raw])
    except UNREADABLE as error:
        msg = f"WooCommerce sent a list of orders that cannot be read ({error}): fetch it again"
        raise MalformedError(msg) from error


def _reason(raw: bytes, error: Exception) -> str:
    """Name WooCommerce's own error code where the body is one: it holds no personal data."""
    try:
        code = msgspec.json.decode(raw, type=WireError).code
    except UNREADABLE:
        code = ""
    return f"its own error {code!r}" if code else str(error)

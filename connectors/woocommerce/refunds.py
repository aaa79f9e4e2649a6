"""Money that a shop gave back: where a walk over its refunds goes, and what one says. Pure.

`/refunds` (WooCommerce 9.0 or newer) lists those of all orders. One never changes but for `refunded_payment`, and may
be deleted, so they are walked by the time they were made, as orders are by their change. A refund stands before its
gateway is asked, and is deleted again where that refuses: until it has paid, a young one may be that, and the walk ends
before it. What a person paid back by hand never becomes `refunded_payment`. Source: REST index and JSON schemas of
WooCommerce 11.0.1; for `parent_id` and what names a line, the plugin's RefundsController.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal

import msgspec
from msgspec import Raw

from connectors.woocommerce import scan
from connectors.woocommerce.meta import text_of
from connectors.woocommerce.scan import Scan
from connectors.woocommerce.webhooks import UNREADABLE
from connectors.woocommerce.wire import WireRefundedLine, WireRefundHead, WireWholeRefund
from hub.spec import IncomingRefund, MalformedError, Message, Page, RefundedLine
from hub.spec.moments import utc
from hub.spec.signing import digest

OVERLAP = timedelta(seconds=120)
ASKED_FOR = timedelta(seconds=120)  # longer than any gateway is waited for
LINE = "_refunded_item_id"
# A UUIDv7, and how often the shop refused it.
HUB_KEY = re.compile(r"\b([0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}(?:-[0-9]+)?)$")


def query_of(place: Scan, *, until: datetime) -> dict[str, str]:
    """As of orders, by the time they were made."""
    asked = scan.query_of(place, until=until)
    renamed = {"modified_before": "before", "modified_after": "after"}
    kept = {renamed.get(name, name): value for name, value in asked.items() if name != "status"}
    return kept | ({"orderby": "date"} if kept["orderby"] == "modified" else {})


def page_of(place: Scan, body: bytes, headers: Mapping[str, str], *, until: datetime) -> Page[Message]:
    told, all_sure = _sure(_elements(body), until)
    made = [at for each in told if (at := _made_at(each))]
    seen = scan.seen_of(headers, made, len(told), place.page)
    messages = [_message(each) for each in told if not _is_unpaid_of_ours(each)]
    onwards = scan.advance(place, seen) if all_sure else None
    if onwards and not onwards.trash:
        return Page(messages, scan.write_cursor(onwards), scan.write_cursor(scan.restart(place)))
    return Page(messages, None, scan.write_cursor(scan.resume(place, seen, overlap=OVERLAP)))


def to_refund(body: bytes) -> IncomingRefund:
    """Its amounts are the shop's own; why, it says to the shop alone: the reason may name people."""
    refund = _read(body)
    key = HUB_KEY.search(refund.reason or "")
    shipping = refund.shipping_lines
    return IncomingRefund(
        channel_refund_id=str(refund.id),
        channel_order_id=str(refund.parent_id),
        refunded_at=utc(refund.date_created_gmt),
        total=refund.amount,
        key=key[1] if key else "",
        lines=[*_lines(refund.line_items, ""), *_lines(refund.fee_lines, "fee-")],
        shipping=-sum((each.total for each in shipping), Decimal(0)),
        shipping_tax=-sum((each.total_tax for each in shipping), Decimal(0)),
    )


def _read(body: bytes) -> WireWholeRefund:
    try:
        return msgspec.json.decode(body, type=WireWholeRefund)
    except UNREADABLE as error:
        msg = f"WooCommerce sent a refund that cannot be read ({error}): look at it on its order there"
        raise MalformedError(msg) from error


def _lines(lines: Sequence[WireRefundedLine], prefix: str) -> Iterator[RefundedLine]:
    """Counted and priced below zero on the wire; which line each is of stands in a field of its own."""
    for line in lines:
        if line_id := text_of(line.meta_data, LINE):
            yield RefundedLine(f"{prefix}{line_id}", max(0, -line.quantity), -line.total, -line.total_tax)


def _elements(body: bytes) -> list[bytes]:
    try:
        return [bytes(each) for each in msgspec.json.decode(body, type=list[Raw])]
    except UNREADABLE as error:
        msg = f"WooCommerce sent a list of refunds that cannot be read ({error}): fetch it again"
        raise MalformedError(msg) from error


def _head(body: bytes) -> WireRefundHead:
    try:
        return msgspec.json.decode(body, type=WireRefundHead)
    except UNREADABLE:
        return WireRefundHead()


def _made_at(body: bytes) -> datetime | None:
    at = _head(body).date_created_gmt
    return utc(at) if at else None


def _sure(bodies: Sequence[bytes], until: datetime) -> tuple[list[bytes], bool]:
    """Those before the first that may be deleted again; and whether that is all of them."""
    for place, body in enumerate(bodies):
        at = _made_at(body)
        if at and not _head(body).refunded_payment and at > until - ASKED_FOR:
            return list(bodies[:place]), False
    return list(bodies), True


def _is_unpaid_of_ours(body: bytes) -> bool:
    """Its write-back waits for the gateway's word, and tells of the money."""
    head = _head(body)
    return HUB_KEY.search(head.reason or "") is not None and not head.refunded_payment


def _message(body: bytes) -> Message:
    head = _head(body)
    return Message(f"refund/{head.id}/{digest(body)}", "refund", str(head.parent_id or ""), body)

"""Snapshots of one order have a total order of their own, so that arrival order never matters (L2)."""

import hashlib
from datetime import UTC

import msgspec

from hub.model.incoming import IncomingOrder

_encode = msgspec.json.Encoder().encode


def snapshot_key(order: IncomingOrder) -> str:
    """Return a text that sorts as the snapshots happened: revision, then time, then progress, then content.

    Two snapshots with one revision and one time differ in progress (a canceled one is the later one) or else fall
    in an arbitrary but fixed order, so that every arrival order ends in the same place.
    """
    content = hashlib.sha256(_encode(order)).hexdigest()[:16]
    moment = order.updated_at.astimezone(UTC).strftime("%Y%m%d%H%M%S%f")
    return f"{order.revision:010d} {moment} {_progress(order)} {content}"


def _progress(order: IncomingOrder) -> int:
    """The more has left, the later; one digit."""
    if order.canceled:
        return 9
    return min(8, any(line.fulfilled for line in order.lines) + len(order.parcels))

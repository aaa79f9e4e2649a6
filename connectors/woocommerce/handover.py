"""How the goods reach the customer: the parcels a tracking plugin keeps, and whether they are collected. Pure.

WooCommerce itself knows no parcels. The plugins keep theirs in one field of the order and do not say what is in them;
a field that cannot be read costs the order nothing but a note.
"""

from collections.abc import Iterator
from datetime import UTC, datetime

import msgspec

from connectors.woocommerce.wire import WireMeta, WireOrder, WireShipping, WireTracking
from hub.model.incoming import IncomingParcel, Pickup
from hub.spec.people import text

COLLECTED = {"local_pickup", "pickup_location"}
AT_THE_DOOR = "cod"
UNREADABLE = "its field of parcels cannot be read: report the plugin that writes it"
PARTLY = "the customer collects a part of it"
TRACKING = "_wc_shipment_tracking_items"
_PLACE = "pickup_location"
_SECONDS_MAX = 4_102_444_800  # the year 2100


def pickup_of(order: WireOrder) -> Pickup | None:
    """None unless all of it is collected; the newer checkout writes the name of the place."""
    ways = order.shipping_lines
    if not ways or not all(map(_is_collected, ways)):
        return None
    names = (_text_of(meta) for way in ways for meta in way.meta_data if meta.key == _PLACE)
    return Pickup(name=text(next(names, "")))


def parcels_of(order: WireOrder) -> tuple[IncomingParcel, ...]:
    """One number twice is one parcel."""
    found = {text(str(each.tracking_number)): each for each in tracked(order) or [] if each.tracking_number}
    return tuple(
        IncomingParcel(
            channel_parcel_id=number[:200],
            carrier=text(each.custom_tracking_provider or each.tracking_provider),
            tracking=number,
            left_at=_left_at(each),
        )
        for number, each in found.items()
    )


def notes_of(order: WireOrder) -> Iterator[str]:
    ways = order.shipping_lines
    if any(map(_is_collected, ways)) and not all(map(_is_collected, ways)):
        yield PARTLY
    if tracked(order) is None:
        yield UNREADABLE


def tracked(order: WireOrder) -> list[WireTracking] | None:
    """None where there is such a field, and it is no list of parcels."""
    kept = next((meta.value for meta in order.meta_data if meta.key == TRACKING), None)
    if kept is None or bytes(kept) in {b"null", b'""'}:
        return []
    try:
        return msgspec.json.decode(kept, type=list[WireTracking])
    except msgspec.DecodeError:
        return None


def _is_collected(way: WireShipping) -> bool:
    return (way.method_id or "") in COLLECTED


def _text_of(meta: WireMeta) -> str:
    value = msgspec.json.decode(meta.value)
    return value if isinstance(value, str) else ""


def _left_at(parcel: WireTracking) -> datetime | None:
    seconds = str(parcel.date_shipped or "")
    known = seconds.isascii() and seconds.isdecimal() and len(seconds) <= 10 and int(seconds) < _SECONDS_MAX
    return datetime.fromtimestamp(int(seconds), UTC) if known else None

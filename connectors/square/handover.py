"""How the goods reach the customer: parcels that have left, and whether they are collected. Pure.

A fulfillment of type SHIPMENT or DELIVERY that is COMPLETED has been given to the carrier; it is one parcel, with one
tracking number at most. One of type PICKUP is handed over at the order's own location. Square has no cash on delivery.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime

from connectors.square import wire
from connectors.square.people import details_of
from connectors.square.quantities import whole_units
from connectors.square.states import GIVEN_UP
from hub.model.incoming import IncomingLine, IncomingParcel, ParcelLine, Pickup
from hub.spec.people import text

SENT = {"SHIPMENT", "DELIVERY"}
PARTLY = "the customer collects a part of it"


def pickup_of(order: wire.Order) -> Pickup | None:
    """None unless all of it is collected."""
    ways = _ways(order)
    return Pickup(text(order.location_id)) if ways == {"PICKUP"} else None


def ship_by_of(order: wire.Order) -> datetime | None:
    """When the first of what still has to go is expected at the carrier, or by its buyer at the counter."""
    still = [each for each in order.fulfillments or [] if each.state not in {*GIVEN_UP, "COMPLETED"}]
    times = [_moment(it.expected_shipped_at or it.pickup_at) for each in still for it in details_of(each)]
    return min(filter(None, times), default=None)


def handover_notes(order: wire.Order) -> Iterator[str]:
    if "PICKUP" in _ways(order) and pickup_of(order) is None:
        yield PARTLY


def parcels_of(order: wire.Order, lines: Sequence[IncomingLine]) -> tuple[IncomingParcel, ...]:
    """`lines` are those of the incoming order: a parcel never holds more than has left of them."""
    left = Counter({line.channel_line_id: line.fulfilled for line in lines})
    sent = [each for each in order.fulfillments or [] if each.type in SENT and each.state == "COMPLETED"]
    return tuple(_parcel(index, each, left) for index, each in enumerate(sent, start=1))


def _ways(order: wire.Order) -> set[str]:
    return {each.type or "" for each in order.fulfillments or [] if each.state not in GIVEN_UP}


def _parcel(index: int, sent: wire.Fulfillment, left: Counter[str]) -> IncomingParcel:
    """Takes its units out of what is `left`."""
    if sent.entries is None:
        wanted = +left
    else:
        wanted = Counter[str]()
        for entry in sent.entries:
            wanted[entry.line_item_uid] += max(0, whole_units(entry.quantity))
    units = wanted & left
    left -= units
    details = next(iter(details_of(sent)), wire.FulfillmentDetails())
    return IncomingParcel(
        channel_parcel_id=_id_of(index, sent),
        carrier=text(details.carrier or details.courier_provider_name),
        tracking=text(details.tracking_number),
        lines=tuple(ParcelLine(line_id, count) for line_id, count in units.items()),
        left_at=_moment(details.shipped_at or details.completed_at),
    )


def _id_of(index: int, sent: wire.Fulfillment) -> str:
    """Behind the key of the parcel that the hub told of, where it did: one may fill several."""
    uid = text(sent.uid)[:200] or f"fulfillment {index}"
    key = text((sent.metadata or {}).get(wire.HUB_KEY))
    return f"{key} {uid}"[:200] if key else uid


def _moment(written: str | None) -> datetime | None:
    """A time that cannot be read costs the parcel nothing: then it left when the order last changed."""
    try:
        moment = datetime.fromisoformat(written or "")
    except ValueError:
        return None
    return moment if moment.tzinfo else None

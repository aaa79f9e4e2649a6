"""The rows that the parcels of a snapshot become."""

from collections import Counter
from uuid import UUID

from hub.flows.orders.order_rows import Draft
from hub.kit.ids import uuid7
from hub.store.shipments import ChannelParcel


def parcel_rows(draft: Draft) -> list[ChannelParcel]:
    """What has left by the channel's word; a line that stands twice in one parcel is added up.

    Units of a line that a person took off the order are left out.
    """
    ids = {each.line.channel_line_id: each.id for each in draft.lines if each.line}
    rows = []
    for parcel in draft.order.parcels:
        units: Counter[UUID] = Counter()
        for line in parcel.lines:
            if line.channel_line_id in ids:
                units[ids[line.channel_line_id]] += line.quantity
        at = parcel.left_at or draft.order.updated_at
        rows.append(
            ChannelParcel(
                uuid7(), draft.id, parcel.channel_parcel_id, parcel.carrier, parcel.tracking, at, units
            )
        )
    return rows

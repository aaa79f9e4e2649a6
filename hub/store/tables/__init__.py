"""Every table of the hub, with its constraints named, so that a refused row says which rule refused it.

A foreign key names its table as text, so the files need not know one another; they are all imported here.
"""

from hub.store.tables import (
    alarms,
    bank,
    channels,
    counts,
    drafts,
    drifts,
    events,
    followers,
    imports,
    listings,
    lots,
    notices,
    orders,
    payments,
    picking,
    pickups,
    refunds,
    review,
    rmas,
    stage_times,
    stock,
    transfers,
    write_backs,
)
from hub.store.tables.columns import metadata

__all__ = [
    "alarms",
    "bank",
    "channels",
    "counts",
    "drafts",
    "drifts",
    "events",
    "followers",
    "imports",
    "listings",
    "lots",
    "metadata",
    "notices",
    "orders",
    "payments",
    "picking",
    "pickups",
    "refunds",
    "review",
    "rmas",
    "stage_times",
    "stock",
    "transfers",
    "write_backs",
]

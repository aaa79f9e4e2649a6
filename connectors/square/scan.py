"""The cursor of an order scan: one window of time, read location group by location group, page by page. Pure.

Square's page cursor is bound to the query it came from, so the window is fixed when a scan begins and travels
with it.
"""

from datetime import UTC, datetime

from msgspec import UNSET
from msgspec.structs import replace

from connectors.square import wire
from hub.spec.paging import Scan

LOCATIONS_MAX = 10  # per search: SearchOrdersRequest.location_ids
OVERLAP_S = 120
HISTORY_DAYS = 30
EPOCH = datetime.fromtimestamp(0, UTC)


class TillScan(Scan, frozen=True, omit_defaults=True):
    """`group`: which ten of the locations are read now."""

    group: int = 0


def request(scan: TillScan, locations: tuple[str, ...], limit: int) -> wire.SearchOrders:
    first = scan.group * LOCATIONS_MAX
    window = wire.TimeRange(scan.since or EPOCH, scan.until or EPOCH)
    return wire.SearchOrders(
        list(locations[first : first + LOCATIONS_MAX]),
        wire.OrderQuery(wire.OrderFilter(wire.DateTimeFilter(window))),
        limit,
        scan.page or UNSET,
    )


def next_group(scan: TillScan, locations: tuple[str, ...]) -> TillScan | None:
    """The next ten locations from their first page; None after the last."""
    if (scan.group + 1) * LOCATIONS_MAX < len(locations):
        return replace(scan, page="", group=scan.group + 1)
    return None

"""The cursor of an order scan: one window of time, read location group by location group, page by page. Pure.

Square's page cursor is bound to the query it came from, so the window is fixed when a scan begins and travels
with it.
"""

from datetime import UTC, datetime, timedelta
from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from connectors.square import wire

LOCATIONS_MAX = 10  # per search: SearchOrdersRequest.location_ids
OVERLAP_S = 120
HISTORY_DAYS = 30
_Moment = Annotated[datetime, Meta(tz=True)]


class Scan(Struct, frozen=True, omit_defaults=True):
    """`seen` is the latest change met; `end_at` None before the first call of a scan."""

    start_at: _Moment
    end_at: _Moment | None = None
    group: int = 0
    page: str = ""
    seen: _Moment | None = None


def begin(cursor: str | None, until: datetime) -> Scan:
    """Go on where the cursor stands; without one, at the beginning of the declared history."""
    if cursor is None:
        return Scan(start_at=until - timedelta(days=HISTORY_DAYS), end_at=until)
    scan = msgspec.json.decode(cursor, type=Scan)
    return scan if scan.end_at else msgspec.structs.replace(scan, end_at=max(until, scan.start_at))


def request(scan: Scan, locations: tuple[str, ...], limit: int) -> wire.SearchOrders:
    first = scan.group * LOCATIONS_MAX
    window = wire.TimeRange(scan.start_at, scan.end_at or scan.start_at)
    return wire.SearchOrders(
        list(locations[first : first + LOCATIONS_MAX]),
        wire.OrderQuery(wire.OrderFilter(wire.DateTimeFilter(window))),
        limit,
        scan.page or msgspec.UNSET,
    )


def step(scan: Scan, page: str, latest: datetime | None, locations: tuple[str, ...]) -> Scan | None:
    """Where to read next: the next page, the next group of locations, or None at the end of the window."""
    seen = max((each for each in (scan.seen, latest) if each), default=None)
    if page:
        return msgspec.structs.replace(scan, page=page, seen=seen)
    if (scan.group + 1) * LOCATIONS_MAX < len(locations):
        return msgspec.structs.replace(scan, page="", group=scan.group + 1, seen=seen)
    return None


def resume(scan: Scan, latest: datetime | None) -> Scan:
    """Where the next scan begins: the last change seen less the overlap, never the end of the window (L4)."""
    seen = max((each for each in (scan.seen, latest) if each), default=None)
    if seen is None:
        return Scan(start_at=scan.start_at)
    return Scan(start_at=max(scan.start_at, seen.astimezone(UTC) - timedelta(seconds=OVERLAP_S)))


def restarted(scan: Scan) -> Scan:
    """The same group from its first page: a repeated page is harmless, a skipped one is not."""
    return msgspec.structs.replace(scan, page="")


def text(scan: Scan) -> str:
    return msgspec.json.encode(scan).decode()

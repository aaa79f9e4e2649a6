"""Where a scan of the orders stands, and where it goes next. Pure.

Paging by number skips orders while rows move, so a scan walks by key: it asks for everything changed since the
last second it saw, and always for page 1. That second is asked for again (the delivery keys make repeats
harmless), so equal times at the edge of a page are safe. Only a second that fills a page by itself (a bulk edit)
is paged by number, ordered by id; should it shrink meanwhile, because orders were changed again, its paging
starts over.

Live orders come first, then the trash, which `status=any` leaves out.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from hub.spec import MalformedError

PAGE_MAX = 100  # orders per page: WooCommerce REST v3, "Pagination"
_SECOND = timedelta(seconds=1)


class Scan(Struct, frozen=True, omit_defaults=True):
    """`since`: where this scan began. `after`: what it asks for next, inclusive. `last`: newest live change.

    `second`: paging by number inside the second `after`, which held `total` orders when last counted.
    """

    since: datetime | None = None
    after: datetime | None = None
    last: datetime | None = None
    trash: bool = False
    second: bool = False
    page: int = 1
    total: int = 0


class Seen(Struct, frozen=True):
    """What one answer held: the times of change of its orders, and the counts of its paging headers."""

    changed: Sequence[datetime]
    total: int
    pages: int


def read_cursor(cursor: str | None) -> Scan:
    """Read a next or a resume cursor; None is the beginning of time."""
    if cursor is None:
        return Scan()
    try:
        return msgspec.json.decode(cursor, type=Scan)
    except msgspec.DecodeError as error:
        msg = f"the poll cursor {cursor[:80]!r} is not of this connector: reset it, and the poll starts over"
        raise MalformedError(msg) from error


def write_cursor(scan: Scan | None) -> str | None:
    return msgspec.json.encode(scan).decode() if scan else None


def query_of(scan: Scan, *, until: datetime) -> dict[str, str]:
    """Return the query of the next call. WooCommerce's bounds are exclusive, hence the second on either side."""
    query = {
        "status": "trash" if scan.trash else "any",
        "dates_are_gmt": "true",
        "orderby": "id" if scan.second else "modified",
        "order": "asc",
        "per_page": str(PAGE_MAX),
        "page": str(scan.page),
    }
    end = scan.after if scan.second and scan.after else until
    query["modified_before"] = _gmt(end + _SECOND)
    if scan.after:
        query["modified_after"] = _gmt(scan.after - _SECOND)
    return query


def seen_of(headers: Mapping[str, str], changed: Sequence[datetime], count: int, page: int) -> Seen:
    """Read the paging headers; a proxy that drops them leaves only "a full page has a successor"."""
    total, pages = headers.get("x-wp-total", ""), headers.get("x-wp-totalpages", "")
    guess = page + 1 if count >= PAGE_MAX else page
    return Seen(changed, int(total) if total.isdigit() else 0, int(pages) if pages.isdigit() else guess)


def advance(scan: Scan, seen: Seen) -> Scan | None:
    """Return the next step; None where the scan is over for now."""
    scan = _remember(scan, seen)
    more = seen.pages > scan.page
    if scan.second:
        return _inside_second(scan, seen, more=more)
    if more:
        return _onwards(scan, seen)
    return None if scan.trash else Scan(since=scan.since, after=scan.since, last=scan.last, trash=True)


def resume(scan: Scan, seen: Seen, *, overlap: timedelta) -> Scan | None:
    """Return where the next scan begins: the last live change seen, less the overlap, never before this one."""
    last = _remember(scan, seen).last
    starts = [start for start in (scan.since, last - overlap if last else None) if start]
    return Scan(since=max(starts), after=max(starts)) if starts else None


def restart(scan: Scan) -> Scan | None:
    """Return where this scan itself began: the next one starts there too, should this one not get through."""
    return Scan(since=scan.since, after=scan.since) if scan.since else None


def _remember(scan: Scan, seen: Seen) -> Scan:
    if scan.trash:
        return scan
    times = [*seen.changed, *([scan.last] if scan.last else [])]
    return replace(scan, last=max(times, default=None))


def _onwards(scan: Scan, seen: Seen) -> Scan:
    newest = max(seen.changed, default=None)
    if newest is None or (scan.after and newest < scan.after):
        return replace(scan, page=scan.page + 1)
    if scan.after == newest:
        return replace(scan, second=True, page=1)
    return replace(scan, after=newest, page=1)


def _inside_second(scan: Scan, seen: Seen, *, more: bool) -> Scan:
    if seen.total < scan.total:
        return replace(scan, page=1, total=seen.total)
    if more:
        return replace(scan, page=scan.page + 1, total=seen.total)
    after = scan.after + _SECOND if scan.after else None
    return replace(scan, after=after, second=False, page=1, total=0)


def _gmt(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S")

"""Pages and cursors. A cursor is opaque to the hub; what stands in it is a Struct of the connector's own. Pure.

A scan of changes walks one window of time: from where the last scan left off, less the overlap, to the hub's clock. The
next one begins at the last change seen, never at the end of the window: what the channel wrote late is met again (L4).
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from datetime import UTC, datetime, timedelta
from typing import Annotated, TypeVar

import msgspec
from msgspec import Meta, Struct
from msgspec.structs import replace

from hub.spec.capabilities import Message, Page
from hub.spec.errors import MalformedError

Shape = TypeVar("Shape", bound=Struct)
Item = TypeVar("Item")
Moment = Annotated[datetime, Meta(tz=True)]


def write_cursor(place: Struct) -> str:
    return msgspec.json.encode(place).decode()


def read_cursor(cursor: str, shape: type[Shape]) -> Shape:
    """Raises MalformedError for a cursor of something else."""
    try:
        return msgspec.json.decode(cursor, type=shape)
    except msgspec.DecodeError as error:
        msg = f"the cursor {cursor[:80]!r} is not of this connector: begin again without one"
        raise MalformedError(msg) from error


class Scan(Struct, frozen=True, omit_defaults=True):
    """Where a scan of changes stands. Extend it where a channel needs more, such as the group that is read now.

    `since` None is the beginning of time, `until` None before the first page is asked for; `page` is the channel's own
    word for the next page, "" for the first one; `seen` the latest change met.
    """

    since: Moment | None = None
    until: Moment | None = None
    page: str = ""
    seen: Moment | None = None


ScanShape = TypeVar("ScanShape", bound=Scan)


def begin_scan(
    cursor: str | None, shape: type[ScanShape], *, until: datetime, history_days: int | None = None
) -> ScanShape:
    """Go on where the cursor stands; without one, at the beginning of what the channel still tells."""
    scan = shape() if cursor is None else read_cursor(cursor, shape)
    if scan.until:
        return scan
    oldest = until - timedelta(days=history_days) if history_days else None
    since = scan.since or oldest
    return replace(scan, since=since, until=max(until, since) if since else until)


def met(scan: ScanShape, changed: Iterable[datetime]) -> ScanShape:
    """The scan, once these times of change were read on its page."""
    return replace(scan, seen=max([*changed, *([scan.seen] if scan.seen else [])], default=None))


def page_of_scan(messages: list[Message], scan: Scan, *, next_page: str, overlap_s: float) -> Page[Message]:
    """The page a scan has read; `next_page` "" ends it for now."""
    if next_page:
        return Page(messages, next_cursor=write_cursor(replace(scan, page=next_page)))
    return Page(messages, resume_cursor=resume_after(scan, overlap_s=overlap_s))


def resume_after(scan: Scan, *, overlap_s: float) -> str:
    """Where the next scan begins: at the last change met, less the overlap, and never before this one."""
    starts = [scan.since] if scan.since else []
    if scan.seen is not None:
        starts.append(scan.seen.astimezone(UTC) - timedelta(seconds=overlap_s))
    return write_cursor(Scan(since=max(starts, default=None)))


async def all_items(list_page: Callable[[str | None], Awaitable[Page[Item]]]) -> AsyncIterator[Item]:
    """Every item of a list, page after page. Raises MalformedError where a page leads back to itself."""
    cursor: str | None = None
    while True:
        page = await list_page(cursor)
        for item in page.items:
            yield item
        if page.next_cursor is None:
            return
        if page.next_cursor == cursor:
            msg = f"the page after {page.next_cursor[:80]!r} is that page again: the list would never end"
            raise MalformedError(msg)
        cursor = page.next_cursor

"""A cursor is opaque, belongs to its connector, and stands at the last change met, less the overlap: never at now."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from hub.spec import MalformedError, Message, Page
from hub.spec.paging import (
    Scan,
    all_items,
    begin_scan,
    met,
    page_of_scan,
    read_cursor,
    resume_after,
    write_cursor,
)

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
MESSAGE = Message("k", "order", "1", b"{}")


class ByPlace(Scan, frozen=True, omit_defaults=True):
    place: int = 0


def after(minutes: float) -> datetime:
    return NOON + timedelta(minutes=minutes)


def test_a_first_scan_begins_at_the_end_of_what_the_channel_still_tells():
    assert begin_scan(None, Scan, until=NOON, history_days=30).since == NOON - timedelta(days=30)
    assert begin_scan(None, Scan, until=NOON).since is None


def test_the_window_is_fixed_when_a_scan_begins_and_travels_with_it():
    first = begin_scan(None, ByPlace, until=NOON)
    page = page_of_scan([MESSAGE], replace(first, place=2), next_page="p2", overlap_s=60)
    again = begin_scan(page.next_cursor, ByPlace, until=after(5))
    assert (again.until, again.page, again.place) == (NOON, "p2", 2)


def test_the_next_scan_begins_at_the_last_change_met_less_the_overlap():
    scan = met(begin_scan(None, Scan, until=NOON), [after(-9), after(-3), after(-5)])
    page = page_of_scan([], scan, next_page="", overlap_s=60)
    assert page.next_cursor is None
    assert begin_scan(page.resume_cursor, Scan, until=after(1)) == Scan(since=after(-4), until=after(1))


def test_a_scan_that_met_nothing_begins_again_where_it_began():
    scan = begin_scan(write_cursor(Scan(since=after(-60))), Scan, until=NOON)
    assert begin_scan(resume_after(scan, overlap_s=60), Scan, until=after(1)).since == after(-60)


@given(st.lists(st.integers(-600, 600)), st.integers(0, 300), st.integers(-600, 0))
def test_no_scan_begins_before_the_last_one_or_after_what_it_met(
    changes: list[int], overlap_s: int, since: int
):
    scan = met(Scan(since=after(since), until=NOON), map(after, changes))
    resumed = read_cursor(resume_after(scan, overlap_s=overlap_s), Scan).since
    assert resumed is not None
    assert after(since) <= resumed <= max([after(since), *map(after, changes)])


@pytest.mark.parametrize(
    "cursor", ["", "garbage", "[]", '{"since": "yesterday"}', '{"since": "2026-03-01T12:00:00"}']
)
def test_a_cursor_of_something_else_is_refused(cursor: str):
    with pytest.raises(MalformedError, match="not of this connector"):
        read_cursor(cursor, Scan)


async def test_every_item_of_every_page_is_given():
    pages = {None: Page([1, 2], "b"), "b": Page([], "c"), "c": Page([3])}

    async def list_page(cursor: str | None) -> Page[int]:
        return pages[cursor]

    assert [each async for each in all_items(list_page)] == [1, 2, 3]


async def test_a_page_that_leads_back_to_itself_ends_the_list_with_an_error():
    async def list_page(_cursor: str | None) -> Page[int]:
        return Page([1], "b")

    with pytest.raises(MalformedError, match="would never end"):
        [each async for each in all_items(list_page)]

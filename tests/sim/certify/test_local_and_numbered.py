"""Channels that number pages, use local times, know only SKUs or answer behind a path are tried by what they can do."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from hub_bookstall.connector import Bookstall, BookstallChannel, BookstallConfig
from hub_bookstall.simulator import BookstallSimulator
from hub_bookstall.wire import WireHead
from msgspec.structs import replace
from typing_extensions import override

from hub import spec
from hub.sim.certify import Certificate, Wish, certify, subject_for
from hub.spec.paging import Scan, begin_scan, met, page_of_scan
from hub.spec.reading import read_json
from hub.spec.testing import Paging, Profile, Route, SimItem
from tests.sim.certify.faulty import RetriesAWrite


class CountingStall(BookstallChannel):
    """Goes from page to page by number, and begins the next scan two minutes before the last change it met."""

    @override
    async def fetch_orders(self, cursor: str | None, *, until: datetime) -> spec.Page[spec.Message]:
        scan = begin_scan(cursor, Scan, until=until)
        page = await super().fetch_orders(scan.page or None, until=until)
        changed = [read_json(each.body, WireHead, "the order").changed_at for each in page.items]
        since = scan.since or datetime.min.replace(tzinfo=until.tzinfo)
        fresh = [each for each, at in zip(page.items, changed, strict=True) if at >= since]
        return page_of_scan(fresh, met(scan, changed), next_page=page.next_cursor or "", overlap_s=120)


class Counting(Bookstall):
    channel_type = CountingStall

    @override
    def open(self, http: spec.Http, config: BookstallConfig) -> BookstallChannel:
        return CountingStall(http, config)


class Local(Bookstall):
    manifest = replace(Bookstall.manifest, time_zones=spec.TimeZones.LOCAL)


def numbered(items: Sequence[SimItem], profile: Profile | None = None) -> BookstallSimulator:
    return BookstallSimulator(items, replace(profile or BookstallSimulator.habits, paging=Paging.NUMBERED))


class BehindAPath(BookstallSimulator):
    @override
    def settings(self, base_url: str) -> dict[str, str]:
        return super().settings(f"{base_url}/api/v2")

    @override
    def routes(self) -> Mapping[str, Route]:
        return {call.replace(" ", " /api/v2", 1): route for call, route in super().routes().items()}


class OfSkus(BookstallSimulator):
    skus_only = True


def tried(connector: Bookstall, only: str, new: Callable[..., BookstallSimulator] = numbered) -> Certificate:
    subject = replace(subject_for(connector), new_simulator=new)
    return asyncio.run(certify(subject, Wish(only=only)))


def test_pages_by_number_skip_what_moves_and_the_overlap_does_not_hide_it():
    certificate = tried(Counting(), "paging/change*")
    assert "skips orders" in {each.name for each in certificate.flaws}


def test_pages_by_number_are_no_fault_while_nothing_moves():
    assert tried(Counting(), "paging/pages-of-*").broken == []


def test_the_hour_that_comes_twice_is_not_asked_of_local_times():
    [verdict] = tried(Local(), "orders/moment-autumn-second").verdicts
    assert (verdict.outcome, "comes twice" in verdict.seen) == ("not tried", True)


def test_a_missing_permission_is_told_where_the_address_has_a_path():
    assert tried(Bookstall(), "check", BehindAPath).broken == []


def test_a_write_that_is_repeated_is_seen_where_the_address_has_a_path():
    certificate = tried(RetriesAWrite(), "stock/lost-answer-*", BehindAPath)
    assert {each.name for each in certificate.flaws} == {"repeats a write"}


def test_of_a_channel_that_knows_only_skus_no_listing_beside_them_is_asked():
    certificate = tried(Bookstall(), "discovery", OfSkus)
    untried = [each.name for each in certificate.verdicts if "knows SKUs" in each.seen]
    assert (certificate.broken, untried) == ([], ["discovery/duplicate-skus", "discovery/no-sku"])

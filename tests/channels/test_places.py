"""Every place of a channel is listed, on however many pages and beyond 50, beside ours of the same name (C31)."""

import pytest

from hub.channels.places import Place, places_of
from hub.model.errors import WrongStateError
from hub.model.stock.locations import Location
from hub.spec import MalformedError, Page
from hub.spec.capabilities import ChannelLocation
from hub.store.stock import locations
from tests.fake_channel import FakeHub

pytestmark = pytest.mark.anyio
THERE = [ChannelLocation(f"L{number:03}", f"Shop {number}") for number in range(120)]


async def by_pages_of_50(cursor: str | None) -> Page[ChannelLocation]:
    start = int(cursor or 0)
    return Page(THERE[start : start + 50], str(start + 50) if start + 50 < len(THERE) else None)


async def round_and_round(cursor: str | None) -> Page[ChannelLocation]:
    return Page([], cursor or "1")


async def look(hub: FakeHub, list_locations: object) -> list[Place]:
    hub.channels["shop"].list_locations = list_locations  # type: ignore[attr-defined]
    return await places_of(hub.ctx, await hub.opened())


async def test_c31_120_places_on_three_pages_are_all_listed_in_their_order(hub: FakeHub):
    assert [each.channel_location_id for each in await look(hub, by_pages_of_50)] == [
        each.channel_location_id for each in THERE
    ]


async def test_a_place_stands_beside_ours_of_the_same_name(hub: FakeHub):
    async with hub.ctx.db.transaction() as tx:
        await locations.put_locations(tx, [Location("kiosk", "SHOP 119")])
    assert {each.name: each.ours for each in await look(hub, by_pages_of_50) if each.ours} == {
        "Shop 119": "kiosk"
    }


async def test_a_list_of_places_that_leads_in_a_circle_is_left(hub: FakeHub):
    with pytest.raises(MalformedError, match="would never end"):
        await look(hub, round_and_round)


async def test_a_channel_without_a_list_of_places_says_so(hub: FakeHub):
    with pytest.raises(WrongStateError, match="has no list of its places"):
        await places_of(hub.ctx, await hub.opened())

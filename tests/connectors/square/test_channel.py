"""The connector against its simulated till: nothing is skipped, nothing is guessed, every target has its outcome."""

import json
from datetime import UTC, datetime, timedelta, timezone

import msgspec
import pytest
from msgspec.structs import replace

from connectors.square.connector import SquareConnector
from connectors.square.scan import TillScan, request
from connectors.square.simulator import SHOP, STALL, SquareSimulator
from hub.model.incoming import Person
from hub.spec import OutcomeState, RetryLaterError, Secret, StockTarget, UnauthorizedError
from hub.spec.testing import SimItem, SimReply, sim_json
from tests.connectors.square.conftest import MORNING, WARES
from tests.connectors.square.tiny_http import TinyHttp, opened

pytestmark = pytest.mark.anyio
HOUR = timedelta(hours=1)
BLUE, RED = "SIMVARIATION00001", "SIMVARIATION00002"


def sell(simulator: SquareSimulator, count: int, *, every: timedelta = timedelta(minutes=1)) -> list[str]:
    moments = [MORNING + index * every for index in range(count)]
    return [simulator.sell({"TEA-MINT": 1}, at=each, buyer=Person()) or "" for each in moments]


def target(listing: str, quantity: int, version: int = 1, at=MORNING + HOUR) -> StockTarget:
    return StockTarget(listing, "", quantity, version, at)


async def scanned(channel, cursor=None, until=MORNING + 2 * HOUR) -> tuple[list[str], str]:
    """Read a whole scan; return the order ids and where the next one begins."""
    found = []
    while True:
        page = await channel.fetch_orders(cursor, until=until)
        found += [message.channel_order_id for message in page.items]
        if page.next_cursor is None:
            return found, page.resume_cursor
        cursor = page.next_cursor


def states(outcomes) -> dict[str, str]:
    return {each.channel_listing_id: each.state.value for each in outcomes}


async def test_a_scan_brings_every_sale_oldest_first(channel, simulator):
    sold = sell(simulator, 5)
    found, _ = await scanned(channel)
    assert found == sold


async def test_the_next_scan_begins_at_the_last_change_less_the_overlap(channel, simulator):
    sold = sell(simulator, 5, every=timedelta(minutes=10))
    _, cursor = await scanned(channel)
    again, _ = await scanned(channel, cursor)
    simulator.cancel(sold[0], at=MORNING + timedelta(minutes=41))
    after, _ = await scanned(channel, cursor)
    assert (again, after) == (sold[-1:], [sold[-1], sold[0]])


def test_c56_the_poll_names_its_zone_whatever_a_time_was_written_in():
    there = datetime(2026, 3, 2, 17, 10, tzinfo=timezone(timedelta(hours=8)))
    sent = msgspec.json.decode(msgspec.json.encode(request(TillScan(since=there, until=there), ("L1",), 10)))
    window = sent["query"]["filter"]["date_time_filter"]["updated_at"]
    assert datetime.fromisoformat(window["start_at"]) == datetime(2026, 3, 2, 9, 10, tzinfo=UTC)


async def test_a_quiet_till_does_not_move_the_cursor_to_now(channel, simulator):
    _, cursor = await scanned(channel)
    [late] = sell(simulator, 1)
    found, _ = await scanned(channel, cursor)
    assert found == [late]


async def test_a_page_that_is_read_again_brings_the_same_messages(channel, simulator):
    sell(simulator, 3)
    first = await channel.fetch_orders(None, until=MORNING + HOUR)
    again = await channel.fetch_orders(None, until=MORNING + HOUR)
    assert [each.delivery_key for each in first.items] == [each.delivery_key for each in again.items]


async def test_no_sale_is_lost_where_a_page_ends_between_equal_times(channel, simulator):
    simulator.profile = replace(simulator.profile, page_max=2)
    sold = sell(simulator, 7, every=timedelta(0))
    found, _ = await scanned(channel)
    assert found == sold


async def test_a_page_cursor_that_has_expired_repeats_its_locations(channel, simulator, http):
    simulator.profile = replace(simulator.profile, page_max=2)
    sold = sell(simulator, 3)
    first = await channel.fetch_orders(None, until=MORNING + HOUR)
    error = {"category": "INVALID_REQUEST_ERROR", "code": "INVALID_CURSOR"}
    http.fail_with = sim_json({"errors": [error]}, 400)
    found, _ = await scanned(channel, first.next_cursor)
    assert found == sold


async def test_more_than_ten_locations_are_searched_in_groups(http, simulator):
    sold = sell(simulator, 2)
    channel = opened(http, location_ids=[f"L{index}" for index in range(10)] + [SHOP])
    found, _ = await scanned(channel)
    groups = [json.loads(each.body)["location_ids"] for each in http.asked]
    assert (found, [len(each) for each in groups]) == (sold, [10, 1])


async def test_orders_are_fetched_by_id_and_unknown_ones_left_out(channel, simulator):
    sold = sell(simulator, 2)
    messages = await channel.fetch_order_batch([*sold, "NOSUCH"])
    assert [(each.channel_order_id, each.complete) for each in messages] == [(each, True) for each in sold]


async def test_a_count_is_written_and_read_back(channel):
    outcomes = await channel.push_stock([target(BLUE, 7), target(RED, 0)])
    assert states(outcomes) == {BLUE: "applied", RED: "applied"}
    assert await channel.read_stock([BLUE, RED, "NOSUCH"]) == {BLUE: 7, RED: 0}


async def test_five_then_three_then_five_reaches_the_till(channel, simulator):
    await channel.push_stock([target(BLUE, 5, 1)])
    simulator.sell({"MUG-BLUE": 2}, at=MORNING + HOUR + timedelta(seconds=1), buyer=Person())
    await channel.push_stock([target(BLUE, 5, 2, MORNING + HOUR + timedelta(seconds=2))])
    assert simulator.stock()["MUG-BLUE"] == 5


async def test_a_sale_dated_after_the_count_comes_off_it_and_nothing_is_confirmed(channel, simulator):
    simulator.sell({"MUG-BLUE": 2}, at=MORNING + HOUR, buyer=Person())
    counts = [target(BLUE, 8, at=MORNING + HOUR - timedelta(seconds=1)), target(RED, 3)]
    assert states(await channel.push_stock(counts)) == {BLUE: "unknown", RED: "applied"}
    assert simulator.stock()["MUG-BLUE"] == 6


async def test_an_unknown_listing_is_rejected_by_name_and_the_others_are_not_known(channel, simulator):
    outcomes = await channel.push_stock([target(BLUE, 1), target("NOSUCH", 1)])
    assert states(outcomes) == {BLUE: "unknown", "NOSUCH": "rejected"}
    assert "NOSUCH not found" in outcomes[1].reason
    assert simulator.stock()["MUG-BLUE"] == 10


async def test_a_refusal_that_names_no_listing_is_for_all(http):
    http.fail_with = sim_json({"errors": [{"category": "X", "code": "BAD_REQUEST", "detail": "no"}]}, 400)
    outcomes = await opened(http).push_stock([target(BLUE, 1), target(RED, 1)])
    assert [(each.state, each.reason) for each in outcomes] == [(OutcomeState.REJECTED, "Square: no")] * 2


async def test_a_silence_is_not_known(http):
    http.silent = True
    assert states(await opened(http).push_stock([target(BLUE, 1)])) == {BLUE: "unknown"}


async def test_the_same_version_again_has_the_same_key_whatever_its_quantity(channel, http):
    await channel.push_stock([target(BLUE, 3, 9)])
    outcomes = await channel.push_stock([target(BLUE, 4, 9)])
    keys = {json.loads(each.body)["idempotency_key"] for each in http.asked}
    assert (len(keys), states(outcomes)) == (1, {BLUE: "unknown"})


async def test_a_version_that_is_told_anew_is_counted_anew(channel, simulator):
    simulator.sell({"MUG-BLUE": 2}, at=MORNING + HOUR, buyer=Person())
    times = (MORNING + HOUR - timedelta(seconds=1), MORNING + HOUR + timedelta(seconds=1))
    told = [states(await channel.push_stock([target(BLUE, 8, 5, at)])) for at in times]
    assert (told, simulator.stock()["MUG-BLUE"]) == ([{BLUE: "unknown"}, {BLUE: "applied"}], 8)


async def test_two_targets_of_one_listing_send_the_later_version(channel, simulator):
    outcomes = await channel.push_stock([target(BLUE, 4, 2), target(BLUE, 9, 1)])
    assert (len(outcomes), simulator.stock()["MUG-BLUE"]) == (2, 4)


async def test_a_clock_that_is_wrong_is_told_and_blames_no_listing(channel):
    [outcome] = await channel.push_stock([target(BLUE, 4, at=MORNING + 9 * HOUR)])
    assert (outcome.state, "clock" in outcome.reason) == (OutcomeState.UNKNOWN, True)


async def test_a_hundred_and_fifty_wares_are_listed_with_sku_and_count():
    wares = [SimItem(f"SKU-{index}", f"Ware {index}", WARES[0].price, index) for index in range(150)]
    channel = opened(TinyHttp(SquareSimulator(wares), MORNING))
    first = await channel.list_listings(None)
    second = await channel.list_listings(first.next_cursor)
    assert (len(first.items), len(second.items), second.next_cursor) == (100, 50, None)
    assert [(each.channel_sku, each.quantity) for each in second.items[-1:]] == [("SKU-149", 149)]


async def test_the_barcode_of_a_listing_is_the_upc_of_its_variation():
    wares = [
        SimItem("MUG", "Mug", WARES[0].price, 1, "036000291452"),
        SimItem("TEE", "Tee", WARES[0].price, 1),
    ]
    page = await opened(TinyHttp(SquareSimulator(wares), MORNING)).list_listings(None)
    assert [each.barcode for each in page.items] == ["036000291452", ""]


async def test_counts_over_many_pages_are_all_read(http, channel, simulator):
    simulator.profile = replace(simulator.profile, page_max=1)
    assert await channel.read_stock([BLUE, RED]) == {BLUE: 10, RED: 5}
    assert len(http.asked) == 2


async def test_locations_are_listed(channel):
    page = await channel.list_locations(None)
    assert [each.channel_location_id for each in page.items] == [SHOP, STALL]


async def test_a_good_connection_passes_every_check(channel):
    assert [(each.name, each.ok) for each in await channel.check()] == [
        ("access token", True),
        ("locations", True),
        ("catalog", True),
        ("orders", True),
        ("inventory", True),
        ("refunds", True),
        ("signature key", True),
    ]


async def test_a_wrong_token_and_a_wrong_location_are_told_apart(http):
    [token] = await opened(http, access_token=Secret("wrong")).check()
    found = await opened(http, location_ids="NOWHERE").check()
    location = next(each for each in found if not each.ok)
    assert (token.name, token.ok, location.name) == ("access token", False, "locations")
    assert SHOP in location.remedy


async def test_a_missing_permission_names_the_permission(http, channel):
    http.fail_with = sim_json({"errors": [{"category": "AUTHENTICATION_ERROR", "code": "FORBIDDEN"}]}, 403)
    [token] = await channel.check()
    assert (token.ok, "MERCHANT_PROFILE_READ" in token.remedy) == (False, True)


async def test_an_address_that_does_not_answer_is_told(http):
    http.silent = True
    [address] = await opened(http).check()
    assert (address.name, address.ok) == ("address", False)


@pytest.mark.parametrize(
    ("status", "error"), [(401, UnauthorizedError), (429, RetryLaterError), (503, RetryLaterError)]
)
async def test_a_refused_call_says_what_happens_next(http, channel, status, error):
    http.fail_with = SimReply(status)
    with pytest.raises(error, match=str(status)):
        await channel.fetch_orders(None, until=MORNING)


async def test_every_call_names_the_api_version(channel, http):
    await channel.list_locations(None)
    assert http.asked[0].headers["square-version"] == "2025-08-20"


def test_the_manifest_keeps_squares_limits():
    manifest = SquareConnector.manifest
    assert (manifest.stock_batch_max, manifest.orders_batch_max, manifest.orders_are_facts) == (
        100,
        100,
        True,
    )

"""A scan skips no order: not at the edge of a page, not in a second that fills pages, not when rows move meanwhile."""

from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from random import Random

import msgspec
import pytest

from connectors.woocommerce import scan
from connectors.woocommerce.connector import WooCommerceChannel
from connectors.woocommerce.simulator import WooCommerceSimulator
from hub.spec import MalformedError, Message, Reply, UnauthorizedError
from hub.spec.testing import SimItem
from tests.connectors.woocommerce.shop_http import ADA, MORNING, SIX, payload, shop_of, woo_error

EVENING = MORNING + timedelta(hours=10)
DEEP = [SimItem("SKU-0", "Thing", SIX[0].price, 10_000)]
Between = Callable[[int], object]


def sell(shop: WooCommerceSimulator, seconds: list[int]) -> list[str]:
    """Sell one thing at each of these seconds after the morning."""
    sold = [shop.sell({"SKU-0": 1}, at=MORNING + timedelta(seconds=at), buyer=ADA) for at in seconds]
    return [number for number in sold if number]


async def walk(
    channel: WooCommerceChannel, cursor: str | None = None, between: Between = lambda _: None
) -> tuple[list[Message], str | None]:
    """Follow a scan to its end; `between` is called after each page."""
    messages: list[Message] = []
    for step in range(1000):
        page = await channel.fetch_orders(cursor, until=EVENING)
        messages += page.items
        if page.next_cursor is None:
            return messages, page.resume_cursor
        cursor = page.next_cursor
        between(step)
    pytest.fail("the scan does not end")


def ids(messages: list[Message]) -> set[str]:
    return {each.channel_order_id for each in messages}


async def test_an_empty_shop_is_a_scan_that_ends():
    _, _, channel = shop_of(DEEP)
    assert await walk(channel) == ([], None)


@pytest.mark.parametrize("count", [1, 99, 100, 101, 250])
async def test_every_order_is_seen_however_many_there_are(count):
    shop, _, channel = shop_of(DEEP)
    sold = sell(shop, list(range(count)))
    assert ids((await walk(channel))[0]) == set(sold)


@pytest.mark.parametrize("seconds", [[0] * 250, [0] * 60 + [1] * 250, [0] * 99 + [1, 1, 1] + [2] * 130])
async def test_equal_times_at_the_edge_of_a_page_lose_nothing(seconds):
    shop, _, channel = shop_of(DEEP)
    sold = sell(shop, seconds)
    assert ids((await walk(channel))[0]) == set(sold)


@pytest.mark.parametrize("seed", range(30))
async def test_orders_that_change_in_mid_scan_are_seen_in_their_last_state_by_the_next_scan(seed):
    shop, _, channel = shop_of(DEEP)
    dice = Random(seed)
    sold = sell(shop, sorted(dice.choices(range(3), k=dice.randint(101, 330))))

    def change_some(step: int) -> None:
        for number in dice.choices(sold, k=dice.randint(0, 60)) if step < 6 else []:
            shop.cancel(number, at=MORNING + timedelta(minutes=step + 1))

    messages, cursor = await walk(channel, between=change_some)
    messages += (await walk(channel, cursor))[0]
    assert last_states(messages) == {number: state(shop, number) for number in sold}


def last_states(messages: list[Message]) -> dict[str, str]:
    seen = sorted(
        (fields["date_modified_gmt"], fields["id"], fields["status"])
        for fields in (msgspec.json.decode(each.body) for each in messages)
    )
    return {str(number): status for _, number, status in seen}


def state(shop: WooCommerceSimulator, number: str) -> str:
    return shop._orders.by_id[int(number)].status


async def test_the_next_scan_begins_at_the_last_order_seen_less_the_overlap():
    shop, http, channel = shop_of(DEEP)
    sell(shop, [0, 600])
    _, cursor = await walk(channel)
    http.asked.clear()
    await walk(channel, cursor)
    assert http.asked[0].query["modified_after"] == "2026-03-02T09:07:59"  # 09:10:00 - 120 s, bound exclusive


def test_c56_the_poll_asks_in_utc_whatever_zone_a_time_was_written_in():
    there = datetime(2026, 3, 2, 17, 10, tzinfo=timezone(timedelta(hours=8)))
    query = scan.query_of(scan.Scan(since=there, after=there), until=there)
    assert (query["modified_after"], query["dates_are_gmt"]) == ("2026-03-02T09:09:59", "true")
    assert query["modified_before"] == "2026-03-02T09:10:01"


async def test_a_shop_whose_clock_is_a_minute_behind_loses_nothing():
    shop, _, channel = shop_of(DEEP)
    sell(shop, [600])
    _, cursor = await walk(channel)
    late = sell(shop, [540])
    assert set(late) <= ids((await walk(channel, cursor))[0])


async def test_a_quiet_shop_gives_the_same_cursor_again():
    shop, _, channel = shop_of(DEEP)
    sell(shop, [0])
    _, first = await walk(channel)
    _, second = await walk(channel, first)
    assert first == second


async def test_a_scan_that_breaks_off_may_start_again_where_it_began():
    shop, _, channel = shop_of(DEEP)
    sold = sell(shop, list(range(150)))
    _, cursor = await walk(channel)
    sell(shop, list(range(200, 350)))
    page = await channel.fetch_orders(cursor, until=EVENING)
    assert page.next_cursor
    assert scan.read_cursor(page.resume_cursor) == scan.read_cursor(cursor)
    assert len(sold) == 150


async def test_nothing_after_until_is_asked_for():
    shop, _, channel = shop_of(DEEP)
    early, late = sell(shop, [0, 30])
    page = await channel.fetch_orders(None, until=MORNING + timedelta(seconds=29, milliseconds=999))
    assert ids(page.items) == {early}
    assert late not in ids(page.items)


async def test_an_order_of_the_same_second_as_until_is_seen():
    shop, _, channel = shop_of(DEEP)
    sold = sell(shop, [0])
    assert ids((await channel.fetch_orders(None, until=MORNING)).items) == set(sold)


async def test_the_trash_is_scanned_too():
    shop, http, channel = shop_of(DEEP)
    (number,) = sell(shop, [0])
    http.at = MORNING + timedelta(hours=1)
    await channel._api.call("DELETE", f"/orders/{number}")
    messages, _ = await walk(channel)
    assert [msgspec.json.decode(each.body)["status"] for each in messages] == ["trash"]


async def test_a_newer_change_in_the_trash_does_not_move_the_cursor_past_live_orders():
    shop, http, channel = shop_of(DEEP)
    trashed, _ = sell(shop, [0, 1])
    http.at = MORNING + timedelta(hours=1)
    await channel._api.call("DELETE", f"/orders/{trashed}")
    _, cursor = await walk(channel)
    late = sell(shop, [600])
    assert set(late) <= ids((await walk(channel, cursor))[0])


async def test_asked_for_by_id_orders_come_from_the_shelf_and_from_the_trash():
    shop, _, channel = shop_of(DEEP)
    live, trashed, gone = sell(shop, [0, 1, 2])
    await channel._api.call("DELETE", f"/orders/{trashed}")
    await channel._api.call("DELETE", f"/orders/{gone}", query={"force": "true"})
    assert ids(await channel.fetch_order_batch([live, trashed, gone, "999999", "no id"])) == {live, trashed}


async def test_an_empty_page_is_not_the_end_where_more_pages_are_announced():
    shop, http, channel = shop_of(DEEP)
    sold = sell(shop, [0])
    http.replies = [Reply(200, {"x-wp-total": "150", "x-wp-totalpages": "2"}, b"[]")]
    first = await channel.fetch_orders(None, until=EVENING)
    assert (first.items, scan.read_cursor(first.next_cursor).page) == ([], 2)
    assert sold


async def test_a_full_page_without_paging_headers_has_a_successor():
    shop, http, channel = shop_of(DEEP)
    rows = b",".join(payload("order", id=number) for number in range(1, 101))
    http.replies = [Reply(200, {}, b"[" + rows + b"]")]
    page = await channel.fetch_orders(None, until=EVENING)
    assert (len(page.items), scan.read_cursor(page.next_cursor).trash) == (100, False)
    assert shop.order_ids() == []


async def test_an_order_without_a_date_does_not_stop_the_scan():
    _, http, channel = shop_of(DEEP)
    rows = payload("order", date_modified_gmt=None) + b"," + payload("order_yen")
    http.replies = [Reply(200, {}, b"[" + rows + b"]")]
    messages, cursor = await walk(channel)
    assert ids(messages) == {"41", "42"}
    assert "2026-03-03T08:58:00" in str(cursor)


async def test_a_strange_cursor_is_refused_in_words():
    _, _, channel = shop_of(DEEP)
    with pytest.raises(MalformedError, match="reset it"):
        await channel.fetch_orders("page=2", until=EVENING)


async def test_dead_keys_ask_for_a_reconnect():
    _, http, channel = shop_of(DEEP)
    http.replies = [woo_error(401, "woocommerce_rest_cannot_view")]
    with pytest.raises(UnauthorizedError, match="GET /orders answered 401"):
        await channel.fetch_orders(None, until=EVENING)


async def test_a_maintenance_page_is_malformed():
    _, http, channel = shop_of(DEEP)
    http.replies = [Reply(200, {}, b"<html>Back soon</html>")]
    with pytest.raises(MalformedError, match="list of orders"):
        await channel.fetch_orders(None, until=EVENING)

"""Stock goes out as absolute numbers in batches, and each target learns what became of it."""

from collections import Counter

import msgspec
import pytest

from connectors.woocommerce.wire import StockBatch, StockItem
from hub.spec import Outcome, OutcomeState, Reply, RetryLaterError, StockTarget, UnauthorizedError
from hub.spec.testing import SimItem
from tests.connectors.woocommerce.shop_http import MORNING, SIX, shop_of, timeout, woo_error

MANY = [SimItem(f"SKU-{n}", f"Thing {n}", SIX[0].price, 50) for n in range(130)]
SIMPLE, VARIATION = "11", "15/16"  # of SIX: 11, 12, 13 and 14 are simple, 15 has the variations 16 and 17


def target(listing: str, quantity: int, version: int = 1) -> StockTarget:
    return StockTarget(listing, "", quantity, version, MORNING)


def states(outcomes: list[Outcome]) -> dict[str, OutcomeState]:
    return {outcome.channel_listing_id: outcome.state for outcome in outcomes}


async def test_products_and_variations_get_exactly_the_numbers_asked_for():
    shop, http, channel = shop_of()
    outcomes = await channel.push_stock([target(SIMPLE, 7), target(VARIATION, 0)])
    assert states(outcomes) == {SIMPLE: OutcomeState.APPLIED, VARIATION: OutcomeState.APPLIED}
    assert (shop.stock()["SKU-0"], shop.stock()["SKU-3"], len(http.asked)) == (7, 0, 2)


async def test_an_unknown_listing_is_rejected_and_its_neighbor_applied():
    shop, _, channel = shop_of()
    outcomes = await channel.push_stock([target("999", 1), target(SIMPLE, 2), target("mug", 3)])
    assert [outcome.state for outcome in outcomes] == ["rejected", "applied", "rejected"]
    assert outcomes[0].reason == "Invalid ID. (woocommerce_rest_product_invalid_id)"
    assert shop.stock()["SKU-0"] == 2


async def test_a_variation_written_as_a_product_is_rejected_with_the_shops_reason():
    _, _, channel = shop_of()
    (outcome,) = await channel.push_stock([target("16", 1)])
    assert outcome.state is OutcomeState.REJECTED
    assert "variations endpoint" in outcome.reason


async def test_a_write_whose_answer_is_lost_is_unknown_although_it_took_effect():
    shop, http, channel = shop_of()
    http.lost = True
    (outcome,) = await channel.push_stock([target(SIMPLE, 3)])
    assert (outcome.state, shop.stock()["SKU-0"]) == (OutcomeState.UNKNOWN, 3)


async def test_after_a_lost_answer_the_other_batches_are_not_sent():
    _, http, channel = shop_of()
    http.replies = [timeout()]
    outcomes = await channel.push_stock([target(SIMPLE, 3), target(VARIATION, 3)])
    assert set(states(outcomes).values()) == {OutcomeState.UNKNOWN}
    assert (len(http.asked), outcomes[1].reason.startswith("not sent")) == (1, True)


@pytest.mark.parametrize("status", [408, 500, 502, 504])
async def test_trouble_at_the_shop_leaves_the_write_unknown(status):
    _, http, channel = shop_of()
    http.replies = [Reply(status, {}, b"")]
    (outcome,) = await channel.push_stock([target(SIMPLE, 3)])
    assert outcome.state is OutcomeState.UNKNOWN


async def test_an_answer_nobody_can_read_leaves_the_write_unknown():
    _, http, channel = shop_of()
    http.replies = [Reply(200, {}, b'{"update":[{"id":11')]
    (outcome,) = await channel.push_stock([target(SIMPLE, 3)])
    assert outcome.state is OutcomeState.UNKNOWN


async def test_an_item_the_answer_does_not_mention_is_unknown():
    _, http, channel = shop_of()
    http.replies = [Reply(200, {}, b'{"update":[{"id":11,"manage_stock":true,"stock_quantity":3}]}')]
    outcomes = await channel.push_stock([target("11", 3), target("12", 3)])
    assert states(outcomes) == {"11": OutcomeState.APPLIED, "12": OutcomeState.UNKNOWN}


async def test_a_product_that_will_not_count_its_stock_is_rejected():
    _, http, channel = shop_of()
    http.replies = [Reply(200, {}, b'{"update":[{"id":11,"manage_stock":false,"stock_quantity":null}]}')]
    (outcome,) = await channel.push_stock([target(SIMPLE, 3)])
    assert (outcome.state, "allow stock management" in outcome.reason) == (OutcomeState.REJECTED, True)


async def test_too_many_requests_applied_nothing_and_is_retried_later():
    _, http, channel = shop_of()
    http.replies = [Reply(429, {"retry-after": "30"}, b"")]
    with pytest.raises(RetryLaterError) as caught:
        await channel.push_stock([target(SIMPLE, 3)])
    assert caught.value.after_s == 30


async def test_too_many_requests_halfway_keeps_what_was_applied():
    _, http, channel = shop_of()
    http.replies = [None, Reply(429, {}, b"")]
    outcomes = await channel.push_stock([target(SIMPLE, 3), target(VARIATION, 3)])
    assert states(outcomes) == {SIMPLE: OutcomeState.APPLIED, VARIATION: OutcomeState.UNKNOWN}


async def test_dead_keys_ask_for_a_reconnect():
    _, http, channel = shop_of()
    http.replies = [woo_error(401, "woocommerce_rest_authentication_error")]
    with pytest.raises(UnauthorizedError):
        await channel.push_stock([target(SIMPLE, 3)])


async def test_a_batch_the_shop_refuses_is_rejected_with_its_reason():
    _, http, channel = shop_of()
    http.replies = [woo_error(400, "rest_invalid_param", "Invalid parameter(s): update")]
    (outcome,) = await channel.push_stock([target(SIMPLE, 3)])
    assert outcome == Outcome(
        SIMPLE, OutcomeState.REJECTED, "Invalid parameter(s): update (rest_invalid_param)"
    )


async def test_of_two_targets_for_one_listing_the_newer_is_sent_and_both_are_answered():
    shop, http, channel = shop_of()
    outcomes = await channel.push_stock([target(SIMPLE, 9, version=5), target(SIMPLE, 4, version=2)])
    assert [outcome.state for outcome in outcomes] == ["applied", "applied"]
    assert (shop.stock()["SKU-0"], http.asked[0].body) == (9, msgspec.json.encode(batch(11, 9)))


def batch(number: int, quantity: int) -> StockBatch:
    return StockBatch([StockItem(number, quantity)])


async def test_a_hundred_targets_go_in_one_call_for_products_and_one_for_each_variable_product():
    shop, http, channel = shop_of(MANY[:100])
    listings = (await channel.list_listings(None)).items
    await channel.push_stock([target(listing.channel_listing_id, 1) for listing in listings])
    assert Counter(shop.stock().values()) == {1: 80, 50: 20}
    assert [call.path for call in http.asked].count("/wp-json/wc/v3/products/batch") == 1


async def test_the_shop_itself_takes_no_more_than_a_hundred_in_a_call():
    _, _, channel = shop_of(MANY)
    wish = StockBatch([StockItem(11, 1)] * 101)
    assert (await channel._api.call("POST", "/products/batch", payload=wish)).status == 413


async def test_what_is_read_is_what_the_shop_shows():
    shop, _, channel = shop_of()
    shop.set_stock({"SKU-0": 3, "SKU-4": 5}, at=MORNING)
    assert await channel.read_stock(["11", "15/17", "999", "mug", "999/1"]) == {"11": 3, "15/17": 5}


async def test_many_levels_are_read_a_hundred_at_a_time():
    _, http, channel = shop_of([*MANY, *[SimItem(f"X-{n}", "X", SIX[0].price, 1) for n in range(30)]])
    numbers = [str(number) for number in range(11, 11 + 170)]
    levels = await channel.read_stock(numbers)
    assert (len(levels), len(http.asked)) == (125, 2)


async def test_a_product_that_counts_no_stock_is_left_out():
    _, http, channel = shop_of()
    http.replies = [Reply(200, {}, b'[{"id":11,"manage_stock":false,"stock_quantity":null}]')]
    assert await channel.read_stock(["11"]) == {}

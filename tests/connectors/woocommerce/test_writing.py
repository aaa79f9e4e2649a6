"""A shop is told of parcels, cancellations and refunds in its own words, once; what it cannot take says what to do.

Beyond what certification tries: two ways to tell of a parcel, the gateway's refusal, and what WooCommerce takes at all.
"""

from decimal import Decimal
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from connectors.woocommerce.simulator import ROOT, WooCommerceSimulator
from hub.spec import (
    Cancellation,
    Fulfillment,
    LineUnits,
    OutcomeState,
    ParcelLabel,
    Refund,
    Reply,
    RetryLaterError,
    WriteOutcome,
)
from tests.connectors.woocommerce.shop_http import ADA, MORNING, ShopHttp, shop_of, timeout, woo_error
from tests.connectors.woocommerce.test_simulator import RECORDED, complaints, recorded

APPLIED, REJECTED, UNKNOWN = OutcomeState.APPLIED, OutcomeState.REJECTED, OutcomeState.UNKNOWN


def sold(units: int = 2) -> tuple[WooCommerceSimulator, ShopHttp, Any, str]:
    shop, http, channel = shop_of()
    number = shop.sell({"SKU-0": units}, at=MORNING, buyer=ADA)
    assert number is not None
    return shop, http, channel, number


def parcel(
    shop: WooCommerceSimulator, number: str, units: int, key: str = "k1", *, last: bool = True
) -> Fulfillment:
    line = shop._orders.by_id[int(number)].lines[0].id
    return Fulfillment(
        key=key,
        channel_order_id=number,
        lines=(LineUnits(str(line), units),),
        shipped_at=MORNING,
        carrier="dhl",
        tracking_number=f"0034{key}",
        completes=last,
    )


def refund(number: str, amount: str, key: str = "k1") -> Refund:
    return Refund(key=key, channel_order_id=number, amount=Decimal(amount), currency="EUR")


def only(outcomes: list[WriteOutcome]) -> WriteOutcome:
    (outcome,) = outcomes
    return outcome


def writes(http: ShopHttp) -> list[tuple[str, str, Any]]:
    sent = [each for each in http.asked if each.method != "GET"]
    return [(each.method, each.path.removeprefix(ROOT), msgspec.json.decode(each.body)) for each in sent]


async def test_the_last_parcel_completes_the_order_and_its_customer_hears_once():
    shop, http, channel, number = sold()
    await channel.push_fulfillment([parcel(shop, number, 1, "k1", last=False), parcel(shop, number, 1, "k2")])
    (_, _, first), (_, path, last), (_, _, completed) = writes(http)
    assert (path, completed) == (f"/orders/{number}/fulfillments", {"status": "completed"})
    assert (first["notify_customer"], last["notify_customer"]) == (True, False)
    assert shop.written(number).parcels == ("0034k1", "0034k2")


async def test_a_last_parcel_of_nothing_that_the_shop_sold_just_completes_the_order():
    shop, http, channel, number = sold()
    outcome = only(await channel.push_fulfillment([replace(parcel(shop, number, 2), lines=())]))
    assert (outcome.state, outcome.channel_ref) == (APPLIED, "")
    assert writes(http) == [("PUT", f"/orders/{number}", {"status": "completed"})]


async def test_a_parcel_whose_order_was_not_completed_completes_it_when_it_is_sent_again():
    shop, http, channel, number = sold()
    wish = parcel(shop, number, 2)
    http.replies = [None, None, None, timeout()]
    assert only(await channel.push_fulfillment([wish])).state is UNKNOWN
    assert only(await channel.push_fulfillment([wish])).state is APPLIED
    assert [path for _, path, _ in writes(http)].count(f"/orders/{number}/fulfillments") == 1
    assert shop._orders.by_id[int(number)].status == "completed"


@pytest.mark.parametrize("status", ["cancelled", "refunded"])
async def test_a_parcel_that_is_sent_again_completes_no_order_that_ended_meanwhile(status: str):
    shop, http, channel, number = sold()
    http.replies = [None, None, None, timeout()]
    wish = parcel(shop, number, 2)
    assert only(await channel.push_fulfillment([wish])).state is UNKNOWN
    shop._orders.set_status(shop._orders.by_id[int(number)], status, MORNING)
    told = only(await channel.push_fulfillment([wish]))
    assert (told.state, shop._orders.by_id[int(number)].status) == (APPLIED, status)
    assert [body["status"] for _, _, body in writes(http)] == ["fulfilled", "completed"]


@pytest.mark.parametrize("state", [APPLIED, REJECTED])
async def test_the_last_parcel_completes_no_order_that_has_grown_since_the_hub_read_it(state: OutcomeState):
    """Where the shop takes parcels one by one it hears of this one; elsewhere the parcel waits."""
    shop, _, channel, number = sold(3)
    shop.aftermath.one_by_one = state is APPLIED
    wish = parcel(shop, number, 2)
    told = only(await channel.push_fulfillment([replace(wish, known_lines=wish.lines)]))
    assert (told.state, "more is ordered" in told.reason) == (state, state is REJECTED)
    ended = Cancellation(key="k2", channel_order_id=number, completes=True, sent=True, known_lines=wish.lines)
    assert only(await channel.push_cancel([ended])).state is REJECTED
    assert shop._orders.by_id[int(number)].status == "processing"


async def test_a_shop_without_order_fulfillments_gets_the_number_as_the_order_completes():
    shop, _, channel, number = sold()
    shop.aftermath.one_by_one = False
    part = only(await channel.push_fulfillment([parcel(shop, number, 1, last=False)]))
    assert (part.state, "switch on order fulfillments" in part.reason) == (REJECTED, True)
    for _ in range(2):
        told = only(await channel.push_fulfillment([parcel(shop, number, 2, "k2")]))
        assert (told.state, told.channel_ref) == (APPLIED, "0034k2")
    (message,) = await channel.fetch_order_batch([number])
    (read,) = msgspec.json.decode(message.body)["meta_data"][-1]["value"]
    assert (shop.written(number).parcels, read["custom_tracking_provider"]) == (("0034k2",), "dhl")


async def test_a_field_of_parcels_that_cannot_be_read_is_left_alone():
    shop, http, channel, number = sold()
    shop.aftermath.one_by_one = False
    shop._orders.by_id[int(number)].meta["_wc_shipment_tracking_items"] = {"0": "PX1"}
    outcome = only(await channel.push_fulfillment([parcel(shop, number, 2)]))
    assert (outcome.state, "cannot be read" in outcome.reason, writes(http)) == (REJECTED, True, [])


async def test_an_order_is_missing_only_where_woocommerce_itself_says_so():
    shop, http, channel, number = sold()
    http.replies = [woo_error(404, "rest_no_route")]
    with pytest.raises(RetryLaterError, match="no WooCommerce there") as missing:
        await channel.push_fulfillment([parcel(shop, number, 2)])
    assert missing.value.sent is False


async def test_what_has_left_in_part_is_not_canceled():
    shop, _, channel, number = sold()
    await channel.push_fulfillment([parcel(shop, number, 1, last=False)])
    outcome = only(await channel.push_cancel([Cancellation(key="k2", channel_order_id=number)]))
    assert (outcome.state, outcome.reason) == (REJECTED, "something of the order has left: refund it instead")


@pytest.mark.parametrize("one_by_one", [True, False])
async def test_a_corrected_number_takes_the_place_of_the_one_that_was_told(*, one_by_one: bool):
    shop, _, channel, number = sold()
    shop.aftermath.one_by_one = one_by_one
    told = only(await channel.push_fulfillment([parcel(shop, number, 2)]))
    wish = ParcelLabel(key="k2", channel_order_id=number, parcel_key="k1")
    for tracking in ("1Z9", "1Z9", "1Z8"):
        right = replace(wish, channel_ref=told.channel_ref, carrier="ups", tracking_number=tracking)
        told = only(await channel.push_label([right]))
    lost = only(await channel.push_label([replace(wish, parcel_key="k9")]))
    assert (shop.written(number).parcels, told.state, lost.state) == (("1Z8",), APPLIED, REJECTED)


async def test_an_order_of_which_a_part_was_sent_and_the_rest_is_canceled_is_completed_once():
    shop, http, channel, number = sold()
    await channel.push_fulfillment([parcel(shop, number, 1, last=False)])
    for key in ("k2", "k2", "k3"):
        wish = Cancellation(key=key, channel_order_id=number, completes=True, sent=True)
        assert only(await channel.push_cancel([wish])).state is APPLIED
    assert [body["status"] for _, _, body in writes(http)] == ["fulfilled", "completed"]


async def test_units_are_canceled_in_the_shop_itself_unless_nothing_is_left_to_send():
    shop, http, channel, number = sold()
    wish = Cancellation(key="k1", channel_order_id=number, lines=parcel(shop, number, 1).lines)
    assert only(await channel.push_cancel([wish])).state is REJECTED
    assert writes(http) == []
    assert only(await channel.push_cancel([replace(wish, completes=True)])).state is APPLIED
    assert shop.written(number).canceled


async def test_a_refund_carries_its_key_in_its_reason_and_puts_nothing_back_on_the_shelf():
    _, http, channel, number = sold()
    outcome = only(await channel.push_refund([refund(number, "1.50")]))
    ((_, _, body),) = writes(http)
    assert body == {"amount": "1.50", "reason": "k1", "api_refund": True, "api_restock": False}
    assert outcome.channel_ref.isdigit()


@pytest.mark.parametrize(
    ("reply", "state"),
    [
        (woo_error(500, "woocommerce_rest_cannot_create_order_refund", "No automatic refunds."), REJECTED),
        (woo_error(500, "internal_server_error"), UNKNOWN),
        (Reply(201, {}, b"<html>"), UNKNOWN),
    ],
)
async def test_a_gateway_that_refuses_has_paid_nothing_and_other_trouble_says_nothing(
    reply: Reply, state: OutcomeState
):
    _, http, channel, number = sold()
    http.replies = [None, None, reply]
    assert only(await channel.push_refund([refund(number, "1.50")])).state is state


@pytest.mark.parametrize(("paid", "end"), [(True, APPLIED), (False, REJECTED)])
async def test_a_refund_that_stands_in_the_shop_is_done_once_its_gateway_has_paid(
    *, paid: bool, end: OutcomeState
):
    shop, http, channel, number = sold()
    shop.aftermath.gateway_hangs = True
    states = [only(await channel.push_refund([refund(number, "1.50")])).state for _ in range(2)]
    shop.aftermath.hear_gateway(int(number), paid=paid, at=MORNING)
    http.replies = [None, None, woo_error(500, "woocommerce_rest_cannot_create_order_refund")]
    states.append(only(await channel.push_refund([refund(number, "1.50")])).state)
    assert (states, len(writes(http))) == ([UNKNOWN, UNKNOWN, end], 1 if paid else 2)


async def test_once_the_shop_is_silent_the_rest_is_not_sent():
    _, http, channel, number = sold()
    http.replies = [None, None, None, timeout()]
    wishes = [refund(number, "1.00", key) for key in ("k1", "k2", "k3")]
    assert [each.state for each in await channel.push_refund(wishes)] == [APPLIED, UNKNOWN, UNKNOWN]
    assert len(writes(http)) == 1


@recorded
async def test_all_that_is_written_is_what_the_recorded_shop_takes():
    shop, http, channel, number = sold()
    await channel.push_fulfillment([parcel(shop, number, 1, last=False)])
    await channel.push_refund([refund(number, "1.00")])
    other = shop.sell({"SKU-1": 1}, at=MORNING, buyer=ADA)
    await channel.push_cancel([Cancellation(key="k1", channel_order_id=str(other))])
    assert [fields - args_of(method, path) for method, path, fields in map(_named, writes(http))] == [
        set()
    ] * 3
    refunds = msgspec.json.decode((await channel._api.get(f"/orders/{number}/refunds", {})).body)
    assert complaints("orders_22_refunds", refunds) == set()


def _named(write: tuple[str, str, Any]) -> tuple[str, str, set[str]]:
    method, path, body = write
    return method, path, set(body)


def args_of(method: str, path: str) -> set[str]:
    """What the recorded index takes there."""
    name = path.strip("/").split("/")[2:] or ["(?P<id>[\\d]+)"]
    route = (
        f"/wc/v3/orders/(?P<order_id>[\\d]+)/{name[0]}" if name[0].isalpha() else f"/wc/v3/orders/{name[0]}"
    )
    routes = msgspec.json.decode((RECORDED / "recorded_wcv3_index_wc11.0.1.json").read_bytes())["routes"]
    return {arg for each in routes[route]["endpoints"] if method in each["methods"] for arg in each["args"]}

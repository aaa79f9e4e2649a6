"""A webhook is believed when its signature is right, and read with care even then: its id is no key, its body may lie.

The known answer was computed with openssl: printf '{"id":23}' | openssl dgst -sha256 -hmac whsec -binary | base64
"""

from collections.abc import Mapping

import pytest
from msgspec.structs import replace

from connectors.woocommerce import webhooks
from connectors.woocommerce.connector import WooCommerce
from connectors.woocommerce.simulator import WooCommerceSimulator
from hub.spec import MalformedError
from hub.spec.auth import basic
from hub.spec.signing import hmac_sha256_base64
from tests.connectors.woocommerce.shop_http import ADA, HTTPS, MORNING, api, payload, shop_of

SECRET = "whsec"
DELETED = b'{"id":23}'
DELETED_SIGNATURE = "5dRt7hmwggd7UKlHaCVMhC80lZKOU+fmBOgAauJuwR8="
PING = {"content-type": "application/x-www-form-urlencoded"}
JSON = {"content-type": "application/json"}


def signed(body: bytes) -> dict[str, str]:
    return JSON | {"x-wc-webhook-signature": hmac_sha256_base64(SECRET, body)}


def told(topic: str, delivery: str = "d1") -> Mapping[str, str]:
    return JSON | {"x-wc-webhook-topic": topic, "x-wc-webhook-delivery-id": delivery}


def delete_for_good(shop: WooCommerceSimulator, number: str | None) -> None:
    keys = shop.settings(HTTPS)
    headers = basic(keys["consumer_key"], keys["consumer_secret"])
    request = api("DELETE", f"/orders/{number}", force="true")
    assert shop.answer(replace(request, headers=headers), at=MORNING).status == 200


def test_a_right_signature_is_believed():
    assert webhooks.verify(JSON | {"x-wc-webhook-signature": DELETED_SIGNATURE}, DELETED, SECRET)


@pytest.mark.parametrize("index", [0, 4, len(DELETED_SIGNATURE) - 2])
def test_one_changed_letter_of_the_signature_is_refused(index):
    letters = list(DELETED_SIGNATURE)
    letters[index] = "A" if letters[index] != "A" else "B"
    assert not webhooks.verify(JSON | {"x-wc-webhook-signature": "".join(letters)}, DELETED, SECRET)


def test_a_tampered_or_truncated_body_is_refused():
    order = payload("order")
    assert not webhooks.verify(signed(order), order.replace(b"40.68", b"00.68"), SECRET)
    assert not webhooks.verify(signed(order), order[:-1], SECRET)


@pytest.mark.parametrize("signature", ["", "é", "not base64"])
def test_no_signature_or_nonsense_is_refused(signature):
    assert not webhooks.verify(JSON | {"x-wc-webhook-signature": signature}, payload("order"), SECRET)
    assert not webhooks.verify(JSON, payload("order"), SECRET)


def test_without_a_secret_nothing_is_believed():
    body = payload("order")
    assert not webhooks.verify({"x-wc-webhook-signature": hmac_sha256_base64("", body)}, body, "")


def test_exactly_the_unsigned_ping_is_accepted_and_carries_nothing():
    assert webhooks.verify(PING, b"webhook_id=7", SECRET)
    assert webhooks.parse(PING, b"webhook_id=7") == []


@pytest.mark.parametrize(
    ("headers", "body"),
    [
        (PING, b"webhook_id=7&order=1"),
        (PING, b"webhook_id="),
        (PING, b"webhook_id=7\n"),
        (JSON, b"webhook_id=7"),
        (PING | {"x-wc-webhook-signature": "AAAA"}, b"webhook_id=7"),
    ],
)
def test_what_only_resembles_the_ping_is_refused(headers, body):
    assert not webhooks.verify(headers, body, SECRET)


def test_a_pushed_and_a_polled_snapshot_have_the_same_key():
    pushed = webhooks.parse(told("order.updated"), payload("order"))
    polled = webhooks.cut(b"[" + payload("order") + b"]", "order")
    assert pushed[0].delivery_key == polled[0].delivery_key
    assert pushed[0].body == polled[0].body == payload("order")


def test_two_orders_with_one_delivery_id_stay_two():
    keys = {webhooks.parse(told("order.created"), payload("order", id=id_))[0].delivery_key for id_ in (1, 2)}
    assert len(keys) == 2


def test_a_change_within_the_same_second_is_news():
    keys = {
        webhooks.parse(told("order.updated"), payload("order", status=status))[0].delivery_key
        for status in ("processing", "completed")
    }
    assert len(keys) == 2


def test_a_deletion_is_thin_news_and_each_one_is_new():
    first, repeat, second = [
        webhooks.parse(told("order.deleted", id_), DELETED)[0] for id_ in ("a", "a", "b")
    ]
    assert (first.channel_order_id, first.complete, first.topic) == ("23", False, "order.deleted")
    assert first == repeat
    assert first.delivery_key != second.delivery_key


def test_a_signed_error_is_no_order():
    body = b'{"code":"rest_no_route","message":"No route was found","data":{"status":404}}'
    assert webhooks.verify(signed(body), body, SECRET)
    with pytest.raises(MalformedError, match="its own error 'rest_no_route'"):
        webhooks.parse(told("order.updated"), body)


@pytest.mark.parametrize("body", [b"", b"null", b"[]", b'{"id": "x"}', payload("order")[:50]])
def test_a_body_without_an_order_is_refused_in_words(body):
    with pytest.raises(MalformedError, match="sent a body that is no order"):
        webhooks.parse(told("order.updated"), body)


@pytest.mark.parametrize("topic", ["product.updated", "action.woocommerce_add_to_cart", "", "coupon.created"])
def test_other_topics_are_nobodys_order(topic):
    (news,) = webhooks.parse(told(topic), b'{"id": 11}')
    assert (news.channel_order_id, news.topic) == ("", topic or "no topic")


def test_a_checkout_draft_is_not_an_order_yet():
    (news,) = webhooks.parse(told("order.created"), payload("order", status="checkout-draft"))
    assert (news.channel_order_id, news.topic) == ("", "checkout-draft")


def test_a_file_may_hold_a_list_one_order_or_a_webhook_body():
    split = WooCommerce().split_file
    assert [
        one.channel_order_id for one in split(b" [" + payload("order") + b"," + payload("order_yen") + b"]")
    ] == [
        "41",
        "42",
    ]
    assert [one.complete for one in split(payload("order"))] == [True]
    assert [one.complete for one in split(DELETED)] == [False]


def test_one_element_without_an_id_does_not_hold_up_its_neighbors():
    messages = WooCommerce().split_file(b'[{"status":"processing"},' + payload("order") + b"]")
    assert [one.channel_order_id for one in messages] == ["", "41"]
    assert messages[0].topic == "order without an id"


async def test_the_shop_and_the_channel_agree_on_the_signature():
    shop, _, channel = shop_of()
    await channel.ensure_webhooks("http://hub.test/in")
    shop.sell({"SKU-0": 1}, at=MORNING, buyer=ADA)
    *pings, sale = shop.take_deliveries()
    assert channel.verify_webhook(sale.headers, sale.body, url=sale.url, now=MORNING)
    assert all(channel.verify_webhook(ping.headers, ping.body, url=ping.url, now=MORNING) for ping in pings)


async def test_a_delivery_that_finds_its_order_deleted_is_malformed_though_signed():
    shop, _, channel = shop_of()
    await channel.ensure_webhooks("http://hub.test/in")
    number = shop.sell({"SKU-0": 1}, at=MORNING, buyer=ADA)
    delete_for_good(shop, number)
    created = shop.take_deliveries()[4]
    with pytest.raises(MalformedError):
        channel.parse_webhook(created.headers, created.body)
